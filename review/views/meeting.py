"""What an expert does in the panel's meeting on a case: discuss, change the own score, write the opinion, sign it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from core import documents, events
from core.http import attempt
from core.typed import posted_text
from core.workflow import NotPermitted
from review import meeting, opinions
from review.documents import opinion_key
from review.models import Assignment, PanelCase
from review.views.expert import own_assignment
from review.worklist import spec_of


def meeting_context(request: HttpRequest, assignment: Assignment) -> dict[str, Any]:
    """What the sheet's page shows of the meeting: to the moderator more than to the others; never a name or a number."""
    case, scheme = assignment.case, spec_of(assignment)
    case.application.round = case.panel.round
    moderator = meeting.moderator_of(case)
    moderates = moderator is not None and moderator.pk == assignment.pk
    is_open = bool(moderates or case.opinion_at) and not meeting.why_not_meet(case)
    can_meet = moderates and is_open
    drafts = "draft" in request.GET and moderates and is_open
    last = opinions.last_put(case) if can_meet and not case.opinion_at else ""
    digest = opinions.opinion_digest(case) if case.opinion_at else ""
    return {
        "can_meet": can_meet,
        "discrepancy": meeting.discrepancy_of(case, scheme) if can_meet else None,
        "opinion": _opinion(request, case, last) if drafts else case.opinion if digest else "",
        "drafts": drafts,
        "last_opinion": last,
        "opinion_digest": digest,
        "has_signed": bool(digest)
        and case.signatures.filter(expert=assignment.expert_id, digest=digest).exists(),
        "may_sign": bool(digest) and is_open,
    }


def _opinion(request: HttpRequest, case: PanelCase, last: str) -> str:
    """To begin with: what was put last, or what the sheets give."""
    if last and request.GET["draft"] == "last":
        return last
    return opinions.draft_opinion(case, case.panel.round.scheme.spec())


def _own(request: HttpRequest, pk: int) -> Assignment:
    assignment = own_assignment(request, pk, later=("snapshot", "findings"))
    if assignment.state != Assignment.State.CLEAR:
        raise Http404
    return assignment


@require_POST
def review_discuss(request: SignedInRequest, assignment_pk: int) -> HttpResponse:
    assignment = _own(request, assignment_pk)
    if attempt(request, lambda: meeting.open_discussion(assignment.case, by=request.user)):
        messages.success(request, "合议已开始，评审这一件的专家都已收到通知。")
    return redirect("review-sheet", assignment.pk)


@require_POST
def review_reopen(request: SignedInRequest, assignment_pk: int) -> HttpResponse:
    assignment = _own(request, assignment_pk)
    reason = posted_text(request.POST.get("reason"))
    if attempt(request, lambda: meeting.reopen(assignment.sheet, by=request.user, reason=reason)):
        messages.success(request, "可以修改评分了，原评分和理由留存。改好后请重新提交。")
        return redirect("review-sheet", assignment.pk)
    return _again(request, assignment, {"reopen_reason": reason})


@require_POST
def review_opinion(request: SignedInRequest, assignment_pk: int) -> HttpResponse:
    assignment = _own(request, assignment_pk)
    text = posted_text(request.POST.get("opinion"))
    try:
        done = attempt(request, lambda: opinions.write_opinion(assignment.case, text, by=request.user))
    except NotPermitted as refusal:  # somebody else has taken the chair meanwhile: the words are given back
        if refusal.event:
            events.keep(refusal.event)
        messages.error(request, str(refusal))
        return _again(request, assignment, {"given_back": text})
    if done:
        messages.success(request, "审核意见已提请各位专家签署。")
        return redirect("review-sheet", assignment.pk)
    return _again(request, assignment, {"opinion": text, "drafts": True, "given_back": text})


@require_POST
def review_sign(request: SignedInRequest, assignment_pk: int) -> HttpResponse:
    assignment = _own(request, assignment_pk)
    seen = request.POST.get("seen", "")
    if attempt(request, lambda: opinions.sign_opinion(assignment, by=request.user, seen=seen)):
        messages.success(request, "您已签署专家组审核意见。")
    return redirect("review-sheet", assignment.pk)


def _again(request: HttpRequest, assignment: Assignment, typed: dict[str, Any]) -> HttpResponse:
    """The page of the sheet with what was typed and refused."""
    from review.views.sheet import show_sheet

    return show_sheet(request, own_assignment(request, assignment.pk), extra=typed, status=422)


@require_POST
def case_discuss(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bureau opens the discussion of a case, at the request of a chair who cannot."""
    case = get_object_or_404(
        PanelCase.objects.select_related("application__enterprise", "panel__round"), pk=pk
    )
    if attempt(request, lambda: meeting.open_discussion(case, by=request.user)):
        messages.success(
            request, f"{case.application.enterprise}的合议已开始，评审这一件的专家都已收到通知。"
        )
    return redirect("panel-detail", case.panel_id)


@require_POST
def case_opinion(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for the panel's opinion on a case as PDF; a worker makes it."""
    case = get_object_or_404(PanelCase, pk=pk)
    document = documents.request("panel-opinion", case, by=request.user, key=opinion_key(case))
    return redirect("document", pk=document.pk)
