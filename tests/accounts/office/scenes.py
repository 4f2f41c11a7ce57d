"""The people of an agency as its leader invites them, gives their roles and ends their service on the pages."""

import re

from django.urls import reverse

from accounts.models import Membership, User
from applications.models import Application, Recommendation
from core.models import Notification
from tests import factories
from tests.applications.scenes import signed_in
from tests.factories import make_application
from tests.meanwhile import meanwhile

State = Application.State
PEOPLE = "/agency/people/"


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


def invite(by: User, **typed):
    data = {"name": "柳青", "mobile": "13100009999", "email": "", "role": "CHANNEL_HANDLER"} | typed
    return signed_in(by).post(PEOPLE, data, follow=True)


def link_on(page) -> str:
    return re.findall(r'value="http://testserver(/invitations/[^"]+)"', text_of(page))[0]


def set_role(by: User, of: User, role: str, reason: str = "局内分工调整，接替原负责人签发。"):
    typed = {"role": role, "reason": reason}
    return signed_in(by).post(reverse("staff-role", args=[hat_of(of).pk]), typed, follow=True)


def at_june(act):
    return meanwhile(act, at=factories.JUNE)
