"""What an enterprise's people see first: what is to be done, by when, and where each case stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import profile
from accounts.acting import enterprise_of_page
from accounts.http import SignedInRequest
from accounts.models import Agency, Enterprise, Membership
from accounts.roles import confirmed_enterprises_of
from applications import beginning, carrying, progress, titles
from applications.extensions import as_seen_by
from applications.models import Application, CorrectionItem, Round
from applications.models.application import ApplicationQuerySet
from applications.views.enterprise_cases import Case, own_application
from core import clock, handover
from core.http import attempt
from core.models import Event
from core.typed import asked_number
from core.workflow import NotPossible

PAGE_SIZE = 25
CORRECT = ("待补正", "arrow-return-left", "attention")
SUBMIT = ("待提交", "pencil", "info")
RE_REVIEW = ("待参加", "arrow-repeat", "attention")
CHOOSE_CHANNEL = "请选择申报渠道：所在区市主管部门，或一家行业协会（第十四条），只能选一个。"
OPEN = ("可以申报", "door-open", "info")


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    at = clock.now()
    enterprise = enterprise_of_page(request)
    applications = list(_applications_of(enterprise)[:PAGE_SIZE])
    log = _events_of(applications)
    cases = [Case.of(one, log.get(one.pk, []), at=at) for one in applications]
    offers = _offers(enterprise, at)
    context = {
        "enterprise": enterprise,
        "unconfirmed_year": profile.year_to_confirm(enterprise),
        "is_pending": enterprise.pk not in confirmed_enterprises_of(request.user),
        "requests": _requests_to_join(request, enterprise),
        "tasks": _tasks(applications, _open_item_counts(applications), offers),
        "offers": [one for one in offers if one["reasons"]],
        "cases": [one for one in cases if not one.is_over],
        "rounds": _rounds_at_hand(offers, cases),
        "finished": [one for one in cases if one.is_over],
        "titles": titles.titles_of(enterprise),
        "is_under_re_review": any(_awaits_re_review(one) for one in cases),
    }
    return render(request, "applications/enterprise/home.html", context)


@require_safe
def application_list(request: SignedInRequest) -> HttpResponse:
    at = clock.now()
    enterprise = enterprise_of_page(request)
    page = Paginator(_applications_of(enterprise), PAGE_SIZE).get_page(request.GET.get("page"))
    log = _events_of(page.object_list)
    cases = [Case.of(one, log.get(one.pk, []), at=at) for one in page.object_list]
    offers = _offers(enterprise, at)
    context = {"enterprise": enterprise, "page": page, "cases": cases, "offers": offers}
    return render(request, "applications/enterprise/list.html", context)


def start(request: SignedInRequest, round_pk: int) -> HttpResponse:
    """Choose the one channel of this round and begin; what was typed into the self-check comes along."""
    public = Round.objects.public().select_related("measure")
    round_ = get_object_or_404(public, pk=round_pk)
    enterprise = enterprise_of_page(request)
    typed = handover.kept(request)
    channels = beginning.channels_for(enterprise)
    begun = enterprise.applications.live().in_round(round_).first()
    if begun and begun.is_editable and typed:
        return redirect("application-carry", begun.pk)
    (seen,) = as_seen_by(public.filter(pk=round_pk), agencies=channels, enterprise=enterprise)
    reasons = beginning.why_not_begin(enterprise, seen, at=clock.now())
    chosen = request.POST.get("channel", "")
    if request.method == "POST":
        channel = _asked_channel(channels, chosen)
        if channel is None:
            reasons = reasons or [CHOOSE_CHANNEL]
        else:
            try:
                application = beginning.begin(enterprise, round_, channel, by=request.user)
            except NotPossible as refusal:
                reasons = refusal.reasons
            else:
                messages.success(request, f"已建立申报书，渠道为{channel}。填写内容会自动保存。")
                return _begun(request, application, typed)
    context = {
        "round": seen,
        "until": _nearest_deadline(seen, clock.now()),
        "enterprise": enterprise,
        "channels": channels,
        "closed": beginning.closed_associations(enterprise),
        "chosen": chosen or str(channels[0].pk),
        "reasons": reasons,
        "held": begun,
        "typed": typed,
        "unconfirmed_year": profile.year_to_confirm(enterprise),
        "other_code": carrying.code_of_another(enterprise, typed),
        "ASSOCIATION": Agency.Kind.ASSOCIATION,
        "RE_REVIEW": Round.Kind.RE_REVIEW,
    }
    return render(request, "applications/enterprise/start.html", context)


def move_channel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose another channel for a draft."""
    application = own_application(request, pk)
    if reason := beginning.why_not_move(application):
        messages.error(request, reason)
        return redirect("application-detail", pk)
    channels = beginning.channels_for(application.enterprise)
    chosen = request.POST.get("channel", "")
    channel = _asked_channel(channels, chosen)
    if request.method == "POST" and channel is None:
        messages.error(request, CHOOSE_CHANNEL)
    elif channel and attempt(request, lambda: beginning.move_channel(application, channel, by=request.user)):
        if channel != application.channel:
            messages.success(request, f"已改由{channel}审核、推荐。真实性承诺写给申报渠道，请重新确认。")
        return redirect("application-detail", pk)
    context = {
        "application": application,
        "case": Case.of(application, [], at=clock.now()),
        "channels": channels,
        "closed": beginning.closed_associations(application.enterprise),
        "chosen": chosen or str(application.channel_id),
        "ASSOCIATION": Agency.Kind.ASSOCIATION,
    }
    return render(request, "applications/enterprise/move_channel.html", context)


def _asked_channel(channels: Iterable[Agency], asked: str) -> Agency | None:
    """One of those offered; an association that is not offered is asked for, too, and refused with its reason."""
    offered = next((one for one in channels if str(one.pk) == asked), None)
    return offered or Agency.objects.associations().in_use().filter(pk=asked_number(asked)).first()


def _begun(request: SignedInRequest, application: Application, typed: dict[str, str]) -> HttpResponse:
    """On to the new draft, with what was typed into the self-check unless that was declined."""
    if typed and "carry" in request.POST and carrying.take(application, typed, by=request.user):
        return redirect("application-carry", application.pk)
    response = redirect("application-detail", application.pk)
    if typed:
        handover.drop(response)
    return response


def _requests_to_join(request: SignedInRequest, enterprise: Enterprise) -> list[Membership]:
    """Colleagues whose account the person may confirm."""
    if enterprise.pk not in confirmed_enterprises_of(request.user):
        return []
    pending = enterprise.memberships.filter(is_active=True, state=Membership.State.PENDING)
    return list(pending.select_related("user").order_by("id"))


def _applications_of(enterprise: Enterprise) -> ApplicationQuerySet:
    return (
        Application.objects.filter(enterprise=enterprise)
        .select_related("enterprise", "round", "channel")
        .order_by("-round__year", "-id")
    )


def _rounds_at_hand(offers: Iterable[dict], cases: Iterable[Case]) -> list[Round]:
    """The rounds that the enterprise may begin in or has a case under way in: their calls are worth a link."""
    found = [one["round"] for one in offers] + [one.application.round for one in cases if not one.is_over]
    return list({one.pk: one for one in found}.values())


def _awaits_re_review(case: Case) -> bool:
    """Whether the material of a re-review is filed, so that nothing is left to do before the due date."""
    application = case.application
    return application.round.kind == Round.Kind.RE_REVIEW and not (application.is_editable or case.is_over)


def _events_of(applications: Iterable[Application]) -> dict[int, list[Event]]:
    """The events of many applications in one query, by application."""
    log: dict[int, list[Event]] = {}
    found = Event.objects.filter(
        subject_type=Application._meta.label, subject_id__in=[one.pk for one in applications]
    )
    for event in found.order_by("id"):
        log.setdefault(event.subject_id, []).append(event)
    return log


def _open_item_counts(applications: list[Application]) -> dict[int, int]:
    counts: dict[int, int] = {}
    items = CorrectionItem.objects.filter(
        request__application__in=[one.pk for one in applications], request__answered_at=None
    ).exclude(request__sent_at=None)
    for pk in items.values_list("request__application", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return counts


def _tasks(applications: list[Application], items: dict[int, int], offers: list[dict]) -> list[dict]:
    """What waits for the enterprise, the nearest deadline first: cases in its hands and rounds that it may begin in."""
    tasks = []
    for one in applications:
        if one.state == Application.State.RETURNED:
            words, badge = f"补正 {items.get(one.pk, 0)} 项后重新提交", CORRECT
        elif one.state == Application.State.DRAFT:
            words, badge = "填写并提交申报书", SUBMIT
        else:
            continue
        url = reverse("application-detail", args=[one.pk])
        until = progress.turn_of(one).until
        tasks.append(_task(words, badge, url, one.round, one.enterprise, until))
    for offer in offers:
        if not offer["reasons"]:
            round_, enterprise = offer["round"], offer["enterprise"]
            is_re_review = round_.kind == Round.Kind.RE_REVIEW
            words, badge = ("参加复核，提交复核材料", RE_REVIEW) if is_re_review else ("开始申报", OPEN)
            url = f"{reverse('application-start', args=[round_.pk])}?enterprise={enterprise.pk}"
            tasks.append(_task(words, badge, url, round_, enterprise, offer["until"]))
    return sorted(tasks, key=lambda task: task["until"])


def _task(
    words: str, badge: tuple[str, str, str], url: str, round_: Round, enterprise: Enterprise, until
) -> dict:
    return {
        "words": words,
        "badge": badge,
        "url": url,
        "round": round_,
        "enterprise": enterprise,
        "until": until,
    }


def _nearest_deadline(round_: Any, at: datetime) -> datetime:
    """The one that holds whichever channel is chosen; once it is over, that of the channels with more time."""
    until: datetime = round_.any_channel_deadline
    return until if until > at else round_.enterprise_deadline


def _offers(enterprise: Enterprise, at: datetime) -> list[dict]:
    """Open rounds meant for the enterprise in which it has no case yet, with why it cannot begin where it cannot."""
    begun = enterprise.applications.live().values("round")
    return [
        {
            "round": round_,
            "enterprise": enterprise,
            "words": "参加复核" if round_.kind == Round.Kind.RE_REVIEW else "开始申报",
            "until": _nearest_deadline(round_, at),
            "reasons": beginning.why_not_offered(enterprise, round_, at=at),
        }
        for round_ in as_seen_by(
            Round.objects.accepting_at(at, enterprise).exclude(pk__in=begun),
            agencies=beginning.channels_for(enterprise),
            enterprise=enterprise,
        )
        if beginning.is_for(enterprise, round_)
    ]
