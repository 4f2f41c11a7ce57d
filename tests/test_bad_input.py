"""Every form of an enterprise and of the public, filled with everything bad: each answers in words, and what was typed stays."""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from lxml import html

from applications.forms import FORMS
from applications.models import Application, Section
from core import clock
from tests import factories
from tests.accounts.test_joining import FACTS, PERSON
from tests.applications.scenes import returned, sections_url, signed_in, submitted
from tests.decisions import cases
from tests.decisions.test_objections import GIVEN

pytestmark = pytest.mark.django_db

BAD = {
    "too long": "长" * 5001,
    "far too many digits": "9" * 400,
    "too short": "一",
    "full-width digits": "１２３４",
    "thousands": "1,234,567",
    "a unit": "1,234.5万",
    "line breaks": "一\r\n二\r\n\r\n三",
    "emoji": "🙂🏭",
    "a formula": '=HYPERLINK("http://example.com","点")',
    "a script": "<script>alert(1)</script>",
    "NUL": "坏\x00字",
    "invisible": "看\u200b不\u202e见\ufeff",
    "a superscript": "²",
    "no such day": "2026-02-30",
    "a day in 8000 years": "9999-12-31",
    "a mail address beyond its column": f"a@{'.'.join(['b' * 60] * 4)}.{'c' * 9}.com",
}
SENTENCE = re.compile(r"[\u4e00-\u9fff]")
NOT_TYPED = ("hidden", "radio", "checkbox", "file", "submit")
DURING = cases.at(cases.PUBLICITY_DAY, 14)


@pytest.fixture(autouse=True)
def in_june():
    logging.disable(logging.ERROR)
    with clock.stopped_at(factories.JUNE):
        yield
    logging.disable(logging.NOTSET)


def a_draft(**fields) -> tuple[Application, Client]:
    application = factories.make_application(complete=True, **fields)
    return application, signed_in(application.enterprise.memberships.get().user)


def a_section(section: str) -> tuple[Client, str]:
    application, client = a_draft()
    return client, sections_url(application, Section(section))


def of_the_draft(route: str) -> tuple[Client, str]:
    application, client = a_draft()
    return client, reverse(route, args=[application.pk])


def own(route: str) -> tuple[Client, str]:
    return a_draft()[1], reverse(route)


def answers() -> tuple[Client, str]:
    application, client = a_draft()
    member = application.enterprise.memberships.get().user
    submitted(application, by=member)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(Application.objects.get(), items={"NARRATIVE": "写清增长来源"}, by=officer)
    return client, reverse("application-detail", args=[application.pk])


def public(route: str) -> tuple[Client, str]:
    return Client(), reverse(route)


def joining() -> tuple[Client, str]:
    return Client(), f"{reverse('join')}?credit_code={factories.make_enterprise().credit_code}"


def an_objection() -> tuple[Client, str]:
    case = cases.open_case(2)
    notice = cases.publicise(case)
    return Client(), reverse("objection-new", args=[notice.pk, case.applications[0].pk])


PAGES: dict[str, Callable[[], tuple[Client, str]]] = {
    **{section: (lambda section=section: a_section(section)) for section in FORMS},
    "withdraw": lambda: of_the_draft("application-withdraw"),
    "answers": answers,
    "profile": lambda: own("enterprise-profile"),
    "colleagues": lambda: own("colleagues"),
    "preferences": lambda: own("preferences"),
    "another enterprise": lambda: own("register"),
    "register": lambda: public("register"),
    "join": joining,
    "sign in": lambda: public("login"),
    "self-check": lambda: public("self-check"),
    "objection": an_objection,
    "follow up": lambda: public("objection-start"),
}


def typed_into(form) -> dict[str, str]:
    """Name → text of every control that one types into."""
    return {
        one.get("name"): one.text_content().removeprefix("\n")
        if one.tag == "textarea"
        else one.get("value", "")
        for one in form.xpath(".//textarea|.//input")
        if one.get("name") and one.get("type") not in NOT_TYPED
    }


def main_form(content: bytes, names: set[str] | None = None):
    """The form with the most to type into; with ``names``, the one that has these."""
    forms = html.fromstring(content.decode()).xpath("//main//form")
    if names:
        return next((one for one in forms if names & typed_into(one).keys()), None)
    return max(forms, key=lambda one: len(typed_into(one)))


def plain(text: str) -> str:
    """A text without what a field may take away or write otherwise; U+FFFD is what a page makes of NUL."""
    wide = unicodedata.normalize("NFKC", text).removesuffix(".00")
    return "".join(
        c for c in wide if not c.isspace() and c not in ",\ufffd" and unicodedata.category(c)[0] != "C"
    )


def send(client: Client, url: str, form, typed: dict[str, str]):
    address = (form.get("action") or url).split("#")[0]
    answer = client.post(address, dict(form.form_values()) | typed)
    assert answer.status_code in (200, 302, 409, 422), answer.status_code
    return (client.get(answer.url, follow=True) if answer.status_code == 302 else answer), answer.status_code


def told_at(form, name: str) -> str:
    """What is said at a control, by the elements that its description names."""
    control = form.xpath(f'.//*[@name="{name}"]')[0]
    page = form.getroottree().getroot()
    places = [page.xpath(f'//*[@id="{one}"]') for one in (control.get("aria-describedby") or "").split()]
    return "".join(place[0].text_content() for place in places if place)


def faults_of(client: Client, url: str, typed: dict[str, str], form) -> Iterator[tuple[str, str]]:
    page, status = send(client, url, form, typed)
    text = page.content.decode()
    if "<script>alert(1)" in text:
        yield "page", "runs what was typed"
    again = main_form(page.content, set(typed))
    if again is None:
        if status != 302:
            yield "page", "shows the form no more"
        return
    if status == 302 and "/sections/" not in url:
        return  # done; the form is there for the next one
    shown = typed_into(again)
    for name, value in typed.items():
        if name not in shown:
            continue
        control = again.xpath(f'.//*[@name="{name}"]')[0]
        if control.get("type") != "password" and not is_kept(shown[name], value) and value not in text:
            yield name, f"shows {shown[name][:40]!r}"
        if control.get("aria-invalid") and not SENTENCE.search(told_at(again, name)):
            yield name, "is marked without a sentence"


def is_kept(shown: str, typed: str) -> bool:
    """Whole; of what is by far longer than the field could ever take, the first thousand characters."""
    return plain(shown) == plain(typed) or (len(shown) == 1000 and typed.startswith(shown))


@pytest.mark.parametrize("name", PAGES)
def test_whatever_is_typed_stays_and_is_answered_in_words(name):
    moment = DURING if name == "objection" else factories.JUNE
    client, url = PAGES[name]()
    found = []
    with clock.stopped_at(moment):
        form = main_form(client.get(url).content)
        for kind, value in BAD.items():
            with transaction.atomic():
                typed = dict.fromkeys(typed_into(form), value)
                assert typed
                found += [(kind, *fault) for fault in faults_of(client, url, typed, form)]
                transaction.set_rollback(True)
    assert found == []


@pytest.mark.parametrize("name", ["receipt-check", "verify"])
def test_whatever_is_looked_up_is_answered_in_words(name):
    for value in BAD.values():
        names = typed_into(main_form(Client().get(reverse(name)).content))
        page = Client().get(reverse(name), dict.fromkeys(names, value), follow=True)
        assert page.status_code == 200
        assert SENTENCE.search(html.fromstring(page.content.decode()).xpath("string(//main)"))
        assert "<script>alert(1)" not in page.content.decode()


GOOD = {
    "register": lambda: FACTS | PERSON | {"district": str(factories.an_agency().pk)},
    "another enterprise": lambda: FACTS | {"district": str(factories.an_agency().pk)},
    "join": lambda: PERSON,
    "objection": lambda: GIVEN,
    "colleagues": lambda: {"name": "丛小海", "mobile": "13100002046", "email": "cong@example.com"},
    "profile": lambda: {"contact_name": "林晓雯", "contact_mobile": "13100002046"},
    "preferences": lambda: {"email": "lin@example.com"},
}


@pytest.mark.parametrize("name", GOOD)
def test_one_bad_field_takes_nothing_else_away(name):
    """Everything else is right, so that what a form lets through reaches the database."""
    client, url = PAGES[name]()
    found = []
    with clock.stopped_at(DURING if name == "objection" else factories.JUNE):
        form = main_form(client.get(url).content)
        good = {**typed_into(form), **GOOD[name]()}
        for field in typed_into(form):
            for kind in (
                "too long",
                "line breaks",
                "emoji",
                "NUL",
                "invisible",
                "a mail address beyond its column",
            ):
                with transaction.atomic():
                    faults = faults_of(client, url, good | {field: BAD[kind]}, form)
                    found += [(kind, field, *fault) for fault in faults]
                    transaction.set_rollback(True)
    assert found == []
