"""The panel's opinion on a case: drafted from the sheets, edited and put by the moderator, signed by each expert (第十六条)."""

import re
from dataclasses import dataclass
from datetime import UTC
from fractions import Fraction

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from accounts.models import User
from applications.models import Application
from applications.versions import digest_of
from core import clock, events, notify
from core.models import Event
from core.reasons import too_short
from core.workflow import NotPossible, refused
from policy.ranking import trimmed_mean
from policy.scoring import SchemeSpec, grade
from review.meeting import (
    in_order_of_precedence,
    locked_case,
    require_all_in,
    require_moderator,
    shares_by_criterion,
    sheets_of,
)
from review.models import Assignment, OpinionSignature, Panel, PanelCase, ScoreSheet, SiteVisit
from review.naming import names_around, without_names
from review.notifications import told_of_opinion
from review.scores import OPINION_LIMIT

State = Application.State
TELLS_SCORE = re.compile(r"\d\s*分")
GOOD, WEAK = Fraction(80, 100), Fraction(70, 100)  # of a criterion's maximum, on average


def draft_opinion(case: PanelCase, scheme: SchemeSpec) -> str:
    """The panel's opinion as the sheets give it, without numbers and names, to be edited."""
    sheets = sheets_of(case)
    totals = [one.total for one in sheets if one.total is not None]
    mean = trimmed_mean(totals, scheme.dropped_each_end)
    how = "独立评分并合议" if case.discussed_from else "独立评分"
    lines = [f"经 {len(sheets)} 位专家{how}，等次为{grade(mean, scheme).label}。" if mean is not None else ""]
    shares = {
        name: sum(points, Fraction(0)) / len(points)
        for name, points in shares_by_criterion(sheets, scheme).items()
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
        found = f"，{visit.discrepancies.strip().rstrip('。')}" if visit.differs else ""
        lines.append(f"现场考察：{visit.get_conclusion_display()}{found}。")
    return "\n".join(line for line in lines if line)[:OPINION_LIMIT]


def last_put(case: PanelCase) -> str:
    """The words that were put before the experts last, also when they no longer stand (one query)."""
    put = events.about(case.application).filter(action="write_opinion", outcome=Event.Outcome.DONE)
    last = put.order_by("id").last()
    return last.details["after"] if last else ""


def write_opinion(case: PanelCase, text: str, *, by: User) -> PanelCase:
    """Put the opinion before the experts for their signatures; a changed one is signed anew. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = locked_case(case)
        require_moderator(locked, by, "write_opinion", "提请签署审核意见")
        require_all_in(locked, by)
        if not text.strip():
            raise NotPossible(["请写明专家组的审核意见。"])
        if problem := too_short(text):
            raise NotPossible([f"专家组的审核意见{problem}"])
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
        locked = locked_case(assignment.case)
        if not locked.opinion_at:
            raise NotPossible(["专家组的审核意见还没有提请签署，或有改动、正在重拟。"])
        require_all_in(locked, by)
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
    """A case whose opinion as it reads now has fewer signatures than it has experts."""

    case: PanelCase
    signed: int
    wanted: int


def unsigned_of(panel: Panel) -> list[Unsigned]:
    """Its reviewed cases whose opinion not every expert on them has signed (two queries)."""
    cases = panel.cases.filter(application__state=State.REVIEWED).order_by("id")
    at_work = Count("assignments", filter=Q(assignments__state=Assignment.State.CLEAR))
    given: dict[int, list[str]] = {}
    signatures = OpinionSignature.objects.by_those_at_work().filter(case__panel=panel)
    for case_id, digest in signatures.values_list("case", "digest"):
        given.setdefault(case_id, []).append(digest)
    told = cases.annotate(at_work=at_work).select_related("application__enterprise")
    shown = ("panel", "opinion", "opinion_at", "application__enterprise__name")
    found = [
        Unsigned(one, given.get(one.pk, []).count(opinion_digest(one)), one.at_work)
        for one in told.only(*shown)
    ]
    return [one for one in found if one.signed < one.wanted]


def unsigned_digest(open_ones: list[Unsigned]) -> str:
    """What a page carries of the list it showed."""
    return digest_of([[one.case.pk, one.signed, one.wanted] for one in open_ones])


def to_sign() -> Q:
    """Of assignments: an opinion has been put before the expert since the last signature, if there is one."""
    signed = OpinionSignature.objects.filter(
        case=OuterRef("case"), expert=OuterRef("expert"), signed_at__gte=OuterRef("case__opinion_at")
    )
    return Q(state=Assignment.State.CLEAR, case__opinion_at__isnull=False) & ~Q(Exists(signed))


def to_draft() -> Q:
    """Of assignments: every sheet of the case is in, and this expert, who moderates it, has still to put an opinion."""
    at_work = Assignment.objects.filter(case=OuterRef("case"), state=Assignment.State.CLEAR)
    handed_in = at_work.filter(sheet__state=ScoreSheet.State.SUBMITTED).order_by().values("case")
    count = Subquery(handed_in.annotate(count=Count("pk")).values("count"))
    moderator = Subquery(in_order_of_precedence(at_work).values("pk")[:1])
    own = Q(state=Assignment.State.CLEAR) & Q(sheet__state=ScoreSheet.State.SUBMITTED)
    open_case = Q(case__application__state__in=[State.UNDER_REVIEW, State.REVIEWED])
    open_case &= Q(case__panel__state=Panel.State.SEATED)
    # What is looked up for each row comes last: the database keeps to this order.
    return (
        own
        & Q(case__opinion_at=None)
        & open_case
        & Q(case__panel__round__panel_size__lte=count)
        & Q(pk=moderator)
    )
