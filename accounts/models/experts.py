from datetime import date

from django.db import models
from django.db.models import Q

from accounts.models.users import User
from policy.models import ServiceMode


class Expert(models.Model):
    """A review expert of the pool."""

    user = models.OneToOneField(User, models.PROTECT, related_name="expert", verbose_name="用户")
    unit = models.CharField("工作单位", max_length=100)
    title = models.CharField("职称", max_length=40)
    speciality = models.CharField("专业领域", max_length=100, blank=True)
    modes = models.ManyToManyField(ServiceMode, related_name="+", verbose_name="熟悉的模式", blank=True)
    is_suspended = models.BooleanField("暂停抽取", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "专家"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.user.name


class ExpertTie(models.Model):
    """What ties an expert to an enterprise: employment, a directorship, shares; evidence of a conflict of interest."""

    class Kind(models.TextChoices):
        EMPLOYMENT = "EMPLOYMENT", "任职"
        DIRECTORSHIP = "DIRECTORSHIP", "董事、监事或高管"
        SHAREHOLDING = "SHAREHOLDING", "持有股份"

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="ties", verbose_name="专家")
    kind = models.CharField("类别", max_length=14, choices=Kind.choices)
    credit_code = models.CharField("统一社会信用代码", max_length=18)
    organisation = models.CharField("单位", max_length=100)
    post = models.CharField("职务", max_length=60, blank=True)
    started_on = models.DateField("自")
    ended_on = models.DateField("至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "专家与企业的关系"
        ordering = ["expert", "started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["EMPLOYMENT", "DIRECTORSHIP", "SHAREHOLDING"]), name="expert_tie_kind"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("started_on")),
                name="expert_tie_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert}：{self.organisation}"

    def lasts_within(self, start: date, end: date) -> bool:
        return self.started_on <= end and (self.ended_on is None or self.ended_on >= start)
