"""What the bureau does with a panel: draw, name the chair, seat, start, extend, replace, release, conclude."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from accounts.models import Expert
from accounts.permissions import require_municipal_handler
from applications.models import Round
from core.http import act, attempt
from core.typed import asked_number, plain_text, posted_text, too_long
from review import course, reminders, scores
from review import draw as drawing
from review.composing import cases_without_chair, dissolve, name_chair
from review.forms import DrawForm, DueForm
from review.models import Panel, PanelCase
from review.views.panels import panel_page, unmeant_rest_day

LONGEST_REASON, LONGEST_WITNESS, LONGEST_UNSIGNED = 300, 80, 1000


@require_POST
def panel_draw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draw the members, or with a reason draw them again; what was typed stays when it is refused."""
    panel = get_object_or_404(Panel, pk=pk)
    require_municipal_handler(request.user, panel, "draw", "抽取专家")
    form = DrawForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        record = attempt(
            request,
            lambda: drawing.draw_panel(
                panel,
                by=request.user,
                witness=said["witness"],
                terms=form.terms(panel),
                reason=said["reason"],
            ),
        )
        if record:
            reserves = f"、候补 {len(record.reserves)} 人" if record.reserves else ""
            messages.success(
                request,
                f"已从 {len(record.eligible)} 名合格专家中抽出 {record.wanted} 人{reserves}，记录可随时重放。请指定组长。",
            )
            return redirect("panel-detail", pk)
    return panel_page(request, pk, draw_form=form, status=422)


@require_POST
def panel_dissolve(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a panel up that nobody has been drawn for."""
    panel = get_object_or_404(Panel, pk=pk)
    if attempt(request, lambda: dissolve(panel, by=request.user)):
        messages.success(request, f"{panel.name}已解散，其中的申报可以重新分组。")
        return redirect("panel-list")
    return redirect("panel-detail", pk)


@require_POST
def panel_chair(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name the chair, or with a reason another one."""
    panel = get_object_or_404(Panel, pk=pk)
    require_municipal_handler(request.user, panel, "name_chair", "指定组长")
    member = panel.members.filter(pk=asked_number(request.POST.get("member"))).first()
    reason = posted_text(request.POST.get("reason"))
    refusal = too_long("更换组长的原因", reason, LONGEST_REASON)
    if refusal:
        messages.error(request, refusal)
    elif named := attempt(request, lambda: name_chair(panel, member, by=request.user, reason=reason)):
        messages.success(request, f"组长：{named.expert}。")
        if panel.state == Panel.State.SEATED and (others := cases_without_chair(panel)):
            messages.info(
                request, f"其中 {others} 件{named.expert}不评审，由评审该件资历在先的专家主持合议。"
            )
        return redirect("panel-detail", pk)
    typed = {"chair": member.pk if member else None, "chair_reason": reason}
    return panel_page(request, pk, typed=typed, status=422)


@require_POST
def panel_seat(request: SignedInRequest, pk: int) -> HttpResponse:
    panel = get_object_or_404(Panel, pk=pk)
    act(request, panel, "seat", done="专家组已组成，各位专家已收到通知，请他们先声明利害关系。")
    return redirect("panel-detail", pk)


@require_POST
def panel_start(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin the review of every case that is ready."""
    panel = get_object_or_404(Panel, pk=pk)
    started, held = course.start_panel(panel, by=request.user)
    _report(request, panel, f"{started} 件开始评审。" if started else "", held)
    if not started and not held:
        messages.info(request, "本组没有等待开始的申报。")
    return redirect("panel-detail", pk)


@require_POST
def panel_remind(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remind one expert of the panel."""
    panel = get_object_or_404(Panel, pk=pk)
    expert = get_object_or_404(
        Expert.objects.select_related("user").filter(assignments__case__panel=panel).distinct(),
        pk=asked_number(request.POST.get("expert")),
    )
    if attempt(request, lambda: reminders.remind(panel, expert, by=request.user)):
        messages.success(request, f"已提醒{expert}。")
    return redirect("panel-detail", pk)


@require_POST
def conclude(request: SignedInRequest, pk: int) -> HttpResponse:
    """End the review of one case (`case`) or of all that can end, and of the panel when none is left."""
    panel = get_object_or_404(Panel.objects.select_related("round__scheme"), pk=pk)
    require_municipal_handler(request.user, panel, "conclude", "结束评审")
    case = None
    if chosen := request.POST.get("case"):
        case = get_object_or_404(panel.cases.select_related("application"), pk=asked_number(chosen))
    far = [one for one in course.undiscussed_of(panel) if case is None or one.case.pk == case.pk]
    if far and request.POST.get("undiscussed") != course.undiscussed_digest(far):
        names = ("unsigned", "unsigned_seen", "next")
        kept: dict[str, Any] = {name: posted_text(request.POST.get(name)) for name in names}
        kept["ending"] = case.pk if case else None
        messages.warning(request, f"评审还没有结束：{len(far)} 件的评分差距较大，还没有合议，请先确认。")
        return panel_page(request, pk, typed=kept, undiscussed=far, status=422)
    undiscussed = {one.case.pk: one.apart for one in far}
    if case:
        done = attempt(
            request, lambda: course.conclude(case.application, by=request.user, undiscussed=undiscussed)
        )
        if done:
            messages.success(request, f"{done.enterprise}：综合得分 {done.score:.2f}。")
    else:
        typed = {name: posted_text(request.POST.get(name)) for name in ("unsigned", "unsigned_seen")}
        if refusal := too_long("未全部签署的原因", typed["unsigned"], LONGEST_UNSIGNED):
            messages.error(request, refusal)
            return panel_page(request, pk, typed=typed, status=422)
        end = partial(
            course.conclude_panel,
            panel,
            by=request.user,
            unsigned=typed["unsigned"],
            seen=typed["unsigned_seen"],
            undiscussed=undiscussed,
        )
        count, held = attempt(request, end) or (0, {})
        _report(request, panel, f"{count} 件评审结束。" if count else "", held)
        if Panel.objects.get(pk=panel.pk).state == Panel.State.CONCLUDED:
            ranked = panel.round.kind == Round.Kind.RECOGNITION  # re-reviews end one by one
            following = "全部专家组结束后，在“择优排序”中冻结排序。" if ranked else "接下来逐家作出复核结论。"
            messages.success(request, f"{panel.name}已结束评审。{following}")
        if typed["unsigned"] and panel.name in held:
            return panel_page(request, pk, typed=typed, status=422)
    if request.POST.get("next") == "scores":
        return redirect(f"{reverse('score-matrix', args=[panel.round_id])}?panel={panel.pk}")
    return redirect("panel-detail", pk)


@require_POST
def panel_due(request: SignedInRequest, pk: int) -> HttpResponse:
    """Extend the date of a panel; everyone on it is told."""
    panel = get_object_or_404(Panel, pk=pk)
    form, hints = DueForm(request.POST), []
    if form.is_valid():
        due_at, reason = form.cleaned_data["due_at"], form.cleaned_data["reason"]
        hints = unmeant_rest_day(request, due_at)
        extend = partial(scores.extend, panel, due_at, by=request.user, reason=reason)
        if done := None if hints else attempt(request, extend):
            messages.success(request, "截止时间已改，本组专家已收到通知。")
            return redirect("panel-detail", done.pk)
    return panel_page(request, pk, due_form=form, hints=hints, status=422)


@require_POST
def case_replace(request: SignedInRequest, pk: int) -> HttpResponse:
    """Draw as many experts as a case is short of, or call a reserve in."""
    case = get_object_or_404(PanelCase.objects.select_related("panel"), pk=pk)
    if "reserve" in request.POST:
        called = attempt(request, lambda: drawing.call_reserve(case, by=request.user))
        if called:
            messages.success(
                request, f"已由候补{called.expert}递补，请其声明利害关系；各位专家都声明后才能开始。"
            )
        return redirect("panel-detail", case.panel_id)
    reason, witness = posted_text(request.POST.get("reason")), plain_text(request.POST.get("witness", ""))
    refusal = too_long("补抽的原因", reason, LONGEST_REASON) or too_long("监督人", witness, LONGEST_WITNESS)
    if refusal:
        messages.error(request, refusal)
    record = None
    if not refusal:
        record = attempt(
            request,
            lambda: drawing.draw_replacement(case, by=request.user, witness=witness, reason=reason),
        )
    if record is None:
        typed = {"replace": case.pk, "reason": reason, "witness": witness}
        return panel_page(request, case.panel_id, typed=typed, status=422)
    names = {one["id"]: one["name"] for one in record.eligible}
    drawn = "、".join(names[one] for one in record.outcome)
    messages.success(request, f"已补抽 {drawn}，请其声明利害关系；各位专家都声明后才能开始。")
    return redirect("panel-detail", case.panel_id)


@require_POST
def case_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a case from an expert who does not answer."""
    case = get_object_or_404(PanelCase, pk=pk)
    assignment = (
        case.assignments.select_related("expert__user")
        .filter(pk=asked_number(request.POST.get("assignment")))
        .first()
    )
    note = posted_text(request.POST.get("reason"))
    if assignment is None:
        refusal = "请选定不回应的专家。"
    elif not note:
        refusal = "请写明解除指派的原因。"
    else:
        refusal = too_long("解除指派的原因", note, LONGEST_REASON)
    done = f"已解除{assignment.expert}的这一件，请补抽一位。" if assignment else ""
    if refusal:
        messages.error(request, refusal)
    elif act(request, assignment, "release", note=note, done=done):
        return redirect("panel-detail", case.panel_id)
    typed = {"case": case.pk, "assignment": assignment.pk if assignment else None, "reason": note}
    return panel_page(request, case.panel_id, typed=typed, status=422)


def _report(request: SignedInRequest, panel: Panel, done: str, held: dict[str, list[str]]) -> None:
    if done:
        messages.success(request, done)
    for name, reasons in held.items():
        tell = messages.info if done and name == panel.name else messages.error
        tell(request, f"{name}：{''.join(reasons)}")
