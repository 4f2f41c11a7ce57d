"""The assigned-review screen: materials left, score sheet right, saved as one types, locked when submitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from applications.models import Application
from applications.versions import digest_of
from core import clock, events, workflow
from core.exports import xlsx_response
from core.http import act, attempt
from core.models import Event
from core.typed import asked_number, plain_text
from core.workbooks import NotReadable
from policy.scoring import Band, CriterionSpec, Grade, SchemeSpec, band, bands, grade, plain, reason_required
from review import meeting, offline, scores, visiting
from review.materials import materials_of
from review.models import Assignment, ScoreSheet, SiteVisit
from review.views.expert import own_assignment
from review.views.meeting import meeting_context
from review.worklist import OwnAverage, address_of, neighbours, own_average, spec_of

GRADE_TONES = {
    Grade.EXCELLENT: "met",
    Grade.GOOD: "met",
    Grade.PASS: "attention",
    Grade.FAIL: "unmet",
}
STALE_STATUS, BAD_STATUS = 409, 422


@dataclass
class CriterionLine:
    """One criterion of the sheet as the page shows it; ``own`` and ``reason`` as typed or saved."""

    spec: CriterionSpec
    own: str
    points: Decimal | None
    reason: str
    band: str
    bands: list[tuple[Band, bool]]
    needs_reason: bool
    average: Decimal | None
    error: str

    @property
    def key(self) -> str:
        return self.spec.key


def _lines(
    scheme: SchemeSpec,
    marks: Mapping[str, tuple[str, str]],
    average: OwnAverage,
    errors: Mapping[str, str],
) -> list[CriterionLine]:
    lines = []
    for spec in scheme.criteria:
        own, reason = marks.get(spec.key, ("", ""))
        points = _points(own, spec, scheme)
        reached = band(points, spec.maximum, scheme) if points is not None else None
        lines.append(
            CriterionLine(
                spec,
                own,
                points,
                reason,
                f"{reached.label}档" if reached else "未评分",
                [(one, one.grade is reached) for one in bands(spec, scheme)],
                points is not None and reason_required(points, spec.maximum, scheme),
                average.by_criterion.get(spec.key),
                errors.get(spec.key, ""),
            )
        )
    return lines


def _points(text: str, spec: CriterionSpec, scheme: SchemeSpec) -> Decimal | None:
    """The points, if they can be given."""
    try:
        points = Decimal(text.strip()) if text.strip() else None
    except InvalidOperation:
        return None
    return None if points is None or scores.points_problem(points, spec, scheme) else points


@require_safe
def review_sheet(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    assignment = own_assignment(request, assignment_pk)
    if assignment.state == Assignment.State.AWAITING:
        return redirect("review-declare", assignment.pk)
    if assignment.state != Assignment.State.CLEAR:
        raise Http404
    return show_sheet(request, assignment)


def show_sheet(
    request: HttpRequest,
    assignment: Assignment,
    *,
    typed: scores.Typed | None = None,
    errors: Mapping[str, str] | None = None,
    saved: bool = False,
    confirming: bool = False,
    upload_problems: Sequence[str] = (),
    extra: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet, application = assignment.sheet, assignment.case.application
    scheme = spec_of(assignment)
    average = own_average(assignment.expert, assignment.case.panel.round_id, but=assignment)
    marks = typed.marks if typed else _saved_marks(sheet)
    lines = _lines(scheme, marks, average, errors or {})
    given = [line.points for line in lines if line.points is not None]
    total = sum(given, Decimal(0))
    reached = grade(total, scheme) if len(given) == len(lines) else None
    version = application.current_version
    visit = SiteVisit.objects.filter(application=application).first()
    context = {
        "assignment": assignment,
        "application": application,
        "enterprise": application.enterprise,
        "panel": assignment.case.panel,
        "sheet": sheet,
        "version": version,
        "materials": materials_of(version, assignment.case.panel.round.measure.condition_specs())
        if version
        else None,
        "findings": version.findings if version else [],
        "visit": visit if visit and visit.is_settled and visit.is_needed else None,
        "tab": request.GET.get("tab", ""),
        "file": _file_wanted(request, version),
        "lines": lines,
        "comment": typed.comment if typed else sheet.comment,
        "comment_error": (errors or {}).get("comment", ""),
        "errors": list((errors or {}).values()),
        "not_done": "未提交，已填的都已保存" if saved else "未保存",
        "confirming": _digest(sheet) if confirming else "",
        "upload_problems": upload_problems,
        "total": plain(total) if given else "—",
        "total_shown": total if given else None,
        "done": len(given),
        "grade": (reached.label, "award", GRADE_TONES[reached])
        if reached
        else ("未评完", "award", "neutral"),
        "scheme": scheme,
        "average": average,
        "difference": total - average.total if average.total is not None and reached else None,
        "around": neighbours(assignment),
        "is_draft": sheet.state == ScoreSheet.State.DRAFT,
        "asks_explanation": bool(sheet.explanation_asked_at and not sheet.is_explained),
        "reopened_by": _reopened_by(sheet),
        "has_started": application.state == Application.State.UNDER_REVIEW,
        "may_reopen": sheet.state == ScoreSheet.State.SUBMITTED
        and not workflow.why_not(sheet, "reopen")
        and not meeting.has_changed(sheet),
    }
    if sheet.state == ScoreSheet.State.SUBMITTED:
        context |= meeting_context(request, assignment)
    context |= _visit_context(request, assignment, visit) | dict(extra or {})
    return render(request, "review/sheet.html", context, status=status)


def _visit_context(request: HttpRequest, assignment: Assignment, visit: SiteVisit | None) -> dict[str, Any]:
    """The photos of a visit; to an expert who goes along also when it is planned, and the record to sign."""
    goes = visit is not None and visit.is_needed and assignment.expert_id in visit.experts
    if visit is None or not visit.is_settled or request.GET.get("tab") != "visit":
        is_planned = goes and visit is not None and visit.planned_at and not visit.is_settled
        return {"planned_visit": visit if is_planned else None}
    signed = goes and request.user in [one.signed_by for one in visiting.signatures_of(visit)]
    return {
        "visit_photos": list(assignment.case.application.site_photos.shown()),
        "visit_seen": visiting.record_digest(visit),
        "may_sign_visit": goes and not signed,
        "has_signed_visit": signed,
    }


def _reopened_by(sheet: ScoreSheet) -> Event | None:
    """What opened a sheet that had been submitted, with its reason (one query, for such a one alone)."""
    if sheet.state != ScoreSheet.State.DRAFT or not sheet.first_submitted_at:
        return None
    back = events.about(sheet).filter(action__in=["unlock", "reopen"], outcome=Event.Outcome.DONE)
    return back.order_by("id").last()


def _saved_marks(sheet: ScoreSheet) -> dict[str, tuple[str, str]]:
    rows = sheet.scores.select_related("criterion")
    return {
        row.criterion.key: (plain(row.points) if row.points is not None else "", row.reason) for row in rows
    }


def _file_wanted(request: HttpRequest, version) -> dict | None:
    """The attachment to show beside the sheet: the one asked for, else the first."""
    if version is None or request.GET.get("tab") != "files":
        return None
    files = version.snapshot["attachments"]
    wanted = request.GET.get("file")
    return next((one for one in files if str(one["id"]) == wanted), files[0] if files else None)


def _typed(request: HttpRequest, scheme: SchemeSpec) -> scores.Typed:
    return scores.Typed(
        {
            one.key: (
                plain_text(request.POST.get(f"points_{one.key}", "")),
                plain_text(request.POST.get(f"reason_{one.key}", ""), lines=True),
            )
            for one in scheme.criteria
        },
        plain_text(request.POST.get("comment", ""), lines=True),
    )


def _open_sheet(request: HttpRequest, pk: int) -> Assignment:
    """The assignment to write to; its version is read only when the page has to be shown again."""
    assignment = own_assignment(request, pk, later=("snapshot", "findings"))
    if assignment.state != Assignment.State.CLEAR:
        raise Http404
    return assignment


def _sheet_to_save(request: HttpRequest, pk: int) -> Assignment:
    """The same with what saving alone needs: it happens every few seconds, and shows no page."""
    assignments = Assignment.objects.select_related("sheet", "case__panel__round__scheme")
    clear = Assignment.State.CLEAR
    return get_object_or_404(assignments, pk=pk, expert__user=request.user, state=clear)


@require_POST
def review_save(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    """Save as typed: by the script while typing (204, 409, 422), or by the button."""
    assignment = _sheet_to_save(request, assignment_pk)
    scheme = spec_of(assignment)
    typed = _typed(request, scheme)
    quietly = request.headers.get("X-Autosave") == "1"
    try:
        saved = scores.save(
            assignment.sheet,
            typed,
            revision=asked_number(request.POST.get("revision"), otherwise=-1),
            scheme=scheme,
            partly=quietly,
        )
    except scores.BadScores as bad:
        if quietly:
            answer = HttpResponse(str(bad), status=BAD_STATUS, content_type="text/plain; charset=utf-8")
            return _telling(answer, bad.saved)
        fresh = own_assignment(request, assignment.pk)
        return show_sheet(request, fresh, typed=typed, errors=bad.problems, status=BAD_STATUS)
    except scores.Stale as stale:
        if quietly:
            return HttpResponse(str(stale), status=STALE_STATUS, content_type="text/plain; charset=utf-8")
        return _show_stale(request, assignment, typed, stale)
    if quietly:
        return _telling(HttpResponse(status=204), saved)
    messages.success(request, "评分已保存，尚未提交。")
    return redirect("review-sheet", assignment.pk)


def _telling(answer: HttpResponse, saved: ScoreSheet | None) -> HttpResponse:
    """The answer with what the script is to know of the sheet."""
    if saved:
        answer["X-Saved-At"] = f"{clock.local(saved.saved_at or clock.now()):%H:%M}"
        answer["X-Revision"] = str(saved.revision)
    return answer


def _show_stale(
    request: HttpRequest, assignment: Assignment, typed: scores.Typed, stale: scores.Stale
) -> HttpResponse:
    """What was typed stays on the page of a draft; a locked sheet shows what was submitted."""
    messages.error(request, str(stale))
    fresh = own_assignment(request, assignment.pk)
    if fresh.sheet.state != ScoreSheet.State.DRAFT:
        return redirect("review-sheet", assignment.pk)
    return show_sheet(request, fresh, typed=typed, status=STALE_STATUS)


@require_safe
def review_workbook(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    """The sheet as a workbook, to be filled in without a network."""
    assignment = _open_sheet(request, assignment_pk)
    return xlsx_response(offline.workbook_of(assignment, spec_of(assignment)), offline.filename(assignment))


@require_POST
def review_upload(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    """Take a filled-in workbook back in as a draft, all of it or nothing."""
    assignment = _open_sheet(request, assignment_pk)
    upload = request.FILES.get("workbook")
    problems = []
    if upload is None:
        problems = ["请选择填好的评分表（.xlsx）。"]
    else:
        try:
            offline.take(upload, assignment, spec_of(assignment), overwrites="overwrites" in request.POST)
        except NotReadable as unreadable:
            problems = [str(unreadable)]
        except offline.NotTaken as refused:
            problems = refused.problems
        except scores.Stale as stale:
            messages.error(request, str(stale))
            return redirect("review-sheet", assignment.pk)
    if problems:
        fresh = own_assignment(request, assignment.pk)
        return show_sheet(request, fresh, upload_problems=problems, status=BAD_STATUS)
    messages.success(request, "已读入评分表，尚未提交。请核对各项评分和理由，再提交评分。")
    return redirect("review-sheet", assignment.pk)


def _digest(sheet: ScoreSheet) -> str:
    """Of what an expert confirms by submitting."""
    return digest_of(scores.as_submitted(sheet))


@require_POST
def review_submit(request: HttpRequest, assignment_pk: int) -> HttpResponse:
    """Save what stands on the page, tell what submitting does; once confirmed lock the sheet and go on to the next one."""
    assignment = _open_sheet(request, assignment_pk)
    scheme = spec_of(assignment)
    typed = _typed(request, scheme)
    following = neighbours(assignment).next_open
    if assignment.sheet.state == ScoreSheet.State.SUBMITTED:
        messages.info(request, "这一件的评分已经提交。")
        return redirect("review-sheet", assignment.pk)
    try:
        saved = scores.save(
            assignment.sheet,
            typed,
            revision=asked_number(request.POST.get("revision"), otherwise=-1),
            scheme=scheme,
        )
    except scores.BadScores:
        errors = scores.why_not_submitted(typed, scheme)
        return show_sheet(request, assignment, typed=typed, errors=errors, status=BAD_STATUS)
    except scores.Stale as stale:
        return _show_stale(request, assignment, typed, stale)
    if problems := scores.why_not_submitted(typed, scheme):
        fresh = own_assignment(request, assignment.pk)
        return show_sheet(request, fresh, typed=typed, errors=problems, saved=True, status=BAD_STATUS)
    seen = request.POST.get("confirmed")
    if seen != _digest(saved) and not workflow.why_not(saved, "submit"):
        if seen:
            messages.warning(request, "评分在确认之前又有改动，请核对后再确认提交。")
        return show_sheet(request, own_assignment(request, assignment.pk), confirming=True)
    done = act(request, saved, "submit", done=f"{assignment.case.application.enterprise}的评分已提交。")
    if done is None:
        return redirect("review-sheet", assignment.pk)
    return redirect(address_of(following) if following else "review-list")


@require_POST
def review_explain(request: SignedInRequest, assignment_pk: int) -> HttpResponse:
    """The comment that a score far from the others needs; the score stays as it is."""
    assignment = _open_sheet(request, assignment_pk)
    explanation = plain_text(request.POST.get("explanation", ""), lines=True).strip()
    sheet = assignment.sheet
    if attempt(request, lambda: scores.explain(sheet, by=request.user, explanation=explanation)):
        messages.success(request, "说明已提交，评分没有改动。")
        return redirect("review-sheet", assignment.pk)
    fresh = own_assignment(request, assignment.pk)
    return show_sheet(request, fresh, extra={"explanation_typed": explanation}, status=BAD_STATUS)
