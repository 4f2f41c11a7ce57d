"""Signing in, setting a password."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.management import CommandError, call_command
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from lxml import html

from accounts.models import User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "calm-sea-by-weihai"


def test_five_wrong_passwords_lock_the_account_from_this_address(client):
    User.objects.create_user("lin", PASSWORD, name="林晓雯")
    for _ in range(5):
        response = client.post("/accounts/login/", {"username": "lin", "password": "wrong"})
    assert response.status_code == 429
    assert "已锁定 15 分钟" in response.content.decode()
    assert client.post("/accounts/login/", {"username": "lin", "password": PASSWORD}).status_code == 429


def test_after_signing_in_one_is_back_on_the_page_one_asked_for(client):
    User.objects.create_user("lin", PASSWORD, name="林晓雯")
    assert client.get("/inbox/?page=2").url == "/accounts/login/?next=%2Finbox%2F%3Fpage%3D2"
    response = client.post(
        "/accounts/login/?next=/inbox/?page=2",
        {"username": "LIN", "password": PASSWORD, "next": "/inbox/?page=2"},
    )
    assert response.url == "/inbox/?page=2"


def test_every_expert_of_the_demonstration_is_one_click_away(client, settings):
    expert = factories.make_expert(unit="东汀节能环保研究所（演示）", title="高级工程师")
    User.objects.filter(pk=expert.user_id).update(login="expert-02", name="谷砚秋")
    page = html.fromstring(client.get("/accounts/login/").content.decode())
    (line,) = page.xpath("//li[form/@action='/demo/login/expert-02/']")
    assert line.text_content().split() == ["东汀节能环保研究所（演示）", "高级工程师", "以谷砚秋登录"]
    assert client.post("/demo/login/expert-02/").url == "/home/"
    assert client.session["_auth_user_id"] == str(expert.user_id)
    client.logout()
    settings.DEMO_MODE = False
    assert b"expert-02" not in client.get("/accounts/login/").content
    assert client.post("/demo/login/expert-02/").status_code == 404


def test_the_one_click_accounts_exist_in_demo_mode_only(client, settings):
    factories.make_officer(Role.MUNICIPAL_HANDLER)
    User.objects.filter(name__startswith="人员").update(login="not-a-demo-account")
    assert client.post("/demo/login/not-a-demo-account/").status_code == 404
    settings.DEMO_MODE = False
    assert client.post("/demo/login/municipal/").status_code == 404


def test_a_password_link_works_once(client):
    user = factories.make_officer(Role.CHANNEL_HANDLER)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = f"/accounts/password/{uid}/{default_token_generator.make_token(user)}/"
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"new_password1": PASSWORD, "new_password2": PASSWORD})
    user = User.objects.get(pk=user.pk)
    assert user.check_password(PASSWORD)
    assert "这个链接已经用过或已过期" in client.get(link, follow=True).content.decode()


def test_the_first_administrator_has_no_default_password(monkeypatch):
    monkeypatch.delenv("ADMINISTRATOR_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="ADMINISTRATOR_PASSWORD"):
        call_command("create_administrator", "admin", "毕清和")
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", PASSWORD)
    call_command("create_administrator", "admin", "毕清和")
    assert [(one.role, str(one.agency)) for one in User.objects.get().hats()] == [
        ("ADMINISTRATOR", "威海市工业和信息化局")
    ]
