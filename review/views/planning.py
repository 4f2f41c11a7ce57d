"""The assignment plan of a divided panel: asked for, watched, read case by case, changed by hand."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.models import Expert
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler
from core import documents
from core.exports import xlsx_response
from core.http import attempt
from core.typed import asked_number, posted_text, too_long
from review.models import Panel, PlannedPair
from review.planning import ask_plan, change_pair, changes_of, loads, plan_of, plan_table
from review.views.panels import panel_badge

PAGE_SIZE = 25
LONGEST_REASON = 100
CHANGE = "change"


@require_http_methods(["GET", "POST"])
def panel_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    panel = get_object_or_404(Panel.objects.select_related("round"), pk=pk)
    if request.method != "POST":
        return _page(request, panel)
    if request.POST.get("action") == CHANGE:
        return _change(request, panel)
    if attempt(request, lambda: ask_plan(panel, by=request.user)):
        messages.success(request, "正在分配，可以离开此页，稍后回来。")
    return redirect("panel-plan", pk)


def _change(request: SignedInRequest, panel: Panel) -> HttpResponse:
    require_municipal_handler(request.user, panel, "change_plan", "调整分配")
    pair = PlannedPair.objects.filter(case__panel=panel, pk=asked_number(request.POST.get("pair")))
    found = pair.select_related("case__panel").first()
    expert = Expert.objects.filter(pk=asked_number(request.POST.get("expert"))).first()
    reason = posted_text(request.POST.get("reason"))
    if found is None or expert is None:
        messages.error(request, "请选择要调整的一件和接手的专家；方案可能已重新计算，请刷新页面核对。")
    elif refusal := too_long("调整的原因", reason, LONGEST_REASON):
        messages.error(request, refusal)
    elif attempt(request, lambda: change_pair(found, expert, by=request.user, reason=reason)):
        messages.success(request, f"已改由{expert}评审，原因留存。")
        counted = loads(panel).values()
        if max(counted) - min(counted) > 1:
            messages.warning(
                request, f"各专家现在最多 {max(counted)} 件、最少 {min(counted)} 件，相差超过一件。"
            )
        return redirect(f"{reverse('panel-plan', args=[panel.pk])}?page={request.GET.get('page', '')}")
    typed = {"pair": found.pk if found else 0, "expert": expert.pk if expert else 0, "reason": reason}
    return _page(request, panel, typed=typed, status=422)


@require_safe
def plan_xlsx(request: SignedInRequest, pk: int) -> HttpResponse:
    """The plan as it stands, with what was changed by hand."""
    panel = get_object_or_404(Panel.objects.select_related("round"), pk=pk)
    return xlsx_response(plan_table(panel), f"评审分配方案_{panel.name}.xlsx")


def _page(
    request: SignedInRequest, panel: Panel, *, typed: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    cases = panel.cases.select_related("application__enterprise__district", "application__main_mode")
    cases = cases.annotate(version_number=F("application__current_version__number"))
    cases = cases.prefetch_related("planned__expert__user").order_by("id")
    plan = plan_of(panel)
    counted = loads(panel)
    members = [
        (one.expert, counted[one.expert_id])
        for one in panel.members.select_related("expert__user").order_by("expert__user__name", "id")
    ]
    forming = panel.state == Panel.State.FORMING
    context = {
        "panel": panel,
        "badge": panel_badge(panel, has_begun=panel.has_begun),
        "page": Paginator(cases, PAGE_SIZE).get_page(request.GET.get("page")),
        "document": plan,
        "label": "计算出的分配方案",
        "progress": documents.progress_of(plan) if plan else 0,
        "members": members,
        "is_planned": any(counted.values()),
        "most": max(counted.values(), default=0),
        "least": min(counted.values(), default=0),
        "changes": list(changes_of(panel)[:20]),
        "may_plan": is_municipal_handler(request.user) and forming and panel.is_divided,
        "typed": typed or {},
    }
    return render(request, "review/panel_plan.html", context, status=status)
