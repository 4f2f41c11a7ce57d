"""One clock: it moves forward in demo mode only."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import clock


@pytest.mark.django_db
def test_the_demo_clock_moves_for_everybody(client):
    ahead = timezone.now() + timedelta(days=10)
    clock.move_to(ahead)
    assert ahead <= clock.now() < ahead + timedelta(seconds=5)


@pytest.mark.django_db
def test_outside_demo_mode_the_clock_cannot_be_moved_and_has_no_page(client, settings):
    settings.DEMO_MODE = False
    with pytest.raises(clock.ClockCannotMove):
        clock.move_to(timezone.now())
    assert client.get("/demo/clock/").status_code == 404
    assert client.get("/demo/mail/").status_code == 404


@pytest.mark.django_db
def test_the_clock_page_refuses_the_past_and_keeps_what_was_typed(client):
    response = client.post("/demo/clock/", {"day": "2020-01-01", "time": "09:00"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "演示时钟只能向前拨，不能早于现在显示的时间。" in page
    assert 'value="2020-01-01"' in page


@pytest.mark.django_db
def test_a_slip_in_the_year_does_not_carry_the_demonstration_away(client):
    page = client.post("/demo/clock/", {"day": "9999-12-31", "time": "23:59"})
    assert page.context["form"].errors == {"day": ["演示时钟最多拨到十年之后，请选近一些的日期。"]}
    assert clock.now() < timezone.now() + clock.FURTHEST
