"""The public pages of a round: its call, templates, questions and answers, whom to ask."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.roles import reads_everything
from applications.calls import NEEDED, call_badge, call_of, call_title, contacts
from applications.models import Round, RoundFile
from core import clock
from core.http import opened


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """The calls of all years, the newest first."""
    rounds = Round.objects.public().select_related("measure").order_by("-year", "kind")
    now = clock.now()
    rows = [(one, call_title(one), call_badge(one, now)) for one in rounds]
    return render(request, "applications/calls/list.html", {"rows": rows})


@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The call of a round that has been opened, in full."""
    found = Round.objects.public().select_related("measure").prefetch_related(*NEEDED)
    round_ = get_object_or_404(found, pk=pk)
    now = clock.now()
    context = {
        "round": round_,
        "call": call_of(round_),
        "badge": call_badge(round_, now),
        "tab": "call",
        "now": now,
    }
    return render(request, "applications/calls/call.html", context)


@require_safe
def templates(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = _public(pk)
    files = round_.files.current().filter(kind=RoundFile.Kind.TEMPLATE)
    context = {"round": round_, "templates": files, "tab": "templates"}
    return render(request, "applications/calls/templates.html", context)


@require_safe
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Published answers; who has another question asks by telephone."""
    round_ = _public(pk)
    context = {
        "round": round_,
        "questions": round_.questions.exclude(published_at=None),
        "tab": "questions",
    }
    return render(request, "applications/calls/questions.html", context)


@require_safe
def contact_list(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"round": _public(pk), "contacts": contacts(), "tab": "contacts"}
    return render(request, "applications/calls/contacts.html", context)


@require_safe
def file(request: HttpRequest, pk: int, file_pk: int) -> FileResponse:
    """A file that is handed out; before the call is published only the bureau's people and the auditor have it."""
    found = get_object_or_404(RoundFile.objects.current().select_related("round"), pk=file_pk, round=pk)
    if found.round.state == Round.State.PREPARING and not reads_everything(request.user):
        raise Http404
    return FileResponse(opened(found.file), as_attachment=True, filename=found.name)


def _public(pk: int) -> Round:
    return get_object_or_404(Round.objects.public().select_related("measure"), pk=pk)
