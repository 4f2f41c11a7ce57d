"""Working days by the State Council's yearly arrangement, make-up workdays included.

A day the calendar does not know makes every answer that rests on it None: to be determined (待定), no guess.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. `days` maps each known day to True (working) or False (rest)."""

    days: Mapping[date, bool]

    def is_working(self, day: date) -> bool | None:
        return self.days.get(day)


def add_working_days(calendar: Calendar, start: date, count: int) -> date | None:
    """The `count`-th working day after `start`, which itself is not counted. None: not yet known."""
    return last_day_of_period(calendar, start, count, first_day_counts=False)


def last_day_of_period(calendar: Calendar, start: date, count: int, *, first_day_counts: bool) -> date | None:
    """Last day of a period of `count` working days from `start`, counted from that day or from the next.

    None when the calendar does not reach that far. `count` below one is a programming error.
    """
    if count < 1:
        raise ValueError("a period has at least one working day")
    day = start if first_day_counts else _next(start)
    while day is not None:
        working = calendar.is_working(day)
        if working is None:
            return None
        count -= working
        if count == 0:
            return day
        day = _next(day)
    return None


def next_working_day(calendar: Calendar, day: date) -> date | None:
    """`day` itself when it is worked, else the first working day after it."""
    return last_day_of_period(calendar, day, 1, first_day_counts=True)


def likely_rests(calendar: Calendar, day: date) -> bool:
    """Whether nobody is expected to work: a known rest day, or a weekend of a year whose arrangement is not announced yet.

    For proposals and hints only, never for a period that binds: the weekend may still become a make-up workday.
    """
    working = calendar.is_working(day)
    return day.weekday() >= 5 if working is None else not working


def next_likely_working_day(calendar: Calendar, day: date) -> date:
    """`day` itself, or the first after it on which people are expected to work."""
    while likely_rests(calendar, day) and (after := _next(day)):
        day = after
    return day


def working_days_between(calendar: Calendar, first: date, last: date) -> int | None:
    """Working days from `first` to `last`, both included; 0 when `last` comes before `first`."""
    total = 0
    day: date | None = first
    while day is not None and day <= last:
        working = calendar.is_working(day)
        if working is None:
            return None
        total += working
        day = _next(day)
    return total


@dataclass(frozen=True)
class StripDay:
    """One day of the strip that shows a period; `counted` is its number in the period or None."""

    day: date
    is_working: bool | None
    is_make_up: bool
    counted: int | None


def strip(
    calendar: Calendar,
    shown_from: date,
    shown_until: date,
    *,
    first: date,
    last: date | None,
) -> list[StripDay]:
    """The days to draw for a period, working days inside [first, last] numbered from one."""
    result: list[StripDay] = []
    counted = 0
    day: date | None = shown_from
    while day is not None and day <= shown_until:
        working = calendar.is_working(day)
        inside = bool(working) and day >= first and last is not None and day <= last
        counted += inside
        result.append(
            StripDay(
                day,
                working,
                bool(working) and day.weekday() >= 5,
                counted if inside else None,
            )
        )
        day = _next(day)
    return result


@dataclass(frozen=True)
class SheetDay:
    """One day of a month's sheet; `is_working` None: to be determined (待定)."""

    day: date
    is_working: bool | None
    is_make_up: bool


@dataclass(frozen=True)
class MonthSheet:
    """A month as weeks from Monday to Sunday; None stands for a day of another month."""

    first: date
    weeks: tuple[tuple[SheetDay | None, ...], ...]

    @property
    def is_known(self) -> bool:
        return all(one.is_working is not None for week in self.weeks for one in week if one)


def month_sheets(calendar: Calendar, first: date, last: date) -> list[MonthSheet]:
    """The months from that of `first` to that of `last`, both included."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [_sheet(calendar, month // 12, month % 12 + 1) for month in months]


def _sheet(calendar: Calendar, year: int, month: int) -> MonthSheet:
    before, length = monthrange(year, month)
    days: list[SheetDay | None] = [None] * before
    for number in range(1, length + 1):
        day = date(year, month, number)
        working = calendar.is_working(day)
        days.append(SheetDay(day, working, bool(working) and day.weekday() >= 5))
    days += [None] * (-len(days) % 7)
    weeks = tuple(tuple(days[start : start + 7]) for start in range(0, len(days), 7))
    return MonthSheet(date(year, month, 1), weeks)


def _next(day: date) -> date | None:
    return None if day == date.max else day + ONE_DAY
