"""Experts' scoring: criteria and grades as plain values, and what a sheet still lacks (第十六条)."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import TypeVar

from policy.amounts import round_half_up

Key = TypeVar("Key", bound=Hashable)


class Grade(StrEnum):
    """Grades of a total, and the four bands of a single criterion, which share their bounds."""

    FAIL = "FAIL"
    PASS = "PASS"
    GOOD = "GOOD"
    EXCELLENT = "EXCELLENT"

    @property
    def label(self) -> str:
        return GRADE_LABELS[self]


GRADE_LABELS = {Grade.FAIL: "不合格", Grade.PASS: "合格", Grade.GOOD: "良好", Grade.EXCELLENT: "优秀"}
BANDS = tuple(Grade)
MOST_DECIMALS = 8


@dataclass(frozen=True)
class CriterionSpec:
    key: str
    name: str
    maximum: Decimal
    guidance: str = ""


@dataclass(frozen=True)
class SchemeSpec:
    """A scoring scheme. Grade bounds are percent of the maximum, which is 100 points by default."""

    name: str
    criteria: tuple[CriterionSpec, ...]
    excellent_from: Decimal = Decimal(90)
    good_from: Decimal = Decimal(75)
    pass_from: Decimal = Decimal(60)
    outlier_distance: Decimal = Decimal(15)
    step: Decimal = Decimal("0.5")
    dropped_each_end: int = 1
    panel_size: int = 5

    @property
    def maximum(self) -> Decimal:
        return sum((criterion.maximum for criterion in self.criteria), Decimal(0))

    @property
    def bounds(self) -> tuple[Decimal, Decimal, Decimal]:
        """Where 合格, 良好 and 优秀 begin, in percent of the maximum."""
        return self.pass_from, self.good_from, self.excellent_from


@dataclass(frozen=True)
class Mark:
    """One criterion's score as given, None while it is open, and its reason."""

    score: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class SheetProblem:
    """What a sheet lacks: the criterion's key and a sentence."""

    key: str
    sentence: str


@dataclass(frozen=True)
class Band:
    """One of the four bands of a criterion: its grade, first and last score that fall in it, as text."""

    grade: Grade
    first: Decimal
    last: Decimal

    @property
    def text(self) -> str:
        return f"{self.grade.label} {plain(self.first)}–{plain(self.last)}"


def band(score: Decimal, maximum: Decimal, scheme: SchemeSpec) -> Grade:
    """The band of a score out of `maximum`; a bound belongs to the band above it."""
    return BANDS[sum(score * 100 >= bound * maximum for bound in scheme.bounds)]


def grade(total: Decimal, scheme: SchemeSpec) -> Grade:
    return band(total, scheme.maximum, scheme)


def bands(criterion: CriterionSpec, scheme: SchemeSpec) -> list[Band]:
    """The four bands of a criterion in steps of the scheme, lowest first."""
    step = Fraction(scheme.step)
    starts = [Fraction(0)]
    for bound in scheme.bounds:
        exact = Fraction(criterion.maximum) * Fraction(bound) / 100
        starts.append(ceil(exact / step) * step)
    ends = [start - step for start in starts[1:]] + [Fraction(criterion.maximum)]
    return [
        Band(grade, round_half_up(first, 2), round_half_up(last, 2))
        for grade, first, last in zip(BANDS, starts, ends, strict=True)
    ]


def reason_required(score: Decimal, maximum: Decimal, scheme: SchemeSpec) -> bool:
    """A score in the lowest or the highest band needs its reason."""
    return band(score, maximum, scheme) in (Grade.FAIL, Grade.EXCELLENT)


def mark_problem(criterion: CriterionSpec, mark: Mark, scheme: SchemeSpec) -> str:
    """Why this mark cannot be submitted; empty when it can."""
    score = mark.score
    allowed = f"0至{plain(criterion.maximum)}分，每{plain(scheme.step)}分一档"
    if score is None:
        return f"“{criterion.name}”尚未评分，请填{allowed}。"
    if not score.is_finite() or not 0 <= score <= criterion.maximum:
        return f"“{criterion.name}”的评分超出范围，应为{allowed}。"
    if abs(int(score.as_tuple().exponent)) > MOST_DECIMALS:  # written out it could have a million digits
        return f"“{criterion.name}”的评分不在档上，应为{allowed}。"
    if (Fraction(score) / Fraction(scheme.step)).denominator != 1:
        return f"“{criterion.name}”的评分{plain(score)}不在档上，应为{allowed}。"
    if reason_required(score, criterion.maximum, scheme) and not mark.reason.strip():
        which = "最高档" if band(score, criterion.maximum, scheme) is Grade.EXCELLENT else "最低档"
        return f"“{criterion.name}”评{plain(score)}分，属{which}，请写明理由。"
    return ""


def sheet_problems(scheme: SchemeSpec, marks: Mapping[str, Mark]) -> list[SheetProblem]:
    """Everything that keeps a sheet from being submitted, in the order of the criteria."""
    found = (
        SheetProblem(criterion.key, mark_problem(criterion, marks.get(criterion.key, Mark()), scheme))
        for criterion in scheme.criteria
    )
    return [problem for problem in found if problem.sentence]


def outliers(totals: Mapping[Key, Decimal], scheme: SchemeSpec) -> set[Key]:
    """Keys of totals `outlier_distance` points or more from the mean of the others; each needs a comment."""
    if len(totals) < 2 or max(totals.values()) - min(totals.values()) < scheme.outlier_distance:
        return set()
    # Distance from the mean of the others, multiplied through by how many they are: no division, so exact.
    everything, count = sum(totals.values(), Decimal()), len(totals)
    far = scheme.outlier_distance * (count - 1)
    return {key for key, value in totals.items() if abs(value * count - everything) >= far}


def plain(value: Decimal) -> str:
    """13, 13.5: a score without idle zeros."""
    return f"{value.normalize():f}"
