from datetime import date, datetime, timedelta

import pytest

from policy.quotas import why_quotas_do_not_fit
from policy.schedule import moved_on, order_problems
from policy.workdays import Calendar

IN_ORDER = {
    "opens_at": datetime(2026, 5, 18, 9),
    "enterprise_deadline": datetime(2026, 6, 30, 17),
    "district_deadline": datetime(2026, 7, 17, 17),
    "paper_deadline": datetime(2026, 7, 22, 17),
    "review_starts_on": date(2026, 7, 17),
    "review_ends_on": date(2026, 7, 17),
    "publicity_starts_on": date(2026, 7, 17),
}
WEEKDAYS = Calendar(
    {day: day.weekday() < 5 for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))}
)


def test_the_same_day_is_in_order():
    assert order_problems(IN_ORDER) == {}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"opens_at": datetime(2026, 6, 30, 17)}, {"enterprise_deadline": "企业申报截止须晚于申报开始。"}),
        (
            {"district_deadline": datetime(2026, 6, 30, 16, 59)},
            {"district_deadline": "区市、协会报送截止不能早于企业申报截止。"},
        ),
        (
            {"review_starts_on": date(2026, 7, 16), "paper_deadline": datetime(2026, 7, 17, 16)},
            {
                "paper_deadline": "纸质材料截止不能早于区市、协会报送截止。",
                "review_starts_on": "评审开始不能早于区市、协会报送截止的日期。",
            },
        ),
        ({"paper_deadline": None, "district_deadline": None}, {}),
    ],
)
def test_what_comes_before_its_time_is_named(changes, problems):
    assert order_problems(IN_ORDER | changes) == problems


def test_a_year_later_on_the_first_working_day():
    last = {
        "opens_at": datetime(2024, 2, 29, 9),
        "paper_deadline": None,
        "review_starts_on": date(2024, 6, 29),
        "review_ends_on": date(2025, 1, 2),
    }
    assert moved_on(last, WEEKDAYS, years=2) == {
        "opens_at": datetime(2026, 3, 2, 9),  # 28 February is a Saturday
        "paper_deadline": None,
        "review_starts_on": date(2026, 6, 29),
        "review_ends_on": date(2027, 1, 4),  # beyond the calendar the weekend rests all the same
    }


@pytest.mark.parametrize(
    ("total", "shares", "sentence"),
    [
        (None, {1: None, 2: None}, ""),
        (6, {1: 4, 2: None}, ""),
        (6, {1: 6, 2: 0}, ""),
        (6, {1: 6, 2: None}, ""),
        (None, {1: 0, 2: None}, "分配到渠道的名额须有总名额，请先填写名额。"),
        (6, {1: 4, 2: 3}, "各渠道名额合计 7 家，超过总名额 6 家，请调整。"),
        (
            6,
            {1: 4, 2: 1},
            "各渠道名额合计 5 家，少于总名额 6 家，请分配完，或留空不单列的渠道。",
        ),
    ],
)
def test_shares_fit_into_the_total(total, shares, sentence):
    assert why_quotas_do_not_fit(total, shares) == sentence
