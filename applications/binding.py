"""Binding an application's attachments behind its text: one PDF with bookmarks and page numbers."""

import io
import logging
from collections.abc import Iterable
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, Any

from PIL import Image, ImageOps
from pypdf import PageObject, PdfReader, PdfWriter

from applications.models import Attachment
from core.documents import Progress
from policy.findings import Finding

logger = logging.getLogger(__name__)
PAGE_WIDTH, PAGE_HEIGHT = 595, 842


def readable(
    attachments: Iterable[Attachment], files: ExitStack
) -> tuple[list[tuple[Attachment, PdfReader]], list[tuple[str, str]]]:
    """The attachments that can be bound, opened; and by name those that cannot, with the reason.

    What is opened lies in temporary files that ``files`` closes: a case has hundreds of megabytes of scans at the worst.
    """
    opened: list[tuple[Attachment, PdfReader]] = []
    skipped: list[tuple[str, str]] = []
    for attachment in attachments:
        try:
            with attachment.file.open("rb") as file:
                content = file.read()
            reader = PdfReader(io.BytesIO(_as_pdf(attachment, content)))
            if reader.is_encrypted and not reader.decrypt(""):
                skipped.append((attachment.name, "文件已加密"))
            elif len(reader.pages) == 0:
                skipped.append((attachment.name, "文件没有页面"))
            else:
                opened.append((attachment, _tried(reader, files)))
        except Exception:  # pypdf and Pillow raise whatever a damaged file makes them stumble over
            logger.warning("Attachment %s cannot be bound", attachment.pk, exc_info=True)
            skipped.append((attachment.name, "文件已损坏或无法打开"))
    return opened, skipped


def bind(
    body: bytes, parts: list[tuple[Attachment, PdfReader]], *, title: str, progress: Progress
) -> IO[bytes]:
    """``body`` first with its own bookmarks, then each attachment under 附件, numbered throughout; in a temporary file."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(body)), import_outline=True)
    place = len(writer.pages)
    parent = writer.add_outline_item(title="附件", page_number=place) if parts else None
    for number, (attachment, reader) in enumerate(parts, start=1):
        start = len(writer.pages)
        writer.append(reader, import_outline=False)
        writer.add_outline_item(title=f"{number}. {attachment.name}", page_number=start, parent=parent)
        progress(60 + 25 * number // len(parts))
    _number_pages(writer)
    writer.add_metadata({"/Title": title, "/Author": "", "/Producer": ""})
    out = TemporaryFile()  # noqa: SIM115 (whoever stores it closes it)
    writer.write(out)
    progress(95)
    return out


def labelled(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frozen findings with the word for their verdict."""
    return [one | {"label": Finding.from_dict(one).label} for one in findings]


def _tried(reader: PdfReader, files: ExitStack) -> PdfReader:
    """The same pages after everything that binding does to a page, so that an odd one fails here, where it can be named."""
    trial = PdfWriter()
    trial.append(reader, import_outline=False)
    for page in trial.pages:
        _stamp(page, PageObject.create_blank_page(width=PAGE_WIDTH, height=PAGE_HEIGHT))
    out = files.enter_context(TemporaryFile())  # noqa: SIM115 (the stack closes it)
    trial.write(out)
    return PdfReader(out)


def _as_pdf(attachment: Attachment, content: bytes) -> bytes:
    if attachment.content_type == "application/pdf":
        return content
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    sheet = Image.new("RGB", (PAGE_WIDTH * 2, PAGE_HEIGHT * 2), "white")
    upright.thumbnail((sheet.width - 160, sheet.height - 160))
    sheet.paste(upright, ((sheet.width - upright.width) // 2, (sheet.height - upright.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=144)
    return out.getvalue()


def _number_pages(writer: PdfWriter) -> None:
    """第 3 页 共 128 页 at the foot of every page, whatever its size or rotation."""
    from core.rendering import render_pdf

    total = len(writer.pages)
    stamps = PdfReader(
        io.BytesIO(render_pdf("documents/page_numbers.html", {"pages": range(1, total + 1), "total": total}))
    )
    for page, stamp in zip(writer.pages, stamps.pages, strict=True):
        _stamp(page, stamp)


def _stamp(page: PageObject, stamp: PageObject) -> None:
    page.transfer_rotation_to_content()
    shift = (float(page.mediabox.width) - PAGE_WIDTH) / 2
    page.merge_translated_page(
        stamp, float(page.mediabox.left) + shift, float(page.mediabox.bottom), over=True
    )
