"""Whatever cases a round has: the board's numbers are right, and each leads to the list of exactly these cases."""

import re
from collections import Counter
from datetime import date, timedelta
from html import unescape
from itertools import count

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from applications import board, charts
from applications.models import Application, ApplicationVersion, Round
from applications.versions import freeze
from core import clock
from policy.models import ServiceMode
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


# What a state does not show to have been passed or reported, whatever the case went through before it.
NOT_VETTED = {"RETURNED", "SUBMITTED", "SENT_BACK", "NOT_RECOMMENDED", "WITHDRAWN"}
NOT_REPORTED = NOT_VETTED | {"VETTED"}
OVER = ENDED | {"AWARDED", "RE_REVIEW_PASSED"}
CODES = {"371082": "荣成市工信局", "371002": "环翠区工信局", "371003": "文登区工信局"}
drawn_cases = st.lists(
    st.tuples(
        st.sampled_from(sorted(set(State.values) - {"DRAFT"})),
        st.sampled_from(sorted(CODES)),
        st.integers(0, 13),  # days with the present holder
        st.integers(-15, 30),  # days before the deadline when it first came in
        st.booleans(),  # whether it came in again after a correction
        st.integers(0, 2),  # main mode
        st.sampled_from(["", "A", "B", "D"]),  # its rating when it was submitted
    ),
    max_size=15,
)


def stay(days: int) -> str:
    return (
        "0 至 2 天" if days < 3 else "3 至 5 天" if days < 6 else "6 至 10 天" if days < 11 else "超过 10 天"
    )


def shown(chart: charts.Chart) -> Counter:
    """The chart's numbers, without zeros, by row and column."""
    words = [word for word, _ in chart.series]
    return +Counter(
        {
            (row.label, word): cell.number or 0
            for row in chart.rows
            for word, cell in zip(words, row.cells, strict=True)
        }
    )


def counted(pairs) -> Counter:
    return Counter(pair for pair in pairs if pair)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(drawn=drawn_cases)
def test_every_chart_counts_the_same_cases_and_each_number_leads_to_them(drawn):
    officer = make_officer(Role.MUNICIPAL_HANDLER)
    today, year = clock.today(), next(years)
    deadline = date(year, 6, 30)
    round_ = make_round(
        year=year,
        title=f"{year}年度认定",
        latest_year=year - 1,
        opens_at=clock.instant(date(year, 5, 18)),
        enterprise_deadline=clock.instant(deadline, 17),
        district_deadline=clock.instant(date(year, 7, 17), 17),
    )
    modes = list(ServiceMode.objects.all()[:3])
    for state, code, stayed, before, again, mode, rating in drawn:
        one = make_application(
            state=state, round=round_, channel=an_agency(code), complete=False, main_mode=modes[mode]
        )
        first = clock.instant(deadline - timedelta(days=before), 23, 59)
        if not one.current_version:
            freeze(one, by=officer)
        one.versions.update(submitted_at=first)
        one.submitted_at = first
        if again:
            one.submitted_at += timedelta(days=9)
            freeze(one, by=officer)
        Application.objects.filter(pk=one.pk).update(
            submitted_at=one.submitted_at, state_since=clock.instant(today - timedelta(days=stayed))
        )
        version = one.submitted_version
        ApplicationVersion.objects.filter(pk=version.pk).update(outline=version.outline | {"rating": rating})
    made = {chart.title: chart for chart in charts.charts(round_)}
    tally = board.tally(round_)
    assert tally.total == len(drawn)
    if not drawn:
        assert made == {}
        return
    funnel = {word: number for (word, _), number in shown(made["全批次漏斗"]).items()}
    assert funnel["申报"] == tally.total
    assert funnel.get("报送市局", 0) == sum(state not in NOT_REPORTED for state, *_ in drawn)
    assert shown(made["各单位漏斗"]) == counted(
        pair
        for state, code, *_ in drawn
        for pair in (
            (CODES[code], "申报"),
            state not in NOT_VETTED and (CODES[code], "审核通过"),
            state not in NOT_REPORTED and (CODES[code], "报送市局"),
        )
    )
    words = board.HOLDER_WORDS
    assert shown(made["停留时间"]) == counted(
        (stay(stayed), words[holder(state)]) for state, _, stayed, *_ in drawn if state not in OVER
    )
    arrived = Counter(deadline - timedelta(days=before) for *_, before, _, _, _ in drawn)
    days = {row.place: row.cells[0].number for row in made["每日提交"].rows}
    assert days == {str(day): number for day, number in arrived.items()}
    assert shown(made["主要模式"]) == counted(
        pair
        for state, *_, mode, _ in drawn
        for pair in ((modes[mode].name, "申报"), state not in NOT_REPORTED and (modes[mode].name, "报送市局"))
    )
    assert shown(made["亩产效益"]) == counted(
        pair
        for state, *_, rating in drawn
        for word in [f"{rating} 类" if rating else "未评价"]
        for pair in ((word, "申报"), state not in NOT_REPORTED and (word, "报送市局"))
    )
    if "与上一批次同期相比" in made:
        rows = made["与上一批次同期相比"].rows
        upto = {row.place: row.cells[0].number for row in rows}
        assert upto == {
            row.place: sum(-before <= int(row.place) for *_, before, _, _, _ in drawn) for row in rows
        }
    stuck = sum(  # every deadline is long over
        state in AT_THE_DISTRICT | {"RETURNED"} or (state in {"FORWARDED", "CONTESTED"} and stayed > 2)
        for state, _, stayed, *_ in drawn
    )
    assert board.tally(round_).stuck == stuck
    assert board.cases_behind(round_, officer, {"stuck": "yes"}).count() == stuck
    for chart in made.values():
        for row in chart.rows:
            for cell in row.cells:
                assert bool(cell.url) == bool(cell.number)
                if cell.url:
                    address, _, query = cell.url.partition("?")
                    asked_round = Round.objects.get(pk=address.split("/")[2])
                    found = board.cases_behind(asked_round, officer, QueryDict(query))
                    assert (cell.url, found.count()) == (cell.url, cell.number)
