"""Score sheets as they are saved, what their totals give, and the end of a review (第十六条)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application
from core import clock, events, notify, workflow
from core.reasons import too_short
from core.typed import too_long
from core.workflow import NotPossible
from policy.scoring import CriterionSpec, Mark, SchemeSpec, mark_problem, plain, sheet_problems
from review.models import Panel, ScoreSheet
from review.notifications import told_of_extension

REASON_LIMIT = 500
COMMENT_LIMIT = OPINION_LIMIT = 2000


class Stale(Exception):
    """The sheet was saved elsewhere in the meantime, or is locked. The message is a sentence for people."""


class BadScores(Exception):
    """Some entries cannot be saved: criterion key (or ``comment``) → sentence; ``saved``: the sheet with the others, if they were."""

    def __init__(self, problems: dict[str, str], saved: "ScoreSheet | None" = None) -> None:
        self.problems, self.saved = problems, saved
        super().__init__("".join(problems.values()))


@dataclass(frozen=True)
class Typed:
    """A sheet as typed: criterion key → (points, reason), both raw."""

    marks: Mapping[str, tuple[str, str]]
    comment: str


def _read(typed: Typed, scheme: SchemeSpec) -> tuple[dict[str, Mark], dict[str, str]]:
    """The marks as read, without what is no number, and what is wrong with any of them; an empty one is open.

    Saving asks for no reasons, submitting does.
    """
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
        if points is not None and (problem := points_problem(points, criterion, scheme)):
            problems[criterion.key] = problem
        elif len(reason) > REASON_LIMIT:
            problems[criterion.key] = (
                f"“{criterion.name}”的理由有 {len(reason)} 字，请不超过 {REASON_LIMIT} 字。"
            )
        marks[criterion.key] = Mark(points, reason)
    if len(typed.comment.strip()) > COMMENT_LIMIT:
        problems["comment"] = f"总体意见有 {len(typed.comment.strip())} 字，请不超过 {COMMENT_LIMIT} 字。"
    return marks, problems


def why_not_submitted(typed: Typed, scheme: SchemeSpec) -> dict[str, str]:
    """Everything that keeps a sheet from being submitted, also what cannot even be saved: criterion key (or ``comment``) → sentence."""
    marks, problems = _read(typed, scheme)
    found = {one.key: one.sentence for one in sheet_problems(scheme, marks)} | problems
    return {key: found[key] for key in [*(one.key for one in scheme.criteria), "comment"] if key in found}


def points_problem(points: Decimal, criterion: CriterionSpec, scheme: SchemeSpec) -> str:
    """Out of range or off the steps; a reason in hand keeps the check for missing ones silent."""
    return mark_problem(criterion, Mark(points, "已写"), scheme)


def save(
    sheet: ScoreSheet, typed: Typed, *, revision: int, scheme: SchemeSpec, partly: bool = False
) -> ScoreSheet:
    """Save a draft as typed. Raises BadScores, or Stale when it is locked or another window was faster.

    ``partly``: what can be saved is saved, and BadScores tells of the rest; else all of it or nothing.
    """
    marks, problems = _read(typed, scheme)
    if problems and not partly:
        raise BadScores(problems)
    saved = _save(
        sheet, {key: mark for key, mark in marks.items() if key not in problems}, typed, revision, problems
    )
    if problems:
        raise BadScores(problems, saved)
    return saved


def _save(
    sheet: ScoreSheet, marks: Mapping[str, Mark], typed: Typed, revision: int, problems: Mapping[str, str]
) -> ScoreSheet:
    with transaction.atomic():
        locked = ScoreSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if locked.state != ScoreSheet.State.DRAFT:
            raise Stale("评分已提交并锁定，不能再改。如有错误请联系市工业和信息化局。")
        if locked.revision != revision:
            raise Stale("另一个窗口已保存过这张评分表，刚才填的没有保存。请核对下面的内容后再保存。")
        comment = locked.comment if "comment" in problems else typed.comment.replace("\r\n", "\n").strip()
        is_same = comment == locked.comment
        for row in locked.scores.select_related("criterion"):
            mark = marks.get(row.criterion.key)
            if mark and (row.points, row.reason) != (mark.score, mark.reason):
                is_same = False
                row.points, row.reason = mark.score, mark.reason
                row.save(update_fields=["points", "reason"])
        if is_same:
            return locked
        locked.comment = comment
        locked.revision += 1
        locked.saved_at = clock.now()
        locked.save(update_fields=["comment", "revision", "saved_at"])
    return locked


def unlock(sheet: ScoreSheet, *, by: User, reason: str) -> ScoreSheet:
    """Let the expert correct a submitted sheet; as it was, it is kept in the event. Raises NotPermitted or NotPossible."""
    if problem := too_short(reason):
        raise NotPossible([f"解锁的原因{problem}例如“专家来电说明两项分数填反”。"])
    with transaction.atomic():
        locked = locked_with_case(sheet)
        return workflow.perform(locked, "unlock", by=by, note=reason, was=as_submitted(locked))


def explain(sheet: ScoreSheet, *, by: User, explanation: str) -> ScoreSheet:
    """Say why the scores lie far from the others; they stay as they are. Raises NotPermitted or NotPossible."""
    refusal = too_long("说明", explanation, REASON_LIMIT)
    if not explanation:
        refusal = "请写明这样评分的理由，评分本身不改动。"
    elif problem := too_short(explanation):
        refusal = f"这样评分的理由{problem}评分本身不改动。"
    if refusal:
        raise NotPossible([refusal])
    return workflow.perform(sheet, "explain", by=by, explanation=explanation)


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
