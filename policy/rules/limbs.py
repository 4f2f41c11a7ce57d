"""第十二条第3项（1）（2）（3）: three figures of which one suffices. Amounts in 万元, compared exactly."""

from decimal import Decimal
from fractions import Fraction

from policy.amounts import (
    amount_text,
    is_amount,
    number_text,
    percent_text,
    smallest_amount_reaching,
)
from policy.conditions import Basis, ConditionSpec
from policy.facts import ApplicantFacts, YearFigures
from policy.findings import Finding, Verdict

NOTHING = YearFigures()


def service_revenue_share(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """（1） 超过15%（含）: the threshold itself is enough."""
    percent = spec.number("percent")
    threshold = f"≥ {number_text(percent)}%（含）"
    year = basis.latest_year
    row = facts.figures.get(year, NOTHING)
    service, main = row.service_revenue, row.main_revenue
    if not is_amount(service) or not is_amount(main):
        return spec.unanswered(
            *_missing({"service_revenue": service, "main_revenue": main}, year),
            threshold=threshold,
            advice=f"请填写{year}年的服务性收入和主营业务收入，单位万元。",
        )
    if main <= 0:
        return spec.finding(
            Verdict.NOT_COMPUTABLE,
            measured=f"{year}年主营业务收入{amount_text(main)}万元",
            threshold=threshold,
            advice="主营业务收入不大于零，占比无法计算，不能算作符合。请核对数据。",
        )
    measured = (
        f"{amount_text(service)} ÷ {amount_text(main)} = "
        f"{percent_text(Fraction(service) / Fraction(main) * 100, percent)}"
    )
    if service < 0 or service > main:
        return spec.finding(
            Verdict.NOT_COMPUTABLE,
            measured=measured,
            threshold=threshold,
            advice="服务性收入应在零与主营业务收入之间，请核对数据和单位（万元）。",
        )
    if Fraction(service) * 100 >= Fraction(main) * Fraction(percent):
        return spec.finding(
            Verdict.MET,
            measured=measured,
            threshold=threshold,
            advice="合计应与专项审计或说明一致。",
        )
    needed = smallest_amount_reaching(main, percent)
    return spec.finding(
        Verdict.UNMET,
        measured=measured,
        threshold=threshold,
        advice=f"按主营业务收入{amount_text(main)}万元，服务性收入达到{amount_text(needed)}万元才符合。",
    )


def main_revenue_growth(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """（2） by current × 100 ≥ previous × 110."""
    latest = facts.figures.get(basis.latest_year, NOTHING).main_revenue
    previous = facts.figures.get(basis.latest_year - 1, NOTHING).main_revenue
    return _growth(latest, previous, spec, basis, field="main_revenue", label="主营业务收入")


def profit_growth(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """（3） on total profit (利润总额); from a loss there is no rate, only 扭亏 to be told."""
    latest = facts.figures.get(basis.latest_year, NOTHING).total_profit
    previous = facts.figures.get(basis.latest_year - 1, NOTHING).total_profit
    return _growth(latest, previous, spec, basis, field="total_profit", label="利润总额")


def _growth(
    latest: Decimal | None,
    previous: Decimal | None,
    spec: ConditionSpec,
    basis: Basis,
    *,
    field: str,
    label: str,
) -> Finding:
    percent = spec.number("percent")
    threshold = f"≥ {number_text(percent)}%（含）"
    year = basis.latest_year
    if not is_amount(latest) or not is_amount(previous):
        missing = _missing({field: previous}, year - 1) + _missing({field: latest}, year)
        return spec.unanswered(
            *missing,
            threshold=threshold,
            advice=f"请填写{year - 1}年和{year}年的{label}，单位万元。",
        )
    change = f"{amount_text(previous)} → {amount_text(latest)}"
    if previous <= 0:
        return spec.finding(
            Verdict.NOT_COMPUTABLE,
            measured=change,
            threshold=threshold,
            advice=(
                f"上年{label}不大于零，增长率无法计算，不能算作符合。{_from_loss(latest, previous, field)}"
            ),
        )
    rate = (Fraction(latest) - Fraction(previous)) / Fraction(previous) * 100
    verb = "增长" if rate >= 0 else "变动"
    measured = f"{change}，{verb}{percent_text(rate, percent)}"
    if Fraction(latest) * 100 >= Fraction(previous) * (100 + Fraction(percent)):
        return spec.finding(
            Verdict.MET,
            measured=measured,
            threshold=threshold,
            advice="请在申报正文中说明增长如何来自服务型制造，由专家评判。",
        )
    needed = smallest_amount_reaching(previous, 100 + percent)
    return spec.finding(
        Verdict.UNMET,
        measured=measured,
        threshold=threshold,
        advice=f"{year}年{label}达到{amount_text(needed)}万元才符合。",
    )


def _from_loss(latest: Decimal, previous: Decimal, field: str) -> str:
    """What a profit that started at or below zero did, since no rate can say it."""
    if field != "total_profit":
        return "请核对数据。"
    if previous < 0 < latest:
        return "本年扭亏为盈，可写进申报正文的“成效”。"
    if latest > previous:
        return (
            "本年减亏，可写进申报正文的“成效”。" if previous < 0 else "本年由零转盈，可写进申报正文的“成效”。"
        )
    return "本年亏损扩大。" if latest < previous and latest < 0 else "本年未好转。"


def _missing(values: dict[str, Decimal | None], year: int) -> tuple[str, ...]:
    return tuple(f"{name}_{year}" for name, value in values.items() if not is_amount(value))
