"""Calendar arithmetic as the regulation counts it: whole years, anniversaries, windows that end on a day."""

from datetime import date, timedelta


def add_years(day: date, years: int) -> date:
    """The same day `years` later (or earlier); 29 February becomes 28 February where the year has none.

    Beyond the calendar the first or last day there is, so that no typed date can break a rule.
    """
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        return date.max if years > 0 else date.min
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def window_ending(day: date, years: int) -> tuple[date, date]:
    """First and last day of the `years` that end on `day`, both included (近两年, 近三年)."""
    return add_years(day, -years) + timedelta(days=1), day


def elapsed(start: date, end: date) -> tuple[int, int]:
    """Whole years and remaining whole months from `start` to `end`; (0, 0) when `end` comes first."""
    if end < start:
        return 0, 0
    years = end.year - start.year
    if add_years(start, years) > end:
        years -= 1
    since = add_years(start, years)
    months = (end.year - since.year) * 12 + end.month - since.month
    if since.day > end.day:
        months -= 1
    return years, max(months, 0)


def date_text(day: date) -> str:
    """2026年6月30日, without leading zeros, as official writing has it."""
    return f"{day.year}年{day.month}月{day.day}日"


def span_text(first: date, last: date) -> str:
    return f"{date_text(first)}至{date_text(last)}"
