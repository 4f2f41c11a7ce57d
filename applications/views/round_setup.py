"""The municipal handler prepares a round step by step and publishes its call (Art. 4, 14, 16, 25)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler
from applications import conditions, planning
from applications.calls import NEEDED, begins, call_of, warnings_of
from applications.channels import channels
from applications.forms.rounds import BasisForm, DatesForm, RequirementsForm, ReviewForm, StepForm
from applications.models import Round
from applications.round_calendar import calendar_of
from applications.round_pages import carry_over
from applications.rounds import CHANGED, inspected, publish_call, save_step, set_up
from core import workflow
from core.conflicts import conflict, differences, revision_of
from core.http import attempt
from core.typed import asked_number
from policy.models import Measure

# Each step with the conditions of publishing that it answers for.
STEPS = {
    "basis": ("依据和名称", (conditions.measure_in_force,)),
    "dates": ("日期", (conditions.dates_in_order, conditions.still_time_to_apply)),
    "requirements": ("申报要求", (conditions.attachments_asked_for, conditions.figures_year_complete)),
    "review": ("评审和名额", (conditions.quotas_fit,)),
}
FILES = "files"
PREVIEW = "preview"
TEMPLATE = "applications/rounds/step.html"
ALREADY_OPEN = "{}已发布申报通知，管理办法、日期和附件要求不能再改。"


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    """The first step of a new round; all the rest is proposed from the last one of its kind."""
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in Round.Kind.values else Round.Kind.RECOGNITION.value
    last = planning.last_of(kind)
    typed_year = asked_number(request.POST.get("year"))
    year = typed_year if 2000 <= typed_year <= 2200 else None
    round_ = planning.proposed(kind, last, year=year)
    form = BasisForm(request.POST or None, instance=round_)
    if request.method == "POST" and form.is_valid():
        return _begun(request, form, last)
    return _first_page(request, form, last)


@require_POST
def copy(request: SignedInRequest, pk: int) -> HttpResponse:
    """The whole of another round, moved on to the next year, in one click."""
    last = get_object_or_404(Round.objects.select_related("measure", "scheme"), pk=pk)
    round_ = planning.proposed(last.kind, last)
    same = {name: getattr(round_, name) for name in ("kind", "year", "title", "call_number")}
    form = BasisForm(same | {"measure": round_.measure_id}, instance=round_)
    return _begun(request, form, last) if form.is_valid() else _first_page(request, form, last)


def _begun(request: SignedInRequest, form: BasisForm, last: Round | None) -> HttpResponse:
    round_ = form.save(commit=False)
    require_municipal_handler(request.user, round_.measure, "set_up", "建立批次")
    requirements, quotas = planning.requirements_of(last), planning.quotas_of(last)
    with transaction.atomic():
        set_up(round_, requirements, quotas=quotas, by=request.user)
        has_pages = last is not None and carry_over(last, round_, by=request.user)
    whence = f"日期、要求和名额已按{last}推算" if last else "日期和要求已按通常安排推算"
    whence += "，模板和问答一并沿用" if has_pages else ""
    messages.success(request, f"已建立{round_}，{whence}。请逐步核对，发布前企业看不到。")
    return redirect("round-step", round_.pk, "dates")


def _first_page(request: SignedInRequest, form: BasisForm, last: Round | None) -> HttpResponse:
    context = _context(form, "basis") | {"is_new": True, "last": last, "lapsed": _lapsed(form)}
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    """One step of a round in preparation; whichever button is pressed, what was typed is saved first."""
    if step not in STEPS:
        raise Http404
    with transaction.atomic():
        found = Round.objects.select_related("measure", "scheme")
        if request.method == "POST":
            found = found.select_for_update(of=("self",))
        round_ = get_object_or_404(found, pk=pk)
        if round_.state != Round.State.PREPARING:
            messages.error(request, ALREADY_OPEN.format(round_))
            return redirect("round-board", pk)
        form = _form(step, request, round_)
        if request.method == "POST":
            return _write(request, form, step)
        return render(request, TEMPLATE, _context(form, step))


def _write(request: SignedInRequest, form: StepForm, step: str) -> HttpResponse:
    context = _context(form, step)
    if "recompute" in request.POST and isinstance(form, DatesForm):
        return _recomputed(request, form, context)
    if not form.is_valid():
        # what was typed still rests on that
        context |= {"revision": request.POST.get("revision", ""), "lapsed": _lapsed(form)}
        return render(request, TEMPLATE, context, status=422)
    if request.POST.get("revision") != context["revision"] and (found := differences(form)):
        return conflict(request, TEMPLATE, context | {"differences": found})
    round_ = save_step(form, by=request.user)
    for hint in calendar_of(round_).hints if step == "dates" else ():
        messages.warning(request, hint)
    for one in STEPS[step][1]:
        if reason := one.reason(round_):
            messages.warning(request, reason)
    wanted = request.POST.get("go", "")
    if wanted in STEPS:
        return redirect("round-step", round_.pk, wanted)
    if wanted == FILES:
        return redirect("round-pages", round_.pk)
    if wanted == PREVIEW:
        return redirect("round-board", round_.pk)
    messages.success(request, f"“{STEPS[step][0]}”已保存。")
    return redirect("round-step", round_.pk, step)


def _recomputed(request: SignedInRequest, form: DatesForm, context: dict[str, Any]) -> HttpResponse:
    """The other dates follow from the opening that was typed; nothing is saved yet."""
    form.is_valid()
    opens_at = form.cleaned_data.get("opens_at")
    context["revision"] = request.POST.get("revision", "")
    if opens_at is None:
        return render(request, TEMPLATE, context, status=422)
    round_ = Round.objects.get(pk=form.instance.pk)
    context["form"] = DatesForm(instance=round_, initial=planning.from_opening(round_, opens_at))
    messages.info(request, "其余日期已按申报开始推算，间隔不变，避开休息日。核对后保存。")
    return render(request, TEMPLATE, context)


def _form(step: str, request: SignedInRequest, round_: Round) -> StepForm:
    data = request.POST if request.method == "POST" else None
    if step == "review":
        return ReviewForm(data, instance=round_, channels=channels())
    forms = {"basis": BasisForm, "dates": DatesForm, "requirements": RequirementsForm}
    return forms[step](data, instance=round_)


def _context(form: StepForm, step: str) -> dict[str, Any]:
    """What a step's page needs; to be asked before the form writes into the round what was typed."""
    round_ = form.instance
    names = [*STEPS, FILES]
    place = names.index(step)
    return {
        "form": form,
        "round": round_,
        "step": step,
        "label": STEPS[step][0],
        "steps": steps_of(round_),
        "before": names[place - 1] if place else "",
        "after": names[place + 1],
        "revision": revision_of(form),
        "calendar": calendar_of(round_) if step == "dates" else None,
    }


def steps_of(round_: Round) -> list[dict[str, Any]]:
    """The steps with what still stands in the way of publishing; a round that is not saved yet has nothing to tell."""
    steps = [
        {
            "name": name,
            "label": label,
            "url": reverse("round-step", args=[round_.pk, name]) if round_.pk else "",
            "reason": "".join(one.reason(round_) for one in asked) if round_.pk else "",
        }
        for name, (label, asked) in STEPS.items()
    ]
    url = reverse("round-pages", args=[round_.pk]) if round_.pk else ""
    return [*steps, {"name": FILES, "label": "通知文件和模板", "url": url, "reason": ""}]


def preview(request: SignedInRequest, round_: Round) -> HttpResponse:
    """All of it as people will see it, with the button that publishes it."""
    prefetch_related_objects([round_], *NEEDED)
    call = call_of(round_)
    context = {
        "round": round_,
        "call": call,
        "warnings": warnings_of(call),
        "steps": steps_of(round_),
        "step": PREVIEW,
        "options": workflow.options(round_, request.user, "open"),
        "may_act": is_municipal_handler(request.user),
        "seen": inspected(round_),
    }
    return render(request, "applications/rounds/prepare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """Publish what was inspected, once it has been said again what that does and what still stands against it."""
    round_ = get_object_or_404(Round.objects.select_related("measure"), pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if opened := attempt(request, lambda: publish_call(round_, seen=seen, by=request.user)):
            messages.success(request, f"{round_}的通知已发布，{begins(opened)}。")
        return redirect("round-board", pk)
    prefetch_related_objects([round_], *NEEDED)
    option = workflow.options(round_, request.user, "open")["open"]
    if not option.shown:
        return redirect("round-board", pk)
    now = inspected(round_)
    if request.GET.get("seen", now) != now:
        messages.error(request, CHANGED)
        return redirect("round-board", pk)
    call = call_of(round_)
    warnings = warnings_of(call)
    if waiting := round_.questions.filter(published_at=None).count():
        warnings.append(f"{waiting} 条问答还没有发布，公众看不到。请核对后逐条发布，通知发布后也可以。")
    context = {"round": round_, "call": call, "warnings": warnings, "begins": begins(round_)}
    return render(request, "applications/rounds/open.html", context | {"option": option, "seen": now})


def _lapsed(form: StepForm) -> Measure | None:
    """The measure that was refused for its validity, so that the page can lead on to its renewal."""
    chosen = asked_number(str(form["measure"].value())) if form.errors.get("measure") else 0
    return Measure.objects.filter(pk=chosen).first()
