from dataclasses import replace
from decimal import Decimal

import pytest

from policy.scoring import (
    CriterionSpec,
    Grade,
    Mark,
    SchemeSpec,
    SheetProblem,
    band,
    bands,
    grade,
    outliers,
    reason_required,
    sheet_problems,
)
from tests.policy.cases import rows


def shipped() -> SchemeSpec:
    (row,) = rows("50_scoring.json", "policy.scoringscheme")
    numbers = ("excellent_from", "good_from", "pass_from", "outlier_distance", "step")
    return SchemeSpec(
        row["name"],
        tuple(
            CriterionSpec(c["key"], c["name"], Decimal(c["maximum"]), c["guidance"])
            for c in rows("50_scoring.json", "policy.criterion")
        ),
        **{name: Decimal(row[name]) for name in numbers},
        dropped_each_end=row["dropped_each_end"],
        panel_size=row["panel_size"],
    )


SCHEME = shipped()
FIFTEEN = CriterionSpec("demonstration", "示范带动", Decimal(15))
GOOD = {"foundation": "13", "innovation": "20", "capability": "16", "benefit": "20", "demonstration": "12"}


def marks(**changes: Mark) -> dict[str, Mark]:
    return {key: Mark(Decimal(score)) for key, score in GOOD.items()} | changes


def test_the_default_scheme_is_the_domains():
    assert [(c.name, c.maximum) for c in SCHEME.criteria] == [
        ("基础条件", 15),
        ("模式创新", 25),
        ("服务能力与组织保障", 20),
        ("经济社会效益", 25),
        ("示范带动", 15),
    ]
    assert SchemeSpec(SCHEME.name, SCHEME.criteria) == SCHEME
    assert (SCHEME.maximum, SCHEME.bounds, SCHEME.outlier_distance) == (100, (60, 75, 90), 15)
    assert (SCHEME.panel_size, SCHEME.dropped_each_end, SCHEME.step) == (5, 1, Decimal("0.5"))


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("100", Grade.EXCELLENT),
        ("90", Grade.EXCELLENT),
        ("89.99", Grade.GOOD),
        ("75", Grade.GOOD),
        ("74.99", Grade.PASS),
        ("60", Grade.PASS),
        ("59.99", Grade.FAIL),
        ("0", Grade.FAIL),
    ],
)
def test_grades_begin_at_their_bounds(points, expected):
    assert grade(Decimal(points), SCHEME) is expected
    assert expected.label == {"FAIL": "不合格", "PASS": "合格", "GOOD": "良好", "EXCELLENT": "优秀"}[expected]


@pytest.mark.parametrize(
    ("score", "expected", "needs_reason"),
    [
        ("0", Grade.FAIL, True),
        ("8.5", Grade.FAIL, True),
        ("9", Grade.PASS, False),
        ("11", Grade.PASS, False),
        ("11.5", Grade.GOOD, False),
        ("13", Grade.GOOD, False),
        ("13.5", Grade.EXCELLENT, True),
        ("15", Grade.EXCELLENT, True),
    ],
)
def test_the_lowest_and_the_highest_band_need_a_reason(score, expected, needs_reason):
    assert band(Decimal(score), Decimal(15), SCHEME) is expected
    assert reason_required(Decimal(score), Decimal(15), SCHEME) is needs_reason


def test_bands_are_shown_in_steps():
    assert [b.text for b in bands(FIFTEEN, SCHEME)] == [
        "不合格 0–8.5",
        "合格 9–11",
        "良好 11.5–13",
        "优秀 13.5–15",
    ]
    assert [b.text for b in bands(CriterionSpec("k", "n", Decimal(25)), SCHEME)] == [
        "不合格 0–14.5",
        "合格 15–18.5",
        "良好 19–22",
        "优秀 22.5–25",
    ]


def test_finer_steps_show_finer_bands():
    assert [b.text for b in bands(FIFTEEN, replace(SCHEME, step=Decimal("0.01")))] == [
        "不合格 0–8.99",
        "合格 9–11.24",
        "良好 11.25–13.49",
        "优秀 13.5–15",
    ]


def test_a_complete_sheet_can_be_submitted():
    assert sheet_problems(SCHEME, marks()) == []


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        (Mark(), "“示范带动”尚未评分，请填0至15分，每0.5分一档。"),
        (Mark(Decimal("15.5")), "“示范带动”的评分超出范围，应为0至15分，每0.5分一档。"),
        (Mark(Decimal("-0.5")), "“示范带动”的评分超出范围，应为0至15分，每0.5分一档。"),
        (Mark(Decimal("NaN")), "“示范带动”的评分超出范围，应为0至15分，每0.5分一档。"),
        (Mark(Decimal("12.3")), "“示范带动”的评分12.3不在档上，应为0至15分，每0.5分一档。"),
        (Mark(Decimal("15"), " "), "“示范带动”评15分，属最高档，请写明理由。"),
        (Mark(Decimal("3")), "“示范带动”评3分，属最低档，请写明理由。"),
    ],
)
def test_a_mark_that_cannot_be_submitted_says_why(mark, sentence):
    assert sheet_problems(SCHEME, marks(demonstration=mark)) == [SheetProblem("demonstration", sentence)]


@pytest.mark.parametrize("score", ["0", "0.5", "8.5", "13.5", "15"])
def test_both_ends_of_the_scale_may_be_given_with_a_reason(score):
    assert sheet_problems(SCHEME, marks(demonstration=Mark(Decimal(score), "理由"))) == []


def test_a_reason_opens_the_highest_band():
    assert sheet_problems(SCHEME, marks(demonstration=Mark(Decimal(15), "同行复制"))) == []


def test_an_empty_sheet_lacks_every_criterion_in_order():
    assert [problem.key for problem in sheet_problems(SCHEME, {})] == list(GOOD)


@pytest.mark.parametrize(
    ("totals", "far"),
    [
        (["90", "75", "75", "75", "75"], {0}),
        (["89.99", "75", "75", "75", "75"], set()),
        (["60", "75", "75", "75", "75"], {0}),
        (["92", "88", "90", "85", "75"], set()),
        (["95", "88", "90", "85", "72"], {4}),
        (["90", "60"], {0, 1}),
        (["90"], set()),
        ([], set()),
    ],
)
def test_a_total_far_from_the_others_needs_a_comment(totals, far):
    named = {str(index): Decimal(value) for index, value in enumerate(totals)}
    assert outliers(named, SCHEME) == {str(index) for index in far}
