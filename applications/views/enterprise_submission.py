"""Checking, submitting once, answering what was returned, withdrawing."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import profile
from accounts.http import SignedInRequest
from applications import corrections, reading, versions
from applications.completeness import narrative_length, section_statuses
from applications.documents import commitment_key, draft_key, version_key
from applications.facts import current_attachments, findings_of
from applications.models import Application, AttachmentKind, CorrectionItem
from applications.receipts import receipt_address
from applications.views.enterprise_cases import Case, conflict, own_application
from applications.views.enterprise_tasks import first_open
from core import clock, documents, workflow
from core.typed import plain_text, too_long
from core.wording import sentence
from core.workflow import NotPossible
from policy.eligibility import verdict_sentence

LONGEST_ANSWER = 500
SHORTEST_REASON = 4


@require_safe
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything once more: what is filled in, what the clauses say, what still stands in the way."""
    application = own_application(request, pk, Application.objects.with_everything())
    if not application.is_editable:
        return redirect("application-detail", pk)
    snapshot = versions.plain_snapshot(application)
    items = corrections.open_items(application)
    findings = findings_of(application)
    options = workflow.options(application, request.user, "submit")
    statuses = section_statuses(application)
    opened = corrections.open_sections(application, items)
    context = {
        "application": application,
        "case": Case.of(application, [], at=clock.now()),
        "parts": {part.section.lower(): part for part in reading.parts_of(snapshot)},
        "figures": reading.figure_table(snapshot),
        "projects": application.projects.all(),
        "proven": {one.project_id for one in current_attachments(application)},
        "files": _files_by_kind(snapshot),
        "length": narrative_length(application),
        "findings": findings,
        "verdict": verdict_sentence(findings),
        "submit": options["submit"],
        "unconfirmed_year": profile.year_to_confirm(application.enterprise),
        "next": first_open(statuses, opened),
        "opened": {one.lower() for one in opened},
        "next_number": application.current_version.number + 1 if application.current_version else 1,
    }
    return render(request, "applications/enterprise/check.html", context)


@require_POST
def submit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Submit once. A second click, a replay or a reload leads to the receipt of what was submitted."""
    application = own_application(request, pk)
    number = application.current_version.number if application.current_version else 0
    if not application.is_editable or request.POST.get("after") != str(number):
        return _already(request, application)
    if "confirmed" not in request.POST:
        messages.error(request, "请先勾选“我已逐项核对以上内容，并获本单位授权提交”，再提交申报书。")
        return redirect("application-check", pk)
    try:
        workflow.perform(application, "submit", by=request.user)
    except NotPossible as refusal:
        application = own_application(request, pk)
        if not application.is_editable:
            return _already(request, application)
        for reason in refusal.reasons:
            messages.error(request, reason)
        return redirect("application-check", pk)
    messages.success(request, "申报书已提交，回执如下，同时已发到收件箱。")
    return redirect("application-receipt", pk)


def _already(request: SignedInRequest, application: Application) -> HttpResponse:
    if application.current_version is None:
        messages.error(request, "页面已过期，还没有提交。请核对后重新提交。")
        return redirect("application-check", application.pk)
    messages.info(request, f"申报书{application.current_version}先前已提交，没有重复提交。")
    return redirect("application-receipt", application.pk)


@require_safe
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    """Number, time and digest of what was submitted."""
    application = own_application(request, pk)
    if application.current_version is None:
        messages.info(request, "还没有提交，提交后这里显示回执。")
        return redirect("application-detail", pk)
    context = {
        "application": application,
        "case": Case.of(application, [], at=clock.now()),
        "option": workflow.options(application, request.user, "withdraw")["withdraw"],
        "check_url": receipt_address(application.current_version),
    }
    return render(request, "applications/enterprise/receipt.html", context)


def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Withdraw with a reason; the page says first what will happen."""
    application = own_application(request, pk)
    option = workflow.options(application, request.user, "withdraw")["withdraw"]
    reason = plain_text(request.POST.get("reason", ""), lines=True).strip()
    error = too_long("撤回原因", reason, LONGEST_ANSWER)
    if request.method == "POST" and not error:
        if len(reason) < SHORTEST_REASON:
            error = "请写明撤回原因，至少 4 个字，审核单位会看到。"
        elif application.state == Application.State.WITHDRAWN:
            messages.info(request, "申报先前已撤回，没有重复办理。")
            return redirect("application-detail", pk)
        else:
            try:
                workflow.perform(application, "withdraw", by=request.user, note=reason)
            except NotPossible as refusal:
                error = "".join(refusal.reasons)
            else:
                messages.success(request, "申报已撤回。本批次截止前可以重新申报，也可以更换渠道。")
                return redirect("application-detail", pk)
    elif not option.shown:
        return redirect("application-detail", pk)
    context = {
        "application": application,
        "case": Case.of(application, [], at=clock.now()),
        "reason": reason,
        "error": error,
    }
    return render(request, "applications/enterprise/withdraw.html", context)


@require_POST
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Save the answers to the returned items. An answer that a colleague changed meanwhile is not overwritten."""
    application = own_application(request, pk)
    clashes: list[str] = []
    refused: list[str] = []
    with transaction.atomic():
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        opened = {item.pk for item in corrections.open_items(locked)}
        for item in CorrectionItem.objects.filter(request__application=locked):
            typed = plain_text(request.POST.get(f"answer-{item.pk}", item.answer), lines=True).strip()
            if typed == item.answer:
                continue
            if problem := _why_not_taken(item, typed, locked, is_open=item.pk in opened):
                refused.append(f"{problem}这一处没有保存，您写的是：{sentence(typed)}")
                continue
            if request.POST.get(f"was-{item.pk}", "") != corrections.answer_digest(item.answer):
                clashes.append(
                    f"“{item.label}”的补正说明同事已改为：{sentence(item.answer)}您写的是：{sentence(typed)}"
                )
                continue
            item.answer = typed
            item.save(update_fields=["answer"])
    if "autosave" in request.POST:
        if clashes or refused:
            return conflict("".join(refused + clashes) + "请刷新页面后再填写。" * bool(clashes))
        response = HttpResponse(status=204)
        response["X-Saved-At"] = f"{clock.local(clock.now()):%H:%M}"
        response["X-Answers-Saved"] = "1"
        return response
    for words in refused + [f"{clash}没有覆盖，请商定后再填写。" for clash in clashes]:
        messages.error(request, words)
    if not clashes and not refused:
        messages.success(request, "补正说明已保存。")
    back = request.POST.get("section", "").upper()
    if back in corrections.open_sections(application, corrections.open_items(application)):
        return redirect("application-section", pk, back.lower())
    return redirect("application-detail", pk)


def _why_not_taken(item: CorrectionItem, typed: str, application: Application, *, is_open: bool) -> str:
    what = f"“{item.label}”的补正说明"
    if not is_open:
        return f"{what}现在不能再改：申报书当前为“{application.get_state_display()}”。"
    return too_long(what, typed, LONGEST_ANSWER)


@require_POST
def pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the bound 申报书, the receipt, or the commitment to be signed; a worker makes it."""
    application = own_application(request, pk, Application.objects.with_everything())
    kind = request.POST.get("kind", "application")
    if kind not in ("receipt", "commitment") or (kind == "receipt" and application.current_version is None):
        kind = "application"
    version = application.current_version
    if kind == "commitment":
        key = commitment_key(application)
    elif version is None or (application.is_editable and kind == "application"):
        key = draft_key(application)
    else:
        key = version_key(version)
    document = documents.request(kind, application, by=request.user, key=key)
    return redirect(f"{reverse('document', args=[document.pk])}?progress")


def _files_by_kind(snapshot: dict) -> list[dict]:
    """Files grouped by kind, in the order of the checklist."""
    groups = []
    for kind in AttachmentKind:
        files = [one for one in snapshot["attachments"] if one["kind"] == kind]
        if files:
            groups.append({"label": kind.label, "files": files})
    return groups
