"""The charts of a round: findings in words, tables that stand without scripts, drawings of the same numbers."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, ApplicationVersion, Round
from core import clock
from tests.browser import PHONE, accessibility_violations, keep_screenshots
from tests.factories import an_agency, make_application, make_officer, make_round

pytestmark = pytest.mark.django_db(transaction=True)
State = Application.State
JULY = clock.instant(date(2026, 7, 13), 10, 20)
TITLES = ["各单位漏斗", "全批次漏斗", "停留时间", "每日提交", "与上一批次同期相比", "主要模式", "亩产效益"]


@pytest.fixture
def round_() -> Round:
    """Five cases, one of them reported, after a round that had two."""
    before = make_round(
        year=2025,
        title="2025年度认定",
        latest_year=2024,
        opens_at=clock.instant(date(2025, 5, 18)),
        enterprise_deadline=clock.instant(date(2025, 6, 30), 17),
        district_deadline=clock.instant(date(2025, 7, 17), 17),
    )
    for _ in range(2):
        make_application(state=State.NOT_SELECTED, round=before)
    filed_on(before, date(2025, 6, 20))
    now = make_round()
    for state in (State.SUBMITTED, State.SUBMITTED, State.RETURNED, State.FORWARDED):
        make_application(state=state, round=now)
    make_application(state=State.SUBMITTED, round=now, channel=an_agency("371003"))
    rated = Application.objects.filter(round=now).latest("pk").submitted_version
    type(rated).objects.filter(pk=rated.pk).update(outline=rated.outline | {"rating": "B"})
    since = clock.instant(date(2026, 7, 1), 9)
    Application.objects.filter(round=now).update(state_since=since)
    filed_on(now, date(2026, 6, 29))
    return now


def filed_on(round_: Round, day: date) -> None:
    filed = ApplicationVersion.objects.filter(application__round=round_, number=1)
    filed.update(submitted_at=clock.instant(day, 9))


@pytest.fixture
def bureau() -> Client:
    client = Client()
    officer = make_officer(Role.MUNICIPAL_HANDLER)
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    return client


def test_each_chart_says_what_it_shows(bureau, round_):
    with clock.stopped_at(JULY):
        page = bureau.get(reverse("round-charts", args=[round_.pk]))
    assert {chart.title: chart.finding for chart in page.context["charts"]} == {
        "各单位漏斗": "荣成市工信局申报最多：4 件，已报送 1 件。手上有申报、一件未报送的单位 1 个。",
        "全批次漏斗": "申报 5 件，报送市局 1 件（20%），受理 0 件。",
        "停留时间": "在办 5 件，在同一方停留超过 10 天的 5 件，其中区市办理最多：3 件。",
        "每日提交": "6月29日最多，5 件；截止前最后 3 天共 5 件。",
        "与上一批次同期相比": "到截止后 7 天，本批次累计 5 件，上一批次同期 2 件，多 3 件。",
        "主要模式": f"{page.context['charts'][-2].rows[0].label}最多，5 件；共 1 种。",
        "亩产效益": "同等条件下优先的 A、B 类 1 件，占 20%（第十三条）。",
    }


def test_days_that_have_not_come_are_not_told(bureau, round_):
    filed_on(round_, date(2026, 6, 12))
    told = []
    for day in (29, 30):
        with clock.stopped_at(clock.instant(date(2026, 6, day), 10)):
            page = bureau.get(reverse("round-charts", args=[round_.pk]))
        told += [chart.finding for chart in page.context["charts"] if chart.title == "每日提交"]
    assert told == ["6月12日最多，5 件。", "6月12日最多，5 件；截止前最后 3 天共 0 件。"]


def test_a_round_without_cases_and_one_that_is_the_first_of_its_kind(bureau):
    round_ = make_round()
    url = reverse("round-charts", args=[round_.pk])
    assert "还没有提交的申报" in bureau.get(url).content.decode()
    make_application(state=State.SUBMITTED, round=round_)
    with clock.stopped_at(JULY):
        titles = [chart.title for chart in bureau.get(url).context["charts"]]
    assert titles == [title for title in TITLES if title != "与上一批次同期相比"]


def test_a_round_in_preparation_has_no_charts(bureau):
    round_ = make_round(state=Round.State.PREPARING)
    assert bureau.get(reverse("round-charts", args=[round_.pk])).status_code == 404


def test_what_a_number_asks_for_is_said_above_the_list_and_kept_by_its_form(bureau, round_):
    mode = Application.objects.filter(round=round_).first().main_mode
    url = reverse("round-cases", args=[round_.pk])
    asked = {"reached": "reported", "day": "2026-06-29", "mode": str(mode.pk)}
    page = bureau.get(url, asked)
    assert page.context["page"].paginator.count == 1
    assert page.context["narrowed"] == f"到过 报送市局，主要模式 {mode}，首次提交于 2026年6月29日"
    for name, value in asked.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page.content.decode()
    for nonsense in (
        {"day": "2026-02-30"},
        {"by": "x"},
        {"reached": "moon"},
        {"stay": "\x00"},
        {"mode": "-1"},
    ):
        page = bureau.get(url, nonsense)
        assert (page.status_code, page.context["page"].paginator.count) == (200, 5)


def test_charts_are_drawn_from_their_tables_on_the_board_and_alone(page, sign_in_as, round_):
    sign_in_as(page, make_officer(Role.MUNICIPAL_HANDLER))
    page.goto(reverse("round-board", args=[round_.pk]))
    library = page.locator('script[src*="echarts"]')
    assert library.count() == 0
    page.locator(".work-main").evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    page.locator("#charts svg").nth(len(TITLES) - 1).wait_for()
    assert library.count() == 1
    assert accessibility_violations(page) == []
    page.goto(reverse("round-charts", args=[round_.pk]))
    page.locator("#charts svg").nth(len(TITLES) - 1).wait_for()
    assert page.locator("figcaption h3").all_text_contents() == TITLES
    assert page.locator("#charts details[open]").count() == 0
    keep_screenshots(page, "charts")
    words = page.locator("figure", has_text="各单位漏斗").locator("svg text").all_text_contents()
    assert {"荣成市工信局", "4 · 1 · 1", "文登区工信局", "1 · 0 · 0", "申报", "报送市局"} <= set(words)
    words = page.locator("figure", has_text="每日提交").locator("svg text").all_text_contents()
    assert {"5", "申报截止"} <= set(words)
    page.locator("#charts summary").first.click()
    assert accessibility_violations(page) == []
    row = page.get_by_role("row", name=re.compile("荣成市工信局"))
    assert row.get_by_role("cell").all_text_contents() == ["4", "1", "1"]
    row.get_by_role("link", name="4").click()
    page.get_by_text("4 件", exact=True).first.wait_for()


def test_charts_fit_a_phone_and_follow_its_turning(phone_page, sign_in_as, round_):
    sign_in_as(phone_page, make_officer(Role.AUDITOR))
    phone_page.goto(reverse("round-charts", args=[round_.pk]))
    phone_page.locator("#charts svg").nth(len(TITLES) - 1).wait_for()
    assert phone_page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert accessibility_violations(phone_page) == []
    phone_page.set_viewport_size({"width": 600, "height": 390})
    phone_page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every((one) => one.querySelector('svg').clientWidth === one.clientWidth)"
    )


def test_without_scripts_the_tables_stand(open_browser, sign_in_as, round_):
    page = open_browser(java_script_enabled=False)
    sign_in_as(page, make_officer(Role.MUNICIPAL_HANDLER))
    page.goto(reverse("round-board", args=[round_.pk]))
    page.get_by_role("link", name="打开图表和数据表").click()
    assert page.locator("figure table").count() == len(TITLES)
    assert page.get_by_role("row", name=re.compile("荣成市工信局")).get_by_role(
        "cell"
    ).all_text_contents() == [
        "4",
        "1",
        "1",
    ]
