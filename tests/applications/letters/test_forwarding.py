"""A signed letter goes to the bureau with its seal, in time; what was sent back follows, what missed the time is given up."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.conditions import moment_text
from applications.models import Application, CorrectionItem, Recommendation
from core import clock, workflow
from core.models import Event, Notification
from tests.applications.letters.scenes import JULY, batch_of, forward, prepare, sign, state_of, upload, words
from tests.applications.scenes import signed_in
from tests.factories import make_application, make_officer

pytestmark = pytest.mark.django_db
State = Application.State
REFUSED = {"clause": "第十五条", "reason": "审核通过后未在规定时间内报送。"}
LATE = clock.instant(date(2026, 7, 17), 17)

# The sealed letter and forwarding


def test_the_batch_goes_to_the_bureau_with_its_sealed_letter(handler, leader, cases):
    bureau = make_officer(Role.MUNICIPAL_HANDLER)
    batch = prepare(handler, cases)
    sign(leader, batch)
    assert words(upload(handler, batch)) == ["已上传“盖章推荐函.pdf”，1 页。"]
    page = forward(handler, batch)
    done = Recommendation.objects.get()
    assert (done.state, done.receipt_number) == ("FORWARDED", f"TJ-2026-{batch.pk:04d}")
    assert [state_of(case) for case in cases] == [State.FORWARDED] * 2
    assert [Application.objects.get(pk=case.pk).recommended_on for case in cases] == [date(2026, 7, 13)] * 2
    assert done.receipt_number in page.content.decode()
    assert Notification.objects.filter(recipient=bureau).count() == 1
    assert Notification.objects.filter(subject__endswith="：已推荐").count() == 2


def test_without_the_sealed_letter_nothing_is_forwarded(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    assert words(forward(handler, batch)) == ["请先上传盖章的推荐函扫描件。"]
    assert state_of(batch) == "SIGNED"
    assert [state_of(case) for case in cases] == [State.VETTED] * 2


def test_an_unsigned_batch_takes_no_letter_and_is_not_forwarded(handler, cases):
    batch = prepare(handler, cases)
    assert words(upload(handler, batch)) == ["推荐文件现在是“拟稿”，只有签发后、报送前才能上传盖章扫描件。"]
    assert words(forward(handler, batch)) == ["当前状态为“拟稿”，不能报送市局。请刷新页面查看最新进展。"]
    assert state_of(batch) == "DRAFT"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("函.pdf", b"", "是空文件（0 字节）"),
        ("函.pdf", b"MZ not a pdf at all" * 20, "内容是 EXE 格式，没有保存。"),
        ("函.jpg", None, "的内容是 PDF 文件，与文件名不符"),
        ("函.pdf", b"%PDF-1.7\nbroken", "已损坏，打不开"),
        ("函.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "已损坏或尺寸过大，打不开"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(handler, leader, cases, name, content, sentence):
    batch = prepare(handler, cases)
    sign(leader, batch)
    page = upload(handler, batch, name, content)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Recommendation.objects.get().sealed_letter


def test_forwarding_twice_changes_nothing(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    page = forward(handler, batch)
    assert words(page) == ["当前状态为“已报送”，不能报送市局。请刷新页面查看最新进展。"]
    assert Event.objects.filter(subject_type="applications.Application", action="forward").count() == 2


def test_at_the_districts_deadline_it_is_over(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    closing = batch.round.district_deadline
    with clock.stopped_at(closing):
        page = forward(handler, batch)
        assert words(page)[0].startswith("报送截止时间为7月17日17:00，已过，不能再报送：")
        assert state_of(batch) == "SIGNED"
    with clock.stopped_at(closing - timedelta(seconds=1)):
        forward(handler, batch)
        assert state_of(batch) == "FORWARDED"


# Sent back after the deadline


def test_a_case_sent_back_may_follow_after_the_deadline(handler, leader, cases):
    batch = prepare(handler, cases[:1])
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    bureau = make_officer(Role.MUNICIPAL_HANDLER)
    workflow.perform(cases[0], "send_back", by=bureau, note="缺盖章页")
    with clock.stopped_at(batch.round.district_deadline + timedelta(days=3)):
        case = Application.objects.get(pk=cases[0].pk)
        signed_in(handler).post(
            reverse("vetting-pass", args=[case.pk]),
            {
                "version": case.current_version_id,
                "revision": 0,
                "authenticity": "PASS",
                "compliance": "PASS",
                "validity": "PASS",
                "validity_note": "盖章页已补齐，与原件一致。",
                "unseen": "15",
            },
        )
        assert state_of(case) == State.VETTED
        again = batch_of(cases[:1], letter_number="荣工信〔2026〕16号")
        signed_in(handler).post(reverse("recommendation-create"), again)
        second = Recommendation.objects.exclude(pk=batch.pk).get()
        sign(leader, second)
        upload(handler, second)
        forward(handler, second)
        assert state_of(second) == "FORWARDED"
        assert state_of(case) == State.FORWARDED
    trace = batch.entries.get()
    assert trace.withdrawn_at == JULY


def test_a_case_sent_back_after_the_deadline_goes_to_the_enterprise_until_the_eve_of_the_review(
    handler, leader, cases
):
    batch = prepare(handler, cases[:1])
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    round_, case = batch.round, cases[0]
    eve = clock.instant(round_.review_starts_on - timedelta(days=1), 17)
    address = reverse("vetting-return", args=[case.pk])
    with clock.stopped_at(round_.district_deadline + timedelta(days=3)):
        workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="缺盖章页")
        case = Application.objects.get(pk=case.pk)
        CorrectionItem.objects.flag(
            case.current_version, "PROJECTS", label="项目", reason="缺盖章页", seen="", by=handler
        )
        desk = signed_in(handler)
        late = desk.post(address, {"due": f"{clock.local(eve + timedelta(minutes=1)):%Y-%m-%dT%H:%M}"})
        assert late.context["form"].errors["due"] == [
            f"本单位审核至{moment_text(eve)}截止，补正截止不能晚于它。"
        ]
        desk.post(address, {"due": f"{clock.local(eve):%Y-%m-%dT%H:%M}", "rest_day": eve.isoformat()})
        case = Application.objects.get(pk=case.pk)
        assert (case.state, case.correction_due, case.vetting_until) == (State.RETURNED, eve, eve)
        assert workflow.why_not(case, "refuse_recommendation") == [
            f"企业可在{moment_text(eve)}前补正重报，届时仍未重报的，才能不予推荐。"
        ]
    with clock.stopped_at(eve):
        assert workflow.why_not(case, "submit")[0].startswith(f"补正截止时间为{moment_text(eve)}，已过。")
        signed_in(handler).post(
            reverse("vetting-refuse", args=[case.pk]),
            {"clause": "第十五条", "reason": "逾期未补正缺盖章页的验收单。"},
        )
        case = Application.objects.get(pk=case.pk)
        assert (case.state, case.correction_due) == (State.NOT_RECOMMENDED, None)


def test_a_case_sent_back_is_not_returned_any_more_when_the_review_begins(handler):
    case = make_application(state=State.FORWARDED)
    workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="缺盖章页")
    case = Application.objects.get(pk=case.pk)
    with clock.stopped_at(case.vetting_until):
        assert workflow.why_not(case, "return_for_correction") == [
            f"重新审核截止时间为{moment_text(case.vetting_until)}，已过，不能再退回补正。请审核通过或不予推荐。",
            "请先列出要补正的项目，并逐项写明原因。",
        ]


# What passed and was not reported in time


def test_a_case_that_passed_is_given_up_only_when_it_can_no_longer_be_reported(handler, cases):
    case, sent_back = cases
    Application.objects.filter(pk=sent_back.pk).update(sent_back_until=LATE + timedelta(days=9))
    desk = signed_in(handler)
    desk.post(reverse("vetting-refuse", args=[case.pk]), REFUSED)
    assert workflow.why_not(Application.objects.get(pk=case.pk), "refuse_recommendation") == [
        "审核通过的可在7月17日17:00前报送，届时仍未报送的，才能不予推荐。"
    ]
    with clock.stopped_at(LATE):
        page = desk.get(reverse("vetting", args=[case.pk])).content.decode()
        assert "已审核通过，报送截止时间已过没有报送，可以不予推荐。" in page
        for one in (case, sent_back):
            desk.post(reverse("vetting-refuse", args=[one.pk]), REFUSED)
    assert [Application.objects.get(pk=one.pk).state for one in cases] == [
        State.NOT_RECOMMENDED,
        State.VETTED,
    ]
    assert workflow.why_not(Application.objects.get(pk=sent_back.pk), "refuse_recommendation") == [
        "市局退回重新审核的，报送截止后也可以补报，请列入推荐函报送。"
    ]


def test_what_is_given_up_leaves_a_draft_unseen_and_a_signed_batch_with_a_trace(handler, leader, cases):
    batch = prepare(handler, cases)
    desk = signed_in(handler)
    with clock.stopped_at(LATE):
        desk.post(reverse("vetting-refuse", args=[cases[0].pk]), REFUSED)
        assert list(batch.entries.values_list("application", "withdrawn_at")) == [(cases[1].pk, None)]
        sign(leader, batch)
        desk.post(reverse("vetting-refuse", args=[cases[1].pk]), REFUSED)
        assert list(batch.entries.values_list("application", "withdrawn_at")) == [(cases[1].pk, LATE)]
        page = desk.get(reverse("recommendation-detail", args=[batch.pk])).content.decode()
    assert "不予推荐，7月17日 17:00退出" in page
