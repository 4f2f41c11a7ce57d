"""What stands on a round's public pages beside its call: files to download, questions with their answers."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models.rounds import Round
from core import clock


class RoundFileQuerySet(models.QuerySet["RoundFile"]):
    def current(self) -> "RoundFileQuerySet":
        return self.filter(removed_at=None)


class RoundFile(models.Model):
    """A file that the bureau hands out with a round: the issued call, or a template to be filled in (第十四条)."""

    class Kind(models.TextChoices):
        CALL = "CALL", "通知文件"
        TEMPLATE = "TEMPLATE", "模板"

    round = models.ForeignKey(Round, models.PROTECT, related_name="files", verbose_name="批次")
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    title = models.CharField("名称", max_length=60)
    file = models.FileField("文件", upload_to="rounds/%Y/")
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("格式", max_length=100)
    size = models.PositiveIntegerField("字节")
    sha256 = models.CharField("摘要", max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)
    removed_at = models.DateTimeField("撤下时间", null=True, blank=True)

    objects = RoundFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批次文件"
        ordering = ["round", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(kind="CALL", removed_at=None), name="round_file_one_call"
            ),
            models.CheckConstraint(condition=Q(kind__in=["CALL", "TEMPLATE"]), name="round_file_kind"),
        ]

    def __str__(self) -> str:
        return self.title


class RoundQuestion(models.Model):
    """A question about a round with the bureau's answer; the public reads it while it is published."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="questions", verbose_name="批次")
    question = models.CharField("问题", max_length=200)
    answer = models.TextField("答复", max_length=2000)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="最后修改人")
    written_at = models.DateTimeField("最后修改", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "批次问答"
        ordering = ["round", "id"]

    def __str__(self) -> str:
        return self.question
