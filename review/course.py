"""The course of a review: begun, ended case by case and panel by panel, opened again (第十六条)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Max, Min, Q

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Application, Round
from applications.versions import digest_of
from core import events, notify, workflow
from core.reasons import too_short
from core.workflow import NotPossible
from policy.ranking import dropped_of, trimmed_mean
from policy.scoring import SchemeSpec, grade
from review.models import Assignment, Panel, PanelCase, ScoreSheet
from review.notifications import told_of_reopening
from review.opinions import unsigned_digest, unsigned_of


def counted_totals(case: PanelCase) -> list[Decimal]:
    """The totals that count: submitted, by experts who are still on the case."""
    totals = ScoreSheet.objects.filter(
        assignment__case=case,
        assignment__state=Assignment.State.CLEAR,
        state=ScoreSheet.State.SUBMITTED,
    ).values_list("total", flat=True)
    return [total for total in totals if total is not None]


def conclude(
    application: Application, *, by: User, undiscussed: Mapping[int, Decimal] | None = None
) -> Application:
    """End the review of one case: its score is the mean after trimming. Raises NotPermitted or NotPossible.

    ``undiscussed``: case → how far `apart` its sheets were when somebody said that they need no discussion; None: nobody was asked.
    """
    case = PanelCase.objects.select_related("panel__round__scheme").filter(application=application).first()
    if case is None:
        raise NotPossible(["这一件尚未分到专家组，没有可以汇总的评分。"])
    scheme = case.panel.round.scheme.spec()
    with transaction.atomic():
        # Sheets are submitted and experts step aside behind this row, so that the totals stay what the door finds.
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        case.refresh_from_db(fields=["discussed_from"])
        totals = counted_totals(case)
        score = trimmed_mean(totals, scheme.dropped_each_end)
        apart = max(totals) - min(totals) if totals else Decimal()
        is_far = apart >= scheme.outlier_distance and not case.discussed_from
        note = f"最高最低相差 {apart} 分，没有合议" if is_far else ""
        concluded = workflow.perform(application, "conclude_review", by=by, note=note, score=score)
        # Only of a case that can end otherwise: one that cannot is told its own reasons by the door.
        if is_far and undiscussed is not None and undiscussed.get(case.pk) != apart:
            raise NotPossible(["评分或合议情况在您确认之后又有变化，请重新核对后再结束。"])
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
        case = PanelCase.objects.select_related("panel", "application__enterprise").get(
            application=application
        )
        if case.opinion_at:
            event = events.about(application).filter(action="reopen_review").latest("id")
            notify.enqueue(told_of_reopening(event, case))
        PanelCase.objects.filter(pk=case.pk).update(
            opinion="", opinion_by=None, opinion_at=None, discussed_from=None
        )
        if case.panel.state == Panel.State.CONCLUDED:
            workflow.perform(case.panel, "reopen", by=by, note=reason)
    return reopened


def opinion_draft(totals: Iterable[Decimal], score: Decimal, scheme: SchemeSpec) -> str:
    """The panel's opinion as the sheets give it; the panel may write more."""
    counted = list(totals)
    falls = dropped_of(len(counted), scheme.dropped_each_end)
    dropped = f"去掉最高、最低各 {falls} 份后" if falls else ""
    return f"经 {len(counted)} 位专家独立评分，{dropped}平均 {score:.2f} 分，等次为{grade(score, scheme).label}。"


def start_panel(panel: Panel, *, by: User) -> tuple[int, dict[str, list[str]]]:
    """Begin the review of every case that is ready. Gives how many began, and the reasons of the others by enterprise."""
    require_municipal_handler(by, panel, "start", "开始评审")
    return _for_each_case(
        panel, Application.State.ACCEPTED, lambda one: workflow.perform(one, "start_review", by=by)
    )


def conclude_panel(
    panel: Panel,
    *,
    by: User,
    unsigned: str = "",
    seen: str | None = None,
    undiscussed: Mapping[int, Decimal] | None = None,
) -> tuple[int, dict[str, list[str]]]:
    """End the review of every case that can end and, when none is left open, that of the panel: else its reason is given too.

    ``undiscussed``: see ``conclude``. ``unsigned``: why not every expert has signed the opinions, where that is so; ``seen``: the digest of those that it is said of.
    """
    require_municipal_handler(by, panel, "conclude", "结束评审")
    done, held = _for_each_case(
        panel, Application.State.UNDER_REVIEW, lambda one: conclude(one, by=by, undiscussed=undiscussed)
    )
    if not held and panel.state == Panel.State.SEATED:
        try:
            _end(panel, by, unsigned, seen)
        except NotPossible as refusal:
            # Cases that have not begun yet; those that ended have ended all the same.
            held[panel.name] = refusal.reasons
    return done, held


@dataclass(frozen=True)
class Undiscussed:
    """A case whose highest and lowest totals lie ``apart`` by the scheme's distance of outliers or more, and nobody has met about it."""

    case: PanelCase
    apart: Decimal


def undiscussed_of(panel: Panel) -> list[Undiscussed]:
    """Those of its cases that could end now (one query, and the conditions of each case found)."""
    counts = Q(
        assignments__state=Assignment.State.CLEAR, assignments__sheet__state=ScoreSheet.State.SUBMITTED
    )
    total = "assignments__sheet__total"
    apart = Max(total, filter=counts) - Min(total, filter=counts)
    open_ones = panel.cases.filter(application__state=Application.State.UNDER_REVIEW, discussed_from=None)
    found = open_ones.annotate(handed_in=Count("assignments", filter=counts), apart=apart).filter(
        handed_in__gte=panel.round.panel_size, apart__gte=panel.round.scheme.outlier_distance
    )
    cases = found.select_related("application__enterprise", "application__round__scheme").order_by("id")
    return [
        Undiscussed(one, one.apart)
        for one in cases
        if not workflow.why_not(one.application, "conclude_review")
    ]


def undiscussed_digest(open_ones: Sequence[Undiscussed]) -> str:
    """What a page carries of the list it showed."""
    return digest_of([[one.case.pk, str(one.apart)] for one in open_ones])


def _end(panel: Panel, by: User, unsigned: str, seen: str | None) -> None:
    with transaction.atomic():
        # Opinions are put and signed behind the rows of their cases; rounds come before these, as where a case is opened again.
        Round.objects.select_for_update(of=("self",)).get(pk=panel.round_id)
        cases = Application.objects.filter(panel_case__panel=panel).order_by("pk")
        list(cases.select_for_update(of=("self",)).values_list("pk"))
        locked = Panel.objects.select_for_update(of=("self",)).get(pk=panel.pk)
        open_ones = unsigned_of(locked)
        if open_ones and unsigned:
            if problem := too_short(unsigned):
                raise NotPossible([f"审核意见未全部签署的原因{problem}"])
            if seen is not None and seen != unsigned_digest(open_ones):
                raise NotPossible(["签署情况在您打开这一页之后又有变化，请核对后再结束。"])
            locked.unsigned = unsigned
            locked.save(update_fields=["unsigned"])
        told = [[one.case.pk, one.signed, one.wanted] for one in open_ones]
        workflow.perform(locked, "conclude", by=by, note=locked.unsigned, unsigned=told)


def _for_each_case(panel: Panel, state: str, act) -> tuple[int, dict[str, list[str]]]:
    done, held = 0, {}
    for case in panel.cases.filter(application__state=state).select_related("application__enterprise"):
        try:
            act(case.application)
            done += 1
        except NotPossible as refusal:
            held[str(case.application.enterprise)] = refusal.reasons
    return done, held
