"""What a list shows of a version: worked out when it is frozen, filled in for those frozen before, never missing."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from applications import outlines
from applications.models import ApplicationVersion
from policy.rules.company import DECLARED_SOUND
from tests.factories import make_application

filling = import_module("applications.migrations.0017_outline_every_version")
RATED = {"basic": {"efficiency_category": "A"}}
UNRATED: dict[str, Any] = {"basic": {"efficiency_category": None}}


def finding(
    verdict: str, title: str, *, group: str = "", is_summary: bool = False, measured: str = "无"
) -> dict:
    return {
        "verdict": verdict,
        "title": title,
        "clause": "第十二条第1项",
        "article": 12,
        "measured": measured,
        "group": group,
        "is_summary": is_summary,
    }


SOUND = finding("ATTENTION", "组织机构健全", measured=DECLARED_SOUND)
CASES: list[tuple[list[dict], dict[str, Any]]] = [
    ([SOUND], {"counts": {"ATTENTION": 1}, "verdicts": [], "problem": None}),
    (
        [
            SOUND,
            finding("ATTENTION", "亏损"),
            finding("NOT_COMPUTABLE", "增长率"),
            finding("UNMET", "负债率"),
        ],
        {
            "counts": {"ATTENTION": 2, "NOT_COMPUTABLE": 1, "UNMET": 1},
            "verdicts": ["ATTENTION", "NOT_COMPUTABLE", "UNMET"],
            "problem": {"clause": "第十二条第1项", "article": 12, "text": "负债率：无", "verdict": "UNMET"},
        },
    ),
    (
        [
            finding("UNMET", "占比", group="三选一"),
            finding("MET", "增长率", group="三选一"),
            finding("MET", "三选一", group="三选一", is_summary=True),
        ],
        {"counts": {"MET": 1}, "verdicts": ["MET"], "problem": None},
    ),
    (
        [
            finding("UNMET", "占比", group="三选一"),
            finding("UNMET", "三选一", group="三选一", is_summary=True),
        ],
        {
            "counts": {"UNMET": 1},
            "verdicts": ["UNMET"],
            "problem": {"clause": "第十二条第1项", "article": 12, "text": "占比：无", "verdict": "UNMET"},
        },
    ),
    ([], {"counts": {}, "verdicts": [], "problem": None}),
]


@pytest.mark.parametrize(("findings", "expected"), CASES)
@pytest.mark.parametrize("work_out", [outlines.outline_of, filling.outline_of])
def test_an_outline_tells_what_sets_a_case_apart(work_out, findings, expected):
    assert work_out(RATED, findings) == expected | {"rating": "A"}
    assert work_out(UNRATED, findings) == expected | {"rating": ""}


@pytest.mark.django_db
def test_versions_frozen_before_there_were_outlines_are_filled_in(monkeypatch):
    made = [make_application(state="SUBMITTED").current_version for _ in range(3)]
    expected = {one.pk: one.outline for one in made}
    assert [one["counts"]["MET"] for one in expected.values()] == [11, 11, 11]
    ApplicationVersion.objects.exclude(pk=made[0].pk).update(outline={})
    old = ApplicationVersion.objects.get(pk=made[1].pk)
    assert old.outlined() == expected[old.pk]
    monkeypatch.setattr(filling, "BATCH", 1)
    filling.outline_every_version(apps, None)
    assert dict(ApplicationVersion.objects.values_list("pk", "outline")) == expected
