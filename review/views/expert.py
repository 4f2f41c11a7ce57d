"""The expert's list, and the declaration that stands before everything."""

from collections import Counter
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Expert
from applications.completeness import NARRATIVE_PARTS
from applications.models import Application
from core import clock
from core.http import act
from core.typed import asked_words
from review.forms import STAY, STEP_ASIDE, DeclarationForm
from review.models import Assignment
from review.tie_drawing import timeline
from review.ties import suspicions
from review.worklist import (
    TABS,
    address_of,
    assignments_of,
    ground_words,
    is_urgent,
    neighbours,
    own_average,
    panels_of,
    rows_of,
    status_of,
)

PAGE_SIZE = 25
DRAFT_TEXTS = (*NARRATIVE_PARTS, "digitalisation", "intellectual_property", "honours")


def _expert_of(request: HttpRequest) -> Expert:
    """The expert behind the account; an account without one has no such pages."""
    return get_object_or_404(Expert.objects.select_related("user"), user=request.user)


def own_assignment(request: HttpRequest, pk: int, *, later: tuple[str, ...] = ()) -> Assignment:
    """One of the expert's own assignments; anybody else's does not exist.

    What is written in the draft is left out, because experts read the version; so is of the version what ``later`` names.
    """
    application = "case__application"
    left_out = [f"{application}__{name}" for name in DRAFT_TEXTS]
    left_out += [f"{application}__current_version__{name}" for name in later]
    return get_object_or_404(
        Assignment.objects.select_related(
            "expert__user",
            "case__panel__round__scheme",
            "case__panel__round__measure",
            "case__application__enterprise__district",
            "case__application__channel",
            "case__application__main_mode",
            "case__application__current_version",
            "sheet",
            "recusal",
        ).defer(*left_out, f"{application}__main_mode__description"),
        pk=pk,
        expert__user=request.user,
    )


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    expert = _expert_of(request)
    past = request.GET.get("past") == "1"
    every = list(assignments_of(expert, concluded=past))
    statuses = Counter(map(status_of, every))
    counts = {name: statuses[name] for name in TABS if name}
    tab = request.GET.get("tab", "")
    query = asked_words(request.GET.get("q"))
    shown = [one for one in every if (tab not in counts or status_of(one) == tab) and _matches(one, query)]
    shown.sort(key=lambda one: not is_urgent(one))
    page: Page[Any] = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    standing = [one for one in every if status_of(one) not in ("recused", "released")]
    panels = panels_of([*page, *standing[:1]])
    current = panels[standing[0].case.panel_id] if standing else None
    page.object_list = rows_of(expert, list(page), panels, today=clock.today())
    context = {
        "page": page,
        "tab": tab if tab in counts else "",
        "tabs": [(name, label, counts.get(name, len(every))) for name, label in TABS.items()],
        "counts": counts,
        "query": query,
        "past": past,
        "panel": current,
        "several": len({one.case.panel_id for one in standing}) > 1,
        "average": own_average(expert, current.round_id) if current else None,
        "scheme": current.round.scheme.spec() if current else None,
        "to_do": len(standing) - counts["submitted"],
        "parts": [
            ("已提交", counts["submitted"], "met"),
            ("评分中", counts["draft"], "sea"),
            ("待评分", counts["todo"], "pale"),
            ("待声明", counts["awaiting"], "sand"),
            ("已回避", counts["recused"], "neutral"),
        ],
        "total": len(every),
    }
    return render(request, "review/review_list.html", context)


def _matches(assignment: Any, query: str) -> bool:
    return query in assignment.enterprise_name or query.upper() in assignment.credit_code


@require_http_methods(["GET", "POST"])
def review_declare(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    """The gate. Before it is passed nothing of the case can be read, here or anywhere else."""
    assignment = own_assignment(request, assignment_pk)
    application = assignment.case.application
    today = clock.today()
    found = suspicions(assignment.expert.ties.all(), application, on=today)
    binding = [one for one in found if one.is_binding]
    form = DeclarationForm(request.POST if request.method == "POST" else None, initial=_proposed(binding))
    if request.method == "POST" and form.is_valid() and _declare(request, assignment, form):
        if form.cleaned_data["answer"] == STAY:
            return redirect("review-sheet", assignment.pk)
        following = neighbours(assignment).next_open
        return redirect(address_of(following) if following else "review-list")
    recusal = getattr(assignment, "recusal", None)
    context = {
        "assignment": assignment,
        "application": application,
        "panel": assignment.case.panel,
        "form": form,
        "found": found,
        "binding": binding,
        "drawings": [(one, timeline(one, today)) for one in found],
        "recusal": recusal,
        "recusal_grounds": ground_words(recusal) if recusal else [],
        "is_open": assignment.state == Assignment.State.AWAITING,
        "is_clear": assignment.state == Assignment.State.CLEAR,
        "may_declare": assignment.state in (Assignment.State.AWAITING, Assignment.State.CLEAR)
        and application.state in (Application.State.ACCEPTED, Application.State.UNDER_REVIEW),
        "step_aside": STEP_ASIDE,
        "stay": STAY,
        "proposed": {one.ground for one in binding},
        "chosen": form["answer"].value() or "",
        "chosen_grounds": set(form["grounds"].value() or []),
    }
    return render(request, "review/declare.html", context)


def _proposed(binding) -> dict[str, object]:
    """A tie on record is carried into the declaration, so that it is not typed twice."""
    if not binding:
        return {}
    return {
        "answer": STEP_ASIDE,
        "grounds": sorted({one.ground for one in binding}),
        "explanation": "；".join(one.sentence for one in binding),
    }


def _declare(request: HttpRequest, assignment: Assignment, form: DeclarationForm) -> bool:
    entered = form.cleaned_data
    if entered["answer"] == STAY:
        done = act(
            request,
            assignment,
            "declare_no_conflict",
            note=entered["explanation"].strip(),
            done="已声明无利害关系，材料和评分表已开放。",
        )
    else:
        done = act(
            request,
            assignment,
            "recuse",
            note=entered["explanation"].strip(),
            grounds=entered["grounds"],
            done=f"已回避{assignment.case.application.enterprise}，这一件的材料不再开放。",
        )
    return done is not None
