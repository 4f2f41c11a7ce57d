from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from accounts.models.users import User
from accounts.roles import (
    CHANNEL,
    Role,
    agencies_of,
    enterprises_of,
    has_role,
    reads_everything,
)
from policy.channel import Appointment
from policy.facts import LegalForm
from policy.models import Industry


class AgencyQuerySet(models.QuerySet["Agency"]):
    def in_use(self) -> "AgencyQuerySet":
        return self.filter(is_active=True)

    def channels(self) -> "AgencyQuerySet":
        """Districts and associations, through which applications come (第十四条)."""
        return self.exclude(kind=Agency.Kind.MUNICIPAL)

    def districts(self) -> "AgencyQuerySet":
        return self.filter(kind=Agency.Kind.DISTRICT)

    def associations(self) -> "AgencyQuerySet":
        return self.filter(kind=Agency.Kind.ASSOCIATION)


class Agency(models.Model):
    """The municipal bureau, a district bureau, or an association that the bureau guides (Art. 5)."""

    class Kind(models.TextChoices):
        MUNICIPAL = "MUNICIPAL", "市工业和信息化局"
        DISTRICT = "DISTRICT", "区市主管部门"
        ASSOCIATION = "ASSOCIATION", "行业协会"

    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    code = models.CharField("代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=60, unique=True)
    short_name = models.CharField("简称", max_length=20)
    region = models.CharField("区市", max_length=20, blank=True)
    phone = models.CharField("咨询电话", max_length=40, blank=True)
    address = models.CharField("办公地址", max_length=200, blank=True)
    # What the bureau has appointed an association for (第五条): divisions of GB/T 4754, and from when until when.
    industries = models.JSONField("推荐的行业大类", default=list, blank=True)
    appointed_from = models.DateField("指定自", null=True, blank=True)
    appointed_until = models.DateField("指定至", null=True, blank=True)
    # {"name", "short_name", "until"}, oldest first; ``until`` is the day from which the next name holds.
    former_names = models.JSONField("曾用名", default=list, blank=True)
    position = models.PositiveSmallIntegerField("排列", default=0)
    is_active = models.BooleanField("启用", default=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主管部门和协会"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["MUNICIPAL", "DISTRICT", "ASSOCIATION"]), name="agency_kind"
            ),
            models.CheckConstraint(
                condition=Q(appointed_until__isnull=True)
                | Q(appointed_until__gte=models.F("appointed_from")),
                name="agency_appointment_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> str:
        """What a list says of where an enterprise is: the district, without its bureau."""
        return self.region or self.short_name

    def name_on(self, day: date) -> str:
        """The name that the agency had on a day: a paper keeps the name of its day."""
        held = (one["name"] for one in self.former_names if date.fromisoformat(one["until"]) > day)
        return next(held, self.name)

    @property
    def earlier_names(self) -> list[tuple[str, date]]:
        """Each former name with the last day on which it held, oldest first."""
        return [
            (one["name"], date.fromisoformat(one["until"]) - timedelta(days=1)) for one in self.former_names
        ]

    @property
    def staff_roles(self) -> tuple[Role, Role]:
        """The handler's role and the leader's, which the agency's leader may give."""
        if self.kind == self.Kind.MUNICIPAL:
            return Role.MUNICIPAL_HANDLER, Role.MUNICIPAL_LEADER
        return Role.CHANNEL_HANDLER, Role.CHANNEL_LEADER

    def appointment(self) -> Appointment:
        return Appointment(self.name, self.appointed_from, self.appointed_until, frozenset(self.industries))

    def known_as(self, day: date) -> str:
        """The present name, with that of the day in brackets when it was another."""
        former = self.name_on(day)
        return self.name if former == self.name else f"{self.name}（原{former}）"


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    def visible_to(self, user) -> "EnterpriseQuerySet":
        if reads_everything(user) or has_role(user, Role.ADMINISTRATOR):
            return self
        return self.filter(Q(pk__in=enterprises_of(user)) | answered_for_by(agencies_of(user, *CHANNEL)))


def answered_for_by(agencies: set[int], enterprise: str = "") -> Q:
    """Enterprises of these districts, and those that chose one of these associations to confirm their accounts."""
    return Q(**{f"{enterprise}district__in": agencies}) | Q(**{f"{enterprise}association__in": agencies})


class Enterprise(models.Model):
    """A manufacturer of Weihai, known by its unified social credit code; the name may change, the code does not."""

    class Standing(models.TextChoices):
        NONE = "NONE", "未获称号"
        HOLDER = "HOLDER", "示范企业"
        REVOKED = "REVOKED", "称号已撤销"

    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("企业名称", max_length=100)
    former_names = models.JSONField("曾用名", default=list, blank=True)
    legal_form = models.CharField("企业类型", max_length=24, choices=LegalForm.choices())
    founded_on = models.DateField("成立日期")
    district = models.ForeignKey(
        Agency,
        models.PROTECT,
        related_name="enterprises",
        verbose_name="所在区市",
        limit_choices_to={"kind": Agency.Kind.DISTRICT},
    )
    association = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="确认账号的协会",
        limit_choices_to={"kind": Agency.Kind.ASSOCIATION},
    )
    is_registered_in_weihai = models.BooleanField("在威海市依法注册", default=True)
    industry = models.ForeignKey(Industry, models.PROTECT, related_name="+", verbose_name="行业")
    address = models.CharField("注册地址", max_length=200, blank=True)
    production_address = models.CharField(
        "生产经营地址", max_length=200, blank=True, help_text="与注册地址相同的可以不填"
    )
    legal_representative = models.CharField("法定代表人", max_length=40, blank=True)
    employees = models.PositiveIntegerField("职工人数", null=True, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_mobile = models.CharField("联系手机", max_length=20, blank=True)
    contact_email = models.EmailField("联系邮箱", blank=True)
    # The latest year of ``profile_confirmations``, so that no page asks for it by a query of its own.
    confirmed_year = models.PositiveSmallIntegerField("企业信息确认年度", null=True, blank=True)
    # Written down to here by decisions and supervision, which know why.
    standing = models.CharField("称号", max_length=10, choices=Standing.choices, default=Standing.NONE)
    barred_until = models.DateField("不得重新申请至", null=True, blank=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        ordering = ["id"]
        indexes = [models.Index(fields=["district", "id"]), models.Index(fields=["name", "id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=["NONE", "HOLDER", "REVOKED"]), name="enterprise_standing"
            ),
            models.CheckConstraint(
                condition=Q(legal_form__in=sorted(LegalForm)), name="enterprise_legal_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def registrar(self) -> Agency:
        """Who confirms the accounts as long as nobody of the enterprise is confirmed."""
        return self.association or self.district


class ProfileConfirmation(models.Model):
    """An enterprise's facts as its people confirmed them in a calendar year."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="profile_confirmations", verbose_name="企业"
    )
    year = models.PositiveSmallIntegerField("年度")
    facts = models.JSONField("企业信息")
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="确认人")
    confirmed_at = models.DateTimeField("确认时间")

    class Meta:
        verbose_name = verbose_name_plural = "企业信息确认"
        ordering = ["-id"]
        indexes = [models.Index(fields=["enterprise", "year"])]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.year}"
