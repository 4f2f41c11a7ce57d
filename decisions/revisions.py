"""What a person saw of a record that others write too: compared behind its lock before it is written, confirmed or released."""

from django.db import transaction

from accounts.models import User
from applications.versions import digest_of
from core.workflow import NotPossible, perform
from decisions.models import Meeting, Objection, PublicNotice


def of_meeting(meeting: Meeting) -> str:
    """Facts, and every enterprise with its decision and reason (one query)."""
    facts = (
        meeting.number,
        meeting.held_on,
        meeting.place,
        meeting.chaired_by,
        meeting.recorded_by,
        meeting.attendance,
    )
    items = meeting.items.order_by("position")
    return digest_of(
        [facts, [(one.application_id, one.enterprise_name, one.decision, one.reason) for one in items]]
    )


def of_notice(notice: PublicNotice) -> str:
    """Text, dates, list, reasons (two queries)."""
    entries = notice.entries.order_by("position")
    return digest_of(
        [
            [notice.title, notice.number, notice.body, notice.starts_on],
            [[one.position, one.application_id, one.enterprise_name, one.remark] for one in entries],
            [[one.application_id, one.reason] for one in notice.omissions.all()],
        ]
    )


def of_answer(objection: Objection) -> str:
    return digest_of(objection.answer)


def confirm_meeting(meeting: Meeting, *, seen: str, by: User) -> Meeting:
    """Confirm exactly the decisions that were inspected. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if seen != of_meeting(locked):
            raise NotPossible(["会议决定在您查看之后又有改动，尚未确认。请重新核对下面的清单。"])
        return perform(locked, "confirm", by=by, confirmed_by=by)


def release_notice(notice: PublicNotice, *, seen: str, by: User) -> PublicNotice:
    """Release exactly the text and list that were inspected. Raises NotPermitted or NotPossible."""
    with transaction.atomic():
        locked = PublicNotice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
        if seen != of_notice(locked):
            raise NotPossible(["拟稿在您查看之后又有改动，尚未发布。请重新核对全文和名单。"])
        return perform(locked, "release", by=by, released_by=by)
