"""The panel's meeting on a case: who moderates it, the discussion, own scores changed with a reason.

Nobody sees another's name or score here either: the moderator learns how far apart the sheets are in words, not in numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.roles import is_municipal_handler
from applications.models import Application
from core import clock, events, notify, workflow
from core.models import Event
from core.reasons import too_short
from core.workflow import NotPossible, refused
from policy.scoring import SchemeSpec, outliers, plain
from review.conditions import every_sheet_submitted
from review.models import (
    Assignment,
    CriterionScore,
    Panel,
    PanelCase,
    PanelMember,
    ScoreSheet,
)
from review.notifications import told_of_discussion
from review.scores import as_submitted, locked_with_case

State = Application.State
CLOSE = Decimal(5)  # points from the highest to the lowest total within which nobody needs to talk


@dataclass(frozen=True)
class Discrepancy:
    """How far apart the sheets of a case are, in words; and the criterion on which they differ most."""

    is_wide: bool
    words: str
    criterion: str


def moderator_of(case: PanelCase) -> Assignment | None:
    """The chair; where the chair is not on the case, the expert who has been on it longest and did not give the chair up."""
    on_it = case.assignments.filter(state=Assignment.State.CLEAR).select_related("expert__user")
    return in_order_of_precedence(on_it).first()


def in_order_of_precedence(on_it: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Who moderates first: see ``moderator_of``."""
    members = PanelMember.objects.filter(panel=OuterRef("case__panel"), expert=OuterRef("expert"))
    ranked = on_it.annotate(
        presides=Exists(members.filter(is_chair=True)), gave_up=Exists(members.filter(gave_up_chair=True))
    )
    return ranked.order_by("-presides", "gave_up", "id")


def why_not_meet(case: PanelCase) -> str:
    """Why the panel cannot meet about a case yet or any more; empty when it can."""
    application = case.application
    if application.state == State.REVIEWED:
        ended = case.panel.state == Panel.State.CONCLUDED
        return (
            "专家组已结束评审，合议和意见都不再改动。确需更正的，由市局先重开这一件的评审。" if ended else ""
        )
    if application.state != State.UNDER_REVIEW:
        return f"该件现为“{application.get_state_display()}”，合议和意见都不再改动。"
    return every_sheet_submitted.reason(application)


def require_all_in(case: PanelCase, by: User) -> None:
    """Raises NotPossible; how many of the others have handed in is the bureau's to know."""
    problem = why_not_meet(case)
    if problem and case.application.state == State.UNDER_REVIEW and not is_municipal_handler(by):
        problem = "这一件的评分还没有交齐，或正在修改，交齐后再办理。"
    if problem:
        raise NotPossible([problem])


def open_discussion(case: PanelCase, *, by: User) -> PanelCase:
    """From now on each expert may change the own score with a reason. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = locked_case(case)
        require_moderator(locked, by, "open_discussion", "开始合议")
        if locked.application.state != State.UNDER_REVIEW:
            raise NotPossible([f"该件现为“{locked.application.get_state_display()}”，评分不再改动。"])
        require_all_in(locked, by)
        if locked.discussed_from:
            raise NotPossible(["这一件已经开始合议，不必再开始。"])
        locked.discussed_from = clock.now()
        locked.save(update_fields=["discussed_from"])
        event = events.record(locked.application, "open_discussion", by=by, label="开始合议")
        notify.enqueue(told_of_discussion(event, locked))
    return locked


def has_changed(sheet: ScoreSheet) -> bool:
    """Whether the expert has changed this sheet since the discussion began."""
    discussed_from = sheet.assignment.case.discussed_from
    changed = events.about(sheet).filter(action="reopen", outcome=Event.Outcome.DONE)
    return bool(discussed_from) and changed.filter(at__gte=discussed_from).exists()


def reopen(sheet: ScoreSheet, *, by: User, reason: str) -> ScoreSheet:
    """Let an expert change the own score after discussion, once: who could change it again and again would learn from what the
    page then says of the others. As it was, it is kept in the event. Raises NotPermitted or NotPossible.
    """
    if problem := too_short(reason):
        raise NotPossible([f"合议后修改评分的理由{problem}"])
    with transaction.atomic():
        locked = locked_with_case(sheet)
        if has_changed(locked):
            raise NotPossible(["合议后每人只能改一次评分。还需更正的，请联系市工业和信息化局解锁。"])
        return workflow.perform(locked, "reopen", by=by, note=reason, was=as_submitted(locked))


def discrepancy_of(case: PanelCase, scheme: SchemeSpec) -> Discrepancy:
    """What the moderator is told once every sheet is in."""
    sheets = sheets_of(case)
    totals = {str(one.pk): one.total for one in sheets if one.total is not None}
    spread = max(totals.values()) - min(totals.values()) if totals else Decimal(0)
    far = outliers(totals, scheme)
    if far:
        words = f"有评分与其他专家相差 {plain(scheme.outlier_distance)} 分及以上，请合议时说明理由"
    elif spread > CLOSE:
        words = "各位专家的评分有一定差距"
    else:
        words = "各位专家的评分接近"
    apart = {
        name: max(points) - min(points)
        for name, points in shares_by_criterion(sheets, scheme).items()
        if points
    }
    widest = max(apart, key=lambda name: apart[name], default="")
    return Discrepancy(bool(far) or spread > CLOSE, words, widest if apart.get(widest) else "")


def moderates(user: User, case: PanelCase) -> bool:
    moderator = moderator_of(case)
    return moderator is not None and moderator.expert.user_id == user.pk


def require_moderator(case: PanelCase, by: User, action: str, label: str) -> None:
    """The moderator; discussion may also be opened by the handler, at the chair's request. Behind the panel, whose chair may be changing."""
    Panel.objects.select_for_update(of=("self",), no_key=True).get(pk=case.panel_id)
    if moderates(by, case) or (action == "open_discussion" and is_municipal_handler(by)):
        return
    also = "，应组长请求也可以由市局" if action == "open_discussion" else ""
    sentence = f"{label}由专家组组长（组长回避的，由本件资历在先的专家）{also}办理，您没有这项权限。"
    raise refused(case.application, action, by=by, label=label, sentence=sentence)


def locked_case(case: PanelCase) -> PanelCase:
    """The case behind its application's row, behind which sheets are submitted and reviews end."""
    Application.objects.select_for_update(of=("self",)).get(pk=case.application_id)
    return PanelCase.objects.select_related("panel__round", "application__enterprise").get(pk=case.pk)


def sheets_of(case: PanelCase) -> dict[ScoreSheet, list[CriterionScore]]:
    """The sheets that count, each with its scores (one query)."""
    found = CriterionScore.objects.filter(
        sheet__assignment__case=case,
        sheet__assignment__state=Assignment.State.CLEAR,
        sheet__state=ScoreSheet.State.SUBMITTED,
    )
    sheets: dict[ScoreSheet, list[CriterionScore]] = {}
    for one in found.select_related("criterion", "sheet").order_by(
        "sheet__assignment", "criterion__position"
    ):
        sheets.setdefault(one.sheet, []).append(one)
    return sheets


def shares_by_criterion(
    sheets: Mapping[ScoreSheet, Sequence[CriterionScore]], scheme: SchemeSpec
) -> dict[str, list[Fraction]]:
    """Criterion's name → the share of its maximum that each sheet gives."""
    shares: dict[str, list[Fraction]] = {one.name: [] for one in scheme.criteria}
    for scored in sheets.values():
        for one in scored:
            if one.points is not None:
                shares[one.criterion.name].append(Fraction(one.points) / Fraction(one.criterion.maximum))
    return shares
