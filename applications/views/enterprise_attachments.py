"""Files of an application: taken in by content, replaced and removed with their history, shown to whoever may see the case."""

from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import enterprises_of
from applications import corrections, uploads
from applications.models import (
    Application,
    ApplicationVersion,
    Attachment,
    AttachmentKind,
    Section,
    SectionSave,
)
from applications.views.enterprise_cases import own_application
from core import clock
from core.http import opened
from core.typed import asked_number, asked_words

FILE_POLICY = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
MOST_AT_ONCE = 20
HINTS = {
    AttachmentKind.BUSINESS_LICENCE: "现行营业执照副本，拍照或扫描均可",
    AttachmentKind.AUDIT_REPORT: "注册会计师出具，带验证码；在下面填写验证码便于核验",
    AttachmentKind.SERVICE_REVENUE_AUDIT: "与三年指标中的服务性收入一致",
    AttachmentKind.CREDIT_REPORT: "从信用网站下载的 PDF，佐证第十二条第2项",
    AttachmentKind.FOUNDING_DOCUMENT: "设立文件、任命文件或服务公司营业执照",
    AttachmentKind.PROJECT_EVIDENCE: "每个项目至少一份，请选择所证明的项目",
    AttachmentKind.COMMITMENT: "打印承诺书，法定代表人签字并盖章后扫描",
    AttachmentKind.OTHER: "专利证书、获奖证书等",
}


def attachment_groups(
    application: Application,
    part: Section,
    opened: Collection[str],
    returned: Mapping[str, str],
    since: datetime | None,
) -> list[dict]:
    """The checklist: every kind with its files, what is required, returned and still missing.

    ``returned``: the kinds sent back, with the reason; ``since``: when what was sent back had been submitted.
    """
    minimum = {one.kind: one.minimum for one in application.round.attachment_requirements.all()}
    projects = {one.pk: one for one in application.projects.all()}
    groups = []
    for kind in AttachmentKind:
        if (kind == AttachmentKind.COMMITMENT) != (part == Section.COMMITMENT):
            continue
        files = [one for one in application.attachments.all() if one.kind == kind]
        standing = [one for one in files if one.removed_at is None]
        for one in standing:
            one.proves = projects.get(one.project_id or 0)  # type: ignore[attr-defined]
        for one in standing:
            one.is_returned = kind in returned and since is not None and one.uploaded_at <= since  # type: ignore[attr-defined]
        short = minimum.get(kind, 0) - len(standing)
        proven = {one.project_id for one in standing}
        is_proof = kind == AttachmentKind.PROJECT_EVIDENCE
        unproven = [one for pk, one in projects.items() if is_proof and pk not in proven]
        groups.append(
            {
                "kind": kind,
                "hint": HINTS[kind],
                "files": standing,
                "removed": [one for one in files if one.removed_at is not None],
                "badge": _badge(kind in minimum, short, standing),
                "reason": returned.get(kind, ""),
                "is_complete": bool(standing) and short <= 0 and not unproven and kind not in returned,
                "short": max(short, 0),
                "is_open": kind in opened,
                "asks_code": kind == AttachmentKind.AUDIT_REPORT,
                "projects": list(projects.values()) if is_proof else [],
                "unproven": unproven,
            }
        )
    return groups


def _badge(required: bool, short: int, standing: list[Attachment]) -> tuple[str, str, str]:
    if short > 0:
        return (f"必备，还差 {short} 份", "exclamation-triangle-fill", "attention")
    if any(one.is_returned for one in standing):  # type: ignore[attr-defined]
        return ("退回，请更换", "arrow-return-left", "attention")
    if standing:
        return ("已上传", "check-circle-fill", "met")
    return ("必备" if required else "选填", "circle", "neutral")


@require_POST
def upload(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take in one or several files of a kind. Each is judged by itself; the others are kept."""
    application = own_application(request, pk)
    kind = request.POST.get("kind", "")
    if kind not in AttachmentKind.values:
        raise Http404
    back = redirect("application-section", pk, _section_of(kind).lower())
    chosen = request.FILES.getlist("files")
    if not chosen:
        messages.error(
            request, f"还没有选择文件。请先选择要上传的{AttachmentKind(kind).label}，{uploads.FORMATS}。"
        )
        return back
    if len(chosen) > MOST_AT_ONCE:
        messages.error(request, f"一次最多上传 {MOST_AT_ONCE} 份，您选择了 {len(chosen)} 份，请分几次上传。")
        return back
    good, refused = [], []
    for one in chosen:
        try:
            good.append(uploads.inspect(one))
        except uploads.Unacceptable as problem:
            refused.append(str(problem))
    for reason in refused:
        messages.error(request, reason)
    with transaction.atomic():
        locked = _lock(application, kind, request)
        if locked is None:
            return back
        project = application.projects.filter(pk=asked_number(request.POST.get("project"))).first()
        replaced = (
            locked.attachments.current()
            .filter(kind=kind, pk=asked_number(request.POST.get("replaces")))
            .first()
        )
        kept = [
            uploads.keep(
                locked,
                file,
                kind=AttachmentKind(kind),
                project=project or (replaced.project if replaced else None),
                verification_code=asked_words(request.POST.get("verification_code")),
                by=request.user,
            )
            for file in good
            if _is_new(request, locked, file, kind)
        ]
        if kept and replaced:
            _take_away(replaced)
        _note_save(locked, kind, request.user)
    if kept:
        verb = "已换为" if replaced else "已上传"
        messages.success(
            request, f"{AttachmentKind(kind).label}{verb}：{'、'.join(one.name for one in kept)}。"
        )
    return back


@require_POST
def remove(request: SignedInRequest, pk: int, attachment_pk: int) -> HttpResponse:
    """Take a file off the list; it stays readable in the versions that were submitted with it."""
    application = own_application(request, pk)
    attachment = get_object_or_404(application.attachments.all(), pk=attachment_pk)
    with transaction.atomic():
        locked = _lock(application, attachment.kind, request)
        if locked and attachment.removed_at is None:
            _take_away(attachment)
            _note_save(locked, attachment.kind, request.user)
            messages.success(request, f"已移除“{attachment.name}”，可在“已移除或替换”里查到。")
    return redirect("application-section", pk, _section_of(attachment.kind).lower())


@require_POST
def turn(request: SignedInRequest, pk: int, attachment_pk: int) -> HttpResponse:
    """Replace a picture by itself, turned a quarter to the right."""
    application = own_application(request, pk)
    attachment = get_object_or_404(application.attachments.current(), pk=attachment_pk)
    with transaction.atomic():
        locked = _lock(application, attachment.kind, request)
        standing = locked and locked.attachments.current().filter(pk=attachment.pk).first()
        if locked and standing:
            try:
                file = uploads.turned(standing)
            except uploads.Unacceptable as problem:
                messages.error(request, str(problem))
            else:
                uploads.keep(
                    locked,
                    file,
                    kind=AttachmentKind(standing.kind),
                    project=standing.project,
                    verification_code=standing.verification_code,
                    by=request.user,
                )
                _take_away(standing)
                _note_save(locked, standing.kind, request.user)
                messages.success(request, f"已把“{standing.name}”向右转 90°。")
    return redirect("application-section", pk, _section_of(attachment.kind).lower())


@require_safe
def file(request: SignedInRequest, pk: int) -> FileResponse:
    """One file, to download or (``?inline``) to look at."""
    attachment = _readable(request, pk)
    response = FileResponse(opened(attachment.file), content_type=attachment.content_type)
    place = "inline" if "inline" in request.GET else "attachment"
    response["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(attachment.name)}"
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
def view(request: SignedInRequest, pk: int) -> HttpResponse:
    """A PDF to page through, enlarge and search, the same in every browser and on a phone; a picture as it is."""
    attachment = _readable(request, pk)
    if attachment.is_picture:
        return redirect(f"{reverse('attachment-file', args=[pk])}?inline=1")
    return render(request, "applications/pdf.html", {"attachment": attachment})


def _readable(request: SignedInRequest, pk: int) -> Attachment:
    """A file that this person may read; others than the enterprise see only what was submitted."""
    attachment = get_object_or_404(
        Attachment.objects.filter(
            application__in=Application.objects.visible_to(request.user)
        ).select_related("application"),
        pk=pk,
    )
    if attachment.application.enterprise_id not in enterprises_of(request.user):
        submitted = ApplicationVersion.objects.filter(
            application=attachment.application_id, snapshot__attachments__contains=[{"id": attachment.pk}]
        )
        if not submitted.exists():
            raise Http404
    return attachment


def _lock(application: Application, kind: str, request: SignedInRequest) -> Application | None:
    """The application, locked, when files of this kind may be changed now; else None after saying why not."""
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("channel", "enterprise")
        .get(pk=application.pk)
    )
    items = corrections.open_items(locked)
    if kind in corrections.open_kinds(locked, items):
        return locked
    reason = corrections.why_closed(locked, _section_of(kind), items)
    messages.error(
        request,
        reason or f"{AttachmentKind(kind).label}不在退回补正的项目内，已锁定。请只修改退回的项目。",
    )
    return None


def _is_new(request: SignedInRequest, application: Application, file: uploads.Inspected, kind: str) -> bool:
    """Whether the same content is not there yet under this kind; under another kind it is only remarked on."""
    twin = next((one for one in application.attachments.current() if one.sha256 == file.sha256), None)
    if twin is None:
        return True
    if twin.kind == kind:
        messages.warning(request, f"“{file.name}”与已上传的“{twin.name}”内容完全相同，没有重复保存。")
        return False
    messages.warning(
        request,
        f"“{file.name}”与“{twin.get_kind_display()}”下的“{twin.name}”是同一份文件，已保存；如属误传请移除其中一份。",
    )
    return True


def _take_away(attachment: Attachment) -> None:
    attachment.removed_at = clock.now()
    attachment.save(update_fields=["removed_at"])


def _note_save(application: Application, kind: str, by: User) -> None:
    save, created = SectionSave.objects.get_or_create(
        application=application, section=_section_of(kind), defaults={"saved_by": by, "revision": 1}
    )
    if not created:
        save.revision += 1
        save.saved_by, save.saved_at = by, clock.now()
        save.save()


def _section_of(kind: str) -> Section:
    return Section.COMMITMENT if kind == AttachmentKind.COMMITMENT else Section.ATTACHMENTS
