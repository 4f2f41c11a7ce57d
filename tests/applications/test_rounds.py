"""The municipal handler sets a round up, opens it and watches its board."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import board
from applications.models import Application, AttachmentKind, Round
from core import clock, workflow
from core.models import Event, Notification
from policy.models import Measure, MeasureRenewal
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


def typed(**changes) -> dict:
    measure = Measure.objects.get()
    values = {
        "kind": "RECOGNITION",
        "year": "2026",
        "title": "2026年度认定",
        "call_number": "威工信字〔2026〕12号",
        "measure": measure.pk,
        "scheme": "1",
        "opens_at": "2026-05-18T09:00",
        "enterprise_deadline": "2026-06-30T17:00",
        "district_deadline": "2026-07-17T17:00",
        "paper_deadline": "2026-07-22T17:00",
        "latest_year": "2025",
        "review_starts_on": "2026-07-27",
        "review_ends_on": "2026-08-14",
        "publicity_starts_on": "2026-08-24",
        "publicity_working_days": "5",
        "objection_working_days": "15",
        "quota": "12",
        "minimum_score": "60",
        "panel_size": "5",
    }
    values |= {f"kind_{kind.value}": "0" for kind in AttachmentKind}
    values |= {"kind_BUSINESS_LICENCE": "1", "kind_AUDIT_REPORT": "2"}
    return values | changes


def create(client: Client, at=SPRING, **changes):
    with clock.stopped_at(at):
        return client.post(reverse("round-create"), typed(**changes))


# Setting up


def test_a_round_is_set_up_checked_and_opened(bureau):
    answer = create(bureau)
    round_ = Round.objects.get()
    assert answer.url == reverse("round-board", args=[round_.pk])
    assert (round_.state, round_.quota, round_.base_date) == ("PREPARING", 12, date(2026, 6, 30))
    assert dict(round_.attachment_requirements.values_list("kind", "minimum")) == {
        "BUSINESS_LICENCE": 1,
        "AUDIT_REPORT": 2,
    }
    with clock.stopped_at(SPRING):
        preview = bureau.get(answer.url).content.decode()
        assert "2026年6月30日（周二）17:00" in preview
        assert "审计报告（至少两年），至少 2 份" in preview
        bureau.post(reverse("round-open", args=[round_.pk]))
    assert Round.objects.get().state == "OPEN"
    assert [one.action for one in Event.objects.filter(subject_type="applications.Round")] == [
        "set_up",
        "open",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"enterprise_deadline": "2026-05-18T09:00"}, "企业申报截止须晚于申报开始。"),
        ({"district_deadline": "2026-06-29T17:00"}, "区市、协会报送截止不能早于企业申报截止。"),
        ({"paper_deadline": "2026-07-01T17:00"}, "纸质材料截止不能早于区市、协会报送截止。"),
        ({"review_starts_on": "2026-07-16"}, "评审开始不能早于区市、协会报送截止的日期。"),
        ({"review_ends_on": "2026-07-26"}, "评审结束不能早于评审开始。"),
        ({"publicity_starts_on": "2026-08-13"}, "预计公示开始不能早于评审结束。"),
        ({"panel_size": "4"}, "专家组人数应为不少于 3 的单数，例如 5。"),
        ({"panel_size": "1"}, "专家组人数应为不少于 3 的单数，例如 5。"),
        ({"latest_year": "2026"}, "最近一个完整年度是 2025 年，审计未出的可填 2024 年。"),
        ({"latest_year": "2"}, "最近一个完整年度是 2025 年，审计未出的可填 2024 年。"),
        ({"opens_at": "0001-01-01T09:00"}, "企业申报截止在 2026 年，申报开始在 1 年，请核对年份。"),
        (
            {"publicity_starts_on": "9999-12-30"},
            "预计公示开始在 9999 年，申报开始在 2026 年，请核对年份。",
        ),
        ({"minimum_score": "101"}, "最低分应在 0 到 100 之间。"),
        ({"kind_BUSINESS_LICENCE": "0", "kind_AUDIT_REPORT": "0"}, "请至少列一种必备附件"),
    ],
)
def test_what_does_not_fit_is_refused_and_what_was_typed_stays(bureau, changes, sentence):
    page = create(bureau, **changes)
    assert page.status_code == 422
    text = page.content.decode()
    assert sentence in text
    assert "威工信字〔2026〕12号" in text
    assert not Round.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"year": "x"}, {"opens_at": ""}, {"measure": "99"}, {"quota": "-3"}, {"scheme": ""}]
)
def test_bad_input_is_no_error(bureau, changes):
    assert create(bureau, **changes).status_code == 422
    assert not Round.objects.exists()


def test_there_is_one_round_of_a_kind_each_year(bureau):
    make_round()
    page = create(bureau)
    assert "2026 年已有“2026年度认定”，同类批次每年一个（第四条）。请修改原批次。" in page.content.decode()


def test_a_deadline_on_a_rest_day_is_allowed_and_said(bureau):
    create(bureau, district_deadline="2026-07-18T17:00", paper_deadline="")
    page = bureau.get(reverse("round-board", args=[Round.objects.get().pk]))
    assert "区市、协会报送截止7月18日（周六）是休息日，请确认。" in [
        str(one) for one in page.context["messages"]
    ]


def test_last_years_round_is_proposed(bureau):
    make_round(
        year=2025,
        title="2025年度认定",
        opens_at=clock.instant(date(2025, 5, 18), 9),
        enterprise_deadline=clock.instant(date(2025, 6, 30), 17),
        district_deadline=clock.instant(date(2025, 7, 17), 17),
        quota=9,
    )
    with clock.stopped_at(SPRING):
        form = bureau.get(reverse("round-create")).context["form"]
    assert form["enterprise_deadline"].initial == clock.instant(date(2026, 6, 30), 17)
    assert (form["quota"].initial, form["year"].initial, form["title"].initial) == (9, 2026, "2026年度认定")
    assert form["kind_AUDIT_REPORT"].initial == 2


def test_an_open_round_is_not_edited(bureau):
    round_ = make_round()
    page = bureau.post(reverse("round-edit", args=[round_.pk]), typed(quota="1"), follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "2026年度认定已发布申报通知，管理办法、日期和附件要求不能再改。"
    ]
    assert Round.objects.get().quota is None


# 第二十五条, scenario 16

NOVEMBER = clock.instant(date(2026, 11, 23), 10)
LATE = {
    "opens_at": "2026-11-25T09:00",
    "enterprise_deadline": "2026-12-15T17:00",
    "district_deadline": "2026-12-22T17:00",
    "paper_deadline": "",
    "review_starts_on": "2026-12-23",
    "review_ends_on": "2026-12-30",
    "publicity_starts_on": "2027-01-04",
}


def test_a_round_created_after_the_measure_ended_is_refused_until_its_renewal_is_recorded(bureau):
    page = create(bureau, at=NOVEMBER, **LATE)
    assert page.status_code == 422
    text = page.content.decode()
    assert "威工信发〔2021〕34号有效期至2026年8月31日（第二十五条）" in text
    assert "请先登记延续有效期的文件（文号、印发日期、有效期至），或选用新办法。" in text
    assert reverse("measure-renewal", args=[Measure.objects.get().pk]) in text
    assert not Round.objects.exists()

    with clock.stopped_at(NOVEMBER):
        bureau.post(
            reverse("measure-renewal", args=[Measure.objects.get().pk]),
            {
                "document_number": "威工信发〔2026〕21号",
                "title": "关于延续认定管理办法有效期的通知",
                "issued_on": "2026-11-20",
                "valid_until": "2031-08-31",
            },
        )
    assert Event.objects.get(action="record_renewal").note == "威工信发〔2026〕21号，有效期至2031-08-31"
    assert create(bureau, at=NOVEMBER, **LATE).status_code == 302
    assert Round.objects.get().year == 2026


def test_a_backdated_round_is_refused_as_well(bureau):
    assert create(bureau, at=NOVEMBER).status_code == 422
    assert not Round.objects.exists()


def test_a_round_prepared_in_time_is_not_opened_when_its_dates_lie_outside(bureau):
    round_ = make_round(
        state="PREPARING",
        opens_at=clock.instant(date(2026, 8, 20), 9),
        enterprise_deadline=clock.instant(date(2026, 9, 10), 17),
        district_deadline=clock.instant(date(2026, 9, 20), 17),
    )
    page = bureau.post(reverse("round-open", args=[round_.pk]), follow=True)
    assert "2026年9月10日不能据此开展批次" in page.content.decode()
    assert Round.objects.get().state == "PREPARING"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issued_on": "2026-11-24"}, "印发日期不能晚于今天，请在文件印发后登记。"),
        ({"issued_on": "2020-01-01"}, "印发日期不能早于原办法的印发日期2021年7月20日。"),
        ({"valid_until": "2026-08-31"}, "现有有效期至2026年8月31日，延续后的有效期须晚于这一天。"),
        ({"document_number": ""}, "请填写文号。"),
    ],
)
def test_a_renewal_that_renews_nothing_is_refused(bureau, changes, sentence):
    values = {
        "document_number": "威工信发〔2026〕21号",
        "title": "延续通知",
        "issued_on": "2026-11-20",
        "valid_until": "2031-08-31",
    }
    with clock.stopped_at(NOVEMBER):
        page = bureau.post(reverse("measure-renewal", args=[Measure.objects.get().pk]), values | changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not MeasureRenewal.objects.exists()


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


def test_a_round_in_preparation_has_no_phase_running(bureau):
    round_ = make_round(state="PREPARING")
    steps = bureau.get(reverse("round-board", args=[round_.pk])).context["steps"]
    assert [(one.label, one.state) for one in steps[:2]] == [("筹备", "current"), ("组织申报", "todo")]


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


def test_the_auditor_reads_the_board_and_changes_nothing():
    auditor = signed_in(Role.AUDITOR)
    round_ = make_round(state="PREPARING")
    assert auditor.get(reverse("round-board", args=[round_.pk])).status_code == 200
    assert auditor.post(reverse("round-open", args=[round_.pk])).status_code == 404
    assert Round.objects.get().state == "PREPARING"


def test_the_leader_watches_but_the_handler_opens():
    round_ = make_round(state="PREPARING")
    leader = signed_in(Role.MUNICIPAL_LEADER)
    assert leader.get(reverse("round-board", args=[round_.pk])).status_code == 200
    assert leader.post(reverse("round-open", args=[round_.pk])).status_code == 403
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
