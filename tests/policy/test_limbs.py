"""第十二条第3项（1）（2）（3): a table worked by hand, and the exact definition against any figures at all."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.amounts import percent_text, round_half_up, smallest_amount_reaching
from policy.facts import YearFigures
from policy.findings import Verdict
from tests.policy.cases import applicant, findings, year

LIMBS = ("service_revenue_share", "main_revenue_growth", "profit_growth")
amounts = st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2)
positive = st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2)
anything = st.none() | st.decimals()


def limbs(previous: YearFigures, latest: YearFigures):
    found = findings(applicant(figures={2024: previous, 2025: latest}))
    return [found[key] for key in LIMBS]


@pytest.mark.parametrize(
    ("main", "service", "verdict", "shown"),
    [
        ("10000", "1500", Verdict.MET, "1,500.00 ÷ 10,000.00 = 15.00%"),
        ("10000", "1499.99", Verdict.UNMET, "1,499.99 ÷ 10,000.00 = 14.9999%"),
        ("10000", "1499.49", Verdict.UNMET, "1,499.49 ÷ 10,000.00 = 14.99%"),
        ("0.07", "0.01", Verdict.UNMET, "0.01 ÷ 0.07 = 14.29%"),
        ("99999999.99", "14999999.99", Verdict.UNMET, "14,999,999.99 ÷ 99,999,999.99 = 14.99999999%"),
        ("99999999.99", "15000000.00", Verdict.MET, "15,000,000.00 ÷ 99,999,999.99 = 15.00%"),
        ("100", "100", Verdict.MET, "100.00 ÷ 100.00 = 100.00%"),
        ("100", "0", Verdict.UNMET, "0.00 ÷ 100.00 = 0.00%"),
        ("100", "100.01", Verdict.NOT_COMPUTABLE, "100.01 ÷ 100.00 = 100.01%"),
        ("100", "-1", Verdict.NOT_COMPUTABLE, "−1.00 ÷ 100.00 = −1.00%"),
        ("0", "0", Verdict.NOT_COMPUTABLE, "2025年主营业务收入0.00万元"),
        ("-1", "0", Verdict.NOT_COMPUTABLE, "2025年主营业务收入−1.00万元"),
        (None, "1", Verdict.NOT_COMPUTABLE, "尚未填写"),
        ("1", None, Verdict.NOT_COMPUTABLE, "尚未填写"),
    ],
)
def test_share_of_service_revenue(main, service, verdict, shown):
    share, _, _ = limbs(year(), year(main, service))
    assert (share.verdict, share.measured) == (verdict, shown)


@pytest.mark.parametrize(
    ("previous", "latest", "verdict", "shown"),
    [
        ("100", "110", Verdict.MET, "100.00 → 110.00，增长10.00%"),
        ("100", "109.99", Verdict.UNMET, "100.00 → 109.99，增长9.99%"),
        ("9090.92", "10000.00", Verdict.UNMET, "9,090.92 → 10,000.00，增长9.9999%"),
        ("100", "100", Verdict.UNMET, "100.00 → 100.00，增长0.00%"),
        ("100", "100.01", Verdict.UNMET, "100.00 → 100.01，增长0.01%"),
        ("100", "90", Verdict.UNMET, "100.00 → 90.00，变动−10.00%"),
        ("100", "-50", Verdict.UNMET, "100.00 → −50.00，变动−150.00%"),
        ("0", "5", Verdict.NOT_COMPUTABLE, "0.00 → 5.00"),
        ("-500", "300", Verdict.NOT_COMPUTABLE, "−500.00 → 300.00"),
        (None, "300", Verdict.NOT_COMPUTABLE, "尚未填写"),
        ("300", None, Verdict.NOT_COMPUTABLE, "尚未填写"),
    ],
)
def test_growth_is_the_same_sum_for_revenue_and_profit(previous, latest, verdict, shown):
    _, revenue, profit = limbs(year(previous, "0", previous), year(latest, "0", latest))
    assert (revenue.verdict, revenue.measured) == (verdict, shown)
    assert (profit.verdict, profit.measured) == (verdict, shown)


@pytest.mark.parametrize(
    ("previous", "latest", "told"),
    [
        ("-500", "300", "本年扭亏为盈，可写进申报正文的“成效”。"),
        ("-500", "0.01", "本年扭亏为盈，可写进申报正文的“成效”。"),
        ("-500", "-100", "本年减亏，可写进申报正文的“成效”。"),
        ("-500", "0", "本年减亏，可写进申报正文的“成效”。"),
        ("-500", "-1000", "本年亏损扩大。"),
        ("-500", "-500", "本年未好转。"),
        ("0", "1", "本年由零转盈，可写进申报正文的“成效”。"),
        ("0", "-0.01", "本年亏损扩大。"),
        ("0", "0", "本年未好转。"),
    ],
)
def test_what_became_of_a_loss_is_told_apart(previous, latest, told):
    _, _, profit = limbs(year(None, None, previous), year(None, None, latest))
    assert profit.advice == f"上年利润总额不大于零，增长率无法计算，不能算作符合。{told}"


def test_missing_figures_are_named_by_field_and_year():
    share, revenue, profit = limbs(year(), year())
    assert share.missing == ("service_revenue_2025", "main_revenue_2025")
    assert revenue.missing == ("main_revenue_2024", "main_revenue_2025")
    assert revenue.advice == "请填写2024年和2025年的主营业务收入，单位万元。"
    assert profit.missing == ("total_profit_2024", "total_profit_2025")


@given(main=positive, service=positive)
def test_share_is_met_exactly_from_fifteen_percent(main, service):
    if service > main:
        main, service = service, main
    share, _, _ = limbs(year(), YearFigures(main, service))
    assert share.is_met is (Fraction(service) / Fraction(main) >= Fraction(15, 100))


@given(previous=positive, latest=amounts)
def test_growth_is_met_exactly_from_ten_percent(previous, latest):
    _, revenue, profit = limbs(YearFigures(previous, None, previous), YearFigures(latest, None, latest))
    expected = Fraction(latest) >= Fraction(previous) * Fraction(110, 100)
    assert (revenue.is_met, profit.is_met) == (expected, expected)


@given(previous=positive, latest=positive)
def test_no_unmet_figure_is_shown_at_or_above_its_threshold(previous, latest):
    _, revenue, _ = limbs(YearFigures(previous), YearFigures(latest))
    shown = Decimal(
        revenue.measured.split("，")[1].lstrip("增长变动").replace("−", "-").replace(",", "").rstrip("%")
    )
    assert (shown >= 10) is revenue.is_met


@given(
    st.builds(YearFigures, anything, anything, anything), st.builds(YearFigures, anything, anything, anything)
)
def test_any_figures_give_findings(previous, latest):
    found = limbs(previous, latest)
    assert all(finding.verdict in Verdict and finding.measured and not finding.blocks for finding in found)


@given(st.fractions(-1000, 1000, max_denominator=10**9), st.decimals(-100, 100, places=2))
def test_a_percentage_stays_on_its_side_of_the_threshold(value, threshold):
    shown = Fraction(percent_text(value, threshold).rstrip("%").replace("−", "-").replace(",", ""))
    assert (shown >= threshold) is (value >= threshold)
    assert abs(shown - value) <= Fraction(1, 200)


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_to_the_nearest_and_halves_go_up_in_size(value, decimals):
    rounded = Fraction(round_half_up(value, decimals))
    assert abs(rounded - value) <= Fraction(1, 2 * 10**decimals)
    if abs(rounded - value) == Fraction(1, 2 * 10**decimals):
        assert abs(rounded) > abs(value)


@given(base=positive, percent=st.decimals(1, 200, places=1))
def test_the_amount_asked_for_suffices_and_a_cent_less_does_not(base, percent):
    needed = smallest_amount_reaching(base, percent)
    limit = Fraction(base) * Fraction(percent) / 100
    assert Fraction(needed) >= limit > Fraction(needed) - Fraction(1, 100)
