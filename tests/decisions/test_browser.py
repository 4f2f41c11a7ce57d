"""The desk and the public pages in Chromium: a meeting by keyboard, publicity, an objection, the announcement, the plaque."""

from datetime import date

import pytest

from applications.models import Application
from core import clock
from decisions.models import AgendaItem, Objection, PublicNotice, Recognition
from review.models import Ranking, RankingEntry
from tests.browser import accessibility_violations, keep_screenshots
from tests.decisions.cases import MEETING_DAY, at, open_case, record_meeting
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inspect():
    """A function that keeps screenshots of a page under a name and collects what axe finds."""
    found: list[str] = []

    def inspect(page, name: str) -> None:
        keep_screenshots(page, f"decisions-{name}")
        found.extend(f"{name}: {one}" for one in accessibility_violations(page))

    yield inspect
    assert found == []


def go_on(page, selector: str) -> None:
    """Click, and wait for the page that follows: what is typed is saved first, so the click alone ends before it is left."""
    with page.expect_navigation():
        page.click(selector)


def test_from_the_meeting_to_the_plaque(open_browser, sign_in_as, inspect) -> None:
    case = open_case(4)
    ranking = Ranking.objects.create(round=case.round, frozen_by=case.handler, inputs={}, digest="e" * 64)
    for rank, one in enumerate(case.applications, start=1):
        RankingEntry.objects.create(ranking=ranking, application=one, rank=rank, score=92 - rank)
    clock.move_to(at(MEETING_DAY, 16, 5))
    meeting = record_meeting(case)
    meeting.items.update(decision="")
    desk, leader, public = open_browser(), open_browser(), open_browser()
    sign_in_as(desk, case.handler)
    sign_in_as(leader, case.leader)

    desk.goto("/meetings/")
    inspect(desk, "meeting-list")
    desk.goto(f"/meetings/{meeting.pk}/")
    for key in ("1", "1", "3"):
        desk.keyboard.press(key)
    desk.keyboard.type("存续主体待核实")
    desk.keyboard.press("Tab")
    desk.wait_for_selector("text=已自动保存")
    assert desk.inner_text("[data-count-decided=APPROVED]") == "2"
    assert list(AgendaItem.objects.values_list("decision", "reason")) == [
        ("APPROVED", ""),
        ("APPROVED", ""),
        ("DEFERRED", "存续主体待核实"),
        ("", ""),
    ]
    go_on(desk, "text=全部列为通过")
    inspect(desk, "meeting")
    go_on(desk, "text=核对并确认会议决定")
    inspect(desk, "meeting-confirm")
    go_on(desk, "button:has-text('确认会议决定')")
    go_on(desk, "button:has-text('起草公示')")
    inspect(desk, "publicity-draft")
    notice = PublicNotice.objects.get()
    go_on(desk, "button:has-text('送市局负责人签发')")
    leader.goto(f"/notice-desk/{notice.pk}/release/")
    inspect(leader, "publicity-release")
    leader.click("button:has-text('发布公示')")
    leader.wait_for_selector("text=已发布")

    clock.move_to(at(date(2026, 10, 8), 10, 5))
    contested = notice.entries.order_by("position")[0].application
    public.goto(f"/notices/{notice.pk}/")
    inspect(public, "notice")
    public.goto(f"/notices/{notice.pk}/objections/{contested.pk}/")
    inspect(public, "objection-form")
    public.check("text=个人，署真实姓名")
    public.fill("[name=name]", "毕清和")
    public.fill("[name=mobile]", "13812341234")
    public.fill("[name=facts]", "项目二系与他人共有。")
    go_on(public, "button:has-text('提交异议')")
    inspect(public, "objection-receipt")
    objection = Objection.objects.get()
    desk.goto("/objection-desk/")
    inspect(desk, "objection-desk")
    desk.goto(f"/objection-desk/{objection.pk}/")
    go_on(desk, "button:has-text('受理异议')")
    desk.click("text=查看异议人身份")
    desk.wait_for_selector("text=本次查看已记录")
    inspect(desk, "objection")

    clock.move_to(at(date(2026, 10, 10), 10, 5))
    desk.goto(f"/notice-desk/{notice.pk}/")
    inspect(desk, "publicity")
    go_on(desk, "button:has-text('起草公布通知（2 家）')")
    announcement = PublicNotice.objects.get(kind=PublicNotice.Kind.ANNOUNCEMENT)
    go_on(desk, "button:has-text('送市局负责人签发')")
    leader.goto(f"/notice-desk/{announcement.pk}/release/")
    leader.click("button:has-text('发布公布通知')")
    leader.wait_for_selector("text=已发布")
    desk.goto(f"/notice-desk/{announcement.pk}/")
    inspect(desk, "announced")
    desk.click("button:has-text('记录所选企业授牌')")
    desk.wait_for_selector("text=已记录 2 家企业授牌")
    assert sorted(Application.objects.values_list("state", flat=True)) == sorted(
        ["AWARDED", "AWARDED", "CONTESTED", "PROPOSED"]
    )
    title = Recognition.objects.first()
    assert title is not None
    member = open_browser()
    sign_in_as(member, make_member(title.enterprise))
    member.goto("/enterprise/titles/")
    inspect(member, "titles")
    for address, name in [
        ("/", "home"),
        ("/notices/", "notices"),
        ("/directory/", "directory"),
        ("/objections/", "objections"),
        ("/open-data/", "open-data"),
        (f"/verify/{title.plaque.serial.lower()}/", "verify"),
        ("/verify/WHFWZZ-2026-999/", "verify-unknown"),
    ]:
        public.goto(address)
        inspect(public, name)
