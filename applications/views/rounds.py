"""The municipal handler watches the rounds and closes them (Art. 4, 5)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Agency
from accounts.roles import is_municipal_handler
from applications import board, case_tables, charts, listing
from applications.calls import call_badge
from applications.models import Application, Extension, Round
from applications.planning import last_of
from applications.reminders import remind_channel
from applications.rounds import remind as remind_holder
from applications.views.round_setup import preview
from core import clock, workflow
from core.counting import number_of
from core.duties import duties_of
from core.http import act
from core.typed import asked_number
from policy.models import Measure

PAGE_SIZE = 25
FIELDS = ("q", "channel", "holder", "state", "stay")  # others come from a chart's number and have no field
BADGES = {
    Round.State.PREPARING: ("pencil", "attention"),
    Round.State.OPEN: ("broadcast", "info"),
    Round.State.CLOSED: ("check2-all", "met"),
}


def badge(round_: Round) -> tuple[str, str, str]:
    """How far a round is; one that is called but has not begun says so, as the public reads it."""
    if round_.state == Round.State.OPEN and clock.now() < round_.opens_at:
        return call_badge(round_, clock.now())
    icon, tone = BADGES[Round.State(round_.state)]
    return round_.get_state_display(), icon, tone


@require_safe
def round_list(request: SignedInRequest) -> HttpResponse:
    found = Round.objects.select_related("measure").annotate(
        cases=number_of(Application.objects.exclude(state=Application.State.DRAFT), "round"),
        waiting=number_of(Application.objects.filter(state=Application.State.FORWARDED), "round"),
    )
    found = found.order_by("-year", "kind")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    last = last_of(Round.Kind.RECOGNITION)
    measures = [(one, one.validity().last_day) for one in Measure.objects.prefetch_related("renewals")]
    return render(
        request,
        "applications/rounds/list.html",
        {
            "page": page,
            "rows": [(one, badge(one)) for one in page],
            "measures": measures,
            "today": clock.today(),
            "now": clock.now(),
            "duties": duties_of(request.user),
            "has_this_year": last is not None and last.year >= clock.today().year,
            "last": last,
            "may_edit": is_municipal_handler(request.user),
        },
    )


@require_POST
def close_round(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    act(request, round_, "close", done=f"{round_}已办结。")
    return redirect("round-board", pk)


@require_safe
def round_board(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round.objects.select_related("measure", "scheme"), pk=pk)
    if round_.state == Round.State.PREPARING:
        return preview(request, round_)
    is_open = round_.state == Round.State.OPEN
    if is_open:
        given = Extension.objects.exclude(deadline=Extension.Deadline.CORRECTION)
        prefetch_related_objects([round_], Prefetch("extensions", given.with_names()))
    window = board.window_of(round_)
    context = {
        "round": round_,
        "badge": badge(round_),
        "steps": board.steps(round_, window),
        "window": window,
        "options": workflow.options(round_, request.user, "close"),
        "may_act": is_municipal_handler(request.user),
    }
    tally, stuck = board.tally(round_), board.stuck(round_)
    letters = sum(one.application is None for one in stuck)
    context |= {
        "cases_url": reverse("round-cases", args=[round_.pk]),
        "tally": tally,
        "stuck": stuck,
        "stuck_total": tally.stuck + letters,
        "stuck_words": board.STUCK_WORDS["yes"],
        "extensions": round_.extensions.all() if is_open else [],
        "expires": board.expiring(round_.measure.validity(), window),
    }
    return render(request, "applications/rounds/board.html", context)


@require_safe
def round_charts(request: SignedInRequest, pk: int) -> HttpResponse:
    """The charts with their tables; the board shows them too, once somebody scrolls to them."""
    round_ = get_object_or_404(Round.objects.public(), pk=pk)
    context = {"round": round_, "charts": charts.charts(round_), "now": clock.now()}
    return render(request, "applications/rounds/charts.html", context)


@require_safe
def round_cases(request: SignedInRequest, pk: int) -> HttpResponse:
    """The cases behind a number of the board."""
    round_ = get_object_or_404(Round, pk=pk)
    filters = case_tables.filters_of(case_tables.CASES, request.GET, by=request.user)
    asked = {one.name: one.value for one in filters}
    found = board.cases_behind(round_, request.user, asked)
    channels = list(Agency.objects.channels())
    known: listing.Known = {"round": [round_], "channel": channels}
    page = listing.page_of(found, request.GET.get("page"), total=found.count(), known=known)
    required = {round_.pk: round_.attachment_requirements.count()}
    narrowing = [one for one in filters if one.name not in FIELDS]
    draft = Application.State.DRAFT
    return render(
        request,
        "applications/rounds/cases.html",
        {
            "round": round_,
            "badge": badge(round_),
            "page": page,
            "rows": listing.lines(page.object_list, required),
            "asked": asked,
            "channels": channels,
            "states": [(state.value, state.label) for state in Application.State if state is not draft],
            "holders": board.HOLDER_WORDS.items(),
            "stays": board.STAY_WORDS.items(),
            "narrowed": "，".join(one.words for one in narrowing),
            "narrowing": narrowing,
            "is_filtered": bool(filters),
        },
    )


@require_POST
def export_board(request: SignedInRequest, pk: int) -> HttpResponse:
    """The whole board as a workbook."""
    round_ = get_object_or_404(Round.objects.public(), pk=pk)
    document = case_tables.ask(case_tables.BOARD, round_, asked={}, what="批次总览", by=request.user)
    return redirect("document", document.pk)


@require_POST
def export_cases(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list behind a number of the board as a workbook, with the filters of the address."""
    round_ = get_object_or_404(Round, pk=pk)
    document = case_tables.ask(case_tables.CASES, round_, asked=request.GET, what="申报列表", by=request.user)
    return redirect("document", document.pk)


@require_POST
def remind_all(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remind a channel of all that it and its enterprises hold, but of no case twice a day."""
    round_ = get_object_or_404(Round, pk=pk)
    channel = get_object_or_404(Agency.objects.channels(), pk=asked_number(request.POST.get("channel")))
    number = remind_channel(round_, channel, by=request.user)
    if number:
        messages.success(request, f"已提醒{channel}及其企业：{number} 件。今天提醒过的不再重复。")
    else:
        messages.info(request, f"{channel}没有要提醒的：在办的今天都已提醒过，或都不在其手上。")
    return redirect("round-board", pk)


@require_POST
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remind whoever holds a case; the same person is told about the same case at most once a day."""
    round_ = get_object_or_404(Round, pk=pk)
    cases = Application.objects.visible_to(request.user).in_round(round_).filter(state__in=board.STUCK_STATES)
    application = get_object_or_404(
        cases.select_related("enterprise", "channel", "round"),
        pk=asked_number(request.POST.get("application")),
    )
    holder, people = remind_holder(application, by=request.user)
    names = "、".join(one.name for one in people) or "没有可提醒的人"
    messages.success(request, f"已提醒{holder}：{names}。同一件每人每天最多提醒一次。")
    return redirect("round-board", pk)
