"""What the bureau should notice before it takes a batch up: doubts are shown, what the clauses forbid is refused by the door."""

from collections.abc import Iterable

from applications.models import Application, Attachment, AttachmentKind, Recommendation
from core import events
from core.models import Event

UPLOAD = "upload_sealed_letter"
NAMED = 3  # so many of those with the same file are named


def doubts_about_letter(batch: Recommendation) -> list[str]:
    """The same number or the very same scan in another batch (three queries)."""
    found = []
    same_number = (
        Recommendation.objects.numbered()
        .filter(agency=batch.agency, letter_number=batch.letter_number)
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
    files = Attachment.objects.current().exclude(kind=AttachmentKind.OTHER)
    own = list(files.filter(application__in=shown).only("application", "sha256", "kind", "name"))
    alike = files.filter(
        sha256__in={one.sha256 for one in own}, application__round__in={one.round_id for one in shown}
    )
    owners: dict[str, dict[int, str]] = {}
    handed_in = alike.order_by("application__enterprise").distinct()
    for digest, pk, name in handed_in.values_list(
        "sha256", "application__enterprise", "application__enterprise__name"
    ):
        owners.setdefault(digest, {})[pk] = name
    enterprise_of = {one.pk: one.enterprise_id for one in shown}
    found: dict[int, list[str]] = {}
    for mine in own:
        own_enterprise = enterprise_of[mine.application_id]
        others = [name for pk, name in owners[mine.sha256].items() if pk != own_enterprise]
        if others:
            named = "、".join(others[:NAMED]) + (f" 等 {len(others)} 家" if len(others) > NAMED else "")
            told = f"{mine.get_kind_display()}“{mine.name}”与{named}的附件是同一个文件，请核对。"
            found.setdefault(mine.application_id, []).append(told)
    return found
