"""What the bureau does with a round: set it up, publish its call as it was inspected, remind whoever holds a case."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from accounts.models import User
from accounts.people import members_of_agency, members_of_enterprise, municipal_people
from accounts.permissions import require_municipal_handler
from accounts.roles import Role
from applications import progress
from applications.conditions import moment_text
from applications.forms.rounds import StepForm
from applications.models import Application, AttachmentRequirement, ChannelQuota, Round
from applications.versions import digest_of
from core import clock, events, notify
from core.workflow import NotPossible, perform

CHANGED = "批次在您查看之后又有改动，尚未发布。请重新核对下面的内容。"


def set_up(
    round_: Round, minimums: Mapping[str, int], *, by: User, quotas: Mapping[int, int] | None = None
) -> Round:
    """Save a new round with the attachments it asks for, kind → how many at least, and the seats of channels by their id."""
    with transaction.atomic():
        round_.save()
        AttachmentRequirement.objects.bulk_create(
            AttachmentRequirement(round=round_, kind=kind, minimum=minimum)
            for kind, minimum in minimums.items()
        )
        ChannelQuota.objects.bulk_create(
            ChannelQuota(round=round_, agency_id=agency, number=number)
            for agency, number in (quotas or {}).items()
        )
        events.record(
            round_,
            "set_up",
            by=by,
            label="建立批次",
            to_state=round_.state,
            measure=round_.measure.document_number,
        )
    return round_


def save_step(form: StepForm, *, by: User) -> Round:
    """Keep what was typed into one step of the preparation. Raises NotPermitted."""
    round_ = form.instance
    require_municipal_handler(by, round_, "set_up", "修改批次")
    if not form.has_changed():
        return round_
    with transaction.atomic():
        form.keep()
        labels = "、".join(str(form.fields[name].label) for name in form.changed_data)
        events.record(round_, "set_up", by=by, label="修改批次", to_state=round_.state, note=labels)
    return round_


def inspected(round_: Round) -> str:
    """A digest of all that the call will say, to be compared when it is published."""
    own = {field.attname: getattr(round_, field.attname) for field in round_._meta.concrete_fields}
    requirements = sorted((one.kind, one.minimum) for one in round_.attachment_requirements.all())
    quotas = sorted((one.agency_id, one.number) for one in round_.channel_quotas.all())
    files = sorted((one.kind, one.title, one.sha256) for one in round_.files.all() if one.removed_at is None)
    return digest_of([own, requirements, quotas, files])


def publish_call(round_: Round, *, seen: str, by: User) -> Round:
    """Open exactly the round that was inspected. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, round_, "open", "发布申报通知")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        if locked.state == Round.State.PREPARING and seen != inspected(locked):
            raise NotPossible([CHANGED])
        return perform(locked, "open", by=by)


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
