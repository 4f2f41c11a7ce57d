"""The score matrix for the bureau and the auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.models import Application, Round
from core import clock, workflow
from core.exports import xlsx_response
from core.http import act, attempt
from core.models import Event, Stateful
from core.reasons import too_short
from core.typed import asked_number, posted_text, too_long
from policy.amounts import round_half_up
from review import course, scores
from review.exports import score_summary
from review.matrix import Cell, Matrix, Row, matrix_of
from review.models import Assignment, CriterionScore, Panel, PanelCase, ScoreSheet
from review.views.panels import panel_badge

PAGE_SIZE = 25
ACCEPTED = Application.State.ACCEPTED
LONGEST_REASON = 300


@require_safe
def score_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk, request.GET)


def _page(
    request: HttpRequest, pk: int, asked: Mapping[str, str], *, typed: str = "", status: int = 200
) -> HttpResponse:
    """``asked``: panel, page and cell as in an address; ``typed``: a reason for unlocking that was refused."""
    round_ = get_object_or_404(Round.objects.select_related("scheme"), pk=pk)
    panels = list(Panel.objects.filter(round=round_).annotate(case_count=Count("cases")).order_by("id"))
    wanted = asked.get("panel")
    panel = next((one for one in panels if str(one.pk) == wanted), panels[0] if panels else None)
    if panel is None:
        return render(request, "review/score_matrix.html", {"round": round_, "panels": []})
    panel.round = round_
    matrix = matrix_of(panel)
    detail = _detail(asked.get("cell"), matrix.rows)
    of_detail = matrix.rows.index(detail.row) // PAGE_SIZE + 1 if detail else None
    page = Paginator(matrix.rows, PAGE_SIZE).get_page(asked.get("page") or of_detail)
    missing = matrix.missing
    sheet = detail.sheet if detail else None
    context = {
        "round": round_,
        "panels": panels,
        "panel": panel,
        "badge": panel_badge(panel, has_begun=any(row.case.state != ACCEPTED for row in matrix.rows)),
        "matrix": matrix,
        "page": page,
        "cell_link": f"?panel={panel.pk}&cell=",
        "missing": missing[:20],
        "missing_count": len(missing),
        "detail": detail,
        "chosen_case": detail.row.case.pk if detail else None,
        "chosen_cell": detail.sheet.assignment_id if detail else None,
        "is_handler": is_municipal_handler(request.user),
        "typed": typed,
        "unlock": _option(sheet, "unlock", request),
        "reopen": _option(sheet.assignment.case.application if sheet else None, "reopen_review", request),
        "agreement_span": len(matrix.experts) + 4,
        "unlocked": _unlocked(panel, matrix),
        "open": sum(row.case.state == Application.State.UNDER_REVIEW for row in matrix.rows),
        "to_end": any(
            row.is_full and row.case.state == Application.State.UNDER_REVIEW for row in matrix.rows
        ),
    }
    return render(request, "review/score_matrix.html", context, status=status)


def _option(subject: Stateful | None, action: str, request: HttpRequest) -> workflow.Option | None:
    return workflow.options(subject, request.user, action)[action] if subject else None


@dataclass
class Unlocked:
    """A sheet as it had been submitted before it was unlocked, and the event that keeps it."""

    event: Event
    expert: str
    enterprise: str

    @property
    def was(self) -> dict:
        return self.event.details["was"]


def _unlocked(panel: Panel, matrix: Matrix) -> list[Unlocked]:
    """The newest first (one query)."""
    sheets = {one.sheet_pk: (row, one) for row in matrix.rows for one in row.readings if one.sheet_pk}
    of_panel = ScoreSheet.objects.filter(assignment__case__panel=panel).values("pk")
    found = Event.objects.filter(
        subject_type=ScoreSheet._meta.label, subject_id__in=of_panel, action__in=["unlock", "reopen"]
    )
    return [
        Unlocked(one, row.columns[reading.expert_id].name, row.case.name)
        for one in found.filter(outcome=Event.Outcome.DONE).order_by("-id")
        for row, reading in [sheets[one.subject_id]]
    ]


@dataclass
class Comparison:
    """One criterion of one sheet against the mean of the others."""

    name: str
    maximum: Decimal
    own: Decimal | None
    others: Decimal | None
    reason: str

    @property
    def difference(self) -> Decimal | None:
        return self.own - self.others if self.own is not None and self.others is not None else None


@dataclass
class Detail:
    row: Row
    cell: Cell
    sheet: ScoreSheet
    lines: list[Comparison]
    version_number: int | None


def _detail(wanted: str | None, rows: list[Row]) -> Detail | None:
    """The sheet that was asked for, criterion by criterion (two queries)."""
    found = next(
        (
            (row, one)
            for row in rows
            for one in row.readings
            if str(one.pk) == wanted and one.pk in row.totals
        ),
        None,
    )
    if found is None:
        return None
    row, reading = found
    cell = row.cell_of(reading)
    sheet = ScoreSheet.objects.select_related(
        "assignment__case__application__round", "assignment__case__application__current_version"
    ).get(assignment=reading.pk)
    scored = CriterionScore.objects.filter(
        sheet__assignment__case=row.case.pk,
        sheet__assignment__state=Assignment.State.CLEAR,
        sheet__state=ScoreSheet.State.SUBMITTED,
    ).select_related("criterion")
    by_criterion: dict[int, list[CriterionScore]] = {}
    for one in scored.order_by("criterion__position"):
        by_criterion.setdefault(one.criterion_id, []).append(one)
    lines = []
    for group in by_criterion.values():
        own = next(one for one in group if one.sheet_id == sheet.pk)
        rest = [Fraction(one.points) for one in group if one is not own and one.points is not None]
        others = round_half_up(sum(rest, Fraction(0)) / len(rest), 2) if rest else None
        lines.append(Comparison(own.criterion.name, own.criterion.maximum, own.points, others, own.reason))
    version = sheet.assignment.case.application.current_version
    return Detail(row, cell, sheet, lines, version.number if version else None)


@require_safe
def score_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The score summary of a panel (`?panel=`) or of the first, its means as live formulas."""
    round_ = get_object_or_404(Round.objects.select_related("scheme"), pk=pk)
    panels = list(Panel.objects.filter(round=round_).order_by("id"))
    wanted = request.GET.get("panel")
    panel = next((one for one in panels if str(one.pk) == wanted), panels[0] if panels else None)
    if panel is None:
        messages.info(request, "本批次还没有专家组，没有可以导出的评分。")
        return redirect("score-matrix", pk)
    panel.round = round_
    return xlsx_response(score_summary(panel), f"{round_}{panel.name}评分汇总表.xlsx")


@require_POST
def sheet_unlock(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a submitted sheet back to its expert to correct; a reason that is refused stays in its field."""
    sheet = get_object_or_404(
        ScoreSheet.objects.select_related("assignment__case__panel", "assignment__expert__user"), pk=pk
    )
    expert, panel = sheet.assignment.expert, sheet.assignment.case.panel
    reason = posted_text(request.POST.get("reason"))
    if refusal := too_long("解锁的原因", reason, LONGEST_REASON):
        messages.error(request, refusal)
    elif attempt(request, lambda: scores.unlock(sheet, by=request.user, reason=reason)):
        messages.success(request, f"{expert}的评分表已解锁，本人已收到通知；重新提交前这一件的均分待定。")
        if panel.due_at <= clock.now():
            messages.warning(request, "评分截止已过，请先在专家组页面延长截止时间，专家才能重新提交。")
        return redirect(f"{reverse('score-matrix', args=[panel.round_id])}?panel={panel.pk}")
    asked = {"panel": str(panel.pk), "cell": str(sheet.assignment_id)}
    return _page(request, panel.round_id, asked, typed=reason, status=422)


@require_POST
def case_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open the review of one case again; a reason that is refused stays in its field."""
    case = get_object_or_404(PanelCase.objects.select_related("application__enterprise", "panel"), pk=pk)
    reason = posted_text(request.POST.get("reason"))
    cell = str(asked_number(request.POST.get("cell")) or "")
    if refusal := too_short(reason) or too_long("重开评审的原因", reason, LONGEST_REASON):
        messages.error(request, f"重开评审的原因{refusal}" if refusal == too_short(reason) else refusal)
    elif attempt(request, lambda: course.reopen(case.application, by=request.user, reason=reason)):
        messages.success(request, f"已重开{case.application.enterprise}的评审，评分表可以解锁改正。")
        return redirect(
            f"{reverse('score-matrix', args=[case.panel.round_id])}?panel={case.panel_id}&cell={cell}"
        )
    return _page(
        request,
        case.panel.round_id,
        {"panel": str(case.panel_id), "cell": cell},
        typed=reason,
        status=422,
    )


@require_POST
def sheet_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the expert of a score far from the others for its comment."""
    sheet = get_object_or_404(
        ScoreSheet.objects.select_related("assignment__case__panel", "assignment__expert__user"), pk=pk
    )
    act(request, sheet, "ask_explanation", done=f"已请{sheet.assignment.expert}补充说明。")
    panel = sheet.assignment.case.panel
    return redirect(f"{reverse('score-matrix', args=[panel.round_id])}?panel={panel.pk}")
