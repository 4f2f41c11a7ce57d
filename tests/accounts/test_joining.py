"""Registering an enterprise, asking to join one that is registered, inviting colleagues; bad input is named and kept."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts import joining
from accounts.models import Enterprise, Invitation, Membership, User
from accounts.roles import Role
from core import clock, events, tasks
from core.models import Event, Notification
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "calm-sea-by-weihai"
CODE = "91371082MA3U00017U"

PERSON = {
    "name": "林晓雯",
    "mobile": "131 0000 2046",
    "email": "lin@example.com",
    "login": "Lin",
    "password": PASSWORD,
    "password_again": PASSWORD,
}
FACTS = {
    "credit_code": "91371082ma3u 00017U",
    "enterprise_name": "威海澜港冷链装备有限公司",
    "legal_form": "LIMITED_LIABILITY",
    "founded_on": "2020-05-18",
    "industry": "3464 制冷、空调设备制造",
}


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(factories.JUNE):
        yield


def registration(**changes) -> dict:
    return FACTS | PERSON | {"district": factories.an_agency().pk} | changes


def text_of(response) -> str:
    return response.content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    return client


def told(user: User) -> list[str]:
    return list(Notification.objects.of(user).values_list("subject", flat=True))


# Registering


def test_registering_makes_the_enterprise_and_an_account_that_its_district_confirms(client):
    officer = factories.make_officer(Role.CHANNEL_HANDLER)
    response = client.post("/accounts/register/", registration(), follow=True)

    enterprise, membership = Enterprise.objects.get(), Membership.objects.get(role=Role.ENTERPRISE)
    assert (enterprise.credit_code, enterprise.industry_id, enterprise.contact_mobile) == (
        CODE, "3464", "13100002046",
    )  # fmt: skip
    assert (membership.user.login, membership.state, membership.is_registrant) == ("lin", "PENDING", True)
    assert "登记成功。荣成市工业和信息化局将确认您的账号；确认前可以先填写申报书，确认后才能提交。" in (
        text_of(response)
    )
    assert [one.action for one in events.about(enterprise)] == ["register"]
    assert told(officer) == ["林晓雯申请代表威海澜港冷链装备有限公司办理"]


def test_a_name_is_one_line_whatever_is_posted(client):
    names = {"enterprise_name": "威海澜港\r\n冷链装备有限公司", "name": "林\n晓雯"}
    client.post("/accounts/register/", registration(**names))
    assert [one.name for one in Enterprise.objects.all()] == ["威海澜港 冷链装备有限公司"]
    assert [one.name for one in User.objects.all()] == ["林 晓雯"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_registers_once_and_the_second_answer_is_a_sentence():
    fields, start, pages = registration(), threading.Barrier(2), []

    def register() -> None:
        start.wait()
        try:
            response = Client(raise_request_exception=False).post("/accounts/register/", fields)
            pages.append((response.status_code, text_of(response)))
        finally:
            connection.close()

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in pages) == [200, 302]
    assert f"{CODE} 已登记为{FACTS['enterprise_name']}，不能重复登记。" in dict(pages)[200]
    assert Enterprise.objects.count() == User.objects.filter(login="lin").count() == 1


def test_an_association_confirms_for_those_who_chose_it_and_the_district_still_may(client):
    association = factories.make_association()
    asked = factories.make_officer(Role.CHANNEL_HANDLER, association)
    other = factories.make_officer(Role.CHANNEL_HANDLER, factories.make_association("威海市家纺协会（虚构）"))
    page = text_of(client.post("/accounts/register/", registration(association=association.pk), follow=True))
    membership = Membership.objects.get(role=Role.ENTERPRISE)
    assert f"登记成功。{association}将确认您的账号" in page
    assert (len(told(asked)), told(other)) == (1, [])
    assert signed_in(other).post(decide(membership), {"action": "confirm"}).status_code == 404
    signed_in(asked).post(decide(membership), {"action": "confirm"})
    assert Membership.objects.get(pk=membership.pk).state == "CONFIRMED"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"credit_code": "91371082MA3T000171"}, "统一社会信用代码校验码（最后一位“1”）与前17位不符"),
        ({"credit_code": "92371082MA3T000176"}, "没有独立法人资格，不符合第十二条第1项"),
        ({"credit_code": "91371082"}, "应为18位，现为8位"),
        ({"founded_on": "2199-01-01"}, "成立日期在今天之后，请按营业执照填写。"),
        ({"industry": "卫星发射"}, "没有名称含“卫星发射”的制造业小类。"),
        ({"industry": "0111"}, "不在 GB/T 4754—2017 制造业（门类 C）之内。"),
        ({"industry": "水产"}, "符合“水产”的小类不止一个：1361 水产品冷冻加工、"),
        ({"mobile": "12345"}, "手机"),
        ({"password_again": "something-else"}, "两次输入的密码不一样，请重新输入。"),
        ({"password": "short1", "password_again": "short1"}, "密码太短，至少需要 10 个字符。"),
        ({"login": "有 空格"}, "登录名只能用字母、数字、下划线或短横线。"),
    ],
)
def test_bad_input_is_named_and_what_was_typed_stays(client, changes, sentence):
    page = text_of(client.post("/accounts/register/", registration(**changes)))
    assert sentence in page
    assert 'value="威海澜港冷链装备有限公司"' in page
    assert not User.objects.exists()
    assert not Enterprise.objects.exists()


@pytest.mark.parametrize("typed", ["3464", "C3464", "３４６４", "制冷、空调设备制造", "制冷 空调设备"])
def test_an_industry_is_found_by_code_or_name(client, typed):
    client.post("/accounts/register/", registration(industry=typed))
    assert Enterprise.objects.get().industry_id == "3464"


def test_industries_are_looked_up_while_one_types(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = text_of(client.get("/accounts/industries/", {"industry": "制冷 空调"}))
    assert re.findall(r'data-text="([^"]+)"', page) == ["3464 制冷、空调设备制造"]
    page = text_of(client.get("/accounts/industries/", {"industry": "设备"}))
    assert "先列 8 个，多输几个字可以缩小范围。" in page
    page = text_of(client.get("/accounts/industries/", {"industry": "244"}))
    assert re.findall(r'data-text="([^" ]+)', page) == ["2441", "2442", "2443", "2444", "2449"]
    page = text_of(client.get("/accounts/industries/", {"industry": "钓具"}))
    assert re.findall(r'data-text="([^"]+)"', page) == ["2449 其他体育用品制造"]
    page = text_of(client.get("/accounts/industries/", {"industry": "<script>"}))
    assert "没有名称或代码含“&lt;script&gt;”的制造业小类" in page


def test_one_person_registers_a_second_enterprise_with_the_same_account(client):
    member = factories.make_member(factories.make_enterprise())
    client = signed_in(member)
    assert "经办人为您本人" in text_of(client.get("/accounts/register/"))
    client.post("/accounts/register/", FACTS | {"district": factories.an_agency().pk})
    assert Membership.objects.get(enterprise__credit_code=CODE).user == member
    assert User.objects.count() == 1


def test_an_officer_acts_for_no_enterprise(client):
    client = signed_in(factories.make_officer(Role.CHANNEL_HANDLER))
    page = text_of(client.post("/accounts/register/", FACTS | {"district": factories.an_agency().pk}))
    assert "不能代表企业办理" in page
    enterprise = factories.make_enterprise(credit_code=CODE)
    assert "不能代表企业办理" in text_of(client.post("/accounts/join/", {"credit_code": CODE}))
    assert not enterprise.memberships.exists()


def test_until_somebody_is_confirmed_who_registered_may_fill_in_and_afterwards_not(client):
    enterprise = factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise, confirmed=False))
    assert client.get("/enterprise/").status_code == 200
    factories.make_member(enterprise)
    assert client.get("/enterprise/").status_code == 404


# Asking to join


def decide(membership: Membership) -> str:
    return f"/accounts/memberships/{membership.pk}/decide/"


def test_a_code_that_is_registered_leads_to_asking_its_people(client):
    enterprise = factories.make_enterprise(
        credit_code=CODE, name="荣成先到装备有限公司", address="秘密路 1 号"
    )
    factories.make_member(enterprise, name="先到经办人")
    page = text_of(client.post("/accounts/register/", registration()))
    assert f"{CODE} 已登记为荣成先到装备有限公司，不能重复登记。" in page
    assert "申请加入荣成先到装备有限公司</button>" in page
    for secret in ("秘密路", "先到经办人", "210"):
        assert secret not in page.replace("13100002100", "")
    assert Enterprise.objects.count() == 1
    assert not User.objects.filter(login="lin").exists()


def test_who_asks_sees_nothing_but_whom_they_wait_for(client):
    enterprise = factories.make_enterprise(credit_code=CODE, name="荣成先到装备有限公司")
    colleague = factories.make_member(enterprise, name="先到经办人")
    application = factories.make_application(enterprise=enterprise, member=colleague)
    page = text_of(client.post("/accounts/join/", registration(), follow=True))
    membership = Membership.objects.get(user__login="lin")
    assert (membership.state, membership.is_registrant) == ("PENDING", False)
    assert "在等<b>该企业已确认的经办人</b>确认" in page
    assert "先到经办人" not in page
    assert client.get("/home/").url == "/accounts/enterprises/"
    for url in (
        "/enterprise/", "/enterprise/profile/", "/enterprise/profile/people/", f"/applications/{application.pk}/",
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    assert told(colleague) == ["林晓雯申请代表荣成先到装备有限公司办理"]


def test_a_colleague_confirms_and_the_district_leaves_it_to_the_enterprise():
    enterprise = factories.make_enterprise()
    colleague, applicant = factories.make_member(enterprise), factories.make_applicant(enterprise)
    membership = applicant.memberships.get()
    officer = signed_in(factories.make_officer(Role.CHANNEL_HANDLER))
    assert applicant.name not in text_of(officer.get("/district/accounts/"))
    assert "由该企业已确认的经办人确认" in text_of(officer.get("/district/accounts/?tab=all"))
    assert officer.post(decide(membership), {"action": "confirm"}).status_code == 403
    signed_in(colleague).post(decide(membership), {"action": "confirm"})
    assert Membership.objects.get(pk=membership.pk).state == "CONFIRMED"
    assert told(applicant) == [f"您已可以代表{enterprise}办理"]
    assert signed_in(applicant).get("/enterprise/").status_code == 200


def test_a_colleague_refuses_with_a_reason_and_one_may_ask_again():
    enterprise = factories.make_enterprise()
    colleague, applicant = factories.make_member(enterprise), factories.make_applicant(enterprise)
    membership = applicant.memberships.get()
    client = signed_in(colleague)
    assert "不予确认须写明原因" in text_of(client.post(decide(membership), {"action": "refuse"}, follow=True))
    client.post(decide(membership), {"action": "refuse", "note": "不是本企业职工"})
    asking = signed_in(applicant)
    assert "原因：不是本企业职工" in text_of(asking.get("/accounts/enterprises/"))
    asking.post("/accounts/join/", {"credit_code": enterprise.credit_code})
    asking.post("/accounts/join/", {"credit_code": enterprise.credit_code})
    assert sorted(applicant.memberships.values_list("state", flat=True)) == ["PENDING", "REFUSED"]


def test_nobody_confirms_oneself_or_an_enterprise_of_others():
    enterprise = factories.make_enterprise()
    factories.make_member(enterprise)
    applicant = factories.make_applicant(enterprise)
    factories.add_member(factories.make_enterprise(), applicant)
    membership = applicant.memberships.get(enterprise=enterprise)
    assert signed_in(applicant).post(decide(membership), {"action": "confirm"}).status_code == 404
    stranger = signed_in(factories.make_member(factories.make_enterprise()))
    assert stranger.post(decide(membership), {"action": "confirm"}).status_code == 404
    assert Membership.objects.get(pk=membership.pk).state == "PENDING"


def test_an_unknown_code_cannot_be_joined(client):
    assert client.get("/accounts/join/?credit_code=91371082MA3T00041X").url == "/accounts/register/"


def test_a_request_is_taken_back():
    enterprise = factories.make_enterprise()
    factories.make_member(enterprise)
    applicant = factories.make_applicant(enterprise)
    membership = applicant.memberships.get()
    client = signed_in(applicant)
    client.post(f"/accounts/memberships/{membership.pk}/withdraw/")
    assert Membership.objects.get(pk=membership.pk).state == "WITHDRAWN"


# Inviting


INVITED = {"name": "宋青禾", "mobile": "13100009999", "email": ""}


@pytest.fixture
def enterprise():
    return factories.make_enterprise(name="荣成鲸湾冷链装备有限公司")


@pytest.fixture
def member(enterprise):
    return factories.make_member(enterprise, name="林晓雯", mobile="13100002046", email="lin@example.com")


def invite(member: User, **changes):
    return signed_in(member).post("/enterprise/profile/people/", INVITED | changes, follow=True)


def link_in(page: str) -> str:
    return re.findall(r'value="http://testserver(/invitations/[^"]+)"', page)[0]


def test_an_invited_person_without_an_account_makes_one_and_acts_at_once(client, enterprise, member):
    link = link_in(text_of(invite(member)))
    page = text_of(client.get(link))
    assert "林晓雯邀请您代表荣成鲸湾冷链装备有限公司办理" in page
    assert 'value="13100009999"' in page
    response = client.post(link, PERSON | {"name": "另一个名字", "login": "song", "mobile": "13100009999"})
    assert response.url == "/home/"
    membership = Membership.objects.get(user__login="song")
    assert (membership.user.name, membership.state) == ("宋青禾", "CONFIRMED")
    assert client.get("/enterprise/").status_code == 200
    assert [(one.action, one.actor.name) for one in events.about(Invitation.objects.get())] == [
        ("invite", "林晓雯")
    ]
    assert [(one.action, one.actor.name) for one in events.about(membership)] == [
        ("accept_invitation", "宋青禾")
    ]
    assert told(member) == ["宋青禾：接受邀请"]


def test_somebody_with_an_account_accepts_with_it_and_twice_changes_nothing(enterprise, member):
    invited = factories.make_member(factories.make_enterprise(), name="宋青禾")
    link = link_in(text_of(invite(member)))
    client = signed_in(invited)
    client.post(link)
    page = text_of(client.post(link, follow=True))
    assert "您已接受这份邀请，没有重复办理。" in page
    assert sorted(invited.memberships.values_list("state", flat=True)) == ["CONFIRMED", "CONFIRMED"]
    assert Event.objects.filter(action="accept_invitation", outcome="DONE").count() == 1


def test_who_had_asked_to_join_is_confirmed_by_the_invitation(enterprise, member):
    applicant = factories.make_applicant(enterprise, name="宋青禾")
    signed_in(applicant).post(link_in(text_of(invite(member))))
    assert applicant.memberships.get().state == "CONFIRMED"


def test_the_link_is_mailed_when_an_address_is_given_and_a_failure_is_shown(enterprise, member, settings):
    page = text_of(invite(member, email="song@example.com"))
    assert "并已发到 song@example.com。" in page
    tasks.deliver_pending_notifications()
    (letter,) = mail.outbox
    assert letter.to == ["song@example.com"]
    assert f"{settings.SITE_URL}{link_in(page)}" in letter.body
    assert "邮件未送达" not in page
    Notification.objects.filter(recipient=None).update(mail_status="FAILED")
    assert "邮件未送达" in text_of(signed_in(member).get("/enterprise/profile/people/"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mobile": "131 0000 2046"}, "这是您自己的手机号或邮箱。"),
        ({"email": "LIN@example.com"}, "这是您自己的手机号或邮箱。"),
        ({"mobile": "13100003333"}, "丛海宁已是本企业的经办人，不需要邀请。"),
        ({"mobile": ""}, "手机和邮箱至少填写一项"),
        ({"mobile": "12345"}, "手机号码应为11位数字"),
        ({"name": ""}, "姓名"),
        ({"email": "song"}, "邮箱"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_with_a_sentence(enterprise, member, changes, sentence):
    factories.make_member(enterprise, name="丛海宁", mobile="13100003333")
    assert sentence in text_of(invite(member, **changes))
    assert not Invitation.objects.exists()


def test_a_double_click_makes_one_invitation(member):
    invite(member)
    assert "已邀请过宋青禾" in text_of(invite(member))
    assert Invitation.objects.count() == 1


def test_who_is_not_confirmed_invites_nobody(enterprise):
    waiting = factories.make_member(enterprise, confirmed=False)
    page = text_of(signed_in(waiting).get("/enterprise/profile/people/"))
    assert "荣成市工业和信息化局确认您的账号后，才能邀请同事" in page
    assert invite(waiting).status_code == 403
    assert not Invitation.objects.exists()


OVER = {
    "expired": "这份邀请的有效期为 7 天，已于2026年6月19日（周五）09:00过期。",
    "used": "这份邀请已经用过，每份邀请只能用一次。",
    "revoked": "这份邀请已由对方撤销。",
    "inviter gone": "邀请人已不再代表该企业办理，这份邀请随之失效。",
}


@pytest.mark.parametrize("why", OVER)
def test_a_link_that_serves_no_more_says_why_and_nothing_else(client, enterprise, member, why):
    link = link_in(text_of(invite(member)))
    at = factories.JUNE
    if why == "expired":
        at += timedelta(days=7)
    elif why == "used":
        signed_in(factories.make_user(name="宋青禾")).post(link)
    elif why == "revoked":
        signed_in(member).post(f"/accounts/invitations/{Invitation.objects.get().pk}/revoke/")
    else:
        factories.make_member(enterprise)
        Membership.objects.filter(user=member).update(is_active=False)
    before = User.objects.count()
    with clock.stopped_at(at):
        for response in (client.get(link), client.post(link, PERSON | {"login": "late"})):
            assert response.status_code == 410
            assert OVER[why] in text_of(response)
            assert "鲸湾" not in text_of(response)
    assert User.objects.count() == before


def test_a_forged_link_is_no_page(client, member):
    link = link_in(text_of(invite(member)))
    forged = re.sub(r"/(\d+)\.", lambda found: f"/{int(found[1]) + 1}.", link)
    assert client.get(forged).status_code == 404
    assert client.get("/invitations/1/").status_code == 404


def test_a_link_serves_the_invited_person_only(client, enterprise, member):
    link = link_in(text_of(invite(member)))
    other = signed_in(factories.make_user(name="别人"))
    assert "这份邀请发给“宋青禾”，您登录的账号是“别人”。" in text_of(other.get(link))
    assert "这份邀请发给“宋青禾”" in text_of(other.post(link, follow=True))
    assert "您登录的账号是“林晓雯”" in text_of(signed_in(member).post(link, follow=True))
    officer = factories.make_officer(Role.CHANNEL_HANDLER, name="宋青禾")
    assert "不能代表企业办理" in text_of(signed_in(officer).post(link, follow=True))
    assert enterprise.memberships.confirmed().count() == 1


def test_an_invitation_of_another_enterprise_cannot_be_revoked(member):
    invite(member)
    stranger = signed_in(factories.make_member(factories.make_enterprise()))
    pk = Invitation.objects.get().pk
    assert stranger.post(f"/accounts/invitations/{pk}/revoke/").status_code == 404
    assert joining.why_not_usable(Invitation.objects.get(), at=clock.now()) == ""


def test_revoking_is_recorded_once(member):
    invite(member)
    found, client = Invitation.objects.get(), signed_in(member)
    client.post(f"/accounts/invitations/{found.pk}/revoke/")
    page = text_of(client.post(f"/accounts/invitations/{found.pk}/revoke/", follow=True))
    assert "先前已使用或撤销，没有重复办理。" in page
    assert [one.action for one in events.about(found)] == ["invite", "revoke"]
