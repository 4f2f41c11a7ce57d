"""Conflicts of interest of a panel as the bureau screens them: evidence, dismissals of suspicions, late discoveries."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import Expert
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler
from applications.models import Application
from core import clock
from core.http import act, attempt
from core.typed import asked_number, asked_words, posted_text, too_long
from review.conflicts import Conflict, Screening, applications_of, dismiss, experts_to_screen
from review.forms import ExclusionForm
from review.models import Assignment, Panel
from review.views.panels import panel_badge

PAGE_SIZE = 25
LONGEST_REASON = 300
EXCLUDE = "exclude"


@dataclass
class Row:
    """One conflict of one expert and one case; ``assignment`` when the expert is on the case all the same."""

    expert: Expert
    application: Application
    conflict: Conflict
    assignment: Assignment | None

    @property
    def key(self) -> str:
        return f"{self.expert.pk}-{self.application.pk}-{self.conflict.code}"

    @property
    def badge(self) -> tuple[str, str, str]:
        if self.conflict.is_real:
            return "须回避", "slash-circle", "unmet"
        if self.conflict.dismissal:
            return "已排除", "check-lg", "neutral"
        return "疑似", "question-lg", "attention"

    @property
    def is_open(self) -> bool:
        return not self.conflict.is_real and not self.conflict.dismissal

    @property
    def order(self) -> tuple[bool, bool, bool]:
        """What somebody has to decide comes first."""
        on_the_case = self.assignment is not None and self.conflict.keeps_out
        return not on_the_case, self.conflict.is_real, self.conflict.dismissal is not None


@require_http_methods(["GET", "POST"])
def panel_conflicts(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every conflict between the pool and the panel's cases, before anybody is invited and after."""
    panel = get_object_or_404(Panel.objects.select_related("round"), pk=pk)
    if request.method != "POST":
        return _page(request, panel)
    return _exclude(request, panel) if request.POST.get("action") == EXCLUDE else _dismiss(request, panel)


def _dismiss(request: SignedInRequest, panel: Panel) -> HttpResponse:
    require_municipal_handler(request.user, panel, "dismiss_suspicion", "排除疑似利害关系")
    expert = Expert.objects.filter(pk=asked_number(request.POST.get("expert"))).first()
    asked = asked_number(request.POST.get("application"))
    case = panel.cases.select_related("application").filter(application=asked).first()
    if expert is None or case is None:
        messages.error(request, "没有这位专家或这件申报，请刷新页面后再办理。")
        return redirect("panel-conflicts", panel.pk)
    code, seen = request.POST.get("code", ""), request.POST.get("evidence", "")
    reason = posted_text(request.POST.get("reason"))
    if refusal := too_long("排除的理由", reason, LONGEST_REASON):
        messages.error(request, refusal)
    elif attempt(
        request,
        lambda: dismiss(panel, expert, case.application, code, seen=seen, by=request.user, reason=reason),
    ):
        messages.success(request, f"已排除{expert}的这条疑似，理由留存。")
        return redirect("panel-conflicts", panel.pk)
    typed = {"key": f"{expert.pk}-{case.application_id}-{code}", "reason": reason}
    return _page(request, panel, typed=typed, status=422)


def _exclude(request: SignedInRequest, panel: Panel) -> HttpResponse:
    require_municipal_handler(request.user, panel, "exclude", "认定须回避")
    form = ExclusionForm(request.POST, panel=panel)
    if form.is_valid():
        said = form.cleaned_data
        done = act(
            request,
            said["assignment"],
            "exclude",
            note=said["explanation"],
            grounds=said["grounds"],
            done=f"已认定{said['expert']}须回避，材料不再开放，本人已收到通知。"
            f"{'已提交的评分表不再计入，原件留存。' if said['is_in'] else ''}请在专家组页面补人。",
        )
        if done:
            return redirect("panel-conflicts", panel.pk)
    return _page(request, panel, exclusion=form, status=422)


def _page(
    request: SignedInRequest,
    panel: Panel,
    *,
    typed: dict[str, Any] | None = None,
    exclusion: ExclusionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = _rows(panel)
    query = asked_words(request.GET.get("q"))
    shown = [one for one in rows if query in f"{one.expert} {one.application.enterprise}"]
    handler = is_municipal_handler(request.user)
    seated = panel.state == Panel.State.SEATED
    asked: Any = request.GET.get("page")
    at = next((place for place, one in enumerate(shown) if typed and one.key == typed["key"]), None)
    if at is not None:
        asked = at // PAGE_SIZE + 1
    context = {
        "panel": panel,
        "badge": panel_badge(panel, has_begun=panel.has_begun),
        "given_back": typed["reason"] if typed and not (at is not None and shown[at].is_open) else "",
        "page": Paginator(shown, PAGE_SIZE).get_page(asked),
        "query": query,
        "open": sum(one.is_open for one in rows),
        "late": sum(not one.order[0] for one in rows),
        "is_handler": handler,
        "typed": typed or {},
        "exclusion": (exclusion or ExclusionForm(panel=panel)) if handler and seated else None,
    }
    return render(request, "review/panel_conflicts.html", context, status=status)


def _rows(panel: Panel) -> list[Row]:
    """Seven queries whatever the size of pool and panel."""
    applications = applications_of(panel.cases)
    screening = Screening(applications, on=clock.today())
    standing = {
        (one.expert_id, one.case.application_id): one
        for one in Assignment.objects.standing().filter(case__panel=panel).select_related("case")
    }
    rows = [
        Row(expert, application, conflict, standing.get((expert.pk, application.pk)))
        for expert in experts_to_screen()
        for application in applications
        for conflict in screening.of(expert, application)
    ]
    rows.sort(key=lambda one: one.order)
    return rows
