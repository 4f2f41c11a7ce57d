from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.workdays import (
    Calendar,
    SheetDay,
    StripDay,
    add_working_days,
    last_day_of_period,
    month_sheets,
    next_likely_working_day,
    next_working_day,
    strip,
    working_days_between,
)
from tests.policy.cases import calendar

KNOWN = st.dates(date(2021, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "first_day_counts", "expected"),
    [
        (date(2026, 9, 28), 5, True, date(2026, 10, 9)),
        (date(2026, 9, 28), 5, False, date(2026, 10, 10)),
        (date(2026, 9, 1), 30, False, date(2026, 10, 19)),
        (date(2026, 9, 19), 1, True, date(2026, 9, 20)),
        (date(2026, 10, 1), 1, True, date(2026, 10, 8)),
        (date(2026, 12, 31), 1, True, date(2026, 12, 31)),
        (date(2026, 12, 31), 1, False, None),
        (date(2026, 12, 28), 30, False, None),
        (date(2027, 3, 1), 1, True, None),
        (date(2020, 12, 31), 1, False, date(2021, 1, 4)),
        (date(2020, 12, 31), 1, True, None),
    ],
)
def test_periods_worked_by_hand(start, count, first_day_counts, expected):
    assert last_day_of_period(calendar(), start, count, first_day_counts=first_day_counts) == expected


def test_the_make_up_saturday_is_worked_and_the_holiday_monday_is_not():
    assert calendar().is_working(date(2026, 10, 10)) is True
    assert calendar().is_working(date(2026, 10, 5)) is False
    assert calendar().is_working(date(2027, 1, 4)) is None


def test_a_gap_in_the_calendar_is_not_guessed_over():
    days = dict(calendar().days)
    del days[date(2026, 10, 3)]
    assert add_working_days(Calendar(days), date(2026, 9, 30), 1) is None


@pytest.mark.parametrize("count", [0, -1])
def test_a_period_has_at_least_one_day(count):
    with pytest.raises(ValueError, match="at least one working day"):
        add_working_days(calendar(), date(2026, 1, 5), count)


def plain_loop(start: date, count: int, first_day_counts: bool) -> date | None:
    worked = [day for day in sorted(calendar().days) if calendar().days[day]]
    rest = [day for day in worked if day > start or (first_day_counts and day == start)]
    return rest[count - 1] if len(rest) >= count else None


@given(KNOWN, st.integers(1, 60), st.booleans())
def test_periods_agree_with_a_plain_loop(start, count, first_day_counts):
    found = last_day_of_period(calendar(), start, count, first_day_counts=first_day_counts)
    assert found == plain_loop(start, count, first_day_counts)


@given(st.dates(), st.integers(1, 5), st.booleans())
def test_any_day_gives_a_working_day_or_none(start, count, first_day_counts):
    found = last_day_of_period(calendar(), start, count, first_day_counts=first_day_counts)
    assert found is None or calendar().is_working(found)


@given(KNOWN, st.integers(1, 30))
def test_the_period_holds_as_many_working_days_as_asked(start, count):
    end = last_day_of_period(calendar(), start, count, first_day_counts=True)
    if end is not None:
        assert working_days_between(calendar(), start, end) == count


def test_counting_days_between():
    assert working_days_between(calendar(), date(2026, 9, 28), date(2026, 10, 10)) == 6
    assert working_days_between(calendar(), date(2026, 10, 10), date(2026, 9, 28)) == 0
    assert working_days_between(calendar(), date(2026, 12, 30), date(2027, 1, 2)) is None
    assert working_days_between(Calendar({date.max: True}), date.max, date.max) == 1


def test_the_last_day_there_is_ends_the_search():
    assert last_day_of_period(Calendar({date.max: True}), date.max, 2, first_day_counts=True) is None
    assert next_working_day(calendar(), date(2026, 10, 3)) == date(2026, 10, 8)


def test_beyond_the_calendar_weekends_are_expected_to_rest():
    days = [date(2026, 10, 10), date(2026, 10, 3), date(2027, 7, 16), date(2027, 7, 17), date(2027, 8, 22)]
    assert [next_likely_working_day(calendar(), day) for day in days] == [
        date(2026, 10, 10),  # a Saturday made up for
        date(2026, 10, 8),
        date(2027, 7, 16),
        date(2027, 7, 19),
        date(2027, 8, 23),
    ]
    assert next_likely_working_day(Calendar({date.max: False}), date.max) == date.max


def test_the_strip_numbers_the_days_of_the_period_and_marks_make_up_days():
    shown = strip(
        calendar(), date(2026, 10, 7), date(2026, 10, 11), first=date(2026, 9, 28), last=date(2026, 10, 9)
    )
    assert [(day.day.day, day.is_working, day.is_make_up, day.counted) for day in shown] == [
        (7, False, False, None),
        (8, True, False, 1),
        (9, True, False, 2),
        (10, True, True, None),
        (11, False, False, None),
    ]
    pending = strip(calendar(), date(2027, 1, 4), date(2027, 1, 4), first=date(2027, 1, 4), last=None)
    assert pending == [StripDay(date(2027, 1, 4), None, False, None)]


def test_the_strip_counts_from_the_first_day_of_the_period_even_when_it_is_not_shown():
    days = strip(
        calendar(), date(2026, 9, 28), date(2026, 10, 9), first=date(2026, 9, 28), last=date(2026, 10, 9)
    )
    numbers = [day.counted for day in days if day.counted]
    assert numbers == [1, 2, 3, 4, 5]
    assert days[-1].day == date(2026, 10, 9)
    assert days[-1].day - days[0].day == timedelta(days=11)


def test_a_month_is_drawn_in_weeks_from_monday_and_says_what_is_not_known():
    known = {date(2026, 2, day): day not in (1, 7, 8, 15, 21, 22, 28) for day in range(1, 29)}
    sheets = month_sheets(Calendar(known), date(2026, 2, 28), date(2026, 3, 1))
    assert [(one.first, one.is_known, len(one.weeks)) for one in sheets] == [
        (date(2026, 2, 1), True, 5),
        (date(2026, 3, 1), False, 6),
    ]
    february = sheets[0]
    assert february.weeks[0] == (*[None] * 6, SheetDay(date(2026, 2, 1), False, False))
    assert february.weeks[2][5] == SheetDay(date(2026, 2, 14), True, True)
    assert february.weeks[-1][-1] is None
    assert sheets[1].weeks[0][6] == SheetDay(date(2026, 3, 1), None, False)


def test_months_reach_over_the_turn_of_the_year():
    sheets = month_sheets(Calendar({}), date(2026, 11, 30), date(2027, 1, 1))
    assert [one.first for one in sheets] == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
