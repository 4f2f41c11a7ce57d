from copy import copy
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.models import Application
from applications.progress import badge
from core.conflicts import conflict, differences
from core.http import attempt
from review.forms import SiteVisitForm, names_in
from review.materials import materials_of
from review.models import PanelCase, SiteVisit
from review.visiting import OPEN_STATES, record_visit, revision_of

PAGE = "review/site_visit.html"


@require_http_methods(["GET", "POST"])
def site_visit(request: SignedInRequest, application_pk: int) -> HttpResponse:
    """Decide whether a visit is needed, and record it. Closed once the review has ended."""
    applications = Application.objects.visible_to(request.user).select_related(
        "enterprise__district", "round__measure", "main_mode", "current_version"
    )
    application = get_object_or_404(applications, pk=application_pk)
    if request.method == "POST":
        return _record(request, application)
    return render(request, PAGE, _page(request, application))


@transaction.atomic
def _record(request: SignedInRequest, application: Application) -> HttpResponse:
    """What a colleague recorded since the page was opened is shown beside what was typed, and not overwritten."""
    seen = request.POST.get("seen", "")
    if not is_municipal_handler(request.user):  # refused by its door, where the attempt becomes an event
        record_visit(SiteVisit(application=application), seen=seen, by=request.user)
    Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    page = _page(request, application, request.POST)
    form, found_there = page["form"], differences(page["form"])
    if not form.is_valid():
        page["seen"] = seen  # what was typed still rests on that
        return render(request, PAGE, page)
    if found_there and page["visit"] and seen != page["seen"]:
        return conflict(request, PAGE, page | {"differences": found_there})
    if found_there and not attempt(request, lambda: record_visit(form.instance, seen=seen, by=request.user)):
        return render(request, PAGE, page | {"differences": found_there}, status=409)
    settled = form.instance.is_settled
    messages.success(request, "考察记录已保存。" if settled else "已登记需要考察，考察后请回来填写记录。")
    return redirect("site-visit", application.pk)


def _page(request: SignedInRequest, application: Application, typed: Any = None) -> dict[str, Any]:
    visit = SiteVisit.objects.select_related("recorded_by").filter(application=application).first()
    version = application.current_version
    is_open = application.state in OPEN_STATES
    return {
        "application": application,
        "badge": badge(application),
        "visit": visit,
        "case": PanelCase.objects.select_related("panel").filter(application=application).first(),
        "form": SiteVisitForm(typed, instance=copy(visit) if visit else SiteVisit(application=application)),
        "seen": revision_of(visit),
        "is_open": is_open,
        "may_record": is_open and is_municipal_handler(request.user),
        "visitors": names_in(visit.visitors) if visit else [],
        "materials": materials_of(version, application.round.measure.condition_specs()) if version else None,
    }
