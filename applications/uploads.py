"""Taking in a file: judged by what it contains, not by what it is called."""

import hashlib
import io
import unicodedata
import warnings
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
# content → (extensions that say the same, how people call it)
ACCEPTED = {
    "application/pdf": ((".pdf",), "PDF 文件"),
    "image/jpeg": ((".jpg", ".jpeg"), "JPG 图片"),
    "image/png": ((".png",), "PNG 图片"),
}
ACCEPT = ",".join(extension for extensions, _ in ACCEPTED.values() for extension in extensions)
FORMATS = "可以上传 PDF、JPG、PNG，每份不超过 20 MB"


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
        suffix = ACCEPTED[self.content_type][0][0]
        return f"{get_random_string(32)}{suffix}", ContentFile(self.content)


def inspect(upload: UploadedFile) -> Inspected:
    """Read and judge one file. Raises Unacceptable."""
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
    if kind not in ACCEPTED:
        what = f"内容是 {guess.extension.upper()} 格式" if guess else "内容不是 PDF 或图片"
        raise Unacceptable(f"“{name}”{what}，没有保存。{FORMATS}，请另存后重新上传。")
    extensions, words = ACCEPTED[kind]
    if PurePosixPath(name).suffix.lower() not in extensions:
        raise Unacceptable(
            f"“{name}”的内容是 {words}，与文件名不符，没有保存。请确认文件无误，"
            f"把文件名改为以 {extensions[0]} 结尾后重新上传。"
        )
    pages = _pdf_pages(name, content, upload) if kind == "application/pdf" else _picture(name, upload)
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
