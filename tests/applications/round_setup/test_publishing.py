"""What was inspected is published as the call, and what the public then reads."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import ChannelQuota, Round
from core import clock
from core.models import Event
from policy.models import Measure
from tests.applications.round_setup.scenes import at, posted, preparing, publish, save, signed_in
from tests.factories import an_agency

pytestmark = pytest.mark.django_db


def test_what_was_inspected_is_published(bureau, spring):
    round_ = preparing(quota=9)
    page = bureau.get(reverse("round-board", args=[round_.pk])).content.decode()
    assert "2026年6月30日（周二）17:00" in page
    assert "审计报告（至少两年），至少 2 份" in page
    publish(bureau, round_)
    assert Round.objects.get().state == "OPEN"
    assert [one.action for one in Event.objects.filter(subject_type="applications.Round")] == ["open"]


def test_before_it_is_published_it_is_said_what_that_does_and_what_stands_against_it(bureau, spring):
    round_ = preparing(call_number="", publicity_starts_on=date(2026, 9, 1))
    Measure.objects.update(effective_until=date(2026, 8, 31))
    preview = bureau.get(reverse("round-board", args=[round_.pk]))
    page = bureau.get(reverse("round-open", args=[round_.pk]), {"seen": preview.context["seen"]})
    warnings = [
        "还没有上传盖章的通知文件，发布后不能再补。",
        "通知文号还没有填。",
        "管理办法2026年8月31日到期，早于公示，公布前须有延续或替代文件（第二十五条）。",
    ]
    assert preview.context["warnings"] == page.context["warnings"] == warnings
    for text in (*warnings, "发布后不能撤回", "企业自5月18日09:00起可以申报"):
        assert text in page.content.decode()
    assert Round.objects.get().state == "PREPARING"
    done = bureau.post(reverse("round-open", args=[round_.pk]), {"seen": page.context["seen"]}, follow=True)
    assert [str(one) for one in done.context["messages"]] == [
        "2026年度认定的通知已发布，企业自5月18日09:00起可以申报。"
    ]
    assert bureau.get(reverse("round-open", args=[round_.pk])).url == reverse("round-board", args=[round_.pk])


def test_a_round_of_next_year_names_its_year(bureau):
    round_ = preparing()
    with clock.stopped_at(at(date(2025, 12, 1), 9)):
        done = publish(bureau, round_)
    assert [str(one) for one in done.context["messages"]] == [
        "2026年度认定的通知已发布，企业自2026年5月18日09:00起可以申报。"
    ]
    assert "申报截止时间为2026年6月30日17:00，未到，不能办结批次。" in done.content.decode()


def test_a_round_published_late_takes_applications_at_once(bureau):
    round_ = preparing()
    with clock.stopped_at(at(date(2026, 6, 1), 9)):
        done = publish(bureau, round_)
    assert [str(one) for one in done.context["messages"]] == [
        "2026年度认定的通知已发布，企业现在就可以申报。"
    ]


def test_what_changed_before_it_is_confirmed_is_inspected_again(bureau, spring):
    round_ = preparing()
    seen = bureau.get(reverse("round-board", args=[round_.pk])).context["seen"]
    save(signed_in(), round_, "requirements", kind_OTHER="1")
    page = bureau.get(reverse("round-open", args=[round_.pk]), {"seen": seen}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("round-board", args=[round_.pk])
    assert [str(one) for one in page.context["messages"]] == [
        "批次在您查看之后又有改动，尚未发布。请重新核对下面的内容。"
    ]


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
    assert leader.get(reverse("round-open", args=[round_.pk])).url == reverse("round-board", args=[round_.pk])
    assert leader.post(reverse("round-open", args=[round_.pk])).status_code == 403
    assert Round.objects.get().state == "PREPARING"


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
