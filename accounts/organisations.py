"""Districts and associations, and the people in them: renamed with a history, and brought in as tables (第五条)."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.forms import BaseForm

from accounts.forms.agencies import AgencyForm
from accounts.forms.people import OfficerForm
from accounts.imports import CHANGED, KINDS, NEW, SAME, Line, Reading, TableKind
from accounts.models import Agency, Membership, TableImport, User
from accounts.roles import AGENCY_ROLES, Role
from core import events
from core.exports import Column
from core.models import Event
from core.wording import cn_date
from core.workbooks import Cell
from core.workflow import NotPossible
from policy.identifiers import normalise_mobile

KIND, CODE, NAME, SHORT, REGION, PHONE, ADDRESS = (
    "类别",
    "代码",
    "名称",
    "简称",
    "区市",
    "咨询电话",
    "办公地址",
)
AGENCY_HEADS = {
    "kind": KIND,
    "code": CODE,
    "name": NAME,
    "short_name": SHORT,
    "region": REGION,
    "phone": PHONE,
    "address": ADDRESS,
}
CONTACT = ("short_name", "region", "phone", "address")
KINDS_BY_LABEL = {str(one.label): one.value for one in (Agency.Kind.DISTRICT, Agency.Kind.ASSOCIATION)}
PERSON, LOGIN, MOBILE, MAIL, AGENCY, ROLE = "姓名", "登录名", "手机", "邮箱", "单位代码", "角色"
PEOPLE_HEADS = {
    "name": PERSON,
    "login": LOGIN,
    "mobile": MOBILE,
    "email": MAIL,
    "agency": AGENCY,
    "role": ROLE,
}
ROLES_BY_LABEL = {str(role.label): role.value for role in Role if role in AGENCY_ROLES}
POSITION_OF_NEW = 300
RENAME = "rename"


def rename(agency: Agency, name: str, short_name: str, *, since: date, ground: str, by: User) -> None:
    """Give an agency another name from a day on; papers of earlier days keep theirs. Raises NotPossible."""
    with transaction.atomic():
        locked = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        if locked.name == name:
            raise NotPossible([f"该单位现在的名称就是{name}，没有重复办理。"])
        if locked.former_names and since.isoformat() <= (before := locked.former_names[-1]["until"]):
            held = cn_date(date.fromisoformat(before), "plain")
            raise NotPossible([f"上一次更名自{held}起启用，新的启用日期应在其后。"])
        former = {"name": locked.name, "short_name": locked.short_name, "until": since.isoformat()}
        locked.former_names = [*locked.former_names, former]
        locked.name, locked.short_name = name, short_name
        locked.save(update_fields=["name", "short_name", "former_names"])
        events.record(
            locked, RENAME, by=by, label="单位更名", note=ground, former=former["name"], since=since
        )


@dataclass(frozen=True)
class Renaming:
    """A former name with the last day on which it held, the ground of the new one, and who recorded it (empty if not known)."""

    name: str
    last_day: date
    ground: str
    officer: str


def renamings(agencies: Sequence[Agency]) -> dict[int, list[Renaming]]:
    """Agency's id → its former names, oldest first (one query, none when nobody was renamed)."""
    renamed = [one.pk for one in agencies if one.former_names]
    recorded = {
        (event.subject_id, event.details["former"], event.details["since"]): event
        for event in Event.objects.filter(
            subject_type=Agency._meta.label,
            subject_id__in=renamed,
            action=RENAME,
            outcome=Event.Outcome.DONE,
        )
    }
    found: dict[int, list[Renaming]] = {one.pk: [] for one in agencies}
    for agency in agencies:
        for name, last_day in agency.earlier_names:
            since = last_day + timedelta(days=1)
            event = recorded.get((agency.pk, name, since.isoformat()))
            said = (event.note, event.actor_label) if event else ("", "")
            found[agency.pk].append(Renaming(name, last_day, *said))
    return found


def _read_agencies(rows: list[dict[str, Cell]], said: dict[str, Any]) -> Reading:
    found = Reading()
    standing = {one.code: one for one in Agency.objects.all()}
    places: dict[str, str] = {}
    for row in rows:
        code, faults = row[CODE].text, len(found.problems)
        agency = standing.get(code)
        kind, name = KINDS_BY_LABEL.get(row[KIND].text, ""), row[NAME].text
        refuse_cells(found, row)
        _refuse_double(found, row[CODE], code, places)
        if agency and kind and agency.kind != kind:
            found.refuse(row[KIND], f"代码 {code} 是{agency.get_kind_display()}，类别不能改。")
        if agency and agency.name != name:
            found.refuse(
                row[NAME], f"代码 {code} 现名{agency.name}。更名请在该单位的页面办理，写明启用日期。"
            )
        values = {field: row[head].text for field, head in AGENCY_HEADS.items()} | {"kind": kind}
        was = {field: getattr(agency, field) for field in values} if agency else {}
        form = AgencyForm(values, instance=copy(agency) if agency else Agency())
        refuse_by_form(found, row, form, AGENCY_HEADS, {"kind": f"类别应为{'或'.join(KINDS_BY_LABEL)}。"})
        if len(found.problems) == faults:
            change = NEW if not agency else SAME if was == values else CHANGED
            says, remark = _shown(values), f"{name}（{row[KIND].text}）"
            found.lines.append(Line(row[CODE].row, code, says, change, _shown(was), remark, values))
    return found


def _shown(values: dict[str, str]) -> str:
    return "，".join(values[field] for field in CONTACT if values.get(field))


def _write_agencies(lines: Sequence[Line], tried: TableImport) -> None:
    for line in lines:
        Agency.objects.update_or_create(
            code=line.key, defaults=line.values, create_defaults=line.values | {"position": POSITION_OF_NEW}
        )


def _read_people(rows: list[dict[str, Cell]], said: dict[str, Any]) -> Reading:
    found = Reading()
    agencies = {one.code: one for one in Agency.objects.all()}
    logins = [User.objects.normalise(row[LOGIN].text) for row in rows]
    hats = Membership.objects.confirmed().filter(user__login__in=logins, role__in=AGENCY_ROLES)
    standing = {
        (one.user.login, one.user.name, one.user.mobile, one.user.email, one.agency_id, one.role)
        for one in hats.select_related("user")
    }
    places: dict[str, str] = {}
    for row, login in zip(rows, logins, strict=True):
        faults, agency = len(found.problems), agencies.get(row[AGENCY].text)
        role = ROLES_BY_LABEL.get(row[ROLE].text, "")
        values = {field: row[head].text for field, head in PEOPLE_HEADS.items()}
        values |= {"role": role, "agency": str(agency.pk) if agency else ""}
        refuse_cells(found, row)
        _refuse_double(found, row[LOGIN], login, places)
        who = (login, values["name"], normalise_mobile(values["mobile"]), values["email"])
        is_there = agency is not None and (*who, agency.pk, role) in standing
        if not is_there:
            unknown = f"没有代码为“{row[AGENCY].text[:20]}”的单位，请核对，或先导入单位。"
            known_roles = f"角色应为{'、'.join(ROLES_BY_LABEL)}之一。"
            replies = {"role": known_roles} | ({} if agency else {"agency": unknown})
            refuse_by_form(found, row, OfficerForm(values), PEOPLE_HEADS, replies)
        if len(found.problems) == faults:
            says, where = f"{values['name']}，{row[ROLE].text}", agency.name if agency else ""
            change = SAME if is_there else NEW
            found.lines.append(Line(row[LOGIN].row, login, says, change, remark=where, values=values))
    return found


def refuse_cells(found: Reading, row: dict[str, Cell]) -> None:
    """What a spreadsheet has made of a cell that cannot be read."""
    for cell in row.values():
        if cell.problem:
            found.refuse(cell, f"{cell.problem}。")


def _refuse_double(found: Reading, cell: Cell, key: str, places: dict[str, str]) -> None:
    if key and key in places:
        found.refuse(cell, f"与 {places[key]} 相同，请只保留一行。")
    places.setdefault(key, cell.name)


def refuse_by_form(
    found: Reading, row: dict[str, Cell], form: BaseForm, heads: dict[str, str], replies: dict[str, str]
) -> None:
    """What the form by which one is typed would say, by cell; ``replies`` where the table needs words of its own."""
    for field, problems in form.errors.items():
        cell = row[heads[field]]
        if not cell.problem:
            for problem in [replies[field]] if field in replies else problems:
                found.refuse(cell, str(problem))


def _write_people(lines: Sequence[Line], tried: TableImport) -> None:
    for line in lines:
        form = OfficerForm(line.values)
        if not form.is_valid():
            raise NotPossible([f"第 {line.row} 行刚才还可以导入，现在不能：{form.errors.as_text()}"])
        user = form.save()
        events.record(user, "create_account", by=tried.uploaded_by, label="建立账号")


KINDS[TableImport.Kind.AGENCIES] = TableKind(
    (
        Column(KIND, 16),
        Column(CODE, 14),
        Column(NAME, 30),
        Column(SHORT, 18),
        Column(REGION, 12),
        Column(PHONE, 18),
        Column(ADDRESS, 36),
    ),
    500,
    _read_agencies,
    _write_agencies,
)
KINDS[TableImport.Kind.PEOPLE] = TableKind(
    (
        Column(PERSON, 12),
        Column(LOGIN, 18),
        Column(MOBILE, 16),
        Column(MAIL, 26),
        Column(AGENCY, 14),
        Column(ROLE, 30),
    ),
    500,
    _read_people,
    _write_people,
)
