"""The order of a round: worked out live, frozen, its ties decided by people, its list proposed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.models import Application, Round
from applications.progress import badge
from core.http import attempt
from core.reasons import ReasonForm
from core.typed import asked_number, posted_text, too_long
from policy.ranking import Outcome
from review import ranking_freeze
from review.models import Ranking, RankingEntry, SiteVisit, TieDecision

PAGE_SIZE = 50
LONGEST_REASON = 1000


@dataclass
class Line:
    """One place of the order, frozen or not yet."""

    application: Application
    entry_pk: int | None
    rank_text: str
    score: Decimal
    category: str
    outcome: Outcome
    is_tied: bool
    note: str
    visit: SiteVisit | None
    badge: tuple[str, str, str]
    is_chosen: bool = False
    is_first_beyond: bool = False
    is_line: bool = False


@require_safe
def ranking(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


def _page(
    request: SignedInRequest,
    pk: int,
    *,
    typed: dict[str, Any] | None = None,
    unfreeze_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The order of a round; ``typed``: the choice among the tied and its reason that were refused."""
    round_ = get_object_or_404(Round.objects.select_related("scheme", "measure"), pk=pk)
    rankings = Ranking.objects.select_related(
        "frozen_by", "unfreezing__unfrozen_by", "round__scheme", "round__measure"
    ).filter(round=round_)
    given_up = [one for one in rankings if hasattr(one, "unfreezing")]
    frozen = next((one for one in rankings if one not in given_up), None)
    decision = (
        TieDecision.objects.select_related("decided_by").filter(ranking=frozen).first() if frozen else None
    )
    lines, seats_left = _frozen_lines(frozen, decision) if frozen else _live_lines(round_)
    shares = _shares(round_, lines)
    if not shares:
        _draw_line(lines)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    handler = is_municipal_handler(request.user)
    is_ranked = round_.kind == Round.Kind.RECOGNITION
    waiting = ranking_freeze.still_open(round_) if is_ranked and not frozen else []
    context: dict[str, Any] = {
        "round": round_,
        "frozen": frozen,
        "verification": ranking_freeze.verify(frozen) if frozen and "verify" in request.GET else None,
        "given_up": given_up[::-1],
        "why_not_unfreeze": ranking_freeze.why_not_unfreeze(frozen) if frozen else [],
        "unfreeze_form": unfreeze_form or _unfreeze_form(),
        "decision": decision,
        "chosen_lines": [line for line in lines if line.is_chosen],
        "page": page,
        "shares": shares,
        "count": len(lines),
        "tied": [line for line in lines if line.outcome is Outcome.TIED_AT_LINE],
        "seats_left": seats_left,
        "within": sum(line.outcome is Outcome.WITHIN for line in lines),
        "beyond": sum(line.outcome in (Outcome.BEYOND, Outcome.BELOW_MINIMUM) for line in lines),
        "why_not_freeze": ranking_freeze.why_not_freeze(round_, waiting) if not frozen else [],
        "waiting": waiting,
        "why_not_propose": ranking_freeze.why_not_propose(frozen, decision),
        "is_handler": handler,
        "typed": typed or {},
    }
    return render(request, "review/ranking.html", context, status=status)


def _visits(applications: list[Application]) -> dict[int, SiteVisit]:
    return {one.application_id: one for one in SiteVisit.objects.filter(application__in=applications)}


def _frozen_lines(frozen: Ranking, decision: TieDecision | None) -> tuple[list[Line], int]:
    entries = list(
        frozen.entries.select_related(
            "application__enterprise__district",
            "application__main_mode",
            "application__round",
            "application__current_version",
        )
        .defer("application__current_version__snapshot", "application__current_version__findings")
        .order_by("rank", "application__enterprise__credit_code")
    )
    chosen = set(decision.chosen) if decision else set()
    visits = _visits([one.application for one in entries])
    lines = [
        Line(
            one.application,
            one.pk,
            one.rank_text,
            one.score,
            one.category,
            _outcome(one, frozen.minimum),
            one.is_tied,
            one.explanation,
            visits.get(one.application_id),
            badge(one.application),
            one.pk in chosen,
        )
        for one in entries
    ]
    return lines, frozen.seats_left


def _outcome(entry: RankingEntry, minimum: Decimal | None) -> Outcome:
    if entry.is_within_quota:
        return Outcome.WITHIN
    if entry.is_on_quota_line:
        return Outcome.TIED_AT_LINE
    return Outcome.BELOW_MINIMUM if minimum is not None and entry.score < minimum else Outcome.BEYOND


def _live_lines(round_: Round) -> tuple[list[Line], int]:
    """The order as it would be frozen now (three queries)."""
    applications = ranking_freeze.reviewed(round_)
    order = ranking_freeze.placed(ranking_freeze.inputs_of(round_, applications))
    by_code = {one.enterprise.credit_code: one for one in applications}
    visits = _visits(applications)
    lines = [
        Line(
            by_code[one.key],
            None,
            one.rank_text,
            one.score,
            one.efficiency or "",
            one.outcome,
            one.is_tied,
            one.note,
            visits.get(by_code[one.key].pk),
            badge(by_code[one.key]),
        )
        for one in order.placements
    ]
    return lines, order.seats_left


def _shares(round_: Round, lines: list[Line]) -> list[dict[str, Any]]:
    """The channels with seats of their own: how many are taken, how many stand tied (one query)."""
    return [
        {
            "agency": one.agency,
            "number": one.number,
            "within": sum(
                line.outcome is Outcome.WITHIN
                for line in lines
                if line.application.channel_id == one.agency_id
            ),
            "tied": sum(
                line.outcome is Outcome.TIED_AT_LINE
                for line in lines
                if line.application.channel_id == one.agency_id
            ),
        }
        for one in round_.channel_quotas.select_related("agency")
    ]


def _draw_line(lines: list[Line]) -> None:
    """Mark where the quota line is drawn and where what is beyond it begins."""
    first = next((one for one in lines if one.outcome is not Outcome.WITHIN), None)
    if first is not None:
        first.is_line = True
    beyond = next((one for one in lines if one.outcome in (Outcome.BEYOND, Outcome.BELOW_MINIMUM)), None)
    if beyond is not None:
        beyond.is_first_beyond = True


@require_POST
def freeze(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    frozen = attempt(request, lambda: ranking_freeze.freeze(round_, by=request.user))
    if frozen:
        messages.success(request, f"排序已冻结，摘要 {frozen.digest[:8]}…，此后评分和排序都不再改动。")
    return redirect("ranking", pk)


@require_POST
def unfreeze(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the frozen order up, with a reason, as long as no list has been proposed from it."""
    frozen = get_object_or_404(_standing(), round=pk)
    form = _unfreeze_form(request.POST)
    if not form.is_valid():
        for sentence in form.errors["reason"]:
            messages.error(request, f"没有解除冻结：{sentence}")
        return _page(request, pk, unfreeze_form=form, status=422)
    reason = form.cleaned_data["reason"]
    if attempt(request, lambda: ranking_freeze.unfreeze(frozen, by=request.user, reason=reason)):
        messages.success(request, "已解除冻结，原排序和摘要留存。更正之后请重新冻结。")
    return redirect("ranking", pk)


def _unfreeze_form(data: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(data, prefix="unfreeze", required="请写明解除冻结的原因，会和原排序一起留存。")


def _standing() -> QuerySet[Ranking]:
    return Ranking.objects.standing().select_related("round")


@require_POST
def decide_tie(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record whom people chose among those tied at the line."""
    frozen = get_object_or_404(_standing(), round=pk)
    wanted = [asked_number(one) for one in request.POST.getlist("chosen")]
    chosen = list(frozen.entries.filter(pk__in=wanted).select_related("application__enterprise"))
    reason = posted_text(request.POST.get("reason"))
    if refusal := too_long("集体研究的理由", reason, LONGEST_REASON):
        messages.error(request, refusal)
        return _page(request, pk, typed={"chosen": wanted, "reason": reason}, status=422)
    if attempt(request, lambda: ranking_freeze.decide_tie(frozen, chosen, by=request.user, reason=reason)):
        messages.success(request, "集体研究结果已记录，可以提出拟认定名单。")
    return redirect("ranking", pk)


@require_POST
def proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Propose those within the quota (and those chosen at its line), leave out the others."""
    frozen = get_object_or_404(_standing(), round=pk)
    done = attempt(request, lambda: ranking_freeze.propose_list(frozen, by=request.user))
    if done:
        messages.success(
            request, f"拟认定名单已提出：{done[0]} 家列入，{done[1]} 家未列入。接下来提交局党组会议审议。"
        )
    return redirect("ranking", pk)
