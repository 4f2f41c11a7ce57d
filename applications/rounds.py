"""What the bureau does with a round besides opening and closing it: set it up, remind whoever holds a case."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from accounts.models import User
from accounts.people import members_of_agency, members_of_enterprise, municipal_people
from accounts.permissions import require_municipal_handler
from accounts.roles import Role
from applications import progress
from applications.conditions import moment_text
from applications.models import Application, AttachmentRequirement, Round
from core import clock, events, notify


def set_up(round_: Round, minimums: Mapping[str, int], *, by: User) -> Round:
    """Save a round that is being prepared, with the attachments it asks for: kind → how many at least."""
    is_new = round_.pk is None
    with transaction.atomic():
        round_.save()
        round_.attachment_requirements.all().delete()
        AttachmentRequirement.objects.bulk_create(
            AttachmentRequirement(round=round_, kind=kind, minimum=minimum)
            for kind, minimum in minimums.items()
        )
        events.record(
            round_,
            "set_up",
            by=by,
            label="建立批次" if is_new else "修改批次",
            to_state=round_.state,
            measure=round_.measure.document_number,
        )
    return round_


def remind(application: Application, *, by: User) -> tuple[str, Sequence[User]]:
    """Remind whoever holds the case, each at most once a day. Gives the holder in words and the people. Raises NotPermitted."""
    require_municipal_handler(by, application, "remind", "催办")
    turn = progress.turn_of(application)
    if application.state == Application.State.RETURNED:
        people, url = members_of_enterprise(application.enterprise), f"/applications/{application.pk}/"
    elif application.state == Application.State.FORWARDED:
        people, url = municipal_people(Role.MUNICIPAL_HANDLER), "/acceptance/"
    else:
        people = members_of_agency(application.channel, Role.CHANNEL_HANDLER)
        url = f"/vetting/{application.pk}/"
    until = f"，截止{moment_text(turn.until)}" if turn.until else ""
    with transaction.atomic():
        notify.enqueue(
            [
                notify.Message(
                    recipients=people,
                    key=f"application-{application.pk}-reminder-{clock.today()}",
                    subject=f"请办理：{application.enterprise}（{application.get_state_display()}）",
                    body=f"市工业和信息化局提醒：这件申报现在由{turn.holder}办理{until}。",
                    url=url,
                )
            ]
        )
        events.record(application, "remind", by=by, label="催办", note=turn.holder)
    return turn.holder, people
