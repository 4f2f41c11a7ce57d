"""Documents that a worker makes: each app registers how its kinds are made and who may read them."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.utils.crypto import get_random_string

from core import clock
from core.models import Document

logger = logging.getLogger(__name__)
ATTEMPTS = 3
GIVEN_UP = "生成文件时出现故障，已记录。请稍后重试，仍不成功请联系市工业和信息化局。"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Made:
    """A finished document: the name a person sees and the bytes, in a temporary file where there are many."""

    filename: str
    content: bytes | IO[bytes]

    def opened(self) -> File:
        """The content as a file, to be closed by whoever asked."""
        return ContentFile(self.content) if isinstance(self.content, bytes) else File(self.content)


@dataclass(frozen=True)
class Kind:
    """``make(subject, key, progress)`` gives the Made that the key names; ``may_read(user, subject, key)`` decides who reads it.

    Audience and contents belong to one document, not to its subject: a draft's never become another's.
    """

    label: str
    make: Callable[[Any, str, Progress], Made]
    may_read: Callable[[Any, Any, str], bool]


class CannotBeMade(Exception):
    """The document cannot be made from what there is; the message is a sentence for people."""


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def kind_of(document: Document) -> Kind:
    return _kinds[document.kind]


def subject_of(document: Document) -> models.Model:
    model = apps.get_model(document.subject_type)
    return model._default_manager.get(pk=document.subject_id)


def may_read(user, document: Document) -> bool:
    return kind_of(document).may_read(user, subject_of(document), document.key)


def request(kind: str, subject: models.Model, *, by, key: str) -> Document:
    """Ask for a document; the same kind, subject and key give the same one. A failed one is tried again."""
    document, created = Document.objects.get_or_create(
        kind=kind,
        subject_type=subject._meta.label,
        subject_id=subject.pk,
        key=key,
        defaults={"requested_by": by, "requested_at": clock.now()},
    )
    if document.status == Document.Status.FAILED:
        document.status, document.attempts, document.error = Document.Status.WAITING, 0, ""
        document.save(update_fields=["status", "attempts", "error"])
        created = True
    if created:
        transaction.on_commit(lambda: _hand_to_worker(document.pk), robust=True)
    return document


def of(subject: models.Model, kind: str, *, key: str) -> Document | None:
    """The document of this kind about ``subject`` that the key names."""
    return Document.objects.filter(
        kind=kind, subject_type=subject._meta.label, subject_id=subject.pk, key=key
    ).first()


def make(document_id: int) -> None:
    """Make one waiting document. A second worker that gets the same one leaves it alone."""
    if not _may_try(document_id):
        return
    with transaction.atomic():
        document = _waiting(document_id)
        if document is None:
            return
        progress_key = _progress_key(document.pk)
        try:
            with transaction.atomic():
                made = kind_of(document).make(
                    subject_of(document),
                    document.key,
                    lambda percent: cache.set(progress_key, percent, 3600),
                )
        except CannotBeMade as error:
            document.status, document.error = Document.Status.FAILED, str(error)[:300]
        except Exception:
            logger.exception("Document %s could not be made", document.pk)
            if document.attempts >= ATTEMPTS:
                document.status, document.error = Document.Status.FAILED, GIVEN_UP
        else:
            document.status = Document.Status.READY
            document.filename = made.filename
            suffix = Path(made.filename).suffix
            with made.opened() as content:
                content.seek(0)
                document.sha256 = hashlib.file_digest(content, "sha256").hexdigest()
                document.size = content.size
                document.file.save(f"{get_random_string(32)}{suffix}", content, save=False)
        document.finished_at = clock.now()
        document.save()


def _may_try(document_id: int) -> bool:
    """Count the attempt before it begins, so that a document that kills its worker is given up too."""
    with transaction.atomic():
        document = _waiting(document_id)
        if document is None:
            return False
        if document.attempts >= ATTEMPTS:
            logger.error("Document %s ended its worker %s times", document.pk, document.attempts)
            document.status, document.error, document.finished_at = (
                Document.Status.FAILED,
                GIVEN_UP,
                clock.now(),
            )
        else:
            document.attempts += 1
        document.save()
        return document.status == Document.Status.WAITING


def _waiting(document_id: int) -> Document | None:
    """The document, locked, unless it is done or another worker has it."""
    waiting = Document.objects.filter(pk=document_id, status=Document.Status.WAITING)
    return waiting.select_for_update(skip_locked=True).first()


def progress_of(document: Document) -> int:
    """Percent done, as the worker last told."""
    return 100 if document.status == Document.Status.READY else cache.get(_progress_key(document.pk), 0)


def _progress_key(document_id: int) -> str:
    return f"document-progress-{document_id}"


def _hand_to_worker(document_id: int) -> None:
    from core.tasks import make_document

    make_document.apply_async((document_id,), retry=False)
