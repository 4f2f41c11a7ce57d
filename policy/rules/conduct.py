"""第十二条第2项: two clean years, three questions answered apart; and the bar of 第二十条."""

from policy.conditions import Basis, ConditionSpec
from policy.dates import date_text, span_text, window_ending
from policy.facts import AccidentLevel, Answer, ApplicantFacts, Incident
from policy.findings import Finding, Verdict
from policy.sanctions import why_barred


def _threshold(spec: ConditionSpec, basis: Basis, what: str) -> str:
    first, last = window_ending(basis.base_date, spec.whole("years"))
    return f"{span_text(first, last)}{what}"


def _missing_details(spec: ConditionSpec, field: str, threshold: str) -> Finding:
    return spec.unanswered(field, threshold=threshold, advice="已选择“有”，请填写发生日期，并附处理文件。")


def _before_window(spec: ConditionSpec, basis: Basis, incident: Incident) -> bool:
    first, _ = window_ending(basis.base_date, spec.whole("years"))
    return incident.occurred_on is not None and incident.occurred_on < first


def no_major_accident(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    threshold = _threshold(spec, basis, "未发生重大质量、环保或安全等事故")
    incident = facts.accidents
    match incident.answer:
        case Answer.NONE:
            return spec.finding(Verdict.MET, measured="没有", threshold=threshold)
        case Answer.PENDING:
            return spec.finding(
                Verdict.ATTENTION,
                measured="有事故尚未结论",
                threshold=threshold,
                advice="是否属重大事故由审核依据调查结论判断。请附现有文件，结论作出后及时补充。",
            )
        case Answer.HAPPENED:
            if incident.occurred_on is None:
                return _missing_details(spec, "accidents", threshold)
        case _:
            return spec.unanswered(
                "accidents",
                threshold=threshold,
                advice="请回答近两年是否发生质量、环保或安全等事故。",
            )
    level = AccidentLevel(incident.level) if incident.level in set(AccidentLevel) else None
    measured = f"{date_text(incident.occurred_on)}发生{level.label if level else '等级未填的'}事故"
    if _before_window(spec, basis, incident):
        return spec.finding(Verdict.MET, measured=f"{measured}，不在近两年内", threshold=threshold)
    if level is None:
        return spec.unanswered("accidents", threshold=threshold, advice="请填写事故等级，与调查结论一致。")
    if level.value in spec.numbers["levels"]:
        return spec.finding(
            Verdict.UNMET,
            measured=measured,
            threshold=threshold,
            advice="近两年内发生重大事故的，不符合第十二条第2项。两年期满后可在以后批次申报。",
        )
    return spec.finding(
        Verdict.ATTENTION,
        measured=measured,
        threshold=threshold,
        advice="事故等级不是重大，由审核依据处理文件判断。请附事故处理文件和整改情况。",
    )


def no_violation(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    threshold = _threshold(spec, basis, "没有违法行为")
    incident = facts.violations
    match incident.answer:
        case Answer.NONE:
            return spec.finding(Verdict.MET, measured="没有", threshold=threshold)
        case Answer.PENDING:
            return spec.finding(
                Verdict.UNMET,
                measured="涉嫌违法，尚未结论",
                threshold=threshold,
                advice="涉嫌违法正在接受有关部门审查的，不符合第十二条第2项。审查结束并认定无违法行为后可以申报。",
            )
        case Answer.HAPPENED:
            if incident.occurred_on is None:
                return _missing_details(spec, "violations", threshold)
        case _:
            return spec.unanswered(
                "violations",
                threshold=threshold,
                advice="请回答近两年是否有违法行为，以公共信用报告为准。",
            )
    measured = f"{date_text(incident.occurred_on)}有违法行为"
    if _before_window(spec, basis, incident):
        return spec.finding(Verdict.MET, measured=f"{measured}，不在近两年内", threshold=threshold)
    return spec.finding(
        Verdict.UNMET,
        measured=measured,
        threshold=threshold,
        advice="近两年内有违法行为的，不符合第十二条第2项。两年期满后可在以后批次申报。",
    )


def not_under_investigation(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    threshold = "没有涉嫌违法正在接受有关部门审查的情况"
    match facts.investigation.answer:
        case Answer.NONE:
            return spec.finding(Verdict.MET, measured="没有", threshold=threshold)
        case Answer.HAPPENED | Answer.PENDING:
            return spec.finding(
                Verdict.UNMET,
                measured="正在接受审查",
                threshold=threshold,
                advice="审查结束并认定无违法行为后，可以申报；请保留结论文件。",
            )
        case _:
            return spec.unanswered(
                "investigation",
                threshold=threshold,
                advice="请回答是否涉嫌违法、正在接受有关部门审查。",
            )


def not_barred(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """第二十条 follows the credit code."""
    threshold = "不在三年内不得重新申请的期限内"
    until = facts.barred_until
    refusal = why_barred(until, on=basis.applied_on)
    if until and refusal:
        return spec.finding(
            Verdict.UNMET,
            measured=f"至{date_text(until)}（含）不得重新申请",
            threshold=threshold,
            advice=refusal,
        )
    return spec.finding(
        Verdict.MET,
        measured="没有在期限内的限制" if until is None else f"限制已于{date_text(until)}届满",
        threshold=threshold,
    )
