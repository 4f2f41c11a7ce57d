"""The submitted version as an expert reads it: figures with their course, narrative, projects, files. Contacts are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from applications.completeness import NARRATIVE_PARTS
from applications.models import ApplicationVersion
from policy.conditions import ConditionSpec
from policy.figures import ROW_BY_KEY, growth_text, ratio_text

# Rows in the order of the expert's table, with the rule that rests on them.
ROWS = (
    ("main_revenue", "main_revenue_growth"),
    ("service_revenue", ""),
    ("share", "service_revenue_share"),
    ("total_profit", "profit_growth"),
    ("net_profit", ""),
    ("operating_revenue", ""),
    ("taxes", ""),
    ("research", ""),
    ("total_assets", ""),
)


@dataclass(frozen=True)
class FigureRow:
    """One row of the table; ``values`` for the sparkline, ``texts`` as shown, oldest year first."""

    label: str
    clause: str
    values: list[Decimal | None]
    texts: list[Decimal | str | None]
    change: str
    is_share: bool = False


@dataclass(frozen=True)
class Materials:
    years: list[int]
    rows: list[FigureRow]
    modes: list[tuple[str, Decimal]]
    mode_maximum: Decimal
    narrative: list[tuple[str, str]]
    capability: list[tuple[str, str]]
    projects: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    service_unit: dict[str, Any]
    other_modes: list[str]
    efficiency: str


def materials_of(version: ApplicationVersion, specs: Iterable[ConditionSpec]) -> Materials:
    """What was submitted, with the clauses and thresholds of the round's measure beside the figures they rest on."""
    conditions = {spec.rule: spec for spec in specs}
    snapshot = version.snapshot
    figures = sorted(snapshot["figures"], key=lambda row: row["year"])
    modes = [
        (name, Decimal(amount))
        for name, amount in (figures[-1]["by_mode"] if figures else {}).items()
        if amount is not None
    ]
    modes.sort(key=lambda one: -one[1])
    capability = snapshot["capability"]
    return Materials(
        years=[row["year"] for row in figures],
        rows=[_figure_row(name, conditions.get(rule), figures) for name, rule in ROWS] if figures else [],
        modes=modes,
        mode_maximum=max((amount for _, amount in modes), default=Decimal(0)),
        narrative=[
            (label, snapshot["narrative"].get(name, ""))
            for name, label in NARRATIVE_PARTS.items()
            if snapshot["narrative"].get(name)
        ],
        capability=[
            (label, capability[name])
            for name, label in (
                ("digitalisation", "数字化情况"),
                ("intellectual_property", "知识产权和标准"),
                ("honours", "荣誉"),
            )
            if capability.get(name)
        ],
        projects=[
            one
            | {
                "amount": Decimal(one["amount"]) if one["amount"] is not None else None,
                "started_on": _day(one["started_on"]),
                "ended_on": _day(one["ended_on"]),
            }
            for one in snapshot["projects"]
        ],
        attachments=snapshot["attachments"],
        service_unit=snapshot["service_unit"]
        | {"established_on": _day(snapshot["service_unit"]["established_on"])},
        other_modes=snapshot["basic"].get("other_modes", []),
        efficiency=snapshot["basic"].get("efficiency_category") or "",
    )


def _figure_row(name: str, condition: ConditionSpec | None, figures: list[Mapping[str, Any]]) -> FigureRow:
    clause = condition.clause if condition else ""
    threshold = condition.number("percent") if condition else None
    if name == "share":
        pairs = [(_amount(row, "service_revenue"), _amount(row, "main_revenue")) for row in figures]
        shares = [part / whole * 100 if part is not None and whole else None for part, whole in pairs]
        texts = [ratio_text(part, whole, threshold) for part, whole in pairs]
        return FigureRow("占主营业务收入", clause, shares, list(texts), "", is_share=True)
    values = [_amount(row, name) for row in figures]
    change = _change(values[-2], values[-1], threshold) if len(values) > 1 else ""
    return FigureRow(ROW_BY_KEY[name].label, clause, values, list(values), change)


def _amount(row: Mapping[str, Any], name: str) -> Decimal | None:
    value = row.get(name)
    return Decimal(value) if value is not None else None


def _change(previous: Decimal | None, latest: Decimal | None, threshold: Decimal | None) -> str:
    grew = previous is not None and latest is not None and latest > previous > 0
    return f"{'+' if grew else ''}{growth_text(previous, latest, threshold)}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
