"""A round begins from last year's or anew."""

from datetime import date
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import User
from applications.models import ChannelQuota, Round, RoundFile, RoundQuestion
from core import clock
from core.models import Event
from policy.models import Measure
from tests.applications.round_setup.scenes import SPRING, at, last_years
from tests.factories import a_pdf, an_agency

pytestmark = pytest.mark.django_db


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


def test_templates_and_published_answers_are_carried_over_and_the_answers_are_read_again(bureau, spring):
    last = last_years()
    handler = User.objects.get()
    content = a_pdf()
    for title, kind in (("申报书模板", "TEMPLATE"), ("撤下的模板", "TEMPLATE"), ("申报通知", "CALL")):
        RoundFile(
            round=last,
            kind=kind,
            title=title,
            name=f"{title}.pdf",
            content_type="application/pdf",
            size=len(content),
            sha256=sha256(content).hexdigest(),
            uploaded_by=handler,
            removed_at=SPRING if title == "撤下的模板" else None,
        ).file.save("file.pdf", ContentFile(content))
    for question, published_at in (("基准日是哪一天？", SPRING), ("还没有答的", None)):
        RoundQuestion.objects.create(
            round=last, question=question, answer="答", written_by=handler, published_at=published_at
        )
    page = bureau.post(reverse("round-copy", args=[last.pk]), follow=True)
    assert str(next(iter(page.context["messages"]))) == (
        "已建立2026年度威海市服务型制造示范企业认定，日期、要求和名额已按2025年度威海市服务型制造示范企业认定推算，"
        "模板和问答一并沿用。请逐步核对，发布前企业看不到。"
    )
    made = Round.objects.get(year=2026)
    (file,) = made.files.all()
    assert (file.kind, file.title, file.removed_at, file.uploaded_by) == (
        "TEMPLATE",
        "申报书模板",
        None,
        handler,
    )
    handed_out = bureau.get(reverse("call-file", args=[made.pk, file.pk]))
    assert b"".join(handed_out.streaming_content) == content
    assert list(made.questions.values_list("question", "answer", "published_at")) == [
        ("基准日是哪一天？", "答", None)
    ]
    event = Event.objects.get(action="carry_over")
    assert (event.action_label, event.note) == ("沿用模板和问答", "申报书模板；基准日是哪一天？")
    confirmation = bureau.get(reverse("round-open", args=[made.pk]))
    assert "1 条问答还没有发布，公众看不到。" in confirmation.content.decode()
    assert (last.files.current().count(), last.questions.count()) == (2, 2)
    bureau.post(reverse("round-file-remove", args=[made.pk, file.pk]))
    assert last.files.current().filter(title="申报书模板").exists()


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


def test_weekends_are_avoided_in_a_year_whose_holidays_are_not_announced(bureau, spring):
    dates = {
        "opens_at": at(date(2026, 5, 11), 9),
        "enterprise_deadline": at(date(2026, 6, 30)),
        "district_deadline": at(date(2026, 7, 17)),
        "review_starts_on": date(2026, 7, 27),
        "review_ends_on": date(2026, 8, 21),
        "publicity_starts_on": date(2026, 8, 24),
    }
    last = last_years(year=2026, title="2026年度认定", paper_deadline=None, latest_year=2025, **dates)
    Measure.objects.update(effective_until=date(2031, 8, 31))
    bureau.post(reverse("round-copy", args=[last.pk]))
    assert Round.objects.get(year=2027).schedule == {
        "opens_at": at(date(2027, 5, 11), 9),
        "enterprise_deadline": at(date(2027, 6, 30)),
        "district_deadline": at(date(2027, 7, 19)),  # 17 July is a Saturday
        "paper_deadline": None,
        "review_starts_on": date(2027, 7, 27),
        "review_ends_on": date(2027, 8, 23),  # 21 August is a Saturday
        "publicity_starts_on": date(2027, 8, 24),
    }


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
