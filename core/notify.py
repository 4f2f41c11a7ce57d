"""Messages to people. The rows are the outbox: written with the act, delivered after it, once."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from core import clock
from core.models import Notification
from core.typed import plain_text

logger = logging.getLogger(__name__)
# Before each further attempt: a server that puts a mail off wants it again after some minutes, not at once.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=2))


@dataclass(frozen=True)
class Message:
    """What to tell whom: what happened, by when, where to act. ``key`` tells one occasion from another.

    ``addresses`` are of people who have no account.
    """

    recipients: Iterable
    key: str
    subject: str
    body: str
    url: str = ""
    addresses: Iterable[str] = ()


def enqueue(messages: Iterable[Message]) -> None:
    """Write the messages' rows now; hand their delivery to a worker once the transaction has committed.

    A message that a person already has under the same key is not written again.
    """
    rows = [row for message in messages for row in _rows(message)]
    if not rows:
        return
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.mail_status == Notification.MailStatus.WAITING for row in rows):
        transaction.on_commit(_hand_to_worker, robust=True)


def settle(occasion: str) -> None:
    """Mark as read what still asks people to do a thing that is done: messages whose key begins like this."""
    Notification.objects.unread().filter(key__startswith=occasion).update(read_at=clock.now())


def mail_server_answers() -> bool:
    """Whether mail can be handed over at all: while the server is down no mail uses up its attempts."""
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:  # noqa: BLE001 (refused, unreachable, not signed in: all of it waits)
        logger.warning("The mail server cannot be used: %s", type(error).__name__)
        return False
    connection.close()
    return True


def deliver(notification_id: int) -> bool:
    """Mail one notification unless that has been done; True when it went out now."""
    with transaction.atomic():
        notification = (
            Notification.objects.to_be_mailed(clock.now())
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("recipient")
            .filter(pk=notification_id)
            .first()
        )
        if notification is None:
            return False
        notification.mail_attempts += 1
        if notification.recipient:
            notification.address = notification.recipient.email
        try:
            with transaction.atomic():
                _mail(notification)
        except Exception as error:  # noqa: BLE001 (one mail, whatever is wrong with it, never stops the others)
            logger.warning("Notification %s could not be mailed: %s", notification.pk, type(error).__name__)
            if notification.mail_attempts > len(PAUSES):
                notification.mail_status = Notification.MailStatus.FAILED
            else:
                notification.try_after = clock.now() + PAUSES[notification.mail_attempts - 1]
        else:
            notification.mail_status = Notification.MailStatus.SENT
            notification.mailed_at = clock.now()
        notification.save(update_fields=["address", "mail_attempts", "try_after", "mail_status", "mailed_at"])
        return notification.mail_status == Notification.MailStatus.SENT


def failing_addresses(people: Iterable) -> dict[int, str]:
    """Person's id → address, of those whose last mail could not be delivered to the address they still have (one query)."""
    settled = Notification.objects.filter(
        recipient__in=people,
        mail_status__in=[Notification.MailStatus.SENT, Notification.MailStatus.FAILED],
    )
    last = settled.order_by("recipient_id", "-id").distinct("recipient_id").select_related("recipient")
    return {
        one.recipient.pk: one.address
        for one in last
        if one.recipient
        and one.mail_status == Notification.MailStatus.FAILED
        and one.address == one.recipient.email
    }


def _rows(message: Message) -> Iterator[Notification]:
    told = {
        "key": message.key,
        "subject": plain_text(message.subject),  # a header is one line, whatever names stand in it
        "body": message.body,
        "url": message.url,
        "created_at": clock.now(),
    }
    for person in message.recipients:
        yield Notification(recipient=person, mail_status=_first_mail_status(person), **told)
    for address in message.addresses:
        yield Notification(address=address, mail_status=Notification.MailStatus.WAITING, **told)


def _first_mail_status(person) -> str:
    wanted = person.email and person.wants_mail
    return Notification.MailStatus.WAITING if wanted else Notification.MailStatus.NOT_WANTED


def _hand_to_worker() -> None:
    from core.tasks import deliver_pending_notifications

    # Without a broker the act still stands: the rows wait for the next round of beat.
    deliver_pending_notifications.apply_async(retry=False)


def _mail(notification: Notification) -> None:
    link = f"\n\n办理：{settings.SITE_URL}{notification.url}" if notification.url else ""
    EmailMessage(
        subject=notification.subject,
        body=f"{notification.body}{link}\n\n{settings.PORTAL_NAME}",
        to=[notification.address],
        # The same identity at every attempt lets a mail server drop a second copy.
        headers={"Message-ID": f"<notification-{notification.pk}@{settings.SITE_URL.split('//')[-1]}>"},
    ).send()
