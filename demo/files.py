"""Small real PDFs and photos that stand for what an enterprise or an office would attach or take."""

import hashlib
import io
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
FICTION = "演示材料 内容虚构"


@dataclass(frozen=True)
class StoredFile:
    """A file as it lies in storage: its path there, and what an attachment remembers of it."""

    path: str
    size: int
    sha256: str
    pages: int


def store(folder: str, title: str, owner: str, lines: tuple[str, ...] = (), *, pages: int = 1) -> StoredFile:
    """Write a PDF with this title and owner; the same words give the same bytes."""
    content = pdf(title, owner, lines, pages=pages)
    digest = hashlib.sha256(content).hexdigest()
    path = default_storage.save(f"{folder}/{digest[:32]}.pdf", ContentFile(content))
    return StoredFile(path, len(content), digest, pages)


def pdf(title: str, owner: str, lines: tuple[str, ...] = (), *, pages: int = 1) -> bytes:
    _register_font()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(f"{owner} {title}（{FICTION}）")
    canvas.setAuthor("演示数据")
    width, height = A4
    for number in range(1, pages + 1):
        canvas.setFont(FONT, 12)
        canvas.setFillGray(0.45)
        canvas.drawCentredString(width / 2, height - 18 * mm, FICTION)
        canvas.setFillGray(0)
        canvas.setFont(FONT, 22)
        canvas.drawCentredString(width / 2, height - 60 * mm, title)
        canvas.setFont(FONT, 16)
        canvas.drawCentredString(width / 2, height - 75 * mm, owner)
        canvas.setFont(FONT, 12)
        for row, line in enumerate(lines):
            canvas.drawString(30 * mm, height - (105 + 9 * row) * mm, line)
        canvas.drawCentredString(width / 2, 18 * mm, f"— {number} / {pages} —")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def photo(title: str, owner: str) -> bytes:
    """A JPEG that stands for a photo taken on a visit."""
    picture = Image.new("RGB", (1200, 800), "#c9d2d9")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, 560), (1200, 560), (1200, 800), (0, 800)], fill="#8b959c")
    for left in range(80, 1100, 260):
        pen.rectangle((left, 250, left + 180, 600), fill="#5f7484", outline="#3d4c57", width=6)
        pen.rectangle((left + 30, 290, left + 150, 370), fill="#dfe8ee")
    hei = ImageFont.truetype(settings.FONT_DIR / "FandolHei-Regular.otf", 44)
    for row, line in enumerate((FICTION, owner, title)):
        pen.text((60, 40 + 60 * row), line, fill="#1f2a33", font=hei)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=85)
    return target.getvalue()


@cache
def _register_font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
