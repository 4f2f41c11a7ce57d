"""Three years' figures as an XLSX template: out with what stands, back in with every problem named by its cell."""

import re
from dataclasses import dataclass, field

from django.core.files.uploadedfile import UploadedFile

from applications.forms import FiguresForm
from applications.forms.figures import mode_field, modes_of
from applications.models import Application
from core.exports import AMOUNT, Column, workbook
from core.workbooks import Cell, NotReadable, cells, open_sheet
from policy.figures import ROWS
from policy.money import NotAnAmount, parse_amount

SHEET = "三年指标"
HEAD = "指标（万元）"
YEAR = re.compile(r"(\d{4})年?")
MOST_ROWS, MOST_COLUMNS = 60, 12


@dataclass
class Filled:
    """What a filled-in template says: by field its text, by field the cell it came from, and what is wrong by cell."""

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def template(application: Application) -> bytes:
    """The rows and years of the form with the amounts that stand in it."""
    texts = FiguresForm.stored(application)
    columns = [Column(HEAD, 34), *(Column(f"{year}年", 18, AMOUNT) for year in application.round.years)]
    rows = [
        [label, *(parse_amount(texts[pattern.format(year)][0]) for year in application.round.years)]
        for label, pattern in _lines(application).items()
    ]
    return workbook(columns, rows, sheet=SHEET, title=f"{application.enterprise} {application.round}三年指标")


def read(upload: UploadedFile, application: Application) -> Filled:
    """The amounts of a filled-in template. Raises NotReadable when the file is not one.

    An empty cell says nothing, so what stands in the form stays.
    """
    sheet = open_sheet(upload, name=SHEET)
    found = Filled()
    years: dict[int, int] = {}
    lines = _lines(application)
    for row in cells(sheet, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS):
        if not row:
            continue
        if not years:
            if row[0].text == HEAD:
                years = _years(row[1:], application, found)
        elif row[0].column == 1:
            _read_row(row[0], row[1:], lines.get(row[0].text), years, found)
        else:
            found.problems.append(f"{row[0].name} 左边的 A{row[0].row} 没有指标名称，这一行没有读入。")
    if not years and not found.problems:
        raise NotReadable(
            f"“{upload.name}”里没有“{HEAD}”和年份的表头。请下载模板填写，不要改动第一列和表头。"
        )
    return found


def _lines(application: Application) -> dict[str, str]:
    """Each row's label with the pattern of its fields, in the order of the form."""
    lines: dict[str, str] = {}
    for row in ROWS:
        lines[row.label] = f"{row.key}_{{}}"
        if row.key == "service_revenue":
            lines |= {f"其中：{mode}": mode_field(mode, 0)[:-1] + "{}" for mode in modes_of(application)}
    return lines


def _years(heads: list[Cell], application: Application, found: Filled) -> dict[int, int]:
    """Column → year. A year that the round does not ask for is told."""
    years = {}
    for head in heads:
        match = YEAR.fullmatch(head.text)
        if match and int(match[1]) in application.round.years:
            years[head.column] = int(match[1])
        else:
            asked = "、".join(f"{year}年" for year in application.round.years)
            found.problems.append(
                f"{head.name} 的表头是“{head.text[:20]}”，本批次填报{asked}，这一列没有读入。"
            )
    return years


def _read_row(
    head: Cell, values: list[Cell], pattern: str | None, years: dict[int, int], found: Filled
) -> None:
    if pattern is None:
        found.problems.append(f"{head.name} 的“{head.text[:30]}”不是本批次的指标，这一行没有读入。")
        return
    for cell in values:
        if cell.column not in years:
            continue
        label = f"{years[cell.column]}年{head.text}"
        if cell.problem:
            found.problems.append(f"{cell.name}（{label}）{cell.problem}。")
            continue
        try:
            parse_amount(cell.text, label=label)
        except NotAnAmount as problem:
            found.problems.append(f"{cell.name}：{problem}")
            continue
        name = pattern.format(years[cell.column])
        found.texts[name], found.places[name] = cell.text, cell.name
