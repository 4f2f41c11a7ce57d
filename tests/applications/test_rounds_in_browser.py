"""A round from last year's to the public call, with a mouse; and what axe finds on its pages."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Round
from core import clock
from tests import factories
from tests.browser import DESKTOP, PHONE, accessibility_violations, keep_screenshots

MOST_CLICKS = 20


@pytest.fixture
def handler(transactional_db):
    """An officer in spring, who opened a round last year."""
    clock.move_to(clock.instant(date(2026, 4, 20), 9))
    factories.make_round(
        year=2025,
        title="2025年度威海市服务型制造示范企业认定",
        state=Round.State.CLOSED,
        opens_at=clock.instant(date(2025, 5, 19), 9),
        enterprise_deadline=clock.instant(date(2025, 6, 30), 17),
        district_deadline=clock.instant(date(2025, 7, 17), 17),
        review_starts_on=date(2025, 7, 28),
        review_ends_on=date(2025, 8, 15),
        publicity_starts_on=date(2025, 8, 22),
        latest_year=2024,
        quota=9,
    )
    return factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")


def test_a_round_from_last_years_is_open_within_twenty_clicks(page, open_browser, sign_in_as, handler):
    sign_in_as(page, handler)
    page.goto(reverse("round-list"))
    clicks = 0

    def click(name: str, role: str = "button") -> None:
        nonlocal clicks
        page.get_by_role(role, name=name, exact=True).click()
        clicks += 1

    click("沿用2025年度，建立新批次")
    page.get_by_label("企业申报截止").fill("2026-06-30T17:00")
    click("保存，上一步")
    page.get_by_label("通知文号").fill("威工信字〔2026〕12号")
    for heading in ("日期", "申报要求", "评审和名额"):
        click("保存，下一步")
        page.get_by_role("heading", name=f"筹备批次：{heading}").wait_for()
        for size in (PHONE, DESKTOP):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            assert accessibility_violations(page) == []
        keep_screenshots(page, f"round-{heading}")
    page.get_by_text("各渠道合计 0 家").wait_for()
    page.get_by_label("荣成市工业和信息化局").fill("4")
    page.get_by_label("文登区工业和信息化局").fill("3")
    page.get_by_text("各渠道合计 7 家").wait_for()
    click("保存，下一步")
    page.get_by_role("heading", name="通知文件、模板和问答", exact=True).wait_for()
    assert accessibility_violations(page) == []
    page.get_by_label("通知文件（盖章扫描件）").set_input_files(
        {"name": "申报通知.pdf", "mimeType": "application/pdf", "buffer": factories.a_pdf()}
    )
    click("上传通知文件")
    page.get_by_text("“申报通知.pdf”已上传。").wait_for()
    page.locator(".action-bar").get_by_role("link", name="预览和发布").click()
    clicks += 1
    page.get_by_role("heading", name="预览和发布：2026年度威海市服务型制造示范企业认定").wait_for()
    assert accessibility_violations(page) == []
    keep_screenshots(page, "round-preview")
    click("发布申报通知", "link")
    page.get_by_role("heading", name="确认发布：2026年度威海市服务型制造示范企业认定").wait_for()
    assert accessibility_violations(page) == []
    keep_screenshots(page, "round-open")
    click("确认发布")
    page.get_by_text("的通知已发布，企业自5月19日09:00起可以申报。").wait_for()
    assert clicks < MOST_CLICKS
    made = Round.objects.get(year=2026)
    assert (made.state, made.call_number, made.base_date) == (
        "OPEN",
        "威工信字〔2026〕12号",
        date(2026, 6, 30),
    )

    reader = open_browser(PHONE)
    reader.goto(reverse("call", args=[made.pk]))
    reader.get_by_text("2026年6月30日（周二）17:00").first.wait_for()
    assert reader.get_by_role("link", name="申报通知.pdf").is_visible()
    assert accessibility_violations(reader) == []
    keep_screenshots(reader, "call")


def test_under_the_expired_measure_the_renewal_comes_first(page, open_browser, sign_in_as, handler):
    open_browser.allow(["422 (Unprocessable Entity)"])  # the refused copy
    clock.move_to(clock.instant(date(2026, 11, 23), 10))
    sign_in_as(page, handler)
    page.goto(reverse("round-list"))
    page.get_by_role("button", name="沿用2025年度，建立新批次").click()
    page.get_by_text("管理办法的有效期没有覆盖本批次（第二十五条）").wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="登记延续文件").click()
    page.get_by_label("文号").fill("威工信发〔2026〕21号")
    page.get_by_label("文件名称").fill("关于延续认定管理办法有效期的通知")
    page.get_by_label("印发日期").fill("2026-11-20")
    page.get_by_label("有效期延续至").fill("2031-08-31")
    page.get_by_role("button", name="登记延续文件").click()
    page.get_by_text("已登记威工信发〔2026〕21号").wait_for()
    page.get_by_role("link", name="批次", exact=True).click()
    page.get_by_role("button", name="沿用2025年度，建立新批次").click()
    page.get_by_role("heading", name="筹备批次：日期").wait_for()
    made = Round.objects.get(year=2026)
    assert (made.state, clock.local(made.opens_at).date()) == ("PREPARING", date(2026, 11, 24))
