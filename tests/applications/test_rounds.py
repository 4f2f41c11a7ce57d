"""The municipal handler watches the board of a round and closes it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import board
from applications.models import Application, Extension, Recommendation, Round
from core import clock, workflow
from core.models import Notification
from tests.factories import an_agency, make_application, make_member, make_officer, make_round

pytestmark = pytest.mark.django_db
State = Application.State
SPRING = clock.instant(date(2026, 4, 20), 9)
JULY = clock.instant(date(2026, 7, 13), 10, 20)


def signed_in(role: str, **fields) -> Client:
    client = Client()
    client.force_login(make_officer(role, **fields), backend="accounts.backends.PortalBackend")
    return client


@pytest.fixture
def bureau() -> Client:
    return signed_in(Role.MUNICIPAL_HANDLER, name="宋知远")


# The board


def test_the_board_counts_by_channel_and_by_who_holds_the_case(bureau):
    round_ = make_round()
    wendeng = an_agency("371003")
    for state in (State.RETURNED, State.SUBMITTED, State.VETTED, State.FORWARDED, State.ACCEPTED):
        make_application(state=state, round=round_)
    make_application(state=State.NOT_RECOMMENDED, round=round_)
    make_application(state=State.DRAFT, round=round_)
    make_application(state=State.SUBMITTED, round=round_, channel=wendeng)
    with clock.stopped_at(JULY):
        page = bureau.get(reverse("round-board", args=[round_.pk]))
    tally = page.context["tally"]
    rows = {row.agency.code: row for row in tally.rows}
    rongcheng = rows["371082"]
    assert (
        rongcheng.total,
        rongcheng.enterprise,
        rongcheng.district,
        rongcheng.bureau,
        rongcheng.ended,
    ) == (6, 1, 2, 2, 1)
    assert (rows["371003"].district, rows["371003"].reported_none) == (1, True)
    assert (tally.total, tally.drafts) == (7, 1)
    assert tally.sums == {"enterprise": 1, "district": 3, "bureau": 2, "ended": 1}
    assert [(one.state, one.number) for one in tally.states] == [
        ("RETURNED", 1),
        ("SUBMITTED", 2),
        ("VETTED", 1),
        ("FORWARDED", 1),
        ("ACCEPTED", 1),
        ("NOT_RECOMMENDED", 1),
    ]
    assert len(rows) == 9


def test_every_number_of_the_board_leads_to_its_cases(bureau):
    round_ = make_round()
    here = make_application(state=State.SUBMITTED, round=round_)
    make_application(state=State.SUBMITTED, round=round_, channel=an_agency("371003"))
    url = reverse("round-cases", args=[round_.pk])
    page = bureau.get(url, {"channel": here.channel_id, "state": "SUBMITTED"})
    assert [row.application for row in page.context["rows"]] == [here]
    assert bureau.get(url, {"channel": "x", "state": "y", "page": "z"}).status_code == 200


def test_phases_are_worked_out_from_the_clock():
    round_ = make_round()

    def phases(at) -> list[str]:
        with clock.stopped_at(at):
            return [one.state for one in board.steps(round_, board.window_of(round_))]

    with clock.stopped_at(round_.opens_at - timedelta(seconds=1)):
        first = board.steps(round_, board.window_of(round_))[0]
    assert (first.label, first.state, first.date) == ("未开始", "current", "5月18日 09:00 开始申报")
    assert phases(round_.opens_at)[:2] == ["current", "todo"]
    closing = round_.enterprise_deadline
    assert phases(closing - timedelta(seconds=1))[:2] == ["current", "todo"]
    assert phases(closing)[:2] == ["done", "current"]
    assert phases(round_.district_deadline)[:3] == ["done", "done", "current"]
    assert phases(clock.instant(date(2026, 8, 28), 23))[5:] == ["current", "todo"]
    assert phases(clock.instant(date(2026, 8, 29)))[5:] == ["done", "current"]


def test_what_is_stuck_names_its_holder_longest_first(bureau):
    round_ = make_round()
    fresh = make_application(state=State.SUBMITTED, round=round_, state_since=JULY - timedelta(days=1))
    old = make_application(state=State.SUBMITTED, round=round_, state_since=JULY - timedelta(days=13))
    returned = make_application(
        state=State.RETURNED,
        round=round_,
        state_since=JULY - timedelta(days=1),
        correction_due=JULY + timedelta(days=1),
    )
    contested = make_application(state=State.CONTESTED, round=round_, state_since=JULY - timedelta(days=4))
    with clock.stopped_at(JULY):
        stuck = bureau.get(reverse("round-board", args=[round_.pk])).context["stuck"]
    assert [(one.application, one.note, one.act_url) for one in stuck] == [
        (returned.pk, "退回补正 1 天", ""),
        (old.pk, "待审核 13 天", ""),
        (contested.pk, "异议处理中 4 天", "/objection-desk/"),
    ]
    assert [one.holder for one in stuck] == ["企业（荣成市工信局）", "荣成市工信局", "市工信局"]
    assert fresh.pk not in [one.application for one in stuck]


def test_all_that_is_stuck_is_counted_and_found_and_a_letter_keeps_its_channels_time(bureau):
    round_ = make_round()
    cases = [
        make_application(
            state=State.VETTED, round=round_, state_since=JULY - timedelta(days=days), complete=False
        )
        for days in range(16)
    ]
    letter = Recommendation.objects.create(
        agency=an_agency(),
        round=round_,
        letter_number="荣工信函〔2026〕9号",
        prepared_by=make_officer(Role.CHANNEL_HANDLER),
    )
    for place, case in enumerate(cases[:3], start=1):
        given_up = JULY if place == 2 else None
        letter.entries.create(application=case, position=place, withdrawn_at=given_up)
    until = round_.district_deadline + timedelta(days=7)
    Extension.objects.create(
        round=round_,
        deadline=Extension.Deadline.DISTRICT,
        agency=an_agency(),
        before=round_.district_deadline,
        until=until,
        reason="台风影响",
        extended_by=make_officer(Role.MUNICIPAL_HANDLER),
    )
    with clock.stopped_at(JULY):
        page = bureau.get(reverse("round-board", args=[round_.pk]))
        behind = bureau.get(reverse("round-cases", args=[round_.pk]), {"stuck": "yes"})
    stuck = page.context["stuck"]
    assert [one.application for one in stuck] == [case.pk for case in reversed(cases[4:])] + [None]
    assert (stuck[-1].title, stuck[-1].until) == ("推荐函待负责人签发（2 件）", until)
    assert "全部 13 件卡住的申报" in page.content.decode()
    assert page.context["stuck_total"] == 14
    assert behind.context["page"].paginator.count == 13
    assert behind.context["narrowed"] == "卡住 停留超过 2 天或 3 天内到期"


def test_a_reminder_reaches_its_holder_once_a_day(bureau):
    round_ = make_round()
    case = make_application(state=State.SUBMITTED, round=round_)
    officer = make_officer(Role.CHANNEL_HANDLER)
    url = reverse("round-remind", args=[round_.pk])
    with clock.stopped_at(JULY):
        for _ in range(2):
            page = bureau.post(url, {"application": case.pk}, follow=True)
        said = f"已提醒荣成市工业和信息化局：{officer.name}。同一件每人每天最多提醒一次。"
        assert said in [str(one) for one in page.context["messages"]]
    assert Notification.objects.filter(recipient=officer).count() == 1
    with clock.stopped_at(JULY + timedelta(days=1)):
        bureau.post(url, {"application": case.pk})
    assert Notification.objects.filter(recipient=officer).count() == 2


def test_a_returned_case_reminds_the_enterprise(bureau):
    case = make_application(state=State.RETURNED)
    member = make_member(case.enterprise)
    bureau.post(reverse("round-remind", args=[case.round_id]), {"application": case.pk})
    assert Notification.objects.filter(recipient=member, subject__startswith="请办理").count() == 1


@pytest.mark.parametrize("asked", ["", "x", "999999", "9" * 30])
def test_a_reminder_about_nothing_is_not_found(bureau, asked):
    round_ = make_round()
    assert bureau.post(reverse("round-remind", args=[round_.pk]), {"application": asked}).status_code == 404


def test_the_measure_that_ends_too_early_is_on_the_board(bureau):
    round_ = make_round(review_ends_on=date(2026, 8, 21), publicity_starts_on=date(2026, 8, 26))
    with clock.stopped_at(JULY):
        page = bureau.get(reverse("round-board", args=[round_.pk]))
    assert page.context["expires"] == date(2026, 8, 31)
    assert "管理办法 8月31日到期" in page.content.decode()


# Others


@pytest.mark.parametrize("role", [Role.CHANNEL_LEADER, Role.EXPERT, Role.ADMINISTRATOR])
def test_others_have_no_board(role):
    round_ = make_round()
    agency = None if role != Role.EXPERT else an_agency("371000")
    if role == Role.EXPERT:
        from tests.factories import make_expert

        client = Client()
        client.force_login(make_expert().user, backend="accounts.backends.PortalBackend")
    else:
        client = signed_in(role, agency=agency)
    for name, args in (("round-list", []), ("round-board", [round_.pk]), ("round-create", [])):
        assert client.get(reverse(name, args=args)).status_code == 404


def test_a_called_round_that_has_not_begun_says_so_on_the_list(bureau):
    make_round()
    for day, word in ((date(2026, 3, 2), "未开始"), (date(2026, 6, 12), "进行中")):
        with clock.stopped_at(clock.instant(day)):
            rows = bureau.get(reverse("round-list")).context["rows"]
        assert [badge[0] for _, badge in rows] == [word]


def test_the_auditor_reads_the_board_and_changes_nothing():
    auditor = signed_in(Role.AUDITOR)
    round_ = make_round(state="PREPARING")
    assert auditor.get(reverse("round-board", args=[round_.pk])).status_code == 200
    assert auditor.post(reverse("round-open", args=[round_.pk])).status_code == 404
    assert Round.objects.get().state == "PREPARING"


def test_a_round_is_closed_once_every_case_has_its_conclusion(bureau):
    round_ = make_round()
    make_application(round=round_, state=State.AWARDED)
    case = make_application(round=round_, state=State.FORWARDED)
    make_application(round=round_, state=State.DRAFT)
    address = reverse("round-close", args=[round_.pk])
    with clock.stopped_at(round_.enterprise_deadline - timedelta(seconds=1)):
        page = bureau.post(address, follow=True)
        assert [str(one) for one in page.context["messages"]] == [
            "申报截止时间为6月30日17:00，未到，不能办结批次。"
        ]
    with clock.stopped_at(round_.enterprise_deadline):
        page = bureau.post(address, follow=True)
        sentence = f"还有 1 件没有结论：{case.enterprise}（已推荐）。全部有结论后才能办结批次。"
        assert [str(one) for one in page.context["messages"]] == [sentence]
        assert sentence in page.content.decode()
        assert Round.objects.get().state == "OPEN"
        workflow.perform(case, "decline", by=make_officer(Role.MUNICIPAL_HANDLER), note="第十二条第1项。")
        page = bureau.post(address, follow=True)
        assert [str(one) for one in page.context["messages"]] == ["2026年度认定已办结。"]
        assert Round.objects.get().state == "CLOSED"
