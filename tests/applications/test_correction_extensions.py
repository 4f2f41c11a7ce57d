"""More time for a running correction: by the channel or the bureau, within the report's deadline, recorded and told."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications import conditions, extensions
from applications.extensions import Deadline, extend, extend_correction
from applications.models import Application, Extension
from core import clock, events, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from tests import factories
from tests.applications.scenes import signed_in
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
State = Application.State
NOW = clock.instant(date(2026, 7, 9), 9)
DUE, LATER = clock.instant(date(2026, 7, 10), 17), clock.instant(date(2026, 7, 14), 17)
REPORT = clock.instant(date(2026, 7, 17), 17)
REASON = "审计机构说明7月14日才能出具报告。"
TOLD = f"由7月10日17:00延长至7月14日17:00。原因：{REASON}"


@pytest.fixture(autouse=True)
def july_9():
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def case() -> Application:
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise, name="林晓雯")
    return a_returned_case(enterprise=enterprise, member=member)


def a_returned_case(**fields) -> Application:
    return factories.make_application(state=State.RETURNED, correction_due=DUE, state_since=NOW, **fields)


@pytest.fixture
def officer():
    return factories.make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def bureau():
    return factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")


def fresh(case: Application) -> Application:
    return Application.objects.get(pk=case.pk)


def posted(until: str = "2026-07-14T17:00", *, seen: datetime = DUE, reason: str = REASON) -> dict[str, str]:
    return {"until": until, "reason": reason, "seen": seen.isoformat()}


def url_of(case: Application) -> str:
    return reverse("vetting-correction", args=[case.pk])


def nothing_has_changed(case: Application) -> bool:
    return fresh(case).correction_due == DUE and not Extension.objects.exists() and not done_with(case)


def done_with(case: Application) -> list[Event]:
    return list(events.about(case).filter(outcome=Event.Outcome.DONE))


def words(response) -> list[str]:
    return [str(one) for one in response.context["messages"]]


def test_the_channel_gives_more_time_and_the_enterprise_reads_why(case, officer):
    desk = signed_in(officer)
    assert url_of(case) in desk.get(reverse("vetting", args=[case.pk])).content.decode()
    done = desk.post(url_of(case), posted(), follow=True)
    assert words(done) == [f"补正截止已延长至7月14日17:00，{case.enterprise}已收到通知和原因。"]
    assert fresh(case).correction_due == LATER
    (event,) = done_with(case)
    assert (event.action, event.action_label, event.note, event.actor) == (
        "extend_correction", "延长补正截止", TOLD, officer,
    )  # fmt: skip
    message = Notification.objects.get()
    assert (message.recipient.name, message.subject, message.body, message.url) == (
        "林晓雯",
        "补正截止延长至7月14日17:00，请在此之前重新提交",
        f"{case.enterprise}的申报书，补正截止{TOLD}",
        f"/applications/{case.pk}/",
    )
    page = signed_in(message.recipient).get(reverse("application-detail", args=[case.pk]))
    assert f"补正截止已由 7月10日 17:00 延长至 7月14日 17:00，原因：{REASON}" in page.content.decode()
    assert page.context["case"].until == LATER
    with clock.stopped_at(DUE):
        assert conditions.round_accepts_submission.reason(fresh(case)) == ""
        assert workflow.why_not(fresh(case), "refuse_recommendation") == [
            "企业可在7月14日17:00前补正重报，届时仍未重报的，才能不予推荐。"
        ]


def test_a_rest_day_is_asked_about_before_anybody_is_told(case, officer):
    desk, saturday = signed_in(officer), "2026-07-11T17:00"
    asked = desk.post(url_of(case), posted(saturday))
    assert (asked.status_code, asked.context["hints"]) == (422, ["新的截止7月11日（周六）是休息日，请确认。"])
    assert REASON in asked.content.decode()
    assert nothing_has_changed(case)
    assert not Notification.objects.exists()
    refused = desk.post(url_of(case), posted("2026-07-18T17:00"))  # a Saturday too, but too late
    assert "hints" not in refused.context
    assert refused.context["form"].errors.keys() == {"until"}
    done = desk.post(url_of(case), posted(saturday) | {"rest_day": asked.context["rest_day"]}, follow=True)
    assert words(done) == [f"补正截止已延长至7月11日17:00，{case.enterprise}已收到通知和原因。"]
    assert Notification.objects.count() == 1


def test_a_correction_that_has_run_out_is_taken_up_again(case, officer):
    with clock.stopped_at(clock.instant(date(2026, 7, 13), 9)):
        signed_in(officer).post(url_of(case), posted())
        assert conditions.round_accepts_submission.reason(fresh(case)) == ""


@pytest.mark.parametrize(
    ("until", "sentences"),
    [
        ("2026-07-08T17:00", ["新的补正截止须晚于现在，企业才来得及补正。"]),
        ("2026-07-10T16:59", ["现在的补正截止是7月10日17:00，新的截止须比它晚。"]),
        ("2026-07-10T17:00", ["现在的补正截止是7月10日17:00，新的截止须比它晚。"]),
        ("2026-07-17T17:01", [
            "荣成市工业和信息化局报送截止是7月17日17:00，补正截止不能晚于它，请先由市局延长报送截止（第十五条）。",
        ]),
        ("", ["请填写新的截止日期和时间。"]),
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_is_refused_and_what_was_typed_stays(case, officer, until, sentences):
    refused = signed_in(officer).post(url_of(case), posted(until))
    assert (refused.status_code, refused.context["form"].errors) == (422, {"until": sentences})
    assert REASON in refused.content.decode()
    assert nothing_has_changed(case)


def test_it_is_given_up_to_the_minute_of_the_report_and_later_once_that_is_extended(case, officer, bureau):
    desk = signed_in(officer)
    desk.post(url_of(case), posted("2026-07-17T17:00"))
    assert fresh(case).correction_due == REPORT
    over = desk.post(url_of(case), posted("2026-07-20T17:00", seen=REPORT))
    assert "报送截止是7月17日17:00" in over.context["form"].errors["until"][0]
    longer = clock.instant(date(2026, 7, 21), 17)
    extend(case.round, Deadline.DISTRICT, longer, agency=case.channel, reason=REASON, by=bureau)
    told = Notification.objects.get(recipient=officer).body
    assert told.endswith("正在补正的，补正截止不变；需要延长的，请在审核页逐家办理。")
    desk.post(url_of(case), posted("2026-07-20T17:00", seen=REPORT))
    assert fresh(case).correction_due == clock.instant(date(2026, 7, 20), 17)


def test_after_the_report_only_the_bureau_can_help_and_the_page_says_so(case, officer):
    with clock.stopped_at(REPORT):
        page = signed_in(officer).get(url_of(case))
        assert page.context["may_extend"] is False
        assert "请先联系市工业和信息化局延长报送截止" in page.content.decode()
        assert signed_in(officer).post(url_of(case), posted("2026-07-18T17:00")).status_code == 422
    assert nothing_has_changed(case)


def test_the_second_of_two_colleagues_is_told_what_the_first_has_done(case, officer):
    colleague = signed_in(factories.make_officer(Role.CHANNEL_LEADER))
    signed_in(officer).post(url_of(case), posted())
    late = colleague.post(url_of(case), posted("2026-07-16T17:00", reason="企业来电说还要两天时间。"))
    assert late.context["form"].errors == {
        "until": ["补正截止现在是7月14日17:00，与您打开本页时不同，可能同事刚改过。没有改动，请核对。"]
    }
    page = late.content.decode()
    assert "企业来电说还要两天时间。" in page
    assert f'name="seen" value="{LATER.astimezone(UTC).isoformat()}"' in page
    assert (fresh(case).correction_due, Extension.objects.count()) == (LATER, 1)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_follow_one_another():
    case = a_returned_case()
    officers = [factories.make_officer(Role.CHANNEL_HANDLER) for _ in range(2)]
    give = partial(extend_correction, case, seen=DUE, reason=REASON)
    with meanwhile(partial(give, REPORT, by=officers[0]), at=NOW) as other:
        give(LATER, by=officers[1])
        other.begins()
    assert isinstance(other.refusal, NotPossible)
    assert (fresh(case).correction_due, Extension.objects.count()) == (LATER, 1)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VETTED, State.NOT_RECOMMENDED])
def test_where_nothing_is_being_corrected_there_is_nothing_to_extend(officer, state):
    case = factories.make_application(state=state)
    page = signed_in(officer).get(url_of(case))
    assert (page.status_code, page.context["may_extend"]) == (200, False)
    refused = signed_in(officer).post(url_of(case), posted())
    label = case.get_state_display()
    assert refused.context["form"].errors == {
        "until": [f"这件申报现为“{label}”，没有正在进行的补正，截止时间没有改动。"]
    }
    assert not Extension.objects.exists()


def test_another_channel_finds_no_such_case_and_is_refused_at_the_door(case):
    stranger = factories.make_officer(Role.CHANNEL_LEADER, agency=factories.an_agency("371002"))
    assert signed_in(stranger).post(url_of(case), posted()).status_code == 404
    with pytest.raises(NotPermitted, match="补正截止由荣成市工业和信息化局或市工业和信息化局经办人延长"):
        extend_correction(case, LATER, seen=DUE, reason=REASON, by=stranger)
    assert nothing_has_changed(case)


def test_the_bureau_extends_one_enterprises_correction_and_tells_its_channel_too(case, officer, bureau):
    other = a_returned_case()
    asked = {"deadline": "CORRECTION", "scope": "enterprise", "until": "2026-07-14T17:00", "reason": REASON}
    asked["credit_code"] = case.enterprise.credit_code
    page = signed_in(bureau)
    address = reverse("round-extensions", args=[case.round_id])
    wrong = page.post(address, asked | {"scope": "all"})
    assert wrong.context["form"].errors == {"scope": ["补正截止逐家延长，请选“一家企业”。"]}
    done = page.post(address, asked, follow=True)
    assert words(done) == [f"补正截止已延长至7月14日17:00（{case.enterprise}），有关单位和企业已收到通知。"]
    assert (fresh(case).correction_due, fresh(other).correction_due) == (LATER, DUE)
    told = set(Notification.objects.values_list("recipient__name", "subject"))
    assert told == {
        ("林晓雯", "补正截止延长至7月14日17:00，请在此之前重新提交"),
        ("于晓岚", f"{case.enterprise}：补正截止延长至7月14日17:00"),
    }
    again = page.post(address, asked)
    assert again.context["form"].errors == {"until": ["现在的补正截止是7月14日17:00，新的截止须比它晚。"]}
    draft = factories.make_application(round=case.round)
    none = page.post(address, asked | {"credit_code": draft.enterprise.credit_code})
    assert none.context["form"].errors == {
        "until": [f"{draft.enterprise}在2026年度认定没有正在补正的申报，没有补正截止可以延长。"]
    }


def test_an_extended_application_deadline_leaves_a_correction_alone_and_says_so(case, bureau):
    asked = {
        "deadline": "ENTERPRISE",
        "scope": "enterprise",
        "credit_code": case.enterprise.credit_code,
        "until": "2026-07-14T17:00",
        "reason": REASON,
    }
    done = signed_in(bureau).post(reverse("round-extensions", args=[case.round_id]), asked, follow=True)
    untouched = "正在进行的补正，截止仍是7月10日17:00，没有随之延长。"
    assert words(done)[1] == f"{untouched}需要延长的，请另选“补正截止”。"
    assert untouched in Notification.objects.get(recipient__name="林晓雯").body
    assert fresh(case).correction_due == DUE


def test_a_reason_of_an_earlier_correction_is_not_told_of_a_later_one(case, officer):
    signed_in(officer).post(url_of(case), posted())
    assert extensions.behind(fresh(case)).reason == REASON
    again = fresh(case)
    again.state_since = LATER
    assert extensions.behind(again) is None


def test_a_draft_reads_why_its_deadline_was_put_off(bureau):
    late = clock.instant(date(2026, 7, 13), 17)
    here, there = (
        factories.make_application(channel=district, enterprise=factories.make_enterprise(district=district))
        for district in (factories.an_agency("371082"), factories.an_agency("371002"))
    )
    extend(here.round, Deadline.ENTERPRISE, late, agency=here.channel, reason=REASON, by=bureau)
    pages = [
        signed_in(one.enterprise.memberships.get().user).get(reverse("application-detail", args=[one.pk]))
        for one in (here, there)
    ]
    told = f"申报截止已由 6月30日 17:00 延长至 7月13日 17:00，原因：{REASON}"
    assert [told in one.content.decode() for one in pages] == [True, False]
