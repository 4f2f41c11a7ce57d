"""One prepares the letter, another signs it and it goes to the bureau, in Chromium: a district's and an association's alike."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, Recommendation
from core import clock
from tests.browser import accessibility_violations, keep_screenshots
from tests.factories import a_pdf, an_agency, make_application, make_association, make_officer, make_round

pytestmark = pytest.mark.django_db(transaction=True)
State = Application.State
SCAN = {"name": "盖章推荐函.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}

REFUSAL = "签发须由本单位负责人办理，且不能是拟稿人本人。"


def why_not_signed(page) -> str:
    """The sentence beside the button, which is there and cannot be pressed."""
    assert page.get_by_role("button", name="签发推荐函").is_disabled()
    return page.locator("#why-sign").inner_text().strip()


@pytest.fixture(params=["district", "association"])
def agency(request):
    return an_agency() if request.param == "district" else make_association()


@pytest.fixture
def cases(agency) -> list[Application]:
    """Three passed cases of a round that runs now, whatever day it is."""
    now = clock.now()
    round_ = make_round(
        opens_at=now - timedelta(days=30),
        enterprise_deadline=now + timedelta(days=5),
        district_deadline=now + timedelta(days=20),
    )
    return [make_application(state=State.VETTED, round=round_, channel=agency) for _ in range(3)]


def test_one_prepares_and_another_signs(open_browser, sign_in_as, agency, cases):
    first, second, left_out = cases
    leader = make_officer(Role.CHANNEL_LEADER, agency, name="毕文舟")
    at_desk, at_head = open_browser(), open_browser()
    sign_in_as(at_desk, make_officer(Role.CHANNEL_HANDLER, agency, name="于晓岚"))
    sign_in_as(at_head, leader)

    at_desk.goto(reverse("recommendation-create"))
    at_desk.get_by_label("推荐函文号").fill("荣工信函[2026]18号")
    for case, position in ((first, "2"), (second, "1")):
        at_desk.get_by_label(f"序号：{case.enterprise.name}").fill(position)
    at_desk.get_by_label(f"备注：{second.enterprise.name}").fill("海洋装备链主企业")
    at_desk.get_by_label(f"列入：{left_out.enterprise.name}").uncheck()
    assert accessibility_violations(at_desk) == []
    at_desk.get_by_role("button", name="保存拟稿").click()
    at_desk.get_by_text("已拟好荣工信函〔2026〕18号，2 家。请由本单位负责人签发。").wait_for()
    assert why_not_signed(at_desk) == REFUSAL

    batch = Recommendation.objects.get()
    address = reverse("recommendation-detail", args=[batch.pk])
    at_head.goto(address)
    assert accessibility_violations(at_head) == []
    keep_screenshots(at_head, "recommendation-to-sign")
    at_head.get_by_role("button", name="签发推荐函").click()
    at_head.get_by_text("荣工信函〔2026〕18号已签发，名单已锁定。").wait_for()
    at_head.get_by_label("盖章推荐函扫描件").set_input_files([SCAN])
    at_head.get_by_role("button", name="上传扫描件").click()
    at_head.get_by_text("已上传“盖章推荐函.pdf”，1 页。").wait_for()

    at_desk.goto(address)
    at_desk.get_by_role("button", name="报送市局（2 家）").click()
    at_desk.get_by_text("各企业已收到推荐通知。").wait_for()
    batch = Recommendation.objects.get()
    assert at_desk.get_by_text(batch.receipt_number).count() > 0
    assert (batch.state, batch.prepared_by.name, batch.signed_by) == ("FORWARDED", "于晓岚", leader)
    listed = batch.entries.order_by("position").values_list("application", "remark")
    assert list(listed) == [(second.pk, "海洋装备链主企业"), (first.pk, "")]
    states = Application.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.FORWARDED, State.FORWARDED, State.VETTED]


def test_who_prepared_the_letter_is_refused_to_sign_it(page, sign_in_as, agency, cases):
    leader = make_officer(Role.CHANNEL_LEADER, agency, name="毕文舟")
    sign_in_as(page, leader)
    page.goto(reverse("recommendation-create"))
    page.get_by_label("推荐函文号").fill("荣工信函〔2026〕19号")
    page.get_by_role("button", name="保存拟稿").click()
    page.get_by_text("已拟好荣工信函〔2026〕19号，3 家。").wait_for()
    assert why_not_signed(page) == REFUSAL
    assert Recommendation.objects.get().state == "DRAFT"
