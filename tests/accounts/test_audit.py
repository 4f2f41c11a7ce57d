"""The log of events as people read it."""

from datetime import date

import pytest
from django.utils import timezone
from lxml import html

from accounts.roles import Role
from core import clock, events, workflow
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client):
    client.force_login(factories.make_officer(Role.AUDITOR))
    return client


def text_of(response) -> str:
    return response.content.decode()


def test_states_are_called_as_on_every_page(auditor):
    application = factories.make_application(state="SUBMITTED")
    leader = factories.make_officer(Role.CHANNEL_LEADER, application.channel)
    workflow.perform(application, "refuse_recommendation", by=leader, note="材料不真实")
    page = auditor.get("/events/")
    assert [move for _, move in page.context["rows"]] == ["待审核 → 不予推荐"]
    assert "SUBMITTED" not in text_of(page)


def test_a_refusal_is_found_under_its_outcome(auditor):
    application = factories.make_application(state="SUBMITTED")
    stranger = factories.make_officer(Role.CHANNEL_LEADER, factories.an_agency("371003"))
    with pytest.raises(workflow.NotPermitted):
        workflow.perform(application, "refuse_recommendation", by=stranger, note="材料不真实")
    refused, done = (auditor.get(f"/events/?outcome={outcome}") for outcome in ("REFUSED", "DONE"))
    assert [(event.action, event.outcome) for event, _ in refused.context["rows"]] == [
        ("refuse_recommendation", "REFUSED")
    ]
    assert list(done.context["rows"]) == []


def test_the_whole_story_of_one_subject_is_a_click_away(auditor):
    cases = [factories.make_application(state="SUBMITTED") for _ in range(2)]
    for case in cases:
        leader = factories.make_officer(Role.CHANNEL_LEADER, case.channel)
        workflow.perform(case, "refuse_recommendation", by=leader, note="材料不真实")
    page = html.fromstring(text_of(auditor.get("/events/")))
    (link,) = [one for one in page.xpath("//tbody//a") if one.text == str(cases[0])]
    found = auditor.get(f"/events/{link.get('href')}")
    assert [event.subject_id for event, _ in found.context["rows"]] == [cases[0].pk]
    assert f"只看：{cases[0]}" in text_of(found)


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("since=2026-06-02", [3, 2]),
        ("until=2026-06-02", [2, 1]),
        ("since=2026-06-02&until=2026-06-02", [2]),
        ("since=2026-06-04", []),
        ("since=&until=yesterday", [3, 2, 1]),
        ("about=applications.Application:none", []),
        ("since=0001-01-01&until=9999-12-31", [3, 2, 1]),
    ],
)
def test_days_are_whole_days_here(auditor, asked, days):
    case = factories.make_application(state="SUBMITTED")
    for day in (1, 2, 3):
        with clock.stopped_at(clock.instant(date(2026, 6, day), 0 if day == 2 else 23, 30)):
            events.record(case, "remind", by=None)
    found = auditor.get(f"/events/?{asked}").context["rows"]
    assert [timezone.localtime(event.at).day for event, _ in found if event.action == "remind"] == days
