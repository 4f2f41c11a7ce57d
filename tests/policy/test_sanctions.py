from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.sanctions import Ground, barred_until, may_apply_from, why_barred
from tests.policy.cases import rows


@pytest.mark.parametrize(
    ("ground", "clause", "bars"),
    [
        ("一", "第十九条第（一）项", True),
        ("二", "第十九条第（二）项", False),
        ("三", "第十九条第（三）项", False),
        ("四", "第十九条第（四）项", True),
        ("五", "第十九条第（五）项", True),
        ("六", "第十九条第（六）项", False),
    ],
)
def test_grounds_one_four_and_five_bar_for_three_years(ground, clause, bars):
    shipped = rows("10_measure.json", "policy.measure")[0]
    until = barred_until(
        ground, date(2026, 12, 10), barring_grounds=shipped["barring_grounds"], years=shipped["bar_years"]
    )
    assert until == (date(2029, 12, 10) if bars else None)
    assert until == barred_until(ground, date(2026, 12, 10))
    assert Ground(ground).clause == clause


def test_the_grounds_are_the_articles_own_words():
    text = next(row["text"] for row in rows("10_measure.json", "policy.article") if row["number"] == 19)
    for ground in Ground:
        assert ground.text in text.replace("(", "（").replace(")", "）")
    assert Ground.choices()[0] == ("一", "（一）无正当理由不按规定参加复核的")


def test_the_refusal_names_both_days():
    assert why_barred(date(2029, 12, 10), on=date(2029, 12, 10)) == (
        "称号被撤销后三年内不得重新申请（第二十条），限制至2029年12月10日（含），"
        "随统一社会信用代码，不因更名解除。2029年12月11日起可以重新申请。"
    )
    assert why_barred(date(2029, 12, 10), on=date(2029, 12, 11)) == ""
    assert why_barred(None, on=date(2029, 12, 11)) == ""
    assert may_apply_from(None) is None


@given(st.dates(max_value=date(9000, 1, 1)), st.sampled_from(list(Ground)))
def test_whoever_is_barred_may_apply_the_day_after(decided, ground):
    until = barred_until(ground, decided)
    again = may_apply_from(until)
    assert (until is None) is (again is None)
    if until and again:
        assert why_barred(until, on=decided)
        assert why_barred(until, on=until)
        assert not why_barred(until, on=again)
