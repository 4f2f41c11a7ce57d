"""A leader invites colleagues; an account is for one office and never for an enterprise beside it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import joining
from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from core import clock
from core.workflow import NotPossible, perform
from tests import factories
from tests.accounts.office.scenes import at_june, end, invite, link_on, said, set_role, text_of, told
from tests.applications.scenes import signed_in
from tests.factories import an_agency, make_association, make_officer


def test_an_invited_colleague_makes_an_account_and_works_at_once(leader):
    link = link_on(invite(leader))
    guest = Client()
    shown = text_of(guest.get(link))
    assert "毕文舟邀请您到荣成市工业和信息化局任职" in shown
    account = {
        "mobile": "13100009999",
        "login": "liuqing",
        "password": "shan-hai-2026",
        "password_again": "shan-hai-2026",
    }
    page = guest.post(link, account, follow=True)
    assert page.request["PATH_INFO"] == "/vetting/"
    assert "您已到荣成市工业和信息化局任职。" in said(page)
    hat = Membership.objects.get(user__login="liuqing")
    assert (hat.role, hat.agency, hat.state) == ("CHANNEL_HANDLER", an_agency(), "CONFIRMED")
    assert told(leader)[0][0] == "柳青已接受邀请"
    assert guest.get(link, follow=True).request["PATH_INFO"] == "/vetting/"
    assert Client().get(link).status_code == 410


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "请填写姓名。"),
        ({"mobile": ""}, "手机和邮箱至少填写一项，用来识别受邀人。"),
        ({"role": "MUNICIPAL_LEADER"}, "角色中没有这一项，请重新选择。"),
        ({"role": "ADMINISTRATOR"}, "角色中没有这一项，请重新选择。"),
        ({"role": ""}, "请选择角色。"),
        ({"mobile": "13100000001"}, "这是您自己的手机号或邮箱。您已是本单位的人员"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_and_what_was_typed_stays(leader, changes, sentence):
    page = invite(leader, **changes)
    assert (page.status_code, sentence in text_of(page)) == (422, True)
    assert changes.get("name", "柳青") in text_of(page)
    assert not Invitation.objects.exists()


def test_an_account_with_another_role_cannot_accept(leader, officer):
    link = link_on(invite(leader, name="周敬之"))
    member = factories.make_member(factories.make_enterprise(), name="周敬之")
    elsewhere = make_officer(Role.CHANNEL_HANDLER, make_association(), name="周敬之")
    User.objects.filter(pk=officer.pk).update(name="周敬之")
    for person, sentence in (
        (member, "您登录的是企业或专家的账号，不能同时在荣成市工业和信息化局任职。"),
        (elsewhere, "您的账号还在另一单位任职，请先由该单位结束任职"),
        (officer, "您已是荣成市工业和信息化局的人员，不需要再接受邀请。"),
    ):
        client = signed_in(person)
        assert sentence in text_of(client.get(link))
        client.post(link)
        assert Membership.objects.filter(user=person).count() == 1
    assert Invitation.objects.get().accepted_at is None


def test_who_asks_to_act_for_an_enterprise_withdraws_that_before_working_in_an_office(leader):
    link = link_on(invite(leader, name="周敬之"))
    enterprise = factories.make_enterprise()
    colleague = factories.make_member(enterprise)
    person = factories.make_user(name="周敬之")
    asked = joining.ask_to_join(enterprise, by=person)
    client = signed_in(person)
    sentence = f"您申请代表{enterprise}办理，还没有确认。请先撤回申请，再接受荣成市工业和信息化局的邀请。"
    assert sentence in text_of(client.get(link))
    client.post(link)
    assert Invitation.objects.get().accepted_at is None
    perform(asked, "retract", by=person)
    assert client.post(link, follow=True).request["PATH_INFO"] == "/vetting/"
    again = Membership.objects.create(user=person, role=Role.ENTERPRISE, enterprise=enterprise)
    with pytest.raises(NotPossible) as refusal:
        perform(again, "confirm", by=colleague)
    assert refusal.value.reasons == [
        "周敬之已在荣成市工业和信息化局任职，不能同时代表企业办理。请不予确认，并请其另建账号。"
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_invitations_pressed_at_the_same_moment_one_is_taken():
    leader, member = make_officer(Role.CHANNEL_LEADER), factories.make_member(factories.make_enterprise())
    person = factories.make_user(name="周敬之", mobile="13100008888")
    asked = {"name": person.name, "mobile": person.mobile, "email": ""}
    with clock.stopped_at(factories.JUNE):
        into_office = joining.invite(an_agency(), by=leader, role=Role.CHANNEL_HANDLER, **asked)
        enterprise = member.memberships.get().enterprise
        into_enterprise = joining.invite(enterprise, by=member, role=Role.ENTERPRISE, **asked)
    with at_june(lambda: joining.accept(into_enterprise, by=User.objects.get(pk=person.pk))) as other:
        joining.accept(into_office, by=person)
        other.begins()
    assert other.refusal.reasons == [joining.OFFICERS_ACT_FOR_THEIR_OFFICE]
    assert Membership.objects.get(user=person).role == Role.CHANNEL_HANDLER


def test_who_left_can_be_invited_again_with_the_same_account(leader, officer, colleague):
    end(leader, officer)
    page = signed_in(officer).post(link_on(invite(leader, name="于晓岚")), follow=True)
    assert page.request["PATH_INFO"] == "/vetting/"
    hats = Membership.objects.filter(user=officer).order_by("id")
    assert [(one.state, one.is_active) for one in hats] == [("WITHDRAWN", False), ("CONFIRMED", True)]


def test_the_invitation_of_a_leader_who_left_serves_no_more(leader):
    other = make_officer(Role.CHANNEL_LEADER, name="宋建国")
    link = link_on(invite(leader))
    end(other, leader)
    assert Invitation.objects.get().revoked_at == factories.JUNE
    assert "这份邀请已由对方撤销" in text_of(Client().get(link))
    invitation = joining.invite(
        an_agency(), by=other, name="柳青", mobile="13100008888", email="", role=Role.CHANNEL_HANDLER
    )
    Membership.objects.filter(user=other).update(role=Role.CHANNEL_HANDLER)
    page = Client().get(joining.path_of(invitation))
    assert (page.status_code, "邀请人已不是该单位的负责人" in text_of(page)) == (410, True)


def test_a_leader_who_becomes_handler_leaves_no_invitation_that_bars_another(leader):
    other = make_officer(Role.CHANNEL_LEADER, name="宋建国")
    link = link_on(invite(leader))
    set_role(other, leader, "CHANNEL_HANDLER")
    assert Invitation.objects.get().revoked_at == factories.JUNE
    assert "这份邀请已由对方撤销" in text_of(Client().get(link))
    assert "已生成给柳青的邀请链接" in text_of(invite(other))


def test_the_invitation_of_another_agency_cannot_be_revoked(leader):
    invite(leader)
    pk = Invitation.objects.get().pk
    stranger = signed_in(make_officer(Role.CHANNEL_LEADER, an_agency("371083")))
    assert stranger.post(reverse("invitation-revoke", args=[pk])).status_code == 404
    page = signed_in(leader).post(reverse("invitation-revoke", args=[pk]), follow=True)
    assert said(page) == ["已撤销给柳青的邀请，链接不能再用。"]
