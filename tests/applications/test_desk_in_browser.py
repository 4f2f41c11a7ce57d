"""The desk in Chromium: a file vetted from the keyboard, verdicts saved as one types, a colleague who was faster."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, VettingOpinion
from core import clock
from tests.browser import DESKTOP, PHONE, REFUSED, accessibility_violations, keep_screenshots
from tests.factories import make_application, make_officer, make_round

pytestmark = pytest.mark.django_db(transaction=True)
State = Application.State


@pytest.fixture
def cases() -> list[Application]:
    """Two submitted cases of a round that runs now, whatever day it is."""
    now = clock.now()
    round_ = make_round(
        opens_at=now - timedelta(days=30),
        enterprise_deadline=now + timedelta(days=5),
        district_deadline=now + timedelta(days=20),
    )
    return [make_application(state=State.SUBMITTED, round=round_) for _ in range(2)]


def test_a_file_is_vetted_from_the_keyboard(page, sign_in_as, cases):
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    sign_in_as(page, officer)
    page.goto(reverse("vetting-queue"))
    assert accessibility_violations(page) == []
    keep_screenshots(page, "queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('vetting', args=[cases[0].pk])}")
    assert accessibility_violations(page) == []
    for key in ("1", "4"):
        page.keyboard.press(key)
    page.get_by_placeholder("看了哪些证照、签章和期限").fill("证照均在有效期内")
    page.locator("[data-saved=vet]", has_text="已自动保存").wait_for()
    page.get_by_text("尚未审核：有效性").wait_for()
    page.locator("h1").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("7")
    passing = page.get_by_role("button", name="审核通过")
    page.wait_for_function("() => !document.querySelector('#vetting-actions [formaction]').disabled")
    keep_screenshots(page, "vetting")
    passing.click()
    page.wait_for_url(f"**{reverse('vetting', args=[cases[1].pk])}")
    assert Application.objects.get(pk=cases[0].pk).state == State.VETTED
    opinion = VettingOpinion.objects.get()
    assert (opinion.authenticity, opinion.compliance, opinion.validity) == ("PASS", "PASS", "PASS")
    assert opinion.validity_note == "证照均在有效期内"


def test_two_colleagues_in_one_file(open_browser, sign_in_as, cases):
    open_browser.allow(REFUSED)
    first, second = open_browser(), open_browser()
    sign_in_as(first, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    sign_in_as(second, make_officer(Role.CHANNEL_HANDLER, name="毕文舟"))
    url = reverse("vetting", args=[cases[0].pk])
    for one in (first, second):
        one.goto(url)
    first.get_by_placeholder("核对了什么：原件、登记信息、验证码").fill("已比对审计报告原件")
    first.locator("[data-saved=vet]", has_text="已自动保存").wait_for()
    first.get_by_text("毕文舟也开着这件").wait_for()
    second.get_by_placeholder("核对了什么：原件、登记信息、验证码").fill("登记信息不符")
    second.get_by_text("于晓岚在").wait_for()
    assert VettingOpinion.objects.get().authenticity_note == "已比对审计报告原件"
    assert second.get_by_placeholder("核对了什么：原件、登记信息、验证码").input_value() == "登记信息不符"


def test_a_press_is_not_lost_when_the_save_before_it_renews_the_buttons(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    page.goto(reverse("vetting", args=[cases[0].pk]))
    page.evaluate(
        """() => {
            const real = window.fetch
            window.fetch = async (...asked) => {
                const answer = await real(...asked)
                const bar = document.querySelector("#vetting-actions")
                bar.replaceWith(bar.cloneNode(true))
                return answer
            }
        }"""
    )
    page.get_by_placeholder("看了哪些证照、签章和期限").fill("证照均在有效期内")
    page.get_by_role("button", name="保存并看下一件").click()
    page.wait_for_url(f"**{reverse('vetting', args=[cases[1].pk])}")
    assert VettingOpinion.objects.get().validity_note == "证照均在有效期内"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_filter_is_saved_under_a_name_and_found_again(open_browser, sign_in_as, cases, size):
    page = open_browser(size)
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    page.goto(f"{reverse('vetting-queue')}?state=SUBMITTED")
    page.get_by_text("保存这组筛选").click()
    page.get_by_label("名称", exact=True).fill("待我审核")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存为常用筛选“待我审核”。").wait_for()
    assert accessibility_violations(page) == []
    page.goto(reverse("vetting-queue"))
    page.get_by_role("link", name="待我审核").click()
    page.wait_for_url("**state=SUBMITTED**")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
