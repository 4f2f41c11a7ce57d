"""The frame in Chromium: reachable by keyboard, readable on a phone and without script, clean for axe."""

import pytest

from tests.browser import PHONE, accessibility_violations

ZOOMED_TWICE = (683, 384)
PAGES = ["/accessibility/", "/measure/", "/measure/articles/12/", "/demo/clock/"]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("size", [(1366, 768), PHONE, ZOOMED_TWICE], ids=["desktop", "phone", "zoomed"])
@pytest.mark.django_db(transaction=True)
def test_page_is_accessible_and_never_wider_than_the_window(open_browser, address, size):
    page = open_browser(size)
    page.goto(address)
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.django_db(transaction=True)
def test_first_tab_leads_past_the_header(page):
    page.goto("/measure/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到主要内容"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.django_db(transaction=True)
def test_menu_of_a_phone_opens_without_script(open_browser):
    page = open_browser(PHONE, java_script_enabled=False)
    page.goto("/measure/")
    assert not page.locator(".site-header .menu-panel").is_visible()
    page.locator(".site-header .menu summary").click()
    assert page.locator(".site-header .menu-panel").get_by_text("管理办法").is_visible()


@pytest.mark.django_db(transaction=True)
def test_question_mark_lists_the_keys(page):
    page.goto("/measure/")
    page.keyboard.press("Shift+?")
    assert page.locator("#keys-dialog").get_by_text("显示全部快捷键").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys-dialog").is_visible()
