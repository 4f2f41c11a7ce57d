"""The working calendar as the bureau keeps it: what the library knows, and what an officer changed, with the reason."""

from datetime import date

from django.db import transaction

from accounts.models import Agency, User
from core import events
from policy.models import CalendarDay, CalendarSource

ACTION = "change_calendar"


def change_day(day: date, *, is_working: bool, name: str, reason: str, by: User) -> CalendarDay:
    """Make one day a working day or a day of rest; deadlines counted from now on follow it."""
    with transaction.atomic():
        before = CalendarDay.objects.select_for_update().filter(date=day).first()
        changed, _ = CalendarDay.objects.update_or_create(
            date=day, defaults={"is_working": is_working, "name": name, "source": CalendarSource.BUREAU}
        )
        events.record(
            Agency.objects.get(kind=Agency.Kind.MUNICIPAL),
            ACTION,
            by=by,
            label="修改工作日历",
            note=reason,
            day=day,
            was_working=before.is_working if before else None,
            is_working=is_working,
        )
    return changed
