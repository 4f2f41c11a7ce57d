"""Scenarios 11 to 13 through the door: meeting, publicity, objections, announcement, in this order and over one list."""

from datetime import date
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Enterprise, Membership
from accounts.roles import Role
from applications.models import Application
from applications.uploads import inspect
from core import clock
from core.events import about
from core.models import Event
from core.workflow import NotPermitted, NotPossible, perform
from decisions.drafts import CannotDraft, draft_announcement, draft_meeting, draft_publicity, settle_window
from decisions.minutes import keep_minutes
from decisions.models import AgendaItem, Meeting, NoticeEntry, Objection, PublicNotice, Recognition
from policy.models import CalendarDay
from tests.decisions.cases import (
    ANNOUNCEMENT_DAY,
    MEETING_DAY,
    PUBLICITY_DAY,
    PUBLICITY_ENDS,
    a_case_in,
    announce,
    answer,
    at,
    confirm_meeting,
    object_to,
    open_case,
    publicise,
    record_meeting,
    release,
)
from tests.factories import a_pdf, an_agency, make_round
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
State = Application.State
Decision = AgendaItem.Decision


def states(case) -> list[str]:
    found = dict(Application.objects.values_list("pk", "state"))
    return [found[one.pk] for one in case.applications]


def test_scenario_11_publicity_before_the_meeting_record_is_refused() -> None:
    case = open_case()
    meeting = record_meeting(case)
    with pytest.raises(CannotDraft) as refusal:
        draft_publicity(meeting, by=case.handler)
    assert refusal.value.reasons == [
        "局党组会议审议通过后才能公示（第十六条），尚无会议记录。请先录入党组会议及逐家决定，再公示审议通过的名单。"
    ]
    notice = PublicNotice.objects.create(
        kind="PUBLICITY",
        round=case.round,
        meeting=meeting,
        title="公示",
        body="公示期为9月28日至10月9日。",
        starts_on=PUBLICITY_DAY,
        drafted_by=case.handler,
    )
    NoticeEntry.objects.create(
        notice=notice, application=case.applications[0], position=1, enterprise_name="甲"
    )
    with clock.stopped_at(at(PUBLICITY_DAY)), pytest.raises(NotPossible) as refusal:
        release(case, notice)
    assert refusal.value.reasons == [
        "局党组会议审议通过后才能公示（第十六条），尚无会议记录。请先录入党组会议及逐家决定，再公示审议通过的名单。"
    ]
    assert states(case) == [State.PROPOSED] * 3


def test_scenario_11_after_the_meeting_the_publicised_list_carries_the_digest_of_the_approved_one() -> None:
    case = open_case()
    meeting = confirm_meeting(
        case, {1: (Decision.REJECTED, "环保立案未办结"), 2: (Decision.DEFERRED, "存续主体待核实")}
    )
    assert states(case) == [State.APPROVED, State.NOT_APPROVED, State.PROPOSED]
    notice = publicise(case, meeting)
    assert notice.digest == meeting.approved_digest != meeting.proposed_digest
    assert states(case) == [State.PUBLICIZED, State.NOT_APPROVED, State.PROPOSED]


def test_scenario_11_a_list_whose_digest_differs_is_refused_and_names_the_enterprise() -> None:
    case = open_case(2)
    meeting = confirm_meeting(case)
    notice = draft_publicity(meeting, by=case.handler, starts_on=PUBLICITY_DAY)
    first = notice.entries.get(position=1)
    other = notice.entries.get(position=2)
    other.delete()
    with clock.stopped_at(at(PUBLICITY_DAY)), pytest.raises(NotPossible) as refusal:
        release(case, notice)
    left_out = other.application.enterprise
    assert refusal.value.reasons == [
        f"公示名单与审议通过名单摘要不符：{left_out.name}（{left_out.credit_code}）未列入。请改为一致，或逐家写明原因。"
    ]
    stranger = a_case_in(case.round, State.APPROVED)
    NoticeEntry.objects.create(
        notice=notice, application=other.application, position=2, enterprise_name=other.enterprise_name
    )
    NoticeEntry.objects.create(
        notice=notice,
        application=stranger,
        position=3,
        enterprise_name=stranger.enterprise.name,
        remark="补列",
    )
    with clock.stopped_at(at(PUBLICITY_DAY)), pytest.raises(NotPossible) as refusal:
        release(case, notice)
    assert refusal.value.reasons == [
        f"公示名单与审议通过名单摘要不符：{stranger.enterprise.name}（{stranger.enterprise.credit_code}）不在原名单内。"
        "未经审议通过的企业不能列入，请移出。"
    ]
    assert first.application.state == State.APPROVED


def test_scenario_12_publicity_from_28_september_ends_on_9_october_and_announcement_waits_for_the_10th() -> (
    None
):
    case = open_case(1)
    publicity = publicise(case)
    assert (publicity.starts_on, publicity.ends_on) == (PUBLICITY_DAY, PUBLICITY_ENDS)
    with clock.stopped_at(at(PUBLICITY_ENDS, 23, 59)):
        notice = draft_announcement(publicity, by=case.handler)
        with pytest.raises(NotPossible) as refusal:
            release(case, notice)
    assert refusal.value.reasons == ["公示至2026年10月9日（含）届满，最早2026年10月10日公布（第十七条）。"]
    with clock.stopped_at(at(ANNOUNCEMENT_DAY, 0)):
        release(case, notice)
    assert states(case) == [State.RECOGNIZED]


def test_scenario_13_one_objection_upheld_holds_one_and_eleven_are_announced() -> None:
    case = open_case(12)
    publicity = publicise(case)
    with clock.stopped_at(at(date(2026, 9, 29), 14)):
        answer(
            object_to(case.applications[4], publicity), "uphold", "经核实，项目不属该企业。", by=case.handler
        )
    announcement = announce(case, publicity)
    assert states(case) == [State.OBJECTION_UPHELD if index == 4 else State.RECOGNIZED for index in range(12)]
    assert list(announcement.omissions.values_list("application", "reason")) == [
        (case.applications[4].pk, "异议成立（YY-2026-001），不予公布")
    ]
    assert announcement.entries.count() == 11
    assert announcement.digest != publicity.digest
    recognitions = list(Recognition.objects.order_by("id").select_related("plaque", "enterprise"))
    assert [one.plaque.serial for one in recognitions] == [
        f"WHFWZZ-2026-{number:03d}" for number in range(1, 12)
    ]
    assert {one.enterprise.standing for one in recognitions} == {Enterprise.Standing.HOLDER}
    assert {one.re_review_due_on for one in recognitions} == {date(2028, 10, 10)}
    held = Enterprise.objects.get(pk=case.applications[4].enterprise_id)
    assert held.standing == Enterprise.Standing.NONE


def test_a_contested_entry_goes_on_by_itself_once_its_objection_is_dismissed() -> None:
    case = open_case(3)
    publicity = publicise(case)
    with clock.stopped_at(at(date(2026, 9, 29))):
        objection = perform(object_to(case.applications[0], publicity), "accept", by=case.handler)
    assert states(case) == [State.CONTESTED, State.PUBLICIZED, State.PUBLICIZED]
    first = announce(case, publicity)
    assert list(first.omissions.values_list("reason", flat=True)) == [
        "异议（YY-2026-001）核实中，办结后另行公布"
    ]
    with clock.stopped_at(at(date(2026, 10, 12))):
        Objection.objects.filter(pk=objection.pk).update(answer="经核实，合同署名为该企业。")
        perform(objection, "dismiss", by=case.handler)
    second = announce(case, publicity, date(2026, 10, 13))
    assert states(case) == [State.RECOGNIZED] * 3
    assert list(second.entries.values_list("application", flat=True)) == [case.applications[0].pk]
    assert not second.omissions.exists()


def test_an_objection_received_after_the_draft_keeps_its_entry_out_until_the_list_is_drawn_up_again() -> None:
    case = open_case(2)
    publicity = publicise(case)
    with clock.stopped_at(at(PUBLICITY_ENDS)):
        notice = draft_announcement(publicity, by=case.handler)
        object_to(case.applications[0], publicity)
    with clock.stopped_at(at(ANNOUNCEMENT_DAY)), pytest.raises(NotPossible) as refusal:
        release(case, notice)
    name = case.applications[0].enterprise.name
    assert refusal.value.reasons == [
        f"{name}的异议尚未办结，不能公布（第十七条）。请先将其从本次名单中暂缓，其余企业不受影响。"
    ]
    assert states(case) == [State.PUBLICIZED] * 2


def test_a_lead_without_a_name_holds_nobody_up_and_cannot_be_accepted() -> None:
    case = open_case(1)
    publicity = publicise(case)
    lead = object_to(case.applications[0], publicity, Objection.Kind.LEAD)
    with pytest.raises(NotPossible) as refusal:
        perform(lead, "accept", by=case.handler)
    assert refusal.value.reasons == ["未署名的来信作为线索登记，不作为异议受理。"]
    announce(case, publicity)
    assert states(case) == [State.RECOGNIZED]


def test_who_drafted_a_notice_cannot_release_it_even_with_a_leaders_hat() -> None:
    case = open_case(1)
    Membership.objects.create(
        user=case.handler, role=Role.MUNICIPAL_LEADER, agency=an_agency("371000"), state="CONFIRMED"
    )
    meeting = confirm_meeting(case)
    notice = draft_publicity(meeting, by=case.handler, starts_on=PUBLICITY_DAY)
    with clock.stopped_at(at(PUBLICITY_DAY)), pytest.raises(NotPermitted) as refusal:
        perform(notice, "release", by=case.handler, released_by=case.handler)
    assert str(refusal.value) == "公告由市局负责人签发，且不能是拟稿人本人。"
    assert about(notice).last().outcome == Event.Outcome.REFUSED
    assert PublicNotice.objects.get().state == PublicNotice.State.DRAFT


def test_a_notice_after_the_measure_has_ended_is_refused_until_the_renewal_is_recorded() -> None:
    case = open_case(1, renewed=False)
    meeting = confirm_meeting(case)
    notice = draft_publicity(meeting, by=case.handler, starts_on=PUBLICITY_DAY)
    with clock.stopped_at(at(PUBLICITY_DAY)), pytest.raises(NotPossible) as refusal:
        release(case, notice)
    assert "第二十五条" in refusal.value.reasons[0]


def test_publicity_into_a_year_without_a_calendar_has_its_end_to_be_determined_until_the_calendar_is_known() -> (
    None
):
    case = open_case(1)
    CalendarDay.objects.filter(date__gte=date(2026, 10, 1)).delete()
    publicity = publicise(case)
    assert publicity.ends_on is None
    assert "截止日待国务院办公厅公布节假日安排后确定" in publicity.body
    with clock.stopped_at(at(date(2026, 12, 1))), pytest.raises(NotPossible) as refusal:
        announce(case, publicity, date(2026, 12, 1))
    assert refusal.value.reasons[0].startswith("公示截止日待定")
    assert not settle_window(publicity, by=case.handler)
    for day in (8, 9):
        CalendarDay.objects.create(date=date(2026, 10, day), is_working=True)
    for day in range(1, 8):
        CalendarDay.objects.create(date=date(2026, 10, day), is_working=False)
    assert settle_window(publicity, by=case.handler)
    assert Application.objects.get().publicity_ends_on == PUBLICITY_ENDS
    announce(case, PublicNotice.objects.get(kind="PUBLICITY"))
    assert states(case) == [State.RECOGNIZED]


def test_a_meeting_is_not_confirmed_before_its_record_is_complete() -> None:
    case = open_case(2)
    with clock.stopped_at(at(MEETING_DAY)):
        meeting = draft_meeting(case.round, number="第14次", by=case.handler)
        with pytest.raises(NotPossible) as refusal:
            perform(meeting, "confirm", by=case.handler, confirmed_by=case.handler)
    assert refusal.value.reasons == [
        "会议记录还缺：会议日期、主持人、出席情况、会议纪要（第十六条）。还有 2 家没有记录决定。"
    ]
    meeting = record_meeting(case, {0: (Decision.DEFERRED, " ")})
    with clock.stopped_at(at(MEETING_DAY, 18)), pytest.raises(NotPossible) as refusal:
        perform(meeting, "confirm", by=case.handler, confirmed_by=case.handler)
    assert refusal.value.reasons == [f"不通过、暂缓须写明理由：{case.applications[0].enterprise.name}。"]
    assert Meeting.objects.get().state == Meeting.State.DRAFT


def test_an_enterprise_that_holds_the_title_is_not_recognised_a_second_time() -> None:
    case = open_case(1)
    announce(case, publicise(case))
    holder = case.applications[0].enterprise
    next_round = make_round(year=2027, title="2027年度认定")
    again = a_case_in(next_round, State.PUBLICIZED, enterprise=holder, publicity_ends_on=date(2026, 1, 1))
    with pytest.raises(NotPossible) as refusal:
        perform(again, "recognize", by=case.leader)
    assert f"{holder.name}已是示范企业（WHFWZZ-2026-001），称号有效期间不重复认定。" in refusal.value.reasons


@pytest.mark.django_db(transaction=True)
def test_two_objections_dismissed_at_once_let_their_entry_go_on() -> None:
    case = open_case(1)
    publicity = publicise(case)
    first, second = (
        perform(object_to(case.applications[0], publicity), "accept", by=case.handler) for _ in range(2)
    )
    Objection.objects.update(answer="经核实，合同署名为该企业。")
    dismissed = partial(perform, second, "dismiss", by=case.handler)
    with meanwhile(dismissed, at=at(date(2026, 9, 29))) as colleague:
        perform(first, "dismiss", by=case.handler)
        colleague.begins()
    assert colleague.refusal is None
    assert list(Objection.objects.values_list("state", flat=True)) == ["DISMISSED", "DISMISSED"]
    assert states(case) == [State.PUBLICIZED]


def test_minutes_are_not_replaced_once_the_decisions_are_confirmed() -> None:
    case = open_case(1)
    before = record_meeting(case)
    with clock.stopped_at(at(MEETING_DAY, 17)):
        perform(before, "confirm", by=case.handler, confirmed_by=case.handler)
        scan = inspect(SimpleUploadedFile("另一份纪要.pdf", a_pdf()))
        with pytest.raises(NotPossible) as refusal:
            keep_minutes(before, scan, by=case.handler)  # asked for before the confirmation
    assert refusal.value.reasons == ["会议决定已确认，纪要不能再更换（第十六条）。"]
    assert Meeting.objects.get().minutes_name == "会议纪要.pdf"
