"""Whatever cases a round has: the board's numbers are right, and each leads to the list of exactly these cases."""

import re
from collections import Counter
from html import unescape
from itertools import count

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from applications.models import Application
from tests.factories import an_agency, make_application, make_officer, make_round

pytestmark = pytest.mark.django_db
State = Application.State
years = count(2001)
NUMBER = re.compile(r'<a href="(/rounds/\d+/cases/[^"]*)">(\d+)</a>')
AT_THE_DISTRICT = {"SUBMITTED", "SENT_BACK", "VETTED"}
ENDED = {
    "NOT_RECOMMENDED",
    "WITHDRAWN",
    "DECLINED",
    "NOT_SELECTED",
    "NOT_APPROVED",
    "OBJECTION_UPHELD",
    "RE_REVIEW_FAILED",
}
cases = st.lists(
    st.tuples(st.sampled_from(sorted(State.values)), st.sampled_from(["371082", "371002", "371003"])),
    max_size=12,
)


def holder(state: str) -> str:
    if state in ENDED:
        return "ended"
    if state == "RETURNED":
        return "enterprise"
    return "district" if state in AT_THE_DISTRICT else "bureau"


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(drawn=cases)
def test_every_number_is_right_and_leads_to_its_cases(drawn):
    client = Client()
    client.force_login(make_officer(Role.MUNICIPAL_HANDLER), backend="accounts.backends.PortalBackend")
    year = next(years)
    round_ = make_round(year=year, title=f"{year}年度认定", latest_year=year - 1)
    for state, code in drawn:
        make_application(state=state, round=round_, channel=an_agency(code), complete=False)
    # What was withdrawn before it was ever submitted is nobody's case, like a draft.
    filed = [(state, code) for state, code in drawn if state not in ("DRAFT", "WITHDRAWN")]
    page = client.get(reverse("round-board", args=[round_.pk]))
    tally = page.context["tally"]
    holders = ("enterprise", "district", "bureau", "ended")
    counted = Counter({(row.agency.code, name): getattr(row, name) for row in tally.rows for name in holders})
    assert +counted == Counter((code, holder(state)) for state, code in filed)
    assert {one.state: one.number for one in tally.states} == Counter(state for state, _ in filed)
    assert (tally.total, tally.drafts) == (len(filed), sum(state == "DRAFT" for state, _ in drawn))
    links = [(unescape(url), int(number)) for url, number in NUMBER.findall(page.content.decode())]
    behind = [(url, client.get(url).context["page"].paginator.count) for url, _ in links]
    assert behind == links
    assert (len(links) > 0) == bool(filed)
    for one in tally.states:
        url = reverse("round-cases", args=[round_.pk])
        assert client.get(url, {"state": one.state}).context["page"].paginator.count == one.number
