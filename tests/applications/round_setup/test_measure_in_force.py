"""第二十五条: no round outside the validity of its measure, until a renewal is recorded (scenario 16)."""

from datetime import date

import pytest
from django.urls import reverse

from applications.models import Round
from core import clock
from core.models import Event
from policy.models import Measure, MeasureRenewal
from tests.applications.round_setup.scenes import NOVEMBER, at, last_years, preparing, publish, save

pytestmark = pytest.mark.django_db


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
