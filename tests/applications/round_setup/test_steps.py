"""The steps in which a round is prepared, each saved by itself, and two who write at once."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Agency
from applications.models import AttachmentKind, ChannelQuota, Round
from applications.round_calendar import rest_day_hints
from core import clock
from core.models import Event
from tests.applications.round_setup.scenes import at, posted, preparing, save, signed_in

pytestmark = pytest.mark.django_db


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


def test_a_weekend_of_a_year_without_an_announced_calendar_counts_as_rest(spring):
    sunday = clock.instant(date(2027, 7, 18), 17)
    told = ["新的截止2027年7月18日（周日）是休息日，请确认。"]
    assert rest_day_hints({"新的截止": sunday, "另一个": sunday + timedelta(days=1), "没有的": None}) == told


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


def test_a_weekend_is_said_though_the_holidays_of_its_year_are_not_announced(bureau, spring):
    round_ = preparing()
    typed = posted(round_, "dates", bureau, publicity_starts_on="2027-01-09")
    page = bureau.post(reverse("round-step", args=[round_.pk, "dates"]), typed, follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "公示（预计）首日2027年1月9日（周六）落在休息日，请确认。",
        "2027 年放假安排尚未公布，落在这一年的日期是否工作日待定。",
        "“日期”已保存。",
    ]


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
    assert list(fields) == ["minimum_score", "panel_size", "feedback"]
    assert "复核批次在有复核结论后" in fields["feedback"].help_text


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
