"""第十二条第1项: registered here, manufacturing, a legal person, two years in operation, sound."""

import re

from policy.amounts import is_amount
from policy.conditions import Basis, ConditionSpec
from policy.dates import add_years, date_text, elapsed
from policy.facts import ApplicantFacts, LegalForm
from policy.findings import Finding, Verdict
from policy.identifiers import legal_person_problem

DECLARED_SOUND = "企业自述具备"
INDUSTRY_CODE = re.compile(r"([A-T]?)(\d{2})\d{0,2}")


def registered_in_weihai(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """Asked and proved by the licence; the district is never read from the credit code."""
    threshold = "在威海市依法注册"
    if facts.is_registered_in_weihai is None:
        return spec.unanswered(
            "is_registered_in_weihai",
            threshold=threshold,
            advice="请填写企业是否在威海市依法注册。",
        )
    if facts.is_registered_in_weihai:
        return spec.finding(Verdict.MET, measured="是", threshold=threshold)
    return spec.finding(
        Verdict.UNMET,
        measured="否",
        threshold=threshold,
        advice="申报主体应在威海市依法注册。如在威海设有独立法人企业，请以该企业申报。",
    )


def division_of(industry_code: str) -> int | None:
    """The two-digit division (大类) of a GB/T 4754 code such as C3464, 3464 or 34.

    None when it is no such code or names another section than C.
    """
    match = INDUSTRY_CODE.fullmatch(industry_code.strip().upper())
    if not match or match[1] not in ("", "C"):
        return None
    return int(match[2])


def manufacturing(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    first, last = spec.whole("first_division"), spec.whole("last_division")
    threshold = f"制造业，GB/T 4754大类{first}—{last}"
    if not facts.industry_code.strip():
        return spec.unanswered(
            "industry_code",
            threshold=threshold,
            advice="请选择企业所属的国民经济行业（GB/T 4754）。",
        )
    division = division_of(facts.industry_code)
    if division is not None and first <= division <= last:
        return spec.finding(
            Verdict.MET,
            measured=f"{division}大类，在{first}—{last}之内",
            threshold=threshold,
        )
    shown = facts.industry_code.strip() if division is None else f"{division:02}大类"
    return spec.finding(
        Verdict.UNMET,
        measured=f"{shown}，不在{first}—{last}之内",
        threshold=threshold,
        advice=(
            f"申报主体应为制造业企业（GB/T 4754门类 C，大类{first}—{last}）。"
            "如主营为制造业，请核对行业代码；营业执照行业登记不符的，请先办理变更。"
        ),
    )


def independent_legal_person(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    threshold = "具有独立法人资格"
    problem = legal_person_problem(facts.uscc) if facts.uscc else ""
    if problem:
        return spec.finding(
            Verdict.UNMET,
            measured="代码不属于企业法人",
            threshold=threshold,
            advice=problem,
        )
    if facts.legal_form not in set(LegalForm):
        return spec.unanswered(
            "legal_form",
            threshold=threshold,
            advice="请选择企业类型，与营业执照一致。仅凭91开头的代码不能判断是否为独立法人。",
        )
    form = LegalForm(facts.legal_form)
    if form.is_legal_person:
        return spec.finding(Verdict.MET, measured=form.label, threshold=threshold)
    return spec.finding(
        Verdict.UNMET,
        measured=form.label,
        threshold=threshold,
        advice=f"{form.label}不具有独立法人资格。请以具有法人资格的企业（如所属的公司）申报。",
    )


def years_in_operation(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """Full years at the base date: founded 2024-06-30 passes two years on 2026-06-30, 2024-07-01 does not."""
    years = spec.whole("years")
    threshold = f"至{date_text(basis.base_date)}满{years}年（含）"
    if facts.founded_on is None:
        return spec.unanswered("founded_on", threshold=threshold, advice="请填写成立日期，与营业执照一致。")
    start = max(facts.founded_on, facts.operating_since or facts.founded_on)
    done_years, months = elapsed(start, basis.base_date)
    what = "成立" if start == facts.founded_on else "正常经营起始"
    measured = f"{date_text(start)}{what}，至基准日{done_years}年{months}个月"
    full_on = add_years(start, years)
    if full_on <= basis.base_date:
        return spec.finding(Verdict.MET, measured=measured, threshold=threshold)
    return spec.finding(
        Verdict.UNMET,
        measured=measured,
        threshold=threshold,
        advice=(
            f"至{date_text(full_on)}才满{years}年，晚于本批次基准日{date_text(basis.base_date)}。"
            f"请核对日期；无误的，可在基准日不早于{date_text(full_on)}的批次申报。"
        ),
    )


def sound_organisation(facts: ApplicantFacts, spec: ConditionSpec, basis: Basis) -> Finding:
    """Declared by the enterprise, evidenced by audit reports, judged by people: never met by itself."""
    threshold = "组织机构健全，财务状况良好"
    if facts.declared_sound is None:
        return spec.unanswered(
            "declared_sound",
            threshold=threshold,
            advice="请说明组织机构是否健全、财务状况是否良好。",
        )
    if not facts.declared_sound:
        return spec.finding(
            Verdict.UNMET,
            measured="企业自述不具备",
            threshold=threshold,
            advice="第十二条第1项要求组织机构健全、财务状况良好。整改后可在以后批次申报。",
        )
    losses = [
        f"{year}年"
        for year, row in sorted(facts.figures.items())
        if is_amount(row.total_profit) and row.total_profit < 0
    ]
    if losses:
        return spec.finding(
            Verdict.ATTENTION,
            measured=f"{DECLARED_SOUND}；{'、'.join(losses)}利润总额为负",
            threshold=threshold,
            advice="由审核和专家依据审计报告判断。请附审计报告，并说明亏损原因和扭亏措施。",
        )
    return spec.finding(
        Verdict.ATTENTION,
        measured=DECLARED_SOUND,
        threshold=threshold,
        advice="由审核和专家依据审计报告判断，系统不作结论。请附最近两年审计报告。",
    )
