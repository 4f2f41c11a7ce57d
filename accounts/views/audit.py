"""The audit log as people read it."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import events, workflow
from core.models import Event, EventSeal
from core.typed import asked_day, asked_number, asked_words

PAGE_SIZE = 50


@require_safe
def event_log(request: HttpRequest) -> HttpResponse:
    """Every act with who, when, what and why; newest first, narrowed by words, outcome, days and to one subject."""
    words = asked_words(request.GET.get("q"))
    outcome = request.GET.get("outcome", "")
    since, until = (asked_day(request.GET.get(name)) for name in ("since", "until"))
    kind, _, number = asked_words(request.GET.get("about")).rpartition(":")
    found = Event.objects.order_by("-at", "-id")
    if words:
        found = found.filter(
            Q(subject_label__icontains=words)
            | Q(actor_label__icontains=words)
            | Q(action_label__icontains=words)
        )
    if outcome in Event.Outcome.values:
        found = found.filter(outcome=outcome)
    if since:
        found = found.filter(at__date__gte=since)
    if until:
        found = found.filter(at__date__lte=until)
    if kind:
        found = found.filter(subject_type=kind, subject_id=asked_number(number))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(event, workflow.move_of(event)) for event in page],
        "q": words,
        "outcome": outcome,
        "outcomes": Event.Outcome.choices,
        "since": since,
        "until": until,
        "subject": page[0].subject_label if kind and page else None,
        "seal": EventSeal.objects.order_by("-id").first(),
        "faults": events.broken_seals() if "verify" in request.GET else None,
    }
    return render(request, "accounts/event_log.html", context)
