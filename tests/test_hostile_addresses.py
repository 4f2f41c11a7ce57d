"""Whatever an address or a form says, the portal answers: never with a fault of its own."""

import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import transaction
from django.forms import BaseForm
from django.test import Client

from core import clock
from tests import factories
from tests.routes import AUDIENCES, Sites, make_sites
from tests.test_access import ROLES, tried, visitor
from tests.test_architecture import ROOMS, SOURCES, subclasses

pytestmark = pytest.mark.django_db
ASKED = re.compile(r"""(?:\.GET|asked|found)(?:\.get\(|\[)"(\w+)\"""")
POSTED = re.compile(r"""\.POST(?:\.get\(|\.getlist\(|\[)"(\w+)\"""")
HOSTILE = {
    "NUL": "%00",
    "a figure that is no number": quote("²"),
    "a huge number": "9" * 40,
    "a number beyond every column": "99999999999999999",
    "a lone surrogate": "%ED%A0%80",
    "10,000 characters": "x" * 10_000,
    "minus one": "-1",
    "letters": "abc",
}


@pytest.fixture(autouse=True)
def in_june():
    logging.disable(logging.ERROR)
    with clock.stopped_at(factories.JUNE):
        yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def sites() -> Sites:
    return make_sites()


def names(pattern: re.Pattern[str]) -> set[str]:
    """The names that the code asks for, read from the code itself."""
    return {name for path in SOURCES for name in pattern.findall(path.read_text(encoding="utf-8"))}


def fields_of_forms() -> set[str]:
    ours = [form for form in subclasses(BaseForm) if form.__module__.split(".")[0] in ROOMS]
    return {name for form in ours for name in getattr(form, "base_fields", {})}


def who_may_see(sites: Sites) -> Iterator[tuple[str, Client]]:
    """Every route with somebody who may see it."""
    browsers: dict[str | None, Client] = {}
    for route, audience in AUDIENCES.items():
        person = None
        if audience != {"public"}:
            person = next(one for one, role in ROLES.items() if role in audience or audience == {"signed-in"})
        if person not in browsers:
            browsers[person] = visitor(sites.world.people[person] if person else None)
        yield route, browsers[person]


def test_no_address_is_a_fault(sites: Sites) -> None:
    faults = []
    for what, value in HOSTILE.items():
        query = "&".join(f"{name}={value}" for name in sorted(names(ASKED) | {"page"}))
        for route, browser in who_may_see(sites):
            tail = "&tab=experts" if route == "directory-desk" else ""
            url = f"{sites.url(route)}?{query}{tail}"
            status = tried(browser, url, "GET").status_code
            if status == 307 and route != "logout":  # what is only posted to
                status = tried(browser, url, "POST").status_code
            if status >= 500:
                faults.append((route, what))
    assert faults == []


def test_nothing_that_is_posted_is_a_fault(sites: Sites) -> None:
    faults = []
    for value in ("坏\x00字", "²"):
        posted = dict.fromkeys(sorted(names(POSTED) | fields_of_forms()), value)
        for route, browser in who_may_see(sites):
            if route == "logout":
                continue
            with transaction.atomic():
                if browser.post(sites.url(route), posted).status_code >= 500:
                    faults.append((route, value))
                transaction.set_rollback(True)
    assert faults == []


def test_an_address_that_is_only_posted_to_leads_to_the_page_above_it(sites: Sites) -> None:
    lost = {}
    for route, browser in who_may_see(sites):
        led = [f"{sites.url(route)}?page=1"]
        answer = tried(browser, led[0], "GET")
        while answer.status_code == 307:
            led.append(answer.headers["Location"])
            answer = tried(browser, led[-1], "GET")
        if answer.status_code == 405 or (len(led) > 1 and answer.status_code not in (200, 302, 403)):
            lost[route] = (answer.status_code, led)
    assert lost == {}


def test_no_path_is_a_fault() -> None:
    paths = ("/verify/{}/", "/objections/{}/", "/receipts/{}/{}/", "/invitations/{}/", "/demo/login/{}/")
    browser = visitor()
    answers = {
        (path, what): browser.get(path.format(value, value)).status_code
        for path in paths
        for what, value in HOSTILE.items()
    }
    assert {one: status for one, status in answers.items() if status >= 500} == {}
