"""A measure's condition as a plain value: which rule judges it, with which numbers, under which clause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from policy.findings import Finding, Verdict


@dataclass(frozen=True)
class ConditionSpec:
    """One condition of a measure. Of all conditions that share a non-empty `group`, one suffices."""

    rule: str
    clause: str
    article: int
    title: str
    group: str = ""
    blocking: bool = True
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> Decimal:
        """A number of the rule; JSON keeps decimals as text so that none passes through binary floats."""
        return Decimal(str(self.numbers[name]))

    def whole(self, name: str) -> int:
        return int(self.numbers[name])

    def finding(
        self,
        verdict: Verdict,
        *,
        measured: str,
        threshold: str,
        advice: str = "",
        missing: tuple[str, ...] = (),
    ) -> Finding:
        return Finding(
            key=self.rule,
            clause=self.clause,
            article=self.article,
            title=self.title,
            verdict=verdict,
            measured=measured,
            threshold=threshold,
            advice=advice,
            blocking=self.blocking and not self.group,
            group=self.group,
            missing=missing,
        )

    def unanswered(self, *fields: str, threshold: str, advice: str) -> Finding:
        """The finding for facts that are not filled in yet."""
        return self.finding(
            Verdict.NOT_COMPUTABLE,
            measured="尚未填写",
            threshold=threshold,
            advice=advice,
            missing=fields,
        )


@dataclass(frozen=True)
class Basis:
    """The days a case is measured at: the round's base date, its latest full year, the day of applying."""

    base_date: date
    latest_year: int
    applied_on: date


def thresholds_of(conditions: Iterable[ConditionSpec]) -> dict[str, Decimal]:
    """Rule → the percent it is judged by, of the rules that have one."""
    return {one.rule: one.number("percent") for one in conditions if "percent" in one.numbers}
