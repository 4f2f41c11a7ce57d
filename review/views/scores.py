"""The score matrix for the bureau and the auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

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
from policy.amounts import minus_sign, round_half_up
from review import course, scores
from review.exports import score_summary
from review.matrix import Cell, Matrix, Reading, Row, matrix_of
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
    panels = Panel.objects.filter(round=pk).annotate(case_count=Count("cases")).order_by("id")
    tabs: list[Any] = list(panels.values_list("pk", "name", "case_count", named=True))
    if not tabs:
        return render(request, "review/score_matrix.html", {"round": get_object_or_404(Round, pk=pk)})
    wanted = next((one.pk for one in tabs if str(one.pk) == asked.get("panel")), tabs[0].pk)
    panel = Panel.objects.select_related("round__scheme").get(pk=wanted)
    matrix = matrix_of(panel)
    detail = _detail(asked.get("cell"), matrix.rows)
    of_detail = matrix.rows.index(detail.row) // PAGE_SIZE + 1 if detail else None
    page = Paginator(matrix.rows, PAGE_SIZE).get_page(asked.get("page") or of_detail)
    sheet = detail.sheet if detail else None
    open_rows = [row for row in matrix.rows if row.case.state == Application.State.UNDER_REVIEW]
    context = {
        "round": panel.round,
        "tabs": tabs,
        "panel": panel,
        "badge": panel_badge(panel, has_begun=any(row.case.state != ACCEPTED for row in matrix.rows)),
        "matrix": matrix,
        "page": page,
        "cell_link": f"?panel={panel.pk}&cell=",
        "lacks": [_lack(row, one) for row, one in matrix.missing[:20]],
        "missing_count": len(matrix.missing),
        "detail": detail,
        "chosen_case": detail.row.case.pk if detail else None,
        "chosen_cell": detail.sheet.assignment_id if detail else None,
        "is_handler": is_municipal_handler(request.user),
        "typed": typed,
        "unlock": _option(sheet, "unlock", request),
        "reopen": _option(sheet.assignment.case.application if sheet else None, "reopen_review", request),
        "agreement_span": len(matrix.experts) + 4,
        "unlocked": _unlocked(matrix),
        "open": len(open_rows),
        "unsettled": sum(not row.case.is_visit_settled for row in open_rows),
        "to_end": any(row.is_full and row.case.is_visit_settled for row in open_rows),
    }
    return render(request, "review/score_matrix.html", context, status=status)


class Lack(NamedTuple):
    """What holds up the end: whose sheet of which enterprise, in which way; ``sheet`` when its score needs words."""

    expert: str
    enterprise: str
    words: str
    sheet: int | None
    is_asked: bool


def _lack(row: Row, one: Reading) -> Lack:
    cell = row.cell_of(one)
    if cell.total is None:
        return Lack(cell.expert, row.case.name, cell.word, None, False)
    words = f"{cell.points} 分缺说明，差 {minus_sign(str(cell.distance))}"
    return Lack(cell.expert, row.case.name, words, one.sheet_pk, one.asked_at is not None)


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


def _unlocked(matrix: Matrix) -> list[Unlocked]:
    """The newest first (one query)."""
    sheets = {one.sheet_pk: (row, one) for row in matrix.rows for one in row.readings if one.sheet_pk}
    if not sheets:
        return []
    # One run through the log from the first sheet to the last costs less than a look at each of hundreds.
    around = Event.objects.filter(
        subject_type=ScoreSheet._meta.label, subject_id__range=(min(sheets), max(sheets))
    )
    found = around.filter(action__in=["unlock", "reopen"], outcome=Event.Outcome.DONE).order_by("-id")
    own = [(event, *sheets[event.subject_id]) for event in found if event.subject_id in sheets]
    return [Unlocked(event, row.columns[one.expert_id].name, row.case.name) for event, row, one in own]


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
