"""What the bureau should notice before it takes a batch up: doubts are shown, what the clauses forbid is refused by the door."""

from collections.abc import Iterable

from applications.models import Application, Attachment, AttachmentKind, Recommendation
from core import events
from core.models import Event

UPLOAD = "upload_sealed_letter"


def doubts_about_letter(batch: Recommendation) -> list[str]:
    """The same number or the very same scan in another batch (three queries)."""
    found = []
    same_number = (
        Recommendation.objects.filter(agency=batch.agency, letter_number=batch.letter_number)
        .exclude(pk=batch.pk)
        .select_related("round")
        .first()
    )
    if same_number:
        found.append(f"文号与本单位在{same_number.round}的另一批推荐文件相同，请核对是否重复报送。")
    upload = events.about(batch).filter(action=UPLOAD).last()
    if upload:
        same_scan = (
            Event.objects.filter(
                subject_type=batch._meta.label, action=UPLOAD, details__sha256=upload.details["sha256"]
            )
            .exclude(subject_id=batch.pk)
            .first()
        )
        if same_scan:
            found.append(f"盖章扫描件与“{same_scan.subject_label}”的是同一个文件，请核对是否传错。")
    return found


def doubts_about_cases(cases: Iterable[Application]) -> dict[int, list[str]]:
    """Case → files that another enterprise handed in, too, in the same round (two queries)."""
    shown = list(cases)
    own = Attachment.objects.current().filter(application__in=shown).exclude(kind=AttachmentKind.OTHER)
    by_digest = {one.sha256: one for one in own.only("application", "sha256", "kind", "name")}
    case_of = {one.pk: one for one in shown}
    others = (
        Attachment.objects.current()
        .filter(sha256__in=by_digest, application__round__in={one.round_id for one in shown})
        .select_related("application__enterprise")
    )
    found: dict[int, list[str]] = {}
    for one in others:
        mine = by_digest[one.sha256]
        case = case_of[mine.application_id]
        if one.application.enterprise_id != case.enterprise_id:
            found.setdefault(case.pk, []).append(
                f"{mine.get_kind_display()}“{mine.name}”与{one.application.enterprise}的附件是同一个文件，请核对。"
            )
    return found
