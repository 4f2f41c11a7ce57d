"""Taking in a file: judged by what it contains, not by what it is called."""

import hashlib
import io
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import get_random_string
from PIL import Image, ImageOps
from pypdf import PdfReader

from accounts.models import User
from applications.models import Application, Attachment, AttachmentKind, ServiceProject
from core import clock

LARGEST = 20 * 1024 * 1024
LONGEST_NAME = 120
MOST_PAGES = 1000
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# content → (extensions that say the same, how people call it)
KNOWN = {
    PDF: ((".pdf",), "PDF 文件"),
    "image/jpeg": ((".jpg", ".jpeg"), "JPG 图片"),
    "image/png": ((".png",), "PNG 图片"),
    DOCX: ((".docx",), "Word 文件"),
    XLSX: ((".xlsx",), "Excel 文件"),
}
# What may be handed in, and what the bureau may hand out to be filled in.
MATERIALS = (PDF, "image/jpeg", "image/png")
TEMPLATES = (PDF, DOCX, XLSX)
# The part that makes a package of Office what it is.
OFFICE_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
LARGEST_UNPACKED = 200 * 1024 * 1024


def accept(allowed: Collection[str]) -> str:
    """The extensions, as a file field tells them to a browser."""
    return ",".join(extension for kind in allowed for extension in KNOWN[kind][0])


def formats(allowed: Collection[str]) -> str:
    names = "、".join(KNOWN[kind][0][0][1:].upper() for kind in allowed)
    return f"可以上传 {names}，每份不超过 20 MB"


FORMATS = formats(MATERIALS)


class Unacceptable(Exception):
    """The file cannot be taken; the message is a sentence for people that begins with its name."""


@dataclass(frozen=True)
class Inspected:
    name: str
    content: bytes
    content_type: str
    pages: int
    sha256: str

    def to_store(self) -> tuple[str, ContentFile]:
        """The bytes and a name for them that nobody can guess."""
        suffix = KNOWN[self.content_type][0][0]
        return f"{get_random_string(32)}{suffix}", ContentFile(self.content)


def inspect(upload: UploadedFile, *, allowed: Collection[str] = MATERIALS) -> Inspected:
    """Read and judge one file, of which the content must be one of ``allowed``. Raises Unacceptable."""
    name = safe_name(upload.name or "")
    if not upload.size:
        raise Unacceptable(f"“{name}”是空文件（0 字节），没有保存。请检查原文件能否打开，再重新上传。")
    if upload.size > LARGEST:
        raise Unacceptable(
            f"“{name}”有 {upload.size / 1_048_576:.1f} MB，超过每份 20 MB 的上限，没有保存。"
            "请压缩或拆成几份再上传。"
        )
    content = upload.read()
    guess = filetype.guess(content[:8192])
    kind = guess.mime if guess else ""
    if kind in ("application/zip", DOCX, XLSX):
        kind = _office_kind(content) or kind
    if kind not in allowed:
        neither = "PDF 或图片" if allowed is MATERIALS else "、".join(KNOWN[one][1] for one in allowed)
        what = f"内容是 {guess.extension.upper()} 格式" if guess else f"内容不是 {neither}"
        raise Unacceptable(f"“{name}”{what}，没有保存。{formats(allowed)}，请另存后重新上传。")
    extensions, words = KNOWN[kind]
    if PurePosixPath(name).suffix.lower() not in extensions:
        raise Unacceptable(
            f"“{name}”的内容是 {words}，与文件名不符，没有保存。请确认文件无误，"
            f"把文件名改为以 {extensions[0]} 结尾后重新上传。"
        )
    if kind in (DOCX, XLSX):
        pages = _package(name, content)
    else:
        pages = _pdf_pages(name, content, upload) if kind == PDF else _picture(name, upload)
    return Inspected(name, content, kind, pages, hashlib.sha256(content).hexdigest())


def turned(attachment: Attachment) -> Inspected:
    """The picture upright as its camera meant it, turned a quarter to the right. Raises Unacceptable."""
    try:
        with attachment.file.open("rb") as file, Image.open(file) as picture:
            upright = ImageOps.exif_transpose(picture).transpose(Image.Transpose.ROTATE_270)
            out = io.BytesIO()
            upright.save(out, picture.format, quality=92)
    except (OSError, ValueError) as problem:
        raise Unacceptable(f"“{attachment.name}”无法旋转。请在原文件上转正后更换。") from problem
    content = out.getvalue()
    return Inspected(
        attachment.name, content, attachment.content_type, 1, hashlib.sha256(content).hexdigest()
    )


def keep(
    application: Application,
    file: Inspected,
    *,
    kind: AttachmentKind,
    project: ServiceProject | None = None,
    verification_code: str = "",
    by: User,
) -> Attachment:
    """Store an inspected file under a name that nobody can guess."""
    attachment = Attachment(
        application=application,
        kind=kind,
        project=project,
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        pages=file.pages,
        verification_code=verification_code,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )
    attachment.file.save(*file.to_store(), save=False)
    attachment.save()
    return attachment


def safe_name(raw: str) -> str:
    """The last part of a path without invisible characters; Chinese stays, the extension stays."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip() or "未命名文件"
    suffix = PurePosixPath(text).suffix[:10]
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - len(suffix)] + suffix


def _pdf_pages(name: str, content: bytes, upload: UploadedFile) -> int:
    try:
        upload.seek(0)
        reader = PdfReader(upload)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unacceptable(f"“{name}”设有密码，无法审阅，没有保存。请取消密码后重新上传。")
        pages = len(reader.pages)
    except Unacceptable:
        raise
    except Exception as problem:  # pypdf raises whatever a damaged file makes it stumble over
        raise Unacceptable(
            f"“{name}”已损坏，打不开，没有保存。请用阅读软件打开核对，重新导出 PDF 后上传。"
        ) from problem
    if not pages:
        raise Unacceptable(f"“{name}”里没有页面，没有保存。请核对原文件后重新上传。")
    if b"%%EOF" not in content[-2048:]:
        raise Unacceptable(f"“{name}”不完整，可能没有下载完，没有保存。请重新取得文件后上传。")
    if pages > MOST_PAGES:
        raise Unacceptable(
            f"“{name}”有 {pages} 页，超过每份 {MOST_PAGES} 页的上限，没有保存。请拆成几份再上传。"
        )
    return pages


def _picture(name: str, upload: UploadedFile) -> int:
    try:
        upload.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload) as picture:
                picture.verify()
    except Exception as problem:  # Pillow raises whatever a damaged picture makes it stumble over
        raise Unacceptable(
            f"“{name}”已损坏或尺寸过大，打不开，没有保存。请重新拍照或扫描后上传。"
        ) from problem
    return 1


def _office_kind(content: bytes) -> str:
    """What a package of Office holds; empty for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    return next((kind for part, kind in OFFICE_PARTS.items() if part in names), "")


def _package(name: str, content: bytes) -> int:
    """Office files are handed on as they are, so they must be sound and carry nothing that runs."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            sound = sum(one.file_size for one in parts) <= LARGEST_UNPACKED and package.testzip() is None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError):
        parts, sound = [], False
    if not sound:
        raise Unacceptable(f"“{name}”已损坏，打不开，没有保存。请打开核对后另存，再重新上传。")
    if any(one.filename.lower().endswith("vbaproject.bin") for one in parts):
        raise Unacceptable(f"“{name}”带有宏，没有保存。请去掉宏，另存后重新上传。")
    return 1
