"""The people of an agency as its leader keeps them, and their roles."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import staff
from accounts.models import Invitation, Membership
from accounts.roles import Role
from applications import recommending
from applications.models import Recommendation
from core import events, holdings
from core.models import Notification
from core.workflow import NotPermitted
from tests import factories
from tests.accounts.office.scenes import (
    PEOPLE,
    State,
    a_case,
    a_letter,
    end,
    hat_of,
    said,
    set_role,
    text_of,
    told,
)
from tests.applications.scenes import signed_in
from tests.factories import an_agency, make_application, make_association, make_officer


def test_the_leader_sees_the_people_with_what_each_has_in_hand(leader, officer, colleague):
    case = a_case(officer)
    a_letter(officer, make_application(state=State.VETTED))
    make_application(state=State.FORWARDED, officer=officer)
    make_officer(Role.CHANNEL_HANDLER, an_agency("371083"), name="乳山的人")
    signed_in(officer)
    page = signed_in(leader).get(PEOPLE)
    rows = [
        (one.user.name, role, page.context["in_hand"][one.user_id], one.user.last_login)
        for one, role in page.context["rows"]
    ]
    assert rows == [
        ("于晓岚", "经办人", 2, factories.JUNE),
        ("冷思远", "经办人", 0, None),
        ("毕文舟", "负责人", 0, factories.JUNE),
    ]
    assert [(one.kind, one.label, one.note) for one in holdings.held_by(officer, an_agency())] == [
        ("经办的申报", str(case.enterprise), "待审核"),
        ("推荐函拟稿", "荣工信函〔2026〕9号", "待签发，接手的人即为拟稿人，不能再签发"),
    ]
    assert 'href="/agency/people/" aria-current="page"' in text_of(page)


def test_who_takes_a_letter_over_is_not_asked_to_sign_it_and_the_other_leaders_are(officer, leader):
    other = make_officer(Role.CHANNEL_LEADER)
    case = make_application(state=State.VETTED)
    letter = Recommendation(
        agency=case.channel, round=case.round, letter_number="荣工信函〔2026〕9号", prepared_by=officer
    )
    recommending.prepare(letter, [(case, "")], by=officer)
    (piece,) = holdings.held_by(officer, an_agency())
    asked = Notification.objects.unread().filter(subject="荣工信函〔2026〕9号待签发，1 家")
    assert set(asked.values_list("recipient", flat=True)) == {leader.pk, other.pk}
    piece.give(leader, by=other)
    assert [one.recipient for one in asked] == [other]


def test_a_handler_is_told_that_the_leader_keeps_the_people(officer, leader):
    sentence = "荣成市工业和信息化局的人员由该单位负责人管理，您不是负责人。"
    client = signed_in(officer)
    for answer in (
        client.get(PEOPLE),
        client.post(PEOPLE, {"name": "外人", "mobile": "13100009999", "role": "CHANNEL_LEADER"}),
        client.get(reverse("staff-end", args=[hat_of(leader).pk])),
        client.post(reverse("staff-role", args=[hat_of(officer).pk]), {"role": "CHANNEL_LEADER"}),
    ):
        assert (answer.status_code, sentence in text_of(answer)) == (403, True)
    assert hat_of(officer).role == Role.CHANNEL_HANDLER
    assert not Invitation.objects.exists()
    assert PEOPLE not in text_of(client.get("/vetting/"))


@pytest.mark.parametrize("name", ["staff-end", "staff-role"])
def test_another_agencys_person_does_not_exist_here(leader, name):
    foreign = make_officer(Role.CHANNEL_HANDLER, make_association(), name="孙静禾")
    bureau = make_officer(Role.MUNICIPAL_HANDLER)
    auditor = make_officer(Role.AUDITOR)
    municipal = signed_in(make_officer(Role.MUNICIPAL_LEADER))
    client = signed_in(leader)
    typed = {"role": "CHANNEL_LEADER", "reason": "x", "everything": str(leader.pk)}
    for person in (foreign, bureau, auditor):
        assert client.post(reverse(name, args=[hat_of(person).pk]), typed).status_code == 404
        assert hat_of(person).is_active
    for person in (foreign, leader):
        assert municipal.post(reverse(name, args=[hat_of(person).pk]), typed).status_code == 404
    with pytest.raises(NotPermitted):
        staff.change_role(hat_of(foreign), Role.CHANNEL_LEADER, by=leader, note="x")
    with pytest.raises(NotPermitted):
        staff.end_service(hat_of(foreign), "end_service", {}, by=leader, note="x")
    assert (hat_of(foreign).role, hat_of(foreign).state) == ("CHANNEL_HANDLER", "CONFIRMED")


def test_a_handler_becomes_leader_and_is_told(leader, officer):
    assert said(set_role(leader, officer, "CHANNEL_LEADER")) == ["于晓岚现在是负责人，立即生效，已告知本人。"]
    hat = hat_of(officer)
    assert hat.role == Role.CHANNEL_LEADER
    note = "区市主管部门（协会）经办人改为区市主管部门（协会）负责人。原因：局内分工调整，接替原负责人签发。"
    assert [(one.action, one.actor, one.note) for one in events.about(hat)] == [("change_role", leader, note)]
    assert told(officer)[0] == (
        "您在荣成市工业和信息化局的角色改为区市主管部门（协会）负责人",
        f"{leader.signature()}办理，立即生效：{note}原来经办的事项不变。",
    )
    again = set_role(leader, officer, "CHANNEL_LEADER")
    assert said(again) == [
        f"于晓岚的角色刚由{leader.signature()}改过，现在已是区市主管部门（协会）负责人，没有重复办理。"
    ]
    assert (events.about(hat).count(), len(told(officer))) == (1, 1)
    Membership.objects.filter(pk=hat.pk).update(created_at=factories.JUNE - timedelta(days=900))
    rows = dict(signed_in(officer).get(PEOPLE).context["rows"])
    assert {one.role_since for one in rows if one.user == officer} == {factories.JUNE}


@pytest.mark.parametrize("role", ["", "x", "MUNICIPAL_LEADER", "ADMINISTRATOR", "ENTERPRISE"])
def test_a_role_that_the_agency_does_not_have_is_refused(leader, officer, role):
    page = set_role(leader, officer, role)
    assert (page.status_code, page.context["form"].non_field_errors()) == (422, ["请选择经办人或负责人。"])
    assert hat_of(officer).role == Role.CHANNEL_HANDLER


def test_a_role_is_asked_about_before_it_changes(leader, officer):
    address = reverse("staff-role", args=[hat_of(officer).pk])
    assert f'href="{address}"' in text_of(signed_in(leader).get(PEOPLE))
    page = signed_in(leader).get(address)
    assert (page.context["words"], page.context["becomes"]) == (("经办人", "负责人"), "CHANNEL_LEADER")
    for reason, problem in (
        ("", "请写明改变角色的原因，原因会告知本人并记录。"),
        ("分工", "原因至少写 10 个字，现为 2 个字，请写清事实和依据。"),
    ):
        refused = set_role(leader, officer, "CHANNEL_LEADER", reason)
        assert (refused.status_code, refused.context["form"].errors) == (422, {"reason": [problem]})
    assert (hat_of(officer).role, told(officer)) == ("CHANNEL_HANDLER", [])


def test_the_form_is_shown_for_those_alone_whom_the_person_leads(leader):
    """A leader here who is a handler elsewhere sees the own membership there, and changes nothing of it."""
    elsewhere = Membership.objects.create(
        user=leader, agency=make_association(), role=Role.CHANNEL_HANDLER, state="CONFIRMED", is_active=True
    )
    address = reverse("staff-role", args=[elsewhere.pk])
    client = signed_in(leader)
    assert client.get(address).status_code == 404
    typed = {"role": "CHANNEL_LEADER", "reason": "局内分工调整，接替原负责人签发。"}
    assert client.post(address, typed).status_code == 403
    assert Membership.objects.get(pk=elsewhere.pk).role == Role.CHANNEL_HANDLER


def test_whoever_has_left_gets_no_other_role(leader, officer):
    end(leader, officer)
    told_so = said(set_role(leader, officer, "CHANNEL_LEADER"))
    assert told_so == [f"{officer}已不在荣成市工业和信息化局任职，没有改动。"]
    assert hat_of(officer).role == Role.CHANNEL_HANDLER


LAST = (
    "毕文舟是荣成市工业和信息化局唯一的负责人，离开后就没有人可以签发文件、管理本单位人员。"
    "请先邀请或指定另一位负责人，再办理。"
)


def test_the_last_leader_neither_leaves_nor_becomes_handler(leader, officer):
    refused = set_role(leader, leader, "CHANNEL_HANDLER")
    assert (refused.status_code, refused.context["form"].non_field_errors()) == (422, [LAST])
    assert signed_in(leader).get(reverse("staff-role", args=[hat_of(leader).pk])).context["reason"] == LAST
    assert LAST in text_of(end(leader, leader))
    assert (hat_of(leader).role, hat_of(leader).state) == ("CHANNEL_LEADER", "CONFIRMED")
    set_role(leader, officer, "CHANNEL_LEADER")
    assert said(end(leader, leader))[-1] == "毕文舟的任职已结束。"
    assert hat_of(leader).state == "WITHDRAWN"
