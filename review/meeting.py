"""The panel's meeting on a case: discussion, own scores changed with a reason, the opinion drafted, edited and signed.

Nobody sees another's name or score here either: the moderator learns how far apart the sheets are in words, not in numbers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from accounts.roles import is_municipal_handler
from applications.models import Application, Round
from applications.versions import digest_of
from core import clock, events, notify, workflow
from core.models import Event
from core.reasons import too_short
from core.workflow import NotPossible, refused
from policy.ranking import trimmed_mean
from policy.scoring import SchemeSpec, grade, outliers, plain
from review.conditions import every_sheet_submitted
from review.models import (
    Assignment,
    CriterionScore,
    OpinionSignature,
    PanelCase,
    PanelMember,
    ScoreSheet,
    SiteVisit,
)
from review.naming import names_around, without_names
from review.notifications import told_of_discussion, told_of_opinion
from review.scores import OPINION_LIMIT, as_submitted, locked_with_case

State = Application.State
CLOSE = Decimal(5)  # points from the highest to the lowest total within which nobody needs to talk
TELLS_SCORE = re.compile(r"\d\s*分")
GOOD, WEAK = Fraction(80, 100), Fraction(70, 100)  # of a criterion's maximum, on average


@dataclass(frozen=True)
class Discrepancy:
    """How far apart the sheets of a case are, in words; and the criterion on which they differ most."""

    is_wide: bool
    words: str
    criterion: str


def moderator_of(case: PanelCase) -> Assignment | None:
    """The chair; where the chair is not on the case, the expert who has been on it longest (one query)."""
    chair = PanelMember.objects.filter(panel=case.panel_id, is_chair=True, expert=OuterRef("expert"))
    on_it = case.assignments.filter(state=Assignment.State.CLEAR).select_related("expert__user")
    return on_it.annotate(presides=Exists(chair)).order_by("-presides", "id").first()


def why_not_meet(case: PanelCase) -> str:
    """Why the panel cannot meet about a case yet or any more; empty when it can."""
    application = case.application
    if application.state == State.REVIEWED and not application.ranking_entries.standing().exists():
        return ""
    if application.state != State.UNDER_REVIEW:
        return f"该件现为“{application.get_state_display()}”，合议和意见都不再改动。"
    return every_sheet_submitted.reason(application)


def _require_all_in(case: PanelCase, by: User) -> None:
    """Raises NotPossible; how many of the others have handed in is the bureau's to know."""
    problem = why_not_meet(case)
    if problem and case.application.state == State.UNDER_REVIEW and not is_municipal_handler(by):
        problem = "这一件的评分还没有交齐，或正在修改，交齐后再办理。"
    if problem:
        raise NotPossible([problem])


def open_discussion(case: PanelCase, *, by: User) -> PanelCase:
    """From now on each expert may change the own score with a reason. Raises NotPermitted or NotPossible."""
    _require_moderator(case, by, "open_discussion", "开始合议")
    with transaction.atomic():
        locked = _locked(case)
        if locked.application.state != State.UNDER_REVIEW:
            raise NotPossible([f"该件现为“{locked.application.get_state_display()}”，评分不再改动。"])
        _require_all_in(locked, by)
        if locked.discussed_from:
            raise NotPossible(["这一件已经开始合议，不必再开始。"])
        locked.discussed_from = clock.now()
        locked.save(update_fields=["discussed_from"])
        event = events.record(locked.application, "open_discussion", by=by, label="开始合议")
        notify.enqueue(told_of_discussion(event, locked))
    return locked


def reopen(sheet: ScoreSheet, *, by: User, reason: str) -> ScoreSheet:
    """Let an expert change the own score after discussion, once: who could change it again and again would learn from what the
    page then says of the others. As it was, it is kept in the event. Raises NotPermitted or NotPossible.
    """
    if problem := too_short(reason):
        raise NotPossible([f"合议后修改评分的理由{problem}"])
    with transaction.atomic():
        locked = locked_with_case(sheet)
        discussed_from = locked.assignment.case.discussed_from
        changed = events.about(locked).filter(action="reopen", outcome=Event.Outcome.DONE)
        if discussed_from and changed.filter(at__gte=discussed_from).exists():
            raise NotPossible(["合议后每人只能改一次评分。还需更正的，请联系市工业和信息化局解锁。"])
        return workflow.perform(locked, "reopen", by=by, note=reason, was=as_submitted(locked))


def discrepancy_of(case: PanelCase, scheme: SchemeSpec) -> Discrepancy:
    """What the moderator is told; only once every sheet is in."""
    sheets = _sheets(case)
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
        name: max(points) - min(points) for name, points in _by_criterion(sheets, scheme).items() if points
    }
    widest = max(apart, key=lambda name: apart[name], default="")
    return Discrepancy(bool(far) or spread > CLOSE, words, widest if apart.get(widest) else "")


def draft_opinion(case: PanelCase, scheme: SchemeSpec) -> str:
    """The panel's opinion as the sheets give it, without numbers and names, to be edited."""
    sheets = _sheets(case)
    totals = [one.total for one in sheets if one.total is not None]
    mean = trimmed_mean(totals, scheme.dropped_each_end)
    how = "独立评分并合议" if case.discussed_from else "独立评分"
    lines = [f"经 {len(sheets)} 位专家{how}，等次为{grade(mean, scheme).label}。" if mean is not None else ""]
    shares = {
        name: sum(points, Fraction(0)) / len(points)
        for name, points in _by_criterion(sheets, scheme).items()
        if points
    }
    if good := [name for name, share in shares.items() if share >= GOOD]:
        lines.append(f"较好的方面：{'、'.join(good)}。")
    if weak := [name for name, share in shares.items() if share < WEAK]:
        lines.append(f"有待加强的方面：{'、'.join(weak)}。")
    names = names_around(case)
    comments = {
        without_names(names, one.comment.strip()) for one in sheets if not TELLS_SCORE.search(one.comment)
    }
    if said := sorted(one.rstrip("。；") for one in comments if one):
        lines.append(f"专家意见：{'；'.join(said)}。")
    visit = SiteVisit.objects.filter(application=case.application_id).first()
    if visit and visit.is_needed and visit.is_settled:
        found = f"，{visit.discrepancies.strip().rstrip('。')}" if visit.discrepancies.strip() else ""
        lines.append(f"现场考察：{visit.get_conclusion_display()}{found}。")
    return "\n".join(line for line in lines if line)[:OPINION_LIMIT]


def write_opinion(case: PanelCase, text: str, *, by: User) -> PanelCase:
    """Put the opinion before the experts for their signatures; a changed one is signed anew. Raises NotPermitted or NotPossible."""
    _require_moderator(case, by, "write_opinion", "提请签署审核意见")
    with transaction.atomic():
        locked = _locked(case)
        _require_all_in(locked, by)
        if not text.strip():
            raise NotPossible(["请写明专家组的审核意见。"])
        if len(text) > OPINION_LIMIT:
            raise NotPossible(
                [
                    f"审核意见最多 {OPINION_LIMIT} 字，现为 {len(text)} 字，请删减 {len(text) - OPINION_LIMIT} 字。"
                ]
            )
        before = locked.opinion
        locked.opinion, locked.opinion_by, locked.opinion_at = text.strip(), by, clock.now()
        locked.save(update_fields=["opinion", "opinion_by", "opinion_at"])
        event = events.record(
            locked.application,
            "write_opinion",
            by=by,
            label="提请签署审核意见",
            before=before,
            after=locked.opinion,
        )
        notify.enqueue(told_of_opinion(event, locked))
    return locked


def sign_opinion(assignment: Assignment, *, by: User, seen: str) -> OpinionSignature:
    """An expert agrees to the opinion that was ``seen``. Raises NotPermitted or NotPossible."""
    if assignment.expert.user_id != by.pk or assignment.state != Assignment.State.CLEAR:
        sentence = "审核意见由评审这一件的专家本人签署。"
        raise refused(
            assignment.case.application, "sign_opinion", by=by, label="签署审核意见", sentence=sentence
        )
    with transaction.atomic():
        locked = _locked(assignment.case)
        if not locked.opinion_at:
            raise NotPossible(["专家组的审核意见还没有提请签署，或有改动、正在重拟。"])
        _require_all_in(locked, by)
        digest = opinion_digest(locked)
        if seen != digest:
            raise NotPossible(["审核意见在您打开这一页之后改过，请看过新的意见再签署。"])
        signature, created = OpinionSignature.objects.get_or_create(
            case=locked, expert=assignment.expert, digest=digest
        )
        if created:
            events.record(locked.application, "sign_opinion", by=by, label="签署审核意见", digest=digest)
    return signature


def opinion_digest(case: PanelCase) -> str:
    """Of the opinion as it was put before the experts: what is put again, even in the same words, is signed again."""
    put_at = case.opinion_at.astimezone(UTC).isoformat() if case.opinion_at else ""
    return digest_of([case.pk, case.opinion, put_at])


def signatures_of(case: PanelCase) -> list[OpinionSignature]:
    """Those that stand: to the opinion as it reads now, by experts who are still on the case (one query)."""
    return list(case.signatures.by_those_at_work().filter(digest=opinion_digest(case)).order_by("id"))


@dataclass(frozen=True)
class Unsigned:
    """A case of a round whose opinion as it reads now has fewer signatures than it has experts."""

    case: PanelCase
    signed: int
    wanted: int


def unsigned_of(round_: Round) -> list[Unsigned]:
    """The reviewed cases whose opinion not every expert on them has signed (three queries)."""
    cases = PanelCase.objects.filter(application__round=round_, application__state=State.REVIEWED)
    at_work = Count("assignments", filter=Q(assignments__state=Assignment.State.CLEAR))
    given: dict[int, list[str]] = {}
    signatures = OpinionSignature.objects.by_those_at_work().filter(case__in=cases)
    for case_id, digest in signatures.values_list("case", "digest"):
        given.setdefault(case_id, []).append(digest)
    found = [
        Unsigned(one, given.get(one.pk, []).count(opinion_digest(one)), one.at_work)
        for one in cases.annotate(at_work=at_work).select_related("application__enterprise")
    ]
    return [one for one in found if one.signed < one.wanted]


def moderates(user: User, case: PanelCase) -> bool:
    moderator = moderator_of(case)
    return moderator is not None and moderator.expert.user_id == user.pk


def _require_moderator(case: PanelCase, by: User, action: str, label: str) -> None:
    """The moderator; discussion may also be opened by the handler, at the chair's request."""
    if moderates(by, case) or (action == "open_discussion" and is_municipal_handler(by)):
        return
    sentence = f"{label}由专家组组长（组长回避的，由本件资历在先的专家）办理，您没有这项权限。"
    raise refused(case.application, action, by=by, label=label, sentence=sentence)


def _locked(case: PanelCase) -> PanelCase:
    """The case behind its application's row, behind which sheets are submitted and reviews end."""
    Application.objects.select_for_update(of=("self",)).get(pk=case.application_id)
    return PanelCase.objects.select_related("panel__round", "application__enterprise").get(pk=case.pk)


def _sheets(case: PanelCase) -> dict[ScoreSheet, list[CriterionScore]]:
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


def _by_criterion(
    sheets: Mapping[ScoreSheet, Sequence[CriterionScore]], scheme: SchemeSpec
) -> dict[str, list[Fraction]]:
    """Criterion's name → the share of its maximum that each sheet gives."""
    shares: dict[str, list[Fraction]] = {one.name: [] for one in scheme.criteria}
    for scored in sheets.values():
        for one in scored:
            if one.points is not None:
                shares[one.criterion.name].append(Fraction(one.points) / Fraction(one.criterion.maximum))
    return shares
