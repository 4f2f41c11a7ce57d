"""The working calendar: what the library knows, changed by the bureau for a reason that is recorded."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core import clock
from core.models import Event
from policy.models import CalendarDay
from tests.factories import JUNE, make_officer

pytestmark = pytest.mark.django_db
TYPED = {
    "day": "2026-10-10",
    "is_working": "rest",
    "name": "市里统一调休",
    "reason": "市政府办公室关于国庆调休的通知，威政办发〔2026〕9号。",
}


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


def signed_in(role: str = Role.ADMINISTRATOR) -> Client:
    client = Client()
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


def test_a_year_shows_holidays_on_weekdays_and_make_up_days() -> None:
    page = signed_in().get(reverse("working-calendar"))
    days = {one.date: (one.is_working, one.name) for one in page.context["days"]}
    assert page.context["year"] == 2026
    assert days[date(2026, 10, 10)] == (True, "国庆节调休上班")
    assert days[date(2026, 10, 1)] == (False, "国庆节")
    assert date(2026, 6, 13) not in days  # an ordinary Saturday


def test_a_changed_day_counts_from_now_on_and_is_recorded_with_its_reason() -> None:
    signed_in().post(reverse("working-calendar"), TYPED)
    changed = CalendarDay.objects.get(date=date(2026, 10, 10))
    assert (changed.is_working, changed.name, changed.source) == (False, "市里统一调休", "BUREAU")
    event = Event.objects.get(action="change_calendar")
    assert event.note == TYPED["reason"]
    assert event.details == {"day": "2026-10-10", "was_working": True, "is_working": False}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"reason": "调休"}, {"reason": ["依据和原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]}),
        ({"is_working": "work"}, {"day": ["这一天已经是工作日，不用改。"]}),
        (
            {"day": "2031-01-02"},
            {"day": ["2031年的放假安排尚未公布，日历里还没有这一年，公布并补录后再调整个别日期。"]},
        ),
    ],
)
def test_a_change_without_ground_is_refused(typed: dict, errors: dict) -> None:
    page = signed_in().post(reverse("working-calendar"), TYPED | typed)
    assert page.status_code == 422
    assert page.context["form"].errors == errors
    assert not Event.objects.filter(action="change_calendar").exists()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MUNICIPAL_LEADER])
def test_who_only_reads_is_refused(role: str) -> None:
    client = signed_in(role)
    assert client.get(reverse("working-calendar")).context["form"] is None
    assert client.post(reverse("working-calendar"), TYPED).status_code == 403
    assert CalendarDay.objects.get(date=date(2026, 10, 10)).is_working
