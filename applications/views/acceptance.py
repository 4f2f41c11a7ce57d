"""The bureau takes up what the districts and associations recommend: accept, send back or decline, case by case."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from applications import exports, progress
from applications.acceptance import doubts_about_cases, doubts_about_letter
from applications.effects import batch_digest
from applications.forms.acceptance import SendBackForm
from applications.forms.grounds import DeclineForm
from applications.models import Application, Recommendation, RecommendationEntry
from core import workflow
from core.counting import number_of
from core.http import act
from core.models import Event
from core.typed import asked_number

PAGE_SIZE = 25
ENTRIES = 8  # each brings two forms of its own
ENTRY_RELATED = (
    "enterprise",
    "main_mode",
    "channel",
    "round",
    "current_version__opinion__vetted_by",
)
ENTRY_FACTS = ("recommendation", "position", "remark", "withdrawn_at")
CASE_FACTS = (
    "state",
    "enterprise__name",
    "enterprise__credit_code",
    "main_mode__name",
    "channel__name",
    "round__title",
    "current_version__number",
    "current_version__snapshot",
    "current_version__outline",
    "current_version__opinion__version",
    "current_version__opinion__authenticity",
    "current_version__opinion__compliance",
    "current_version__opinion__validity",
    "current_version__opinion__vetted_by__name",
)
ACTIONS = ("accept", "send_back", "decline")
LEAVING = ("send_back", "refuse_recommendation")
PENDING = RecommendationEntry.objects.filter(
    withdrawn_at=None, application__state=Application.State.FORWARDED
)


def _forwarded(request: SignedInRequest) -> QuerySet[Recommendation]:
    return Recommendation.objects.visible_to(request.user).filter(state=Recommendation.State.FORWARDED)


@require_safe
def acceptance_list(request: SignedInRequest) -> HttpResponse:
    asked = request.GET
    tab = "all" if asked.get("tab") == "all" else ""
    found = (
        _forwarded(request)
        .select_related("agency", "round", "signed_by")
        .annotate(cases=number_of(RecommendationEntry.objects.all(), "recommendation"))
    )
    pending = dict(PENDING.order_by().values_list("recommendation").annotate(Count("pk")))
    if round_ := asked_number(asked.get("round")):
        found = found.filter(round=round_)
    open_ones = found.filter(pk__in=pending)
    shown, others = (found, open_ones) if tab else (open_ones, found)
    page = Paginator(shown.order_by("forwarded_at"), PAGE_SIZE).get_page(asked.get("page"))
    numbers = (others.count(), page.paginator.count) if tab else (page.paginator.count, others.count())
    return render(
        request,
        "applications/acceptance/list.html",
        {
            "page": page,
            "pending": pending,
            "tab": tab,
            "open_count": numbers[0],
            "all_count": numbers[1],
        },
    )


@require_safe
def acceptance(request: SignedInRequest, recommendation_pk: int) -> HttpResponse:
    return _page(request, _fetch(request, recommendation_pk))


def _fetch(request: SignedInRequest, pk: int) -> Recommendation:
    return get_object_or_404(
        _forwarded(request).select_related("agency", "round__measure", "prepared_by", "signed_by"), pk=pk
    )


def _page(
    request: SignedInRequest,
    recommendation: Recommendation,
    *,
    open_entry: int = 0,
    form: SendBackForm | DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    listed = recommendation.entries.order_by("position")
    facts = list(listed.values_list("pk", "withdrawn_at", "application__state"))
    shown = listed.select_related(*(f"application__{name}" for name in ENTRY_RELATED)).only(
        *ENTRY_FACTS, *(f"application__{name}" for name in CASE_FACTS)
    )
    shown = shown.prefetch_related("application__recommendation_entries__recommendation__agency")
    asked = _page_asked(request, [pk for pk, _, _ in facts], open_entry)
    page = Paginator(shown, ENTRIES).get_page(asked)
    entries = list(page)
    doubts = doubts_about_cases(one.application for one in entries)
    departures = _departures(entries)
    summary = exports.summary_rows(recommendation, entries)
    rows: list[dict[str, Any]] = []
    for entry, figures in zip(entries, summary, strict=True):
        application = entry.application
        version = application.current_version
        is_open = entry.pk == open_entry
        here = entry.withdrawn_at is None
        rows.append(
            {
                "entry": entry,
                "application": application,
                "badge": progress.badge(application),
                "counts": version.outlined()["counts"] if version else {},
                "figures": figures,
                "opinion": getattr(version, "opinion", None),
                "doubts": doubts.get(application.pk, []),
                "departure": departures.get(application.pk),
                "options": workflow.options(application, request.user, *ACTIONS) if here else {},
                "send_back_form": form
                if is_open and isinstance(form, SendBackForm)
                else _blank(SendBackForm, entry),
                "decline_form": form
                if is_open and isinstance(form, DeclineForm)
                else _blank(DeclineForm, entry),
            }
        )
    waiting = sum(gone is None and state == Application.State.FORWARDED for _, gone, state in facts)
    may_accept = any(workflow.can(request.user, "accept", one.application) for one in entries[:1])
    untouched = all(gone is None for _, gone, _ in facts)
    return render(
        request,
        "applications/acceptance/batch.html",
        {
            "recommendation": recommendation,
            "rows": rows,
            "page": page,
            "left": waiting if may_accept else 0,
            "doubts": doubts_about_letter(recommendation),
            "open_entry": open_entry,
            "same_digest": batch_digest(recommendation) == recommendation.digest if untouched else None,
            "letter_is_picture": not (recommendation.sealed_letter.name or "").endswith(".pdf"),
        },
        status=status,
    )


def _departures(entries: list[RecommendationEntry]) -> dict[int, Event]:
    """By whom and why each case that left the batch was taken out of it: the act at that moment, not a later one."""
    gone = {one.application_id: one.withdrawn_at for one in entries if one.withdrawn_at}
    if not gone:
        return {}
    log = Event.objects.filter(subject_type=Application._meta.label, subject_id__in=gone, action__in=LEAVING)
    done = log.filter(outcome=Event.Outcome.DONE).order_by("-id")
    return {one.subject_id: one for one in done if one.at >= gone[one.subject_id]}


def _page_asked(request: SignedInRequest, listed: list[int], open_entry: int) -> str | int | None:
    """The page that was asked for by number, or the one that holds the entry just dealt with."""
    entry = str(open_entry or request.GET.get("entry", ""))
    at = next((index for index, pk in enumerate(listed) if str(pk) == entry), 0)
    return request.GET.get("page", at // ENTRIES + 1)


def _back_to(entry: RecommendationEntry) -> HttpResponse:
    url = reverse("acceptance", args=[entry.recommendation_id])
    return redirect(f"{url}?entry={entry.pk}#entry-{entry.pk}")


def _blank(form: type, entry: RecommendationEntry):
    return form(auto_id=f"id_{form.__name__.lower()}_{entry.pk}_%s")


def _entry(request: SignedInRequest, recommendation: Recommendation, entry_pk: int) -> RecommendationEntry:
    entries = recommendation.entries.filter(withdrawn_at=None)
    return get_object_or_404(
        entries.select_related("application__enterprise", "application__channel"), pk=entry_pk
    )


@require_POST
def accept(request: SignedInRequest, recommendation_pk: int, entry_pk: int) -> HttpResponse:
    entry = _entry(request, _fetch(request, recommendation_pk), entry_pk)
    act(request, entry.application, "accept", done=f"已受理{entry.application.enterprise}。")
    return _back_to(entry)


@require_POST
def accept_all(request: SignedInRequest, recommendation_pk: int) -> HttpResponse:
    """Accept every case of the batch that still waits: all of them or none."""
    recommendation = _fetch(request, recommendation_pk)
    waiting = Application.objects.filter(
        state=Application.State.FORWARDED,
        recommendation_entries__recommendation=recommendation,
        recommendation_entries__withdrawn_at=None,
    )
    try:
        with transaction.atomic():
            accepted = [workflow.perform(one, "accept", by=request.user) for one in waiting]
    except workflow.NotPossible as refusal:
        messages.error(request, f"整批都没有受理：{''.join(refusal.reasons)}请逐件办理。")
    else:
        if accepted:
            messages.success(request, f"已受理 {len(accepted)} 家，区市和企业会收到通知。")
        else:
            messages.info(request, "本批没有待受理的企业，可能已由同事受理。")
    return redirect("acceptance", recommendation_pk)


@require_POST
def send_back(request: SignedInRequest, recommendation_pk: int, entry_pk: int) -> HttpResponse:
    return _with_reason(request, recommendation_pk, entry_pk, "send_back")


@require_POST
def decline(request: SignedInRequest, recommendation_pk: int, entry_pk: int) -> HttpResponse:
    return _with_reason(request, recommendation_pk, entry_pk, "decline")


def _with_reason(
    request: SignedInRequest, recommendation_pk: int, entry_pk: int, action: str
) -> HttpResponse:
    recommendation = _fetch(request, recommendation_pk)
    entry = _entry(request, recommendation, entry_pk)
    make = SendBackForm if action == "send_back" else DeclineForm
    form = make(request.POST, auto_id=f"id_{make.__name__.lower()}_{entry.pk}_%s")
    if not form.is_valid():
        return _page(request, recommendation, open_entry=entry.pk, form=form, status=422)
    note = form.note() if isinstance(form, DeclineForm) else form.cleaned_data["reason"]
    word = f"退回{entry.application.channel}重新审核" if action == "send_back" else "不予受理"
    act(
        request,
        entry.application,
        action,
        note=note,
        done=f"{entry.application.enterprise}{word}，原因已告知。",
    )
    return _back_to(entry)
