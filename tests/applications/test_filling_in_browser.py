"""A whole application filled in by somebody without a mouse, and by somebody with nothing but a phone."""

from datetime import date

import pytest

from applications.models import Application
from core import clock
from tests import factories
from tests.browser import DESKTOP, PHONE
from tests.filling import fill_in_whole
from tests.hands import KeyboardHands, ThumbHands


@pytest.mark.parametrize(
    ("hands", "size", "device"),
    [(KeyboardHands, DESKTOP, {}), (ThumbHands, PHONE, {"has_touch": True, "is_mobile": True})],
    ids=["keyboard", "phone"],
)
def test_from_the_first_page_to_the_receipt(
    hands, size, device, open_browser, sign_in_as, tmp_path, transactional_db
):
    clock.move_to(factories.JUNE)
    round_ = factories.make_round(review_starts_on=date(2026, 7, 27))
    enterprise = factories.make_enterprise(name="威海澜港冷链装备有限公司")
    member = factories.make_member(enterprise, name="林晓雯")
    factories.confirm_profile(enterprise, by=member)

    def files(name: str):
        path = tmp_path / name
        path.write_bytes(factories.a_pdf())
        return path

    page = open_browser(size, **device)
    sign_in_as(page, member)
    person = hands(page)
    person.go("/enterprise/")
    person.press("开始申报")
    person.press("建立申报书")
    application = Application.objects.get(round=round_)
    fill_in_whole(person, application, files)
    person.press("检查申报书|检查并提交申报书")
    person.tick("confirmed")
    person.press("提交申报书")
    assert "提交回执" in person.text()
    submitted = Application.objects.get(pk=application.pk)
    assert (submitted.state, submitted.current_version.number) == ("SUBMITTED", 1)
    assert submitted.receipt_number in person.text()
