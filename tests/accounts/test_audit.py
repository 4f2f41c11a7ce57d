"""The log of events as people read it."""

import pytest

from accounts.roles import Role
from core import workflow
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
