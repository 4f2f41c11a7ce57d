from datetime import date, datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django_fsm import FSMField, transition

from accounts.conditions import a_leader_remains, invited, somebody_confirmed_remains
from accounts.roles import (
    AGENCY_ROLES,
    CHANNEL,
    LEADERS,
    STAFF,
    Role,
    agencies_of,
    confirmed_enterprises_of,
    enterprises_of,
    has_role,
    reads_everything,
)
from core import clock
from core.models import Notification, Stateful, only_through_the_door
from policy.channel import Appointment
from policy.facts import LegalForm
from policy.models import Industry, ServiceMode


class UserManager(BaseUserManager["User"]):
    def create_user(self, login: str, password: str | None = None, **fields) -> "User":
        fields.setdefault("created_at", clock.now())
        user = self.model(login=self.normalise(login), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> "User":
        return self.get(login=self.normalise(login or ""))

    @staticmethod
    def normalise(login: str) -> str:
        return login.strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What the person may do comes from memberships, never from the account itself."""

    login = models.CharField("登录名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    mobile = models.CharField("手机", max_length=20, blank=True)
    email = models.EmailField("邮箱", blank=True)
    wants_mail = models.BooleanField("接收邮件提醒", default=True)
    is_active = models.BooleanField("启用", default=True)
    # Not the portal's clock, which asks the database: Django's checks make a User before there are tables.
    created_at = models.DateTimeField("注册时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(is_superuser=False), name="no_superusers")]

    def __str__(self) -> str:
        return self.name

    def hats(self) -> list["Membership"]:
        """The memberships in force, loaded once for each fetched user."""
        if not hasattr(self, "_hats"):
            self._hats = list(
                self.memberships.in_force()
                .select_related("agency", "enterprise__district", "expert")
                .order_by("id")
            )
        return self._hats

    @cached_property
    def unread(self) -> int:
        """How many messages wait unread; the signed-in person is fetched with it."""
        return Notification.objects.of(self).unread().count()

    def signature(self) -> str:
        """Name and organisation, as an event keeps them."""
        organisations = dict.fromkeys(str(hat.organisation) for hat in self.hats() if hat.organisation)
        return f"{self.name}（{'、'.join(organisations)}）" if organisations else self.name


class AgencyQuerySet(models.QuerySet["Agency"]):
    def in_use(self) -> "AgencyQuerySet":
        return self.filter(is_active=True)

    def channels(self) -> "AgencyQuerySet":
        """Districts and associations, through which applications come (第十四条)."""
        return self.exclude(kind=Agency.Kind.MUNICIPAL)

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

    KEPT_BY = {
        Kind.RATINGS: Role.MUNICIPAL_HANDLER,
        Kind.AGENCIES: Role.ADMINISTRATOR,
        Kind.PEOPLE: Role.ADMINISTRATOR,
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
                condition=Q(kind__in=["ratings", "agencies", "people"]), name="table_import_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.file_name}）"


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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def confirmed(self) -> "MembershipQuerySet":
        return self.filter(is_active=True, state=Membership.State.CONFIRMED)

    def in_force(self) -> "MembershipQuerySet":
        """Confirmed; who registered an enterprise acts for it, too, until anybody's authority has been confirmed."""
        return self.filter(
            Q(state=Membership.State.CONFIRMED) | (Q(is_registrant=True) & ~self._confirmed_colleague()),
            is_active=True,
        )

    def waiting_for_agency(self) -> "MembershipQuerySet":
        """Requests about enterprises in which nobody is confirmed."""
        return self.filter(~self._confirmed_colleague(), state=Membership.State.PENDING)

    def with_who_decides(self) -> "MembershipQuerySet":
        """``is_decided_within``: the enterprise has confirmed people, who decide; otherwise its district or association does."""
        return self.annotate(is_decided_within=self._confirmed_colleague())

    @staticmethod
    def _confirmed_colleague() -> Exists:
        return Exists(Membership.objects.confirmed().filter(enterprise=OuterRef("enterprise")))

    def visible_to(self, user: User) -> "MembershipQuerySet":
        """One's own, those of one's enterprises' people, those that one's agency, its leader or the administrator answers for."""
        seen = Q(user=user) | Q(enterprise__in=confirmed_enterprises_of(user))
        seen |= Q(agency__in=agencies_of(user, *LEADERS), role__in=STAFF)
        if agencies := agencies_of(user, *CHANNEL):
            seen |= answered_for_by(agencies, "enterprise__")
        if has_role(user, Role.ADMINISTRATOR):
            seen |= Q(enterprise=None)
        return self.filter(seen)


class Membership(Stateful):
    """A person's role in an agency or an enterprise, or in the pool of experts. Authority can be withdrawn at once."""

    class State(models.TextChoices):
        PENDING = "PENDING", "待确认"
        CONFIRMED = "CONFIRMED", "已确认"
        REFUSED = "REFUSED", "不予确认"
        WITHDRAWN = "WITHDRAWN", "已收回"

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="部门或协会"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="企业"
    )
    expert = models.ForeignKey(
        Expert, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="专家"
    )
    is_registrant = models.BooleanField("登记企业的人", default=False)
    is_active = models.BooleanField("有效", default=True)
    state = FSMField("确认", default=State.PENDING, choices=State.choices, protected=True)
    created_at = models.DateTimeField("时间", default=clock.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职与授权"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(Role.values)), name="membership_role"),
            models.CheckConstraint(
                condition=Q(state__in=["PENDING", "CONFIRMED", "REFUSED", "WITHDRAWN"]),
                name="membership_state",
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        role__in=sorted(AGENCY_ROLES),
                        agency__isnull=False,
                        enterprise__isnull=True,
                        expert__isnull=True,
                    )
                    | Q(role="ENTERPRISE", agency__isnull=True, enterprise__isnull=False, expert__isnull=True)
                    | Q(role="EXPERT", agency__isnull=True, enterprise__isnull=True, expert__isnull=False)
                ),
                name="membership_fits_role",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "agency", "enterprise"],
                condition=Q(is_active=True),
                nulls_distinct=False,
                name="membership_once",
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.user}：{self.organisation or ''}{self.get_role_display()}"

    @property
    def organisation(self) -> Agency | Enterprise | None:
        return self.agency or self.enterprise

    @transition(state, source=State.PENDING, target=State.CONFIRMED, custom={"label": "确认账号"})
    def confirm(self) -> None:
        """A confirmed colleague, or the district or association, has checked that the person acts for the enterprise."""

    @transition(state, source=State.PENDING, target=State.REFUSED, custom={"label": "不予确认"})
    def refuse(self) -> None:
        self.is_active = False

    @transition(
        state,
        source=State.PENDING,
        target=State.CONFIRMED,
        conditions=[invited],
        custom={"label": "接受邀请"},
    )
    def accept_invitation(self) -> None:
        """A confirmed colleague vouched for the person by inviting."""

    @transition(state, source=State.PENDING, target=State.WITHDRAWN, custom={"label": "撤回申请"})
    def retract(self) -> None:
        self.is_active = False

    @transition(
        state,
        source=State.CONFIRMED,
        target=State.WITHDRAWN,
        conditions=[somebody_confirmed_remains],
        custom={"label": "退出企业"},
    )
    def leave(self) -> None:
        self.is_active = False

    @transition(
        state,
        source=State.CONFIRMED,
        target=State.WITHDRAWN,
        conditions=[somebody_confirmed_remains],
        custom={"label": "收回授权"},
    )
    def remove(self) -> None:
        self.is_active = False

    @transition(state, source=State.CONFIRMED, target=State.WITHDRAWN, custom={"label": "收回授权"})
    def withdraw(self) -> None:
        self.is_active = False

    @transition(
        state,
        source=State.CONFIRMED,
        target=State.WITHDRAWN,
        conditions=[a_leader_remains],
        custom={"label": "结束任职"},
    )
    def end_service(self) -> None:
        """The agency's leader: the person leaves, or works elsewhere now."""
        self.is_active = False


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, at: datetime) -> "InvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """By a link that serves once, a confirmed person asks a colleague to act for the enterprise, a leader one to work in the agency."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="invitations", verbose_name="企业"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="invitations", verbose_name="部门或协会"
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices, default=Role.ENTERPRISE)
    name = models.CharField("姓名", max_length=40)
    mobile = models.CharField("手机", max_length=20, blank=True)
    email = models.EmailField("邮箱", blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    invited_at = models.DateTimeField("邀请时间", default=clock.now)
    expires_at = models.DateTimeField("有效期至")
    revoked_at = models.DateTimeField("撤销时间", null=True)
    accepted_at = models.DateTimeField("接受时间", null=True)
    membership = models.OneToOneField(
        Membership, models.PROTECT, null=True, related_name="invitation", verbose_name="授权"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "邀请"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(mobile="", email=""), name="invitation_reaches_somebody"),
            models.CheckConstraint(
                condition=Q(role="ENTERPRISE", enterprise__isnull=False, agency__isnull=True)
                | Q(role__in=sorted(STAFF), enterprise__isnull=True, agency__isnull=False),
                name="invitation_fits_role",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, membership=None)
                | Q(accepted_at__isnull=False, membership__isnull=False),
                name="invitation_accepted_into_a_membership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.organisation}"

    @property
    def organisation(self) -> Agency | Enterprise:
        found = self.agency or self.enterprise
        assert found is not None  # the database sees to it
        return found

    def is_open_at(self, at: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at
