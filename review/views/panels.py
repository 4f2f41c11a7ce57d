"""The bureau's pages of panels: the list, one panel, the record of a draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.models import Application, Round
from applications.progress import badge
from applications.round_calendar import rest_day_hints
from core import documents, events, workflow
from core.counting import number_of
from core.models import Event
from review import draw as drawing
from review.course import Undiscussed, undiscussed_digest
from review.documents import PROTOCOL, protocol_context
from review.forms import DrawForm, DueForm
from review.models import (
    Assignment,
    Draw,
    OpinionSignature,
    Panel,
    PanelCase,
    SiteVisit,
)
from review.opinions import opinion_digest, unsigned_digest
from review.panel_progress import CaseProgress, people_of, progress_of, rows_of

PAGE_SIZE = CASES = 25
PANEL_BADGES = {
    Panel.State.FORMING: ("hourglass-split", "attention"),
    Panel.State.SEATED: ("people", "info"),
    Panel.State.CONCLUDED: ("check-circle-fill", "met"),
}


def panel_badge(panel: Panel, *, has_begun: bool) -> tuple[str, str, str]:
    """``has_begun``: the review of some of its cases."""
    if has_begun and panel.state == Panel.State.SEATED:
        return "评审中", "pencil-square", "info"
    icon, tone = PANEL_BADGES[Panel.State(panel.state)]
    return panel.get_state_display(), icon, tone


@require_safe
def panel_list(request: HttpRequest) -> HttpResponse:
    """All panels, those still at work first; above them the rounds whose accepted cases have no panel yet."""
    panels = Panel.objects.select_related("round").order_by("-round__year", "round__kind", "id")
    tab = request.GET.get("tab", "")
    if tab != "all":
        panels = panels.exclude(state=Panel.State.CONCLUDED)
    page = Paginator(panels, PAGE_SIZE).get_page(request.GET.get("page"))
    without_panel = Application.objects.filter(state=Application.State.ACCEPTED, panel_case__isnull=True)
    waiting = (
        Round.objects.annotate(waiting=number_of(without_panel, "round"))
        .filter(waiting__gt=0)
        .order_by("-year", "kind")
    )
    rounds = Round.objects.filter(panels__isnull=False).distinct().order_by("-year", "kind")[:6]
    context = {
        "page": page,
        "rows": [(one, panel_badge(one.panel, has_begun=one.begun > 0)) for one in rows_of(list(page))],
        "tab": tab,
        "waiting": list(waiting),
        "rounds": list(rounds),
        "may_compose": is_municipal_handler(request.user),
    }
    return render(request, "review/panel_list.html", context)


def unmeant_rest_day(request: HttpRequest, due_at: datetime) -> list[str]:
    """What is asked before a panel is due on a rest day; nothing once the same date is sent again."""
    meant = request.POST.get("rest_day") == due_at.isoformat()
    return [] if meant else rest_day_hints({"声明和评分截止": due_at})


@dataclass
class CaseRow:
    """One case of a panel, with what its experts have done so far and what it lacks; ``others`` are those not at work on it."""

    case: PanelCase
    badge: tuple[str, str, str]
    progress: CaseProgress
    others: list[Assignment]

    @property
    def visit(self) -> SiteVisit | None:
        return getattr(self.case.application, "site_visit", None)

    @property
    def signed(self) -> int:
        digest = opinion_digest(self.case)
        return sum(one.digest == digest for one in self.case.signatures.all())

    @property
    def stepped_aside(self) -> list[Assignment]:
        gone = (Assignment.State.RECUSED, Assignment.State.RELEASED)
        return [one for one in self.others if one.state in gone] if self.progress.is_open else []

    @property
    def unanswered(self) -> list[Assignment]:
        awaiting = Assignment.State.AWAITING
        return [one for one in self.others if one.state == awaiting] if self.progress.is_open else []


@require_safe
def panel_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return panel_page(request, pk)


def panel_page(
    request: HttpRequest,
    pk: int,
    *,
    typed: dict[str, Any] | None = None,
    draw_form: DrawForm | None = None,
    due_form: DueForm | None = None,
    hints: Sequence[str] = (),
    undiscussed: Sequence[Undiscussed] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of one panel; ``typed``: the release or the replacement in a case that was refused.

    Or another chair and the reason, or why opinions are unsigned, or which case was to end. ``undiscussed``: cases whose end is asked about. ``draw_form``: a draw that was refused; ``due_form``: a new date that was, or is asked about because of the ``hints``.
    """
    panel = get_object_or_404(Panel.objects.select_related("round"), pk=pk)
    progress = progress_of(panel)
    page = Paginator(_cases_of(panel), CASES).get_page(_page_asked(request, list(progress), typed or {}))
    rows = _rows_of(page, progress)
    members = list(panel.members.all())
    people = people_of(panel, members, [one for row in rows for one in row.others])
    forming = panel.state == Panel.State.FORMING
    ended = panel.state == Panel.State.SEATED and not any(one.is_open for one in progress.values())
    unsigned = panel.unsigned_cases if ended else []
    draws = list(panel.draws.select_related("drawn_by", "case__application__enterprise"))
    context = {
        "panel": panel,
        "badge": panel_badge(panel, has_begun=any(one.has_begun for one in progress.values())),
        "rows": rows,
        "page": page,
        "members": members,
        "people": people,
        "chair": next((one for one in members if one.is_chair), None),
        "draws": draws,
        "candidates": drawing.panel_candidates(panel) if forming and not members else None,
        "options": workflow.options(panel, request.user, "seat", "conclude"),
        "is_handler": is_municipal_handler(request.user),
        "ready": sum(one.is_ready for one in progress.values()),
        "to_end": sum(one.can_end for one in progress.values()),
        "under_review": sum(one.state == Application.State.UNDER_REVIEW for one in progress.values()),
        "due_form": due_form or DueForm(initial={"due_at": panel.due_at}),
        "hints": hints,
        "undiscussed": undiscussed,
        "undiscussed_seen": undiscussed_digest(undiscussed),
        "draw_form": (draw_form or DrawForm(initial={"witness": ""})) if forming else None,
        "fields": drawing.fields_of(panel) if forming and not members else (),
        "last_draw": next((one for one in reversed(draws) if one.case_id is None), None),
        "seated": panel.state == Panel.State.SEATED,
        "unsigned": unsigned,
        "unsigned_seen": unsigned_digest(unsigned),
        "typed": typed or {},
    }
    return render(request, "review/panel_detail.html", context, status=status)


def _page_asked(request: HttpRequest, cases: list[int], typed: Mapping[str, Any]) -> Any:
    """The page of the address; of a form that was refused, that of its case."""
    refused = typed.get("case") or typed.get("replace") or typed.get("ending")
    return cases.index(refused) // CASES + 1 if refused in cases else request.GET.get("page")


def _rows_of(cases: Page, progress: dict[int, CaseProgress]) -> list[CaseRow]:
    return [
        CaseRow(one, badge(one.application), progress[one.pk], list(one.assignments.all())) for one in cases
    ]


def _cases_of(panel: Panel) -> QuerySet[PanelCase]:
    not_at_work = Assignment.objects.exclude(state=Assignment.State.CLEAR)
    signed = OpinionSignature.objects.by_those_at_work()
    others = not_at_work.select_related("recusal", "sheet").order_by("id")
    return (
        panel.cases.order_by("id")
        .annotate(version_number=F("application__current_version__number"))
        .select_related(
            "application__enterprise__district", "application__site_visit", "application__main_mode"
        )
        .only(
            "panel",
            "opinion",
            "opinion_at",
            "discussed_from",
            *(f"application__{name}" for name in ("state", "score", "main_mode__name", "site_visit")),
            *(f"application__enterprise__{name}" for name in ("name", "district__region")),
        )
        .prefetch_related(Prefetch("assignments", queryset=others), Prefetch("signatures", queryset=signed))
    )


@require_safe
def draw_record(request: HttpRequest, pk: int) -> HttpResponse:
    """One draw as it was recorded, replayed on the spot, and where its reserves were called in."""
    record = get_object_or_404(
        Draw.objects.select_related("panel__round", "drawn_by", "case__application__enterprise"), pk=pk
    )
    context = protocol_context(record)
    called: dict[int, list[str]] = {}
    seats = events.about(record.panel).filter(action="call_reserve", outcome=Event.Outcome.DONE)
    for details, note in seats.filter(details__draw=record.pk).values_list("details", "note"):
        called.setdefault(details["expert"], []).append(note)
    reserves = [one | {"called": called.get(one["id"], [])} for one in context["reserves"]]
    return render(request, "review/draw_record.html", context | {"reserves": reserves})


@require_POST
def draw_protocol(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the protocol of a draw as PDF; a worker makes it."""
    record = get_object_or_404(Draw, pk=pk)
    document = documents.request("draw-protocol", record, by=request.user, key=PROTOCOL)
    return redirect("document", pk=document.pk)
