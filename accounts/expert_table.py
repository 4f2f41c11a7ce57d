"""Experts and their ties as a table (第十六条): one line for each tie, the first of an expert's lines says who it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from accounts import experts
from accounts.forms.experts import NewExpertForm, TieForm
from accounts.imports import CHANGED, KINDS, NEW, SAME, Line, Reading, TableKind
from accounts.models import Expert, ExpertTie, TableImport
from accounts.organisations import refuse_by_form, refuse_cells
from core.conflicts import Difference
from core.exports import Column
from core.wording import mask_mobile
from core.workbooks import Cell
from policy.identifiers import normalise_mobile, normalise_uscc
from policy.models import Industry, IndustryLevel, ServiceMode

NAME, MOBILE, MAIL, UNIT, TITLE = "姓名", "手机", "邮箱", "工作单位", "职称"
SPECIALITY, MODES, INDUSTRIES = "专业领域", "熟悉的模式", "熟悉的行业大类"
KIND, FIRM, CODE, POST, SINCE, UNTIL = "关系类别", "企业名称", "统一社会信用代码", "职务或持股", "自", "至"
PERSON_HEADS = {
    "name": NAME,
    "mobile": MOBILE,
    "email": MAIL,
    "unit": UNIT,
    "title": TITLE,
    "speciality": SPECIALITY,
    "modes": MODES,
    "industries": INDUSTRIES,
}
FACTS = ("unit", "title", "speciality", "modes", "industries")
TIE_HEADS = {
    "kind": KIND,
    "organisation": FIRM,
    "credit_code": CODE,
    "post": POST,
    "started_on": SINCE,
    "ended_on": UNTIL,
}
KINDS_BY_LABEL = {str(one.label): one.value for one in ExpertTie.Kind}
SEPARATORS = re.compile(r"[、，,；;\n]+")


class Known:
    """What the portal holds of those whom a table names."""

    def __init__(self, mobiles: list[str]) -> None:
        found = Expert.objects.filter(user__mobile__in=mobiles).select_related("user")
        self.experts = {one.user.mobile: one for one in found.prefetch_related("modes", "ties")}
        self.modes = {one.name: one.code for one in ServiceMode.objects.all()}
        divisions = Industry.objects.filter(level=IndustryLevel.DIVISION).values_list("code", "name")
        self.industries = {key: code for code, name in divisions for key in (code, name)}
        self.words = {code: word for word, code in [*self.modes.items(), *self.industries.items()]}

    def facts_of(self, expert: Expert) -> dict[str, Any]:
        stored = {name: getattr(expert, name) for name in FACTS}
        return stored | {"modes": [one.code for one in expert.modes.all()]}

    def in_words(self, value: Any) -> str:
        return "、".join(self.words[one] for one in value) if isinstance(value, list) else value


def _read(rows: list[dict[str, Cell]], said: dict[str, Any]) -> Reading:
    found = Reading()
    first: dict[str, dict[str, Cell]] = {}
    known = Known([normalise_mobile(row[MOBILE].text) for row in rows])
    ties: dict[tuple, str] = {}
    for row in rows:
        mobile, faults = normalise_mobile(row[MOBILE].text), len(found.problems)
        refuse_cells(found, {head: cell for head, cell in row.items() if not _day(row, head)})
        if mobile and mobile in first:
            _refuse_other(found, row, first[mobile])
        else:
            first[mobile] = row
            _read_expert(found, row, mobile, known)
        if any(row[head].text for head in TIE_HEADS.values()):
            _read_tie(found, row, mobile, known, ties, is_whole=len(found.problems) == faults)
    return found


def _read_expert(found: Reading, row: dict[str, Cell], mobile: str, known: Known) -> None:
    """An empty cell says nothing: what stands of an expert who is known already stays."""
    expert, faults = known.experts.get(mobile), len(found.problems)
    stored = known.facts_of(expert) if expert else {}
    typed: dict[str, Any] = {field: row[head].text for field, head in PERSON_HEADS.items()}
    typed["modes"] = _chosen(found, row[MODES], known.modes, "六种模式")
    typed["industries"] = _chosen(found, row[INDUSTRIES], known.industries, "行业大类")
    values = typed | {name: stored[name] for name in FACTS if stored and not typed[name]}
    if expert and expert.user.name != typed["name"]:
        found.refuse(row[NAME], f"手机号是专家库里{expert}的，姓名应为{expert}，请核对。")
    form = NewExpertForm(values)
    refuse_by_form(found, row, form, PERSON_HEADS, {})
    if not expert and not form.errors and (reason := experts.why_not_add(form.person())):
        found.refuse(row[MAIL], reason)
    if len(found.problems) > faults:
        return
    facts = {name: form.cleaned_data[name] for name in FACTS}
    changes = [
        Difference(str(form[name].label), known.in_words(stored[name]), known.in_words(facts[name]))
        for name in FACTS
        if stored and stored[name] != facts[name]
    ]
    remark = "" if expert else "发出邀请邮件" if typed["email"] else "没有邮箱：导入后把邀请链接转交本人"
    found.lines.append(
        Line(
            row=row[NAME].row,
            key=_key(form.cleaned_data),
            says=_shown(facts, known),
            change=NEW if not expert else CHANGED if changes else SAME,
            was=_shown(stored, known) if stored else "",
            remark=remark,
            values={"mobile": mobile, "form": form, "changes": changes},
        )
    )


def _read_tie(
    found: Reading,
    row: dict[str, Cell],
    mobile: str,
    known: Known,
    places: dict[tuple, str],
    *,
    is_whole: bool,
) -> None:
    expert, faults = known.experts.get(mobile), len(found.problems)
    values = {field: _day(row, head) or row[head].text for field, head in TIE_HEADS.items()}
    values["kind"] = KINDS_BY_LABEL.get(row[KIND].text, "")
    form = TieForm(values)
    refuse_by_form(found, row, form, TIE_HEADS, {"kind": f"关系类别应为{'、'.join(KINDS_BY_LABEL)}之一。"})
    key = (mobile, values["kind"], normalise_uscc(row[CODE].text), form.cleaned_data.get("started_on"))
    if key in places:
        found.refuse(row[CODE], f"与 {places[key]} 是同一条关系，请只保留一行。")
    places.setdefault(key, row[CODE].name)
    if not is_whole or len(found.problems) > faults:
        return
    facts = form.cleaned_data
    stands = next((one for one in expert.ties.all() if _same(one, facts)), None) if expert else None
    changed = stands is not None and facts["ended_on"] is not None and stands.ended_on != facts["ended_on"]
    found.lines.append(
        Line(
            row=row[CODE].row,
            key=_key({"name": row[NAME].text, "mobile": mobile}),
            says=experts.tie_text(ExpertTie(**facts)),
            change=CHANGED if changed else SAME if stands else NEW,
            was=experts.tie_text(stands) if stands else "",
            remark="与企业的关系",
            values={"mobile": mobile, "tie": facts, "stands": stands},
        )
    )


def _refuse_other(found: Reading, row: dict[str, Cell], first: dict[str, Cell]) -> None:
    """A further line of the same expert adds a tie and says nothing else of the expert."""
    for head in PERSON_HEADS.values():
        if row[head].text and row[head].text != first[head].text and head != MOBILE:
            found.refuse(row[head], f"与同一专家的 {first[head].name} 不同，请改成一样或留空。")
    if not row[NAME].text:
        found.refuse(row[NAME], f"请填写姓名，与 {first[NAME].name} 一致。")
    if not any(row[head].text for head in TIE_HEADS.values()):
        found.refuse(row[MOBILE], f"与 {first[MOBILE].name} 是同一位专家，这一行又没有关系，请删去。")


def _chosen(found: Reading, cell: Cell, known: Mapping[str, str], what: str) -> list[str]:
    """The codes of what a cell lists by name or code."""
    words = [word.strip() for word in SEPARATORS.split(cell.text) if word.strip()]
    for word in words:
        if word not in known:
            names = "、".join(one for one in known if not one.isdigit())
            listed = f"：{names}" if len(known) < 10 else "，可以写两位代码或名称"
            found.refuse(cell, f"“{word[:20]}”不在{what}之中{listed}。")
    return list(dict.fromkeys(known[word] for word in words if word in known))


def _day(row: dict[str, Cell], head: str) -> str:
    """The day of a cell that holds a date of the spreadsheet where a day belongs."""
    day = row[head].day if head in (SINCE, UNTIL) else None
    return day.isoformat() if day else ""


def _same(tie: ExpertTie, facts: Mapping[str, Any]) -> bool:
    names = ("kind", "credit_code", "started_on")
    return all(getattr(tie, name) == facts[name] for name in names)


def _key(person: Mapping[str, str]) -> str:
    return f"{person['name']}（{mask_mobile(person['mobile'])}）"


def _shown(facts: Mapping[str, Any], known: Known) -> str:
    return "，".join(word for name in FACTS if (word := known.in_words(facts[name])))


def _carry_out(lines: Sequence[Line], tried: TableImport) -> None:
    by = tried.uploaded_by
    mobiles = [line.values["mobile"] for line in lines]
    found = {
        one.user.mobile: one for one in Expert.objects.filter(user__mobile__in=mobiles).select_related("user")
    }
    for line in lines:
        values, expert = line.values, found.get(line.values["mobile"])
        if "tie" in values:
            assert expert is not None  # the expert's own line came first
            seen = experts.revision_of(expert)
            if values["stands"]:
                experts.end_tie(values["stands"], values["tie"]["ended_on"], seen=seen, by=by)
            else:
                experts.add_tie(expert, values["tie"], seen=seen, by=by)
        elif expert:
            experts.edit(expert, values["form"].facts(), values["changes"], by=by)
        else:
            added = experts.add(values["form"].person(), values["form"].facts(), by=by)
            found[values["mobile"]] = added


KINDS[TableImport.Kind.EXPERTS] = TableKind(
    (
        Column(NAME, 12),
        Column(MOBILE, 16),
        Column(MAIL, 26),
        Column(UNIT, 30),
        Column(TITLE, 14),
        Column(SPECIALITY, 18),
        Column(MODES, 30),
        Column(INDUSTRIES, 20),
        Column(KIND, 18),
        Column(FIRM, 30),
        Column(CODE, 24),
        Column(POST, 16),
        Column(SINCE, 14),
        Column(UNTIL, 14),
    ),
    500,
    _read,
    _carry_out,
    refuses_private_numbers=True,
)
