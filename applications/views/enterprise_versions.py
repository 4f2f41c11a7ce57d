"""Versions as they were submitted, readable for ever, and any two of them compared."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.acting import show_page_of
from accounts.http import SignedInRequest
from accounts.roles import CHANNEL, agencies_of, enterprises_of
from applications import progress, reading, versions
from applications.models import Application, ApplicationVersion
from applications.timeline import history_of

LIVE = "now"


@require_safe
def version(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """One version as it was frozen, with its findings and digest."""
    application = _visible(request, pk)
    related = application.versions.select_related("submitted_by", "opinion__vetted_by")
    found = get_object_or_404(related, number=number)
    own = application.enterprise_id in enterprises_of(request.user)
    context = {
        "application": application,
        "badge": progress.badge(application),
        "version": found,
        "parts": reading.parts_of(found.snapshot),
        "figures": reading.figure_table(found.snapshot),
        "files": found.snapshot["attachments"],
        "others": list(application.versions.exclude(number=number).values_list("number", flat=True)),
        "own": own,
        "opinion": None if own else getattr(found, "opinion", None),
        "history": [] if own else history_of(application, reader=request.user),
        "may_vet": application.channel_id in agencies_of(request.user, *CHANNEL),
    }
    return render(request, "applications/enterprise/version.html", context)


@require_safe
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """Two versions side by side; for the enterprise also the last version and what is being corrected."""
    application = _visible(request, pk)
    own = application.enterprise_id in enterprises_of(request.user)
    found = {str(one.number): one for one in application.versions.all()}
    if not found:
        raise Http404
    numbers = list(found)
    may_vet = application.channel_id in agencies_of(request.user, *CHANNEL)
    may_see_draft = own and application.is_editable
    latest = LIVE if may_see_draft else numbers[-1]
    old = request.GET.get("old") or (numbers[-1] if may_see_draft else numbers[max(len(numbers) - 2, 0)])
    new = request.GET.get("new") or latest
    if old not in found or not (new in found or (new == LIVE and may_see_draft)):
        raise Http404
    # Who vets calls the contact, so the whole number is theirs to see.
    changes = reading.changes_between(
        found[old].snapshot, _snapshot(application, found.get(new)), full_contact=own or may_vet
    )
    context = {
        "application": application,
        "badge": progress.badge(application),
        "old": old,
        "new": new,
        "numbers": numbers,
        "may_see_draft": may_see_draft,
        "parts": changes,
        "count": sum(len(part.changes) for part in changes),
        "own": own,
        "may_vet": may_vet,
    }
    return render(request, "applications/enterprise/compare.html", context)


def _visible(request: SignedInRequest, pk: int) -> Application:
    found = Application.objects.whole_for(request.user).select_related("enterprise", "round", "channel")
    application = get_object_or_404(found, pk=pk)
    if application.enterprise_id in enterprises_of(request.user):
        show_page_of(request, application.enterprise)
    return application


def _snapshot(application: Application, found: ApplicationVersion | None) -> dict[str, Any]:
    if found:
        return found.snapshot
    return versions.plain_snapshot(Application.objects.with_everything().get(pk=application.pk))
