"""The dates of a round: their order, and what is proposed from an earlier round's. Instants are local, the others days."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from policy.dates import add_years
from policy.workdays import Calendar, next_likely_working_day

Moment = date | datetime
ORDER = (
    ("opens_at", "enterprise_deadline", "企业申报截止须晚于申报开始。"),
    ("enterprise_deadline", "district_deadline", "区市、协会报送截止不能早于企业申报截止。"),
    ("district_deadline", "paper_deadline", "纸质材料截止不能早于区市、协会报送截止。"),
    ("district_deadline", "review_starts_on", "评审开始不能早于区市、协会报送截止的日期。"),
    ("review_starts_on", "review_ends_on", "评审结束不能早于评审开始。"),
    ("review_ends_on", "publicity_starts_on", "预计公示开始不能早于评审结束。"),
)


def order_problems(dates: Mapping[str, Moment | None]) -> dict[str, str]:
    """By the later date's name the sentence that refuses it; a date that is missing is compared with nothing."""
    problems = {}
    for earlier, later, sentence in ORDER:
        before, after = dates.get(earlier), dates.get(later)
        if before is None or after is None:
            continue
        if not isinstance(after, datetime):
            before = day_of(before)
        if after < before or (earlier == "opens_at" and after == before):
            problems[later] = sentence
    return problems


def latest_year_problem(latest_year: int, base_date: date) -> str:
    """The sentence that refuses the last of three years of figures: complete by the base date, at most one back for its audit."""
    last = base_date.year - 1
    if last - 1 <= latest_year <= last:
        return ""
    return (
        f"基准日在 {base_date.year} 年，最近一个完整年度是 {last} 年，"
        f"审计未出的可填 {last - 1} 年，现为 {latest_year} 年。"
    )


def moved_on(
    dates: Mapping[str, Moment | None], calendar: Calendar, *, years: int = 0, days: int = 0
) -> dict[str, Moment | None]:
    """The same dates so much later, each on the first working day from then; beyond the calendar weekends count as rest."""
    moved: dict[str, Moment | None] = {}
    for name, moment in dates.items():
        if moment is None:
            moved[name] = None
            continue
        day = day_of(moment)
        later = add_years(day, years) + timedelta(days=days)
        moved[name] = moment + (next_likely_working_day(calendar, later) - day)
    return moved


def day_of(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
