"""The municipal handler sets a round up, opens it and watches it (Art. 4, 5)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Agency
from accounts.roles import is_municipal_handler
from applications import board, listing
from applications.forms.rounds import RenewalForm, RoundForm, proposal
from applications.models import Application, Round
from applications.rounds import remind as remind_holder
from applications.rounds import set_up
from core import clock, events, workflow
from core.counting import number_of
from core.duties import duties_of
from core.http import act
from core.typed import asked_number
from policy.models import Measure, MeasureRenewal

PAGE_SIZE = 25
BADGES = {
    Round.State.PREPARING: ("pencil", "attention"),
    Round.State.OPEN: ("broadcast", "info"),
    Round.State.CLOSED: ("check2-all", "met"),
}


def badge(round_: Round) -> tuple[str, str, str]:
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
            "has_this_year": any(
                one.year == clock.today().year and one.kind == Round.Kind.RECOGNITION for one in page
            ),
            "may_edit": is_municipal_handler(request.user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    asked = request.GET.get("kind", "")
    kind = asked if asked in Round.Kind.values else Round.Kind.RECOGNITION.value
    initial, minimums = proposal(kind)
    form = RoundForm(request.POST or None, initial=initial, minimums=minimums)
    return _edit(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        round_ = get_object_or_404(Round.objects.select_for_update(), pk=pk)
        if round_.state != Round.State.PREPARING:
            messages.error(request, f"{round_}已发布申报通知，管理办法、日期和附件要求不能再改。")
            return redirect("round-board", pk)
        minimums = dict(round_.attachment_requirements.values_list("kind", "minimum"))
        return _edit(request, RoundForm(request.POST or None, instance=round_, minimums=minimums))


def _edit(request: SignedInRequest, form: RoundForm) -> HttpResponse:
    is_new = form.instance.pk is None
    if request.method == "POST" and form.is_valid():
        round_ = set_up(form.save(commit=False), form.minimums(), by=request.user)
        deadlines = {
            "企业申报截止": round_.enterprise_deadline,
            "区市、协会报送截止": round_.district_deadline,
            "纸质材料截止": round_.paper_deadline,
        }
        for sentence in board.rest_day_hints(deadlines):
            messages.warning(request, sentence)
        messages.success(request, "批次已保存。请核对后发布申报通知。")
        return redirect("round-board", round_.pk)
    measure = asked_number(str(form["measure"].value()))
    lapsed = Measure.objects.filter(pk=measure).first() if form.errors.get("measure") else None
    return render(
        request,
        "applications/rounds/edit.html",
        {"form": form, "round": form.instance, "is_new": is_new, "lapsed": lapsed},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def record_renewal(request: SignedInRequest, measure_pk: int) -> HttpResponse:
    """Record the document that prolongs a measure; from the day it was issued rounds may be dated under it."""
    measure = get_object_or_404(Measure.objects.prefetch_related("renewals"), pk=measure_pk)
    form = RenewalForm(request.POST or None, instance=MeasureRenewal(measure=measure))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            renewal = form.save()
            events.record(
                measure,
                "record_renewal",
                by=request.user,
                label="登记有效期延续文件",
                note=f"{renewal.document_number}，有效期至{renewal.valid_until}",
            )
        messages.success(request, f"已登记{renewal.document_number}，现在可以据此开展批次。")
        return redirect("round-list")
    return render(
        request,
        "applications/rounds/renewal.html",
        {"form": form, "measure": measure, "renewals": measure.renewals.all()},
        status=422 if form.errors else 200,
    )


@require_POST
def open_round(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    act(request, round_, "open", done=f"{round_}已发布，企业可以开始申报。")
    return redirect("round-board", pk)


@require_POST
def close_round(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    act(request, round_, "close", done=f"{round_}已办结。")
    return redirect("round-board", pk)


@require_safe
def round_board(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round.objects.select_related("measure", "scheme"), pk=pk)
    window = board.window_of(round_)
    context = {
        "round": round_,
        "badge": badge(round_),
        "steps": board.steps(round_, window),
        "window": window,
        "options": workflow.options(round_, request.user, "open", "close"),
        "may_act": is_municipal_handler(request.user),
    }
    if round_.state == Round.State.PREPARING:
        context["requirements"] = round_.attachment_requirements.all()
        return render(request, "applications/rounds/prepare.html", context)
    context |= {
        "tally": board.tally(round_),
        "stuck": board.stuck(round_),
        "expires": board.expiring(round_.measure.validity(), window),
        "stuck_days": board.STUCK_DAYS,
    }
    return render(request, "applications/rounds/board.html", context)


@require_safe
def round_cases(request: SignedInRequest, pk: int) -> HttpResponse:
    """The cases behind a number of the board."""
    round_ = get_object_or_404(Round, pk=pk)
    asked = request.GET
    cases = Application.objects.visible_to(request.user).in_round(round_)
    found = listing.filtered(cases, asked)
    if channel := asked_number(asked.get("channel")):
        found = found.filter(channel=channel)
    page = listing.page_of(found, asked.get("page"))
    required = {round_.pk: round_.attachment_requirements.count()}
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
            "channels": Agency.objects.exclude(kind=Agency.Kind.MUNICIPAL),
            "states": [(state.value, state.label) for state in Application.State if state is not draft],
            "is_filtered": any(asked.get(name) for name in ("q", "state", "channel")),
        },
    )


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
