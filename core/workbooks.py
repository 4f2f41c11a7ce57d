"""Opening a workbook that somebody has uploaded: bounded before it is parsed, and only cells are looked at."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
from django.core.files.base import File
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

LARGEST = 2 * 1024 * 1024
LARGEST_UNPACKED = 8 * 1024 * 1024
MOST_PARTS = 200
HEADS_WITHIN, MOST_COLUMNS = 5, 20
EXACT_UP_TO = 10**15  # a spreadsheet keeps fifteen digits of a number and loses the rest


class NotReadable(Exception):
    """The file cannot be read as a workbook; the message is a sentence for people that begins with its name."""


@dataclass(frozen=True)
class Cell:
    """A cell as people name it, with its text; ``problem`` when its value cannot be read as it stands.

    ``day`` where the spreadsheet keeps a date, for columns in which one belongs.
    """

    name: str
    row: int
    column: int
    text: str
    problem: str = ""
    day: date | None = None


def open_sheet(upload: File, *, name: str) -> Worksheet:
    """The sheet of this name, or the only one. Raises NotReadable with what is wrong and what would be right."""
    called, book = f"“{upload.name}”", _open(upload)
    sheets = [one for one in book.worksheets if one.title.strip() == name] or book.worksheets
    if len(sheets) != 1:
        titles = "、".join(one.title for one in book.worksheets) or "没有"
        raise NotReadable(
            f"{called}里没有名为“{name}”的工作表（现有：{titles}）。请下载模板，不要改工作表名称。"
        )
    if merged := sheets[0].merged_cells.ranges:
        raise NotReadable(
            f"{called}里 {next(iter(merged))} 是合并单元格，无法对应到指标和年份。请取消合并，或下载模板重新填写。"
        )
    return sheets[0]


def every_cell(upload: File) -> Iterator[tuple[str, Any]]:
    """Name and value of whatever is written anywhere in a workbook, heads and hidden sheets too. Raises NotReadable."""
    for sheet in _open(upload).worksheets:
        for row in sheet.iter_rows():
            yield from ((one.coordinate, one.value) for one in row if one.value is not None)


def _open(upload: File) -> openpyxl.Workbook:
    called = f"“{upload.name}”"
    if not upload.size:
        raise NotReadable(f"{called}是空文件（0 字节）。请检查原文件能否打开，再重新上传。")
    if upload.size > LARGEST:
        raise NotReadable(f"{called}超过 2 MB，不像是填好的模板。请下载模板，只填数后上传。")
    content = upload.read()
    _inspect(called, content)
    try:
        return openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as damage:  # openpyxl raises whatever a damaged part happens to cause
        raise NotReadable(f"{called}已损坏，无法读取。请在表格软件里另存为 .xlsx 后重新上传。") from damage


def _inspect(called: str, content: bytes) -> None:
    """Judge the package by its table of contents, before anything of it is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as problem:
        raise NotReadable(
            f"{called}不是 XLSX 工作簿。请在表格软件里另存为“Excel 工作簿（.xlsx）”后重新上传。"
        ) from problem
    names = {one.filename for one in parts}
    if "xl/workbook.xml" not in names:
        raise NotReadable(f"{called}不是 XLSX 工作簿。请另存为“Excel 工作簿（.xlsx）”后重新上传。")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise NotReadable(f"{called}带有宏，不能上传。请另存为不含宏的“Excel 工作簿（.xlsx）”。")
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > LARGEST_UNPACKED:
        raise NotReadable(f"{called}解开后过大，不像是填好的模板。请下载模板，只填数后上传。")


def cells(sheet: Worksheet, *, most_rows: int, most_columns: int) -> Iterator[list[Cell]]:
    """Row by row, the cells that hold something. A formula or an error of the spreadsheet is a problem, not a value."""
    # Asked beyond its edges, a sheet would make up every cell there.
    for row in sheet.iter_rows(
        max_row=min(most_rows, sheet.max_row), max_col=min(most_columns, sheet.max_column)
    ):
        yield [_cell(one) for one in row if one.value is not None and str(one.value).strip()]


def table(upload: File, *, name: str, heads: Sequence[str], most_rows: int) -> list[dict[str, Cell]]:
    """The rows below the heads, by head; an empty cell is there with its name. Raises NotReadable when it is no such table."""
    sheet = open_sheet(upload, name=name)
    columns: dict[int, str] = {}
    found = []
    for row in cells(sheet, most_rows=most_rows + HEADS_WITHIN, most_columns=MOST_COLUMNS):
        if columns:
            filled = {columns[one.column]: one for one in row if one.column in columns}
            if filled:
                number = row[0].row
                found.append(
                    {
                        head: filled.get(head)
                        or Cell(f"{get_column_letter(column)}{number}", number, column, "")
                        for column, head in columns.items()
                    }
                )
        elif row and heads[0] in {one.text for one in row}:
            columns = {one.column: one.text for one in row if one.text in heads}
        elif row and row[0].row >= HEADS_WITHIN:
            break
    if missing := "、".join(f"“{head}”" for head in heads if head not in columns.values()):
        raise NotReadable(f"“{upload.name}”的表头缺少{missing}。请下载模板填写，不要改动表头。")
    if len(found) > most_rows or sheet.max_row > most_rows + HEADS_WITHIN:
        raise NotReadable(f"“{upload.name}”超过 {most_rows} 行。请分成几份，分次导入。")
    if not found:
        raise NotReadable(f"“{upload.name}”的表头下面没有内容。请从表头下一行开始填写。")
    return found


def _cell(cell) -> Cell:
    text, problem, day = str(cell.value).strip(), "", None
    if cell.data_type == "f":
        problem = "是公式，请复制后“选择性粘贴为数值”再上传"
    elif cell.data_type == "e":
        problem = f"是错误值 {text}，请改为数值"
    elif cell.is_date:
        problem = "是日期，请把单元格格式改为数值后重填"
        day = cell.value.date() if isinstance(cell.value, datetime) else None
    elif isinstance(cell.value, int | float) and abs(cell.value) >= EXACT_UP_TO:
        problem = "是按数字存放的长编号，后几位已被表格软件改成 0，请把单元格格式改为文本后重填"
    elif isinstance(cell.value, float):
        text = f"{cell.value:.15g}"  # what the spreadsheet shows of a binary fraction
    return Cell(cell.coordinate, cell.row, cell.column, text, problem, day)
