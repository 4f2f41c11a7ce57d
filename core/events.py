"""The audit log: appended in the transaction of the act, sealed in batches, verified by one command."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from core import clock
from core.context import remote_address
from core.models import Event, EventSeal

SYSTEM_LABEL = "系统"
APPEND_LOCK = 34_2021
SEALED_FIELDS = (
    "id",
    "at",
    "actor_id",
    "actor_label",
    "action",
    "action_label",
    "subject_type",
    "subject_id",
    "subject_label",
    "from_state",
    "to_state",
    "note",
    "details",
    "address",
    "outcome",
)


def record(
    subject: models.Model,
    action: str,
    *,
    by,
    note: str = "",
    label: str = "",
    from_state: str = "",
    to_state: str = "",
    outcome: str = Event.Outcome.DONE,
    **details,
) -> Event:
    """Append one event about ``subject``. ``by`` is a user, or None when the portal acts by itself."""
    event = Event(
        at=clock.now(),
        actor=by,
        actor_label=by.signature() if by else SYSTEM_LABEL,
        action=action,
        action_label=label,
        subject_type=subject._meta.label,
        subject_id=subject.pk,
        subject_label=str(subject)[:300],
        from_state=from_state,
        to_state=to_state,
        note=note,
        details={key: _plain(value) for key, value in details.items()},
        address=remote_address.get(),
        outcome=outcome,
    )
    _append(event)
    return event


def keep(event: Event) -> None:
    """Append an event once more when the transaction it was written in has been rolled back."""
    if not Event.objects.filter(pk=event.pk).exists():
        event.pk = None
        _append(event)


def _append(event: Event) -> None:
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # Appenders share this lock; sealing takes it alone, so that no event can slip in below a seal.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [APPEND_LOCK])
        event.save(force_insert=True)


def about(subject: models.Model) -> models.QuerySet[Event]:
    """The events of one subject, oldest first."""
    return Event.objects.filter(subject_type=subject._meta.label, subject_id=subject.pk).order_by("id")


def seal() -> EventSeal | None:
    """Seal every event that no seal covers yet; None when there is nothing to seal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APPEND_LOCK])
        last = EventSeal.objects.order_by("-id").first()
        unsealed = Event.objects.filter(id__gt=last.last_event_id if last else 0).order_by("id")
        lines = list(_lines(unsealed))
        if not lines:
            return None
        return EventSeal.objects.create(
            sealed_at=clock.now(),
            first_event_id=lines[0].event_id,
            last_event_id=lines[-1].event_id,
            event_count=len(lines),
            previous_digest=last.digest if last else "",
            digest=_digest(last.digest if last else "", lines),
        )


def broken_seals() -> list[str]:
    """What is wrong with the chain, one sentence for each broken seal; empty when it is whole."""
    faults = []
    previous_digest, previous_last = "", 0
    for one in EventSeal.objects.order_by("id"):
        covered = Event.objects.filter(id__gt=previous_last, id__lte=one.last_event_id).order_by("id")
        lines = list(_lines(covered))
        if len(lines) != one.event_count:
            faults.append(f"封存 {one.pk}：应有 {one.event_count} 条记录，现有 {len(lines)} 条。")
        elif one.previous_digest != previous_digest or one.digest != _digest(previous_digest, lines):
            faults.append(f"封存 {one.pk}：摘要与记录不符。")
        previous_digest, previous_last = one.digest, one.last_event_id
    return faults


@dataclass(frozen=True)
class _Line:
    event_id: int
    text: str


def _lines(events: models.QuerySet[Event]) -> Iterator[_Line]:
    for row in events.values(*SEALED_FIELDS).iterator():
        yield _Line(row["id"], json.dumps(row, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False))


def _digest(previous: str, lines: list[_Line]) -> str:
    running = hashlib.sha256(previous.encode())
    for line in lines:
        running.update(b"\n" + line.text.encode())
    return running.hexdigest()


def _plain(value):
    if isinstance(value, models.Model):
        return f"{value._meta.label}:{value.pk}"
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | models.QuerySet):
        return [_plain(one) for one in value]
    return value
