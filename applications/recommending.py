"""A recommendation batch is prepared by one person and signed by another (第十五条)."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from applications.effects import batch_digest, leave_the_leaders_desk
from applications.models import Application, Recommendation
from applications.notifications import about_prepared_batch
from applications.uploads import Inspected
from core import events, notify
from core.models import Event
from core.workflow import NotPossible, perform


def prepare(
    recommendation: Recommendation, chosen: Sequence[tuple[Application, str]], *, by: User
) -> Recommendation:
    """Save the draft with these cases and remarks, in this order; whoever signs is told. Raises AlreadyListed."""
    with transaction.atomic():
        recommendation.save()
        recommendation.list_cases(chosen, by=by)
        event = events.record(
            recommendation,
            "prepare",
            by=by,
            label="拟推荐函",
            to_state=recommendation.state,
            digest=batch_digest(recommendation),
            cases=len(chosen),
        )
        announce_draft(event, recommendation)
    return recommendation


def announce_draft(event: Event, recommendation: Recommendation) -> None:
    """Ask those who may sign it as it stands now, and nobody else any more."""
    leave_the_leaders_desk(recommendation)
    notify.enqueue([about_prepared_batch(event, recommendation)])


def keep_sealed_letter(recommendation: Recommendation, letter: Inspected, *, by: User) -> Recommendation:
    """Keep the scan with the signed batch; until it is forwarded another may take its place. Raises NotPossible."""
    with transaction.atomic():
        locked = Recommendation.objects.select_for_update(of=("self",)).get(pk=recommendation.pk)
        if locked.state != Recommendation.State.SIGNED:
            word = locked.get_state_display()
            raise NotPossible([f"推荐文件现在是“{word}”，只有签发后、报送前才能上传盖章扫描件。"])
        locked.sealed_letter.save(*letter.to_store(), save=False)
        locked.sealed_letter_name = letter.name
        locked.save(update_fields=["sealed_letter", "sealed_letter_name"])
        events.record(
            locked,
            "upload_sealed_letter",
            by=by,
            label="上传盖章扫描件",
            note=letter.name,
            sha256=letter.sha256,
        )
    return locked


def sign(recommendation: Recommendation, *, seen: str, by: User) -> Recommendation:
    """Sign exactly the list whose digest was seen. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = Recommendation.objects.select_for_update(of=("self",)).get(pk=recommendation.pk)
        if locked.state == Recommendation.State.DRAFT and seen != batch_digest(locked):
            raise NotPossible(["拟稿刚有改动，与您看到的名单不同，没有签发。请核对现在的名单后再签发。"])
        return perform(locked, "sign", by=by, signer=by)
