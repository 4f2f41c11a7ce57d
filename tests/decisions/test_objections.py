"""Objections as the public files them and as officers answer them; who objected stays with the handling officers."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from applications.models import Application, Round
from core import clock
from core.events import about
from core.models import Event, Notification
from core.workflow import perform
from decisions.models import Objection, Objector, PublicNotice
from decisions.tasks import settle_due_dates
from policy.models import CalendarDay
from tests.decisions.cases import PUBLICITY_DAY, PUBLICITY_ENDS, Case, at, object_to, open_case, publicise
from tests.decisions.test_desk import client_of, told
from tests.factories import a_pdf, make_enterprise, make_expert, make_member, make_officer

pytestmark = pytest.mark.django_db
DURING = at(date(2026, 9, 29), 14)
GIVEN = {
    "kind": "PERSON",
    "name": "毕清和",
    "mobile": "138 1234 1234",
    "email": "bi@example.com",
    "facts": "项目二系与他人共有。",
}
IDENTITY = ("毕清和", "13812341234", "138 1234 1234", "bi@example.com")


def a_running_publicity(size: int = 2) -> tuple[Case, PublicNotice, str]:
    case = open_case(size)
    notice = publicise(case)
    return case, notice, reverse("objection-new", args=[notice.pk, case.applications[0].pk])


def a_pdf_file(name: str = "证据.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_pdf())


def test_a_person_objects_under_a_real_name_and_follows_it_up_with_the_code() -> None:
    case, notice, url = a_running_publicity()
    client = Client()
    with clock.stopped_at(DURING):
        filed = client.post(url, GIVEN | {"evidence": a_pdf_file()})
        objection = Objection.objects.get()
        assert filed.url == reverse("objection-receipt", args=["YY-2026-001"])
        assert objection.follow_up_code in client.get(filed.url).content.decode()
        assert (objection.state, objection.due_on) == ("RECEIVED", date(2026, 10, 26))
        assert (objection.objector.name, objection.objector.mobile) == ("毕清和", "13812341234")
        stranger = Client()
        assert stranger.get(filed.url).url == reverse("objection-start")
        wrong = stranger.post(reverse("objection-start"), {"receipt": "YY-2026-001", "code": "WRONG"})
        assert wrong.status_code == 422
        right = stranger.post(
            reverse("objection-start"), {"receipt": " ｙｙ2026001 ", "code": objection.follow_up_code.lower()}
        )
        assert stranger.get(right.url).context["badge"][0] == "待受理"
    event = about(objection).get()
    assert (event.actor_label, event.address) == ("系统", None)
    told_people = Notification.objects.get(key=f"objection-{objection.pk}-received")
    assert told_people.recipient == case.handler
    assert not any(part in told_people.body + told_people.subject for part in IDENTITY)


def test_an_hour_of_wrong_codes_ends_after_ten() -> None:
    case, notice, _ = a_running_publicity()
    objection = object_to(case.applications[0], notice)
    client = Client()
    for _ in range(10):
        client.post(reverse("objection-start"), {"receipt": objection.receipt_number, "code": "WRONG"})
    right = {"receipt": objection.receipt_number, "code": objection.follow_up_code}
    assert client.post(reverse("objection-start"), right).status_code == 422


def test_missing_fields_are_named_and_what_was_typed_stays() -> None:
    _, _, url = a_running_publicity()
    client = Client()
    with clock.stopped_at(DURING):
        wrong = client.post(url, {"kind": "UNIT", "mobile": "1381", "facts": "我写的事实", "email": "错"})
    assert wrong.status_code == 422
    errors = wrong.context["form"].errors
    assert errors["name"] == ["请填写真实姓名或单位全称；不愿署名的，请选择“不署名，作为线索”。"]
    assert errors["email"] == ["邮箱格式不对，例如 name@example.com。"]
    assert errors["seal_scan"] == ["以单位名义提出的异议须加盖公章，请上传盖章件。"]
    assert len(errors["mobile"]) == 1
    page = wrong.content.decode()
    assert "我写的事实" in page
    assert 'value="1381"' in page
    assert not Objection.objects.exists()


def test_evidence_that_is_not_what_its_name_says_is_refused() -> None:
    _, _, url = a_running_publicity()
    with clock.stopped_at(DURING):
        wrong = Client().post(url, GIVEN | {"evidence": SimpleUploadedFile("证据.pdf", b"MZ\x90\x00" * 50)})
    assert "“证据.pdf”内容是 EXE 格式，没有保存。" in wrong.context["form"].errors["evidence"][0]
    with clock.stopped_at(at(PUBLICITY_DAY, 10)):
        lost = Client().post(url, GIVEN | {"facts": "", "evidence": a_pdf_file()})
    assert "请重新选择“证据.pdf”：浏览器不会再次发送它" in lost.content.decode()
    assert not Objection.objects.exists()


def test_a_unit_objects_with_its_seal() -> None:
    _, _, url = a_running_publicity()
    unit = GIVEN | {"kind": "UNIT", "name": "威海某工程有限公司", "seal_scan": a_pdf_file("盖章.pdf")}
    with clock.stopped_at(DURING):
        assert Client().post(url, unit).status_code == 302
    assert Objector.objects.get().seal_scan_name == "盖章.pdf"


def test_an_objection_after_the_window_is_refused_with_the_sentence_and_keeps_the_text() -> None:
    _, _, url = a_running_publicity()
    sentence = (
        "公示已于2026年10月9日届满，不再受理异议（第十七条）。"
        "如掌握示范企业违反规定的线索，可向威海市工业和信息化局反映，由监督管理环节核查（第十九条）。"
    )
    with clock.stopped_at(at(PUBLICITY_ENDS, 23, 59)):
        assert Client().get(url).context["refusal"] == ""
    with clock.stopped_at(at(date(2026, 10, 10), 0)):
        assert Client().get(url).context["refusal"] == sentence
        late = Client().post(url, GIVEN)
    assert late.status_code == 422
    assert late.context["refusal"] == sentence
    assert "项目二系与他人共有。" in late.content.decode()
    assert not Objection.objects.exists()


def test_an_anonymous_letter_is_logged_as_a_lead_and_holds_nobody_up() -> None:
    case, _, url = a_running_publicity()
    with clock.stopped_at(DURING):
        filed = Client().post(url, {"kind": "LEAD", "facts": "听说有问题。", "name": "不应保存"})
    lead = Objection.objects.get()
    assert filed.url == reverse("objection-receipt", args=["XS-2026-001"])
    assert (lead.kind, lead.state, lead.due_on) == ("LEAD", "LOGGED", None)
    assert not Objector.objects.exists()
    assert Application.objects.get(pk=case.applications[0].pk).state == Application.State.PUBLICIZED


def test_an_officer_accepts_then_dismisses_with_a_written_answer() -> None:
    case, notice, _ = a_running_publicity()
    objection = object_to(case.applications[0], notice)
    client = client_of(case.handler)
    url = reverse("objection-handle", args=[objection.pk])
    with clock.stopped_at(DURING):
        client.post(url, {"action": "accept", "answer": ""})
        assert Application.objects.get(pk=case.applications[0].pk).state == Application.State.CONTESTED
        silent = client.post(url, {"action": "dismiss", "answer": " "}, follow=True)
        assert told(silent)[-1] == "请先写明核实情况和处理结果。"
        page = client.get(url)
        client.post(
            url,
            {
                "action": "dismiss",
                "answer": "合同署名为该企业，异议不成立。",
                "revision": page.context["revision"],
            },
        )
    objection = Objection.objects.get()
    assert (objection.state, objection.answer) == ("DISMISSED", "合同署名为该企业，异议不成立。")
    assert Application.objects.get(pk=case.applications[0].pk).state == Application.State.PUBLICIZED


def test_who_objected_is_seen_by_handling_officers_alone_and_each_look_is_an_event() -> None:
    case, notice, _ = a_running_publicity()
    objection = object_to(case.applications[0], notice)
    page = reverse("objection-handle", args=[objection.pk])
    identity = reverse("objection-identity", args=[objection.pk])
    handler = client_of(case.handler)
    assert not any(part in handler.get(page).content.decode() for part in IDENTITY)
    shown = handler.post(identity).content.decode()
    assert "毕清和" in shown
    assert "13812341234" in shown
    assert [(one.action, one.actor) for one in about(objection)] == [("view_objector", case.handler)]
    assert not any(part in str(one.details) + one.note for one in Event.objects.all() for part in IDENTITY)


def others(case: Case) -> dict[str, User]:
    return {
        "leader": case.leader,
        "auditor": make_officer(Role.AUDITOR),
        "administrator": make_officer(Role.ADMINISTRATOR),
        "district": make_officer(Role.CHANNEL_HANDLER),
        "district leader": make_officer(Role.CHANNEL_LEADER),
        "expert": make_expert().user,
        "the enterprise itself": make_member(case.applications[0].enterprise),
        "another enterprise": make_member(make_enterprise()),
    }


def test_no_other_role_sees_who_objected_on_any_page() -> None:
    case, notice, _ = a_running_publicity()
    with clock.stopped_at(DURING):
        objection = object_to(case.applications[0], notice)
        perform(objection, "accept", by=case.handler)
        pages = [
            reverse("objection-desk") + "?tab=all",
            reverse("objection-handle", args=[objection.pk]),
            reverse("notice-edit", args=[notice.pk]),
            reverse("notice", args=[notice.pk]),
            reverse("objection-start"),
        ]
        for role, user in others(case).items():
            client = client_of(user)
            for page in pages:
                assert not any(part in client.get(page).content.decode() for part in IDENTITY), (role, page)
            assert client.post(reverse("objection-identity", args=[objection.pk])).status_code == 404, role
            for which in ("evidence", "seal"):
                url = reverse("objection-file", args=[objection.pk, which])
                assert client.get(url).status_code == 404, role
    assert not about(objection).filter(action="view_objector").exists()


def test_a_leader_reads_an_objection_and_cannot_decide_it() -> None:
    case, notice, _ = a_running_publicity()
    objection = object_to(case.applications[0], notice)
    client = client_of(case.leader)
    url = reverse("objection-handle", args=[objection.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"action": "accept", "answer": "改"}).status_code == 403
    assert Objection.objects.get().answer == ""


def test_only_entries_of_released_publicity_can_be_objected_to() -> None:
    case, notice, _ = a_running_publicity(1)
    other = open_second_case()
    assert Client().get(reverse("objection-new", args=[notice.pk, other.pk])).status_code == 404
    assert Client().get(reverse("objection-new", args=[999_999, other.pk])).status_code == 404
    assert case.applications[0].pk != other.pk


def open_second_case() -> Application:
    from tests.decisions.cases import a_case_in
    from tests.factories import make_round

    return a_case_in(make_round(year=2027, title="2027年度认定"), Application.State.PUBLICIZED)


def test_an_objection_under_a_real_name_is_not_put_away_as_a_lead() -> None:
    case, notice, _ = a_running_publicity()
    objection = object_to(case.applications[0], notice)
    client = client_of(case.handler)
    url = reverse("objection-handle", args=[objection.pk])
    assert 'value="log_as_lead"' not in client.get(url).content.decode()
    assert told(client.post(url, {"action": "log_as_lead"}, follow=True)) == [
        "实名异议须受理、核实并答复，不能登记为线索（第十七条）。身份不实的，受理后写明核实情况，认定不成立。"
    ]
    objection = Objection.objects.get()
    assert (objection.kind, objection.state) == ("PERSON", "RECEIVED")
    lead = object_to(case.applications[0], notice, Objection.Kind.LEAD)
    assert perform(lead, "log_as_lead", by=case.handler).state == "LOGGED"


def test_two_officers_answer_one_objection_and_the_second_sees_both_texts() -> None:
    case, notice, _ = a_running_publicity()
    objection = perform(object_to(case.applications[0], notice), "accept", by=case.handler)
    client = client_of(case.handler)
    url = reverse("objection-handle", args=[objection.pk])
    unread = client.get(url).context["revision"]
    first = client.post(url, {"revision": unread, "answer": "合同署名为该企业。", "autosave": "1"})
    assert first.status_code == 204
    stale = {"revision": unread, "answer": "合同另有署名，尚在核实。", "action": "dismiss"}
    second = client.post(url, stale)
    assert second.status_code == 409
    assert second.context["differences"] == [("处理结果", "合同署名为该企业。", "合同另有署名，尚在核实。")]
    assert Objection.objects.get().state == "HANDLING"
    too_long = client.post(url, stale | {"answer": "长" * 5001})
    assert (too_long.status_code, too_long.context["revision"]) == (422, unread)
    done = client.post(url, stale | {"revision": first["X-Revision"]}, follow=True)
    assert told(done) == ["异议不成立，答复已记录。"]
    late = client.post(url, stale | {"answer": "办结后再改", "autosave": "1"})
    assert (late.status_code, late.content.decode()) == (409, "YY-2026-001现为“不成立”，答复不能再改。")
    assert Objection.objects.get().answer == "合同另有署名，尚在核实。"


def test_the_days_to_answer_are_those_of_the_round() -> None:
    case = open_case(1)
    Round.objects.update(objection_working_days=10)
    case.round.refresh_from_db(fields=["objection_working_days"])
    notice = publicise(case)
    assert "异议自收到次日起10个工作日内答复" in notice.body
    with clock.stopped_at(DURING):
        Client().post(reverse("objection-new", args=[notice.pk, case.applications[0].pk]), GIVEN)
    assert Objection.objects.get().due_on == date(2026, 10, 19)


def test_a_day_to_answer_that_no_calendar_reached_is_settled_once_it_is_recorded(settings) -> None:
    case, notice, url = a_running_publicity()
    held = list(CalendarDay.objects.filter(date__gte=date(2026, 10, 12)))
    CalendarDay.objects.filter(date__gte=date(2026, 10, 12)).delete()
    with clock.stopped_at(DURING):
        for given in (GIVEN, {"kind": "LEAD", "facts": "项目二系与他人共有。"}):
            Client().post(url, given)
        desk = client_of(case.handler)
        assert "待定" in desk.get(reverse("objection-desk")).content.decode()
        objection = Objection.objects.get(kind="PERSON")
        page = desk.get(reverse("objection-handle", args=[objection.pk])).content.decode()
        assert "办理期限待定：工作日历还没有该年度的安排" in page
        assert settle_due_dates() == 0
        assert set(Objection.objects.values_list("due_on", flat=True)) == {None}

        CalendarDay.objects.bulk_create(held)
        assert [settle_due_dates(), settle_due_dates()] == [1, 0]
    assert dict(Objection.objects.values_list("kind", "due_on")) == {
        "PERSON": date(2026, 10, 26),
        "LEAD": None,
    }
    (event,) = Event.objects.filter(action="settle_due_date")
    assert (event.actor, event.details) == (None, {"due_on": "2026-10-26"})
    message = Notification.objects.get(recipient=case.handler, key__endswith="-due")
    assert message.subject == "异议 YY-2026-001 请于2026年10月26日前答复"
    assert settings.CELERY_BEAT_SCHEDULE["settle-due-dates"]["task"] == settle_due_dates.name


def test_an_answered_objection_needs_no_day_any_more() -> None:
    case, notice, _ = a_running_publicity(1)
    answered = object_to(case.applications[0], notice)
    with clock.stopped_at(DURING):
        perform(answered, "accept", by=case.handler)
        Objection.objects.filter(pk=answered.pk).update(answer="经核实，所述与事实不符。", due_on=None)
        perform(answered, "dismiss", by=case.handler)
        assert settle_due_dates() == 0
    assert Objection.objects.get().due_on is None


def test_an_enterprise_is_told_once_how_each_objection_ended() -> None:
    case, notice, _ = a_running_publicity(1)
    (application,) = case.applications
    member = application.enterprise.memberships.get().user
    first, second = object_to(application, notice), object_to(application, notice)
    member.notifications.all().delete()
    with clock.stopped_at(DURING):
        for one in (first, second):
            perform(one, "accept", by=case.handler)
        for one in (first, second):
            Objection.objects.filter(pk=one.pk).update(answer=f"{one}所述经核实与事实不符")
            perform(one, "dismiss", by=case.handler)
    assert list(member.notifications.order_by("id").values_list("body", flat=True)) == [
        "公示期间收到实名异议，正在核实，核实期间暂缓公布。",
        "YY-2026-001所述经核实与事实不符。另有异议正在核实，核实期间暂缓公布。",
        "异议经核实不成立，公示照常进行。处理结果：YY-2026-002所述经核实与事实不符。",
    ]
