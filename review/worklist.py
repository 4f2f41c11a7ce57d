"""An expert's own assignments as rows of the list, and the way from one to the next. Nothing here looks at another expert."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Avg, Case, Count, F, QuerySet, Sum, When
from django.urls import reverse

from accounts.models import Expert
from applications.models import Application
from core.wording import cn_date, cn_datetime
from policy.amounts import mean_half_up, round_half_up
from policy.scoring import SchemeSpec, grade
from review.models import Assignment, CriterionScore, Panel, Recusal, ScoreSheet
from review.opinions import to_draft, to_sign
from review.ties import Suspicion, suspicions

# status → words, icon and tone of its badge
STATUSES: dict[str, tuple[str, str, str]] = {
    "awaiting": ("材料未开放", "lock", "neutral"),
    "todo": ("待评分", "circle", "info"),
    "draft": ("评分中", "pencil", "info"),
    "submitted": ("已提交", "check-circle", "met"),
    "recused": ("不评分", "person-dash", "neutral"),
    "released": ("已解除", "person-dash", "neutral"),
}
TABS = {
    "": "全部",
    "awaiting": "待声明",
    "todo": "待评分",
    "draft": "评分中",
    "submitted": "已提交",
    "recused": "已回避",
}
ENTERPRISE_FACTS = ("name", "credit_code", "district__region")


@dataclass
class Row:
    """One assignment as the list shows it."""

    assignment: Assignment
    status: str
    declaration: tuple[str, str, str]
    done: int
    criteria: int
    points: Decimal | None
    grade: str
    note: str
    action: str
    url: str

    @property
    def badge(self) -> tuple[str, str, str]:
        return STATUSES[self.status]

    @property
    def is_provisional(self) -> bool:
        return self.status == "draft"

    @property
    def is_urgent(self) -> bool:
        return is_urgent(self.assignment)


def assignments_of(expert: Expert, *, concluded: bool = False) -> QuerySet[Assignment]:
    """The expert's own assignments in panels still at work, or in those that have ended."""
    states = [Panel.State.CONCLUDED] if concluded else [Panel.State.FORMING, Panel.State.SEATED]
    return (
        Assignment.objects.filter(expert=expert, case__panel__state__in=states)
        .select_related("case", "recusal", "sheet")
        .annotate(
            enterprise_name=F("case__application__enterprise__name"),
            credit_code=F("case__application__enterprise__credit_code"),
            is_to_sign=Case(When(to_sign(), then=True), default=False),
            is_to_draft=Case(When(to_draft(), then=True), default=False),
        )
        .order_by("case__panel__due_at", "case__panel_id", "id")
    )


def status_of(assignment: Assignment) -> str:
    """A key of STATUSES, from the assignment and its sheet alone."""
    sheet = getattr(assignment, "sheet", None)
    if assignment.state == Assignment.State.AWAITING:
        return "awaiting"
    if assignment.state != Assignment.State.CLEAR or sheet is None:
        return "recused" if getattr(assignment, "recusal", None) else "released"
    if sheet.state == ScoreSheet.State.SUBMITTED:
        return "submitted"
    return "draft" if sheet.revision else "todo"


def needs_explanation(assignment: Assignment) -> bool:
    """Whether the bureau waits for words on a score far from the others."""
    sheet = getattr(assignment, "sheet", None)
    return bool(sheet and sheet.explanation_asked_at and not sheet.is_explained)


def is_urgent(assignment: Assignment) -> bool:
    waits = needs_explanation(assignment) or assignment.state == Assignment.State.AWAITING
    return waits or getattr(assignment, "is_to_sign", False) or getattr(assignment, "is_to_draft", False)


def panels_of(assignments: Iterable[Assignment]) -> dict[int, Panel]:
    """The panels that assignments belong to, with their schemes (two queries)."""
    wanted = Panel.objects.select_related("round__scheme").prefetch_related("round__scheme__criteria")
    return wanted.in_bulk({one.case.panel_id for one in assignments})


def rows_of(
    expert: Expert, assignments: Sequence[Assignment], panels: Mapping[int, Panel], *, today: date
) -> list[Row]:
    """The rows of one page of the list (three queries)."""
    ties = list(expert.ties.all())
    applications = Application.objects.select_related("enterprise__district", "main_mode").only(
        "state",
        "service_unit_credit_code",
        "main_mode__name",
        *(f"enterprise__{name}" for name in ENTERPRISE_FACTS),
    )
    of_case = applications.in_bulk([one.case.application_id for one in assignments])
    marks = {
        sheet: numbers
        for sheet, *numbers in CriterionScore.objects.filter(sheet__assignment__in=assignments)
        .order_by()
        .values_list("sheet")
        .annotate(Count("pk"), Count("points"), Sum("points"))
    }
    for one in assignments:
        one.case.application = of_case[one.case.application_id]
        one.case.panel = panels[one.case.panel_id]
    return [
        _row(
            one,
            suspicions(ties, one.case.application, on=today),
            marks.get(one.sheet.pk if hasattr(one, "sheet") else None, (0, 0, None)),
        )
        for one in assignments
    ]


def _row(assignment: Assignment, found: list[Suspicion], marks: Sequence[Any]) -> Row:
    """``marks``: how many criteria, how many of them scored, the sum of the points."""
    criteria, given, points = marks
    status = status_of(assignment)
    gate = reverse("review-declare", args=[assignment.pk])
    if status == "awaiting":
        binding = [one for one in found if one.is_binding]
        words = f"待声明 · 疑似{binding[0].tie.get_kind_display()}" if binding else "待声明"
        declaration = (words, "exclamation-triangle" if binding else "hourglass-split", "attention")
        note = "专家库登记与申报企业一致" if binding else "未发现疑似关系"
        return Row(assignment, status, declaration, 0, 0, None, "", note, "填写声明", gate)
    if status in ("recused", "released"):
        return _closed_row(assignment, gate)
    sheet = assignment.sheet
    declaration = ("无利害关系", "check-lg", "met")
    page = reverse("review-sheet", args=[assignment.pk])
    if status == "submitted":
        needs = needs_explanation(assignment)
        signs = getattr(assignment, "is_to_sign", False) and not needs
        note = "请补充离群说明" if needs else f"{cn_datetime(sheet.state_since, 'bare')} 提交"
        note = "请签署专家组审核意见" if signs else note
        scheme = assignment.case.panel.round.scheme.spec()
        words = grade(sheet.total, scheme).label if sheet.total is not None else ""
        action = "补充说明" if needs else "签署意见" if signs else "查看"
        if getattr(assignment, "is_to_draft", False) and not needs:
            note, action = "评分已交齐，请主持合议、起草审核意见", "起草意见"
        elif (
            not needs
            and not signs
            and assignment.case.discussed_from
            and assignment.case.application.state == Application.State.UNDER_REVIEW
        ):
            note = "合议已开始，可以在评分表里修改本人评分"
        return Row(assignment, status, declaration, given, criteria, sheet.total, words, note, action, page)
    note = f"{cn_datetime(sheet.saved_at, 'bare')} 保存" if sheet.saved_at else _declared(assignment)
    if assignment.case.application.state == Application.State.ACCEPTED:
        note = "评审还没有开始，可以先评分，开始后提交"
    if sheet.first_submitted_at:
        note = "提交过的评分表已重新打开，改好后请重新提交"
    action = "继续评分" if status == "draft" else "开始评分"
    return Row(assignment, status, declaration, given, criteria, points, "", note, action, page)


def _closed_row(assignment: Assignment, gate: str) -> Row:
    recusal = getattr(assignment, "recusal", None)
    if recusal is None:
        return Row(
            assignment,
            "released",
            ("已解除指派", "person-dash", "neutral"),
            0,
            0,
            None,
            "",
            f"{cn_date(assignment.state_since, 'bare')} 解除",
            "",
            "",
        )
    return Row(
        assignment,
        "recused",
        ("已回避", "person-dash", "neutral"),
        0,
        0,
        None,
        "",
        f"{cn_date(recusal.declared_at, 'bare')} 声明回避",
        "查看声明",
        gate,
    )


def _declared(assignment: Assignment) -> str:
    return f"{cn_date(assignment.state_since, 'bare')} 声明"


def ground_words(recusal: Recusal) -> list[str]:
    return [Recusal.Ground(code).label for code in recusal.grounds]


@dataclass(frozen=True)
class OwnAverage:
    """What the expert has given in the round so far, from own submitted sheets only."""

    count: int
    total: Decimal | None
    by_criterion: dict[str, Decimal]
    totals: list[Decimal]


def own_average(expert: Expert, round_id: int, *, but: Assignment | None = None) -> OwnAverage:
    """The expert's own means in a round, two decimals half up; ``but`` leaves one assignment out (two queries)."""
    sheets = ScoreSheet.objects.filter(
        assignment__expert=expert,
        assignment__state=Assignment.State.CLEAR,
        assignment__case__panel__round=round_id,
        state=ScoreSheet.State.SUBMITTED,
    )
    if but is not None:
        sheets = sheets.exclude(assignment=but)
    totals = [total for total in sheets.order_by("id").values_list("total", flat=True) if total is not None]
    by_criterion = (
        CriterionScore.objects.filter(sheet__in=sheets)
        .values_list("criterion__key")
        .annotate(mean=Avg("points"))
        .order_by()
    )
    return OwnAverage(
        len(totals),
        mean_of(totals),
        {key: round_half_up(Fraction(mean), 2) for key, mean in by_criterion if mean is not None},
        totals,
    )


def mean_of(values: list[Decimal]) -> Decimal | None:
    return mean_half_up(sum(values, Decimal()), len(values)) if values else None


@dataclass(frozen=True)
class Neighbours:
    """Where an assignment stands among the expert's own of its panel, and which come before and after."""

    position: int
    count: int
    previous: Assignment | None
    following: Assignment | None
    next_open: Assignment | None


def neighbours(assignment: Assignment) -> Neighbours:
    """Recused and released ones are passed over (one query)."""
    own = list(
        Assignment.objects.standing()
        .filter(expert=assignment.expert_id, case__panel=assignment.case.panel_id)
        .select_related("sheet")
        .order_by("id")
    )
    ids = [one.pk for one in own]
    at = ids.index(assignment.pk) if assignment.pk in ids else 0
    around = own[at + 1 :] + own[:at]
    return Neighbours(
        at + 1,
        len(own),
        own[at - 1] if at > 0 else None,
        own[at + 1] if at + 1 < len(own) else None,
        next((one for one in around if _is_open(one)), None),
    )


def _is_open(assignment: Assignment) -> bool:
    if assignment.state == Assignment.State.AWAITING:
        return True
    return assignment.sheet.state == ScoreSheet.State.DRAFT


def address_of(assignment: Assignment) -> str:
    """Where the expert goes on with it: the declaration first, then the sheet."""
    name = "review-declare" if assignment.state == Assignment.State.AWAITING else "review-sheet"
    return reverse(name, args=[assignment.pk])


def spec_of(assignment: Assignment) -> SchemeSpec:
    return assignment.case.panel.round.scheme.spec()
