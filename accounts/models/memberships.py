from datetime import datetime
from functools import cache

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django_fsm import FSMField, transition

from accounts.conditions import (
    a_leader_remains,
    invited,
    somebody_confirmed_remains,
    works_in_no_office,
)
from accounts.models.experts import Expert
from accounts.models.organisations import Agency, Enterprise, answered_for_by
from accounts.models.users import User
from accounts.roles import (
    AGENCY_ROLES,
    CHANNEL,
    LEADERS,
    STAFF,
    Role,
    agencies_of,
    confirmed_enterprises_of,
    has_role,
)
from core import clock
from core.models import Stateful, only_through_the_door


class MembershipQuerySet(models.QuerySet["Membership"]):
    def confirmed(self) -> "MembershipQuerySet":
        return self.filter(is_active=True, state=Membership.State.CONFIRMED)

    def in_force(self) -> "MembershipQuerySet":
        """Confirmed; who registered an enterprise acts for it, too, until anybody's authority has been confirmed."""
        return self.filter(self._in_force())

    def in_force_or_past(self) -> "MembershipQuerySet":
        return self.filter(self._in_force() | Q(state=Membership.State.WITHDRAWN))

    def _in_force(self) -> Q:
        registrant = Q(is_registrant=True) & ~self._confirmed_colleague()
        return Q(Q(state=Membership.State.CONFIRMED) | registrant, is_active=True)

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

    @staticmethod
    @cache
    def of_people() -> MembershipQuerySet:
        """In force or past, with where: put together once for all requests, each of which asks for one person's."""
        rows = Membership.objects.in_force_or_past()
        return rows.select_related("agency", "enterprise__district", "expert").order_by("id")

    @property
    def organisation(self) -> Agency | Enterprise | None:
        return self.agency or self.enterprise

    @transition(
        state,
        source=State.PENDING,
        target=State.CONFIRMED,
        conditions=[works_in_no_office],
        custom={"label": "确认账号"},
    )
    def confirm(self) -> None:
        """A confirmed colleague, or the district or association, has checked that the person acts for the enterprise."""

    @transition(state, source=State.PENDING, target=State.REFUSED, custom={"label": "不予确认"})
    def refuse(self) -> None:
        self.is_active = False

    @transition(
        state,
        source=State.PENDING,
        target=State.CONFIRMED,
        conditions=[invited, works_in_no_office],
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
    """A link that serves once: by it an enterprise's person invites a colleague, a leader an officer, the bureau an expert."""

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, related_name="invitations", verbose_name="企业"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="invitations", verbose_name="部门或协会"
    )
    expert = models.ForeignKey(
        Expert, models.PROTECT, null=True, related_name="invitations", verbose_name="专家"
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
                condition=Q(role="ENTERPRISE", enterprise__isnull=False, agency=None, expert=None)
                | Q(role__in=sorted(STAFF), enterprise=None, agency__isnull=False, expert=None)
                | Q(role="EXPERT", enterprise=None, agency=None, expert__isnull=False),
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
    def organisation(self) -> Agency | Enterprise | Expert:
        """Where the invited person is asked to; an expert of the pool stands for the pool."""
        found = self.agency or self.enterprise or self.expert
        assert found is not None  # the database sees to it
        return found

    def is_open_at(self, at: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at
