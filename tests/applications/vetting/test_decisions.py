"""What ends vetting: items flagged and returned for correction, or the case not recommended (第十五条)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications import versions
from applications.models import (
    Application,
    CorrectionItem,
    Recommendation,
    RecommendationEntry,
    VettingOpinion,
)
from core import clock, workflow
from core.models import Event, Notification
from tests.applications.vetting.scenes import JULY, PASSED, another_desk, flag, state_of, words
from tests.factories import make_application, make_officer

pytestmark = pytest.mark.django_db
State = Application.State


# Flagging


def test_an_item_is_flagged_changed_and_withdrawn(desk, officer, case):
    url = reverse("vetting-flag", args=[case.pk])
    item = "ATTACHMENTS:CREDIT_REPORT"
    desk.post(url, {"item": item, "reason": "附行政处罚决定书", "seen": ""})
    flagged = CorrectionItem.objects.get()
    assert (flagged.label, flagged.reason, flagged.flagged_by) == (
        "公共信用报告",
        "附行政处罚决定书",
        officer,
    )
    desk.post(url, {"item": item, "reason": "附决定书和结案证明", "seen": "附行政处罚决定书"})
    assert CorrectionItem.objects.get().reason == "附决定书和结案证明"
    desk.post(url, {"remove": item})
    assert not CorrectionItem.objects.exists()


def test_a_flag_without_a_reason_is_refused(desk, case):
    page = desk.post(reverse("vetting-flag", args=[case.pk]), {"item": "FIGURES", "reason": "  ", "seen": ""})
    assert page.status_code == 422
    assert "请写明退回原因，企业要照此补正。" in page.content.decode()
    assert not CorrectionItem.objects.exists()


def test_an_item_that_is_none_is_refused(desk, case):
    page = desk.post(reverse("vetting-flag", args=[case.pk]), {"item": "ATTACHMENTS", "reason": "缺"})
    assert page.status_code == 422
    assert not CorrectionItem.objects.exists()


def test_a_colleagues_reason_is_not_overwritten(desk, case):
    url = reverse("vetting-flag", args=[case.pk])
    another_desk(name="毕文舟").post(url, {"item": "FIGURES", "reason": "数字不符", "seen": ""})
    page = desk.post(url, {"item": "FIGURES", "reason": "缺验证码", "seen": ""})
    assert page.status_code == 409
    assert page.context["flag_form"].errors == {
        "reason": ["毕文舟已将“三年指标”列为退回，原因：数字不符。您写的没有覆盖它。要合并请在该项后点“改”。"]
    }
    assert "缺验证码" in page.content.decode()
    assert CorrectionItem.objects.get().reason == "数字不符"


# Returning


def due(moment) -> dict:
    return {"due": clock.local(moment).strftime("%Y-%m-%dT%H:%M")}


def test_a_return_needs_items(desk, case):
    page = desk.post(reverse("vetting-return", args=[case.pk]), due(JULY + timedelta(days=2)), follow=True)
    assert words(page) == ["请先列出要补正的项目，并逐项写明原因。"]
    assert state_of(case) == State.SUBMITTED


def test_a_return_tells_the_enterprise_each_reason_and_the_date(desk, officer, case):
    flag(case, officer)
    until = clock.instant(date(2026, 7, 16), 17)
    desk.post(reverse("vetting-return", args=[case.pk]), due(until))
    returned = Application.objects.get(pk=case.pk)
    assert (returned.state, returned.correction_due) == (State.RETURNED, until)
    message = Notification.objects.get(subject__startswith="申报书退回补正")
    assert "三年指标：请附审计报告验证码。" in message.body
    assert "7月16日17:00" in message.subject


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (JULY - timedelta(minutes=1), "补正截止须晚于现在，企业才来得及补正。"),
        (clock.instant(date(2026, 7, 17), 17, 1), "本单位审核至7月17日17:00截止，补正截止不能晚于它。"),
    ],
)
def test_the_date_of_a_return_lies_within_the_districts_deadline(desk, officer, case, until, sentence):
    flag(case, officer)
    page = desk.post(reverse("vetting-return", args=[case.pk]), due(until))
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert state_of(case) == State.SUBMITTED


@pytest.mark.parametrize("typed", ["", "soon", "2026-13-40T99:99"])
def test_a_date_that_is_none_is_refused(desk, officer, case, typed):
    flag(case, officer)
    assert desk.post(reverse("vetting-return", args=[case.pk]), {"due": typed}).status_code == 422
    assert state_of(case) == State.SUBMITTED


def test_the_proposed_date_lies_within_the_districts_deadline(desk, officer, case):
    flag(case, officer)
    form = desk.get(reverse("vetting-return", args=[case.pk])).context["form"]
    assert JULY < form.initial["due"] <= case.round.district_deadline


def test_at_the_districts_deadline_nothing_is_returned_any_more(desk, officer, case):
    flag(case, officer)
    url = reverse("vetting-return", args=[case.pk])
    closing = case.round.district_deadline
    with clock.stopped_at(closing):
        page = desk.get(url)
        assert "报送截止时间为7月17日17:00，已过，不能再退回补正" in page.content.decode()
        desk.post(url, due(closing + timedelta(days=1)))
        assert state_of(case) == State.SUBMITTED
    with clock.stopped_at(closing - timedelta(seconds=61)):
        desk.post(url, due(closing))
        assert state_of(case) == State.RETURNED


# Refusing

REFUSAL = {"clause": "第十二条第2项", "reason": "环保处罚尚未结案，信用报告可查。"}


def test_a_doubt_without_its_reason_ends_nothing(desk, case, officer):
    doubted = PASSED | {"validity": "DOUBT", "validity_note": " "}
    VettingOpinion.objects.record(case.current_version, by=officer, revision=0, **doubted)
    reason = "审核为“存疑”“不通过”的，请在核对栏写明理由：有效性（第十五条）。"
    assert workflow.why_not(case, "refuse_recommendation") == [reason]
    assert reason in workflow.why_not(case, "return_for_correction")
    VettingOpinion.objects.update(validity_note="专项说明未盖章。")
    assert workflow.why_not(_fetched(case), "refuse_recommendation") == []


def _fetched(case: Application) -> Application:
    """The case as the next request finds it."""
    return Application.objects.get(pk=case.pk)


def test_what_the_bureau_sent_back_is_not_passed_unchanged(officer):
    bare = PASSED | {"authenticity_note": ""}
    case = make_application(state=State.SENT_BACK)
    with clock.stopped_at(case.state_since - timedelta(days=1)):
        VettingOpinion.objects.record(case.current_version, by=officer, revision=0, **bare)
    reason = "市局退回后还没有重新审核：请针对退回的问题核对，写明核对情况并保存，再审核通过。"
    assert workflow.why_not(case, "pass_vetting") == [reason]
    with clock.stopped_at(case.state_since + timedelta(hours=1)):
        VettingOpinion.objects.record(case.current_version, by=officer, revision=1, **bare)
        assert workflow.why_not(_fetched(case), "pass_vetting") == [reason]
        noted = bare | {"validity_note": "验收单盖章页已补齐，与原件一致。"}
        VettingOpinion.objects.record(case.current_version, by=officer, revision=2, **noted)
        assert workflow.why_not(_fetched(case), "pass_vetting") == []


def test_a_refusal_needs_its_reason(desk, case):
    url = reverse("vetting-refuse", args=[case.pk])
    assert desk.post(url, {"reason": " "}).context["form"].errors == {
        "clause": ["不予推荐须选择依据的条款。"],
        "reason": ["请写明原因，企业会看到。"],
    }
    page = desk.post(url, {"clause": "第十五条", "reason": "不行"})
    assert page.status_code == 422
    assert page.context["form"].errors == {"reason": ["原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]}
    assert state_of(case) == State.SUBMITTED


def test_a_refusal_tells_the_reason_and_the_way_to_object(desk, case):
    desk.post(reverse("vetting-refuse", args=[case.pk]), REFUSAL)
    assert state_of(case) == State.NOT_RECOMMENDED
    assert (
        Event.objects.get(action="refuse_recommendation").note
        == "第十二条第2项：环保处罚尚未结案，信用报告可查。"
    )
    body = Notification.objects.get(recipient__memberships__enterprise=case.enterprise).body
    assert "第十二条第2项：环保处罚尚未结案，信用报告可查。" in body
    assert "如有异议，可向荣成市工业和信息化局提出" in body


def test_a_second_decision_finds_the_first(desk, case):
    desk.post(reverse("vetting-refuse", args=[case.pk]), REFUSAL)
    desk.post(reverse("vetting-refuse", args=[case.pk]), REFUSAL)
    assert Event.objects.filter(action="refuse_recommendation").count() == 1


def test_a_correction_due_on_a_rest_day_is_said_before_it_is_sent(desk, case, officer):
    VettingOpinion.objects.record(case.current_version, by=officer, revision=0, **PASSED)
    flag(case, officer)
    saturday = clock.instant(date(2026, 6, 20), 17)
    url, asked = reverse("vetting-return", args=[case.pk]), {"due": f"{saturday:%Y-%m-%dT%H:%M}"}
    with clock.stopped_at(clock.instant(date(2026, 6, 12), 9)):
        page = desk.post(url, asked)
        assert page.context["hints"] == ["补正截止6月20日（周六）是休息日，请确认。"]
        assert state_of(case) == "SUBMITTED"
        other_day = asked | {"due": "2026-06-21T17:00", "rest_day": page.context["rest_day"]}
        assert desk.post(url, other_day).context["hints"] == ["补正截止6月21日（周日）是休息日，请确认。"]
        desk.post(url, asked | {"rest_day": page.context["rest_day"]})
    assert state_of(case) == "RETURNED"
    assert Application.objects.get(pk=case.pk).correction_due == saturday


def test_the_reason_of_one_item_is_not_left_standing_for_the_next(desk, case):
    url = reverse("vetting-flag", args=[case.pk])
    asked = {"item": "FIGURES", "reason": "审计报告缺签章页", "seen": "", "show": "FIGURES"}
    form = desk.post(url, asked, follow=True).context["flag_form"]
    assert (form["item"].value(), form["reason"].value()) == ("FIGURES", None)
    form = desk.get(reverse("vetting", args=[case.pk]), {"edit": "FIGURES"}).context["flag_form"]
    assert (form["item"].value(), form["reason"].value(), form["seen"].value()) == (
        "FIGURES",
        "审计报告缺签章页",
        "审计报告缺签章页",
    )


def test_a_resubmission_shows_what_was_asked_for_and_that_nothing_was_changed(
    desk, case, officer, django_assert_max_num_queries
):
    flag(case, officer)
    with clock.stopped_at(JULY):
        workflow.perform(case, "return_for_correction", by=officer, due=JULY + timedelta(days=3))
    item = CorrectionItem.objects.get()
    item.answer = "已附验证码"
    item.save()
    returned = Application.objects.get(pk=case.pk)
    versions.freeze(returned, by=officer)
    with django_assert_max_num_queries(15):
        page = desk.get(reverse("vetting", args=[case.pk]))
    before = page.context["asked_before"]
    assert [(one.reason, one.answer) for one in before["items"]] == [("请附审计报告验证码。", "已附验证码")]
    assert (before["version"].number, before["is_unchanged"]) == (1, True)
    assert "重报的内容与第 1 版完全相同，请核对是否已补正。" in page.content.decode()


def test_a_reason_without_a_stop_is_told_as_a_sentence_of_its_own(officer):
    application = make_application(state=State.SUBMITTED)
    leader = make_officer(Role.CHANNEL_LEADER, application.channel)
    workflow.perform(application, "refuse_recommendation", by=leader, note="项目证明材料不真实")
    channel = application.channel
    assert [one.body for one in Notification.objects.all()] == [
        f"{channel}不予推荐，原因：项目证明材料不真实。如有异议，可向{channel}提出。"
    ]


# Taking a pass back


def test_a_pass_is_taken_back_with_a_reason_that_the_enterprise_reads(desk, officer):
    case = make_application(state=State.VETTED)
    url = reverse("vetting-take-back", args=[case.pk])
    assert f'href="{url}"' in desk.get(reverse("vetting", args=[case.pk])).content.decode()
    refused = desk.post(url, {"reason": ""})
    assert (refused.status_code, refused.context["form"].errors) == (
        422,
        {"reason": ["请写明撤回的原因，企业会看到。"]},
    )
    page = desk.post(url, {"reason": "接到反映，需要重新核对审计报告原件。"}, follow=True)
    assert words(page) == [f"已撤回{case.enterprise}的审核通过，请重新审核。"]
    assert state_of(case) == State.SUBMITTED
    event = Event.objects.get(action="take_back_pass")
    assert (event.actor, event.from_state, event.to_state) == (officer, "VETTED", "SUBMITTED")
    told = Notification.objects.get(recipient=case.enterprise.memberships.get().user)
    assert told.body == (
        f"{case.channel}撤回了审核通过，正在重新审核，原因：接到反映，需要重新核对审计报告原件。"
    )
    again = desk.post(url, {"reason": "接到反映，需要重新核对审计报告原件。"}, follow=True)
    assert words(again) == ["当前状态为“待审核”，不能撤回审核通过。请刷新页面查看最新进展。"]


def test_a_pass_in_a_letter_stays_until_the_letter_lets_it_go(desk, officer):
    case = make_application(state=State.VETTED)
    letter = Recommendation.objects.create(
        agency=case.channel, round=case.round, letter_number="荣工信〔2026〕15号", prepared_by=officer
    )
    RecommendationEntry.objects.create(recommendation=letter, application=case, position=1)
    reason = "已列入推荐函荣工信〔2026〕15号（拟稿），请先从名单中移出，或作废这份拟稿。"
    assert workflow.why_not(case, "take_back_pass") == [reason]
    page = desk.post(
        reverse("vetting-take-back", args=[case.pk]), {"reason": "需要重新核对审计报告原件。"}, follow=True
    )
    assert (words(page), state_of(case)) == ([reason], State.VETTED)
