"""The signed minutes of a Party-group meeting (第十六条): kept with its record until the decisions are confirmed."""

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.uploads import Inspected
from core import events
from core.workflow import NotPossible
from decisions.models import Meeting


def keep_minutes(meeting: Meeting, scan: Inspected, *, by: User) -> Meeting:
    """Keep the scan in the place of an earlier one. Raises NotPermitted, or NotPossible once the decisions are confirmed."""
    require_municipal_handler(by, meeting, "upload_minutes", "上传会议纪要")
    with transaction.atomic():
        locked = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
        if locked.state != Meeting.State.DRAFT:
            raise NotPossible(["会议决定已确认，纪要不能再更换（第十六条）。"])
        locked.minutes_name = scan.name
        locked.minutes.save(*scan.to_store(), save=False)
        locked.save(update_fields=["minutes", "minutes_name"])
        events.record(
            locked, "upload_minutes", by=by, label="上传会议纪要", note=scan.name, sha256=scan.sha256
        )
    return locked
