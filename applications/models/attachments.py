from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models.application import Application
from applications.models.form import ServiceProject
from applications.models.rounds import AttachmentKind
from core import clock


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def current(self) -> "AttachmentQuerySet":
        return self.filter(removed_at__isnull=True)


class Attachment(models.Model):
    """A file of an application. Replaced or removed files stay for the versions that were submitted with them."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="attachments", verbose_name="申报"
    )
    kind = models.CharField("类别", max_length=24, choices=AttachmentKind.choices)
    project = models.ForeignKey(
        ServiceProject, models.SET_NULL, null=True, blank=True, related_name="evidence", verbose_name="项目"
    )
    file = models.FileField("文件", upload_to="attachments/%Y/")
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("格式", max_length=40)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField("摘要", max_length=64)
    pages = models.PositiveSmallIntegerField("页数", null=True, blank=True)
    verification_code = models.CharField("验证码", max_length=60, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["application", "kind", "id"]
        indexes = [models.Index(fields=["sha256"], name="attachment_same_file")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=sorted(AttachmentKind.values)), name="attachment_kind"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")
