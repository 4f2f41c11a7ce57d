"""Tables that come in as XLSX: tried first, with every problem named by its cell; then carried out whole, or not at all."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import transaction

from accounts.models import Agency, TableImport, User
from core import clock, events
from core.exports import Column, workbook
from core.workbooks import EXACT_UP_TO, Cell, NotReadable, every_cell, table
from core.workflow import NotPossible
from policy.identifiers import private_number

NEW, CHANGED, SAME = "NEW", "CHANGED", "SAME"
SHOWN_PRIVATE = 10
ASKED_FOR = ("身份证", "银行账号", "银行卡", "开户行")
WORDS = {NEW: "新增", CHANGED: "有变化", SAME: "没有变化"}


@dataclass(frozen=True)
class Line:
    """What one row would do: ``was`` is what stands now, ``remark`` what an officer should know of it."""

    row: int
    key: str
    says: str
    change: str
    was: str = ""
    remark: str = ""
    values: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass
class Reading:
    """What a table would do as things stand, and what is wrong with it by cell."""

    lines: list[Line] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def refuse(self, cell: Cell, sentence: str) -> None:
        self.problems.append(f"{cell.name}：{sentence}")

    def count(self, change: str) -> int:
        return sum(line.change == change for line in self.lines)

    @property
    def changing(self) -> list[Line]:
        return [line for line in self.lines if line.change != SAME]

    @property
    def digest(self) -> str:
        """Of what is shown, so that a confirmation means what its reader saw."""
        shown = [[one.row, one.key, one.says, one.change, one.was] for one in self.lines]
        return hashlib.sha256(json.dumps([shown, self.problems]).encode()).hexdigest()


@dataclass(frozen=True)
class TableKind:
    """``read`` judges the rows as things stand; ``carry_out`` writes the lines that change something."""

    columns: tuple[Column, ...]
    most_rows: int
    read: Callable[[list[dict[str, Cell]], dict[str, Any]], Reading]
    carry_out: Callable[[Sequence[Line], TableImport], None]
    refuses_private_numbers: bool = False

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]


KINDS: dict[str, TableKind] = {}


def template(kind: str) -> bytes:
    """An empty table with its heads; every cell keeps what is typed as text."""
    shape = KINDS[kind]
    blank = [[""] * len(shape.columns) for _ in range(200)]
    return workbook(shape.columns, blank, sheet=TableImport.Kind(kind).label)


def try_out(kind: str, upload: File, said: dict[str, Any], *, by: User) -> TableImport:
    """Keep an uploaded table for its dry run. Raises NotReadable when it is no such table, or holds what is not to be kept."""
    content = upload.read()
    if KINDS[kind].refuses_private_numbers:
        _refuse_private_numbers(ContentFile(content, name=upload.name))
    tried = TableImport(
        kind=kind,
        file_name=(upload.name or "")[-200:],
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        said=said,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )
    read(tried)
    tried.save()
    return tried


def read(tried: TableImport) -> Reading:
    """What the kept table would do now; changes nothing."""
    shape = KINDS[tried.kind]
    file = ContentFile(bytes(tried.content), name=tried.file_name)
    rows = table(file, name=tried.get_kind_display(), heads=shape.heads, most_rows=shape.most_rows)
    return shape.read(rows, tried.said)


def _refuse_private_numbers(upload: File) -> None:
    """What is never collected is not kept in a file either; looked for in every cell, wherever it stands."""
    found = [f"{cell} 写有{number}" for cell, text in every_cell(upload) if (number := _private_number(text))]
    if found:
        more = f"等 {len(found)} 处" if len(found) > SHOWN_PRIVATE else ""
        raise NotReadable(
            f"{'；'.join(found[:SHOWN_PRIVATE])}{more}。平台不收集专家的身份证号码和银行账号，"
            "这份表格没有保存，请删去后重新上传。"
        )


def _private_number(value: Any) -> str:
    """A number itself, one of which a spreadsheet has kept only the first digits, or a head that asks for it."""
    if isinstance(value, int | float) and abs(value) >= EXACT_UP_TO:
        return "身份证号码或银行账号"
    asked = next((word for word in ASKED_FOR if word in str(value)), "")
    return private_number(str(value)) or asked


def confirm(tried: TableImport, shown: str, *, by: User) -> Reading | None:
    """Carry out what was ``shown`` (a digest), in one piece; None when that has been done before. Raises NotPossible."""
    with transaction.atomic():
        # One import at a time: what was shown cannot change between the reading and the writing.
        Agency.objects.select_for_update(no_key=True).get(kind=Agency.Kind.MUNICIPAL)
        locked = TableImport.objects.select_for_update(of=("self",)).get(pk=tried.pk)
        if locked.confirmed_at:
            return None
        found = read(locked)
        if found.problems:
            raise NotPossible(["表里还有错误，没有导入任何一行。请按下面列出的单元格改好后重新上传。"])
        if found.digest != shown:
            raise NotPossible(["试读之后平台上的数据有变化，没有导入。请核对下面新的结果，再确认导入。"])
        if not found.changing:
            raise NotPossible(["表里各行与平台上的完全一致，没有可以导入的内容。"])
        KINDS[locked.kind].carry_out(found.changing, locked)
        locked.confirmed_at = clock.now()
        locked.save(update_fields=["confirmed_at"])
        events.record(
            locked,
            "import_table",
            by=by,
            label=f"导入{locked.get_kind_display()}",
            digest=locked.digest,
            said=locked.said,
            added=found.count(NEW),
            unchanged=found.count(SAME),
            changed=[[one.key, one.was, one.says] for one in found.lines if one.change == CHANGED],
        )
    return found
