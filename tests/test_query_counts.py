"""Every page and file takes a fixed number of queries, whatever stands behind it: asked at 1, 3 and 50 rows, warm.

All routes of the access table are asked, so a new one is asked too; one that does not answer with a page fails unless it is
exempt with the reason, or is only posted to. A list must also have become longer, for one that stays empty proves nothing.
"""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse

from core import clock, handover
from decisions.models import Objection
from tests.crowd import Crowd, make_crowd
from tests.factories import JUNE
from tests.routes import AUDIENCES
from tests.test_access import ROLES, visitor

pytestmark = pytest.mark.django_db

MOST, MOST_OF_A_LIST = 15, 12
LISTS = {
    "public-home",
    "notice-list",
    "directory",
    "directory-csv",
    "directory-json",
    "objection-start",
    "demo-mail",
    "inbox",
    "own-enterprises",
    "administration",
    "event-log",
    "enterprise-home",
    "colleagues",
    "agency-people",
    "enterprise-titles",
    "application-list",
    "account-approvals",
    "policy-list",
    "policy-desk",
    "vetting-queue",
    "district-enterprises",
    "recommendation-list",
    "measure-list",
    "round-list",
    "round-board",
    "round-charts",
    "round-pages",
    "call-list",
    "call-templates",
    "call-questions",
    "round-cases",
    "round-extensions",
    "acceptance-list",
    "panel-list",
    "score-matrix",
    "ranking",
    "meeting-list",
    "notice-desk",
    "notice-draft",
    "objection-desk",
    "directory-desk",
    "ratings",
    "associations",
    "supervision-board",
    "review-list",
}
EXEMPT = {"home": "leads on to the first place of the person's role"}
WHO = (
    "own member",
    "own channel's leader",
    "municipal handler",
    "assigned expert",
    "auditor",
    "administrator",
)


def who_asks(route: str) -> str:
    """Nobody in particular for what is public, else the first of these to whom the route is open."""
    audience = AUDIENCES[route]
    if audience == {"public"} and route != "document":
        return ""
    return next(one for one in WHO if ROLES[one] in audience or audience & {"public", "signed-in"})


class Asked:
    """One address and who asks for it; what was seen each time."""

    def __init__(self, crowd: Crowd, route: str, url: str, by: str) -> None:
        self.route, self.url = route, url
        person = by or who_asks(route)
        self.name = f"{url} by {person or 'anybody'}"
        self.browser = visitor(crowd.sites.world.people[person] if person else None)
        if route == "application-carry":  # shows what was typed into the self-check
            answer = HttpResponse()
            handover.keep(answer, {"main_revenue_2024": "9620"})
            self.browser.cookies[handover.COOKIE] = answer.cookies[handover.COOKIE].value
        if route == "objection-receipt":  # is shown to who has its code
            number, code = Objection.objects.values_list("receipt_number", "follow_up_code").earliest("pk")
            self.browser.post(reverse("objection-start"), {"receipt": number, "code": code})
        if route == "join":
            self.url += f"?credit_code={crowd.sites.world.enterprise.credit_code}"
        self.most = MOST_OF_A_LIST if route in LISTS else MOST
        self.queries: list[int] = []
        self.weights: list[int] = []
        self.status = self._get().status_code  # now it is warm

    def _get(self):
        response = self.browser.get(self.url)
        if response.streaming:
            b"".join(response.streaming_content)
        return response

    def ask(self) -> None:
        taken = 0

        def noted(execute, *query):
            nonlocal taken
            taken += 1
            return execute(*query)

        with connection.execute_wrapper(noted):
            response = self._get()
        self.queries.append(taken)
        self.weights.append(0 if response.streaming else len(response.content))


def test_every_page_takes_a_fixed_number_of_queries() -> None:
    with clock.stopped_at(JUNE):
        crowd = make_crowd()
        own = [(route, crowd.sites.url(route), "") for route in AUDIENCES if route not in EXEMPT]
        asked = [Asked(crowd, *one) for one in own + crowd.others]
        pages = [one for one in asked if one.status != 307]  # what is only posted to
        assert [one.name for one in pages if one.status != 200] == []
        for more in (0, 2, 47):
            crowd.grow(more)
            for page in pages:
                page.ask()
    assert {one.name: one.queries for one in pages if max(one.queries) > one.queries[0]} == {}
    assert {one.name: one.queries for one in pages if max(one.queries) > one.most} == {}
    assert {one.route for one in pages if one.weights[1] > one.weights[0]} >= LISTS
