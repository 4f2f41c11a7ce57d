"""The conditions of 第十二条 over one applicant; every page that speaks of eligibility asks `evaluate`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from policy.articles import chinese_number
from policy.conditions import Basis, ConditionSpec
from policy.facts import (
    AccidentLevel,
    Answer,
    ApplicantFacts,
    Incident,
    LegalForm,
    ProjectFacts,
    ServiceUnitFacts,
    ServiceUnitKind,
    YearFigures,
)
from policy.findings import Finding, Verdict
from policy.rules import company, conduct, limbs, support

__all__ = [
    "RULES",
    "AccidentLevel",
    "Answer",
    "ApplicantFacts",
    "Conclusion",
    "ConditionSpec",
    "Incident",
    "LegalForm",
    "ProjectFacts",
    "ServiceUnitFacts",
    "ServiceUnitKind",
    "YearFigures",
    "conclude",
    "evaluate",
    "verdict_sentence",
]

Rule = Callable[[ApplicantFacts, ConditionSpec, Basis], Finding]

RULES: dict[str, Rule] = {
    "registered_in_weihai": company.registered_in_weihai,
    "manufacturing": company.manufacturing,
    "independent_legal_person": company.independent_legal_person,
    "years_in_operation": company.years_in_operation,
    "sound_organisation": company.sound_organisation,
    "no_major_accident": conduct.no_major_accident,
    "no_violation": conduct.no_violation,
    "not_under_investigation": conduct.not_under_investigation,
    "service_unit": support.service_unit,
    "projects_in_window": support.projects_in_window,
    "service_revenue_share": limbs.service_revenue_share,
    "main_revenue_growth": limbs.main_revenue_growth,
    "profit_growth": limbs.profit_growth,
    "not_barred": conduct.not_barred,
}


def evaluate(
    facts: ApplicantFacts,
    conditions: Iterable[ConditionSpec],
    *,
    base_date: date,
    latest_year: int,
    applied_on: date | None = None,
) -> list[Finding]:
    """One finding per condition in the order given; a group's summary comes before its first member.

    `base_date` is the round's application deadline, `latest_year` its latest full year, `applied_on` the day
    of submitting (the base date when not given), which only the bar of 第二十条 looks at.
    """
    specs = list(conditions)
    basis = Basis(base_date, latest_year, applied_on or base_date)
    found = [RULES[spec.rule](facts, spec, basis) for spec in specs]
    result: list[Finding] = []
    summarised: set[str] = set()
    for spec, finding in zip(specs, found, strict=True):
        if not spec.group:
            result.append(finding)
            continue
        members = [other for other in found if other.group == spec.group]
        summary = _group_summary(spec.group, [s for s in specs if s.group == spec.group], members)
        if spec.group not in summarised:
            summarised.add(spec.group)
            result.append(summary)
        result.append(_member(finding, summary))
    return result


def _group_summary(group: str, specs: Sequence[ConditionSpec], members: Sequence[Finding]) -> Finding:
    met = [member for member in members if member.is_met]
    missing = tuple(name for member in members for name in member.missing)
    if met:
        verdict, advice = (
            Verdict.MET,
            f"满足其中一项即可，您满足{'、'.join(_limb(member) for member in met)}。",
        )
    elif missing:
        verdict, advice = (
            Verdict.NOT_COMPUTABLE,
            "填全有关数据后才能判断，满足其中一项即可。",
        )
    else:
        verdict = Verdict.UNMET
        advice = f"{chinese_number(len(members))}项指标都未达到。请核对数据；无误的，达到其中一项后可在以后批次申报。"
    return Finding(
        key=f"group:{group}",
        clause=specs[0].clause.split("（")[0],
        article=specs[0].article,
        title=f"{chinese_number(len(members))}项指标，满足其中一项即可",
        verdict=verdict,
        measured=f"已满足{len(met)}项",
        threshold="满足其中一项",
        advice=advice,
        blocking=any(spec.blocking for spec in specs),
        group=group,
        is_summary=True,
        missing=() if met else missing,
    )


def _member(finding: Finding, summary: Finding) -> Finding:
    if summary.is_met and not finding.is_met:
        return finding.with_advice(f"{finding.advice}已有一项满足，不影响申报。")
    return finding


def _limb(finding: Finding) -> str:
    """第（1）项 from 第十二条第3项（1）; a clause without such a part by its title."""
    _, bracket, rest = finding.clause.partition("（")
    return f"第（{rest.rstrip('）')}）项" if bracket else f"“{finding.title}”"


def verdict_sentence(findings: Iterable[Finding]) -> str:
    """One sentence over all findings: may one go on, and if not, because of which clauses."""
    blocking = [finding for finding in findings if finding.blocks]
    if not blocking:
        return "按所填数据，符合申报基本条件；是否属实以审核和评审为准。"
    clauses = "；".join(f"{finding.clause} {finding.title}（{finding.label}）" for finding in blocking)
    return f"按所填数据，暂不符合申报基本条件：{clauses}。"


@dataclass(frozen=True)
class Conclusion:
    """What all findings say together: MET, UNMET or, while something is still to be filled in, NOT_COMPUTABLE."""

    verdict: Verdict
    title: str
    sentence: str


def conclude(findings: Sequence[Finding]) -> Conclusion:
    """The conclusion of a self-check. A group of which one suffices counts as one, by its summary."""
    whole = [finding for finding in findings if finding.is_summary or not finding.group]
    open_ones = [finding for finding in whole if finding.blocks and finding.missing]
    failing = [finding for finding in whole if finding.blocks and not finding.missing]
    told = f"{sum(finding.is_met for finding in whole)}条符合"
    if attention := sum(finding.verdict is Verdict.ATTENTION for finding in whole):
        told += f"，{attention}条需留意"
    if failing:
        names = "；".join(f"{finding.clause} {finding.title}" for finding in failing)
        rest = f"另有{len(open_ones)}条待填写。" if open_ones else ""
        return Conclusion(
            Verdict.UNMET,
            "按您填写的数据，暂不符合申报基本条件",
            f"{len(failing)}条未达到：{names}。{rest}",
        )
    if open_ones:
        return Conclusion(
            Verdict.NOT_COMPUTABLE, f"还有{len(open_ones)}条待填写，填全后得出结论", f"已填的各条中，{told}。"
        )
    summaries = "".join(f"；{finding.advice.rstrip('。')}" for finding in whole if finding.is_summary)
    return Conclusion(Verdict.MET, "按您填写的数据，符合申报基本条件", f"{told}{summaries}。")
