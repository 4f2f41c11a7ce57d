"""The outbox: written with the act, mailed after it, once."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import get_connection
from django.db import transaction

from core import clock, notify, tasks
from core.models import Notification
from tests import factories


def tried_every_third_hour(times: int) -> list[int]:
    """How many mails went out each time."""
    found = []
    for number in range(times):
        with clock.stopped_at(factories.JUNE + timedelta(hours=3 * number)):
            found.append(tasks.deliver_pending_notifications())
    return found


def raising(problem: type[Exception]):
    def fail(*args):
        raise problem

    return fail


def message(person, key: str = "k") -> notify.Message:
    return notify.Message([person], key, "标题", "内容", "/inbox/")


@pytest.mark.django_db
def test_a_message_is_written_once_for_each_occasion_and_mailed_once():
    person = factories.make_user(email="lin@example.com")
    notify.enqueue([message(person)])
    notify.enqueue([message(person)])

    assert tasks.deliver_pending_notifications() == 1
    assert tasks.deliver_pending_notifications() == 0
    assert [(one.to, one.subject) for one in mail.outbox] == [(["lin@example.com"], "标题")]


@pytest.mark.django_db
def test_somebody_without_an_address_or_who_wants_no_mail_has_it_in_the_inbox_only():
    people = [factories.make_user(), factories.make_user(email="a@example.com", wants_mail=False)]
    notify.enqueue([notify.Message(people, "k", "标题", "内容")])
    assert tasks.deliver_pending_notifications() == 0
    assert list(Notification.objects.values_list("mail_status", flat=True)) == ["NOT_WANTED"] * 2


@pytest.mark.django_db
def test_one_mail_that_fails_does_not_stop_the_others_and_is_given_up_after_five_tries(monkeypatch):
    bad, good = factories.make_user(email="bad@example.com"), factories.make_user(email="good@example.com")
    notify.enqueue([notify.Message([bad, good], "k", "标题", "内容")])
    backend = type(get_connection())
    send = backend.send_messages

    def refuse_one(self, messages):
        if messages[0].to == ["bad@example.com"]:
            raise ConnectionRefusedError
        return send(self, messages)

    monkeypatch.setattr(backend, "send_messages", refuse_one)

    assert tried_every_third_hour(6) == [1, 0, 0, 0, 0, 0]
    assert dict(Notification.objects.values_list("recipient", "mail_status")) == {
        bad.pk: "FAILED",
        good.pk: "SENT",
    }
    assert Notification.objects.get(recipient=bad).mail_attempts == 5


@pytest.mark.django_db
def test_a_row_that_no_mail_can_be_made_of_is_a_failed_attempt_like_any_other():
    bad, good = (factories.make_user(email=f"{name}@example.com") for name in ("bad", "good"))
    notify.enqueue([notify.Message([bad, good], "k", "标题", "内容")])
    Notification.objects.filter(recipient=bad).update(subject="威海\r\nBcc: somebody@example.com")

    assert tried_every_third_hour(6) == [1, 0, 0, 0, 0, 0]
    assert list(Notification.objects.order_by("id").values_list("mail_status", "mail_attempts")) == [
        ("FAILED", 5),
        ("SENT", 1),
    ]


@pytest.mark.django_db
def test_a_mail_that_failed_is_left_alone_for_some_minutes_however_busy_the_outbox_is(monkeypatch):
    person = factories.make_user(email="lin@example.com")
    notify.enqueue([message(person)])
    backend = type(get_connection())
    with monkeypatch.context() as patch:
        patch.setattr(backend, "send_messages", raising(SMTPServerDisconnected))
        with clock.stopped_at(factories.JUNE):
            assert [tasks.deliver_pending_notifications() for _ in range(9)] == [0] * 9
    assert Notification.objects.get().mail_attempts == 1
    with clock.stopped_at(factories.JUNE + timedelta(minutes=1)):
        assert tasks.deliver_pending_notifications() == 1


@pytest.mark.django_db
def test_while_the_mail_server_is_down_nothing_is_given_up(monkeypatch):
    notify.enqueue([message(factories.make_user(email="lin@example.com"))])
    with monkeypatch.context() as patch:
        patch.setattr(type(get_connection()), "open", raising(ConnectionRefusedError))
        assert tried_every_third_hour(9) == [0] * 9
    assert Notification.objects.get().mail_attempts == 0
    assert tasks.deliver_pending_notifications() == 1


@pytest.mark.django_db
def test_a_line_break_in_a_name_does_not_reach_a_subject():
    person = factories.make_user(email="lin@example.com")
    notify.enqueue([notify.Message([person], "k", "威海\r\n精密\x00设备公司的申报书待审核", "内容")])

    assert tasks.deliver_pending_notifications() == 1
    assert mail.outbox[0].subject == "威海 精密设备公司的申报书待审核"


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_commit_and_delivery_loses_nothing():
    person = factories.make_user(email="lin@example.com")
    with transaction.atomic():
        notify.enqueue([message(person)])
    assert mail.outbox == []

    assert tasks.deliver_pending_notifications() == 1
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_an_act_that_was_rolled_back():
    person = factories.make_user(email="lin@example.com")
    with transaction.atomic():
        notify.enqueue([message(person)])
        transaction.set_rollback(True)
    assert tasks.deliver_pending_notifications() == 0
    assert Notification.objects.count() == 0
