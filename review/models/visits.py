from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application
from core import clock
from core.models import append_only


def is_settled(is_needed: bool | None, visited_on: date | None, conclusion: str | None) -> bool:
    """Whether a visit was found needless, or has been made and concluded; all None where nothing was recorded."""
    return is_needed is False or bool(visited_on and conclusion)


def settled(visit: str) -> Q:
    """The same of a case in the database; ``visit`` leads to its record."""
    made = Q(**{f"{visit}__visited_on__isnull": False}) & ~Q(**{f"{visit}__conclusion": ""})
    return Q(**{f"{visit}__is_needed": False}) | made


class SiteVisit(models.Model):
    """Whether a case was visited, by whom and what was found; or why a visit was not needed (Art. 16)."""

    class Conclusion(models.TextChoices):
        TRUE = "TRUE", "属实"
        PARTLY = "PARTLY", "部分不符"
        FALSE = "FALSE", "不属实"

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="site_visit", verbose_name="申报"
    )
    is_needed = models.BooleanField("需要考察")
    reason = models.CharField("理由", max_length=500)
    planned_at = models.DateTimeField("计划考察时间", null=True, blank=True)
    officers = models.JSONField(
        "考察组工作人员", default=list, db_default=[], blank=True, help_text="Ids of users"
    )
    experts = models.JSONField(
        "考察组专家", default=list, db_default=[], blank=True, help_text="Ids of experts"
    )
    visited_on = models.DateField("考察日期", null=True, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    visitors = models.CharField("其他考察人员", max_length=200, blank=True)
    received_by = models.CharField("企业在场人员", max_length=120, blank=True)
    inspected = models.TextField("考察内容", max_length=2000, blank=True)
    originals_compared = models.TextField("核对原件", max_length=2000, blank=True)
    discrepancies = models.TextField("不符情况", max_length=2000, blank=True)
    conclusion = models.CharField("结论", max_length=6, choices=Conclusion.choices, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "现场考察"
        constraints = [
            models.CheckConstraint(
                condition=Q(conclusion__in=["", "TRUE", "PARTLY", "FALSE"]), name="site_visit_conclusion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} 现场考察"

    @property
    def differs(self) -> bool:
        """Whether what was found does not agree with what was submitted, in part or at all."""
        return self.conclusion in (self.Conclusion.PARTLY, self.Conclusion.FALSE)

    @property
    def is_settled(self) -> bool:
        return is_settled(self.is_needed, self.visited_on, self.conclusion)


class SitePhotoQuerySet(models.QuerySet["SitePhoto"]):
    def shown(self) -> "SitePhotoQuerySet":
        return self.filter(removed_at=None)


class SitePhoto(models.Model):
    """A photo taken on a visit; where it was taken is not in the file any more. One taken in by mistake is shown to nobody."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="site_photos", verbose_name="申报"
    )
    file = models.FileField("照片", upload_to="site-photos")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    taken_at = models.DateTimeField("上传时间", default=clock.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = SitePhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考察照片"
        ordering = ["application", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "sha256"], condition=Q(removed_at=None), name="site_photo_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class VisitSignature(models.Model):
    """One of the visitors confirms the record as it read then."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="visit_signatures", verbose_name="申报"
    )
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签字人")
    digest = models.CharField("记录摘要", max_length=64)
    signed_at = models.DateTimeField("签字时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "考察记录签字"
        constraints = [
            models.UniqueConstraint(fields=["application", "signed_by", "digest"], name="visit_signed_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.application}：{self.signed_by}"
