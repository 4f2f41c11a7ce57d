"""Districts, associations and their people: by form, by table, and renamed with a history."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, Membership, TableImport, User
from accounts.organisations import Renaming
from accounts.roles import Role
from applications.exports import summary_rows
from applications.models import Application, Recommendation, RecommendationEntry
from core import clock
from core.models import Event
from tests.accounts.test_ratings import a_table, confirm, signed_in
from tests.factories import JUNE, an_agency, make_application, make_officer, make_round

pytestmark = pytest.mark.django_db
AGENCY_HEADS = ["类别", "代码", "名称", "简称", "区市", "咨询电话", "办公地址"]
PEOPLE_HEADS = ["姓名", "登录名", "手机", "邮箱", "单位代码", "角色"]
HANDLER = "区市主管部门（协会）经办人"
RENAMED = {
    "action": "rename",
    "name": "荣成市工业和信息化服务局",
    "short_name": "荣成市工信服务局",
    "since": "2026-06-10",
    "ground": "荣成市机构改革方案，荣发〔2026〕2号。",
}


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def administrator() -> Client:
    return signed_in(Role.ADMINISTRATOR)


def tried(client: Client, kind: str, *rows: list):
    heads = AGENCY_HEADS if kind == "agencies" else PEOPLE_HEADS
    answer = client.post(reverse("table-upload", args=[kind]), {"sheet": a_table(*rows, heads=heads)})
    return client.get(answer["Location"])


def lines(page) -> list[tuple]:
    return [(one.key, one.change, one.was, one.says) for one in page.context["reading"].lines]


def test_organisations_come_in_whole_with_phone_and_address_as_text(administrator: Client) -> None:
    page = tried(
        administrator,
        "agencies",
        ["行业协会", "WH-YJXH", "威海市渔具协会（虚构）", "渔具协会", "", "0631-5200001", "世昌大道 1 号"],
        ["区市主管部门", "371083", "乳山市工业和信息化局", "乳山市工信局", "乳山市", "0631-6600001", ""],
        ["区市主管部门", "371003", "文登区工业和信息化局", "文登区工信局", "文登区", "", ""],
    )
    assert lines(page) == [
        ("WH-YJXH", "NEW", "", "渔具协会，0631-5200001，世昌大道 1 号"),
        ("371083", "CHANGED", "乳山市工信局，乳山市", "乳山市工信局，乳山市，0631-6600001"),
        ("371003", "SAME", "文登区工信局，文登区", "文登区工信局，文登区"),
    ]
    assert not Agency.objects.filter(code="WH-YJXH").exists()
    confirm(administrator, page)
    made = Agency.objects.get(code="WH-YJXH")
    assert (made.kind, made.name, made.phone, made.address) == (
        "ASSOCIATION",
        "威海市渔具协会（虚构）",
        "0631-5200001",
        "世昌大道 1 号",
    )
    assert Agency.objects.get(code="371083").phone == "0631-6600001"


def test_wrong_organisations_are_named_by_their_cells(administrator: Client) -> None:
    page = tried(
        administrator,
        "agencies",
        ["协会", "WH-A", "甲协会", "甲", "", "", ""],
        ["行业协会", "371083", "乳山市工业和信息化局", "乳山", "", "", ""],
        ["区市主管部门", "371003", "文登工信局", "文登", "", "", ""],
        ["行业协会", "乙", "乙协会", "", "", "", ""],
        ["行业协会", "WH-A", "环翠区工业和信息化局", "丙", "", "", ""],
    )
    assert page.context["reading"].problems == [
        "A2：类别应为区市主管部门或行业协会。",
        "A3：代码 371083 是区市主管部门，类别不能改。",
        "C4：代码 371003 现名文登区工业和信息化局。更名请在该单位的页面办理，写明启用日期。",
        "B5：代码只能用字母、数字、下划线或短横线。",
        "D5：请填写简称。",
        "B6：与 B2 相同，请只保留一行。",
        "C6：名称已有相同的，请换一个。",
    ]


def test_people_come_in_whole_and_a_mobile_kept_as_a_number_is_read(administrator: Client) -> None:
    page = tried(
        administrator,
        "people",
        ["于望舒", "Yu-ws", 13906310001, "yu@example.com", "371082", HANDLER],
        ["毕予安", "bi-ya", "139 0631 0002", "", "371000", "市局负责人"],
    )
    assert lines(page) == [
        ("yu-ws", "NEW", "", f"于望舒，{HANDLER}"),
        ("bi-ya", "NEW", "", "毕予安，市局负责人"),
    ]
    confirm(administrator, page)
    hats = Membership.objects.filter(user__login__in=["yu-ws", "bi-ya"]).order_by("user__login")
    assert [(one.user.mobile, one.agency.code, one.role, one.state) for one in hats] == [
        ("13906310002", "371000", "MUNICIPAL_LEADER", "CONFIRMED"),
        ("13906310001", "371082", "CHANNEL_HANDLER", "CONFIRMED"),
    ]
    assert Event.objects.filter(action="create_account").count() == 2


def test_one_wrong_cell_keeps_everybody_out(administrator: Client) -> None:
    User.objects.create_user("taken", name="苗初")
    page = tried(
        administrator,
        "people",
        ["于望舒", "yu-ws", "13906310001", "", "371082", HANDLER],
        ["毕予安", "taken", "1390631", "不是邮箱", "999999", "科员"],
        ["连知夏", "yu-ws", "13906310003", "", "371082", "市局负责人"],
    )
    assert page.context["reading"].problems == [
        "C3：手机号码应为11位数字，以13至19开头，请核对。",
        "D3：邮箱格式不对，例如 name@example.com。",
        "B3：登录名“taken”已有人使用，请换一个。",
        "F3：角色应为区市主管部门（协会）经办人、区市主管部门（协会）负责人、市局经办人、市局负责人、"
        "监督（纪检）、系统管理员之一。",
        "E3：没有代码为“999999”的单位，请核对，或先导入单位。",
        "B4：与 B2 相同，请只保留一行。",
        "E4：市局负责人不能设在荣成市工业和信息化局。",
    ]
    confirm(administrator, page)
    assert not User.objects.filter(login="yu-ws").exists()


def test_who_is_there_already_is_not_made_twice(administrator: Client) -> None:
    row = ["于望舒", "yu-ws", "13906310001", "", "371082", HANDLER]
    confirm(administrator, tried(administrator, "people", row))
    page = tried(administrator, "people", row, ["毕予安", "bi-ya", "13906310002", "", "371082", HANDLER])
    assert [one[1] for one in lines(page)] == ["SAME", "NEW"]
    confirm(administrator, page)
    assert User.objects.filter(login__in=["yu-ws", "bi-ya"]).count() == 2


@pytest.mark.parametrize("kind", ["agencies", "people"])
def test_only_the_administrator_brings_in_people_and_organisations(kind: str) -> None:
    client = signed_in(Role.MUNICIPAL_HANDLER)
    assert client.get(reverse("table-upload", args=[kind])).status_code == 404
    assert not TableImport.objects.exists()


def test_an_association_is_added_by_form(administrator: Client) -> None:
    typed = {
        "kind": "ASSOCIATION",
        "code": "WH-YJXH",
        "name": "威海市渔具协会（虚构）",
        "short_name": "渔具协会",
    }
    answer = administrator.post(reverse("agency-create"), typed)
    made = Agency.objects.get(code="WH-YJXH")
    assert answer["Location"] == reverse("agency", args=[made.pk])
    again = administrator.post(reverse("agency-create"), typed)
    assert again.status_code == 422
    assert again.context["form"].errors == {
        "code": ["代码已有相同的，请换一个。"],
        "name": ["名称已有相同的，请换一个。"],
    }


def test_a_renamed_bureau_keeps_its_history(administrator: Client) -> None:
    agency = an_agency()
    administrator.post(reverse("agency", args=[agency.pk]), RENAMED)
    agency = Agency.objects.get(pk=agency.pk)
    assert (agency.name, agency.short_name) == ("荣成市工业和信息化服务局", "荣成市工信服务局")
    assert agency.earlier_names == [("荣成市工业和信息化局", date(2026, 6, 9))]
    assert agency.name_on(date(2026, 6, 9)) == "荣成市工业和信息化局"
    assert agency.name_on(date(2026, 6, 10)) == "荣成市工业和信息化服务局"
    assert agency.known_as(date(2025, 1, 1)) == "荣成市工业和信息化服务局（原荣成市工业和信息化局）"
    event = Event.objects.get(action="rename")
    assert (event.note, event.details) == (
        RENAMED["ground"],
        {"former": "荣成市工业和信息化局", "since": "2026-06-10"},
    )


def test_a_renaming_is_told_with_its_ground_and_officer_to_officers_and_by_name_to_the_public(
    administrator: Client,
) -> None:
    agency, open_round = an_agency(), make_round()
    administrator.post(reverse("agency", args=[agency.pk]), RENAMED)
    event = Event.objects.get(action="rename")
    former = Renaming("荣成市工业和信息化局", date(2026, 6, 9), RENAMED["ground"], event.actor_label)
    page = administrator.get(reverse("agency", args=[agency.pk]))
    assert page.context["renamings"] == [former]
    rows = signed_in(Role.AUDITOR).get(reverse("associations")).context["rows"]
    assert {one.pk: told for one, _, _, told in rows if told} == {agency.pk: [former]}
    contacts = Client().get(reverse("call-contacts", args=[open_round.pk])).content.decode()
    assert '荣成市工业和信息化服务局<span class="sub-fact">曾用名 荣成市工业和信息化局</span>' in contacts
    assert RENAMED["ground"] not in contacts


def test_renaming_twice_keeps_one_and_a_second_name_must_come_later(administrator: Client) -> None:
    address = reverse("agency", args=[an_agency().pk])
    administrator.post(address, RENAMED)
    again = administrator.post(address, RENAMED)
    assert again.status_code == 422
    assert "没有重复办理" in again.content.decode()
    earlier = administrator.post(address, RENAMED | {"name": "荣成市产业局", "since": "2026-06-01"})
    assert earlier.context["renamed"].non_field_errors() == [
        "上一次更名自2026年6月10日起启用，新的启用日期应在其后。"
    ]
    assert len(Agency.objects.get(code="371082").former_names) == 1


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"since": "2026-12-01"}, {"since": ["启用日期还没有到，请在启用当日或以后办理更名。"]}),
        ({"name": "乳山市工业和信息化局"}, {"name": ["名称乳山市工业和信息化局已有别的单位使用，请核对。"]}),
        ({"ground": ""}, {"ground": ["请填写更名依据。"]}),
    ],
)
def test_a_new_name_needs_its_ground(administrator: Client, typed: dict, errors: dict) -> None:
    page = administrator.post(reverse("agency", args=[an_agency().pk]), RENAMED | typed)
    assert page.status_code == 422
    assert page.context["renamed"].errors == errors
    assert an_agency().former_names == []


def test_a_letter_signed_before_keeps_the_name_of_its_day(administrator: Client) -> None:
    round_ = make_round()
    letter = Recommendation.objects.create(
        agency=an_agency(),
        round=round_,
        letter_number="荣工信函〔2026〕9号",
        prepared_by=make_officer(Role.CHANNEL_HANDLER),
        signed_at=clock.instant(date(2026, 6, 5)),
    )
    case = make_application(state=Application.State.FORWARDED, round=round_)
    entry = RecommendationEntry.objects.create(recommendation=letter, application=case, position=1)
    administrator.post(reverse("agency", args=[letter.agency_id]), RENAMED)
    letter = Recommendation.objects.select_related("agency", "round__measure").get(pk=letter.pk)
    assert next(iter(summary_rows(letter, [entry])))[1] == "荣成市工业和信息化局"
    leader = Client()
    leader.force_login(make_officer(Role.CHANNEL_LEADER), backend="accounts.backends.PortalBackend")
    page = leader.get(reverse("recommendation-detail", args=[letter.pk])).content.decode()
    assert "荣成市工业和信息化服务局（原荣成市工业和信息化局）" in page


def test_contact_is_edited_and_the_bureau_cannot_be_switched_off(administrator: Client) -> None:
    agency = an_agency()
    contact = {
        "action": "contact",
        "region": "荣成市",
        "phone": "0631-7560001",
        "address": "",
        "is_active": "on",
    }
    administrator.post(reverse("agency", args=[agency.pk]), contact)
    assert Agency.objects.get(pk=agency.pk).phone == "0631-7560001"
    bureau = an_agency("371000")
    refused = administrator.post(
        reverse("agency", args=[bureau.pk]), {"action": "contact", "region": "威海市"}
    )
    assert refused.context["contact"].errors == {
        "is_active": ["市工业和信息化局负责认定和管理（第五条），不能停用。"]
    }
    assert Agency.objects.get(pk=bureau.pk).is_active
