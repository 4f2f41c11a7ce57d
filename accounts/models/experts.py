from datetime import date

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from accounts.models.users import User
from accounts.roles import Role
from policy.models import ServiceMode


class Standing(models.TextChoices):
    """Whether an expert of the pool can be drawn."""

    AVAILABLE = "AVAILABLE", "可抽取"
    SUSPENDED = "SUSPENDED", "暂停抽取"
    INVITED = "INVITED", "待接受邀请"
    OUT = "OUT", "不在专家库"


class ExpertQuerySet(models.QuerySet["Expert"]):
    def with_standing(self, *, on: date) -> "ExpertQuerySet":
        """``standing`` on that day, as a draw sees it before any case is looked at."""
        own = Expert.objects.filter(
            pk=OuterRef("pk"), memberships__role=Role.EXPERT, memberships__is_active=True
        )
        confirmed = own.filter(user__is_active=True, memberships__state="CONFIRMED")
        suspended = Q(suspended_from__lte=on) & (Q(suspended_until=None) | Q(suspended_until__gt=on))
        return self.annotate(
            standing=Case(
                When(Exists(own.filter(memberships__state="PENDING")), then=Value(Standing.INVITED)),
                When(~Exists(confirmed), then=Value(Standing.OUT)),
                When(suspended, then=Value(Standing.SUSPENDED)),
                default=Value(Standing.AVAILABLE),
                output_field=models.CharField(),
            )
        )


class Expert(models.Model):
    """A review expert of the pool. No identity number and no bank account is kept of anybody."""

    user = models.OneToOneField(User, models.PROTECT, related_name="expert", verbose_name="用户")
    unit = models.CharField("工作单位", max_length=100)
    title = models.CharField("职称", max_length=40)
    speciality = models.CharField("专业领域", max_length=100, blank=True)
    modes = models.ManyToManyField(ServiceMode, related_name="+", verbose_name="熟悉的模式", blank=True)
    industries = models.JSONField("熟悉的行业大类", default=list, blank=True)
    suspended_from = models.DateField("暂停自", null=True, blank=True)
    suspended_until = models.DateField("恢复抽取自", null=True, blank=True)
    suspension_reason = models.CharField("暂停的原因", max_length=200, blank=True)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专家"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_from=None, suspended_until=None, suspension_reason="")
                | Q(suspended_from__isnull=False) & ~Q(suspension_reason=""),
                name="expert_suspended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(suspended_until=None) | Q(suspended_until__gte=models.F("suspended_from")),
                name="expert_suspension_period",
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    def is_suspended_on(self, day: date) -> bool:
        """From the first day of the suspension to the day before the expert can be drawn again."""
        begun = self.suspended_from is not None and self.suspended_from <= day
        return begun and (self.suspended_until is None or day < self.suspended_until)


class ExpertTie(models.Model):
    """What ties an expert to an enterprise, as registered or declared; evidence of a conflict of interest."""

    class Kind(models.TextChoices):
        EMPLOYMENT = "EMPLOYMENT", "任职"
        DIRECTORSHIP = "DIRECTORSHIP", "董事、监事或高管"
        SHAREHOLDING = "SHAREHOLDING", "持有股份"
        KINSHIP = "KINSHIP", "亲属关系"
        CONSULTING = "CONSULTING", "有偿咨询、顾问"
        OTHER = "OTHER", "其他关系"

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
                condition=Q(
                    kind__in=[
                        "EMPLOYMENT",
                        "DIRECTORSHIP",
                        "SHAREHOLDING",
                        "KINSHIP",
                        "CONSULTING",
                        "OTHER",
                    ]
                ),
                name="expert_tie_kind",
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
