"""What views of every room share: acting through the door, opening a stored file."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest

from core import workflow
from core.workflow import NotPossible

Result = TypeVar("Result")


def act(
    request: HttpRequest,
    subject,
    action: str,
    *,
    done: str = "",
    note: str = "",
    **details,
):
    """Perform an action for the signed-in person. Gives the subject, or None after telling why it was not possible.

    A missing permission is left to become a 403 with its sentence.
    """
    try:
        subject = workflow.perform(subject, action, by=request.user, note=note, **details)
    except NotPossible as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return None
    if done:
        messages.success(request, done)
    return subject


def attempt(request: HttpRequest, doing: Callable[[], Result]) -> Result | None:
    """Do something that may raise NotPossible. Gives its result, or None after telling why it was not possible."""
    try:
        return doing()
    except NotPossible as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)
        return None


def opened(stored: FieldFile | None) -> File:
    """A stored file, to be sent. There is none, or it is gone from the disk: a 404."""
    if not stored:
        raise Http404
    try:
        return stored.open("rb")
    except OSError as missing:
        raise Http404 from missing


def fetched_ahead(request: HttpRequest) -> bool:
    """Whether the browser only fetches the page because the person may want it next (Fetch, Sec-Purpose)."""
    return request.headers.get("Sec-Purpose", "").startswith("prefetch")
