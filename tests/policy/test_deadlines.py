from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policy.deadlines import (
    PublicityWindow,
    Window,
    announcement_earliest,
    change_filing_due,
    is_late,
    objection_handling_due,
    publicity_window,
    re_review_due,
)
from tests.policy.cases import calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSES = datetime(2026, 6, 30, 17, tzinfo=SHANGHAI)
OPENS = datetime(2026, 5, 6, 9, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (OPENS - timedelta(microseconds=1), False),
        (OPENS, True),
        (CLOSES - timedelta(microseconds=1), True),
        (CLOSES, False),
        (datetime(2026, 6, 30, 8, 59, 59, tzinfo=ZoneInfo("UTC")), True),
        (datetime(2026, 6, 30, 9, tzinfo=ZoneInfo("UTC")), False),
    ],
)
def test_at_seventeen_sharp_it_is_over(at, is_open):
    assert Window(OPENS, CLOSES).is_open(at=at) is is_open


def test_a_window_without_an_opening_has_always_been_open():
    assert Window(None, CLOSES).has_opened(at=datetime(1999, 1, 1, tzinfo=SHANGHAI))
    assert Window(None, CLOSES).has_closed(at=CLOSES)


def test_publicity_counted_from_the_next_day_ends_a_working_day_later():
    assert publicity_window(date(2026, 9, 28), 5, calendar(), first_day_counts=False) == PublicityWindow(
        date(2026, 9, 28), date(2026, 10, 10), date(2026, 10, 11)
    )


def test_publicity_into_an_unknown_year_is_to_be_determined():
    window = publicity_window(date(2026, 12, 29), 5, calendar())
    assert window == PublicityWindow(date(2026, 12, 29), None, None)
    assert window.is_running(on=date(2026, 12, 28)) is False
    assert window.is_running(on=date(2026, 12, 29)) is None
    assert not window.has_ended(on=date(2099, 1, 1))


@pytest.mark.parametrize(
    ("day", "running", "ended"),
    [
        (date(2026, 9, 27), False, False),
        (date(2026, 9, 28), True, False),
        (date(2026, 10, 9), True, False),
        (date(2026, 10, 10), False, True),
    ],
)
def test_publicity_runs_on_both_its_end_days(day, running, ended):
    window = publicity_window(date(2026, 9, 28), 5, calendar())
    assert (window.is_running(on=day), window.has_ended(on=day)) == (running, ended)


def test_announcement_waits_for_the_end():
    assert announcement_earliest(date(2026, 12, 31)) == date(2027, 1, 1)
    assert announcement_earliest(None) is None


def test_other_periods_of_the_measure():
    assert change_filing_due(date(2026, 9, 1), calendar(), working_days=5) == date(2026, 9, 8)
    assert change_filing_due(date(2026, 12, 1), calendar()) is None
    assert objection_handling_due(date(2026, 9, 29), calendar(), working_days=15) == date(2026, 10, 26)
    assert objection_handling_due(date(2026, 9, 28), calendar(), working_days=1) == date(2026, 9, 29)
    assert not is_late(date(2099, 1, 1), None)


@pytest.mark.parametrize(
    ("announced", "last", "years", "due"),
    [
        (date(2024, 10, 12), None, 2, date(2026, 10, 12)),
        (date(2024, 2, 29), None, 2, date(2026, 2, 28)),
        (date(2022, 10, 12), date(2024, 11, 3), 2, date(2026, 11, 3)),
        (date(2024, 10, 12), None, 3, date(2027, 10, 12)),
    ],
)
def test_re_review_is_due_after_the_announcement_or_the_last_re_review(announced, last, years, due):
    assert re_review_due(announced, last_re_reviewed_on=last, years=years) == due
    assert re_review_due(date(2024, 10, 12)) == date(2026, 10, 12)
