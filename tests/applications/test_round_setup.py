"""The municipal handler prepares a round in steps, from last year's or anew, and publishes its call."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Agency
from accounts.roles import Role
from applications.models import AttachmentKind, ChannelQuota, Round
from core import clock
from core.models import Event
from policy.models import Measure, MeasureRenewal
from tests.factories import an_agency, make_officer, make_round

pytestmark = pytest.mark.django_db
SPRING = clock.instant(date(2026, 4, 20), 9)
NOVEMBER = clock.instant(date(2026, 11, 23), 10)


def at(day: date, hour: int = 17):
    return clock.instant(day, hour)


def signed_in(role: str = Role.MUNICIPAL_HANDLER, **fields) -> Client:
    client = Client()
    client.force_login(make_officer(role, **fields), backend="accounts.backends.PortalBackend")
    return client


@pytest.fixture
def bureau() -> Client:
    return signed_in(name="宋知远")


@pytest.fixture
def spring():
    with clock.stopped_at(SPRING):
        yield


def last_years(**fields) -> Round:
    """Wednesday, Wednesday, Friday, a paper deadline; 2026's 18 May is a Monday, 17 July a Friday."""
    values = {
        "year": 2025,
        "title": "2025年度威海市服务型制造示范企业认定",
        "call_number": "威工信字〔2025〕9号",
        "state": Round.State.CLOSED,
        "opens_at": at(date(2025, 5, 17), 9),
        "enterprise_deadline": at(date(2025, 6, 28)),
        "district_deadline": at(date(2025, 7, 17)),
        "paper_deadline": at(date(2025, 7, 25)),
        "review_starts_on": date(2025, 7, 28),
        "review_ends_on": date(2025, 8, 15),
        "publicity_starts_on": date(2025, 8, 22),
        "latest_year": 2024,
        "quota": 9,
        "minimum_score": 65,
    }
    return make_round(**(values | fields))


def posted(round_: Round, step: str, bureau: Client, **changes) -> dict[str, str]:
    """What the form of a step sends when these fields are typed into it."""
    page = bureau.get(reverse("round-step", args=[round_.pk, step])).context
    form = page["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else str(value)
        for name, value in shown.items()
        if value is not None
    } | {"revision": page["revision"], **changes}


def save(bureau: Client, round_: Round, step: str, **changes):
    return bureau.post(reverse("round-step", args=[round_.pk, step]), posted(round_, step, bureau, **changes))


def preparing(**fields) -> Round:
    return make_round(state=Round.State.PREPARING, **fields)


# Copying


def test_last_years_round_is_copied_whole_moved_on_and_off_rest_days(bureau, spring):
    last = last_years()
    last.attachment_requirements.filter(kind="PROJECT_EVIDENCE").update(minimum=3)
    ChannelQuota.objects.create(round=last, agency=an_agency("371082"), number=4)
    answer = bureau.post(reverse("round-copy", args=[last.pk]))
    made = Round.objects.get(year=2026)
    assert answer.url == reverse("round-step", args=[made.pk, "dates"])
    assert made.state == "PREPARING"
    assert {name: getattr(made, name) for name in ("title", "call_number", "latest_year", "quota")} == {
        "title": "2026年度威海市服务型制造示范企业认定",
        "call_number": "",
        "latest_year": 2025,
        "quota": 9,
    }
    assert made.schedule == {
        "opens_at": at(date(2026, 5, 18), 9),  # 17 May is a Sunday
        "enterprise_deadline": at(date(2026, 6, 29)),  # 28 June is a Sunday
        "district_deadline": at(date(2026, 7, 17)),
        "paper_deadline": at(date(2026, 7, 27)),  # 25 July is a Saturday
        "review_starts_on": date(2026, 7, 28),
        "review_ends_on": date(2026, 8, 17),
        "publicity_starts_on": date(2026, 8, 24),
    }
    assert (made.minimum_score, made.measure, made.scheme) == (65, last.measure, last.scheme)
    assert dict(made.attachment_requirements.values_list("kind", "minimum")) == dict(
        last.attachment_requirements.values_list("kind", "minimum")
    )
    assert list(made.channel_quotas.values_list("agency__code", "number")) == [("371082", 4)]
    assert [(one.action, one.action_label) for one in Event.objects.filter(subject_id=made.pk)] == [
        ("set_up", "建立批次")
    ]


def test_a_second_click_makes_no_second_round(bureau, spring):
    last = last_years()
    for _ in range(2):
        bureau.post(reverse("round-copy", args=[last.pk]))
    page = bureau.post(reverse("round-copy", args=[last.pk]))
    assert page.status_code == 422
    assert (
        "2026 年已有“2026年度威海市服务型制造示范企业认定”，同类批次每年一个（第四条）"
        in page.content.decode()
    )
    assert Round.objects.count() == 2


def test_dates_that_would_be_over_begin_anew_as_far_apart(bureau):
    last = last_years()
    with clock.stopped_at(at(date(2026, 6, 10), 9)):
        bureau.post(reverse("round-copy", args=[last.pk]))
    made = Round.objects.get(year=2026)
    assert (made.opens_at, made.enterprise_deadline) == (at(date(2026, 6, 11), 9), at(date(2026, 7, 23)))


def test_without_an_earlier_round_the_usual_one_is_proposed(bureau, spring):
    measure = Measure.objects.get()
    answer = bureau.post(
        reverse("round-create"),
        {"measure": measure.pk, "kind": "RECOGNITION", "year": "2026", "title": "2026年度认定"},
    )
    made = Round.objects.get()
    assert answer.url == reverse("round-step", args=[made.pk, "dates"])
    assert made.schedule == {
        "opens_at": at(date(2026, 5, 6), 9),  # 4 and 5 May are holidays
        "enterprise_deadline": at(date(2026, 6, 15)),
        "district_deadline": at(date(2026, 7, 2)),
        "paper_deadline": None,
        "review_starts_on": date(2026, 7, 13),
        "review_ends_on": date(2026, 7, 30),
        "publicity_starts_on": date(2026, 8, 10),
    }
    assert made.attachment_requirements.count() == 7


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"year": "x"}, "年度应为整数"),
        ({"year": ""}, "请填写年度，例如 2026。"),
        ({"year": "2029"}, "年度应在 2025 至 2027 之间，请核对。"),
        ({"year": "99999999999999999999"}, "年度"),
        ({"measure": "99"}, "管理办法中没有这一项，请重新选择。"),
        ({"kind": "x"}, "类别中没有这一项，请重新选择。"),
        ({"title": "长" * 81}, "名称最多 80 字，现为 81 字，请删减 1 字。"),
    ],
)
def test_a_first_step_that_does_not_fit_is_refused_and_stays(bureau, spring, changes, sentence):
    values = {
        "measure": Measure.objects.get().pk,
        "kind": "RECOGNITION",
        "year": "2026",
        "title": "2026年度认定",
        "call_number": "威工信字〔2026〕12号",
    }
    page = bureau.post(reverse("round-create"), values | changes)
    assert page.status_code == 422
    text = page.content.decode()
    assert sentence in text
    assert "威工信字〔2026〕12号" in text
    assert not Round.objects.exists()


# 第二十五条, scenario 16


def test_under_the_expired_measure_nothing_is_set_up_until_its_renewal_is_recorded(bureau):
    last = last_years()
    measure = Measure.objects.get()
    renewal = reverse("measure-renewal", args=[measure.pk])
    with clock.stopped_at(NOVEMBER):
        values = {"measure": measure.pk, "kind": "RECOGNITION", "year": "2026", "title": "2026年度认定"}
        for page in (
            bureau.post(reverse("round-copy", args=[last.pk])),
            bureau.post(reverse("round-create"), values),
        ):
            assert page.status_code == 422
            text = page.content.decode()
            assert "威工信发〔2021〕34号有效期至2026年8月31日（第二十五条）" in text
            assert "请先登记延续有效期的文件（文号、印发日期、有效期至），或选用新办法。" in text
            assert renewal in text
        assert Round.objects.count() == 1

        bureau.post(
            renewal,
            {
                "document_number": "威工信发〔2026〕21号",
                "title": "关于延续认定管理办法有效期的通知",
                "issued_on": "2026-11-20",
                "valid_until": "2031-08-31",
            },
        )
        assert Event.objects.get(action="record_renewal").note == "威工信发〔2026〕21号，有效期至2031-08-31"
        assert bureau.post(reverse("round-copy", args=[last.pk])).status_code == 302
    made = Round.objects.get(year=2026)
    # what the calendar does not reach is left as it falls
    assert (made.opens_at, made.base_date) == (at(date(2026, 11, 24), 9), date(2027, 1, 5))


def test_a_measure_is_refused_that_does_not_reach_the_base_date(bureau, spring):
    round_ = preparing(
        enterprise_deadline=at(date(2026, 9, 10)),
        district_deadline=at(date(2026, 9, 20)),
        review_starts_on=date(2026, 9, 21),
        review_ends_on=date(2026, 9, 22),
        publicity_starts_on=date(2026, 9, 28),
    )
    page = save(bureau, round_, "basis", title="另一个名称")
    assert page.status_code == 422
    assert "2026年9月10日不能据此开展批次" in page.content.decode()
    assert Round.objects.get().title == "2026年度认定"


def test_a_round_prepared_in_time_is_not_opened_when_its_dates_lie_outside(bureau, spring):
    round_ = preparing(
        opens_at=at(date(2026, 8, 20), 9),
        enterprise_deadline=at(date(2026, 9, 10)),
        district_deadline=at(date(2026, 9, 20)),
        review_starts_on=date(2026, 9, 21),
        review_ends_on=date(2026, 9, 22),
        publicity_starts_on=date(2026, 9, 28),
    )
    page = publish(bureau, round_)
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


# Steps


def test_every_step_is_saved_and_leads_on_or_back(bureau, spring):
    round_ = preparing()
    for step, changes, go, leads_to in (
        ("basis", {"call_number": "威工信字〔2026〕12号"}, "dates", "dates"),
        ("dates", {"publicity_working_days": "7"}, "basis", "basis"),
        ("requirements", {"kind_OTHER": "1"}, "review", "review"),
        ("review", {"quota": "12"}, "preview", ""),
        ("review", {"minimum_score": "70"}, "", "review"),
    ):
        answer = save(bureau, round_, step, go=go, **changes)
        assert answer.url == (
            reverse("round-step", args=[round_.pk, leads_to])
            if leads_to
            else reverse("round-board", args=[round_.pk])
        )
    round_ = Round.objects.get()
    assert (round_.call_number, round_.publicity_working_days, round_.quota, round_.minimum_score) == (
        "威工信字〔2026〕12号",
        7,
        12,
        70,
    )
    assert round_.attachment_requirements.get(kind="OTHER").minimum == 1
    assert [one.note for one in Event.objects.filter(action="set_up").order_by("id")] == [
        "通知文号",
        "公示工作日",
        "其他材料",
        "名额",
        "最低分",
    ]


def test_a_step_saved_unchanged_leaves_no_trace(bureau, spring):
    save(bureau, preparing(), "dates")
    assert not Event.objects.filter(action="set_up").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"enterprise_deadline": "2026-05-18T09:00"}, "企业申报截止须晚于申报开始。"),
        ({"district_deadline": "2026-06-29T17:00"}, "区市、协会报送截止不能早于企业申报截止。"),
        ({"paper_deadline": "2026-07-01T17:00"}, "纸质材料截止不能早于区市、协会报送截止。"),
        ({"review_starts_on": "2026-07-16"}, "评审开始不能早于区市、协会报送截止的日期。"),
        ({"review_ends_on": "2026-07-26"}, "评审结束不能早于评审开始。"),
        ({"publicity_starts_on": "2026-08-13"}, "预计公示开始不能早于评审结束。"),
        ({"opens_at": "0001-01-01T09:00"}, "企业申报截止在 2026 年，申报开始在 1 年，请核对年份。"),
        ({"publicity_starts_on": "9999-12-30"}, "预计公示开始在 9999 年，申报开始在 2026 年，请核对年份。"),
        ({"opens_at": ""}, "请填写申报开始。"),
        ({"opens_at": "明天"}, "申报开始应为日期和时间，例如 2026-06-30 17:00。"),
        ({"publicity_working_days": "0"}, "公示工作日至少 1 天。"),
        ({"publicity_working_days": "9999999"}, "公示工作日"),
    ],
)
def test_dates_out_of_order_are_refused_and_what_was_typed_stays(bureau, spring, changes, sentence):
    round_ = preparing(publicity_working_days=6)
    before = round_.schedule
    page = save(bureau, round_, "dates", objection_working_days="23", **changes)
    assert page.status_code == 422
    text = page.content.decode()
    assert sentence in text
    assert 'value="23"' in text
    round_ = Round.objects.get()
    assert (round_.schedule, round_.objection_working_days) == (before, 15)


def test_a_deadline_on_a_rest_day_is_allowed_and_said(bureau, spring):
    round_ = preparing()
    page = bureau.post(
        reverse("round-step", args=[round_.pk, "dates"]),
        posted(round_, "dates", bureau, district_deadline="2026-07-18T17:00"),
        follow=True,
    )
    said = "区市、协会报送截止2026年7月18日（周六）17:00落在休息日，请确认。"
    assert said in [str(one) for one in page.context["messages"]]
    assert said in bureau.get(reverse("round-board", args=[round_.pk])).content.decode()


def test_the_other_dates_follow_from_another_opening(bureau, spring):
    round_ = preparing()
    page = save(bureau, round_, "dates", opens_at="2026-05-25T09:00", recompute="1")
    form = page.context["form"]
    assert {name: form[name].value() for name in ("enterprise_deadline", "review_ends_on")} == {
        "enterprise_deadline": clock.local(at(date(2026, 7, 7))).replace(tzinfo=None),
        "review_ends_on": date(2026, 8, 21),
    }
    round_ = Round.objects.get()
    assert round_.base_date == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"latest_year": "2026"}, "最近一个完整年度是 2025 年，审计未出的可填 2024 年"),
        ({"latest_year": "2"}, "最近一个完整年度是 2025 年，审计未出的可填 2024 年"),
        ({"scheme": ""}, "请选择评分方案。"),
        ({"kind_OTHER": "21"}, "其他材料不能大于 20，请核对。"),
        ({f"kind_{kind}": "0" for kind in AttachmentKind}, "请至少列一种必备附件"),
    ],
)
def test_requirements_that_do_not_fit_are_refused(bureau, spring, changes, sentence):
    round_ = preparing()
    page = save(bureau, round_, "requirements", **changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert round_.attachment_requirements.count() == 6


def districts() -> list[Agency]:
    return list(Agency.objects.filter(kind=Agency.Kind.DISTRICT))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"panel_size": "4"}, "专家组人数应为不少于 3 的单数，例如 5。"),
        ({"panel_size": "1"}, "专家组人数应为不少于 3 的单数，例如 5。"),
        ({"minimum_score": "101"}, "最低分应在 0 到 100 之间。"),
        ({"quota": "-3"}, "名额不能小于 0，请核对。"),
        ({"first": "4"}, "分配到渠道的名额须有总名额，请先填写名额。"),
        ({"quota": "6", "first": "4", "second": "3"}, "各渠道名额合计 7 家，超过总名额 6 家，请调整。"),
    ],
)
def test_seats_that_do_not_fit_are_refused(bureau, spring, changes, sentence):
    round_ = preparing()
    first, second = districts()[:2]
    names = {"first": f"quota_{first.pk}", "second": f"quota_{second.pk}"}
    page = save(bureau, round_, "review", **{names.get(name, name): value for name, value in changes.items()})
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not ChannelQuota.objects.exists()


def test_seats_are_shared_out_among_the_channels(bureau, spring):
    round_ = preparing()
    first, second = districts()[:2]
    save(bureau, round_, "review", quota="7", **{f"quota_{first.pk}": "4", f"quota_{second.pk}": "0"})
    assert list(round_.channel_quotas.values_list("agency", "number")) == [(first.pk, 4), (second.pk, 0)]
    save(bureau, round_, "review", **{f"quota_{first.pk}": ""})
    assert list(round_.channel_quotas.values_list("agency", "number")) == [(second.pk, 0)]


def test_a_re_review_has_no_seats(bureau, spring):
    round_ = preparing(kind=Round.Kind.RE_REVIEW, title="2026年度复核")
    fields = bureau.get(reverse("round-step", args=[round_.pk, "review"])).context["form"].fields
    assert list(fields) == ["minimum_score", "panel_size"]


def test_an_unknown_step_does_not_exist(bureau, spring):
    assert bureau.get(reverse("round-step", args=[preparing().pk, "x"])).status_code == 404


# Two at once


def test_the_later_writer_is_told_and_nothing_is_overwritten(bureau, spring):
    round_ = preparing()
    late = posted(round_, "dates", bureau, district_deadline="2026-07-16T17:00")
    save(signed_in(), round_, "dates", district_deadline="2026-07-20T17:00")
    page = bureau.post(reverse("round-step", args=[round_.pk, "dates"]), late)
    assert page.status_code == 409
    assert [tuple(one) for one in page.context["differences"]] == [
        ("区市、协会报送截止", "2026年7月20日（周一）17:00", "2026年7月16日（周四）17:00")
    ]
    assert 'value="2026-07-16T17:00"' in page.content.decode()
    round_ = Round.objects.get()
    assert round_.district_deadline == at(date(2026, 7, 20))
    bureau.post(
        reverse("round-step", args=[round_.pk, "dates"]), late | {"revision": page.context["revision"]}
    )
    round_ = Round.objects.get()
    assert round_.district_deadline == at(date(2026, 7, 16))


def test_writers_of_different_steps_do_not_meet(bureau, spring):
    round_ = preparing()
    late = posted(round_, "review", bureau, quota="8")
    save(signed_in(), round_, "dates", district_deadline="2026-07-20T17:00")
    assert bureau.post(reverse("round-step", args=[round_.pk, "review"]), late).status_code == 302
    round_ = Round.objects.get()
    assert (round_.quota, round_.district_deadline) == (8, at(date(2026, 7, 20)))


# Publishing


def publish(bureau: Client, round_: Round, **changes):
    seen = bureau.get(reverse("round-board", args=[round_.pk])).context["seen"]
    return bureau.post(reverse("round-open", args=[round_.pk]), {"seen": seen} | changes, follow=True)


def test_what_was_inspected_is_published(bureau, spring):
    round_ = preparing(quota=9)
    page = bureau.get(reverse("round-board", args=[round_.pk])).content.decode()
    assert "2026年6月30日（周二）17:00" in page
    assert "审计报告（至少两年），至少 2 份" in page
    publish(bureau, round_)
    assert Round.objects.get().state == "OPEN"
    assert [one.action for one in Event.objects.filter(subject_type="applications.Round")] == ["open"]


def test_what_changed_after_it_was_inspected_is_not_published(bureau, spring):
    round_ = preparing()
    seen = bureau.get(reverse("round-board", args=[round_.pk])).context["seen"]
    save(signed_in(), round_, "requirements", kind_OTHER="1")
    page = bureau.post(reverse("round-open", args=[round_.pk]), {"seen": seen}, follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "批次在您查看之后又有改动，尚未发布。请重新核对下面的内容。"
    ]
    assert Round.objects.get().state == "PREPARING"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"latest_year": 2020}, "最近一个完整年度是 2025 年，审计未出的可填 2024 年，现为 2020 年。"),
        ({"publicity_starts_on": date(2026, 8, 1)}, "预计公示开始不能早于评审结束。"),
    ],
)
def test_a_round_that_does_not_fit_together_is_not_published(bureau, spring, fields, sentence):
    page = publish(bureau, preparing(**fields))
    assert sentence in "".join(str(one) for one in page.context["messages"])
    assert Round.objects.get().state == "PREPARING"


def test_a_round_whose_deadline_is_over_is_not_published(bureau):
    with clock.stopped_at(at(date(2026, 6, 30))):
        page = publish(bureau, preparing())
    assert [str(one) for one in page.context["messages"]] == [
        "企业申报截止6月30日17:00已过，企业来不及申报，请更正日期。"
    ]


def test_an_open_round_is_not_edited(bureau, spring):
    round_ = preparing()
    typed = posted(round_, "review", bureau, quota="1")
    publish(bureau, round_)
    page = bureau.post(reverse("round-step", args=[round_.pk, "review"]), typed, follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "2026年度认定已发布申报通知，管理办法、日期和附件要求不能再改。"
    ]
    assert Round.objects.get().quota is None


def test_the_leader_reads_but_the_handler_prepares_and_publishes(spring):
    round_ = preparing()
    leader = signed_in(Role.MUNICIPAL_LEADER)
    assert leader.get(reverse("round-board", args=[round_.pk])).status_code == 200
    assert leader.get(reverse("round-step", args=[round_.pk, "dates"])).status_code == 404
    assert leader.post(reverse("round-copy", args=[round_.pk])).status_code == 404
    assert leader.post(reverse("round-open", args=[round_.pk])).status_code == 403
    assert Round.objects.get().state == "PREPARING"


# What the public sees


def test_the_call_is_public_once_it_is_published(bureau, spring):
    round_ = preparing(quota=9, paper_deadline=at(date(2026, 7, 22)))
    ChannelQuota.objects.create(round=round_, agency=an_agency("371082"), number=4)
    anybody = Client()
    address = reverse("call", args=[round_.pk])
    assert anybody.get(address).status_code == 404
    publish(bureau, round_)
    page = anybody.get(address)
    text = page.content.decode()
    for sentence in (
        "2024年7月1日至2026年6月30日没有违法行为",
        "≥ 15%（含）",
        "不超过 9 家，其中荣成市工业和信息化局 4 家。",
        "2026年7月22日（周三）17:00 截止",
    ):
        assert sentence in text
    assert [(one.number, one.label, one.words) for one in page.context["call"].calendar.points] == [
        (1, "申报开始", "2026年5月18日（周一）09:00"),
        (2, "企业申报截止", "2026年6月30日（周二）17:00"),
        (3, "区市、协会报送截止", "2026年7月17日（周五）17:00"),
        (4, "纸质材料截止", "2026年7月22日（周三）17:00"),
        (5, "专家评审", "2026年7月27日（周一）至2026年8月14日（周五）"),
        (6, "公示（预计）", "2026年8月24日（周一）至2026年8月28日（周五）"),
        (7, "公布（最早）", "2026年8月29日（周六）起"),
    ]


def test_a_year_that_is_not_announced_is_to_be_determined(bureau, spring):
    round_ = preparing(review_ends_on=date(2026, 12, 30), publicity_starts_on=date(2027, 1, 4))
    calendar = bureau.get(reverse("round-step", args=[round_.pk, "dates"])).context["calendar"]
    assert [(one.first, one.is_known) for one in calendar.months][-2:] == [
        (date(2026, 12, 1), True),
        (date(2027, 1, 1), False),
    ]
    assert calendar.hints == ["2027 年放假安排尚未公布，落在这一年的日期是否工作日待定。"]
    assert calendar.points[-1].words == "2027年1月4日（周一）起，截止日待定"
