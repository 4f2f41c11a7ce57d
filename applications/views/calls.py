"""The public pages of a round: its call and what belongs to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.calls import NEEDED, call_of
from applications.models import Round


@require_safe
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The call of a round that has been opened, in full."""
    found = Round.objects.public().select_related("measure").prefetch_related(*NEEDED)
    round_ = get_object_or_404(found, pk=pk)
    return render(request, "applications/calls/call.html", {"round": round_, "call": call_of(round_)})
