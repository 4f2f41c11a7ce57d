"""Composing a panel: cases that are alike, its name, its size, its date."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from applications.models import Application, Round
from core.http import attempt
from policy.models import Industry
from review.composing import compose
from review.forms import PanelForm, waiting_for_panel
from review.models import Panel
from review.views.panels import unmeant_rest_day

TYPED = ("name", "size", "due_at")


@dataclass
class Alike:
    """Waiting cases of one main mode or of one division of industry, which a panel may be made of."""

    key: str
    name: str
    cases: list[Application] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
def panel_create(request: SignedInRequest) -> HttpResponse:
    """Compose a panel; ``only`` marks the cases of one mode or industry and composes nothing yet."""
    waiting = Round.objects.filter(
        applications__state=Application.State.ACCEPTED, applications__panel_case__isnull=True
    )
    rounds = list(waiting.distinct().order_by("-year", "kind"))
    wanted = request.POST.get("round") or request.GET.get("round")
    round_ = next((one for one in rounds if str(one.pk) == wanted), rounds[0] if rounds else None)
    if round_ is None:
        messages.info(request, "没有等待分组的申报：受理之后才能组建专家组。")
        return redirect("panel-list")
    cases = list(waiting_for_panel(round_))
    modes, industries = _by_mode(cases), _by_industry(cases)
    only = next((one for one in [*modes, *industries] if one.key == request.POST.get("only")), None)
    hints: list[str] = []
    if only:
        typed = {name: request.POST.get(name, "") for name in TYPED}
        initial = typed | {"name": typed["name"] or f"{only.name}组", "cases": [one.pk for one in only.cases]}
        form = PanelForm(initial=initial, round_=round_)
    else:
        form = PanelForm(request.POST if request.method == "POST" else None, round_=round_)
        if request.method == "POST" and form.is_valid():
            hints = unmeant_rest_day(request, form.cleaned_data["due_at"])
            if not hints and (panel := _composed(request, round_, form)):
                messages.success(request, f"{panel.name}已组建，接下来抽取专家。")
                return redirect("panel-detail", panel.pk)
    context = {
        "form": form,
        "hints": hints,
        "round": round_,
        "rounds": rounds,
        "cases": cases,
        "modes": modes,
        "industries": industries,
        "only": only,
        "chosen": set(map(str, form["cases"].value() or [])),
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)


def _composed(request: SignedInRequest, round_: Round, form: PanelForm) -> Panel | None:
    said = form.cleaned_data
    return attempt(
        request,
        lambda: compose(
            round_, said["name"], said["cases"], due_at=said["due_at"], size=said["size"], by=request.user
        ),
    )


def _by_mode(cases: Iterable[Application]) -> list[Alike]:
    found: dict[str, Alike] = {}
    for one in cases:
        if one.main_mode:
            key = f"mode-{one.main_mode_id}"
            found.setdefault(key, Alike(key, one.main_mode.name)).cases.append(one)
    return list(found.values())


def _by_industry(cases: Iterable[Application]) -> list[Alike]:
    """By division, the first two digits of the class (one query)."""
    of_division: dict[str, list[Application]] = {}
    for one in cases:
        of_division.setdefault(one.enterprise.industry_id[:2], []).append(one)
    names = dict(Industry.objects.filter(code__in=of_division).values_list("code", "name"))
    return [Alike(f"industry-{code}", names[code], of_division[code]) for code in sorted(of_division)]
