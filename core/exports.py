"""Tables as XLSX. Text stays text: nothing a person typed can become a formula, no long number is ruined."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from core import clock

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Characters that XML 1.0 cannot carry.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MAXIMUM_TEXT = 32_767
A4 = 9  # the paper size's number in ECMA-376
AMOUNT, TEXT, MOMENT = "#,##0.00", "@", "yyyy-mm-dd hh:mm"

HEAD_FILL = PatternFill("solid", fgColor="E8EEF4")
THIN = Side(style="thin", color="B9C6D4")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)

Value = str | int | Decimal | date | datetime | None
Looks = dict[tuple[str, bool], Any]


@dataclass(frozen=True)
class Formula:
    """A live formula, without its =. Only code writes one; what a person typed is never put into it."""

    text: str


@dataclass(frozen=True)
class Column:
    """``width`` in characters; ``form`` is a number format such as AMOUNT; without one, whatever comes is kept as text."""

    head: str
    width: int = 12
    form: str = TEXT


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, an optional title above the heads, the heads, the rows as they come."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value | Formula]]
    title: str = ""


def workbook(
    columns: Sequence[Column], rows: Iterable[Sequence[Value | Formula]], *, sheet: str, title: str = ""
) -> bytes:
    """A workbook of one sheet."""
    out = io.BytesIO()
    write_workbook([Sheet(sheet, columns, rows, title)], out)
    return out.getvalue()


def write_workbook(sheets: Iterable[Sheet], out: IO[bytes]) -> None:
    """Write the sheets one after the other, row by row: however many there are, few are in memory at a time."""
    book = Workbook(write_only=True)
    for one in sheets:
        _write(book, one)
    book.save(out)


def _write(book: Workbook, sheet: Sheet) -> None:
    """Landscape A4, heads repeated on every page."""
    page = book.create_sheet(sheet.name[:31])
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    head_row = 2 if sheet.title else 1
    page.freeze_panes = f"A{head_row + 1}"
    page.print_title_rows = f"{head_row}:{head_row}"
    for index, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(index)].width = column.width
    if sheet.title:
        cell = WriteOnlyCell(page, value=clean(sheet.title))
        cell.font, cell.data_type = Font(bold=True, size=14), "s"
        page.append([cell])
    page.append([_head(page, column) for column in sheet.columns])
    looks: Looks = {}
    for row in sheet.rows:
        page.append(
            [_cell(page, column, value, looks) for column, value in zip(sheet.columns, row, strict=True)]
        )


def clean(text: str) -> str:
    """Text that a cell can hold."""
    return UNPRINTABLE.sub("", text)[:MAXIMUM_TEXT]


def xlsx_response(content: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = (
        f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(filename)}"
    )
    return response


def _head(page, column: Column) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=clean(column.head))
    cell.data_type, cell.font, cell.fill, cell.border = "s", Font(bold=True), HEAD_FILL, BOX
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _cell(page, column: Column, value: Value | Formula, looks: Looks) -> WriteOnlyCell:
    if isinstance(value, Formula):
        cell = WriteOnlyCell(page, value=f"={value.text}")
        return _styled(cell, column.form, False, looks)
    if isinstance(value, datetime):
        value = clock.local(value).replace(tzinfo=None)
    is_text = isinstance(value, str) or (column.form == TEXT and value is not None)
    cell = WriteOnlyCell(page, value=clean(str(value)) if is_text else value)
    if is_text:
        cell.data_type = "s"  # also what begins with = + - @
    return _styled(cell, TEXT if is_text else column.form, is_text, looks)


def _styled(cell: WriteOnlyCell, form: str, wraps: bool, looks: Looks) -> WriteOnlyCell:
    """Styles are worked out once for each look and then shared: doing it for every cell takes longer than writing them."""
    look = (form, wraps)
    if look in looks:
        cell._style = looks[look]
    else:
        cell.number_format, cell.border = form, BOX
        cell.alignment = Alignment(vertical="center", wrap_text=wraps)
        looks[look] = cell._style
    return cell
