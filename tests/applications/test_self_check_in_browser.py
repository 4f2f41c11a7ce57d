"""The self-check in Chromium: judged while one types, on a phone, on paper, without a script, into a draft."""

import pytest

from applications.models import Application
from core import clock
from tests import factories
from tests.browser import DESKTOP, PHONE, accessibility_violations, keep_screenshots

URL = "/self-check/"
FIGURES = {
    "2024年主营业务收入": "9620",
    "2025年主营业务收入": "10000",
    "2025年服务性收入": "1499.60",
    "2024年利润总额": "-500",
    "2025年利润总额": "300",
}


@pytest.fixture
def round_(transactional_db):
    clock.move_to(factories.JUNE)
    return factories.make_round()


def fill(page) -> None:
    for name in ("is_registered_in_weihai", "is_sound", *(f"{one}_answer" for one in ("ACCIDENTS", "VIOLATIONS", "INVESTIGATION"))):  # fmt: skip
        page.locator(f"label[for=id_{name}_0]").click()
    page.get_by_label("成立日期").fill("2021-03-18")
    page.get_by_label("企业类型").select_option("LIMITED_LIABILITY")
    page.get_by_label("行业大类").select_option("34")
    page.get_by_label("专门的服务性部门或公司").select_option("DEPARTMENT")
    page.get_by_label("近三年服务型制造项目数").fill("2")
    for label, typed in FIGURES.items():
        page.get_by_label(label).fill(typed)


def test_findings_follow_the_typing_and_come_along_into_a_draft(page, round_):
    enterprise = factories.make_enterprise(name="威海澜港冷链装备有限公司")
    member = factories.make_member(enterprise, name="林晓雯")
    member.login = "enterprise"
    member.save()
    page.goto(URL)
    assert accessibility_violations(page) == []
    fill(page)
    answer = page.locator("#answer")
    answer.get_by_text("1,499.60 ÷ 10,000.00 = 14.996%").wait_for()
    answer.get_by_role("heading", name="按您填写的数据，暂不符合申报基本条件").wait_for()
    page.get_by_label("2025年服务性收入").fill("1499.60x")
    page.get_by_text("2025年服务性收入“1499.60x”不是数字。").wait_for()
    assert page.get_by_label("2025年服务性收入").get_attribute("aria-invalid") == "true"
    assert accessibility_violations(page) == []
    keep_screenshots(page, "self-check-error")
    page.get_by_label("2025年服务性收入").fill("1500")
    answer.get_by_role("heading", name="按您填写的数据，符合申报基本条件").wait_for()
    assert page.get_by_label("2025年服务性收入").get_attribute("aria-invalid") is None
    assert page.evaluate("document.activeElement.id") == "id_service_revenue_2025"
    assert page.locator("#said").inner_text().startswith("按您填写的数据，符合申报基本条件。")
    page.locator("label[for=id_ACCIDENTS_answer_1]").click()
    page.get_by_label("事故等级").wait_for()
    with page.expect_response(lambda response: response.url.endswith("/self-check/")):
        page.locator("label[for=id_ACCIDENTS_answer_0]").click()
    page.get_by_label("事故等级").wait_for(state="hidden")
    answer.get_by_role("link", name="第3项（1）").click()
    page.get_by_text("企业最近一年的服务性收入占主营业务收入比重超过15%（含）").wait_for()
    page.keyboard.press("Escape")
    assert accessibility_violations(page) == []
    keep_screenshots(page, "self-check")

    page.get_by_role("button", name="带着这些数字开始申报").click()
    page.get_by_text("自测时填写的内容还在").wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="以林晓雯登录").click()
    page.get_by_role("heading", name="申报2026年度认定").wait_for()
    assert accessibility_violations(page) == []
    keep_screenshots(page, "self-check-start")
    page.get_by_role("button", name="建立申报书").click()
    page.get_by_text("已建立申报书").wait_for()
    latest = Application.objects.get().figures.get(year=2025)
    assert [str(one) for one in (latest.main_revenue, latest.service_revenue, latest.total_profit)] == [
        "10000.00", "1500.00", "300.00",
    ]  # fmt: skip


def test_a_draft_that_says_otherwise_is_asked(page, round_, sign_in_as):
    enterprise = factories.make_enterprise(name="威海澜港冷链装备有限公司")
    member = factories.make_member(enterprise, name="林晓雯")
    draft = factories.make_application(enterprise=enterprise, member=member, round=round_)
    draft.figures.create(year=2025, main_revenue=9999)
    sign_in_as(page, member)
    page.goto(URL)
    fill(page)
    page.get_by_role("button", name="带着这些数字开始申报").click()
    page.get_by_role("heading", name="带入自测时填写的内容").wait_for()
    assert accessibility_violations(page) == []
    keep_screenshots(page, "self-check-carry")
    page.get_by_label("2025年主营业务收入改用自测填写的 10,000.00 万元").check()
    page.get_by_role("button", name="带入申报书").click()
    page.get_by_text("自测时填写的内容已带入").wait_for()
    assert str(draft.figures.get(year=2025).main_revenue) == "10000.00"


def test_on_a_phone_one_half_is_shown_at_a_time(phone_page, round_):
    page = phone_page
    page.goto(URL)
    fill(page)
    page.locator("#filled").get_by_text("已填 15 项").wait_for()
    assert not page.locator("#answer").is_visible()
    page.get_by_role("button", name="查看结论").click()
    page.get_by_text("−500.00 → 300.00").wait_for()
    assert not page.get_by_label("成立日期").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="填写").click()
    assert page.get_by_label("2025年服务性收入").input_value() == "1499.60"
    assert accessibility_violations(page) == []


def test_on_paper_stand_the_findings_what_was_typed_and_the_date(page, round_):
    page.goto(URL)
    fill(page)
    page.locator("#answer").get_by_text("14.996%").wait_for()
    page.emulate_media(media="print")
    said = page.inner_text("main")
    for words in ("申报条件自测", "其余 10 条符合", "2025年服务性收入\n1,499.60 万元", "打印时间 2026年6月12日（周五）09:0", "仅供参考，不作为认定依据"):  # fmt: skip
        assert words in said, words
    assert not page.locator("#self-check").is_visible()
    assert not page.get_by_role("button", name="打印结论").is_visible()


def test_what_was_typed_is_there_and_judged_when_one_comes_back(page, round_):
    page.goto(URL)
    fill(page)
    page.locator("#answer").get_by_text("−500.00 → 300.00").wait_for()
    page.goto("/measure/")
    page.go_back()
    page.locator("#answer").get_by_text("1,499.60 ÷ 10,000.00 = 14.996%").wait_for()
    assert page.get_by_label("2025年服务性收入").input_value() == "1499.60"


def test_without_a_script_a_button_gives_the_findings(open_browser, round_):
    page = open_browser(DESKTOP, java_script_enabled=False)
    page.goto(URL)
    fill(page)
    page.get_by_role("button", name="查看结论").click()
    page.get_by_text("1,499.60 ÷ 10,000.00 = 14.996%").wait_for()
    assert page.get_by_label("2024年主营业务收入").input_value() == "9620"
    assert page.url.endswith(URL)
