"""Who confirms accounts, who makes and withdraws them."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from accounts.roles import Role
from core import events
from core.models import Notification
from core.workflow import perform
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(db) -> Membership:
    return factories.make_member(
        factories.make_enterprise(), confirmed=False, name="林晓雯"
    ).memberships.get()


def test_the_district_confirms_who_acts_for_an_enterprise(client, pending):
    officer = factories.make_officer(Role.CHANNEL_HANDLER)
    client.force_login(officer)
    client.post(f"/accounts/memberships/{pending.pk}/decide/", {"action": "confirm"})

    assert Membership.objects.get(pk=pending.pk).state == "CONFIRMED"
    assert [(one.action, one.actor) for one in events.about(pending)] == [("confirm", officer)]
    assert Notification.objects.get().recipient == pending.user


def test_refusing_needs_a_reason_that_the_person_is_told(client, pending):
    client.force_login(factories.make_officer(Role.CHANNEL_HANDLER))
    page = client.post(f"/accounts/memberships/{pending.pk}/decide/", {"action": "refuse"}, follow=True)
    assert "不予确认须写明原因，原因会告知本人。" in page.content.decode()
    client.post(
        f"/accounts/memberships/{pending.pk}/decide/", {"action": "refuse", "note": "不是该企业职工。"}
    )

    membership = Membership.objects.get(pk=pending.pk)
    assert (membership.state, membership.is_active) == ("REFUSED", False)
    assert "不是该企业职工。" in Notification.objects.get().body


def test_another_district_does_not_know_the_account(client, pending):
    client.force_login(factories.make_officer(Role.CHANNEL_HANDLER, factories.an_agency("371003")))
    assert (
        client.post(f"/accounts/memberships/{pending.pk}/decide/", {"action": "confirm"}).status_code == 404
    )
    assert "林晓雯" not in client.get("/district/accounts/").content.decode()


def test_who_waits_stands_above_those_who_were_answered(client):
    enterprise = factories.make_enterprise()
    confirmed = factories.make_member(enterprise).memberships.get()
    refused = factories.make_member(factories.make_enterprise(), confirmed=False).memberships.get()
    officer = factories.make_officer(Role.CHANNEL_HANDLER)
    perform(refused, "refuse", by=officer, note="不是该企业职工。")
    waiting = factories.make_member(factories.make_enterprise(), confirmed=False).memberships.get()

    client.force_login(officer)
    page = client.get("/district/accounts/?tab=all").context["page"]
    assert [one.pk for one in page] == [waiting.pk, confirmed.pk, refused.pk]


def officer_fields(**changes) -> dict:
    fields = {
        "name": "于晓岚",
        "login": "yu",
        "mobile": "13100001111",
        "email": "",
        "role": Role.CHANNEL_HANDLER,
        "agency": factories.an_agency().pk,
        "unit": "",
        "title": "",
    }
    return fields | changes


def test_the_administrator_makes_an_account_and_hands_over_a_link(client):
    client.force_login(factories.make_officer(Role.ADMINISTRATOR))
    page = client.post("/administration/", officer_fields(), follow=True).content.decode()

    user = User.objects.get(login="yu")
    assert not user.has_usable_password()
    assert user.memberships.get().agency == factories.an_agency()
    assert "/accounts/password/" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agency": ""}, "请选择所在的部门或协会。"),
        ({"role": "MUNICIPAL_LEADER"}, "市局负责人不能设在荣成市工业和信息化局。"),
        ({"role": "EXPERT"}, "请填写专家的工作单位和职称。"),
    ],
)
def test_a_role_that_does_not_fit_is_refused_with_a_sentence(client, changes, sentence):
    client.force_login(factories.make_officer(Role.ADMINISTRATOR))
    assert sentence in client.post("/administration/", officer_fields(**changes)).content.decode()
    assert not User.objects.filter(login="yu").exists()


def test_an_officers_authority_is_withdrawn_with_a_reason_and_ends_at_once(client):
    officer = factories.make_officer(Role.CHANNEL_HANDLER)
    client.force_login(officer)
    assert client.get("/district/accounts/").status_code == 200
    membership = officer.memberships.get()

    administrator = Client()
    administrator.force_login(factories.make_officer(Role.ADMINISTRATOR))
    address = f"/accounts/memberships/{membership.pk}/withdraw/"
    assert "收回授权后会发生什么" in administrator.get(address).content.decode()
    assert "请写明收回的原因" in administrator.post(address, {"reason": " "}).content.decode()
    administrator.post(address, {"reason": "已调离。"})

    assert client.get("/district/accounts/").status_code == 403
    assert [(one.action, one.note) for one in events.about(membership)] == [("withdraw", "已调离。")]
    assert "原因：已调离。" in Notification.objects.get(recipient=officer).body


def test_the_administrator_finds_a_person_and_gets_the_password_link_once_to_copy() -> None:
    administrator = factories.make_officer(Role.ADMINISTRATOR)
    wanted = factories.make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")
    client = Client()
    client.force_login(administrator, backend="accounts.backends.PortalBackend")
    found = client.get(reverse("administration"), {"q": "晓岚"}).context["page"]
    assert [one.user for one in found] == [wanted]
    page = client.post(reverse("password-link", args=[wanted.pk]), follow=True)
    assert page.context["handed"]["who"] == "于晓岚"
    assert client.get(page.context["handed"]["url"], follow=True).status_code == 200
    assert client.get(reverse("administration")).context["handed"] is None
