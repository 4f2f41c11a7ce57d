"""Deadlines are announced once, whatever was down; a channel is reminded of all it holds in one click, once a day."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import board, extensions
from applications.models import Application
from applications.tasks import remind_of_deadlines
from core import clock
from core.models import Event, Notification
from tests.factories import an_agency, make_application, make_member, make_officer, make_round

pytestmark = pytest.mark.django_db
State = Application.State
JULY = clock.instant(date(2026, 7, 13), 10, 20)


def run_on(month: int, day: int, hour: int = 9) -> list[tuple[str, str]]:
    """Run the task at this moment; what everybody has by then, as (person, subject), in the order of sending."""
    with clock.stopped_at(clock.instant(date(2026, month, day), hour)):
        remind_of_deadlines()
    return list(Notification.objects.order_by("id").values_list("recipient__name", "subject"))


@pytest.fixture
def round_():
    return make_round()


def with_member(state: str, round_, name: str, **fields) -> Application:
    case = make_application(state=state, round=round_, complete=False, **fields)
    make_member(case.enterprise, name=name)
    return case


def test_who_still_holds_a_case_is_told_once_within_three_days_of_the_end(round_):
    with_member(State.DRAFT, round_, "林晓雯")
    with_member(State.RETURNED, round_, "连知夏", correction_due=clock.instant(date(2026, 7, 8), 17))
    for state in (State.SUBMITTED, State.VETTED):
        make_application(state=state, round=round_)
    make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    make_officer(Role.CHANNEL_HANDLER, an_agency("371002"), name="无事者")
    assert run_on(6, 27) == []
    first = [("林晓雯", "2026年度认定申报将于6月30日17:00截止")]
    told = run_on(6, 28)
    assert [one for one in told if one[0] == "林晓雯"] == first
    assert run_on(6, 29) == told
    assert run_on(6, 30, 17) == told
    correction = ("连知夏", "2026年度认定补正将于7月8日17:00截止")
    assert [one for one in run_on(7, 6) if one not in told and one[0] == "连知夏"] == [correction]
    report = [one for one in run_on(7, 15) if one[0] == "于晓岚"]
    assert report == [("于晓岚", "2026年度认定审核报送将于7月17日17:00截止")]
    (message,) = Notification.objects.filter(recipient__name="于晓岚")
    assert message.body == "本单位还有 2 件没有报送，请在7月17日17:00前审核并报送（第十五条）。"
    everything = run_on(7, 16)
    assert run_on(7, 17, 17) == everything
    assert not Notification.objects.filter(recipient__name="无事者").exists()


def test_after_three_days_without_a_worker_what_is_needed_is_sent_once_and_nothing_that_is_over(round_):
    with_member(State.DRAFT, round_, "林晓雯")
    late = with_member(State.RETURNED, round_, "连知夏", correction_due=clock.instant(date(2026, 6, 28), 17))
    run_on(6, 25)  # then nothing runs until 6月29日: the correction's end has passed unannounced
    names = [name for name, _ in run_on(6, 29)]
    assert (names.count("林晓雯"), names.count("连知夏")) == (1, 0)
    assert not Notification.objects.filter(key__startswith=f"application-{late.pk}-").exists()
    assert run_on(6, 29) == run_on(6, 30)
    with clock.stopped_at(clock.instant(date(2026, 7, 3), 9)):
        states = [one.state for one in board.steps(round_, board.window_of(round_))]
    assert states[:3] == ["done", "current", "todo"]


def test_a_deadline_that_was_put_off_is_announced_anew(round_):
    with_member(State.DRAFT, round_, "林晓雯")
    run_on(6, 29)
    with clock.stopped_at(clock.instant(date(2026, 6, 29), 10)):
        extensions.extend(
            round_,
            "ENTERPRISE",
            clock.instant(date(2026, 7, 10), 17),
            agency=an_agency(),
            reason="台风影响",
            by=make_officer(Role.MUNICIPAL_HANDLER),
        )
    before = run_on(6, 30)
    after = run_on(7, 8)
    assert [one for one in after[len(before) :] if one[0] == "林晓雯"] == [
        ("林晓雯", "2026年度认定申报将于7月10日17:00截止")
    ]


def test_rounds_that_do_not_run_remind_nobody():
    over = make_round(state="CLOSED")
    make_application(state=State.SUBMITTED, round=over)
    make_officer(Role.CHANNEL_HANDLER)
    assert run_on(7, 16) == []


@pytest.fixture
def bureau() -> Client:
    client = Client()
    officer = make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    return client


def remind_all(client: Client, round_, channel: object) -> list[str]:
    with clock.stopped_at(JULY):
        page = client.post(reverse("round-remind-all", args=[round_.pk]), {"channel": channel}, follow=True)
    return [str(one) for one in page.context["messages"]]


def test_a_channel_is_reminded_of_all_it_holds_in_one_click_once_a_day(bureau, round_):
    since = JULY - timedelta(days=5)
    for state in (State.SUBMITTED, State.VETTED, State.ACCEPTED):
        make_application(state=state, round=round_, state_since=since)
    returned = with_member(State.RETURNED, round_, "连知夏", state_since=since)
    make_application(state=State.SUBMITTED, round=round_, channel=an_agency("371003"), state_since=since)
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    assert remind_all(bureau, round_, an_agency().pk) == [
        "已提醒荣成市工业和信息化局及其企业：3 件。今天提醒过的不再重复。"
    ]
    assert remind_all(bureau, round_, an_agency().pk) == [
        "荣成市工业和信息化局没有要提醒的：在办的今天都已提醒过，或都不在其手上。"
    ]
    (message,) = Notification.objects.filter(recipient=officer)
    assert (message.subject, message.body) == (
        "请办理：2026年度认定有 2 件在本单位",
        "市工业和信息化局提醒：2 件申报现在由荣成市工业和信息化局办理，最近的截止是7月17日17:00。",
    )
    assert Notification.objects.filter(recipient__name="连知夏").count() == 1
    assert Event.objects.filter(action="remind", subject_type="applications.Application").count() == 3
    with clock.stopped_at(JULY):
        stuck = bureau.get(reverse("round-board", args=[round_.pk])).context["stuck"]
    assert {one.application: one.reminded for one in stuck}[returned.pk] == "10:20 宋知远"
    assert sorted(one.reminded for one in stuck) == ["", *["10:20 宋知远"] * 3]
    with clock.stopped_at(JULY + timedelta(days=1)):
        stuck = bureau.get(reverse("round-board", args=[round_.pk])).context["stuck"]
    assert {one.reminded for one in stuck} == {""}


def test_what_came_in_after_the_days_reminder_is_told_too_and_only_that(bureau, round_):
    make_application(state=State.SUBMITTED, round=round_, state_since=JULY - timedelta(hours=1))
    officer = make_officer(Role.CHANNEL_HANDLER)
    remind_all(bureau, round_, an_agency().pk)
    for _ in range(2):
        make_application(state=State.SUBMITTED, round=round_, state_since=JULY - timedelta(hours=1))
    assert remind_all(bureau, round_, an_agency().pk) == [
        "已提醒荣成市工业和信息化局及其企业：2 件。今天提醒过的不再重复。"
    ]
    assert list(
        Notification.objects.filter(recipient=officer).order_by("id").values_list("subject", flat=True)
    ) == [
        "请办理：2026年度认定有 1 件在本单位",
        "请办理：2026年度认定有 2 件在本单位",
    ]


@pytest.mark.parametrize("channel", ["", "x", "999999", "9" * 30])
def test_reminding_nobody_is_not_found(bureau, round_, channel):
    url = reverse("round-remind-all", args=[round_.pk])
    assert bureau.post(url, {"channel": channel}).status_code == 404


def test_the_leader_reminds_nobody(round_):
    make_application(state=State.SUBMITTED, round=round_)
    client = Client()
    client.force_login(make_officer(Role.MUNICIPAL_LEADER), backend="accounts.backends.PortalBackend")
    url = reverse("round-remind-all", args=[round_.pk])
    assert client.post(url, {"channel": an_agency().pk}).status_code == 403
    assert not Event.objects.filter(action="remind", outcome="DONE").exists()
