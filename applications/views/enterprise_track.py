"""Where is my file: what has happened, whose turn it is, what comes next."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import SignedInRequest
from applications.disclosure import NEVER, RECEIPT, disclosure_of
from applications.feedback import feedback_of
from applications.models import Application
from applications.timeline import timeline_of
from applications.views.enterprise_cases import Case
from core import clock, events, workflow


def tracked(request: SignedInRequest, application: Application) -> HttpResponse:
    """The page of a case that is not in the enterprise's hands."""
    log = list(events.about(application))
    context = {
        "application": application,
        "case": Case.of(application, log, at=clock.now()),
        "events": timeline_of(application, log),
        "versions": list(application.versions.order_by("-number").defer("snapshot", "findings")),
        "disclosure": disclosure_of(application),
        "feedback": feedback_of(application),
        "NEVER": NEVER,
        "RECEIPT": RECEIPT,
        "options": workflow.options(application, request.user, "withdraw"),
    }
    return render(request, "applications/enterprise/track.html", context)
