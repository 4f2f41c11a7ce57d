"""What an enterprise may edit: everything in a draft, only the returned items after a return (第十五条)."""

import hashlib

from applications.models import Application, AttachmentKind, CorrectionItem, Section

# A correction of a section may need another proof of it.
PROOF_OF = {
    Section.SERVICE_UNIT: AttachmentKind.FOUNDING_DOCUMENT,
    Section.PROJECTS: AttachmentKind.PROJECT_EVIDENCE,
    Section.COMMITMENT: AttachmentKind.COMMITMENT,
}


def open_items(application: Application) -> list[CorrectionItem]:
    """The items returned and not yet answered by a new version; none when nothing was returned.

    Loaded once for each fetched application: the page and the guard of submission both ask.
    """
    if application.state != Application.State.RETURNED:
        return []
    if "_open_items" not in application.__dict__:
        waiting = CorrectionItem.objects.filter(
            request__application=application, request__answered_at=None, request__sent_at__isnull=False
        )
        found = list(waiting.order_by("request_id", "id"))
        application.__dict__["_open_items"] = [one for one in found if one.request_id == found[-1].request_id]
    return application.__dict__["_open_items"]


def section_of(item: CorrectionItem) -> str:
    return item.item.partition(":")[0]


def answer_digest(text: str) -> str:
    """What a page carries of an answer it showed, so that a colleague's later answer is not overwritten."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def open_sections(application: Application, items: list[CorrectionItem]) -> set[str]:
    if application.state == Application.State.DRAFT:
        return set(Section.values)
    if application.state != Application.State.RETURNED:
        return set()
    returned = {section_of(item) for item in items}
    if returned & set(PROOF_OF):
        returned.add(Section.ATTACHMENTS.value)
    return returned


def open_kinds(application: Application, items: list[CorrectionItem]) -> set[str]:
    """The kinds of attachments that may be added, replaced or removed."""
    if application.state == Application.State.DRAFT:
        return set(AttachmentKind.values)
    kinds: set[str] = set()
    for item in items:
        section, _, kind = item.item.partition(":")
        if section == Section.ATTACHMENTS:
            kinds |= {kind} if kind else set(AttachmentKind.values)
        elif section in PROOF_OF:
            kinds.add(PROOF_OF[Section(section)].value)
    return kinds


def returned_kinds(items: list[CorrectionItem]) -> dict[str, str]:
    """The kinds of attachments that were returned themselves, with the reason."""
    found = {}
    for one in items:
        section, _, kind = one.item.partition(":")
        if section == Section.ATTACHMENTS and kind:
            found[kind] = one.reason
    return found


def anchor_of(item: CorrectionItem) -> str:
    """Where in the section's page the returned item stands."""
    return item.item.partition(":")[2]


def why_closed(application: Application, section: str, items: list[CorrectionItem]) -> str:
    """Why the section cannot be edited now; empty when it can."""
    if section in open_sections(application, items):
        return ""
    if application.state == Application.State.RETURNED:
        return f"{Section(section).label}不在退回补正的项目内，已锁定，可以查看。请只修改退回的项目。"
    return (
        f"申报书当前为“{application.get_state_display()}”，不能修改。"
        f"确需更改的，请联系{application.channel}退回补正，或按规定撤回。"
    )
