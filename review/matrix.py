"""The score matrix of a panel: applications by experts, what counts, what is far off, what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.db.models import Prefetch

from accounts.models import Expert
from policy.agreement import concordance, meaning, standing
from policy.amounts import round_half_up
from policy.ranking import trimmed_mean
from policy.scoring import SchemeSpec, grade, outliers
from review.models import Assignment, Panel, PanelCase, PanelMember, ScoreSheet
from review.worklist import mean_of

LEANING_EVEN = Decimal("1.50")
APPLICATION_FACTS = (
    "state",
    "enterprise__name",
    "enterprise__credit_code",
    "enterprise__district__name",
    "enterprise__district__short_name",
    "enterprise__district__region",
)


@dataclass
class Cell:
    """One expert and one case. ``mark`` is high or low when the total is dropped by trimming; ``standing`` is the z-score."""

    assignment: Assignment | None
    total: Decimal | None = None
    mark: str = ""
    is_outlier: bool = False
    is_explained: bool = False
    distance: Decimal | None = None
    standing: Decimal | None = None

    @property
    def points(self) -> str:
        """88.25, or 88 without idle decimals."""
        return "" if self.total is None else f"{self.total:.2f}".removesuffix(".00")

    @property
    def sheet(self) -> ScoreSheet | None:
        return getattr(self.assignment, "sheet", None)

    @property
    def word(self) -> str:
        if self.assignment is None:
            return ""
        words = {
            Assignment.State.AWAITING: "待声明",
            Assignment.State.RECUSED: "回避",
            Assignment.State.RELEASED: "解除",
            Assignment.State.CLEAR: "未交",
        }
        return words[Assignment.State(self.assignment.state)]


@dataclass
class Row:
    """One case: its cells in the order of the experts, the mean after trimming, the spread."""

    case: PanelCase
    cells: list[Cell]
    mean: Decimal | None
    spread: Decimal | None
    grade: str
    rank: str = "–"
    dots: list[tuple[Decimal, bool]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return self.mean is not None


@dataclass
class ExpertColumn:
    """One expert: chair or not, on how many cases, and the leaning against the others (advice only)."""

    expert: Expert
    is_chair: bool
    is_member: bool
    count: int = 0
    leaning: Decimal | None = None

    @property
    def leaning_word(self) -> str:
        if self.leaning is None:
            return "不计"
        if abs(self.leaning) <= LEANING_EVEN:
            return "持平"
        return "偏高" if self.leaning > 0 else "偏低"


@dataclass(frozen=True)
class Agreement:
    """Kendall's W of those experts who scored every complete case, and what it means; advice only."""

    coefficient: Decimal
    experts: int
    cases: int
    words: str


@dataclass
class Matrix:
    experts: list[ExpertColumn]
    rows: list[Row]
    scheme: SchemeSpec
    submitted: int
    wanted: int

    @cached_property
    def low(self) -> Decimal:
        return min((score for row in self.rows for score, _ in row.dots), default=Decimal(60))

    @cached_property
    def high(self) -> Decimal:
        return max((score for row in self.rows for score, _ in row.dots), default=Decimal(100))

    @cached_property
    def agreement(self) -> Agreement | None:
        """Over the complete cases; None while there are too few of them, or of experts who scored them all."""
        complete = [row for row in self.rows if row.is_complete]
        columns = [[row.cells[index].total for row in complete] for index in range(len(self.experts))]
        scores = [[one for one in column if one is not None] for column in columns]
        whole = [column for column in scores if len(column) == len(complete)]
        found = concordance(whole)
        if found is None:
            return None
        return Agreement(round_half_up(found, 2), len(whole), len(complete), meaning(found))

    @property
    def missing(self) -> list[tuple[Row, Cell]]:
        """Cells that hold up the end: sheets not submitted, scores far off without a comment."""
        return [
            (row, cell)
            for row in self.rows
            for cell in row.cells
            if cell.assignment is not None
            and (
                (cell.total is None and cell.assignment.state in ("CLEAR", "AWAITING"))
                or (cell.is_outlier and not cell.is_explained)
            )
        ]


def matrix_of(panel: Panel) -> Matrix:
    """Six queries whatever the size. Rows by mean, those without one last."""
    scheme = panel.round.scheme.spec()
    assignments = Assignment.objects.select_related("sheet").order_by("id")
    cases = (
        panel.cases.select_related("application__enterprise__district")
        .only("panel", *(f"application__{name}" for name in APPLICATION_FACTS))
        .prefetch_related(Prefetch("assignments", queryset=assignments))
    )
    loaded = list(cases)
    experts = _columns(panel, loaded)
    rows = [_row(case, experts, scheme, panel.round.panel_size) for case in loaded]
    rows.sort(
        key=lambda row: (row.mean is None, -(row.mean or 0), row.case.application.enterprise.credit_code)
    )
    _number(rows)
    _lean(experts, rows)
    counted = sum(cell.total is not None for row in rows for cell in row.cells)
    return Matrix(experts, rows, scheme, counted, len(rows) * panel.round.panel_size)


def _columns(panel: Panel, cases: Sequence[PanelCase]) -> list[ExpertColumn]:
    members = list(panel.members.all())
    assignments = [one for case in cases for one in case.assignments.all()]
    share_experts(members, assignments)
    columns = {one.expert_id: ExpertColumn(one.expert, one.is_chair, True) for one in members}
    for one in assignments:
        if one.expert_id not in columns:
            columns[one.expert_id] = ExpertColumn(one.expert, False, False)
    return list(columns.values())


def share_experts(members: Iterable[PanelMember], assignments: Iterable[Assignment]) -> None:
    """Give each its expert, one object for all who name the same person (one query)."""
    every: list[PanelMember | Assignment] = [*members, *assignments]
    experts = Expert.objects.select_related("user").in_bulk({one.expert_id for one in every})
    for one in every:
        one.expert = experts[one.expert_id]


def _row(case: PanelCase, experts: list[ExpertColumn], scheme: SchemeSpec, panel_size: int) -> Row:
    by_expert = {one.expert_id: one for one in case.assignments.all()}
    totals: dict[str, Decimal] = {
        str(one.pk): one.sheet.total
        for one in by_expert.values()
        if one.state == Assignment.State.CLEAR
        and one.sheet.state == ScoreSheet.State.SUBMITTED
        and one.sheet.total is not None
    }
    far = outliers(totals, scheme)
    marks = _trimmed(totals, scheme.dropped_each_end) if len(totals) >= panel_size else {}
    cells = []
    for column in experts:
        assignment = by_expert.get(column.expert.pk)
        key = str(assignment.pk) if assignment else ""
        cell = Cell(assignment, totals.get(key), marks.get(key, ""), key in far)
        if cell.total is not None and cell.sheet is not None:
            cell.is_explained = cell.sheet.is_explained
            cell.distance = _distance(key, totals)
            cell.standing = standing(cell.total, list(totals.values()))
            column.count += 1
        cells.append(cell)
    mean = trimmed_mean(totals.values(), scheme.dropped_each_end) if len(totals) >= panel_size else None
    return Row(
        case,
        cells,
        mean,
        max(totals.values()) - min(totals.values()) if totals else None,
        grade(mean, scheme).label if mean is not None else "–",
        dots=[(total, key not in marks) for key, total in totals.items()],
    )


def _trimmed(totals: dict[str, Decimal], drop: int) -> dict[str, str]:
    """Which totals fall away: the `drop` highest and lowest, of equal ones the first."""
    ordered = sorted(totals, key=lambda key: totals[key])
    return dict.fromkeys(ordered[:drop], "low") | dict.fromkeys(ordered[len(ordered) - drop :], "high")


def _distance(key: str, totals: dict[str, Decimal]) -> Decimal | None:
    """Own total minus the mean of the others."""
    others = len(totals) - 1
    apart = totals[key] * len(totals) - sum(totals.values(), Decimal())
    return round_half_up(Fraction(apart) / others, 2) if others else None


def _number(rows: list[Row]) -> None:
    means = [row.mean for row in rows]
    for row in rows:
        if row.mean is not None:
            place = means.index(row.mean) + 1
            row.rank = f"{place}{'=' if means.count(row.mean) > 1 else ''}"


def _lean(experts: list[ExpertColumn], rows: list[Row]) -> None:
    """The mean of an expert's differences from the cases' means, over complete cases; from two cases on."""
    for index, column in enumerate(experts):
        scored = ((row.cells[index].total, row.mean) for row in rows)
        differences = [own - mean for own, mean in scored if own is not None and mean is not None]
        column.leaning = mean_of(differences) if len(differences) > 1 else None
