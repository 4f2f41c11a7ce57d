"""Named guards of panels, assignments and score sheets, and those that review adds to applications."""

from django.db.models import Count

from applications.conditions import moment_text
from core import clock
from core.workflow import Condition
from policy.scoring import Mark, outliers, sheet_problems


@Condition
def panel_is_odd_and_full(panel) -> str:
    wanted, seated = panel.wanted, panel.members.count()
    if wanted % 2 == 0:
        return f"专家组人数应为单数，现设为 {wanted} 人，请在批次设置中更正。"
    if seated != wanted:
        return f"专家组应有 {wanted} 人，现有 {seated} 人。"
    if not panel.members.filter(is_chair=True).exists():
        return "请指定专家组组长。"
    return "" if panel.cases.exists() else "请先把受理的申报分到专家组。"


@Condition
def every_case_planned(panel) -> str:
    """A panel with more members than a case has reviewers needs a whole plan."""
    if not panel.is_divided:
        return ""
    each = panel.round.panel_size
    planned = panel.cases.annotate(planned_for=Count("planned"))
    short = planned.exclude(planned_for=each).count()
    return f"还有 {short} 件没有分配满 {each} 名专家，请先分配申报。" if short else ""


@Condition
def every_case_reviewed(panel) -> str:
    open_ones = panel.cases.filter(application__state__in=["ACCEPTED", "UNDER_REVIEW"]).count()
    return f"还有 {open_ones} 件未评审结束。" if open_ones else ""


@Condition
def opinions_signed(panel) -> str:
    """第十六条 asks the experts for their opinion; the portal asks each of them for a signature, or the bureau why not."""
    if panel.unsigned or panel.cases.filter(application__state__in=["ACCEPTED", "UNDER_REVIEW"]).exists():
        return ""
    count = len(panel.unsigned_cases)
    if not count:
        return ""
    return (
        f"还有 {count} 件的审核意见没有由专家全部签署。请先提醒签署；已有纸质签署等情形的，写明原因后结束。"
    )


@Condition
def no_real_conflict(assignment) -> str:
    """第十六条: what the portal itself finds, a registered tie within three years above all, cannot be declared away."""
    from review.conflicts import Screening

    application = assignment.case.application
    conflicts = Screening([application], on=clock.today()).of(assignment.expert, application)
    found = [one.evidence for one in conflicts if one.is_real]
    if not found:
        return ""
    return (
        f"平台核查：{'；'.join(found)}。须回避，请选择“有利害关系”并注明情形；"
        "所据登记有误的，请联系市工业和信息化局更正后再声明。"
    )


@Condition
def case_still_open(assignment) -> str:
    application = assignment.case.application
    if _is_open(application):
        return ""
    return f"该件现为“{application.get_state_display()}”，评审已结束。发现利害关系的请联系市工业和信息化局。"


@Condition
def case_open_or_reopened(assignment) -> str:
    """The same for the bureau, which can open the review of the case again."""
    application = assignment.case.application
    if _is_open(application):
        return ""
    return (
        f"该件现为“{application.get_state_display()}”。评审已结束的，请先在评分矩阵重开这一件的评审，再办理。"
    )


def _is_open(application) -> bool:
    return application.state in (application.State.ACCEPTED, application.State.UNDER_REVIEW)


@Condition
def within_time(sheet) -> str:
    due_at = sheet.assignment.case.panel.due_at
    if clock.now() < due_at or sheet.assignment.case.discussed_from:
        return ""
    return f"评分截止时间为{moment_text(due_at)}，已过，已填内容都保留。请联系市工业和信息化局延期后再提交。"


@Condition
def review_has_started(sheet) -> str:
    application = sheet.assignment.case.application
    if application.state == application.State.UNDER_REVIEW:
        return ""
    return f"该件现为“{application.get_state_display()}”，评审开始后才能提交评分。已填内容都会保留。"


@Condition
def review_goes_on(sheet) -> str:
    """What has been judged by stays as it was read."""
    application = sheet.assignment.case.application
    if application.state == application.State.UNDER_REVIEW:
        return ""
    return f"该件现为“{application.get_state_display()}”，评审已结束，评分和说明都不再改动。"


@Condition
def discussion_is_open(sheet) -> str:
    if sheet.assignment.case.discussed_from:
        return ""
    return "这一件还没有开始合议。合议由组长在评分交齐后主持，开始后才能修改本人的评分。"


@Condition
def explanation_asked(sheet) -> str:
    return "" if sheet.explanation_asked_at else "市局没有请您补充说明，评分表已提交，不必再写。"


def marks_of(sheet) -> dict[str, Mark]:
    return {
        one.criterion.key: Mark(one.points, one.reason) for one in sheet.scores.select_related("criterion")
    }


def scheme_of(sheet):
    return sheet.assignment.case.panel.round.scheme.spec()


@Condition
def every_criterion_scored(sheet) -> str:
    marks = marks_of(sheet)
    open_ones = [
        one.name for one in scheme_of(sheet).criteria if one.key not in marks or marks[one.key].score is None
    ]
    return f"还有 {len(open_ones)} 项未评分：{'、'.join(open_ones)}。" if open_ones else ""


@Condition
def reasons_given_where_required(sheet) -> str:
    marks = marks_of(sheet)
    problems = sheet_problems(scheme_of(sheet), marks)
    return "".join(
        one.sentence for one in problems if marks.get(one.key) and marks[one.key].score is not None
    )


@Condition
def panel_complete_for_case(application) -> str:
    """第十六条: no scoring before every seat is filled by someone who declared no conflict."""
    case = getattr(application, "panel_case", None)
    if case is None:
        return "尚未分到专家组。"
    assignments = list(case.assignments.standing())
    waiting = sum(one.state == one.State.AWAITING for one in assignments)
    wanted = application.round.panel_size
    if len(assignments) < wanted:
        return f"专家组缺 {wanted - len(assignments)} 人（有专家回避），补齐后才能开始评审。"
    return f"还有 {waiting} 位专家未作利害关系声明。" if waiting else ""


@Condition
def every_sheet_submitted(application) -> str:
    from review.models import Assignment, ScoreSheet

    sheets = ScoreSheet.objects.filter(
        assignment__case__application=application, assignment__state=Assignment.State.CLEAR
    )
    submitted = sum(one.state == ScoreSheet.State.SUBMITTED for one in sheets)
    wanted = application.round.panel_size
    return f"还有 {wanted - submitted} 位专家未提交评分。" if submitted < wanted else ""


@Condition
def outliers_explained(application) -> str:
    """A score far from the others needs a comment."""
    from review.models import Assignment, ScoreSheet

    sheets = {
        str(one.pk): one
        for one in ScoreSheet.objects.filter(
            assignment__case__application=application,
            assignment__state=Assignment.State.CLEAR,
            state=ScoreSheet.State.SUBMITTED,
        ).select_related("assignment__expert__user")
    }
    scheme = application.round.scheme.spec()
    totals = {key: one.total for key, one in sheets.items() if one.total is not None}
    far = outliers(totals, scheme)
    silent = [sheets[key].assignment.expert.user.name for key in sorted(far) if not sheets[key].is_explained]
    return f"与其他专家相差较大的评分须写明理由：{'、'.join(silent)}。" if silent else ""


@Condition
def site_visit_settled(application) -> str:
    visit = getattr(application, "site_visit", None)
    if visit is None:
        return "请先确定是否需要现场考察；不需要的也要写明理由（第十六条）。"
    return "" if visit.is_settled else "现场考察尚未完成记录。"


@Condition
def ranking_frozen(application) -> str:
    is_placed = application.ranking_entries.standing().exists()
    return "" if is_placed else "排序尚未冻结，不能提出名单（第十六条）。"


@Condition
def ranking_not_frozen(application) -> str:
    """第十六条: what a frozen order rests on is not changed behind it."""
    if not application.ranking_entries.standing().exists():
        return ""
    return "排序已经冻结，评分不再改动。确需更正的，请先在排序页写明原因、解除冻结。"


@Condition
def placed_within_quota(application) -> str:
    """第十六条择优确定: the frozen order decides; a tie at the line is decided by people, with a recorded reason."""
    entry = application.ranking_entries.standing().select_related("ranking__tie_decision").first()
    if entry is None or entry.is_within_quota:
        return ""
    if not entry.is_on_quota_line:
        return f"排序第 {entry.rank} 名，在额度之外或低于最低分，不能列入名单（第十六条）。"
    decision = getattr(entry.ranking, "tie_decision", None)
    if decision is None:
        return "并列在额度线上，须先录入集体研究结果和理由（第十三条已用尽）。"
    return "" if entry.pk in decision.chosen else "并列在额度线上，集体研究未选定，不能列入名单。"
