"""The administrator records the measure that follows, changes a number of it and compares the two, on a screen and on a phone."""

from datetime import date

from django.urls import reverse

from accounts.roles import Role
from core import clock
from policy.models import Measure
from tests.applications.test_in_browser import expire_session, sign_in_again
from tests.browser import PHONE, accessibility_violations, keep_screenshots
from tests.factories import make_officer

WHY = "与印发的原文核对后更正。"


def test_the_successor_is_recorded_changed_and_compared(page, open_browser, sign_in_as, transactional_db):
    clock.move_to(clock.instant(date(2026, 6, 12), 9))
    sign_in_as(page, make_officer(Role.ADMINISTRATOR))
    page.goto(reverse("measure-list"))
    page.get_by_text("有效期至2026年8月31日", exact=True).wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="威工信发〔2021〕34号").click()
    page.get_by_text("没有由平台执行的规则").first.wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="登记接替的办法").click()
    page.get_by_label("文号").fill("威工信发〔2026〕18号")
    page.get_by_label("印发日期").fill("2026-06-10")
    page.get_by_label("施行日期").fill("2026-09-01")
    page.get_by_label("有效期至").fill("2031-08-31")
    page.get_by_role("textbox", name="原因").fill("原办法将于八月底到期，按新办法执行。")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="登记接替的办法").click()
    page.get_by_text("已登记威工信发〔2026〕18号").wait_for()
    page.get_by_role("link", name="修改条件和参数").click()
    page.locator("#id_service_revenue_share__percent").fill("20")
    page.get_by_role("textbox", name="原因").fill(WHY)
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="保存修改").click()
    page.get_by_text("“条件和参数”已修改 1 处").wait_for()
    new = Measure.objects.get(document_number="威工信发〔2026〕18号")
    assert new.conditions.get(rule="service_revenue_share").numbers == {"percent": "20"}

    phone = open_browser(PHONE)
    sign_in_as(phone, make_officer(Role.MUNICIPAL_HANDLER))
    for name in ("measure-list", "measure-detail", "measure-compare"):
        phone.goto(reverse(name, args=[new.pk] if name == "measure-detail" else []))
        assert accessibility_violations(phone) == []
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    marked = [one.inner_text() for one in phone.locator("del.diff-removed, ins.diff-added").all()]
    assert marked[-2:] == ["15%", "20%"]
    keep_screenshots(phone, "measure-compare")


def test_articles_typed_as_the_session_ended_are_back_with_the_reason(page, sign_in_as, transactional_db):
    clock.move_to(clock.instant(date(2026, 6, 12), 9))
    administrator = make_officer(Role.ADMINISTRATOR)
    sign_in_as(page, administrator)
    url = reverse("measure-edit", args=[Measure.objects.get().pk, "articles"])
    page.goto(url)
    text = page.get_by_label("全文")
    typed = text.input_value().replace("制定本办法", "特此制定本办法", 1)
    text.fill(typed)
    page.get_by_role("textbox", name="原因").fill(WHY)
    expire_session(page)
    page.get_by_role("button", name="保存修改").click()
    sign_in_again(page, administrator)
    page.get_by_text("已填回您上次填写、还没有保存的内容。").wait_for()
    assert (text.input_value(), page.get_by_role("textbox", name="原因").input_value()) == (typed, WHY)
    keep_screenshots(page, "measure-articles-back")
    page.get_by_role("button", name="保存修改").click()
    page.get_by_text("“条文”已修改 1 处").wait_for()
    page.goto(url)
    assert page.get_by_role("textbox", name="原因").input_value() == ""
