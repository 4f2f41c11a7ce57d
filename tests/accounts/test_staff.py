"""The people of an agency as its leader keeps them: invited, given a role, and leaving without anything left behind."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import joining, staff
from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from applications import casework, recommending
from applications.models import Application, CaseNote, CorrectionItem, Recommendation, VettingOpinion
from core import clock, events, holdings, notify
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible, perform
from decisions.models import PublicNotice
from tests import factories, who
from tests.applications.scenes import signed_in
from tests.applications.test_vetting import opinion_of
from tests.factories import an_agency, make_application, make_association, make_officer
from tests.meanwhile import meanwhile

State = Application.State
PEOPLE = "/agency/people/"


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(factories.JUNE):
        yield


@pytest.fixture
def leader(db) -> User:
    return make_officer(Role.CHANNEL_LEADER, name="毕文舟", mobile="13100000001")


@pytest.fixture
def officer(db) -> User:
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def colleague(db) -> User:
    return make_officer(Role.CHANNEL_HANDLER, name="冷思远")


def hat_of(user: User) -> Membership:
    return Membership.objects.filter(user=user).latest("id")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def a_case(officer: User) -> Application:
    return make_application(state=State.SUBMITTED, officer=officer)


def a_letter(prepared_by: User, case: Application, **fields) -> Recommendation:
    letter = Recommendation.objects.create(
        agency=case.channel,
        round=case.round,
        letter_number="荣工信函〔2026〕9号",
        prepared_by=prepared_by,
        prepared_at=factories.JUNE,
        **fields,
    )
    letter.entries.create(application=case, position=1)
    return letter


def end(by: User, leaver: User, **typed):
    """Press the button of the page as it stands, with what is typed."""
    client, url = signed_in(by), reverse("staff-end", args=[hat_of(leaver).pk])
    page = client.get(url)
    seen = page.context["form"].initial["seen"] if page.status_code == 200 and page.context else ""
    return client.post(url, {"seen": seen, "reason": "调离本单位"} | typed, follow=True)


def told(user: User) -> list[tuple[str, str]]:
    return list(Notification.objects.of(user).order_by("id").values_list("subject", "body"))


# The list


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
        staff.change_role(hat_of(foreign), Role.CHANNEL_LEADER, by=leader)
    with pytest.raises(NotPermitted):
        staff.end_service(hat_of(foreign), "end_service", {}, by=leader, note="x")
    assert (hat_of(foreign).role, hat_of(foreign).state) == ("CHANNEL_HANDLER", "CONFIRMED")


# Inviting


def invite(by: User, **typed):
    data = {"name": "柳青", "mobile": "13100009999", "email": "", "role": "CHANNEL_HANDLER"} | typed
    return signed_in(by).post(PEOPLE, data, follow=True)


def link_on(page) -> str:
    return re.findall(r'value="http://testserver(/invitations/[^"]+)"', text_of(page))[0]


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


# Roles


def set_role(by: User, of: User, role: str):
    return signed_in(by).post(reverse("staff-role", args=[hat_of(of).pk]), {"role": role}, follow=True)


def test_a_handler_becomes_leader_and_is_told(leader, officer):
    assert said(set_role(leader, officer, "CHANNEL_LEADER")) == ["于晓岚现在是负责人，立即生效，已告知本人。"]
    hat = hat_of(officer)
    assert hat.role == Role.CHANNEL_LEADER
    note = "区市主管部门（协会）经办人改为区市主管部门（协会）负责人"
    assert [(one.action, one.actor, one.note) for one in events.about(hat)] == [("change_role", leader, note)]
    assert told(officer)[0][0] == "您在荣成市工业和信息化局的角色改为区市主管部门（协会）负责人"
    set_role(leader, officer, "CHANNEL_LEADER")
    assert events.about(hat).count() == 1
    Membership.objects.filter(pk=hat.pk).update(created_at=factories.JUNE - timedelta(days=900))
    rows = dict(signed_in(officer).get(PEOPLE).context["rows"])
    assert {one.role_since for one in rows if one.user == officer} == {factories.JUNE}


@pytest.mark.parametrize("role", ["", "x", "MUNICIPAL_LEADER", "ADMINISTRATOR", "ENTERPRISE"])
def test_a_role_that_the_agency_does_not_have_is_refused(leader, officer, role):
    assert said(set_role(leader, officer, role)) == ["请选择经办人或负责人。"]
    assert hat_of(officer).role == Role.CHANNEL_HANDLER


LAST = (
    "毕文舟是荣成市工业和信息化局唯一的负责人，离开后就没有人可以签发文件、管理本单位人员。"
    "请先邀请或指定另一位负责人，再办理。"
)


def test_the_last_leader_neither_leaves_nor_becomes_handler(leader, officer):
    assert said(set_role(leader, leader, "CHANNEL_HANDLER")) == [LAST]
    assert LAST in text_of(end(leader, leader))
    assert (hat_of(leader).role, hat_of(leader).state) == ("CHANNEL_LEADER", "CONFIRMED")
    set_role(leader, officer, "CHANNEL_LEADER")
    assert said(end(leader, leader))[-1] == "毕文舟的任职已结束。"
    assert hat_of(leader).state == "WITHDRAWN"


# The end of a service


def test_everything_in_hand_goes_where_the_leader_says(leader, officer, colleague):
    first, second, third = (a_case(officer) for _ in range(3))
    draft = a_letter(officer, make_application(state=State.VETTED, officer=officer))
    passed = draft.entries.get().application
    page = end(leader, officer, everything=str(colleague.pk), **{f"case-{second.pk}": "queue"})
    assert said(page) == ["于晓岚的任职已结束。5 项手上的事项已移交。"]
    held = dict(Application.objects.values_list("pk", "officer__name"))
    assert held == {first.pk: "冷思远", second.pk: None, third.pk: "冷思远", passed.pk: "冷思远"}
    assert Recommendation.objects.get(pk=draft.pk).prepared_by == colleague
    assert [one.note for one in events.about(draft)] == ["于晓岚转交冷思远"]
    assert [(one.action_label, one.note) for one in events.about(second)] == [("放回待分工", "")]
    hat = hat_of(officer)
    assert (hat.state, hat.is_active) == ("WITHDRAWN", False)
    assert [(one.action, one.actor, one.note) for one in events.about(hat)] == [
        ("end_service", leader, "调离本单位")
    ]
    ((subject, body),) = told(colleague)
    assert subject == "于晓岚手上的 4 项转交您办理"
    assert body.count("\n· ") == 4
    assert f"· 经办的申报：{first.enterprise}（待审核）" in body
    assert told(officer)[0][0] == "您在荣成市工业和信息化局的任职已结束"


def test_the_page_says_what_is_in_hand_and_asks_until_everything_has_a_receiver(leader, officer, colleague):
    case = a_case(officer)
    CorrectionItem.objects.flag(
        case.current_version, "FIGURES", label="年度指标", reason="请附审计报告验证码。", seen="", by=officer
    )
    draft = a_letter(officer, make_application(state=State.VETTED), handed_back_at=factories.JUNE)
    shown = text_of(signed_in(leader).get(reverse("staff-end", args=[hat_of(officer).pk])))
    assert "待审核，已列退回 1 项尚未发出" in shown
    assert "退回拟稿，待修改，接手的人即为拟稿人，不能再签发" in shown
    page = end(leader, officer)
    assert page.status_code == 422
    assert "请选择全部交给谁，或者为每一项各选一位。" in text_of(page)
    assert "调离本单位" in text_of(page)
    page = end(leader, officer, everything="queue")
    assert "荣工信函〔2026〕9号交给：推荐函拟稿不能放回，请选择接手的同事。" in text_of(page)
    page = end(leader, officer, **{f"letter-{draft.pk}": str(colleague.pk)})
    assert f"{case.enterprise}交给：请选择交给谁。" in text_of(page)
    page = end(leader, officer, reason="")
    assert "有 2 处需要更正" in text_of(page)
    page = end(leader, officer, everything=str(colleague.pk), reason="  ")
    assert (page.status_code, "请写明结束任职的原因，原因会告知本人并记录。" in text_of(page)) == (422, True)
    assert hat_of(officer).state == "CONFIRMED"
    assert Recommendation.objects.get(pk=draft.pk).prepared_by == officer
    assert not Event.objects.exclude(outcome="REFUSED").exists()


@pytest.mark.parametrize("who_takes", ["who leaves", "who left", "an outsider", "nobody there is"])
def test_nothing_is_handed_to_somebody_who_is_not_there(leader, officer, colleague, who_takes):
    case = a_case(officer)
    Membership.objects.filter(user=colleague).update(is_active=False)
    outsider = make_officer(Role.CHANNEL_HANDLER, make_association())
    to = {"who leaves": officer, "who left": colleague, "an outsider": outsider}.get(who_takes)
    page = end(leader, officer, everything=str(to.pk) if to else "x")
    assert (page.status_code, "所选的人已不在本单位任职，请另选一位。" in text_of(page)) == (422, True)
    if to:
        with pytest.raises(NotPossible, match="已不在荣成市工业和信息化局任职，不能接手"):
            staff.end_service(hat_of(officer), "end_service", {f"case-{case.pk}": to}, by=leader, note="调离")
    assert hat_of(officer).state == "CONFIRMED"
    assert Application.objects.get().officer == officer


def test_what_was_taken_up_meanwhile_is_shown_before_anything_is_done(leader, officer, colleague):
    a_case(officer)
    client, url = signed_in(leader), reverse("staff-end", args=[hat_of(officer).pk])
    seen = client.get(url).context["form"].initial["seen"]
    new = a_case(officer)
    page = client.post(url, {"seen": seen, "everything": str(colleague.pk), "reason": "调离"})
    assert page.status_code == 422
    assert f"您打开这一页之后，于晓岚又接手了{new.enterprise}，没有办理。" in text_of(page)
    assert hat_of(officer).state == "CONFIRMED"
    shown = re.findall(r'name="seen" value="([^"]*)"', text_of(page))[0]
    page = client.post(url, {"seen": shown, "everything": str(colleague.pk), "reason": "调离"}, follow=True)
    assert said(page) == ["于晓岚的任职已结束。2 项手上的事项已移交。"]


def test_who_left_reads_no_more_what_the_office_was_told(leader, officer):
    with clock.stopped_at(factories.JUNE - timedelta(days=1)):
        notify.enqueue([notify.Message([officer], "case-1", "荣成试验公司已提交", "请审核。", "/vetting/1/")])
    end(leader, officer)
    client = signed_in(officer)
    page = client.get("/inbox/")
    assert [one.subject for one in page.context["page"]] == ["您在荣成市工业和信息化局的任职已结束"]
    assert page.context["frame"].unread == 1
    old = Notification.objects.get(key="case-1")
    assert client.post(reverse("inbox-open", args=[old.pk])).status_code == 404
    assert told(officer)[0] == ("荣成试验公司已提交", "请审核。")


def test_a_second_click_does_nothing_more(leader, officer, colleague):
    case = a_case(officer)
    end(leader, officer, everything=str(colleague.pk))
    page = signed_in(leader).post(
        reverse("staff-end", args=[hat_of(officer).pk]),
        {"everything": str(leader.pk), "reason": "x"},
        follow=True,
    )
    assert said(page) == ["于晓岚的授权先前已收回，没有重复办理。"]
    assert Application.objects.get(pk=case.pk).officer == colleague
    assert events.about(hat_of(officer)).count() == 1


def test_who_keeps_another_role_in_the_agency_keeps_the_work(leader, officer, colleague):
    case = a_case(officer)
    Membership.objects.create(user=officer, role=Role.CHANNEL_LEADER, agency=an_agency(), state="CONFIRMED")
    assert said(end(leader, officer))[-1] == "于晓岚的任职已结束。"
    assert Application.objects.get(pk=case.pk).officer == officer
    assert signed_in(officer).get("/vetting/").status_code == 200


def test_the_administrator_hands_over_too_and_may_leave_an_agency_without_people(officer):
    administrator = make_officer(Role.ADMINISTRATOR)
    case, letter = a_case(officer), a_letter(officer, make_application(state=State.VETTED))
    client, url = signed_in(administrator), reverse("authority-withdraw", args=[hat_of(officer).pk])
    seen = client.get(url).context["form"].initial["seen"]
    page = client.post(url, {"seen": seen, "everything": "queue", "reason": "来函"}, follow=True)
    assert said(page) == ["已收回于晓岚的授权，并已告知本人。2 项手上的事项已移交。"]
    assert Application.objects.get(pk=case.pk).officer is None
    assert Recommendation.objects.get(pk=letter.pk).prepared_by == officer
    newcomer = signed_in(make_officer(Role.CHANNEL_HANDLER))
    assert newcomer.get(reverse("recommendation-edit", args=[letter.pk])).status_code == 200


def test_the_bureaus_drafts_of_notices_go_to_a_colleague_too(db):
    world = who.make_world()
    leader, drafter = world.people["municipal leader"], world.people["municipal leader who drafted"]
    notice = who.a_notice(world)
    handler = world.people["municipal handler"]
    page = end(leader, drafter, everything="queue")
    assert "所选的人已不在本单位任职，请另选一位。" in text_of(page)
    end(leader, drafter, everything=str(handler.pk))
    assert PublicNotice.objects.get(pk=notice.pk).drafted_by == handler
    assert [one.action_label for one in events.about(notice)] == ["转交拟稿"]
    assert hat_of(drafter).state == "WITHDRAWN"


# At the same moment


def at_june(act):
    return meanwhile(act, at=factories.JUNE)


@pytest.mark.django_db(transaction=True)
def test_two_leaders_who_end_each_other_at_the_same_moment_do_not_leave_nobody():
    one, other = (make_officer(Role.CHANNEL_LEADER) for _ in range(2))
    hats = {user: hat_of(user) for user in (one, other)}
    other.hats()
    with at_june(lambda: staff.end_service(hats[one], "end_service", {}, by=other, note="调离")) as second:
        staff.end_service(hats[other], "end_service", {}, by=one, note="调离")
        second.begins()
    assert isinstance(second.refusal, NotPermitted)
    assert (hat_of(one).state, hat_of(other).state) == ("CONFIRMED", "WITHDRAWN")


@pytest.mark.django_db(transaction=True)
def test_a_case_handed_over_at_the_moment_of_leaving_stays_with_somebody_who_is_there():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER)
    case = make_application(state=State.SUBMITTED)
    with at_june(lambda: casework.hand_over(case, leaver, by=leader)) as other:
        staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
        other.begins()
    assert other.refusal.reasons == [f"{leaver}不是荣成市工业和信息化局现有的经办人或负责人，请另选一位。"]
    assert Application.objects.get().officer is None


@pytest.mark.django_db(transaction=True)
def test_a_case_taken_at_the_moment_of_leaving_is_found_by_who_ends_the_service():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    case = make_application(state=State.SUBMITTED)
    with at_june(
        lambda: staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
    ) as other:
        casework.take(case, by=leaver)
        other.begins()
    assert other.refusal.reasons == [
        f"于晓岚刚又接手了“{case.enterprise}”，没有办理。请核对下面的清单后再办。"
    ]
    assert hat_of(leaver).state == "CONFIRMED"


# An old page of somebody who has left


@pytest.mark.parametrize("autosave", [True, False])
def test_a_reviewer_who_left_changes_nothing_and_loses_nothing_typed(leader, officer, colleague, autosave):
    case = make_application(state=State.SUBMITTED)
    client = signed_in(officer)
    client.get(reverse("vetting", args=[case.pk]))
    end(leader, officer)
    told = (
        "您在荣成市工业和信息化局的任职或授权已于2026年6月12日（周五）09:00结束，"
        "这次操作没有办理，什么也没有改动。"
    )
    typed = "审计报告验证码与原件一致"
    headers = {"x-autosave": "1"} if autosave else {}
    for name, data in (
        ("vetting-save", opinion_of(case) | {"authenticity_note": typed}),
        ("vetting-flag", {"item": "FIGURES", "reason": typed, "seen": ""}),
        ("vetting-note", {"text": typed}),
        ("vetting-officer", {"officer": "take"}),
        ("vetting-return", {"due": "2026-06-20T17:00"}),
        ("vetting-refuse", {"clause": "12.1", "reason": typed}),
        ("vetting-pass", opinion_of(case)),
        ("recommendation-create", {"letter_number": typed}),
    ):
        url = reverse(name) if name == "recommendation-create" else reverse(name, args=[case.pk])
        answer = client.post(url, data, headers=headers)
        assert (answer.status_code, told in text_of(answer)) == (409 if autosave else 403, True), name
        if not autosave and typed in data.values():
            assert typed in text_of(answer)
    now = Application.objects.get(pk=case.pk)
    assert (now.state, now.officer) == (State.SUBMITTED, None)
    for model in (VettingOpinion, CorrectionItem, CaseNote):
        assert not model.objects.exists()
    assert not Recommendation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_that_was_on_its_way_when_the_service_ended_is_refused_in_words():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER)
    case = make_application(state=State.SUBMITTED)
    client, url = signed_in(leaver), reverse("vetting-save", args=[case.pk])
    answers = []
    with at_june(lambda: answers.append(client.post(url, opinion_of(case)))) as saving:
        staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
        saving.begins()
    assert answers[0].status_code == 403
    assert "您在荣成市工业和信息化局的任职刚刚结束，没有保存。" in text_of(answers[0])
    assert not VettingOpinion.objects.exists()
    assert Application.objects.get().officer is None
