"""Every address, tried by everybody, with real objects behind it. The inventory stands in tests/routes.py."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Application, Recommendation
from core import access, clock
from core.models import Event
from decisions.models import Meeting, Objection, PublicNotice
from review.models import Assignment
from tests import factories
from tests.routes import AUDIENCES, Sites, make_sites, patterns
from tests.who import OTHER

pytestmark = pytest.mark.django_db

BACKEND = "accounts.backends.PortalBackend"
ROLES = {
    "own member": "ENTERPRISE",
    "another enterprise's member": "ENTERPRISE",
    "own member whose authority was withdrawn": "",
    "somebody who asked to join": "",
    "own channel's handler": "CHANNEL_HANDLER",
    "own channel's leader": "CHANNEL_LEADER",
    "another agency's handler": "CHANNEL_HANDLER",
    "another agency's leader": "CHANNEL_LEADER",
    "municipal handler": "MUNICIPAL_HANDLER",
    "municipal leader": "MUNICIPAL_LEADER",
    "assigned expert": "EXPERT",
    "unassigned expert": "EXPERT",
    "auditor": "AUDITOR",
    "administrator": "ADMINISTRATOR",
}
OUTSIDERS = {
    "another enterprise's member",
    "another agency's handler",
    "another agency's leader",
    "unassigned expert",
}
SEEN_BY = {
    "authority-withdraw": {"own member", "own channel's handler", "own channel's leader"},
    "invitation-revoke": {"own member"},
    "table-upload": {"municipal handler"},
    "table-template": {"municipal handler"},
    "table-import": {"municipal handler"},
}
OF_THE_LEADER = {"staff-role", "staff-end"}  # a handler is told so, another agency's leader finds nothing
OPEN_TO_ITS_ROLE = {"application-start"}  # a round takes applications of every enterprise
MISSING = {
    "ranking-tie POST": "no ranking has been frozen",
    "ranking-unfreeze POST": "no ranking has been frozen",
    "attachment-upload POST": "an empty form names no kind of file",
    "notice-draft POST": "an empty form names no kind of notice",
    "round-remind POST": "an empty form names no case",
    "round-remind-all POST": "an empty form names no channel",
    "expert POST": "an empty form names no act",
    "panel-remind POST": "an empty form names no expert",
    "proposal POST": "an empty form names no case",
    "notice-edit POST": "only the bureau's handler writes notices, the others read them",
    "inbox-open POST": "the message is somebody else's",
    "enterprise-switch POST": "an empty form names no enterprise",
}
OTHER_METHOD = {
    307,
    405,
}  # what is only posted to leads to the page above it, what is only read takes no posts
ANSWERS = {200, 302, 304, 403, 404, 409, 422} | OTHER_METHOD


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(factories.JUNE):
        yield


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of refusals would only be logged."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def sites() -> Sites:
    return make_sites()


def visitor(user: User | None = None) -> Client:
    """Somebody's browser; a fault of the portal is an answer of 500 here."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user, backend=BACKEND)
    return client


def tried(client: Client, url: str, method: str) -> Any:
    """The answer to one request, whose effects on the database are then taken back."""
    with transaction.atomic():
        response: Any = client.get(url) if method == "GET" else client.post(url)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response


def answers_to(sites: Sites, person: str | None) -> Iterator[tuple[str, str, int, str]]:
    """Route, method, status and where it leads, for every route tried by this person."""
    user = sites.world.people[person] if person else None
    client = visitor(user)
    for name in AUDIENCES:
        if name not in sites.kwargs:
            pytest.fail(f"Route {name} has no object behind it: put one into tests/routes.py.")
        for method in ("GET", "POST"):
            response = tried(client, sites.url(name), method)
            yield name, method, response.status_code, response.headers.get("Location", "")
            if name == "logout" and user:
                client = visitor(user)


def test_every_route_stands_in_the_inventory_with_its_audience() -> None:
    assert set(patterns()) == set(AUDIENCES)
    assert {name: set(map(str, audience)) for name, audience in access.audiences.items()} == AUDIENCES


def test_a_stranger_is_asked_to_sign_in_everywhere_else_than_in_public(sites: Sites) -> None:
    wrong = []
    for name, method, status, location in answers_to(sites, None):
        if AUDIENCES[name] == {"public"}:
            as_it_should_be = status in ANSWERS and not location.startswith("/accounts/login/")
        else:
            as_it_should_be = status == 302 and location.startswith("/accounts/login/?next=")
        if name == "logout":
            as_it_should_be = status in {302} | OTHER_METHOD
        if not as_it_should_be:
            wrong.append((name, method, status, location))
    assert wrong == []


@pytest.mark.parametrize("person", ROLES)
def test_each_person_reaches_the_own_routes_and_objects_and_no_others(sites: Sites, person: str) -> None:
    """Another enterprise, another agency and an expert without the case get 404 for its pages, files, tables and JSON."""
    role, wrong = ROLES[person], []
    for name, method, status, _ in answers_to(sites, person):
        audience = AUDIENCES[name]
        of_one_case = role in audience and sites.kwargs[name] and name not in OPEN_TO_ITS_ROLE
        if not (role in audience or audience in ({"public"}, {"signed-in"})):
            expected = {404}
        elif name in OF_THE_LEADER:
            expected = ANSWERS - {404} if person == "own channel's leader" else {403, 404} | OTHER_METHOD
        elif name in SEEN_BY:
            expected = ANSWERS - {404} if person in SEEN_BY[name] else {404} | OTHER_METHOD
        elif person in OUTSIDERS and of_one_case:
            expected = {404} | OTHER_METHOD
        elif audience == {"public"} or f"{name} {method}" in MISSING:
            expected = ANSWERS
        else:
            expected = ANSWERS - {404}
        if status not in expected:
            wrong.append((name, method, status))
    assert wrong == []


@pytest.mark.parametrize("person", [*sorted(OUTSIDERS), "administrator", None])
def test_a_document_of_the_case_and_a_message_are_hidden_from_others(
    sites: Sites, person: str | None
) -> None:
    client = visitor(sites.world.people[person] if person else None)
    assert tried(client, sites.url("document"), "GET").status_code == 404
    if person:
        assert tried(client, sites.url("inbox-open"), "POST").status_code == 404


def test_htmx_gets_no_more_than_a_page_does(sites: Sites) -> None:
    for person in sorted(OUTSIDERS):
        client = visitor(sites.world.people[person])
        client.defaults["HTTP_HX_REQUEST"] = "true"
        for name in ("application-section", "vetting", "review-sheet", "attachment-file", "document"):
            assert tried(client, sites.url(name), "GET").status_code == 404, (person, name)


NAMES = re.compile(r"荣成试验\d+号装备有限公司")


def named_on(client: Client, url: str) -> set[str]:
    """The enterprises that a page names."""
    response = client.get(url)
    assert response.status_code == 200
    return set(NAMES.findall(response.content.decode()))


def names(applications) -> set[str]:
    return set(applications.values_list("enterprise__name", flat=True))


LISTS = {
    "vetting-queue": ("own channel's handler", "another agency's handler"),
    "recommendation-detail": ("own channel's leader", "municipal handler", "auditor"),
    "round-cases": ("municipal handler", "municipal leader", "auditor"),
    "acceptance": ("municipal handler", "municipal leader", "auditor"),
}


def test_lists_show_what_is_visible_and_nothing_else(sites: Sites) -> None:
    world = sites.world
    elsewhere = factories.make_enterprise(district=factories.an_agency(OTHER))
    factories.make_application(
        enterprise=elsewhere, state=Application.State.SUBMITTED, complete=False, round=world.round
    )
    draft = factories.make_application(complete=False, round=world.round)
    of_batch = Application.objects.filter(recommendation_entries__isnull=False)
    in_queue = Application.objects.filter(state=Application.State.SUBMITTED)
    expected = {
        "vetting-queue": in_queue,
        "round-cases": Application.objects.filter(round=world.round),
        "recommendation-detail": of_batch,
        "acceptance": of_batch,
    }
    for route, people in LISTS.items():
        for person in people:
            user = world.people[person]
            assert user is not None
            visible = names(expected[route].visible_to(user))
            assert visible, (route, person)
            assert named_on(visitor(user), sites.url(route)) == visible, (route, person)
            assert draft.enterprise.name not in visible
    member = world.people["another enterprise's member"]
    assert named_on(visitor(member), sites.url("application-list")) <= {
        hat.enterprise.name for hat in member.hats()
    }
    assert named_on(visitor(world.people["assigned expert"]), sites.url("review-list")) == {
        world.enterprise.name
    }
    assert named_on(visitor(world.people["unassigned expert"]), sites.url("review-list")) == set()


def test_who_sees_rows_of_what(sites: Sites) -> None:
    """The first gate of every object, counted for each person."""
    everything: dict[Any, int] = {
        Application: 2,
        Recommendation: 1,
        Meeting: 1,
        PublicNotice: 2,
        Objection: 1,
        Assignment: 1,
    }
    of_the_public: dict[Any, int] = {PublicNotice: 2}
    expected = {
        "own member": {Application: 1, PublicNotice: 2},
        "another enterprise's member": of_the_public,
        "own member whose authority was withdrawn": of_the_public,
        "somebody who asked to join": of_the_public,
        "own channel's handler": {Application: 2, Recommendation: 1, PublicNotice: 2},
        "own channel's leader": {Application: 2, Recommendation: 1, PublicNotice: 2},
        "another agency's handler": of_the_public,
        "another agency's leader": of_the_public,
        "municipal handler": everything,
        "municipal leader": everything,
        "assigned expert": {Application: 1, Assignment: 1, PublicNotice: 2},
        "unassigned expert": of_the_public,
        "auditor": everything,
        "administrator": of_the_public,
    }
    found = {
        person: {
            model: count
            for model in everything
            if (count := model.objects.visible_to(sites.world.people[person]).count())
        }
        for person in ROLES
    }
    assert found == expected


def test_a_post_without_its_token_is_refused_in_plain_chinese(sites: Sites) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sites.world.people["own member"], backend=BACKEND)
    response = client.post(sites.url("application-withdraw"))
    assert response.status_code == 403
    assert "页面已过期，请重新提交" in response.content.decode()
    assert Application.objects.get(pk=sites.world.application.pk).state == "SUBMITTED"
    response = client.post(
        sites.url("application-withdraw"), headers={"X-CSRFToken": "wrong" * 8}, follow=True
    )
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()


@pytest.mark.parametrize(
    "url", ["/no-such-page/", "/applications/abc/", "/applications/999999999999999999999/"]
)
@pytest.mark.parametrize("person", [None, "own member", "municipal handler"])
def test_an_unknown_address_is_a_chinese_page(sites: Sites, url: str, person: str | None) -> None:
    response = visitor(sites.world.people[person] if person else None).get(url)
    if response.status_code == 302:
        assert person is None
        assert response["Location"].startswith("/accounts/login/")
    else:
        assert response.status_code == 404
        assert "没有找到这个页面" in response.content.decode()


def test_a_replayed_post_changes_nothing_more(sites: Sites) -> None:
    application = sites.world.application
    client = visitor(sites.world.people["own member"])
    for _ in range(3):
        assert client.post(
            sites.url("application-withdraw"), {"note": "材料有误", "reason": "材料有误"}
        ).status_code in (
            200,
            302,
        )
    assert Application.objects.get(pk=application.pk).state == "WITHDRAWN"
    done = Event.objects.filter(
        subject_type="applications.Application", subject_id=application.pk, action="withdraw", outcome="DONE"
    )
    assert done.count() == 1


def test_an_inactive_account_is_a_stranger_at_once(sites: Sites) -> None:
    officer = sites.world.people["municipal handler"]
    client = visitor(officer)
    assert client.get(reverse("round-list")).status_code == 200
    User.objects.filter(pk=officer.pk).update(is_active=False)
    response = client.get(reverse("round-list"))
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2Frounds%2F")
