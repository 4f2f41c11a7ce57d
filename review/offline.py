"""A score sheet as a workbook to be filled in without a network: out with what stands, back in with every cell checked."""

import io
from dataclasses import dataclass
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection

from core.exports import BOX, HEAD_FILL, clean
from core.workbooks import Cell, cells, open_sheet
from policy.scoring import SchemeSpec, plain
from review import scores
from review.models import Assignment, ScoreSheet

SHEET = "评分表"
HEADS = ("评分项", "满分", "看什么", "得分", "理由")
WIDTHS = (24, 8, 44, 10, 60)
HEAD_ROW = 4
POINTS, REASON = 4, 5  # the columns to fill in
COMMENT = "总体意见"
MOST_ROWS, MOST_COLUMNS = 100, 12
TO_FILL = PatternFill("solid", fgColor="FFF9E0")
SIGNER = Signer(salt="review.offline")

Place = tuple[int, int]


@dataclass(frozen=True)
class Filled:
    """What a filled-in workbook says, the revision it was made from, and the cell of each criterion."""

    typed: scores.Typed
    revision: int
    places: dict[str, str]


class NotTaken(Exception):
    """The workbook cannot be read in; ``problems`` are sentences that name the cells."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("".join(problems))


def filename(assignment: Assignment) -> str:
    return f"评分表_{assignment.case.application.enterprise}.xlsx"


def workbook_of(assignment: Assignment, scheme: SchemeSpec) -> bytes:
    """The sheet with what has been typed so far; all but the cells to fill in is locked against slips."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = SHEET
    for (row, column), text in _fixed(assignment, scheme).items():
        cell = page.cell(row, column, text)
        cell.alignment = Alignment(wrap_text=row > HEAD_ROW, vertical="top")
        if row == HEAD_ROW:
            cell.font, cell.fill = Font(bold=True), HEAD_FILL
    for (row, column), value in _given(assignment, scheme).items():
        cell = page.cell(row, column, value)
        if isinstance(value, str):
            cell.data_type = "s"  # also what begins with = + - @
        cell.fill, cell.border, cell.protection = TO_FILL, BOX, Protection(locked=False)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDE", WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = f"A{HEAD_ROW + 1}"
    page.protection.sheet = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(upload: UploadedFile, assignment: Assignment, scheme: SchemeSpec) -> Filled:
    """The marks of a filled-in workbook. Raises NotReadable or NotTaken; points are judged when they are saved."""
    sheet = open_sheet(upload, name=SHEET)
    revision = _revision(str(sheet["B2"].value or ""), assignment)
    fixed, places = _fixed(assignment, scheme), _places(scheme)
    found: dict[Place, Cell] = {
        (one.row, one.column): one
        for row in cells(sheet, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
        for one in row
    }
    problems = []
    for place, text in fixed.items():
        cell = found.get(place)
        if place != (2, 2) and " ".join((cell.text if cell else "").split()) != " ".join(text.split()):
            problems.append(f"{_name(place)} 应为“{text[:30]}”，不要改动；请重新导出后只填黄色的格。")
    for place, cell in sorted(found.items()):
        if place not in fixed and place not in places.values():
            problems.append(f"{cell.name} 不是要填的格，写有“{cell.text[:20]}”；请移到黄色的格里。")
        elif place in places.values() and cell.problem:
            problems.append(f"{cell.name} {cell.problem}。")
    if problems:
        raise NotTaken(problems)

    def typed_in(key: str) -> str:
        cell = found.get(places[key])
        return cell.text if cell else ""

    marks = {
        one.key: (typed_in(f"points {one.key}"), typed_in(f"reason {one.key}")) for one in scheme.criteria
    }
    names = {one.key: _name(places[f"points {one.key}"]) for one in scheme.criteria}
    typed = scores.Typed(marks, typed_in(COMMENT))
    return Filled(typed, revision, names | {"comment": _name(places[COMMENT])})


def take(upload: UploadedFile, assignment: Assignment, scheme: SchemeSpec, *, overwrites: bool) -> ScoreSheet:
    """Save what a workbook says as a draft. Raises NotReadable, NotTaken, or scores.Stale when the sheet is locked."""
    filled = read(upload, assignment, scheme)
    sheet = assignment.sheet
    if filled.revision != sheet.revision and not overwrites:
        raise NotTaken(
            [
                "导出之后您在网页上改过这张评分表。要以表格为准，请勾选“覆盖网页上已填的”再上传；否则请重新导出。"
            ]
        )
    try:
        return scores.save(sheet, filled.typed, revision=sheet.revision, scheme=scheme)
    except scores.BadScores as bad:
        raise NotTaken(
            [f"{filled.places[key]}：{sentence}" for key, sentence in bad.problems.items()]
        ) from bad


def _fixed(assignment: Assignment, scheme: SchemeSpec) -> dict[Place, str]:
    """What the workbook says by itself, by row and column."""
    case, sheet = assignment.case, assignment.sheet
    cells = {
        (1, 1): f"{case.application.enterprise}　{case.panel}　评审专家：{assignment.expert}",
        (2, 1): "校验码",
        (2, 2): SIGNER.sign(f"{assignment.pk}-{sheet.revision}"),
        (
            3,
            1,
        ): f"只填黄色的格；每{plain(scheme.step)}分一档，最高档、最低档写明理由；上传后仍须在网页上提交。",
    }
    cells |= {(HEAD_ROW, column): head for column, head in enumerate(HEADS, start=1)}
    for row, one in enumerate(scheme.criteria, start=HEAD_ROW + 1):
        cells |= {(row, 1): one.name, (row, 2): plain(one.maximum)}
        if one.guidance:
            cells[row, 3] = clean(one.guidance)
    cells[HEAD_ROW + 1 + len(scheme.criteria), 1] = COMMENT
    return cells


def _places(scheme: SchemeSpec) -> dict[str, Place]:
    """The cells to fill in."""
    places: dict[str, Place] = {}
    for row, one in enumerate(scheme.criteria, start=HEAD_ROW + 1):
        places |= {f"points {one.key}": (row, POINTS), f"reason {one.key}": (row, REASON)}
    return places | {COMMENT: (HEAD_ROW + 1 + len(scheme.criteria), REASON)}


def _given(assignment: Assignment, scheme: SchemeSpec) -> dict[Place, Decimal | str | None]:
    places, sheet = _places(scheme), assignment.sheet
    given: dict[Place, Decimal | str | None] = dict.fromkeys(places.values())
    for one in sheet.scores.select_related("criterion"):
        given[places[f"points {one.criterion.key}"]] = one.points
        given[places[f"reason {one.criterion.key}"]] = clean(one.reason) or None
    given[places[COMMENT]] = clean(sheet.comment) or None
    return given


def _revision(token: str, assignment: Assignment) -> int:
    """The revision that the workbook was made from. Raises NotTaken when it belongs to another case, expert or round."""
    try:
        pk, revision = map(int, SIGNER.unsign(token.strip()).split("-"))
    except (BadSignature, ValueError) as forged:
        raise NotTaken(["B2 的校验码不对或已被改动，认不出是哪一张评分表。请重新导出后填写。"]) from forged
    if pk == assignment.pk:
        return revision
    other = (
        Assignment.objects.filter(pk=pk)
        .select_related("case__panel__round", "case__application__enterprise")
        .first()
    )
    if other is None or other.expert_id != assignment.expert_id:
        raise NotTaken(["这张评分表是为另一位专家导出的，没有读入。请上传您自己导出的评分表。"])
    if other.case.panel.round_id != assignment.case.panel.round_id:
        raise NotTaken([f"这张评分表属于{other.case.panel.round}，不是本批次的，没有读入。"])
    raise NotTaken([f"这张评分表是{other.case.application.enterprise}的，请到那一家的评分页上传。"])


def _name(place: Place) -> str:
    return f"{'ABCDEFGHIJKL'[place[1] - 1]}{place[0]}"
