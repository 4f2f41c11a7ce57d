"""The supervision of titles in Chromium, by the handler of the bureau."""

from datetime import date

import pytest
from django.urls import reverse

from core import clock
from policy.sanctions import Ground
from supervision.conclusions import revoke_title
from tests.browser import PHONE, accessibility_violations, keep_screenshots
from tests.supervision.scenes import (
    JUNE,
    announcement,
    handler,
    leader,
    make_title,
    re_review_round,
    reviewed_case,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_handler_goes_from_the_board_to_the_conclusion(page, open_browser, sign_in_as):
    clock.move_to(JUNE)
    officer = handler()
    notice = announcement(officer)
    title = make_title(notice, due=date(2026, 7, 10))
    reviewed_case(title, re_review_round())
    barred = make_title(notice, due=date(2026, 6, 5))
    revoke_title(barred, ground=Ground.FRAUD_OR_VIOLATION, reason="弄虚作假。", by=leader())

    sign_in_as(page, officer)
    page.goto(reverse("supervision-board"))
    keep_screenshots(page, "supervision-board")
    assert accessibility_violations(page) == []
    page.locator("#due").get_by_role("link", name=str(title.enterprise)).click()
    assert accessibility_violations(page) == []

    page.get_by_role("button", name="复核不合格").click()
    page.get_by_text("复核不合格须写明事实和依据（第十九条第（二）项），请补充后再提交。").first.wait_for()
    page.get_by_role("button", name="复核合格").click()
    page.get_by_text(f"已记录：{title.enterprise}复核合格，下次复核应于2028年6月12日前进行。").wait_for()
    keep_screenshots(page, "supervision-re-review")

    phone = open_browser(PHONE)
    sign_in_as(phone, officer)
    for address in (reverse("supervision-board"), reverse("re-review", args=[barred.pk])):
        phone.goto(address)
        found = accessibility_violations(phone)
        assert found == [], "\n".join(found)
        assert phone.evaluate("document.documentElement.scrollWidth") == PHONE[0]
