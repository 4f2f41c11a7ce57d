"""What the `chinesecalendar` library knows of the State Council's yearly arrangements."""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True)
class LibraryDay:
    """One day: worked or not, and the holiday it belongs to or makes up for (empty on ordinary days)."""

    date: date
    is_working: bool
    name: str


def library_days(year: int) -> list[LibraryDay] | None:
    """Every day of a year, or None when the library does not know the year's arrangement."""
    day = date(year, 1, 1)
    days = []
    while day.year == year:
        try:
            is_rest, holiday = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return None
        days.append(LibraryDay(day, not is_rest, _name(holiday, is_rest)))
        day += timedelta(days=1)
    return days


def _name(holiday: str | None, is_rest: bool) -> str:
    """The library tells holidays by their English value; an ordinary weekend has the name of its weekday."""
    chinese = {known.value: known.chinese for known in chinese_calendar.Holiday}.get(holiday or "", "")
    return chinese if is_rest or not chinese else f"{chinese}调休上班"
