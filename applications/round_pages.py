"""What the municipal handler puts on a round's public pages: files and answers. Every act is recorded with the round."""

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_municipal_handler
from applications.models import Round, RoundFile, RoundQuestion
from applications.uploads import Inspected
from core import clock, events
from core.workflow import NotPossible

Kind = RoundFile.Kind
PUBLISHED = "通知已经发布，通知文件不能再更换或撤下。有差错的，请另发更正通知；模板可以随时增补。"


def add_file(round_: Round, upload: Inspected, *, kind: str, title: str, by: User) -> RoundFile:
    """Hand out another file; an issued call takes the place of the one before. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, round_, "add_file", "上传批次文件")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        if kind == Kind.CALL and locked.state != Round.State.PREPARING:
            raise NotPossible([PUBLISHED])
        current = locked.files.current()
        if current.filter(kind=kind, title=title, sha256=upload.sha256).exists():
            raise NotPossible([f"“{title}”已经上传过同一份文件，不必重复上传。"])
        if kind == Kind.CALL:
            current.filter(kind=Kind.CALL).update(removed_at=clock.now())
        added = RoundFile(
            round=locked,
            kind=kind,
            title=title,
            name=upload.name,
            content_type=upload.content_type,
            size=len(upload.content),
            sha256=upload.sha256,
            uploaded_by=by,
            uploaded_at=clock.now(),
        )
        added.file.save(*upload.to_store(), save=False)
        added.save()
        label = f"上传{added.get_kind_display()}"
        events.record(locked, "add_file", by=by, label=label, note=title, sha256=upload.sha256)
    return added


def remove_file(file: RoundFile, *, by: User) -> RoundFile:
    """Take a file off the pages; it stays in storage with its record. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, file.round, "remove_file", "撤下批次文件")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=file.round_id)
        if file.kind == Kind.CALL and locked.state != Round.State.PREPARING:
            raise NotPossible([PUBLISHED])
        if not locked.files.current().filter(pk=file.pk).update(removed_at=clock.now()):
            raise NotPossible([f"“{file.title}”已经撤下。"])
        label = f"撤下{file.get_kind_display()}"
        events.record(locked, "remove_file", by=by, label=label, note=file.title, sha256=file.sha256)
    return file


def save_question(question: RoundQuestion, *, publish: bool | None, by: User) -> RoundQuestion:
    """Keep a question as it is written. ``publish`` True shows it to the public, False hides it, None leaves it as it is."""
    require_municipal_handler(by, question.round, "answer", "编写问答")
    label = "修改问答" if question.pk else "编写问答"
    if publish is True and question.published_at is None:
        question.published_at, label = clock.now(), "发布问答"
    if publish is False and question.published_at is not None:
        question.published_at, label = None, "撤下问答"
    question.written_by, question.written_at = by, clock.now()
    with transaction.atomic():
        question.save()
        events.record(
            question.round,
            "answer",
            by=by,
            label=label,
            note=question.question,
            answer=question.answer,
            is_public=question.published_at is not None,
        )
    return question


def carry_over(last: Round, round_: Round, *, by: User) -> bool:
    """Give a new round the templates and the published answers of an earlier one; whether there were any.

    An answer is shown again only once somebody has read whether it still holds. Raises NotPermitted.
    """
    require_municipal_handler(by, round_, "carry_over", "沿用模板和问答")
    files = list(last.files.current().filter(kind=Kind.TEMPLATE))
    answers = list(last.questions.exclude(published_at=None))
    told = [one.title for one in files] + [one.question for one in answers]
    now = clock.now()
    for file in files:
        file.pk, file.round, file.uploaded_by, file.uploaded_at = None, round_, by, now
    for answer in answers:
        answer.pk, answer.round, answer.written_by, answer.written_at = None, round_, by, now
        answer.published_at = None
    with transaction.atomic():
        RoundFile.objects.bulk_create(files)
        RoundQuestion.objects.bulk_create(answers)
        if told:
            events.record(round_, "carry_over", by=by, label="沿用模板和问答", note="；".join(told))
    return bool(told)
