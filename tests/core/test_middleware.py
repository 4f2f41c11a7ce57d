"""Whose address a request has: behind proxies that of the caller, never what the caller claims."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from core.middleware import caller_address
from core.models import Event
from tests import factories

PROXY = "10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", PROXY),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", PROXY),
        (1, "", PROXY),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "somewhere", None),
    ],
)
def test_the_caller_is_who_called_the_outermost_trusted_proxy(settings, proxies, header, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": header})
    assert caller_address(request) == address


@pytest.mark.django_db
def test_events_and_the_lock_after_wrong_passwords_tell_callers_apart_behind_a_proxy(client, settings):
    settings.TRUSTED_PROXIES = 1
    User.objects.create_user("lin", "calm-sea-by-weihai", name="林晓雯")

    def sign_in(password: str, address: str) -> int:
        fields = {"username": "lin", "password": password}
        header = {"X-Forwarded-For": address}
        return client.post("/accounts/login/", fields, REMOTE_ADDR=PROXY, headers=header).status_code

    wrong = [sign_in("wrong", "203.0.113.9") for _ in range(6)]
    assert (wrong[-1], sign_in("calm-sea-by-weihai", "203.0.113.10")) == (429, 302)

    client.force_login(factories.make_officer("ADMINISTRATOR"))
    person = factories.make_officer("AUDITOR")
    address = {"X-Forwarded-For": "203.0.113.77"}
    client.post(reverse("password-link", args=[person.pk]), REMOTE_ADDR=PROXY, headers=address)
    assert [(one.action, one.address) for one in Event.objects.all()] == [("password_link", "203.0.113.77")]
