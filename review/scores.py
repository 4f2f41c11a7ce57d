"""Score sheets as they are saved, what their totals give, and the end of a review (第十六条)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application, Round
from core import clock, events, notify, workflow
from core.workflow import NotPossible
from policy.ranking import trimmed_mean
from policy.scoring import Mark, SchemeSpec, grade, mark_problem, plain, sheet_problems
from review.models import Assignment, Panel, PanelCase, ScoreSheet
from review.notifications import told_of_extension

REASON_LIMIT = 500
COMMENT_LIMIT = OPINION_LIMIT = 2000


class Stale(Exception):
    """The sheet was saved elsewhere in the meantime, or is locked. The message is a sentence for people."""


class BadScores(Exception):
    """Some entries cannot be saved: criterion key (or ``comment``) → sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("".join(problems.values()))


@dataclass(frozen=True)
class Typed:
    """A sheet as typed: criterion key → (points, reason), both raw."""

    marks: Mapping[str, tuple[str, str]]
    comment: str


def parse(typed: Typed, scheme: SchemeSpec) -> dict[str, Mark]:
    """The typed marks as values; an empty one is open. Raises BadScores: saving asks for no reasons, submitting does."""
    marks, problems = {}, {}
    for criterion in scheme.criteria:
        raw, reason = typed.marks.get(criterion.key, ("", ""))
        reason = reason.replace("\r\n", "\n").strip()
        allowed = f"0至{plain(criterion.maximum)}分，每{plain(scheme.step)}分一档"
        try:
            points = Decimal(raw.strip()) if raw.strip() else None
        except InvalidOperation:
            problems[criterion.key] = f"“{criterion.name}”填的“{raw.strip()[:20]}”不是分数，应为{allowed}。"
            continue
        if points is not None and (problem := _points_problem(points, criterion.key, scheme)):
            problems[criterion.key] = problem
        elif len(reason) > REASON_LIMIT:
            problems[criterion.key] = (
                f"“{criterion.name}”的理由有 {len(reason)} 字，请不超过 {REASON_LIMIT} 字。"
            )
        marks[criterion.key] = Mark(points, reason)
    if len(typed.comment.strip()) > COMMENT_LIMIT:
        problems["comment"] = f"总体意见有 {len(typed.comment.strip())} 字，请不超过 {COMMENT_LIMIT} 字。"
    if problems:
        raise BadScores(problems)
    return marks


def why_not_submitted(typed: Typed, scheme: SchemeSpec) -> dict[str, str]:
    """What keeps a sheet that can be saved from being submitted: criterion key → sentence."""
    return {one.key: one.sentence for one in sheet_problems(scheme, parse(typed, scheme))}


def _points_problem(points: Decimal, key: str, scheme: SchemeSpec) -> str:
    """Out of range or off the steps; a reason in hand keeps the check for missing ones silent."""
    criterion = next(one for one in scheme.criteria if one.key == key)
    return mark_problem(criterion, Mark(points, "已写"), scheme)


def save(sheet: ScoreSheet, typed: Typed, *, revision: int, scheme: SchemeSpec) -> ScoreSheet:
    """Save a draft as typed. Raises BadScores, or Stale when it is locked or another window was faster."""
    marks = parse(typed, scheme)
    with transaction.atomic():
        locked = ScoreSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if locked.state != ScoreSheet.State.DRAFT:
            raise Stale("评分已提交并锁定，不能再改。如有错误请联系市工业和信息化局。")
        if locked.revision != revision:
            raise Stale("另一个窗口已保存过这张评分表，刚才填的没有保存。请核对下面的内容后再保存。")
        changed = []
        for row in locked.scores.select_related("criterion"):
            mark = marks[row.criterion.key]
            if (row.points, row.reason) != (mark.score, mark.reason):
                row.points, row.reason = mark.score, mark.reason
                changed.append(row)
        locked.scores.bulk_update(changed, ["points", "reason"])
        locked.comment = typed.comment.replace("\r\n", "\n").strip()
        locked.revision += 1
        locked.saved_at = clock.now()
        locked.save(update_fields=["comment", "revision", "saved_at"])
    return locked


def unlock(sheet: ScoreSheet, *, by: User, reason: str) -> ScoreSheet:
    """Let the expert correct a submitted sheet; as it was, it is kept in the event. Raises NotPermitted or NotPossible."""
    if not reason:
        raise NotPossible(["请写明解锁的原因，例如“专家来电说明两项分数填反”。"])
    with transaction.atomic():
        locked = locked_with_case(sheet)
        return workflow.perform(locked, "unlock", by=by, note=reason, was=as_submitted(locked))


def locked_with_case(sheet: ScoreSheet) -> ScoreSheet:
    """The sheet, locked behind its case as every act on it is, so that none waits for the other."""
    Application.objects.select_for_update(of=("self",)).get(panel_case__assignments__sheet=sheet.pk)
    rows = ScoreSheet.objects.select_related("assignment__case").select_for_update(of=("self",))
    return rows.get(pk=sheet.pk)


def as_submitted(sheet: ScoreSheet) -> dict[str, Any]:
    """A sheet as plain values: total, then each criterion's name, points and reason, comment and explanation."""
    return {
        "total": str(sheet.total),
        "scores": [
            [one.criterion.name, str(one.points), one.reason]
            for one in sheet.scores.select_related("criterion")
        ],
        "comment": sheet.comment,
        "explanation": sheet.explanation,
    }


def counted_totals(case: PanelCase) -> list[Decimal]:
    """The totals that count: submitted, by experts who are still on the case."""
    totals = ScoreSheet.objects.filter(
        assignment__case=case,
        assignment__state=Assignment.State.CLEAR,
        state=ScoreSheet.State.SUBMITTED,
    ).values_list("total", flat=True)
    return [total for total in totals if total is not None]


def conclude(application: Application, *, by: User) -> Application:
    """End the review of one case: its score is the mean after trimming. Raises NotPermitted or NotPossible."""
    case = PanelCase.objects.select_related("panel__round__scheme").filter(application=application).first()
    if case is None:
        raise NotPossible(["这一件尚未分到专家组，没有可以汇总的评分。"])
    scheme = case.panel.round.scheme.spec()
    with transaction.atomic():
        # Sheets are submitted and experts step aside behind this row, so that the totals stay what the door finds.
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        totals = counted_totals(case)
        score = trimmed_mean(totals, scheme.dropped_each_end)
        concluded = workflow.perform(application, "conclude_review", by=by, score=score)
        case = PanelCase.objects.select_for_update(of=("self",)).select_related("panel").get(pk=case.pk)
        if score is not None and not case.opinion_at:
            case.opinion = opinion_draft(totals, score, scheme)
            case.save(update_fields=["opinion"])
    return concluded


def reopen(application: Application, *, by: User, reason: str) -> Application:
    """Open the review of one case again, and that of its panel, to correct a sheet or to add a visit.

    The panel's opinion told what is being corrected: it is discussed, given and signed anew. Raises NotPermitted or NotPossible.
    """
    with transaction.atomic():
        # Orders are frozen behind this row, so that none stands on a case that is open again.
        Round.objects.select_for_update(of=("self",)).get(pk=application.round_id)
        reopened = workflow.perform(application, "reopen_review", by=by, note=reason)
        case = PanelCase.objects.select_related("panel").get(application=application)
        PanelCase.objects.filter(pk=case.pk).update(
            opinion="", opinion_by=None, opinion_at=None, discussed_from=None
        )
        if case.panel.state == Panel.State.CONCLUDED:
            workflow.perform(case.panel, "reopen", by=by, note=reason)
    return reopened


def opinion_draft(totals: Iterable[Decimal], score: Decimal, scheme: SchemeSpec) -> str:
    """The panel's opinion as the sheets give it; the panel may write more."""
    counted = list(totals)
    dropped = f"去掉最高、最低各 {scheme.dropped_each_end} 份后" if scheme.dropped_each_end else ""
    return f"经 {len(counted)} 位专家独立评分，{dropped}平均 {score:.2f} 分，等次为{grade(score, scheme).label}。"


def start_panel(panel: Panel, *, by: User) -> tuple[int, dict[str, list[str]]]:
    """Begin the review of every case that is ready. Gives how many began, and the reasons of the others by enterprise."""
    require_municipal_handler(by, panel, "start", "开始评审")
    return _for_each_case(
        panel, Application.State.ACCEPTED, lambda one: workflow.perform(one, "start_review", by=by)
    )


def conclude_panel(panel: Panel, *, by: User) -> tuple[int, dict[str, list[str]]]:
    """End the review of every case that can end and, when none is left open, that of the panel: else its reason is given too."""
    require_municipal_handler(by, panel, "conclude", "结束评审")
    done, held = _for_each_case(panel, Application.State.UNDER_REVIEW, lambda one: conclude(one, by=by))
    if not held and panel.state == Panel.State.SEATED:
        try:
            workflow.perform(panel, "conclude", by=by)
        except NotPossible as refusal:
            # Cases that have not begun yet; those that ended have ended all the same.
            held[panel.name] = refusal.reasons
    return done, held


def _for_each_case(panel: Panel, state: str, act) -> tuple[int, dict[str, list[str]]]:
    done, held = 0, {}
    for case in panel.cases.filter(application__state=state).select_related("application__enterprise"):
        try:
            act(case.application)
            done += 1
        except NotPossible as refusal:
            held[str(case.application.enterprise)] = refusal.reasons
    return done, held


def extend(panel: Panel, due_at: datetime, *, by: User, reason: str) -> Panel:
    """Give a panel more time. Raises NotPermitted, or NotPossible when the panel is not at work."""
    require_municipal_handler(by, panel, "extend", "延长评分期限")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
        if locked.state == Panel.State.CONCLUDED:
            raise NotPossible([f"{locked.name}评审已结束，不再延期。"])
        before, locked.due_at = locked.due_at, due_at
        locked.first_due_at = locked.first_due_at or before
        locked.save(update_fields=["due_at", "first_due_at"])
        event = events.record(
            locked, "extend", by=by, label="延长评分期限", note=reason, before=before, after=due_at
        )
        notify.enqueue(told_of_extension(event, locked))
    return locked
