from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from core import clock


def only_through_the_door() -> pgtrigger.Trigger:
    """A trigger that refuses a changed ``state`` unless ``core.workflow.perform`` has opened the door."""
    return pgtrigger.Trigger(
        name="state_only_through_the_door",
        operation=pgtrigger.UpdateOf("state"),
        when=pgtrigger.Before,
        condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
        func=(
            "IF current_setting('portal.door', true) IS DISTINCT FROM 'open' THEN "
            "RAISE EXCEPTION 'state changes only through core.workflow.perform'; "
            "END IF; RETURN NEW;"
        ),
    )


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers of a record that is written once: no UPDATE, no DELETE, and no TRUNCATE, which those would let through."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="not_truncated",
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            func="RAISE EXCEPTION 'this table is append-only';",
        ),
    ]


class Stateful(models.Model):
    """A subject whose ``state`` only the door changes; the door also notes since when it has been so."""

    state_since = models.DateTimeField("进入当前状态", default=clock.now, editable=False)
    if TYPE_CHECKING:
        state: str

        def get_state_display(self) -> str: ...

    class Meta:
        abstract = True


class Event(models.Model):
    """One line of the audit log: written in the transaction of the act it tells of, never changed afterwards."""

    class Outcome(models.TextChoices):
        DONE = "DONE", "已办理"
        REFUSED = "REFUSED", "已拒绝"

    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经办人"
    )
    actor_label = models.CharField("经办人（当时）", max_length=200)
    action = models.CharField("动作", max_length=60)
    action_label = models.CharField("动作名称", max_length=60, blank=True)
    subject_type = models.CharField("对象类别", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    subject_label = models.CharField("对象", max_length=300)
    from_state = models.CharField("原状态", max_length=40, blank=True)
    to_state = models.CharField("新状态", max_length=40, blank=True)
    note = models.TextField("说明", blank=True)
    details = models.JSONField("详情", default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField("地址", null=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, default=Outcome.DONE)

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"]),
            models.Index(fields=["actor", "id"]),
            models.Index(fields=["-at", "-id"], name="event_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["DONE", "REFUSED"]), name="event_outcome"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.action_label or self.action}：{self.subject_label}"


class EventSeal(models.Model):
    """A digest over a run of events and the seal before it; a changed, missing or inserted event breaks the chain."""

    sealed_at = models.DateTimeField("封存时间")
    first_event_id = models.BigIntegerField("起")
    last_event_id = models.BigIntegerField("止", unique=True)
    event_count = models.PositiveIntegerField("条数")
    previous_digest = models.CharField("前一摘要", max_length=64, blank=True)
    digest = models.CharField("摘要", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存"
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return self.digest


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, user) -> "NotificationQuerySet":
        return self.filter(recipient=user)

    def readable_by(self, user) -> "NotificationQuerySet":
        """The person's own; what an office was told ends with the last service in it."""
        since = user.messages_from()
        return self.of(user).filter(created_at__gte=since) if since else self.of(user)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at__isnull=True)

    def to_be_mailed(self, at: datetime) -> "NotificationQuerySet":
        """What waits in the outbox, without what failed too lately to be tried again."""
        waiting = self.filter(mail_status=Notification.MailStatus.WAITING)
        return waiting.filter(Q(try_after=None) | Q(try_after__lte=at))


class Notification(models.Model):
    """A message to one person: the inbox shows it, and the outbox mails it, once. Who has no account yet is only mailed."""

    class MailStatus(models.TextChoices):
        WAITING = "WAITING", "待发送"
        SENT = "SENT", "已发送"
        FAILED = "FAILED", "发送失败"
        NOT_WANTED = "NOT_WANTED", "不发邮件"

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="notifications",
        verbose_name="收件人",
    )
    # A person's as it was when last tried.
    address = models.EmailField("邮箱地址", blank=True)
    key = models.CharField("事由", max_length=120)
    subject = models.CharField("标题", max_length=200)
    body = models.TextField("内容")
    url = models.CharField("办理地址", max_length=200, blank=True)
    created_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读", null=True)
    mail_status = models.CharField("邮件", max_length=12, choices=MailStatus.choices)
    mail_attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    try_after = models.DateTimeField("下次尝试不早于", null=True)
    mailed_at = models.DateTimeField("发送时间", null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], name="notification_once"),
            models.UniqueConstraint(
                fields=["address", "key"], condition=Q(recipient=None), name="notification_once_an_address"
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""), name="notification_has_somebody"
            ),
            models.CheckConstraint(
                condition=Q(mail_status__in=["WAITING", "SENT", "FAILED", "NOT_WANTED"]),
                name="notification_mail_status",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"]),
            models.Index(fields=["id"], condition=Q(mail_status="WAITING"), name="notification_outbox"),
        ]

    def __str__(self) -> str:
        return self.subject


class Document(models.Model):
    """A file that a worker makes from a subject: a receipt, a letter, a notice, a plaque."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "排队中"
        READY = "READY", "已生成"
        FAILED = "FAILED", "未能生成"

    kind = models.CharField("类别", max_length=40)
    subject_type = models.CharField("对象类别", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    key = models.CharField(
        "版本", max_length=80, help_text="What the document was made from; a new key makes a new file"
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.WAITING)
    file = models.FileField("文件", upload_to="documents/", blank=True)
    filename = models.CharField("文件名", max_length=200, blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True)
    size = models.PositiveIntegerField("字节", default=0)
    error = models.CharField("原因", max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    requested_at = models.DateTimeField("申请时间")
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "key"], name="document_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["WAITING", "READY", "FAILED"]), name="document_status"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="WAITING"), name="document_queue"),
        ]

    def __str__(self) -> str:
        return self.filename or self.kind


class DemoClock(models.Model):
    """How far the demonstration's clock is ahead of the real one; one row at most."""

    singleton = models.BooleanField(default=True, unique=True)
    shift_seconds = models.BigIntegerField("拨快秒数")

    class Meta:
        verbose_name = verbose_name_plural = "演示时钟"
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="demo_clock_single")]

    def __str__(self) -> str:
        return f"{self.shift_seconds} s"


class DemoMail(models.Model):
    """A mail that the demonstration did not send but shows on a page."""

    sent_at = models.DateTimeField("时间")
    sender = models.CharField("发件人", max_length=200)
    recipients = models.CharField("收件人", max_length=500)
    subject = models.CharField("标题", max_length=300)
    body = models.TextField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "演示邮件"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject
