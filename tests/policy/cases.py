"""The 2021 measure as shipped, an applicant that meets all of it, and the shipped calendar, as plain values."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from policy.conditions import ConditionSpec
from policy.eligibility import (
    Answer,
    ApplicantFacts,
    Incident,
    LegalForm,
    ProjectFacts,
    ServiceUnitFacts,
    ServiceUnitKind,
    YearFigures,
    evaluate,
)
from policy.findings import Finding
from policy.workdays import Calendar

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
BASE_DATE = date(2026, 6, 30)
LATEST_YEAR = 2025
NO = Incident(answer=Answer.NONE)


def rows(name: str, model: str) -> list[dict[str, Any]]:
    """Fields of a model's rows in a fixture, with the primary key as `pk`."""
    loaded = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    return [{"pk": row["pk"], **row["fields"]} for row in loaded if row["model"] == model]


@cache
def conditions() -> tuple[ConditionSpec, ...]:
    return tuple(
        ConditionSpec(
            rule=row["rule"],
            clause=row["clause"],
            article=row["article_number"],
            title=row["title"],
            group=row["group"],
            blocking=row["blocking"],
            numbers=row["numbers"],
        )
        for row in rows("10_measure.json", "policy.measurecondition")
    )


@cache
def calendar() -> Calendar:
    days = rows("40_calendar.json", "policy.calendarday")
    return Calendar({date.fromisoformat(day["pk"]): day["is_working"] for day in days})


def year(main: str | None = None, service: str | None = None, profit: str | None = None) -> YearFigures:
    return YearFigures(*(Decimal(value) if value is not None else None for value in (main, service, profit)))


def project(name: str, started_on: date, ended_on: date | None = None, **rest: Any) -> ProjectFacts:
    return ProjectFacts(name, started_on, ended_on, **{"has_evidence": True, **rest})


SOUND = ApplicantFacts(
    uscc="91371002MA3T002870",
    legal_form=LegalForm.LIMITED_LIABILITY,
    is_registered_in_weihai=True,
    industry_code="3464",
    founded_on=date(2015, 3, 18),
    declared_sound=True,
    accidents=NO,
    violations=NO,
    investigation=NO,
    service_unit=ServiceUnitFacts(ServiceUnitKind.DEPARTMENT, "设备运维服务中心", date(2021, 9, 6), 46, True),
    projects=(project("远程运维服务", date(2022, 10, 1)), project("冷库托管服务", date(2023, 6, 1))),
    figures={2024: year("9620", "1200", "-500"), 2025: year("10000", "1500", "300")},
)


def applicant(**changes: Any) -> ApplicantFacts:
    return replace(SOUND, **changes)


def findings(facts: ApplicantFacts, *, base_date: date = BASE_DATE, **rest: Any) -> dict[str, Finding]:
    """All findings under their keys, at the base date of the scenarios."""
    found = evaluate(facts, conditions(), base_date=base_date, latest_year=LATEST_YEAR, **rest)
    return {finding.key: finding for finding in found}


def blocking_keys(found: Iterable[Finding]) -> set[str]:
    return {finding.key for finding in found if finding.blocks}
