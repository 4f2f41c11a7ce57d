"""The score matrix of a panel: applications by experts, what counts, what is far off, what is missing.

It is read as plain values: a large panel has thousands of sheets, and a page shows twenty-five rows of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.functional import cached_property

from accounts.models import Expert
from policy.agreement import concordance, meaning, standing
from policy.amounts import minus_sign, round_half_up
from policy.ranking import dropped_of, trimmed_mean
from policy.scoring import SchemeSpec, grade, outliers
from review.models import Assignment, Panel, ScoreSheet
from review.models.visits import settled
from review.worklist import mean_of

LEANING_EVEN = Decimal("1.50")
COLUMNS_AT_MOST = 9  # with more experts each case tells its own
WORDS = {
    Assignment.State.AWAITING: "待声明",
    Assignment.State.RECUSED: "回避",
    Assignment.State.RELEASED: "解除",
    Assignment.State.CLEAR: "未交",
}


def points_text(points: Decimal | None) -> str:
    """88.25, or 88 without idle decimals."""
    return "" if points is None else f"{points:.2f}".removesuffix(".00")


class Case(NamedTuple):
    """A case of the panel and whose it is."""

    pk: int
    application_id: int
    state: str
    name: str
    credit_code: str
    district: str
    region: str
    is_visit_settled: bool | None


class Reading(NamedTuple):
    """One expert on one case: the assignment, and the sheet if there is one.

    ``total`` is what counts: submitted, by an expert who is still on the case.
    """

    pk: int
    case_id: int
    expert_id: int
    state: str
    sheet_pk: int | None
    total: Decimal | None
    asked_at: datetime | None
    is_explained: bool


@dataclass(frozen=True)
class Cell:
    """One expert and one case. ``mark`` is high or low when the total is dropped by trimming."""

    expert: str
    reading: Reading | None
    total: Decimal | None
    mark: str
    is_outlier: bool
    totals: dict[int, Decimal]

    @property
    def points(self) -> str:
        return points_text(self.total)

    @property
    def word(self) -> str:
        return WORDS[Assignment.State(self.reading.state)] if self.reading else ""

    @property
    def distance(self) -> Decimal | None:
        """Own total minus the mean of the others."""
        others = len(self.totals) - 1
        if self.total is None or not others:
            return None
        apart = self.total * len(self.totals) - sum(self.totals.values(), Decimal())
        return round_half_up(Fraction(apart) / others, 2)

    @property
    def standing(self) -> Decimal | None:
        """The z-score."""
        return None if self.total is None else standing(self.total, list(self.totals.values()))


@dataclass
class ExpertColumn:
    """One expert: name and speciality (or title), chair or not, on how many cases, and the leaning against the others (advice only)."""

    name: str
    speciality: str
    is_chair: bool
    is_member: bool
    count: int = 0
    leaning: Decimal | None = None

    @property
    def leaning_text(self) -> str:
        if self.leaning is None:
            return ""
        return minus_sign(f"{'+' if self.leaning > 0 else ''}{self.leaning:.2f}")

    @property
    def leaning_word(self) -> str:
        if self.leaning is None:
            return "不计"
        if abs(self.leaning) <= LEANING_EVEN:
            return "持平"
        return "偏高" if self.leaning > 0 else "偏低"


@dataclass
class Row:
    """One case: what its experts gave, the mean after trimming, the spread. ``totals`` are by assignment."""

    case: Case
    readings: list[Reading]
    columns: dict[int, ExpertColumn]
    scheme: SchemeSpec
    panel_size: int
    rank: str = "–"

    @cached_property
    def totals(self) -> dict[int, Decimal]:
        return {one.pk: one.total for one in self.readings if one.total is not None}

    @property
    def is_full(self) -> bool:
        return len(self.totals) >= self.panel_size

    @cached_property
    def mean(self) -> Decimal | None:
        return trimmed_mean(self.totals.values(), self.scheme.dropped_each_end) if self.is_full else None

    @property
    def spread(self) -> Decimal | None:
        return max(self.totals.values()) - min(self.totals.values()) if self.totals else None

    @property
    def spread_text(self) -> str:
        return points_text(self.spread) or "–"

    @property
    def mean_text(self) -> str:
        return "" if self.mean is None else f"{self.mean:.2f}"

    @property
    def grade(self) -> str:
        return grade(self.mean, self.scheme).label if self.mean is not None else "–"

    @cached_property
    def marks(self) -> dict[int, str]:
        """Which totals fall away: the highest and lowest, of equal ones the first."""
        if not self.is_full:
            return {}
        ordered = sorted(self.totals, key=self.totals.__getitem__)
        drop = dropped_of(len(ordered), self.scheme.dropped_each_end)
        return dict.fromkeys(ordered[:drop], "low") | dict.fromkeys(ordered[len(ordered) - drop :], "high")

    @cached_property
    def far(self) -> set[int]:
        return outliers(self.totals, self.scheme)

    @property
    def dots(self) -> list[tuple[Decimal, bool]]:
        return [(total, pk not in self.marks) for pk, total in self.totals.items()]

    @cached_property
    def cells(self) -> list[Cell]:
        """In the order of the experts, with an empty one for each who is not on the case."""
        by_expert = {one.expert_id: one for one in self.readings}
        return [self.cell(column.name, by_expert.get(pk)) for pk, column in self.columns.items()]

    @property
    def given(self) -> list[Cell]:
        """Of those who are on the case, in the order in which they were asked."""
        return [self.cell_of(one) for one in self.readings]

    def cell_of(self, one: Reading) -> Cell:
        return self.cell(self.columns[one.expert_id].name, one)

    def cell(self, expert: str, reading: Reading | None) -> Cell:
        if reading is None:
            return Cell(expert, None, None, "", False, self.totals)
        total, mark = self.totals.get(reading.pk), self.marks.get(reading.pk, "")
        return Cell(expert, reading, total, mark, reading.pk in self.far, self.totals)


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
    submitted: int = 0
    wanted: int = 0
    scores: list[Decimal] = field(default_factory=list)

    @property
    def is_trimmed(self) -> bool:
        """Whether a highest and a lowest score of a case fall away."""
        return any(row.marks for row in self.rows)

    @property
    def is_wide(self) -> bool:
        """Too many experts for a column each; nobody of a large panel reviews all of its cases."""
        return len(self.experts) > COLUMNS_AT_MOST

    @cached_property
    def low(self) -> Decimal:
        return min(self.scores, default=Decimal(60))

    @cached_property
    def high(self) -> Decimal:
        return max(self.scores, default=Decimal(100))

    @cached_property
    def agreement(self) -> Agreement | None:
        """Over the complete cases; None while there are too few of them, or of experts who scored them all."""
        complete = [row for row in self.rows if row.mean is not None]
        if not any(one.count >= len(complete) for one in self.experts):
            return None
        given: dict[int, list[Decimal]] = {}
        for row in complete:
            for one in row.readings:
                if one.pk in row.totals:
                    given.setdefault(one.expert_id, []).append(row.totals[one.pk])
        whole = [column for column in given.values() if len(column) == len(complete)]
        found = concordance(whole)
        if found is None:
            return None
        return Agreement(round_half_up(found, 2), len(whole), len(complete), meaning(found))

    @cached_property
    def missing(self) -> list[tuple[Row, Reading]]:
        """What holds up the end: sheets not submitted, scores far off without a comment."""
        open_states = (Assignment.State.CLEAR.value, Assignment.State.AWAITING.value)
        # Written out: a large panel has thousands of sheets.
        return [
            (row, one)
            for row in self.rows
            for one in row.readings
            if (one.state in open_states if one.total is None else not one.is_explained and one.pk in row.far)
        ]


def matrix_of(panel: Panel) -> Matrix:
    """At most four queries whatever the size. Rows by mean, those without one last."""
    scheme = panel.round.scheme.spec()
    explained = ~Q(sheet__comment="") | ~Q(sheet__explanation="")  # both are kept without blanks around them
    assignments = Assignment.objects.filter(case__panel=panel).order_by()
    clear, submitted = Assignment.State.CLEAR.value, ScoreSheet.State.SUBMITTED.value
    readings = [
        Reading(
            pk,
            case,
            expert,
            state,
            sheet,
            total if state == clear and kept == submitted else None,
            asked_at,
            is_explained,
        )
        for pk, case, expert, state, sheet, kept, total, asked_at, is_explained in assignments.values_list(
            "pk",
            "case",
            "expert",
            "state",
            "sheet",
            "sheet__state",
            "sheet__total",
            "sheet__explanation_asked_at",
            ExpressionWrapper(explained, BooleanField()),
        )
    ]
    readings.sort()
    by_case: dict[int, list[Reading]] = defaultdict(list)
    for one in readings:
        by_case[one.case_id].append(one)
    columns = _columns(panel, readings)
    rows = [
        Row(case, by_case.get(case.pk, []), columns, scheme, panel.round.panel_size) for case in _cases(panel)
    ]
    rows.sort(key=lambda row: (row.mean is None, -(row.mean or 0), row.case.credit_code))
    _number(rows)
    _lean(columns, rows)
    scores = [total for row in rows for total in row.totals.values()]
    return Matrix(
        list(columns.values()), rows, scheme, len(scores), len(rows) * panel.round.panel_size, scores
    )


def _cases(panel: Panel) -> Iterable[Case]:
    enterprise = "application__enterprise"
    facts = panel.cases.order_by().values_list(
        "pk",
        "application",
        "application__state",
        f"{enterprise}__name",
        f"{enterprise}__credit_code",
        f"{enterprise}__district__name",
        f"{enterprise}__district__region",
        ExpressionWrapper(settled("application__site_visit"), BooleanField()),
    )
    return (Case(*values) for values in facts)


def _columns(panel: Panel, readings: Sequence[Reading]) -> dict[int, ExpertColumn]:
    """By expert: the members in their order, then those who took somebody's place."""
    shown = ("user__name", "speciality", "title")
    members = panel.members.order_by("id").values_list(
        "expert", "is_chair", *(f"expert__{name}" for name in shown)
    )
    columns = {
        pk: ExpertColumn(name, speciality or title, is_chair, is_member=True)
        for pk, is_chair, name, speciality, title in members
    }
    others = dict.fromkeys(one.expert_id for one in readings if one.expert_id not in columns)
    if others:
        found = {pk: words for pk, *words in Expert.objects.filter(pk__in=others).values_list("pk", *shown)}
        for pk in others:
            name, speciality, title = found[pk]
            columns[pk] = ExpertColumn(name, speciality or title, is_chair=False, is_member=False)
    return columns


def _number(rows: list[Row]) -> None:
    shared = Counter(row.mean for row in rows)
    places: dict[Decimal, int] = {}
    for place, row in enumerate(rows, 1):
        if row.mean is not None:
            rank = places.setdefault(row.mean, place)
            row.rank = f"{rank}{'=' if shared[row.mean] > 1 else ''}"


def _lean(columns: dict[int, ExpertColumn], rows: list[Row]) -> None:
    """The mean of an expert's differences from the cases' means, over complete cases; from two cases on."""
    differences: dict[int, list[Decimal]] = defaultdict(list)
    for row in rows:
        mean = row.mean
        for one in row.readings:
            if one.total is not None:
                columns[one.expert_id].count += 1
                if mean is not None:
                    differences[one.expert_id].append(one.total - mean)
    for pk, found in differences.items():
        columns[pk].leaning = mean_of(found) if len(found) > 1 else None
