"""The Party group's meetings (第十六条): agenda, record, decision per enterprise, confirmation."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.models import Application, Round
from core import clock, workflow
from core.conflicts import conflict, differences, saved
from core.counting import number_of
from core.http import attempt, opened
from decisions import revisions
from decisions.drafts import CannotDraft, draft_meeting, fill_agenda, proposed_in
from decisions.forms import AgendaDecision, MeetingFacts, MeetingStart, MinutesUpload
from decisions.minutes import keep_minutes
from decisions.models import AgendaItem, Meeting
from decisions.shown import meeting_badge
from policy.procedure import ListEntry, list_digest
from review.models import Ranking, RankingEntry

PAGE_SIZE = 25
Decision = AgendaItem.Decision


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """All meetings, and the rounds whose proposed cases wait for one."""
    meetings = (
        Meeting.objects.visible_to(request.user)
        .select_related("round")
        .prefetch_related("notices")
        .annotate(
            listed=Count("items"),
            approved=Count("items", filter=Q(items__decision=Decision.APPROVED)),
            rejected=Count("items", filter=Q(items__decision=Decision.REJECTED)),
            deferred=Count("items", filter=Q(items__decision=Decision.DEFERRED)),
        )
        .order_by("-id")
    )
    page = Paginator(meetings, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, meeting_badge(one), _publicity_of(one)) for one in page],
        "waiting": list(_rounds_to_meet()),
        "may_record": is_municipal_handler(request.user),
    }
    return render(request, "decisions/meeting_list.html", context)


def meeting_create(request: HttpRequest) -> HttpResponse:
    """Lay the proposed cases of a round before the Party group."""
    rounds = _rounds_to_meet()
    form = MeetingStart(request.POST or None, initial={"round": request.GET.get("round") or rounds.first()})
    form.fields["round"].queryset = Round.objects.filter(  # type: ignore[attr-defined]
        kind=Round.Kind.RECOGNITION
    ).exclude(state=Round.State.PREPARING)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = draft_meeting(
                form.cleaned_data["round"], number=form.cleaned_data["number"], by=request.user
            )
        except CannotDraft as refusal:
            form.add_error("round", refusal.reasons[0])
        else:
            return redirect("meeting", pk=meeting.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "decisions/meeting_create.html", {"form": form, "rounds": rounds}, status=status)


def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """The record of one meeting. While it is being prepared a handler writes it; afterwards it is read."""
    found = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("round"), pk=pk)
    may_write = found.state == Meeting.State.DRAFT and is_municipal_handler(request.user)
    if request.method == "POST":
        if not may_write:
            messages.error(request, "会议决定已确认，不能再修改（第十六条）。如有差错，请另行召开会议更正。")
            return redirect("meeting", pk=pk)
        return _write(request, found)
    return render(request, "decisions/meeting.html", _record(request, found, may_write=may_write))


def _write(request: HttpRequest, found: Meeting) -> HttpResponse:
    """Save what was typed; then refresh the agenda, approve all, or go on to the confirmation."""
    is_autosave = "autosave" in request.POST
    with transaction.atomic():
        locked = Meeting.objects.select_for_update(of=("self",)).select_related("round").get(pk=found.pk)
        context = _record(request, locked, may_write=locked.state == Meeting.State.DRAFT)
        forms = [context["facts"], *(row["form"] for row in context["rows"])] if context["may_write"] else []
        valid = [form.is_valid() for form in forms]  # every form, so that every error is shown at once
        if not forms or not all(valid):
            if is_autosave:
                return HttpResponse("没有保存，请检查标出的内容。", status=422)
            context["revision"] = request.POST.get("revision", "")  # what was typed still rests on that
            return render(request, "decisions/meeting.html", context, status=422)
        found_there = differences(context["facts"])
        for row in context["rows"]:
            found_there += differences(row["form"], of=f"{row['item'].enterprise_name}：")
        if found_there and request.POST.get("revision") != context["revision"]:
            return conflict(request, "decisions/meeting.html", context | {"differences": found_there})
        for form in forms:
            form.save()
        action = request.POST.get("action", "")
        if action == "approve_all":
            locked.items.filter(decision="").update(decision=Decision.APPROVED)
        if action == "refresh":
            fill_agenda(locked)
        if is_autosave:
            return saved(revisions.of_meeting(locked), f"{clock.local(clock.now()):%H:%M}")
    if action == "confirm":
        return redirect("meeting-confirm", pk=found.pk)
    words = {"approve_all": "尚未记录决定的企业已全部列为通过。", "refresh": "议题已按拟认定名单更新。"}
    messages.success(request, words.get(action, "会议记录已保存。"))
    return redirect("meeting", pk=found.pk)


def meeting_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """What will happen, enterprise by enterprise, then once. What was shown and what is confirmed are the same."""
    found = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("round"), pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if attempt(request, lambda: revisions.confirm_meeting(found, seen=seen, by=request.user)):
            messages.success(request, "会议决定已确认。接下来可以起草公示。")
            return redirect("meeting", pk=pk)
        return redirect("meeting-confirm", pk=pk)
    items = list(found.items.select_related("application__enterprise__district"))
    groups = [(label, [one for one in items if one.decision == value]) for value, label in Decision.choices]
    context = {
        "meeting": found,
        "groups": groups,
        "seen": revisions.of_meeting(found),
        "option": workflow.options(found, request.user, "confirm")["confirm"],
        "approved_digest": list_digest(_entries(items, Decision.APPROVED)),
    }
    return render(request, "decisions/meeting_confirm.html", context)


@require_POST
def minutes_upload(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Meeting.objects.visible_to(request.user), pk=pk)
    form = MinutesUpload(request.POST, request.FILES)
    for text in form.errors.get("minutes", []):
        messages.error(request, str(text))
    if form.is_valid():
        scan = form.cleaned_data["minutes"]
        if attempt(request, lambda: keep_minutes(found, scan, by=request.user)):
            messages.success(request, f"“{scan.name}”已上传。")
    return redirect("meeting", pk=pk)


@require_safe
def minutes(request: HttpRequest, pk: int) -> FileResponse:
    found = get_object_or_404(Meeting.objects.visible_to(request.user), pk=pk)
    return FileResponse(opened(found.minutes), as_attachment=True, filename=found.minutes_name)


def _record(request: HttpRequest, found: Meeting, *, may_write: bool) -> dict[str, Any]:
    data = request.POST if request.method == "POST" else None
    items = list(
        found.items.select_related("application__enterprise__district", "application__current_version")
        .defer("application__current_version__snapshot", "application__current_version__findings")
        .order_by("position")
    )
    ranking = Ranking.objects.standing().filter(round=found.round).first()
    places = {one.application_id: one for one in ranking.entries.all()} if ranking else {}
    rows = [
        {
            "item": item,
            "form": AgendaDecision(data, instance=item, prefix=f"item-{item.pk}") if may_write else None,
            "ranking": places.get(item.application_id),
        }
        for item in items
    ]
    revision = revisions.of_meeting(found)  # before the form writes into it what was typed
    missing: list[Application] = []
    if may_write:
        on_agenda = {item.application_id for item in items}
        missing = [one for one in proposed_in(found.round) if one.pk not in on_agenda]
    return {
        "meeting": found,
        "badge": meeting_badge(found),
        "rows": rows,
        "revision": revision,
        "may_write": may_write,
        "facts": MeetingFacts(data, instance=found) if may_write else None,
        "minutes_form": MinutesUpload(),
        "missing": missing,
        "digests": _digests(found, items, ranking, places),
        "publicity": _publicity_of(found),
        "counts": [
            (value, label, sum(one.decision == value for one in items)) for value, label in Decision.choices
        ],
        "undecided": sum(not one.decision for one in items),
    }


def _digests(
    found: Meeting, items: list[AgendaItem], ranking: Ranking | None, places: Mapping[int, RankingEntry]
) -> list[dict[str, Any]]:
    """The lists one after the other with their digests, each compared with the one before (第十六条)."""
    ranked = [one for one in items if one.application_id in places]
    approved = [one for one in items if one.decision == Decision.APPROVED]
    rows: list[dict[str, Any]] = []
    if ranking:
        rows.append(
            {"label": "冻结的排序", "count": None, "digest": ranking.digest, "word": "已冻结", "tone": "info"}
        )
    from_ranking = len(ranked) == len(items)
    rows.append(
        {
            "label": "拟认定名单",
            "count": len(items),
            "digest": list_digest(_entries(items)),
            "word": "出自排序" if from_ranking else f"{len(items) - len(ranked)} 家不在排序中",
            "tone": "met" if from_ranking else "attention",
        }
    )
    less = len(items) - len(approved)
    rows.append(
        {
            "label": "审议通过名单",
            "count": len(approved),
            "digest": list_digest(_entries(items, Decision.APPROVED)),
            "word": f"少 {less} 家" if less else "相符",
            "tone": "info" if less else "met",
        }
    )
    publicity = _publicity_of(found)
    if publicity and publicity.digest:
        agrees = publicity.digest == found.approved_digest
        rows.append(
            {
                "label": "公示名单",
                "count": None,
                "digest": publicity.digest,
                "word": "相符" if agrees else "不符",
                "tone": "met" if agrees else "unmet",
            }
        )
    return rows


def _entries(items: list[AgendaItem], decision: str = "") -> list[ListEntry]:
    return [
        ListEntry(one.application.enterprise.credit_code, one.enterprise_name)
        for one in items
        if not decision or one.decision == decision
    ]


def _publicity_of(found: Meeting):
    return next((one for one in found.notices.all() if one.kind == one.Kind.PUBLICITY), None)


def _rounds_to_meet():
    """Rounds with proposed cases and no meeting in preparation, with their number."""
    return (
        Round.objects.exclude(meetings__state=Meeting.State.DRAFT)
        .annotate(proposed=number_of(Application.objects.filter(state=Application.State.PROPOSED), "round"))
        .filter(proposed__gt=0)
        .order_by("-year")
    )
