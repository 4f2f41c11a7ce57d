"""A deadline put off for all, one channel or one enterprise: who profits, who is told, and what is refused."""

from datetime import date
from functools import partial

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from applications import beginning, conditions
from applications.extensions import Deadline, extend
from applications.models import Application, Extension, Recommendation, Round
from core import clock, events, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from tests import factories
from tests.applications.scenes import signed_in
from tests.browser import accessibility_violations, keep_screenshots
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
State = Application.State
JUNE_29 = clock.instant(date(2026, 6, 29), 9)
JULY_2 = clock.instant(date(2026, 7, 2), 9)
OLD, NEW = clock.instant(date(2026, 6, 30), 17), clock.instant(date(2026, 7, 6), 17)
REPORT = clock.instant(date(2026, 7, 17), 17)
REASON = "台风影响，企业无法按期办理审计报告。"


@pytest.fixture
def round_() -> Round:
    return factories.make_round(
        enterprise_deadline=OLD, district_deadline=REPORT, review_starts_on=date(2026, 7, 27)
    )


@pytest.fixture
def handler():
    return factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")


def draft(round_: Round, code: str = "371082", writer: str = "林晓雯") -> Application:
    district = factories.an_agency(code)
    enterprise = factories.make_enterprise(district=district)
    member = factories.make_member(enterprise, name=writer)
    return factories.make_application(round=round_, enterprise=enterprise, channel=district, member=member)


def why_closed(application: Application) -> str:
    return conditions.round_accepts_submission.reason(Application.objects.get(pk=application.pk))


def put_off(round_: Round, by, which: str = Deadline.ENTERPRISE, until=NEW, **whom) -> Extension:
    with clock.stopped_at(JUNE_29):
        return extend(round_, which, until, reason=REASON, by=by, **whom)


def told(subject: str) -> set[str]:
    return set(Notification.objects.filter(subject=subject).values_list("recipient__name", flat=True))


def test_one_districts_enterprises_get_more_time_and_no_others(round_, handler):
    here, there = draft(round_), draft(round_, "371002", "连知夏")
    writer = User.objects.get(name="林晓雯")
    factories.make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    put_off(round_, handler, agency=here.channel)
    with clock.stopped_at(JULY_2):
        assert why_closed(here) == ""
        assert why_closed(there) == (
            f"申报截止时间为6月30日17:00，已过。草稿已保留。如需补报请联系{there.channel.name}。"
        )
        home = signed_in(writer).get(reverse("enterprise-home"))
        assert [one["until"] for one in home.context["tasks"]] == [NEW]
        assert (
            beginning.begin(
                factories.make_enterprise(district=here.channel), round_, here.channel, by=writer
            ).enterprise_deadline
            == NEW
        )
        with pytest.raises(NotPossible) as refusal:
            beginning.begin(
                factories.make_enterprise(district=there.channel), round_, there.channel, by=writer
            )
        assert refusal.value.reasons == ["2026年度认定的申报已于6月30日17:00截止，可在下一批次申报。"]
    with clock.stopped_at(NEW):
        assert why_closed(here).startswith("申报截止时间为7月6日17:00，已过。")
    assert told("2026年度认定：企业申报截止延长至7月6日17:00") == {"林晓雯", "于晓岚"}
    (event,) = events.about(round_).filter(action="extend")
    assert (event.note, event.details["scope"]) == (REASON, str(here.channel))
    assert Round.objects.get().enterprise_deadline == OLD


def test_the_district_reads_why_its_own_deadline_was_put_off_and_no_other_does(round_, handler):
    here, there = draft(round_), draft(round_, "371002", "连知夏")
    put_off(round_, handler, Deadline.DISTRICT, clock.instant(date(2026, 7, 20), 17), agency=here.channel)
    why = f"报送推荐文件的截止已延长，原因：{REASON}"
    with clock.stopped_at(JULY_2):
        pages = [
            signed_in(factories.make_officer(Role.CHANNEL_HANDLER, one.channel))
            .get(reverse("vetting-queue"))
            .content.decode()
            for one in (here, there)
        ]
    assert [why in page for page in pages] == [True, False]


def test_for_all_the_rounds_own_deadline_moves_and_the_base_date_stays(round_, handler):
    case = draft(round_)
    put_off(round_, handler)
    moved = Round.objects.get()
    assert (moved.enterprise_deadline, moved.base_date) == (NEW, date(2026, 6, 30))
    with clock.stopped_at(JULY_2):
        assert why_closed(case) == ""
    assert told("2026年度认定：企业申报截止延长至7月6日17:00") == {"林晓雯"}
    body = Notification.objects.get().body
    assert body == f"原为6月30日17:00。原因：{REASON}条件仍按原基准日2026年6月30日核验。"


def test_one_enterprise_that_has_not_begun_yet_may_begin_later(round_, handler):
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise, name="林晓雯")
    put_off(round_, handler, enterprise=enterprise)
    with clock.stopped_at(JULY_2):
        home = signed_in(member).get(reverse("enterprise-home"))
        assert [one["until"] for one in home.context["tasks"]] == [NEW]
        start = signed_in(member).get(reverse("application-start", args=[round_.pk]))
        assert (start.context["reasons"], start.context["round"].enterprise_deadline) == ([], NEW)
        assert f"已延长，原因：{REASON}" in start.content.decode()
        case = beginning.begin(enterprise, round_, enterprise.district, by=member)
        assert why_closed(case) == ""
    assert told(f"{enterprise}：2026年度认定：企业申报截止延长至7月6日17:00") == {"林晓雯"}


def test_more_time_of_one_channel_is_told_as_that_channels(round_, handler):
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise)
    association = factories.make_association()
    put_off(round_, handler, agency=association)
    words = f"通过{association}申报的，截止延长至 2026年7月6日（周一）17:00，原因：{REASON}"
    seen = []
    for now in (JUNE_29, JULY_2):
        with clock.stopped_at(now):
            home = signed_in(member).get(reverse("enterprise-home"))
            cases = signed_in(member).get(reverse("application-list"))
            start = signed_in(member).get(reverse("application-start", args=[round_.pk]))
        assert [words in page.content.decode() for page in (home, cases, start)] == [True] * 3
        seen.append([one["until"] for one in home.context["tasks"]] + [start.context["until"]])
    first = round_.enterprise_deadline
    assert seen == [[first, first], [NEW, NEW]]
    with clock.stopped_at(JULY_2):
        with pytest.raises(NotPossible):
            beginning.begin(enterprise, round_, enterprise.district, by=member)
        beginning.begin(enterprise, round_, association, by=member)


def test_a_draft_that_moves_to_another_channel_has_that_channels_deadline(round_, handler):
    case = draft(round_)
    association = factories.make_association()
    member = User.objects.get(name="林晓雯")
    put_off(round_, handler, agency=case.channel)
    moved = beginning.move_channel(case, association, by=member)
    assert (moved.extended_enterprise_deadline, moved.enterprise_deadline) == (None, OLD)
    back = beginning.move_channel(moved, case.channel, by=member)
    assert back.enterprise_deadline == NEW


@pytest.mark.django_db(transaction=True)
def test_a_draft_begun_while_its_district_is_given_more_time_has_it():
    round_ = factories.make_round(
        enterprise_deadline=OLD, district_deadline=REPORT, review_starts_on=date(2026, 7, 27)
    )
    handler = factories.make_officer(Role.MUNICIPAL_HANDLER)
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise)
    beginning_it = partial(beginning.begin, enterprise, round_, enterprise.district, by=member)
    with meanwhile(beginning_it, at=JUNE_29) as other:
        put_off(round_, handler, agency=enterprise.district)
        other.begins()
    assert Application.objects.get().enterprise_deadline == NEW


@pytest.mark.django_db(transaction=True)
def test_more_time_for_a_district_and_a_submission_to_it_do_not_block_each_other():
    round_ = factories.make_round(enterprise_deadline=OLD, district_deadline=REPORT)
    handler = factories.make_officer(Role.MUNICIPAL_HANDLER)
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise)
    case = factories.make_application(round=round_, enterprise=enterprise, member=member, complete=True)
    putting_off = partial(
        extend, round_, Deadline.ENTERPRISE, NEW, agency=case.channel, reason=REASON, by=handler
    )
    with meanwhile(putting_off, at=JUNE_29) as other:
        Application.objects.select_for_update().get(pk=case.pk)
        other.begins()
        workflow.perform(case, "submit", by=member)
    submitted = Application.objects.get()
    assert (submitted.state, submitted.enterprise_deadline) == (State.SUBMITTED, NEW)


def test_a_channel_with_more_time_vets_and_reports_later(round_, handler):
    case = factories.make_application(round=round_, state=State.SUBMITTED)
    other = factories.make_application(
        round=round_, state=State.SUBMITTED, channel=factories.an_agency("371002")
    )
    later = clock.instant(date(2026, 7, 22), 17)
    put_off(round_, handler, Deadline.DISTRICT, later, agency=case.channel)
    officer = factories.make_officer(Role.CHANNEL_HANDLER)
    batches = [
        Recommendation.objects.create(
            round=round_, agency=one.channel, letter_number="1", prepared_by=officer
        )
        for one in (case, other)
    ]
    for batch, one in zip(batches, (case, other), strict=True):
        batch.list_cases([(one, "")], by=officer)
    with clock.stopped_at(clock.instant(date(2026, 7, 20), 9)):
        again = [Application.objects.get(pk=one.pk) for one in (case, other)]
        assert [conditions.vetting_not_over.reason(one) for one in again] == [
            "",
            "报送截止时间为7月17日17:00，已过，不能再退回补正。请审核通过或不予推荐。",
        ]
        reasons = [conditions.reported_in_time.reason(one) for one in batches]
        assert reasons[0] == ""
        assert reasons[1].startswith(f"报送截止时间为7月17日17:00，已过，不能再报送：{other.enterprise}。")
        queue = signed_in(officer).get(reverse("vetting-queue"))
        assert queue.context["round"].district_deadline == later
        assert [row.application.turn_until for row in queue.context["rows"]] == [later]


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"until": clock.instant(date(2026, 6, 28), 17)}, [
            "新的截止时间须晚于现在，请改为将来的时间。",
            "现在的截止时间是6月30日17:00，新的截止时间须比它晚。",
        ]),
        ({"until": OLD}, ["现在的截止时间是6月30日17:00，新的截止时间须比它晚。"]),
        ({"until": clock.instant(date(2026, 7, 20), 17)}, [
            "区市、协会报送截止是7月17日17:00，企业申报截止不能晚于它，请先延长报送截止（第十五条）。",
        ]),
        ({"which": Deadline.DISTRICT, "until": clock.instant(date(2026, 7, 27), 0)}, [
            "评审自7月27日00:00开始，截止时间须在此之前。",
        ]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_changes(round_, handler, changes, sentences):
    with pytest.raises(NotPossible) as refusal:
        put_off(round_, handler, **changes)
    assert refusal.value.reasons == sentences
    assert not Extension.objects.exists()
    assert not Notification.objects.exists()


def test_only_the_bureaus_handler_puts_off_and_only_of_a_round_that_runs(round_, handler):
    with pytest.raises(NotPermitted):
        put_off(round_, factories.make_officer(Role.CHANNEL_LEADER))
    over = factories.make_round(year=2025, title="2025年度认定", state="CLOSED", latest_year=2024)
    with pytest.raises(NotPossible) as refusal:
        put_off(over, handler)
    assert refusal.value.reasons[0] == "2025年度认定现为“已办结”，进行中的批次才能延长截止时间。"


def posted(**changes) -> dict[str, str]:
    return {
        "deadline": "ENTERPRISE",
        "scope": "agency",
        "agency": str(factories.an_agency().pk),
        "credit_code": "",
        "until": "2026-07-06T17:00",
        "reason": REASON,
    } | changes


def test_the_form_says_what_is_missing_and_a_second_press_puts_off_once(round_, handler):
    client, url = signed_in(handler), reverse("round-extensions", args=[round_.pk])
    with clock.stopped_at(JUNE_29):
        for changes, errors in (
            ({"reason": ""}, {"reason": ["请写明延长的原因，受影响的单位都会看到。"]}),
            ({"agency": ""}, {"agency": ["请选择要延长的区市或协会。"]}),
            ({"scope": "enterprise"}, {"credit_code": ["请填写要延长的企业的统一社会信用代码。"]}),
            ({"scope": "enterprise", "credit_code": "91371002MA3T002870"}, {
                "credit_code": ["没有代码为 91371002MA3T002870 的登记企业，请核对，或请企业先登记。"],
            }),
            ({"until": "明天"}, {"until": ["延长至应为日期和时间，例如 2026-06-30 17:00。"]}),
        ):  # fmt: skip
            refused = client.post(url, posted(**changes))
            assert (refused.status_code, refused.context["form"].errors) == (422, errors)
        asked = client.post(url, posted(until="2026-07-05T17:00"))
        assert (asked.status_code, asked.context["hints"]) == (
            422,
            ["新的截止7月5日（周日）是休息日，请确认。"],
        )
        assert REASON in asked.content.decode()
        assert (Extension.objects.count(), Notification.objects.count()) == (0, 0)
        assert not Event.objects.filter(action="extend").exists()
        meant = {"rest_day": asked.context["rest_day"]}
        other = client.post(url, posted(until="2026-07-04T17:00", **meant))
        assert other.context["hints"] == ["新的截止7月4日（周六）是休息日，请确认。"]
        done = client.post(url, posted(until="2026-07-05T17:00", **meant), follow=True)
        assert [str(one) for one in done.context["messages"]] == [
            "企业申报截止已延长至7月5日17:00（荣成市工业和信息化局），有关单位和企业已收到通知。",
        ]
        again = client.post(url, posted(until="2026-07-05T17:00"))
        assert again.context["form"].errors == {
            "until": ["现在的截止时间是7月5日17:00，新的截止时间须比它晚。"]
        }
    assert Extension.objects.count() == 1


def test_a_district_is_given_more_time_and_its_enterprise_submits_in_the_browser(
    open_browser, sign_in_as, transactional_db
):
    clock.move_to(JUNE_29)
    round_ = factories.make_round(
        enterprise_deadline=OLD, district_deadline=REPORT, review_starts_on=date(2026, 7, 27)
    )
    here, there = draft(round_), draft(round_, "371002", "连知夏")
    members = [User.objects.get(name=name) for name in ("林晓雯", "连知夏")]
    for case, member in zip((here, there), members, strict=True):
        factories.fill_in(case, by=member)
    bureau = open_browser()
    sign_in_as(bureau, factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远"))
    bureau.goto(reverse("round-board", args=[round_.pk]))
    bureau.get_by_role("link", name="延长截止时间").click()
    bureau.get_by_role("heading", name="延长一个截止时间").wait_for()
    assert accessibility_violations(bureau) == []
    bureau.get_by_label("企业申报截止").check()
    bureau.get_by_label("一个区市或协会").check()
    bureau.get_by_label("区市或协会", exact=True).select_option(str(here.channel_id))
    bureau.get_by_label("延长至").fill("2026-07-06T17:00")
    bureau.get_by_label("原因").fill(REASON)
    bureau.get_by_role("button", name="延长并通知").click()
    bureau.get_by_text("企业申报截止已延长至7月6日17:00").wait_for()
    keep_screenshots(bureau, "round-extensions")
    assert accessibility_violations(bureau) == []

    clock.move_to(JULY_2)
    for case, member, is_open in zip((here, there), members, (True, False), strict=True):
        page = open_browser()
        sign_in_as(page, member)
        page.goto(reverse("application-check", args=[case.pk]))
        submit = page.get_by_role("button", name="提交申报书")
        if not is_open:
            page.get_by_text("申报截止时间为6月30日17:00，已过。").first.wait_for()
            assert submit.is_disabled()
            continue
        page.get_by_label("我已逐项核对以上内容，并获本单位授权提交").check()
        submit.click()
        page.get_by_role("heading", name="提交回执").wait_for()
    states = Application.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SUBMITTED, State.DRAFT]
