"""The decision desk in the browser: meeting, notices, release by a second person, award."""

from datetime import date
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application
from core import clock, holdings
from core.events import about
from core.models import Event, Notification
from core.workflow import perform
from decisions import revisions
from decisions.drafts import draft_announcement, draft_meeting, draft_publicity
from decisions.models import AgendaItem, Meeting, Omission, PublicNotice, Recognition
from policy.models import CalendarDay
from tests.decisions.cases import (
    ANNOUNCEMENT_DAY,
    MEETING_DAY,
    PUBLICITY_DAY,
    PUBLICITY_ENDS,
    Case,
    a_case_in,
    announce,
    answer,
    at,
    confirm_meeting,
    object_to,
    open_case,
    publicise,
    record_meeting,
)
from tests.factories import (
    a_pdf,
    an_agency,
    make_enterprise,
    make_member,
    make_officer,
    make_round,
)
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
State = Application.State
Decision = AgendaItem.Decision


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    return client


def told(response) -> list[str]:
    """The sentences that the next page shows."""
    return [str(message) for message in response.context["messages"]]


def states(case: Case) -> list[str]:
    found = dict(Application.objects.values_list("pk", "state"))
    return [found[one.pk] for one in case.applications]


def a_file(name: str = "会议纪要.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_pdf() if content is None else content)


def typed(meeting: Meeting, decisions: dict[int, tuple[str, str]], **facts: str) -> dict[str, str]:
    """The fields of the record as a browser sends them."""
    data = {
        "revision": revisions.of_meeting(Meeting.objects.get(pk=meeting.pk)),
        "number": meeting.number,
        "held_on": "2026-09-18",
        "place": "局机关301会议室",
        "chaired_by": "姜予安",
        "recorded_by": "毕清和",
        "attendance": "应到7人，实到6人",
    } | facts
    for item in meeting.items.order_by("position"):
        decision, reason = decisions.get(item.position, ("APPROVED", ""))
        data |= {f"item-{item.pk}-decision": decision, f"item-{item.pk}-reason": reason}
    return data


def test_a_handler_records_a_meeting_from_agenda_to_confirmation() -> None:
    case = open_case(3)
    client = client_of(case.handler)
    with clock.stopped_at(at(MEETING_DAY, 16)):
        listed = client.get(reverse("meeting-list"))
        assert list(listed.context["waiting"]) == [case.round]
        response = client.post(
            reverse("meeting-create"), {"round": case.round.pk, "number": "2026年第14次局党组会议"}
        )
        meeting = Meeting.objects.get()
        assert response.url == reverse("meeting", args=[meeting.pk])
        client.post(reverse("meeting-minutes-upload", args=[meeting.pk]), {"minutes": a_file()})
        data = typed(meeting, {2: ("REJECTED", "环保立案未办结"), 3: ("DEFERRED", "存续主体待核实")})
        response = client.post(reverse("meeting", args=[meeting.pk]), data | {"action": "confirm"})
        assert response.url == reverse("meeting-confirm", args=[meeting.pk])
        page = client.get(response.url)
        assert [(label, len(items)) for label, items in page.context["groups"]] == [
            ("通过", 1),
            ("不通过", 1),
            ("暂缓", 1),
        ]
        assert states(case) == [State.PROPOSED] * 3
        done = client.post(response.url, {"seen": page.context["seen"]}, follow=True)
        again = client.post(response.url, {"seen": page.context["seen"]}, follow=True)
    assert told(done) == ["会议决定已确认。接下来可以起草公示。"]
    assert told(again) == ["当前状态为“已确认”，不能确认会议决定。请刷新页面查看最新进展。"]
    assert sorted(states(case)) == sorted([State.APPROVED, State.NOT_APPROVED, State.PROPOSED])
    assert [one.action for one in about(meeting)] == ["draft", "upload_minutes", "confirm"]


def test_a_record_is_saved_as_one_types_and_keeps_what_was_typed_when_something_is_wrong() -> None:
    case = open_case(1)
    client = client_of(case.handler)
    with clock.stopped_at(at(MEETING_DAY, 16, 5)):
        meeting = draft_meeting(case.round, number="第14次", by=case.handler)
        url = reverse("meeting", args=[meeting.pk])
        saved = client.post(url, typed(meeting, {1: ("", "先记一笔")}) | {"autosave": "1"})
        assert (saved.status_code, saved["X-Saved-At"]) == (204, "16:05")
        wrong = client.post(url, typed(meeting, {}, held_on="2026-02-30", place="二楼"))
    assert wrong.status_code == 422
    assert 'value="2026-02-30"' in wrong.content.decode()
    assert 'value="二楼"' in wrong.content.decode()
    meeting.refresh_from_db(fields=["held_on", "place"])
    assert (meeting.held_on, meeting.place) == (date(2026, 9, 18), "局机关301会议室")
    assert meeting.items.get().reason == "先记一笔"


def test_approve_all_fills_only_what_is_still_open() -> None:
    case = open_case(3)
    client = client_of(case.handler)
    with clock.stopped_at(at(MEETING_DAY)):
        meeting = draft_meeting(case.round, number="第14次", by=case.handler)
        data = typed(meeting, {1: ("", ""), 2: ("DEFERRED", "待核实"), 3: ("", "")})
        client.post(reverse("meeting", args=[meeting.pk]), data | {"action": "approve_all"})
    assert list(meeting.items.values_list("decision", flat=True)) == ["APPROVED", "DEFERRED", "APPROVED"]


def test_decisions_changed_after_they_were_inspected_are_not_confirmed() -> None:
    case = open_case(2)
    meeting = record_meeting(case)
    client = client_of(case.handler)
    url = reverse("meeting-confirm", args=[meeting.pk])
    with clock.stopped_at(at(MEETING_DAY, 18)):
        seen = client.get(url).context["seen"]
        meeting.items.filter(position=1).update(decision=Decision.REJECTED, reason="环保立案")
        response = client.post(url, {"seen": seen}, follow=True)
    assert told(response) == ["会议决定在您查看之后又有改动，尚未确认。请重新核对下面的清单。"]
    assert states(case) == [State.PROPOSED] * 2


def test_minutes_that_are_no_pdf_or_picture_are_refused() -> None:
    case = open_case(1)
    meeting = draft_meeting(case.round, number="第14次", by=case.handler)
    client = client_of(case.handler)
    url = reverse("meeting-minutes-upload", args=[meeting.pk])
    for file, words in [
        (a_file(content=b"MZ\x90\x00" * 20), "内容是 EXE 格式，没有保存"),
        (a_file(content=b""), "空"),
    ]:
        response = client.post(url, {"minutes": file}, follow=True)
        assert len(told(response)) == 1
        assert words in told(response)[0]
    assert not Meeting.objects.get().minutes


def test_a_confirmed_record_cannot_be_written_any_more() -> None:
    case = open_case(1)
    meeting = confirm_meeting(case)
    client = client_of(case.handler)
    response = client.post(
        reverse("meeting", args=[meeting.pk]), typed(meeting, {1: ("REJECTED", "改")}), follow=True
    )
    assert told(response) == ["会议决定已确认，不能再修改（第十六条）。如有差错，请另行召开会议更正。"]
    assert meeting.items.get().decision == Decision.APPROVED


def test_publicity_is_drafted_by_one_person_and_released_by_another() -> None:
    case = open_case(2)
    meeting = confirm_meeting(case)
    handler, leader = client_of(case.handler), client_of(case.leader)
    with clock.stopped_at(at(date(2026, 9, 25))):
        for _ in range(2):
            response = handler.post(reverse("notice-draft"), {"kind": "PUBLICITY", "source": meeting.pk})
        notice = PublicNotice.objects.get()
        assert response.url == reverse("notice-edit", args=[notice.pk])
        page = handler.get(response.url)
        assert page.context["planned"].last_day == PUBLICITY_ENDS
        assert [one["counted_number"] for one in page.context["strip"] if one["counted_number"]] == [
            1,
            2,
            3,
            4,
            5,
        ]
        assert "公示期为2026年9月28日至2026年10月9日，共5个工作日。" in notice.body
        own = handler.get(reverse("notice-release", args=[notice.pk]))
        assert own.context["option"].reasons == ("公告由市局负责人签发，且不能是拟稿人本人。",)
        refused = handler.post(reverse("notice-release", args=[notice.pk]), {"seen": own.context["seen"]})
        assert refused.status_code == 403
        assert "公告由市局负责人签发，且不能是拟稿人本人。" in refused.content.decode()
        shown = leader.get(reverse("notice-release", args=[notice.pk]))
        unsent = leader.post(
            reverse("notice-release", args=[notice.pk]), {"seen": shown.context["seen"]}, follow=True
        )
        assert told(unsent) == ["拟稿人还没有送签。"]
        perform(notice, "send_for_signature", by=case.handler)
        done = leader.post(
            reverse("notice-release", args=[notice.pk]), {"seen": shown.context["seen"]}, follow=True
        )
    assert told(done) == ["已发布，名单和正文即刻可在通知公告中查到。"]
    assert states(case) == [State.PUBLICIZED] * 2
    assert [(one.action, one.outcome) for one in about(notice)] == [
        ("draft", Event.Outcome.DONE),
        ("release", Event.Outcome.REFUSED),
        ("send_for_signature", Event.Outcome.DONE),
        ("release", Event.Outcome.DONE),
    ]


def test_who_takes_a_draft_over_is_not_asked_to_sign_it_and_the_other_leaders_are() -> None:
    case, other = open_case(1), make_officer(Role.MUNICIPAL_LEADER)
    notice = draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)
    asked = Notification.objects.unread().filter(subject=f"待签发：{notice.title}")
    with clock.stopped_at(at(date(2026, 9, 25))):
        perform(notice, "send_for_signature", by=case.handler)
        (piece,) = holdings.held_by(case.handler, an_agency("371000"))
        assert {one.recipient for one in asked} == {case.leader, other}
        piece.give(case.leader, by=other)
    assert [one.recipient for one in asked.all()] == [other]


def test_a_draft_changed_after_the_leader_has_read_it_does_not_go_out() -> None:
    case = open_case(1)
    notice = draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)
    leader = client_of(case.leader)
    url = reverse("notice-release", args=[notice.pk])
    with clock.stopped_at(at(date(2026, 9, 25))):
        seen = leader.get(url).context["seen"]
        PublicNotice.objects.filter(pk=notice.pk).update(body="改过的正文")
        response = leader.post(url, {"seen": seen}, follow=True)
    assert told(response) == ["拟稿在您查看之后又有改动，尚未发布。请重新核对全文和名单。"]
    assert PublicNotice.objects.get().state == PublicNotice.State.DRAFT


def test_publicity_cannot_be_drafted_from_a_meeting_that_is_not_confirmed() -> None:
    case = open_case(1)
    meeting = record_meeting(case)
    client = client_of(case.handler)
    with clock.stopped_at(at(MEETING_DAY, 17)):
        response = client.post(
            reverse("notice-draft"), {"kind": "PUBLICITY", "source": meeting.pk}, follow=True
        )
    sentence = "局党组会议审议通过后才能公示（第十六条），尚无会议记录。请先录入党组会议及逐家决定，再公示审议通过的名单。"
    assert told(response) == [sentence]
    assert [one["reason"] for one in response.context["blocked"]] == [sentence]
    assert not PublicNotice.objects.exists()


def test_a_draft_keeps_what_was_typed_when_a_field_is_missing() -> None:
    case = open_case(1)
    notice = draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)
    client = client_of(case.handler)
    response = client.post(
        reverse("notice-edit", args=[notice.pk]),
        {"title": "", "body": "我写的正文", "starts_on": "2026-09-29"},
    )
    assert response.status_code == 422
    assert response.context["form"].errors == {"title": ["请填写公告标题。"]}
    assert "我写的正文" in response.content.decode()
    assert "我写的正文" not in PublicNotice.objects.get().body


def test_a_publicity_whose_end_nobody_knows_says_so() -> None:
    case = open_case(1)
    CalendarDay.objects.filter(date__gte=date(2026, 10, 1)).delete()
    notice = publicise(case)
    with clock.stopped_at(at(PUBLICITY_DAY)):
        client = client_of(case.handler)
        page = client.get(reverse("notice-edit", args=[notice.pk]))
        tried = client.post(reverse("notice-window", args=[notice.pk]), follow=True)
    assert page.context["days_left"] is None
    assert "待定" in page.content.decode()
    assert told(tried) == ["工作日历尚无所涉年度的放假安排，截止日仍待定。请先补录工作日历。"]


def test_a_draft_has_no_last_day_to_fill_in() -> None:
    case = open_case(1)
    with clock.stopped_at(at(MEETING_DAY, 18)):
        notice = draft_publicity(confirm_meeting(case), by=case.handler)
        assert client_of(case.handler).post(reverse("notice-window", args=[notice.pk])).status_code == 404
    assert PublicNotice.objects.get().ends_on is None
    assert Application.objects.get().publicity_ends_on is None


def test_scenario_13_in_the_browser_eleven_go_on_and_the_one_held_is_explained() -> None:
    case = open_case(12)
    publicity = publicise(case)
    with clock.stopped_at(at(date(2026, 9, 29))):
        answer(
            object_to(case.applications[0], publicity),
            "uphold",
            "经核实，异议所述属实，成立。",
            by=case.handler,
        )
    handler, leader = client_of(case.handler), client_of(case.leader)
    with clock.stopped_at(at(ANNOUNCEMENT_DAY)):
        page = handler.get(reverse("notice-edit", args=[publicity.pk]))
        assert (len(page.context["ready"]), page.context["held"]) == (11, 1)
        handler.post(reverse("notice-draft"), {"kind": "ANNOUNCEMENT", "source": publicity.pk})
        notice = PublicNotice.objects.get(kind="ANNOUNCEMENT")
        omission = Omission.objects.get()
        data = {"title": notice.title, "body": notice.body, f"omission-{omission.pk}": " "}
        data["revision"] = revisions.of_notice(notice)
        handler.post(reverse("notice-edit", args=[notice.pk]), data)
        url = reverse("notice-release", args=[notice.pk])
        page = leader.get(url)
        name, code = case.applications[0].enterprise.name, case.applications[0].enterprise.credit_code
        unexplained = f"公布名单与公示名单摘要不符：{name}（{code}）未列入。请改为一致，或逐家写明原因。"
        assert page.context["option"].reasons == ("拟稿人还没有送签。", unexplained)
        long = data | {f"omission-{omission.pk}": "长" * 201, "revision": revisions.of_notice(notice)}
        refused = handler.post(reverse("notice-edit", args=[notice.pk]), long)
        assert (refused.status_code, refused.context["form"].non_field_errors()) == (
            422,
            [f"{name}未列入的原因最多 200 字，现为 201 字，请删减 1 字。"],
        )
        assert f'value="{"长" * 201}"' in refused.content.decode()
        assert Omission.objects.get().reason == ""
        data[f"omission-{omission.pk}"] = "异议成立（YY-2026-001），不予公布"
        data["revision"] = revisions.of_notice(notice)
        data["action"] = "send_for_signature"
        handler.post(reverse("notice-edit", args=[notice.pk]), data)
        done = leader.post(url, {"seen": leader.get(url).context["seen"]}, follow=True)
        assert told(done) == ["已发布，名单和正文即刻可在通知公告中查到。"]
        chosen = list(Recognition.objects.values_list("pk", flat=True))
        handler.get(reverse("notice-desk"))
        awarded = handler.post(reverse("award", args=[notice.pk]), {"recognition": chosen}, follow=True)
        again = handler.post(reverse("award", args=[notice.pk]), {"recognition": chosen}, follow=True)
    assert told(awarded) == ["已记录 11 家企业授牌（第十七条）。"]
    assert told(again) == ["所选企业此前已记录授牌，没有重复记录。"]
    assert awarded.redirect_chain == [(reverse("notice-edit", args=[notice.pk]), 302)]
    assert states(case) == [State.OBJECTION_UPHELD] + [State.AWARDED] * 11


def test_re_review_results_are_published_with_their_conclusion() -> None:
    case = open_case(0)
    round_ = make_round(kind="RE_REVIEW", title="2026年度复核")
    passed = a_case_in(round_, State.RE_REVIEW_PASSED)
    handler, leader = client_of(case.handler), client_of(case.leader)
    with clock.stopped_at(at(date(2026, 11, 2))):
        handler.post(reverse("notice-draft"), {"kind": "RE_REVIEW_RESULT", "source": round_.pk})
        notice = PublicNotice.objects.get()
        failed = a_case_in(round_, State.RE_REVIEW_FAILED)  # concluded after the draft
        typed = {"title": notice.title, "body": notice.body, "action": "rewrite"}
        typed["revision"] = revisions.of_notice(notice)
        handler.post(reverse("notice-edit", args=[notice.pk]), typed)
        perform(notice, "send_for_signature", by=case.handler)
        url = reverse("notice-release", args=[notice.pk])
        leader.post(url, {"seen": leader.get(url).context["seen"]})
    assert list(notice.entries.values_list("application", "remark")) == [
        (passed.pk, "合格"),
        (failed.pk, "不合格"),
    ]
    assert PublicNotice.objects.get().state == PublicNotice.State.RELEASED
    page = Client().get(reverse("notice-list")).content.decode()
    assert "合格 1 家，不合格 1 家" in page


def test_an_open_round_is_called_in_a_notice() -> None:
    case = open_case(0)
    client = client_of(case.handler)
    with clock.stopped_at(at(date(2026, 5, 18))):
        client.post(reverse("notice-draft"), {"kind": "CALL", "source": case.round.pk})
    notice = PublicNotice.objects.get()
    assert notice.title == "关于组织开展2026年度威海市服务型制造示范企业申报工作的通知"
    assert "2026年6月30日（周二）17:00" in notice.body


@pytest.mark.parametrize(
    "name",
    ["meeting-list", "notice-desk", "objection-desk", "directory-desk", "meeting-create", "notice-draft"],
)
def test_the_desk_is_no_place_for_enterprises_districts_and_experts(name: str) -> None:
    outsiders = [
        make_member(make_enterprise()),
        make_officer(Role.CHANNEL_LEADER),
        make_officer(Role.ADMINISTRATOR),
    ]
    assert [client_of(user).get(reverse(name)).status_code for user in outsiders] == [404] * 3
    assert Client().get(reverse(name)).status_code == 302


def test_an_auditor_reads_the_desk_and_changes_nothing() -> None:
    case = open_case(1)
    auditor = client_of(make_officer(Role.AUDITOR))
    meeting = confirm_meeting(case)
    notice = draft_publicity(meeting, by=case.handler, starts_on=PUBLICITY_DAY)
    for name, pk in [("meeting", meeting.pk), ("notice-edit", notice.pk), ("notice-release", notice.pk)]:
        assert auditor.get(reverse(name, args=[pk])).status_code == 200
    with clock.stopped_at(at(PUBLICITY_DAY)):
        assert auditor.post(reverse("notice-edit", args=[notice.pk]), {"title": "改"}).status_code == 404
        seen = auditor.get(reverse("notice-release", args=[notice.pk])).context["seen"]
        assert auditor.post(reverse("notice-release", args=[notice.pk]), {"seen": seen}).status_code == 403
    assert states(case) == [State.APPROVED]


def a_meeting_each(count: int, case: Case) -> None:
    for year in range(1900, 1900 + count):
        round_ = make_round(year=year, title=f"{year}年度认定")
        meeting = Meeting.objects.create(
            round=round_, number=f"{year}年第1次会议", state=Meeting.State.CONFIRMED
        )
        PublicNotice.objects.create(
            kind="PUBLICITY",
            round=round_,
            meeting=meeting,
            title="公示",
            body="正文",
            drafted_by=case.handler,
        )


@pytest.mark.parametrize(("name", "most"), [("meeting-list", 8), ("notice-desk", 12)])
@pytest.mark.parametrize("rows", [1, 3, 50])
def test_desk_lists_take_a_fixed_number_of_queries(
    name: str, most: int, rows: int, django_assert_max_num_queries
) -> None:
    case = open_case(0)
    a_meeting_each(rows, case)
    client = client_of(case.handler)
    client.get(reverse(name))
    with django_assert_max_num_queries(most):
        assert client.get(reverse(name)).status_code == 200


def test_the_announcement_waits_in_the_desk_until_publicity_is_over() -> None:
    case = open_case(1)
    publicity = publicise(case)
    client = client_of(case.handler)
    with clock.stopped_at(at(PUBLICITY_ENDS, 23)):
        assert [one["kind"] for one in client.get(reverse("notice-desk")).context["waiting"]] == ["CALL"]
    with clock.stopped_at(at(ANNOUNCEMENT_DAY, 0)):
        waiting = client.get(reverse("notice-desk")).context["waiting"]
        assert next((one["kind"], one["source"]) for one in waiting) == ("ANNOUNCEMENT", publicity.pk)
        draft_announcement(publicity, by=case.handler)
        assert [one["kind"] for one in client.get(reverse("notice-desk")).context["waiting"]] == ["CALL"]


def test_the_release_page_of_an_announcement_counts_its_plaques() -> None:
    case = open_case(2)
    announcement = announce(case, publicise(case))
    page = client_of(case.leader).get(reverse("notice-edit", args=[announcement.pk]))
    assert [one.plaque.serial for one, _ in page.context["recognitions"]] == [
        "WHFWZZ-2026-001",
        "WHFWZZ-2026-002",
    ]
    assert page.context["may_award"] is False


def test_two_officers_write_one_record_and_the_second_sees_both_texts() -> None:
    case = open_case(1)
    client = client_of(case.handler)
    with clock.stopped_at(at(MEETING_DAY, 16)):
        meeting = draft_meeting(case.round, number="第14次", by=case.handler)
        url = reverse("meeting", args=[meeting.pk])
        stale = typed(meeting, {1: ("APPROVED", "")}, chaired_by="姜予安")
        first = client.post(url, typed(meeting, {1: ("REJECTED", "环保立案")}) | {"autosave": "1"})
        by_script = client.post(url, stale | {"autosave": "1"})
        second = client.post(url, stale)
        assert (by_script.status_code, by_script["X-Conflict"], second.status_code) == (409, "1", 409)
        name = case.applications[0].enterprise.name
        assert second.context["differences"] == [
            (f"{name}：决定", "不通过", "通过"),
            (f"{name}：理由", "环保立案", ""),
        ]
        assert meeting.items.get().decision == "REJECTED"
        assert second.context["revision"] == first["X-Revision"]
        again = client.post(url, stale | {"revision": second.context["revision"]}, follow=True)
    assert told(again) == ["会议记录已保存。"]
    assert meeting.items.get().decision == "APPROVED"


def test_two_officers_write_one_draft_and_the_second_sees_both_texts() -> None:
    case = open_case(1)
    notice = draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)
    client = client_of(case.handler)
    url = reverse("notice-edit", args=[notice.pk])
    fields = {"title": notice.title, "number": "", "starts_on": "2026-09-28"}
    stale = fields | {"revision": revisions.of_notice(notice), "body": "第一段\r\n\r\n第二段"}
    first = client.post(url, stale | {"autosave": "1"})
    assert (first.status_code, PublicNotice.objects.get().body) == (204, "第一段\n\n第二段")
    same = client.post(url, stale | {"autosave": "1"})
    assert (same.status_code, same["X-Revision"]) == (204, first["X-Revision"])
    second = client.post(url, stale | {"body": "另一人的正文"})
    assert second.status_code == 409
    assert second.context["differences"] == [("正文", "第一段\n\n第二段", "另一人的正文")]
    assert "另一人的正文" in second.content.decode()
    assert client.post(url, stale | {"body": "改", "action": "rewrite"}).status_code == 409
    assert PublicNotice.objects.get().body == "第一段\n\n第二段"


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_a_colleague_is_just_saving_does_not_go_out_unread() -> None:
    case = open_case(1)
    notice = draft_publicity(confirm_meeting(case), by=case.handler, starts_on=PUBLICITY_DAY)
    seen = revisions.of_notice(notice)
    releasing = partial(revisions.release_notice, notice, seen=seen, by=case.leader)
    with meanwhile(releasing, at=at(date(2026, 9, 25))) as leader:
        PublicNotice.objects.select_for_update().get(pk=notice.pk)
        leader.begins()
        PublicNotice.objects.filter(pk=notice.pk).update(body="改过的正文")
    assert str(leader.refusal) == "拟稿在您查看之后又有改动，尚未发布。请重新核对全文和名单。"
    assert PublicNotice.objects.get().state == "DRAFT"


def test_a_second_meeting_of_the_same_name_in_a_round_is_refused() -> None:
    case = open_case(2)
    held = confirm_meeting(case, {0: (Decision.DEFERRED, "补充材料后再议")})
    client = client_of(case.handler)
    typed = {"round": case.round.pk, "number": held.number}
    refused = client.post(reverse("meeting-create"), typed)
    assert refused.context["form"].errors == {"number": ["本批次已有同名的会议记录，请核对会议名称。"]}
    client.post(reverse("meeting-create"), typed | {"number": "2026年第15次局党组会议"})
    second = Meeting.objects.get(state=Meeting.State.DRAFT)
    renamed = client.post(reverse("meeting", args=[second.pk]), {"number": held.number})
    assert renamed.context["facts"].errors == {"number": ["本批次已有同名的会议记录，请核对会议名称。"]}
