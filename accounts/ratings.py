"""The official 亩产效益 list of a year, by credit code (第十三条)."""

from collections.abc import Sequence
from typing import Any

from accounts.imports import CHANGED, KINDS, NEW, SAME, Line, Reading, TableKind
from accounts.models import EfficiencyRating, Enterprise, TableImport
from core.exports import Column
from core.workbooks import Cell
from policy.identifiers import normalise_uscc, uscc_problem

CODE, NAME, CATEGORY = "统一社会信用代码", "企业名称", "评价类别"


def read_category(text: str) -> str:
    """A, B, C or D, however it is written; empty when it is none of them."""
    letter = text.strip().upper().translate(str.maketrans("ＡＢＣＤ", "ABCD")).removesuffix("类").strip()
    return letter if letter in EfficiencyRating.Category.values else ""


def _read(rows: list[dict[str, Cell]], said: dict[str, Any]) -> Reading:
    found = Reading()
    codes = [normalise_uscc(row[CODE].text) for row in rows]
    standing = dict(
        EfficiencyRating.objects.filter(year=said["year"], credit_code__in=codes).values_list(
            "credit_code", "category"
        )
    )
    known = dict(Enterprise.objects.filter(credit_code__in=codes).values_list("credit_code", "name"))
    places: dict[str, str] = {}
    for row, code in zip(rows, codes, strict=True):
        cell, category = row[CODE], read_category(row[CATEGORY].text)
        faults = len(found.problems)
        if problem := (f"{cell.problem}。" if cell.problem else uscc_problem(cell.text)):
            found.refuse(cell, problem)
        elif code in places:
            found.refuse(cell, f"与 {places[code]} 是同一个代码，一家企业一年只有一个类别，请只保留一行。")
        if row[CATEGORY].problem:
            found.refuse(row[CATEGORY], f"{row[CATEGORY].problem}。")
        elif not category:
            written = f"“{row[CATEGORY].text[:20]}”不是评价类别" if row[CATEGORY].text else "没有填评价类别"
            found.refuse(row[CATEGORY], f"{written}，应为 A、B、C 或 D。")
        places.setdefault(code, cell.name)
        if len(found.problems) > faults:
            continue
        was = standing.get(code, "")
        found.lines.append(
            Line(
                row=cell.row,
                key=code,
                says=f"{category} 类",
                change=SAME if was == category else CHANGED if was else NEW,
                was=f"{was} 类" if was else "",
                remark=_remark(row[NAME].text, known.get(code)),
                values={"category": category},
            )
        )
    return found


def _remark(written: str, known: str | None) -> str:
    if known is None:
        return f"{written or '该企业'}尚未在平台登记，登记后按代码对上"
    return known if written in ("", known) else f"平台登记的名称是{known}，名单上是{written}"


def _carry_out(lines: Sequence[Line], tried: TableImport) -> None:
    said = tried.said
    EfficiencyRating.objects.bulk_create(
        [
            EfficiencyRating(
                credit_code=line.key,
                year=said["year"],
                category=line.values["category"],
                source=f"{said['document_number']}（{said['issuing_body']}，{said['issued_on']}）",
            )
            for line in lines
        ],
        update_conflicts=True,
        unique_fields=["credit_code", "year"],
        update_fields=["category", "source"],
    )


KINDS[TableImport.Kind.RATINGS] = TableKind(
    (Column(CODE, 24), Column(NAME, 40), Column(CATEGORY, 12)), 5000, _read, _carry_out
)
