"""第十二条第3项, its first half: a service department or company, and projects of the last three years."""

from policy.articles import chinese_number
from policy.conditions import Basis, ConditionSpec
from policy.dates import date_text, span_text, window_ending
from policy.facts import ApplicantFacts, ProjectFacts, ServiceUnitFacts, ServiceUnitKind
from policy.findings import Finding, Verdict
from policy.identifiers import uscc_problem


def _unit_gaps(unit: ServiceUnitFacts) -> list[str]:
    gaps = []
    if not unit.name.strip():
        gaps.append("名称")
    if unit.established_on is None:
        gaps.append("设立日期")
    if unit.headcount is None:
        gaps.append("人数")
    if unit.kind == ServiceUnitKind.COMPANY:
        if not unit.uscc.strip():
            gaps.append("公司的统一社会信用代码")
        if unit.share_percent is None:
            gaps.append("持股比例")
    return gaps


def _unit_fault(unit: ServiceUnitFacts, basis: Basis) -> tuple[str, str]:
    """What was measured and what to do, when the unit as filled in does not satisfy the clause."""
    label = ServiceUnitKind(unit.kind).label
    if unit.established_on is not None and unit.established_on > basis.base_date:
        return (
            f"{date_text(unit.established_on)}设立，晚于基准日",
            f"{label}应在基准日{date_text(basis.base_date)}前（含当日）设立，请核对设立日期。",
        )
    if unit.headcount is not None and unit.headcount < 1:
        return f"{label}人数为{unit.headcount}", f"{label}应有专职人员，请核对人数。"
    if unit.kind == ServiceUnitKind.COMPANY and unit.uscc.strip() and (problem := uscc_problem(unit.uscc)):
        return "服务性公司的代码有误", problem
    share = unit.share_percent
    if share is not None and not (share.is_finite() and 0 < share <= 100):
        return (
            "持股比例不在0—100%之内",
            "请填写对服务性公司的持股比例，大于0，不超过100。",
        )
    if unit.has_document is False:
        return f"{label}已填写，缺设立文件", f"请上传{label}的设立文件。"
    return "", ""


def service_unit(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """The self-check asks the kind alone (`has_document` None): details are asked where documents are."""
    threshold = "企业内部成立专门的服务性部门，或剥离设立独立的服务性公司"
    unit = facts.service_unit
    if unit is None or unit.kind not in set(ServiceUnitKind):
        return spec.unanswered(
            "service_unit",
            threshold=threshold,
            advice="请填写专门的服务性部门或独立的服务性公司。",
        )
    kind = ServiceUnitKind(unit.kind)
    if kind is ServiceUnitKind.NONE:
        return spec.finding(
            Verdict.UNMET,
            measured=kind.label,
            threshold=threshold,
            advice="请先成立专门的服务性部门或设立独立的服务性公司，并保存设立文件。",
        )
    gaps = _unit_gaps(unit) if unit.has_document is not None else []
    if gaps:
        return spec.unanswered(
            "service_unit",
            threshold=threshold,
            advice=f"{kind.label}还缺：{'、'.join(gaps)}。请补填。",
        )
    measured, advice = _unit_fault(unit, basis)
    if advice:
        return spec.finding(Verdict.UNMET, measured=measured, threshold=threshold, advice=advice)
    return spec.finding(
        Verdict.MET,
        measured=f"{kind.label}：{unit.name}" if unit.name else f"已设立{kind.label}",
        threshold=threshold,
    )


def why_not_counted(project: ProjectFacts, basis: Basis, years: int) -> str:
    """Why a project does not count; empty when its period overlaps the window and its evidence is there."""
    first, last = window_ending(basis.base_date, years)
    name = project.name.strip() or "未命名项目"
    if project.started_on is None:
        return f"“{name}”缺开始日期"
    if project.ended_on is not None and project.ended_on < project.started_on:
        return f"“{name}”结束日期早于开始日期"
    if project.started_on > last:
        return f"“{name}”于基准日之后才开始"
    if project.ended_on is not None and project.ended_on < first:
        return f"“{name}”在{date_text(first)}前已结束"
    if project.has_evidence is False:
        return f"“{name}”缺证明材料"
    return ""


def projects_in_window(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    years, least = spec.whole("years"), spec.whole("projects")
    first, last = window_ending(basis.base_date, years)
    threshold = f"不少于{least}个，实施期与{span_text(first, last)}有重叠"
    if not facts.projects and facts.declared_project_count is None:
        return spec.unanswered(
            "projects",
            threshold=threshold,
            advice=f"请填写近{chinese_number(years)}年内实施的服务型制造项目，每个附证明材料。",
        )
    if facts.projects:
        reasons = [reason for project in facts.projects if (reason := why_not_counted(project, basis, years))]
        count = len(facts.projects) - len(reasons)
    else:
        reasons, count = [], facts.declared_project_count or 0
    measured = f"{count}个"
    if reasons:
        measured += f"（未计入：{'；'.join(reasons)}）"
    if count >= least:
        return spec.finding(Verdict.MET, measured=measured, threshold=threshold)
    return spec.finding(
        Verdict.UNMET,
        measured=measured,
        threshold=threshold,
        advice=f"还差{least - count}个。请补充近{chinese_number(years)}年内实施的项目及其合同、验收等证明材料。",
    )
