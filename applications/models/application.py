from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Prefetch, Q
from django_fsm import FSMField, transition
from guardian.models import UserObjectPermissionBase
from guardian.shortcuts import get_objects_for_user

from accounts.models import Agency, Enterprise, User
from accounts.roles import CHANNEL, Role, agencies_of, enterprises_of, has_role, reads_everything
from applications.conditions import (
    account_confirmed,
    all_sections_complete,
    came_with_its_letter,
    conditions_of_article_12_met,
    correction_overdue,
    doubts_explained,
    every_correction_answered,
    in_no_letter,
    is_re_review_round,
    is_recognition_round,
    listed_in_signed_letter,
    profile_confirmed_this_year,
    publicity_over,
    reconsidered,
    reporting_over,
    required_attachments_present,
    returned_items_named,
    round_accepts_submission,
    three_verdicts_passed,
    vetting_not_over,
)
from applications.models.rounds import Round
from applications.outlines import outline_of
from core import clock
from core.models import Stateful, only_through_the_door
from policy.facts import ServiceUnitKind
from policy.models import ServiceMode

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


LISTED = (
    "id",
    "state_since",
    "submitted_at",
    "correction_due",
    "sent_back_until",
    "extended_enterprise_deadline",
    "extended_district_deadline",
)
SUBMITTED_ONCE = Q(submitted_at__isnull=False)


def _party_to(user: User) -> Q:
    """The enterprise, its channel, the bureau and the auditor. Nobody but the enterprise sees what was never submitted."""
    own = Q(enterprise__in=enterprises_of(user))
    if reads_everything(user):
        return own | SUBMITTED_ONCE
    return own | (Q(channel__in=agencies_of(user, *CHANNEL)) & SUBMITTED_ONCE)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User) -> "ApplicationQuerySet":
        """What this person may know of: as a party to it, or as an expert who has been granted the materials."""
        seen = _party_to(user)
        if has_role(user, Role.EXPERT):
            granted = get_objects_for_user(
                user, "applications.review_application", Application, accept_global_perms=False
            )
            seen |= Q(pk__in=granted.values("pk"))
        return self.filter(seen)

    def whole_for(self, user: User) -> "ApplicationQuerySet":
        """What this person may read whole, with the people to call: experts read the materials alone."""
        return self.filter(_party_to(user))

    def live(self) -> "ApplicationQuerySet":
        return self.exclude(state=Application.State.WITHDRAWN)

    def under_way(self) -> "ApplicationQuerySet":
        """Submitted, and without a conclusion yet."""
        return self.filter(SUBMITTED_ONCE).exclude(state__in=Application.CONCLUDED)

    def of_channel(self, agencies: set[int]) -> "ApplicationQuerySet":
        return self.filter(SUBMITTED_ONCE, channel__in=agencies)

    def with_checks(self) -> "ApplicationQuerySet":
        """With what completeness and findings ask for, so that they read nothing more."""
        from applications.models.form import ModeRevenue, ServiceProject

        return self.select_related(
            "enterprise__district",
            "enterprise__industry",
            "channel",
            "round__measure",
            "main_mode",
            "current_version",
            "committed_by",
        ).prefetch_related(
            "conduct_answers",
            "figures",
            Prefetch("figures__mode_revenues", ModeRevenue.objects.select_related("mode")),
            Prefetch("projects", ServiceProject.objects.select_related("mode")),
            "attachments",
            "section_saves",
            "round__attachment_requirements",
            "round__measure__conditions",
        )

    def with_everything(self) -> "ApplicationQuerySet":
        """With all that a snapshot holds."""
        return self.with_checks().prefetch_related("other_modes")

    def in_round(self, one: Round) -> "ApplicationQuerySet":
        return self.filter(round=one)


class Application(Stateful):
    """One enterprise's case in one round, from draft to plaque (Art. 14–17), through one channel."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        SUBMITTED = "SUBMITTED", "待审核"
        RETURNED = "RETURNED", "退回补正"
        NOT_RECOMMENDED = "NOT_RECOMMENDED", "不予推荐"
        WITHDRAWN = "WITHDRAWN", "已撤回"
        VETTED = "VETTED", "审核通过"
        FORWARDED = "FORWARDED", "已推荐"
        SENT_BACK = "SENT_BACK", "市局退回"
        DECLINED = "DECLINED", "不予受理"
        ACCEPTED = "ACCEPTED", "已受理"
        UNDER_REVIEW = "UNDER_REVIEW", "评审中"
        REVIEWED = "REVIEWED", "已评审"
        NOT_SELECTED = "NOT_SELECTED", "未入选"
        PROPOSED = "PROPOSED", "拟认定"
        NOT_APPROVED = "NOT_APPROVED", "审议未通过"
        APPROVED = "APPROVED", "审议通过"
        PUBLICIZED = "PUBLICIZED", "公示中"
        CONTESTED = "CONTESTED", "异议处理中"
        OBJECTION_UPHELD = "OBJECTION_UPHELD", "异议成立"
        RECOGNIZED = "RECOGNIZED", "已公布"
        AWARDED = "AWARDED", "已授牌"
        RE_REVIEW_PASSED = "RE_REVIEW_PASSED", "复核合格"
        RE_REVIEW_FAILED = "RE_REVIEW_FAILED", "复核不合格"

    CONCLUDED = (
        State.NOT_RECOMMENDED,
        State.WITHDRAWN,
        State.DECLINED,
        State.NOT_SELECTED,
        State.NOT_APPROVED,
        State.OBJECTION_UPHELD,
        State.RECOGNIZED,
        State.AWARDED,
        State.RE_REVIEW_PASSED,
        State.RE_REVIEW_FAILED,
    )

    # Who holds a case that has not reached the bureau yet.
    WITH_ENTERPRISE = (State.DRAFT, State.RETURNED)
    WITH_CHANNEL = (State.SUBMITTED, State.SENT_BACK, State.VETTED)

    round = models.ForeignKey(Round, models.PROTECT, related_name="applications", verbose_name="批次")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="applications", verbose_name="企业"
    )
    channel = models.ForeignKey(Agency, models.PROTECT, related_name="applications", verbose_name="申报渠道")
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    receipt_number = models.CharField("回执编号", max_length=24, blank=True, editable=False)
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name="经办"
    )
    created_at = models.DateTimeField("建立时间", default=clock.now, editable=False)
    submitted_at = models.DateTimeField("提交时间", null=True, editable=False)
    current_version = models.ForeignKey(
        "ApplicationVersion",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="当前版本",
    )
    recommended_on = models.DateField("推荐日期", null=True, editable=False)
    correction_due = models.DateTimeField("补正截止", null=True, editable=False)
    sent_back_until = models.DateTimeField("重新审核截止", null=True, editable=False)

    # Written down by an extension for this enterprise or its channel.
    extended_enterprise_deadline = models.DateTimeField("延长后的申报截止", null=True, editable=False)
    extended_district_deadline = models.DateTimeField("延长后的报送截止", null=True, editable=False)

    # Section: basic information
    main_mode = models.ForeignKey(
        ServiceMode, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="主要模式"
    )
    other_modes = models.ManyToManyField(ServiceMode, blank=True, related_name="+", verbose_name="其他模式")
    operating_since = models.DateField("正常经营起始日期", null=True, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_mobile = models.CharField("联系手机", max_length=20, blank=True)
    contact_email = models.EmailField("联系邮箱", blank=True)
    is_sound = models.BooleanField("组织机构健全、财务状况良好", null=True, blank=True)

    # Section: service department or company (第十二条第3项)
    service_unit_kind = models.CharField("形式", max_length=10, choices=ServiceUnitKind.choices(), blank=True)
    service_unit_name = models.CharField("名称", max_length=100, blank=True)
    service_unit_established_on = models.DateField("成立日期", null=True, blank=True)
    service_unit_headcount = models.PositiveIntegerField("专职人数", null=True, blank=True)
    service_unit_credit_code = models.CharField("服务公司信用代码", max_length=18, blank=True)
    service_unit_share = models.DecimalField(
        "持股比例（%）", max_digits=5, decimal_places=2, null=True, blank=True
    )

    # Section: digitalisation, intellectual property, honours
    digitalisation = models.TextField("数字化情况", max_length=2000, blank=True)
    intellectual_property = models.TextField("知识产权和标准", max_length=2000, blank=True)
    honours = models.TextField("荣誉", max_length=2000, blank=True)

    # Section: narrative, about 5,000 characters in all
    narrative_overview = models.TextField("基本情况", max_length=3000, blank=True)
    narrative_practice = models.TextField("模式与做法", max_length=5000, blank=True)
    narrative_innovation = models.TextField("创新点", max_length=3000, blank=True)
    narrative_results = models.TextField("成效", max_length=3000, blank=True)
    narrative_demonstration = models.TextField("示范带动", max_length=3000, blank=True)
    narrative_plan = models.TextField("下一步计划", max_length=3000, blank=True)

    # Section: commitment
    committed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承诺人"
    )
    committed_at = models.DateTimeField("承诺时间", null=True, blank=True)

    # Written down to here by review and decisions, which know why.
    score = models.DecimalField("综合得分", max_digits=5, decimal_places=2, null=True, editable=False)
    publicity_ends_on = models.DateField("公示截止", null=True, editable=False)

    objects = ApplicationQuerySet.as_manager()
    if TYPE_CHECKING:
        versions: "RelatedManager[ApplicationVersion]"

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        ordering = ["id"]
        permissions = [("review_application", "评审这件申报")]
        indexes = [
            # With all that counting and sorting a list read, so that they need not touch the wide rows.
            models.Index(
                fields=["round", "state"], include=[*LISTED, "channel"], name="application_of_round"
            ),
            models.Index(
                fields=["channel", "state"], include=[*LISTED, "round"], name="application_of_channel"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "enterprise"],
                condition=~Q(state="WITHDRAWN"),
                name="one_live_application_in_a_round",
            ),
            models.UniqueConstraint(
                fields=["receipt_number"], condition=~Q(receipt_number=""), name="application_receipt_once"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100), name="application_score"
            ),
            models.CheckConstraint(
                condition=Q(service_unit_share__isnull=True)
                | Q(service_unit_share__gt=0, service_unit_share__lte=100),
                name="application_service_unit_share",
            ),
            models.CheckConstraint(
                condition=Q(service_unit_kind__in=["", *ServiceUnitKind]),
                name="application_service_unit_kind",
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.enterprise}（{self.round}）"

    @property
    def is_editable(self) -> bool:
        return self.state in self.WITH_ENTERPRISE

    @property
    def submitted_version(self) -> "ApplicationVersion":
        """The current version of a case that has been submitted; only a draft has none."""
        assert self.current_version is not None
        return self.current_version

    @property
    def enterprise_deadline(self) -> datetime:
        """The one in force for this case: the round's, or as extended for its enterprise or channel."""
        return max(
            self.round.enterprise_deadline,
            self.extended_enterprise_deadline or self.round.enterprise_deadline,
        )

    @property
    def district_deadline(self) -> datetime:
        return max(
            self.round.district_deadline, self.extended_district_deadline or self.round.district_deadline
        )

    @property
    def vetting_until(self) -> datetime:
        """Until when the channel may still return it to the enterprise."""
        return self.sent_back_until or self.district_deadline

    @property
    def is_being_vetted(self) -> bool:
        return self.state in (self.State.SUBMITTED, self.State.SENT_BACK)

    @transition(
        state,
        source=State.DRAFT,
        target=State.SUBMITTED,
        conditions=[
            round_accepts_submission,
            account_confirmed,
            profile_confirmed_this_year,
            all_sections_complete,
            required_attachments_present,
            conditions_of_article_12_met,
        ],
        custom={"label": "提交申报书"},
    )
    @transition(
        state,
        source=State.RETURNED,
        target=State.SUBMITTED,
        conditions=[
            round_accepts_submission,
            every_correction_answered,
            all_sections_complete,
            required_attachments_present,
            conditions_of_article_12_met,
        ],
        custom={"label": "提交申报书"},
    )
    def submit(self) -> None:
        self.submitted_at = clock.now()
        self.correction_due = None

    @transition(
        state,
        source=[State.DRAFT, State.SUBMITTED, State.RETURNED],
        target=State.WITHDRAWN,
        custom={"label": "撤回申报"},
    )
    def withdraw(self) -> None:
        self.correction_due = None

    @transition(
        state,
        source=[State.SUBMITTED, State.SENT_BACK],
        target=State.RETURNED,
        conditions=[vetting_not_over, returned_items_named, doubts_explained],
        custom={"label": "退回补正"},
    )
    def return_for_correction(self, *, due) -> None:
        self.correction_due = due

    @transition(
        state,
        source=[State.SUBMITTED, State.SENT_BACK],
        target=State.NOT_RECOMMENDED,
        conditions=[doubts_explained],
        custom={"label": "不予推荐"},
    )
    @transition(
        state,
        source=State.RETURNED,
        target=State.NOT_RECOMMENDED,
        conditions=[correction_overdue],
        custom={"label": "不予推荐"},
    )
    @transition(
        state,
        source=State.VETTED,
        target=State.NOT_RECOMMENDED,
        conditions=[reporting_over],
        custom={"label": "不予推荐"},
    )
    def refuse_recommendation(self) -> None:
        """The channel does not recommend the case; the note carries the reasons."""
        self.correction_due = None

    @transition(
        state,
        source=[State.SUBMITTED, State.SENT_BACK],
        target=State.VETTED,
        conditions=[three_verdicts_passed, reconsidered],
        custom={"label": "审核通过"},
    )
    def pass_vetting(self) -> None:
        """Authenticity, compliance and validity have been found in order (Art. 15)."""

    @transition(
        state,
        source=State.VETTED,
        target=State.SUBMITTED,
        conditions=[in_no_letter],
        custom={"label": "撤回审核通过"},
    )
    def take_back_pass(self) -> None:
        """The channel vets the case again; the verdicts stand as they were and can be changed."""

    @transition(
        state,
        source=State.VETTED,
        target=State.FORWARDED,
        conditions=[listed_in_signed_letter],
        custom={"label": "报送市局"},
    )
    def forward(self) -> None:
        self.recommended_on = clock.today()

    @transition(
        state,
        source=State.FORWARDED,
        target=State.ACCEPTED,
        conditions=[came_with_its_letter],
        custom={"label": "受理"},
    )
    def accept(self) -> None:
        """The bureau takes the case up for review."""

    @transition(state, source=State.FORWARDED, target=State.SENT_BACK, custom={"label": "退回重新审核"})
    def send_back(self) -> None:
        self.recommended_on = None
        self.sent_back_until = self.round.last_moment_before_review

    @transition(state, source=State.FORWARDED, target=State.DECLINED, custom={"label": "不予受理"})
    def decline(self) -> None:
        """The bureau does not take the case up; the note cites the clause."""

    @transition(state, source=State.ACCEPTED, target=State.UNDER_REVIEW, custom={"label": "开始评审"})
    def start_review(self) -> None:
        """The panel is complete and every member has declared; scoring begins."""

    @transition(state, source=State.UNDER_REVIEW, target=State.REVIEWED, custom={"label": "评审结束"})
    def conclude_review(self, *, score) -> None:
        self.score = score

    @transition(state, source=State.REVIEWED, target=State.UNDER_REVIEW, custom={"label": "重开评审"})
    def reopen_review(self) -> None:
        """Something in the review has to be corrected; the case gets its score anew."""
        self.score = None

    @transition(
        state,
        source=State.REVIEWED,
        target=State.PROPOSED,
        conditions=[is_recognition_round],
        custom={"label": "列入拟认定名单"},
    )
    def propose(self) -> None:
        """The case is on the list that goes to the Party group (Art. 16)."""

    @transition(
        state,
        source=State.REVIEWED,
        target=State.NOT_SELECTED,
        conditions=[is_recognition_round],
        custom={"label": "不列入名单"},
    )
    def leave_out(self) -> None:
        """The case ranked below the line."""

    @transition(state, source=State.PROPOSED, target=State.APPROVED, custom={"label": "审议通过"})
    def approve(self) -> None:
        """The Party group approved it (Art. 16)."""

    @transition(state, source=State.PROPOSED, target=State.NOT_APPROVED, custom={"label": "审议不通过"})
    def reject(self) -> None:
        """The Party group did not approve it."""

    @transition(state, source=State.APPROVED, target=State.PUBLICIZED, custom={"label": "公示"})
    def publicize(self, *, ends_on) -> None:
        self.publicity_ends_on = ends_on

    @transition(state, source=State.PUBLICIZED, target=State.CONTESTED, custom={"label": "受理异议"})
    def contest(self) -> None:
        """An objection under a real name is being handled; the others go on without this case."""

    @transition(state, source=State.CONTESTED, target=State.PUBLICIZED, custom={"label": "异议不成立"})
    def dismiss_objection(self) -> None:
        """The objection was not well founded."""

    @transition(state, source=State.CONTESTED, target=State.OBJECTION_UPHELD, custom={"label": "异议成立"})
    def uphold_objection(self) -> None:
        """The objection was well founded; the case ends."""

    @transition(
        state,
        source=State.PUBLICIZED,
        target=State.RECOGNIZED,
        conditions=[publicity_over],
        custom={"label": "公布认定"},
    )
    def recognize(self) -> None:
        """The enterprise is announced as recognised (Art. 17)."""

    @transition(state, source=State.RECOGNIZED, target=State.AWARDED, custom={"label": "授予牌匾"})
    def award(self) -> None:
        """The plaque has been awarded (Art. 17)."""

    @transition(
        state,
        source=State.REVIEWED,
        target=State.RE_REVIEW_PASSED,
        conditions=[is_re_review_round],
        custom={"label": "复核合格"},
    )
    def pass_re_review(self) -> None:
        """The title goes on (Art. 18)."""

    @transition(
        state,
        source=State.REVIEWED,
        target=State.RE_REVIEW_FAILED,
        conditions=[is_re_review_round],
        custom={"label": "复核不合格"},
    )
    def fail_re_review(self) -> None:
        """第十九条第（二）项 applies next."""


class ApplicationVersion(models.Model):
    """What was submitted, frozen: the snapshot, its findings, and their digest. Readable for ever."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="versions", verbose_name="申报")
    number = models.PositiveSmallIntegerField("版本")
    snapshot = models.JSONField("内容")
    findings = models.JSONField("条件核验")
    outline = models.JSONField("要点", db_default={}, editable=False)
    digest = models.CharField("摘要", max_length=64)
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")
    submitted_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "版本"
        ordering = ["application", "number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="version_once"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 版"

    def outlined(self) -> dict[str, Any]:
        """What a list shows of it; worked out anew for one that an older release froze while it was being replaced."""
        return self.outline or outline_of(self.snapshot, self.findings)


class ApplicationUserObjectPermission(UserObjectPermissionBase):
    """Access to one application granted to one named person: an expert who has declared no conflict."""

    content_object = models.ForeignKey(Application, models.CASCADE, related_name="user_grants")
