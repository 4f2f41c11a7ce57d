"""Objections (第十七条): filed by the public while publicity runs, answered by the bureau's handling officers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import is_municipal_handler
from applications.progress import badge
from core import clock, events, workflow
from core.conflicts import conflict, differences, saved, too_late
from core.http import act, opened
from core.typed import asked_words, posted_text
from decisions import revisions
from decisions.filing import NotTaken, file_objection, followed_up, reveal_objector, why_no_objection
from decisions.forms import FollowUp, ObjectionAnswer, ObjectionForm
from decisions.models import Objection, Objector, PublicNotice
from decisions.shown import objection_badge, window_text

PAGE_SIZE = 25
ACTIONS = ("accept", "dismiss", "uphold", "log_as_lead")
GIVEN = "objection-codes"


@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """What runs now and can be objected to; and the way to follow up an objection filed before."""
    form = FollowUp(request.POST or None)
    if request.method == "POST" and form.is_valid():
        receipt, code = form.cleaned_data["receipt"], form.cleaned_data["code"]
        if found := followed_up(receipt, code):
            request.session[GIVEN] = {found.receipt_number: found.follow_up_code}
            return redirect("objection-receipt", receipt=found.receipt_number)
        form.add_error(
            "receipt", "收件号与查询码不符，或一小时内试错过多。请核对提交时页面上给出的两个号码。"
        )
    running = PublicNotice.objects.in_publicity_on(clock.today()).prefetch_related(
        "entries__application__enterprise__district", "entries__application__main_mode"
    )
    context = {
        "form": form,
        "running": [(one, window_text(one)) for one in running],
        "coming": [
            (one, why_no_objection(one)) for one in PublicNotice.objects.publicised_after(clock.today())
        ],
    }
    return render(request, "public/objection_start.html", context, status=422 if form.errors else 200)


@never_cache
def new(request: HttpRequest, notice_pk: int, application_pk: int) -> HttpResponse:
    """The form of an objection to one entry of a publicity."""
    notice = get_object_or_404(
        PublicNotice.objects.released(), pk=notice_pk, kind=PublicNotice.Kind.PUBLICITY
    )
    entry = get_object_or_404(
        notice.entries.select_related("application__enterprise__district"), application=application_pk
    )
    form = ObjectionForm(request.POST or None, request.FILES or None)
    refusal = why_no_objection(notice)
    if request.method == "POST" and form.is_valid():
        try:
            objection = file_objection(notice, entry.application, form.cleaned_data)
        except NotTaken as problem:
            refusal = str(problem)
        else:
            request.session[GIVEN] = {objection.receipt_number: objection.follow_up_code}
            return redirect("objection-receipt", receipt=objection.receipt_number)
    status = 422 if request.method == "POST" else 200
    context = {
        "notice": notice,
        "entry": entry,
        "form": form,
        "refusal": refusal,
        "window": window_text(notice),
    }
    return render(request, "public/objection_new.html", context, status=status)


@never_cache
@require_safe
def receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """Where an objection stands, for who has its code; others are asked for it."""
    code = request.session.get(GIVEN, {}).get(receipt)
    found = followed_up(receipt, code) if code else None
    if found is None:
        messages.info(request, "请填写收件号和查询码，查看办理情况。")
        return redirect("objection-start")
    context = {"objection": found, "badge": objection_badge(found), "code": code}
    return render(request, "public/objection_receipt.html", context)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Objections and leads, the open ones with the nearest due date first."""
    tab = request.GET.get("tab", "")
    objections = Objection.objects.visible_to(request.user)
    numbers = {
        "": objections.open().count(),
        "leads": objections.filter(kind=Objection.Kind.LEAD).count(),
        "all": objections.count(),
    }
    if tab == "leads":
        objections = objections.filter(kind=Objection.Kind.LEAD)
    elif tab != "all":
        objections = objections.open().order_by("due_on", "id")
    if q := asked_words(request.GET.get("q")):
        objections = objections.filter(application__enterprise__name__icontains=q) | objections.filter(
            receipt_number__icontains=q
        )
    page = Paginator(
        objections.select_related("application__enterprise__district", "notice"), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, objection_badge(one)) for one in page],
        "tab": tab,
        "tabs": [("", "待办结"), ("leads", "线索"), ("all", "全部")],
        "numbers": numbers,
        "q": q,
    }
    return render(request, "decisions/objection_desk.html", context)


@never_cache
def handle(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection on an officer's desk: facts, evidence, answer, and what can be done with it."""
    objection = _visible(request, pk)
    if request.method == "POST":
        return _handle(request, objection)
    return render(request, "decisions/objection.html", _page(request, objection))


def _handle(request: HttpRequest, objection: Objection) -> HttpResponse:
    action = request.POST.get("action", "save")
    if not is_municipal_handler(request.user):
        action = action if action in ACTIONS else "accept"  # the door refuses, and notes that it was tried
    is_autosave = "autosave" in request.POST
    if is_municipal_handler(request.user) and "answer" in request.POST:
        with transaction.atomic():
            rows = Objection.objects.select_for_update(of=("self",)).select_related(
                "application__enterprise__district", "notice"
            )
            locked = rows.get(pk=objection.pk)
            if not locked.is_open:
                told = f"{locked}现为“{locked.get_state_display()}”，答复不能再改。"
                return too_late(request, told, reverse("objection-handle", args=[objection.pk]))
            page = _page(request, locked)
            form = page["form"] = ObjectionAnswer(request.POST, instance=locked)
            if not form.is_valid():
                page["revision"] = request.POST.get("revision", "")  # what was typed still rests on that
                return render(request, "decisions/objection.html", page, status=422)
            found_there = differences(form)
            if found_there and request.POST.get("revision") != page["revision"]:
                return conflict(request, "decisions/objection.html", page | {"differences": found_there})
            form.save()
            if is_autosave:
                return saved(revisions.of_answer(locked), f"{clock.local(clock.now()):%H:%M}")
    done = {
        "accept": "已受理。该企业暂缓公布，其余企业不受影响。",
        "dismiss": "异议不成立，答复已记录。",
        "uphold": "异议成立，答复已记录，该企业不予公布。",
        "log_as_lead": "已登记为线索。",
    }
    if action in ACTIONS:
        act(request, objection, action, done=done[action], note=posted_text(request.POST.get("answer")))
    else:
        messages.success(request, "核实情况已保存。")
    return redirect("objection-handle", pk=objection.pk)


@never_cache
@require_POST
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who objected, on the same page, to a handling officer who asks for it; the look is an event."""
    objection = _visible(request, pk)
    objector = reveal_objector(objection, by=request.user)
    if objector is None:
        raise Http404
    return render(request, "decisions/objection.html", _page(request, objection) | {"objector": objector})


@require_safe
def file(request: HttpRequest, pk: int, which: str) -> FileResponse:
    """Evidence or seal scan: either may tell who objected, so only handling officers, and each time an event."""
    objection = _visible(request, pk)
    if not is_municipal_handler(request.user):
        raise Http404
    stored, name = objection.evidence, objection.evidence_name
    if which == "seal":
        objector = get_object_or_404(Objector.objects.visible_to(request.user), objection=objection)
        stored, name = objector.seal_scan, objector.seal_scan_name
    content = opened(stored)
    events.record(objection, "download", by=request.user, label="下载异议材料", which=which)
    return FileResponse(content, as_attachment=True, filename=name)


def _visible(request: HttpRequest, pk: int) -> Objection:
    return get_object_or_404(
        Objection.objects.visible_to(request.user).select_related(
            "application__enterprise__district", "notice"
        ),
        pk=pk,
    )


def _page(request: HttpRequest, objection: Objection) -> dict[str, Any]:
    others = objection.application.objections.exclude(pk=objection.pk).order_by("id")
    is_handler = is_municipal_handler(request.user)
    return {
        "objection": objection,
        "badge": objection_badge(objection),
        "target_badge": badge(objection.application),
        "others": [(one, objection_badge(one)) for one in others],
        "form": ObjectionAnswer(instance=objection) if objection.is_open and is_handler else None,
        "revision": revisions.of_answer(objection),
        "options": workflow.options(objection, request.user, *ACTIONS),
        "is_handler": is_handler,
        "window": window_text(objection.notice),
        "history": events.about(objection),
    }
