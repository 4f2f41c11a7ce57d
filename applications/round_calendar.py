"""The dates of a round on the months of the working calendar, numbered, for officers and the public alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from applications.models import Round
from core import clock
from core.wording import cn_date, cn_datetime
from policy.deadlines import PublicityWindow, publicity_window
from policy.models import CalendarDay
from policy.workdays import Calendar, SheetDay, likely_rests, month_sheets

MOST_MONTHS = 18


@dataclass(frozen=True)
class Point:
    """One date or period of the round; ``rests`` names the rest day on which it begins or ends, else it is empty."""

    number: int
    label: str
    words: str
    first: date
    last: date
    rests: str = ""
    note: str = ""


@dataclass(frozen=True)
class MarkedDay:
    sheet: SheetDay
    numbers: tuple[int, ...]
    is_inside: bool
    is_today: bool
    words: str


@dataclass(frozen=True)
class Month:
    first: date
    is_known: bool
    weeks: list[list[MarkedDay | None]]


@dataclass(frozen=True)
class RoundCalendar:
    points: list[Point]
    months: list[Month]
    window: PublicityWindow

    @property
    def unknown_years(self) -> list[int]:
        return sorted({one.first.year for one in self.months if not one.is_known})

    @property
    def hints(self) -> list[str]:
        """What the officer is told of dates that are allowed but unusual, and of years that are not announced."""
        hints = [f"{one.label}{one.rests}落在休息日，请确认。" for one in self.points if one.rests]
        return hints + [
            f"{year} 年放假安排尚未公布，落在这一年的日期是否工作日待定。" for year in self.unknown_years
        ]


def rest_day_hints(deadlines: Mapping[str, datetime | None]) -> list[str]:
    """Deadlines, by what ends there, on which nobody is expected to work: allowed, but said (one query)."""
    days = {word: _day(moment) for word, moment in deadlines.items() if moment}
    calendar = CalendarDay.objects.filter(date__in=days.values()).calendar()
    resting = ((word, day) for word, day in days.items() if likely_rests(calendar, day))
    return [f"{word}{cn_date(day, 'short')}是休息日，请确认。" for word, day in resting]


def calendar_of(round_: Round) -> RoundCalendar:
    """The round as it is planned (one query)."""
    dates = round_.schedule
    first = min(_day(moment) for moment in dates.values() if moment)
    days = CalendarDay.objects.filter(date__gte=first.replace(day=1), date__lte=first + timedelta(days=800))
    calendar = days.calendar()
    window = publicity_window(round_.publicity_starts_on, round_.publicity_working_days, calendar)
    points = list(_points(round_, window, calendar))
    last = max(one.last for one in points)
    today = clock.today()
    months = [
        Month(
            sheet.first,
            sheet.is_known,
            [[_marked(day, points, today) if day else None for day in week] for week in sheet.weeks],
        )
        for sheet in month_sheets(calendar, first, last)[:MOST_MONTHS]
    ]
    return RoundCalendar(points, months, window)


def _points(round_: Round, window: PublicityWindow, calendar: Calendar) -> Iterator[Point]:
    number = 0
    deadlines = (
        ("申报开始", round_.opens_at, ""),
        ("企业申报截止", round_.enterprise_deadline, f"基准日 {cn_date(round_.base_date, 'plain')}"),
        ("区市、协会报送截止", round_.district_deadline, ""),
        ("纸质材料截止", round_.paper_deadline, ""),
    )
    for label, moment, note in deadlines:
        if moment is not None:
            number += 1
            day = _day(moment)
            words = cn_datetime(moment)
            rests = words if label != "申报开始" and likely_rests(calendar, day) else ""
            yield Point(number, label, words, day, day, rests, note)
    number += 1
    first, last = round_.review_starts_on, round_.review_ends_on
    yield Point(
        number, "专家评审", f"{cn_date(first)}至{cn_date(last)}", first, last, note="含必要的现场考察"
    )
    number += 1
    until = f"至{cn_date(window.last_day)}" if window.last_day else "起，截止日待定"
    yield Point(
        number,
        "公示（预计）",
        f"{cn_date(window.first_day)}{until}",
        window.first_day,
        window.last_day or window.first_day,
        f"首日{cn_date(window.first_day)}" if likely_rests(calendar, window.first_day) else "",
        f"党组会议审议通过后，{round_.publicity_working_days} 个工作日",
    )
    if window.announcement_from:
        number += 1
        day = window.announcement_from
        yield Point(number, "公布（最早）", f"{cn_date(day)}起", day, day, note="公示无异议后公布并授牌")


def _marked(sheet: SheetDay, points: list[Point], today: date) -> MarkedDay:
    starts = [one for one in points if sheet.day in (one.first, one.last)]
    inside = any(one.first <= sheet.day <= one.last and one.first != one.last for one in points)
    words = "、".join(
        one.label if one.first == one.last else f"{one.label}{'开始' if sheet.day == one.first else '结束'}"
        for one in starts
    )
    return MarkedDay(sheet, tuple(one.number for one in starts), inside, sheet.day == today, words)


def _day(moment: date | datetime) -> date:
    return clock.local(moment).date() if isinstance(moment, datetime) else moment
