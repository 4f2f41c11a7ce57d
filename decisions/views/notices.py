"""The notice desk (第十六条至第十八条): drafted by one person, inspected, released by another, then looked after."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler, is_municipal_leader, reads_everything
from applications.models import Round
from applications.progress import badge
from core import clock, documents, events, workflow
from core.conflicts import Difference, conflict, differences, saved, too_late
from core.http import act, attempt
from core.reasons import ReasonForm
from core.typed import asked_number, posted_text, too_long
from decisions import drafts, revisions
from decisions.checks import checks_before_announcement, checks_before_release
from decisions.documents import notice_key
from decisions.drafts import CannotDraft
from decisions.forms import NoticeText
from decisions.lists import left_out_of, may_be_announced, openly_contested, rows_of
from decisions.models import Meeting, Objection, Omission, PublicNotice, Recognition
from decisions.shown import (
    days_of_window,
    kind_badge,
    notice_badge,
    objection_badge,
    recognition_badge,
    window_text,
    working_days_left,
)
from decisions.waiting import not_yet_to_draft, to_draft
from policy.models import CalendarDay

PAGE_SIZE = 25
LONGEST_REASON = 200
Kind = PublicNotice.Kind
State = PublicNotice.State


@require_safe
def notice_desk(request: HttpRequest) -> HttpResponse:
    """Every notice, drafts first, and what waits to be drafted."""
    today, tab = clock.today(), request.GET.get("tab", "")
    notices = PublicNotice.objects.visible_to(request.user)
    tabs = {
        "": notices,
        "drafts": notices.filter(state=State.DRAFT),
        "running": notices.in_publicity_on(today),
        "released": notices.released(),
    }
    shown = (
        tabs.get(tab, notices)
        .select_related("round", "drafted_by", "released_by")
        .annotate(listed=Count("entries"))
        .order_by("state", "-released_at", "-id")
    )
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    may_draft = is_municipal_handler(request.user)
    context = {
        "page": page,
        "to_sign": notices.awaiting_signature_of(request.user)
        .select_related("drafted_by")
        .order_by("sent_at")
        if is_municipal_leader(request.user)
        else [],
        "rows": [(one, kind_badge(one), notice_badge(one, today), window_text(one)) for one in page],
        "tab": tab,
        "tabs": [("", "全部"), ("drafts", "拟稿"), ("running", "公示中"), ("released", "已发布")],
        "waiting": to_draft() if may_draft else [],
        "may_draft": may_draft,
    }
    return render(request, "decisions/notice_desk.html", context)


def notice_draft(request: HttpRequest) -> HttpResponse:
    """Draft a notice from the facts. Asking twice gives the same draft."""
    if request.method == "POST":
        try:
            notice = _draft(request.POST.get("kind", ""), request.POST.get("source", ""), by=request.user)
        except CannotDraft as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason)
            return redirect("notice-draft")
        return redirect("notice-edit", pk=notice.pk)
    waiting = to_draft()
    return render(request, "decisions/notice_draft.html", {"waiting": waiting, "blocked": not_yet_to_draft()})


def notice_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft to write and inspect; a released publicity to look after; any other notice to read."""
    notice = _visible(request, pk)
    if request.method == "POST":
        return _write(request, notice)
    if notice.state == State.DRAFT:
        return render(request, "decisions/notice_draft_page.html", _draft_page(request, notice))
    if notice.kind == Kind.PUBLICITY:
        return render(request, "decisions/publicity.html", _publicity_page(request, notice))
    return render(request, "decisions/notice_released.html", _released_page(request, notice))


def notice_release(request: SignedInRequest, pk: int) -> HttpResponse:
    """What will happen when the notice goes out, then once. What was inspected and what goes out are the same."""
    notice = _visible(request, pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if attempt(request, lambda: revisions.release_notice(notice, seen=seen, by=request.user)):
            messages.success(request, "已发布，名单和正文即刻可在通知公告中查到。")
            return redirect("notice-edit", pk=pk)
        return redirect("notice-release", pk=pk)
    return _release_page(request, notice, _hand_back_form())


@require_POST
def notice_hand_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The leader sends a draft back to who drafted it, with the reason."""
    notice = _visible(request, pk)
    form = _hand_back_form(request.POST)
    if not form.is_valid():
        return _release_page(request, notice, form, status=422)
    done = f"已退回{notice.drafted_by.name}，原因已告知。"
    if act(request, notice, "hand_back", note=form.cleaned_data["reason"], done=done):
        return redirect("notice-desk")
    return redirect("notice-release", pk=pk)


def _hand_back_form(data: Any = None) -> ReasonForm:
    return ReasonForm(data, required="请写明退回的原因，拟稿人要照此修改。")


def _release_page(
    request: SignedInRequest, notice: PublicNotice, form: ReasonForm, *, status: int = 200
) -> HttpResponse:
    page = _draft_page(request, notice)
    context = page | {"seen": page["revision"], "form": form}
    return render(request, "decisions/notice_release.html", context, status=status)


@require_POST
def notice_window(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in the last day of a released publicity once the working calendar knows it; a draft has none to fill in."""
    notice = get_object_or_404(PublicNotice.objects.released(), pk=pk, kind=Kind.PUBLICITY)
    if drafts.settle_window(notice, by=request.user):
        messages.success(request, "公示截止日已按工作日历确定。")
    else:
        messages.error(request, "工作日历尚无所涉年度的放假安排，截止日仍待定。请先补录工作日历。")
    return redirect("notice-edit", pk=pk)


@require_POST
def notice_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the notice as PDF: the released one, or the draft as it stands; a worker makes it."""
    notice = _visible(request, pk)
    document = documents.request("notice", notice, by=request.user, key=notice_key(notice))
    return redirect("document", pk=document.pk)


@require_POST
def award(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that plaques of an announcement were handed over: those chosen, each through the door."""
    notice = _visible(request, pk)
    chosen = [key for one in request.POST.getlist("recognition") if (key := asked_number(one))]
    waiting = notice.recognitions.filter(pk__in=chosen, state=Recognition.State.ANNOUNCED).select_related(
        "enterprise"
    )
    if not chosen:
        messages.error(request, "请先选择已领取牌匾的企业。")
    elif not waiting:
        messages.info(request, "所选企业此前已记录授牌，没有重复记录。")
    given = sum(bool(act(request, one, "award")) for one in waiting)
    if given:
        messages.success(request, f"已记录 {given} 家企业授牌（第十七条）。")
    return redirect("notice-edit", pk=pk)


def _visible(request: HttpRequest, pk: int) -> PublicNotice:
    if not reads_everything(request.user):
        raise Http404
    return get_object_or_404(
        PublicNotice.objects.visible_to(request.user)
        .select_related("round__measure", "meeting", "publicity", "drafted_by", "released_by")
        .prefetch_related("round__measure__renewals"),
        pk=pk,
    )


def _draft(kind: str, source: str, *, by) -> PublicNotice:
    pk = asked_number(source)
    if kind == Kind.PUBLICITY:
        return drafts.draft_publicity(get_object_or_404(Meeting.objects.visible_to(by), pk=pk), by=by)
    if kind == Kind.ANNOUNCEMENT:
        publicity = get_object_or_404(PublicNotice.objects.visible_to(by), pk=pk)
        return drafts.draft_announcement(publicity, by=by)
    if kind == Kind.RE_REVIEW_RESULT:
        return drafts.draft_re_review_result(get_object_or_404(Round, pk=pk), by=by)
    if kind == Kind.CALL:
        return drafts.draft_call(get_object_or_404(Round, pk=pk), by=by)
    raise Http404


def _write(request: SignedInRequest, notice: PublicNotice) -> HttpResponse:
    if not is_municipal_handler(request.user):
        raise Http404
    is_autosave, action = "autosave" in request.POST, request.POST.get("action", "")
    with transaction.atomic():
        rows = PublicNotice.objects.select_for_update(of=("self",)).select_related(
            "round__measure", "drafted_by"
        )
        locked = rows.get(pk=notice.pk)
        if locked.state != State.DRAFT:
            told = "公告已发布，不能再修改。需要更正的，请另行发布公告。"
            return too_late(request, told, reverse("notice-edit", args=[notice.pk]))
        revision = revisions.of_notice(locked)
        page = _draft_page(request, locked)
        form = page["form"] = NoticeText(request.POST, instance=locked)
        reasons = _reasons_typed(request, page["omissions"])
        for refusal in _too_long(page["omissions"]):
            form.add_error(None, refusal)
        if not form.is_valid():
            if is_autosave:
                return HttpResponse("没有保存，请检查标出的内容。", status=422)
            page["revision"] = request.POST.get("revision", "")  # what was typed still rests on that
            return render(request, "decisions/notice_draft_page.html", page, status=422)
        found_there = differences(form) + reasons
        if (found_there or action == "rewrite") and request.POST.get("revision") != revision:
            page["differences"] = found_there
            return conflict(request, "decisions/notice_draft_page.html", page)
        form.save()
        for omission in page["omissions"]:
            omission.save(update_fields=["reason"])
        written = rows.get(pk=notice.pk)  # the page has read the lists of the other as they were
        drafts.follow_the_dates(written)
        if action == "rewrite":
            drafts.rewrite(written)
            events.record(written, "rewrite", by=request.user, label="按最新情况重新起草")
        if is_autosave:
            return saved(revisions.of_notice(written), f"{clock.local(clock.now()):%H:%M}")
    return _go_on(request, notice, action)


def _go_on(request: SignedInRequest, notice: PublicNotice, action: str) -> HttpResponse:
    """Where a saved draft leads."""
    if action == "release":
        return redirect("notice-release", pk=notice.pk)
    if action == "send_for_signature":
        act(request, notice, action, done="已送签，市局负责人会收到消息。发布前仍可修改。")
        return redirect("notice-edit", pk=notice.pk)
    messages.success(request, "已按最新名单和日期重新起草。" if action == "rewrite" else "拟稿已保存。")
    return redirect("notice-edit", pk=notice.pk)


def _reasons_typed(request: HttpRequest, omissions: list[Omission]) -> list[Difference]:
    """Put the reasons as typed into these rows, unsaved. Gives where they differ from what is stored."""
    found = []
    for omission in omissions:
        typed = posted_text(request.POST.get(f"omission-{omission.pk}", omission.reason))
        if typed != omission.reason:
            found.append(Difference(f"{omission.application.enterprise}未列入的原因", omission.reason, typed))
            omission.reason = typed
    return found


def _too_long(omissions: list[Omission]) -> list[str]:
    told = [
        too_long(f"{one.application.enterprise}未列入的原因", one.reason, LONGEST_REASON) for one in omissions
    ]
    return [sentence for sentence in told if sentence]


def _draft_page(request: HttpRequest, notice: PublicNotice) -> dict[str, Any]:
    entries, omissions = rows_of(notice), left_out_of(notice)
    today = clock.today()
    is_draft = notice.state == State.DRAFT
    options = workflow.options(notice, request.user, "release", "send_for_signature", "hand_back")
    page: dict[str, Any] = {
        "notice": notice,
        "kind_badge": kind_badge(notice),
        "badge": notice_badge(notice, today),
        "entries": entries,
        "omissions": omissions,
        "may_write": is_draft and is_municipal_handler(request.user),
        "form": NoticeText(instance=notice),
        "revision": revisions.of_notice(notice),
        "option": options["release"],
        "send": options["send_for_signature"],
        "hand_back": options["hand_back"],
        "checks": checks_before_release(notice, entries, today=today) if is_draft else [],
        "paragraphs": [part for part in notice.body.split("\n\n") if part.strip()],
    }
    if notice.kind == Kind.PUBLICITY and notice.starts_on:
        window, calendar = drafts.planned_window(notice), CalendarDay.objects.calendar()
        page |= {
            "planned": window,
            "starts_later": notice.starts_on > today,
            "strip": days_of_window(window, calendar, today=today, events=_marks(notice, window)),
        }
    return page


def _publicity_page(request: HttpRequest, notice: PublicNotice) -> dict[str, Any]:
    today, calendar = clock.today(), CalendarDay.objects.calendar()
    entries = rows_of(notice)
    objections = list(
        Objection.objects.visible_to(request.user)
        .filter(notice=notice)
        .select_related("application__enterprise")
        .order_by("-id")
    )
    contested = openly_contested(notice)
    ready = [one for one in entries if may_be_announced(one, contested)]
    draft = next((one for one in notice.announcements.all() if one.state == State.DRAFT), None)
    checks = checks_before_announcement(notice, entries, ready, today=today)
    return {
        "notice": notice,
        "kind_badge": kind_badge(notice),
        "badge": notice_badge(notice, today),
        "window": window_text(notice),
        "days_left": working_days_left(notice.window, calendar, today=today),
        "is_running": notice.takes_objections_on(today),
        "strip": days_of_window(notice.window, calendar, today=today, events=_marks(notice, notice.window)),
        "entries": [(one, badge(one.application), one.pk in {r.pk for r in ready}) for one in entries],
        "ready": ready,
        "held": len(entries) - len(ready),
        "parts": [("可公布", len(ready), "sea"), ("未列入", len(entries) - len(ready), "sand")],
        "objections": [(one, objection_badge(one)) for one in objections],
        "filed": sum(one.kind != Objection.Kind.LEAD for one in objections),
        "leads": sum(one.kind == Objection.Kind.LEAD for one in objections),
        "checks": checks,
        "announcement": draft,
        "announcements": [one for one in notice.announcements.all() if one.state == State.RELEASED],
        "may_draft": is_municipal_handler(request.user),
        "has_ended": notice.window.has_ended(on=today),
    }


def _released_page(request: HttpRequest, notice: PublicNotice) -> dict[str, Any]:
    recognitions = notice.recognitions.select_related("enterprise__district", "plaque").order_by("id")
    return {
        "notice": notice,
        "kind_badge": kind_badge(notice),
        "badge": notice_badge(notice, clock.today()),
        "entries": rows_of(notice),
        "omissions": left_out_of(notice),
        "paragraphs": [part for part in notice.body.split("\n\n") if part.strip()],
        "recognitions": [(one, recognition_badge(one)) for one in recognitions],
        "may_award": is_municipal_handler(request.user),
        "to_award": [one for one in recognitions if one.state == Recognition.State.ANNOUNCED],
    }


def _marks(notice: PublicNotice, window) -> dict:
    """What happens on which day of the strip."""
    marks = {}
    if notice.meeting and notice.meeting.held_on:
        marks[notice.meeting.held_on] = "会议"
    if window.announcement_from:
        marks[window.announcement_from] = "公布"
    return marks
