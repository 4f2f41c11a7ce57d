"""The workbook of the scores, worked out by an engine for formulas that knows nothing of the portal, gives its numbers."""

import io
from pathlib import Path
from random import Random
from typing import Any

import formulas
import pytest
from openpyxl import load_workbook

from core import clock, workflow
from review.exports import score_summary
from review.matrix import matrix_of
from tests.review import scenes

pytestmark = pytest.mark.django_db
FIRST_ROW = 3
CASES, EXPERTS = 8, 5


def worked_out(content: bytes, folder: Path) -> list[list[Any]]:
    """The rows below the heads as the engine fills them in."""
    file = folder / "scores.xlsx"
    file.write_bytes(content)
    found = formulas.ExcelModel().loads(str(file)).finish().calculate()
    sheet = load_workbook(io.BytesIO(content)).active
    return [
        [found[f"'[{file.name}]{sheet.title}'!{cell.coordinate}"].value[0, 0] for cell in row]
        for row in sheet.iter_rows(min_row=FIRST_ROW)
    ]


@pytest.fixture
def panel():
    with clock.stopped_at(scenes.AUGUST):
        yield scenes.panel_at_work(CASES, experts=EXPERTS)


def test_the_engine_comes_to_the_same_means_spreads_and_grades(panel, tmp_path):
    chance = Random(202134)
    cases = [one.application_id for one in panel.cases.all()]
    totals = {one: [chance.randrange(0, 201) / 2 for _ in range(EXPERTS)] for one in cases[:-3]}
    totals[cases[-3]] = [86.5] * EXPERTS
    totals[cases[-2]] = [90, 90, 90, 100, 0]
    totals[cases[-1]] = [89.5, 90, 90, 90.5, 100]  # 90.17, above the bound of a grade
    scenes.score_all(panel, totals)
    matrix = matrix_of(panel)
    wanted = [
        [
            row.case.name,
            EXPERTS,
            float(max(score for score, _ in row.dots)),
            float(min(score for score, _ in row.dots)),
            float(row.mean),
            float(row.spread),
            row.grade,
        ]
        for row in matrix.rows
    ]
    found = worked_out(score_summary(panel), tmp_path)
    assert [[row[1], *row[4 + EXPERTS :]] for row in found] == wanted
    assert len({row.grade for row in matrix.rows}) > 2


def test_where_a_sheet_is_missing_the_engine_leaves_the_mean_open_as_the_portal_does(panel, tmp_path):
    case = panel.cases.first()
    for one in list(case.assignments.standing())[: EXPERTS - 1]:
        workflow.perform(scenes.fill(one, scenes.points_for(88)), "submit", by=one.expert.user)
    found = {row[1]: row[4 + EXPERTS :] for row in worked_out(score_summary(panel), tmp_path)}
    name = case.application.enterprise.name
    assert found[name] == [EXPERTS - 1, 88, 88, "", 0, ""]
    assert [row for one, row in found.items() if one != name] == [[0, "", "", "", "", ""]] * (CASES - 1)
