from django.db import models
from django.db.models import Q

from accounts.models.users import User
from accounts.roles import (
    Role,
    has_role,
)
from core import clock


class EfficiencyRating(models.Model):
    """亩产效益 category of a year, from the official list, by credit code (Art. 13)."""

    class Category(models.TextChoices):
        A = "A", "A 类"
        B = "B", "B 类"
        C = "C", "C 类"
        D = "D", "D 类"

    credit_code = models.CharField("统一社会信用代码", max_length=18)
    year = models.PositiveSmallIntegerField("年度")
    category = models.CharField("类别", max_length=1, choices=Category.choices)
    source = models.CharField("来源文件", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "亩产效益评价"
        ordering = ["year", "credit_code"]
        constraints = [
            models.UniqueConstraint(fields=["credit_code", "year"], name="rating_once_a_year"),
            models.CheckConstraint(condition=Q(category__in=["A", "B", "C", "D"]), name="rating_category"),
        ]

    def __str__(self) -> str:
        return f"{self.credit_code} {self.year} {self.category}"


class TableImportQuerySet(models.QuerySet["TableImport"]):
    def visible_to(self, user) -> "TableImportQuerySet":
        kinds = [kind for kind, role in TableImport.KEPT_BY.items() if has_role(user, role)]
        return self.filter(kind__in=kinds)


class TableImport(models.Model):
    """A filled-in table as it was uploaded: first tried without changing anything, then confirmed, from the very same file."""

    class Kind(models.TextChoices):
        RATINGS = "ratings", "亩产效益评价名单"
        AGENCIES = "agencies", "单位名单"
        PEOPLE = "people", "人员名单"
        EXPERTS = "experts", "专家名单"

    KEPT_BY = {
        Kind.RATINGS: Role.MUNICIPAL_HANDLER,
        Kind.AGENCIES: Role.ADMINISTRATOR,
        Kind.PEOPLE: Role.ADMINISTRATOR,
        Kind.EXPERTS: Role.MUNICIPAL_HANDLER,
    }

    kind = models.CharField("表格", max_length=12, choices=Kind.choices)
    file_name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("内容")
    digest = models.CharField("摘要", max_length=64)
    said = models.JSONField("随表填写的内容", default=dict, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)
    confirmed_at = models.DateTimeField("导入时间", null=True)

    objects = TableImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表格导入"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["ratings", "agencies", "people", "experts"]), name="table_import_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.file_name}）"
