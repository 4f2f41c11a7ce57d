"""The desk of a district bureau or an association: the queue, one file, the three ways out of vetting (Art. 15)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.people import hold_in_office
from accounts.roles import CHANNEL, agencies_of
from applications import casework, listing, materials, outlines, presence, progress, reading
from applications.forms.grounds import RefuseForm
from applications.forms.vetting import FlagForm, NoteForm, OpinionForm, ReturnForm, proposed_due
from applications.models import (
    Application,
    ApplicationVersion,
    CaseNote,
    CorrectionItem,
    FlagTaken,
    SeenMaterial,
    StaleOpinion,
    VettingOpinion,
)
from applications.round_calendar import rest_day_hints
from applications.timeline import history_of
from core import clock, workflow
from core.http import act, fetched_ahead
from core.reasons import ReasonForm
from core.typed import asked_number, asked_words
from core.wording import days_between

ACTIONS = ("return_for_correction", "refuse_recommendation", "pass_vetting", "take_back_pass")
NOT_BEING_VETTED = "这件申报已不在审核中（现为“{}”），没有保存。请查看最新进展。"
Material = materials.Sheet | materials.File
NEWER_VERSION = "企业已重新提交{}，请审核新版本；您填写的是前一版的意见，没有保存。"


@require_safe
def vetting(request: SignedInRequest, pk: int) -> HttpResponse:
    return page_of(request, case_of(request, pk))


def case_of(request: SignedInRequest, pk: int) -> Application:
    return get_object_or_404(
        listing.of_queue(request.user).select_related(
            "enterprise",
            "channel",
            "round",
            "main_mode",
            "officer",
            "current_version__opinion__vetted_by",
        ),
        pk=pk,
    )


def page_of(
    request: SignedInRequest,
    application: Application,
    *,
    opinion_form: OpinionForm | None = None,
    flag_form: FlagForm | None = None,
    note_form: NoteForm | None = None,
    asks_about_unseen: bool = False,
    status: int = 200,
) -> HttpResponse:
    version = _version_of(application)
    opinion: VettingOpinion | None = getattr(version, "opinion", None)
    sections, attachments = materials.sheets_of(version), materials.files_of(version)
    listed: list[Material] = [*sections, *attachments]
    asked = request.POST.get("show") or request.GET.get("show")
    place = next((index for index, one in enumerate(listed) if one.shown == asked), 0)
    open_one = listed[place]
    is_ahead = fetched_ahead(request)
    seen = (
        SeenMaterial.objects.of(version)
        if is_ahead
        else _see(application, version, open_one.shown, by=request.user)
    )
    unseen = [one for one in listed if one.shown not in seen]
    lately = list(_items_of_the_last_two(application, version))
    flags = [one for one in lately if one.request.version_id == version.pk]
    is_marked = application.is_being_vetted or bool(seen)
    flagged = {one.item for one in flags}
    noted = outlines.noted(version.findings)
    history = history_of(application, reader=request.user)
    notes = list(application.notes.select_related("author"))
    turn, colleagues = progress.turn_of(application), casework.colleagues_of(application)
    context = {
        "application": application,
        "here": reverse("vetting", args=[application.pk]),
        "version": version,
        "badge": progress.badge(application),
        "turn": turn,
        "holder": application.channel.short_name if turn.holder == application.channel.name else turn.holder,
        "days": max(-days_between(turn.since, clock.now()), 0),
        "rail": _rail(sections, attachments, place=place, seen=seen, flagged=flagged, is_marked=is_marked),
        "shown": open_one.shown,
        "section": open_one if isinstance(open_one, materials.Sheet) else None,
        "computed": materials.computed_of(version, application.round.measure.condition_specs())
        if isinstance(open_one, materials.Sheet) and open_one.table
        else [],
        "attachment": open_one if isinstance(open_one, materials.File) else None,
        "seen": seen,
        "is_marked": is_marked,
        "unseen": unseen,
        "asks_about_unseen": asks_about_unseen or request.GET.get("asked") == "1",
        "seen_number": len(listed) - len(unseen),
        "key_figures": materials.key_figures(application, version),
        "counts": version.outlined()["counts"],
        "noted": noted,
        "settled": [one for one in version.findings if one not in noted],
        "opinion": opinion,
        "form": opinion_form or _opinion_form(application, opinion),
        "flags": flags,
        "asked_before": _asked_before([one for one in lately if one not in flags], version),
        "flag_form": flag_form or _flag_form(flags, open_one.item, edited=request.GET.get("edit", "")),
        "colleagues": colleagues,
        "others_to_choose": [one for one in colleagues if one not in (application.officer, request.user)],
        "is_in_our_hands": application.state in listing.WORKING,
        "may_dispose": casework.may_dispose(application, request.user, colleagues),
        "others": [] if is_ahead else presence.come(application.pk, request.user),
        "notes": notes,
        "stands": _as_it_stands(application, opinion, flags, notes),
        "note_form": note_form or NoteForm(),
        "phrases": CorrectionItem.objects.phrases_of(agencies_of(request.user, *CHANNEL)),
        "sent_back": next((one for one in reversed(history) if one["action"] == "send_back"), None)
        if application.sent_back_until and application.is_being_vetted
        else None,
        "history": history,
        "options": workflow.options(application, request.user, *ACTIONS),
        "neighbours": _neighbours(request.user, application),
    }
    return render(request, "applications/vetting/vetting.html", context, status=status)


def _as_it_stands(
    application: Application,
    opinion: VettingOpinion | None,
    flags: list[CorrectionItem],
    notes: list[CaseNote],
) -> str:
    """What is to be judged by and what colleagues wrote: a page fetched ahead is shown only as long as this is the same."""
    parts = [application.current_version_id, application.state, application.officer_id]
    parts += [application.vetting_until.timestamp()]
    parts += [opinion.revision if opinion else 0, len(notes)]
    return ".".join(
        str(part) for part in [*parts, *(f"{one.pk}@{one.flagged_at.timestamp()}" for one in flags)]
    )


def _rail(
    sections: list[materials.Sheet], attachments: list[materials.File], *, place: int, **known: Any
) -> list[tuple]:
    """The materials in two groups: each with its icon and the word for that, and "here", or the key that leads to it."""
    every: list[Material] = [*sections, *attachments]
    keys = {place - 1: "p", place: "here", place + 1: "n"}
    marked = [
        (one, _mark_of(one, is_open=index == place, **known), keys.get(index, ""))
        for index, one in enumerate(every)
    ]
    return [("申报书", marked[: len(sections)]), (f"附件 {len(attachments)}", marked[len(sections) :])]


def _mark_of(
    one: Material, *, is_open: bool, seen: set[str], flagged: set[str], is_marked: bool
) -> tuple[str, str]:
    if one.item in flagged:
        return "arrow-return-left", "要退回"
    if is_open:
        return "eye", "正在看"
    if one.shown in seen:
        return "check-lg", "已看"
    return ("circle", "未看") if is_marked else (one.icon, "")


def _see(application: Application, version: ApplicationVersion, shown: str, *, by: User) -> set[str]:
    """What the agency has opened by now, this included; what is opened before or after vetting leaves no mark."""
    seen = SeenMaterial.objects.of(version)
    if application.is_being_vetted and shown not in seen:
        SeenMaterial.objects.see(version, shown, by=by)
        seen.add(shown)
    return seen


def _items_of_the_last_two(application: Application, version: ApplicationVersion) -> QuerySet[CorrectionItem]:
    """What is flagged on this version, and what was returned of the one before (one query)."""
    found = CorrectionItem.objects.select_related("flagged_by", "request__version")
    return found.filter(
        request__application=application, request__version__number__gte=version.number - 1
    ).defer("request__version__findings", "request__version__outline")


def _asked_before(items: list[CorrectionItem], version: ApplicationVersion) -> dict | None:
    """Of a resubmission: what was returned, what the enterprise answered, and whether it changed anything."""
    if not items:
        return None
    before = items[0].request.version
    return {
        "version": before,
        "items": items,
        "is_unchanged": not reading.changes_between(before.snapshot, version.snapshot, full_contact=True),
    }


def _version_of(application: Application) -> ApplicationVersion:
    """The version being vetted; what was never submitted is not here."""
    if application.current_version is None:
        raise Http404
    return application.current_version


def _opinion_form(application: Application, opinion: VettingOpinion | None) -> OpinionForm:
    return OpinionForm(
        instance=opinion,
        initial={
            "revision": opinion.revision if opinion else 0,
            "version": application.current_version_id,
        },
    )


def _flag_form(flags: list[CorrectionItem], item: str, *, edited: str) -> FlagForm:
    """For the material that is open, or with the reason of the item that is to be changed."""
    if flagged := next((one for one in flags if one.item == edited), None):
        return FlagForm(initial={"item": edited, "reason": flagged.reason, "seen": flagged.reason})
    return FlagForm(initial={"item": item})


def _neighbours(user: User, application: Application) -> dict:
    """Where this case stands among those to be vetted, and the ones before and after it (one query)."""
    waiting = list(
        listing.most_urgent_first(listing.of_queue(user).filter(state__in=listing.IN_VETTING)).values_list(
            "pk", "enterprise__name"
        )
    )
    place = next((index for index, (pk, _) in enumerate(waiting) if pk == application.pk), None)
    if place is None:
        return {"following": waiting[0] if waiting else None, "total": len(waiting)}
    return {
        "place": place + 1,
        "total": len(waiting),
        "previous": waiting[place - 1] if place else None,
        "following": waiting[place + 1] if place + 1 < len(waiting) else None,
    }


def _following(user: User, application: Application) -> tuple[int, str] | None:
    """The case to go on with; when this one is no longer to be vetted, the most urgent."""
    return _neighbours(user, application).get("following")


def _locked(request: SignedInRequest, pk: int) -> Application:
    """The case with its row locked until the transaction ends, so that colleagues write one after the other.

    The person stays in office as long: a leader who ends the service at the same moment finds what is being taken here.
    """
    in_office = hold_in_office(request.user, *CHANNEL)
    cases = listing.of_queue(request.user).select_related("enterprise", "channel", "round", "current_version")
    case = get_object_or_404(cases.select_for_update(of=("self",)), pk=pk)
    if case.channel_id not in in_office:
        sentence = f"您在{case.channel}的任职刚刚结束，没有保存。"
        raise workflow.refused(case, "vet", by=request.user, label="审核", sentence=sentence)
    return case


def _why_not_saved(application: Application, form: OpinionForm) -> str:
    if not application.is_being_vetted:
        return NOT_BEING_VETTED.format(application.get_state_display())
    if form.cleaned_data["version"] != application.current_version_id:
        return NEWER_VERSION.format(application.current_version)
    return ""


def _save_opinion(request: SignedInRequest, pk: int) -> tuple[Application, OpinionForm, str]:
    """Save the verdicts as typed. Gives the case, the form and the sentence why not, empty when saved."""
    form = OpinionForm(request.POST)
    with transaction.atomic():
        application = _locked(request, pk)
        if not form.is_valid():
            return application, form, "没有保存：核对说明每项不超过 500 字，请缩短后再保存。"
        if problem := _why_not_saved(application, form):
            return application, form, problem
        try:
            opinion = VettingOpinion.objects.record(
                _version_of(application),
                by=request.user,
                revision=form.cleaned_data["revision"],
                **form.verdicts(),
            )
            casework.take_if_free(application, by=request.user)
        except StaleOpinion as stale:
            # The person has now been shown what stands; saving again is a decision.
            typed = request.POST.copy()
            typed["revision"] = str(stale.stored.revision)
            return application, OpinionForm(typed), str(stale)
    form.instance = opinion
    return application, form, ""


@require_POST
def save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Save the verdicts, as one types (X-Autosave) or by the button; then stay, or go to the next file."""
    application, form, problem = _save_opinion(request, pk)
    if request.headers.get("X-Autosave"):
        if problem:
            return HttpResponse(problem, status=409, content_type="text/plain; charset=utf-8")
        saved_at = f"{clock.local(form.instance.vetted_at):%H:%M}"
        return HttpResponse(
            status=204, headers={"X-Revision": str(form.instance.revision), "X-Saved-At": saved_at}
        )
    if problem:
        messages.error(request, problem)
        return page_of(request, case_of(request, pk), opinion_form=form, status=409)
    if request.POST.get("next"):
        if following := _following(request.user, application):
            return redirect("vetting", following[0])
        messages.success(request, "已保存。后面没有待审核的申报了。")
        return redirect("vetting-queue")
    messages.success(request, "审核意见已保存。")
    return redirect(back_to(request, pk))


def back_to(request: SignedInRequest, pk: int) -> str:
    """The vetting page with the same material open."""
    show = request.POST.get("show", "")[:40]
    known = show in materials.correction_items() or (show[:1] == "a" and asked_number(show[1:]))
    return reverse("vetting", args=[pk]) + (f"?show={show}" if known else "")


@require_POST
def flag(request: SignedInRequest, pk: int) -> HttpResponse:
    """List an item for correction with its reason, change the reason, or take the item off the list."""
    form = FlagForm(request.POST)
    with transaction.atomic():
        application = _locked(request, pk)
        if not application.is_being_vetted:
            messages.error(request, NOT_BEING_VETTED.format(application.get_state_display()))
            return redirect(back_to(request, pk))
        if remove := request.POST.get("remove"):
            gone, _ = (
                CorrectionItem.objects.of_version(application.current_version_id)
                .filter(item=asked_words(remove))
                .delete()
            )
            messages.success(request, "已撤下该项。" if gone else "该项已不在退回清单内。")
            return redirect(f"{back_to(request, pk)}#items")
        if not form.is_valid():
            return page_of(request, case_of(request, pk), flag_form=form, status=422)
        said = form.cleaned_data
        try:
            flagged = CorrectionItem.objects.flag(
                _version_of(application),
                said["item"],
                label=materials.correction_items()[said["item"]],
                reason=said["reason"],
                seen=said["seen"],
                by=request.user,
            )
            casework.take_if_free(application, by=request.user)
        except FlagTaken as taken:
            form.add_error("reason", str(taken))
            return page_of(request, case_of(request, pk), flag_form=form, status=409)
    messages.success(request, f"已将“{flagged.label}”列为退回。")
    return redirect(f"{back_to(request, pk)}#items")


@require_http_methods(["GET", "HEAD", "POST"])
def return_for_correction(request: SignedInRequest, pk: int) -> HttpResponse:
    """What goes back, why, and until when; then it is sent."""
    application = case_of(request, pk)
    until = application.vetting_until
    form = ReturnForm(request.POST or None, until=until, initial={"due": proposed_due(until)})
    due, hints = form.initial["due"], []
    if request.method == "POST" and form.is_valid():
        due = form.cleaned_data["due"]
        hints = rest_day_hints({"补正截止": due})
        if not hints or request.POST.get("rest_day") == due.isoformat():
            done = f"已退回补正，{application.enterprise}会收到逐项原因和补正截止时间。"
            if act(request, application, "return_for_correction", done=done, due=due):
                return redirect("vetting-queue")
            return redirect("vetting", pk)
    elif not form.is_bound:
        hints = rest_day_hints({"补正截止": due})
    items = CorrectionItem.objects.of_version(application.current_version_id).select_related("flagged_by")
    seen = {"hints": hints, "rest_day": due.isoformat() if hints else ""}
    return _decision_page(request, application, "return_for_correction", form=form, items=list(items), **seen)


@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    application = case_of(request, pk)
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = f"已对{application.enterprise}不予推荐，原因和提出异议的途径会告知企业。"
        if act(request, application, "refuse_recommendation", done=done, note=form.note()):
            return redirect("vetting-queue")
        return redirect("vetting", pk)
    return _decision_page(request, application, "refuse_recommendation", form=form)


def _decision_page(
    request: SignedInRequest, application: Application, action: str, **context
) -> HttpResponse:
    context |= {
        "application": application,
        "badge": progress.badge(application),
        "option": workflow.options(application, request.user, action)[action],
        "action": action,
    }
    form = context["form"]
    return render(request, "applications/vetting/decision.html", context, status=422 if form.errors else 200)


@require_POST
def pass_vetting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pass the case; what stands in the form is saved first, so that nothing just typed is lost."""
    if "version" in request.POST:
        application, form, problem = _save_opinion(request, pk)
        if problem:
            messages.error(request, problem)
            return page_of(request, case_of(request, pk), opinion_form=form, status=409)
    application = case_of(request, pk)
    version = _version_of(application)
    seen = SeenMaterial.objects.of(version)
    question = materials.question_about_unseen(version, seen, confirmed=request.POST.get("unseen", ""))
    if question and not workflow.why_not(application, "pass_vetting"):
        messages.warning(request, question)
        return page_of(request, application, asks_about_unseen=True)
    following = _following(request.user, application)
    if not act(
        request, application, "pass_vetting", done=f"{application.enterprise}审核通过，可列入推荐批次。"
    ):
        return redirect(back_to(request, pk))
    following = following or _following(request.user, application)  # what was left for later
    return redirect("vetting", following[0]) if following else redirect("vetting-queue")


@require_http_methods(["GET", "HEAD", "POST"])
def take_back_pass(request: SignedInRequest, pk: int) -> HttpResponse:
    """Vet a passed case again, as long as it stands in no letter."""
    application = case_of(request, pk)
    form = ReasonForm(request.POST or None, required="请写明撤回的原因，企业会看到。")
    if request.method == "POST" and form.is_valid():
        done = f"已撤回{application.enterprise}的审核通过，请重新审核。"
        act(request, application, "take_back_pass", done=done, note=form.cleaned_data["reason"])
        return redirect("vetting", pk)
    return _decision_page(request, application, "take_back_pass", form=form)
