"""The only place that asks what time it is.

Rules take ``at`` or ``today`` as an argument; views and tasks ask here. In demo mode the clock is the real one plus a shift
that a visitor chooses; outside demo mode it cannot be moved.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

WEIHAI = ZoneInfo("Asia/Shanghai")
CACHE_KEY = "demo-clock-shift-seconds"
# The clock never goes back, so a slip in the year would leave the demonstration where no deadline can be counted any more.
FURTHEST = timedelta(days=3653)

_stopped: ContextVar[datetime | None] = ContextVar("stopped_clock", default=None)


class ClockCannotMove(Exception):
    """Someone tried to move the clock outside demo mode, or too far. The message is a sentence for people."""


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _stopped.get() or timezone.now() + shift()


def today() -> date:
    """The present day in Weihai."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """An instant as read from a clock on a wall in Weihai."""
    return instant.astimezone(WEIHAI)


def instant(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The instant at which a clock in Weihai shows this day and time."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=WEIHAI)


def shift() -> timedelta:
    """How far the demo clock is ahead of the real one; nothing outside demo mode."""
    if not settings.DEMO_MODE:
        return timedelta()
    seconds = cache.get(CACHE_KEY)
    if seconds is None:
        from core.models import DemoClock

        seconds = DemoClock.objects.values_list("shift_seconds", flat=True).first() or 0
        cache.set(CACHE_KEY, seconds, timeout=None)
    return timedelta(seconds=seconds)


def move_to(moment: datetime) -> None:
    """Let the demo clock go on from ``moment``, or from less than a second later: never from before it.

    Raises ClockCannotMove outside demo mode, and for what lies more than ten years ahead.
    """
    if not settings.DEMO_MODE:
        raise ClockCannotMove("时钟只能在演示模式下拨动。")
    if moment > timezone.now() + FURTHEST:
        raise ClockCannotMove("演示时钟最多拨到十年之后，请选近一些的日期。")
    from core.models import DemoClock

    seconds = math.ceil((moment - timezone.now()).total_seconds())
    DemoClock.objects.update_or_create(singleton=True, defaults={"shift_seconds": seconds})
    cache.set(CACHE_KEY, seconds, timeout=None)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Let this thread of work see ``moment`` as the present: for tests and for writing demo history through the door."""
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)
