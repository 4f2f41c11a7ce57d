"""A draft on its way to the leader's desk: its dates, 送签, 退回拟稿, and what the leader finds first."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.duties import Duty, duties_of
from core.models import Notification
from core.workflow import options, why_not
from decisions.drafts import draft_publicity
from decisions.models import Objection, PublicNotice
from decisions.revisions import of_notice
from tests.decisions.cases import (
    MEETING_DAY,
    PUBLICITY_DAY,
    PUBLICITY_ENDS,
    Case,
    at,
    confirm_meeting,
    object_to,
    open_case,
    publicise,
)
from tests.decisions.test_desk import client_of, told

pytestmark = pytest.mark.django_db
SENTENCE = "公示期为2026年9月28日至2026年10月9日，共5个工作日。"


def a_draft() -> tuple[Case, PublicNotice]:
    case = open_case(1)
    with clock.stopped_at(at(MEETING_DAY, 18)):
        return case, draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)


def typed(notice: PublicNotice, **changes) -> dict:
    fields = {
        "revision": of_notice(PublicNotice.objects.get(pk=notice.pk)),
        "title": notice.title,
        "number": "",
        "starts_on": notice.starts_on.isoformat() if notice.starts_on else "",
        "body": notice.body,
    }
    return fields | changes


@pytest.fixture(autouse=True)
def after_the_meeting():
    with clock.stopped_at(at(date(2026, 9, 21))):
        yield


def test_the_drafted_sentence_follows_a_changed_first_day_even_from_a_page_shown_before() -> None:
    case, notice = a_draft()
    client = client_of(case.handler)
    for _ in range(2):  # the second time from a page that still shows the old text
        client.post(
            reverse("notice-edit", args=[notice.pk]),
            typed(notice, starts_on="2026-09-21", autosave="1"),
        )
    changed = PublicNotice.objects.get()
    assert changed.starts_on == date(2026, 9, 21)
    assert changed.body == notice.body.replace(
        SENTENCE, "公示期为2026年9月21日至2026年9月28日，共5个工作日。"
    )
    assert why_not(changed, "send_for_signature") == []
    assert why_not(changed, "release") == ["拟稿人还没有送签。"]


@pytest.mark.parametrize("slip", ["0001-01-01", "9999-12-30"])
def test_a_slip_in_the_year_of_the_first_day_is_refused_and_the_draft_stays_open(slip) -> None:
    case, notice = a_draft()
    client, url = client_of(case.handler), reverse("notice-edit", args=[notice.pk])
    refused = client.post(url, typed(notice, starts_on=slip))
    assert refused.context["form"].errors == {"starts_on": [f"公示开始日期在{int(slip[:4])}年，请核对年份。"]}
    assert client.get(url).context["notice"].starts_on == PUBLICITY_DAY


def test_a_period_in_ones_own_words_that_disagrees_with_the_dates_is_refused() -> None:
    case, notice = a_draft()
    PublicNotice.objects.filter(pk=notice.pk).update(body="公示时间：9月21日至9月25日。")
    PublicNotice.objects.filter(pk=notice.pk).update(sent_at=clock.now())
    page = client_of(case.leader).get(reverse("notice-release", args=[notice.pk]))
    reason = "正文与公示日期不符：正文里没有2026年9月28日、2026年10月9日。请改正文，或按最新情况重新起草（第十六条）。"
    assert page.context["option"].reasons == (reason,)
    assert reason in [one["label"] for one in page.context["checks"]]
    PublicNotice.objects.filter(pk=notice.pk).update(body="公示时间：9月28日至10月9日。")
    assert options(PublicNotice.objects.get(), case.leader, "release")["release"].allowed


def test_a_draft_sent_for_signature_stands_first_on_the_leaders_desk() -> None:
    case, notice = a_draft()
    leader = client_of(case.leader)
    assert duties_of(case.leader) == []
    page = client_of(case.handler).post(
        reverse("notice-edit", args=[notice.pk]), typed(notice, action="send_for_signature"), follow=True
    )
    assert told(page) == ["已送签，市局负责人会收到消息。发布前仍可修改。"]
    assert list(Notification.objects.values_list("recipient", "subject", "url")) == [
        (case.leader.pk, f"待签发：{notice.title}", f"/notice-desk/{notice.pk}/release/")
    ]
    waits = [Duty("公告待我签发", 1, "/notice-desk/?tab=drafts")]
    assert duties_of(case.leader) == waits
    assert duties_of(case.handler) == []
    assert leader.get(reverse("round-list")).context["duties"] == waits
    assert list(leader.get(reverse("notice-desk")).context["to_sign"]) == [notice]
    seen = leader.get(reverse("notice-release", args=[notice.pk])).context["seen"]
    leader.post(reverse("notice-release", args=[notice.pk]), {"seen": seen})
    assert duties_of(case.leader) == []
    assert not Notification.objects.of(case.leader).unread().exists()


def test_a_draft_is_handed_back_with_a_reason_that_says_something() -> None:
    case, notice = a_draft()
    client_of(case.handler).post(
        reverse("notice-edit", args=[notice.pk]), typed(notice, action="send_for_signature")
    )
    leader, url = client_of(case.leader), reverse("notice-hand-back", args=[notice.pk])
    refused = leader.post(url, {"reason": "不行"})
    assert refused.status_code == 422
    assert refused.context["form"].errors == {
        "reason": ["原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]
    }
    leader.post(url, {"reason": "第二段异议受理方式请写明办公地址"})
    assert PublicNotice.objects.get().sent_at is None
    assert duties_of(case.leader) == []
    assert list(Notification.objects.unread().values_list("recipient", "subject", "body")) == [
        (
            case.handler.pk,
            f"退回拟稿：{notice.title}",
            f"{case.leader.name}（威海市工业和信息化局）退回，原因：第二段异议受理方式请写明办公地址。",
        )
    ]


def test_a_publicity_that_has_not_begun_says_from_when_objections_are_taken() -> None:
    case = open_case(1)
    notice = publicise(case)
    sentence = "公示自2026年9月28日开始，9月28日起受理异议（第十七条）。"
    with clock.stopped_at(at(date(2026, 9, 25))):
        page = Client().get(reverse("notice", args=[notice.pk]))
        start = Client().get(reverse("objection-start"))
    assert page.context["refusal"] == sentence
    assert sentence in page.content.decode()
    assert "已届满" not in page.content.decode()
    assert start.context["coming"] == [(notice, sentence)]
    assert sentence in start.content.decode()
    with clock.stopped_at(at(date(2026, 10, 10))):
        over = Client().get(reverse("notice", args=[notice.pk])).content.decode()
    assert "公示已于2026年10月9日届满，不再受理异议（第十七条）。" in over


def test_the_release_page_promises_objections_from_the_first_day() -> None:
    case, notice = a_draft()
    page = client_of(case.leader).get(reverse("notice-release", args=[notice.pk])).content.decode()
    assert "9月28日起可以实名提出异议" in page
    assert "即刻可以实名提出异议" not in page


def test_objections_that_fall_due_stand_first_the_late_ones_before() -> None:
    case = open_case(2)
    notice = publicise(case)
    first, second = (object_to(one, notice) for one in case.applications)
    Objection.objects.filter(pk=first.pk).update(due_on=date(2026, 10, 20))
    Objection.objects.filter(pk=second.pk).update(due_on=date(2026, 10, 23))
    with clock.stopped_at(at(PUBLICITY_ENDS)):
        assert duties_of(case.handler) == []
    with clock.stopped_at(at(date(2026, 10, 21))):
        assert duties_of(case.handler) == [
            Duty("异议已过办理期限", 1, "/objection-desk/", is_late=True),
            Duty("异议三日内到期", 1, "/objection-desk/"),
        ]


def test_a_draft_in_the_list_promises_no_last_day() -> None:
    case, notice = a_draft()
    rows = client_of(case.handler).get(reverse("notice-desk")).context["rows"]
    assert [(one, window) for one, _, _, window in rows] == [(notice, "拟自9月28日起")]
