"""A snapshot as people read it, section by section, and two snapshots side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from applications.completeness import NARRATIVE_PARTS
from applications.models import Section
from core.comparing import Change, change
from core.wording import NOTHING, cn_date, cn_datetime, file_size, mask_mobile, wan
from policy.figures import ROWS, Year

BASIC_LABELS = {
    "enterprise_name": "企业名称",
    "credit_code": "统一社会信用代码",
    "legal_form": "企业类型",
    "founded_on": "成立日期",
    "district": "所在区市",
    "channel": "申报渠道",
    "industry": "行业",
    "address": "注册地址",
    "production_address": "生产经营地址",
    "legal_representative": "法定代表人",
    "employees": "职工人数",
    "main_mode": "主要模式",
    "other_modes": "其他模式",
    "operating_since": "正常经营起始日期",
    "is_sound": "组织机构健全，财务状况良好",
    "efficiency_category": "“亩产效益”评价",
    "contact_name": "联系人",
    "contact_mobile": "联系手机",
    "contact_email": "联系邮箱",
}
SERVICE_UNIT_LABELS = {
    "kind": "形式",
    "name": "名称",
    "established_on": "成立日期",
    "headcount": "专职人数",
    "credit_code": "服务公司信用代码",
    "share_percent": "持股比例（%）",
}
PROJECT_LABELS = {
    "mode": "所属模式",
    "client": "服务对象",
    "started_on": "开始日期",
    "ended_on": "结束日期",
    "amount": "合同金额（万元）",
    "description": "内容和成效",
}
CAPABILITY_LABELS = {
    "digitalisation": "数字化情况",
    "intellectual_property": "知识产权和标准",
    "honours": "荣誉",
}
DATES = ("founded_on", "operating_since", "established_on", "started_on", "ended_on", "occurred_on")


@dataclass(frozen=True)
class Line:
    """One fact: a key that is the same in every version, its label, its value in words."""

    key: str
    label: str
    value: str


@dataclass(frozen=True)
class Part:
    section: Section
    lines: list[Line]

    @property
    def label(self) -> str:
        return self.section.label


@dataclass(frozen=True)
class PartChanges:
    section: Section
    changes: list[Change]

    @property
    def label(self) -> str:
        return self.section.label


def parts_of(snapshot: Mapping[str, Any], *, full_contact: bool = False) -> list[Part]:
    """The eight sections of a plain snapshot in words. Mobile numbers are masked unless asked for."""
    return [
        Part(Section.BASIC, list(_basic(snapshot["basic"], full_contact=full_contact))),
        Part(Section.FIGURES, list(_figures(snapshot["figures"]))),
        Part(Section.SERVICE_UNIT, list(_labelled(snapshot["service_unit"], SERVICE_UNIT_LABELS))),
        Part(Section.PROJECTS, list(_projects(snapshot["projects"]))),
        Part(Section.CAPABILITY, list(_labelled(snapshot["capability"], CAPABILITY_LABELS))),
        Part(Section.NARRATIVE, list(_labelled(snapshot["narrative"], NARRATIVE_PARTS))),
        Part(Section.ATTACHMENTS, list(_attachments(snapshot["attachments"]))),
        Part(Section.COMMITMENT, list(_commitment(snapshot["commitment"]))),
    ]


def figure_table(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Years and rows of amounts in words, for a table."""
    years = [row["year"] for row in snapshot["figures"]]
    rows = [(one.label, [_amount(row.get(one.key)) for row in snapshot["figures"]]) for one in ROWS]
    modes = dict.fromkeys(mode for row in snapshot["figures"] for mode in row.get("by_mode", {}))
    rows += [
        (f"其中：{mode}收入", [_amount(row["by_mode"].get(mode)) for row in snapshot["figures"]])
        for mode in modes
    ]
    return {"years": years, "rows": rows}


def project_table(snapshot: Mapping[str, Any]) -> list[dict[str, str]]:
    """The projects in words, for a table: name, the fields of ``PROJECT_LABELS``, and ``period``, to this day if it goes on."""
    return [
        {"name": one["name"], **{key: _words(key, one[key]) for key in PROJECT_LABELS}}
        | {"period": f"{_date(one['started_on'])}至{_date(one['ended_on']) if one['ended_on'] else '今'}"}
        for one in snapshot["projects"]
    ]


def figures_of(snapshot: Mapping[str, Any]) -> dict[int, Year]:
    """The amounts of a plain snapshot, year by year, as policy computes with them."""
    return {
        row["year"]: {
            one.key: None if row.get(one.key) in (None, "") else Decimal(row[one.key]) for one in ROWS
        }
        for row in snapshot["figures"]
    }


def changes_between(
    old: Mapping[str, Any], new: Mapping[str, Any], *, full_contact: bool = False
) -> list[PartChanges]:
    """What differs, section by section: field by field, figure by figure, file by file. Mobile numbers as in ``parts_of``."""
    found = []
    pairs = zip(
        parts_of(old, full_contact=full_contact), parts_of(new, full_contact=full_contact), strict=True
    )
    for before, after in pairs:
        then = {line.key: line for line in before.lines}
        now = {line.key: line for line in after.lines}
        changes = [
            _change(then.get(key), now.get(key))
            for key in dict.fromkeys([*now, *then])
            if (then[key].value if key in then else "") != (now[key].value if key in now else "")
        ]
        if changes:
            found.append(PartChanges(before.section, changes))
    return found


def _change(then: Line | None, now: Line | None) -> Change:
    label = (now or then).label  # type: ignore[union-attr]
    return change(label, then.value if then else "", now.value if now else "")


def _basic(values: Mapping[str, Any], *, full_contact: bool) -> Iterator[Line]:
    yield from _labelled(
        {**values, "contact_mobile": values["contact_mobile"] if full_contact else _masked(values)},
        BASIC_LABELS,
    )
    for one in values["conduct"]:
        parts = [one["answer"], one["level"], _date(one["occurred_on"]), one["document"]]
        text = "，".join(part for part in parts if part and part != NOTHING)
        yield Line(f"conduct.{one['question']}", one["question"], text)


def _masked(values: Mapping[str, Any]) -> str:
    return mask_mobile(values["contact_mobile"]) if values["contact_mobile"] else ""


def _labelled(values: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Line]:
    for key, label in labels.items():
        yield Line(key, label, _words(key, values.get(key)))


def _figures(rows: list[dict[str, Any]]) -> Iterator[Line]:
    for row in rows:
        for one in ROWS:
            yield Line(f"{one.key}.{row['year']}", f"{row['year']}年{one.label}", _amount(row.get(one.key)))
        for mode, amount in row.get("by_mode", {}).items():
            yield Line(f"{mode}.{row['year']}", f"{row['year']}年{mode}收入", _amount(amount))


def _projects(projects: list[dict[str, Any]]) -> Iterator[Line]:
    for number, one in enumerate(projects, 1):
        yield Line(f"{one['key']}.name", f"项目 {number}", one["name"])
        for key, label in PROJECT_LABELS.items():
            yield Line(f"{one['key']}.{key}", f"项目 {number} {label}", _words(key, one[key]))


def _attachments(files: list[dict[str, Any]]) -> Iterator[Line]:
    for one in files:
        facts = [one["name"], f"{one['pages']} 页" if one["pages"] else "", file_size(one["size"])]
        yield Line(f"file.{one['id']}", one["kind_label"], " · ".join(fact for fact in facts if fact))


def _commitment(values: Mapping[str, Any]) -> Iterator[Line]:
    at = datetime.fromisoformat(values["at"]) if values["at"] else None
    yield Line("commitment", "真实性承诺", f"{values['by']}，{cn_datetime(at)}确认" if at else NOTHING)


def _words(key: str, value: Any) -> str:
    if key in DATES:
        return _date(value)
    if key in ("amount", "share_percent"):
        return _amount(value)
    if key == "efficiency_category":
        return f"{value} 类（官方名单，不由企业填写）" if value else "未列入官方名单"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value) or NOTHING
    return str(value) if value not in (None, "", "None") else NOTHING


def _date(value: str | None) -> str:
    return cn_date(date.fromisoformat(value), "plain") if value else NOTHING


def _amount(value: str | None) -> str:
    return wan(Decimal(value)) if value not in (None, "") else NOTHING
