from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from accounts.models import Agency, Enterprise
from applications.conditions import (
    attachments_asked_for,
    dates_in_order,
    every_case_ended,
    figures_year_complete,
    measure_in_force,
    quotas_fit,
    still_time_to_apply,
)
from core import clock
from core.models import Stateful, only_through_the_door
from policy.models import Measure, ScoringScheme

INSTANTS = ("opens_at", "enterprise_deadline", "district_deadline", "paper_deadline")
DATES = ("review_starts_on", "review_ends_on", "publicity_starts_on")
SCHEDULE = (*INSTANTS, *DATES)


class AttachmentKind(models.TextChoices):
    BUSINESS_LICENCE = "BUSINESS_LICENCE", "营业执照"
    AUDIT_REPORT = "AUDIT_REPORT", "审计报告（至少两年）"
    SERVICE_REVENUE_AUDIT = "SERVICE_REVENUE_AUDIT", "服务性收入专项审计或说明"
    CREDIT_REPORT = "CREDIT_REPORT", "公共信用报告"
    FOUNDING_DOCUMENT = "FOUNDING_DOCUMENT", "服务部门或服务公司设立文件"
    PROJECT_EVIDENCE = "PROJECT_EVIDENCE", "项目合同或验收材料"
    COMMITMENT = "COMMITMENT", "真实性承诺（签字盖章）"
    OTHER = "OTHER", "其他材料"


class RoundQuerySet(models.QuerySet["Round"]):
    def public(self) -> "RoundQuerySet":
        return self.exclude(state=Round.State.PREPARING)

    def accepting_at(self, at: datetime, enterprise: Enterprise | None = None) -> "RoundQuerySet":
        """Rounds in which enterprises may submit at this instant; this one also by what was extended for it or its channels."""
        in_time = Q(enterprise_deadline__gt=at)
        if enterprise:
            whose = Q(extensions__enterprise=enterprise) | Q(extensions__agency=enterprise.district_id)
            whose |= Q(extensions__agency__kind=Agency.Kind.ASSOCIATION)
            in_time |= whose & Q(extensions__deadline="ENTERPRISE", extensions__until__gt=at)
        return self.filter(in_time, state=Round.State.OPEN, opens_at__lte=at).distinct()


class Round(Stateful):
    """One year's recognition, or one re-review (Art. 4, 18). Bound to one measure for good."""

    class Kind(models.TextChoices):
        RECOGNITION = "RECOGNITION", "认定"
        RE_REVIEW = "RE_REVIEW", "复核"

    class State(models.TextChoices):
        PREPARING = "PREPARING", "筹备中"
        OPEN = "OPEN", "进行中"
        CLOSED = "CLOSED", "已办结"

    class Feedback(models.TextChoices):
        NONE = "NONE", "不反馈"
        GRADE = "GRADE", "等次"
        COMMENTS = "COMMENTS", "等次、专家组意见和不署名的评语"

    kind = models.CharField("类别", max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=80)
    call_number = models.CharField("通知文号", max_length=40, blank=True)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+", verbose_name="管理办法")
    scheme = models.ForeignKey(ScoringScheme, models.PROTECT, related_name="+", verbose_name="评分方案")
    state = FSMField("状态", default=State.PREPARING, choices=State.choices, protected=True)
    opens_at = models.DateTimeField("申报开始")
    enterprise_deadline = models.DateTimeField("企业申报截止")
    district_deadline = models.DateTimeField("区市、协会报送截止")
    paper_deadline = models.DateTimeField("纸质材料截止", null=True, blank=True)
    first_deadline = models.DateTimeField("延长之前的申报截止", null=True, editable=False)
    review_starts_on = models.DateField("评审开始")
    review_ends_on = models.DateField("评审结束")
    publicity_starts_on = models.DateField("预计公示开始")
    publicity_working_days = models.PositiveSmallIntegerField("公示工作日", default=5)
    objection_working_days = models.PositiveSmallIntegerField("异议办理工作日", default=15)
    latest_year = models.PositiveSmallIntegerField(
        "最近一年", help_text="The last of the three years of figures"
    )
    quota = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    minimum_score = models.DecimalField("最低分", max_digits=5, decimal_places=2, default=60)
    panel_size = models.PositiveSmallIntegerField("专家组人数", default=5)
    feedback = models.CharField(
        "公布后向企业反馈", max_length=8, choices=Feedback.choices, default=Feedback.NONE, db_default="NONE"
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批次"
        ordering = ["-year", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year"], name="round_once_a_year"),
            models.CheckConstraint(condition=Q(kind__in=["RECOGNITION", "RE_REVIEW"]), name="round_kind"),
            models.CheckConstraint(
                condition=Q(state__in=["PREPARING", "OPEN", "CLOSED"]), name="round_state"
            ),
            models.CheckConstraint(
                condition=Q(enterprise_deadline__gt=F("opens_at"))
                & Q(district_deadline__gte=F("enterprise_deadline"))
                & Q(review_ends_on__gte=F("review_starts_on")),
                name="round_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(panel_size__gte=3), name="round_panel_size"),
            models.CheckConstraint(
                condition=Q(feedback__in=["NONE", "GRADE", "COMMENTS"]), name="round_feedback"
            ),
            models.CheckConstraint(condition=Q(publicity_working_days__gte=1), name="round_publicity_days"),
            models.CheckConstraint(condition=Q(objection_working_days__gte=1), name="round_objection_days"),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return self.title

    @property
    def base_date(self) -> date:
        """The day on which conditions are measured: the application deadline's, as it was before any extension."""
        return clock.local(self.first_deadline or self.enterprise_deadline).date()

    @property
    def last_enterprise_deadline(self) -> datetime:
        """After which nobody may submit, whatever was extended for whom (one query, none with ``extensions`` prefetched)."""
        granted = [one.until for one in self.extensions.all() if one.deadline == "ENTERPRISE"]
        return max([self.enterprise_deadline, *granted])

    @property
    def schedule(self) -> dict[str, date | datetime | None]:
        """All dates by name, in their order; instants in local time."""
        return {
            name: clock.local(moment) if isinstance(moment, datetime) else moment
            for name, moment in ((name, getattr(self, name)) for name in SCHEDULE)
        }

    @property
    def last_moment_before_review(self) -> datetime:
        """Closing time on the eve of the review, for what is still to be put right in time for it."""
        return max(clock.instant(self.review_starts_on - timedelta(days=1), 17), self.district_deadline)

    @property
    def years(self) -> tuple[int, int, int]:
        """The three years of figures, oldest first."""
        return (self.latest_year - 2, self.latest_year - 1, self.latest_year)

    @transition(
        state,
        source=State.PREPARING,
        target=State.OPEN,
        conditions=[
            measure_in_force,
            dates_in_order,
            still_time_to_apply,
            attachments_asked_for,
            figures_year_complete,
            quotas_fit,
        ],
        custom={"label": "发布申报通知"},
    )
    def open(self) -> None:
        """Enterprises see the round and may begin."""

    @transition(
        state,
        source=State.OPEN,
        target=State.CLOSED,
        conditions=[every_case_ended],
        custom={"label": "办结批次"},
    )
    def close(self) -> None:
        """All cases have reached an end."""


class AttachmentRequirement(models.Model):
    """Whether a kind of attachment is required in a round, and how many files at least."""

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="attachment_requirements", verbose_name="批次"
    )
    kind = models.CharField("类别", max_length=24, choices=AttachmentKind.choices)
    minimum = models.PositiveSmallIntegerField("至少份数", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "附件要求"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="requirement_once"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(AttachmentKind.values)), name="requirement_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≥ {self.minimum}"


class ChannelQuota(models.Model):
    """How many of a round's seats one channel's cases may take. A channel without a row is bound by the total alone."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="channel_quotas", verbose_name="批次")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="渠道")
    number = models.PositiveSmallIntegerField("名额")

    class Meta:
        verbose_name = verbose_name_plural = "渠道名额"
        ordering = ["agency__position", "agency_id"]
        constraints = [models.UniqueConstraint(fields=["round", "agency"], name="channel_quota_once")]

    def __str__(self) -> str:
        return f"{self.agency} {self.number}"
