"""What the pages of one case share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.acting import show_page_of
from accounts.http import SignedInRequest
from accounts.roles import enterprises_of
from applications import progress
from applications.models import Application
from core.models import Event
from core.wording import days_between

DOING = {Application.State.DRAFT: "填写", Application.State.RETURNED: "补正"}


@dataclass(frozen=True)
class Case:
    """A case as every page heads it: its badge, whose turn it is, its eight steps."""

    application: Application
    badge: tuple[str, str, str]
    holder: str
    doing: str
    since_days: int
    until: datetime | None
    next_step: str
    steps: list[progress.Step]
    step: int
    is_over: bool

    @classmethod
    def of(cls, application: Application, events: Iterable[Event], *, at: datetime) -> "Case":
        turn = progress.turn_of(application)
        return cls(
            application=application,
            badge=progress.badge(application),
            holder="您（企业）" if turn.holder == "企业" else turn.holder,
            doing=DOING.get(Application.State(application.state), "办理"),
            since_days=-days_between(turn.since, at),
            until=turn.until,
            next_step=_next_step(application, turn),
            steps=progress.steps_of(application, events),
            step=progress.step_of(application),
            is_over=turn.is_over,
        )


def _next_step(application: Application, turn: progress.Turn) -> str:
    if application.is_editable:
        return f"{application.channel}{'重新' if application.current_version_id else ''}审核"
    return turn.next_step


def own_application(
    request: SignedInRequest, pk: int, applications: QuerySet[Application] | None = None
) -> Application:
    """A case of an enterprise that the person acts for; there is none otherwise."""
    found = Application.objects.with_checks() if applications is None else applications
    case = get_object_or_404(found.filter(enterprise__in=enterprises_of(request.user)), pk=pk)
    show_page_of(request, case.enterprise)
    return case


def conflict(text: str) -> HttpResponse:
    """Tell a script that somebody else changed the same text: posted by a person, the form shows both."""
    return HttpResponse(
        text, status=409, content_type="text/plain; charset=utf-8", headers={"X-Conflict": "1"}
    )
