from decimal import Decimal

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import Expert, User
from accounts.roles import reads_everything
from core import clock
from core.models import Stateful, only_through_the_door
from policy.models import Criterion
from review.conditions import (
    case_open_or_reopened,
    case_still_open,
    discussion_is_open,
    every_criterion_scored,
    explanation_asked,
    no_real_conflict,
    reasons_given_where_required,
    review_goes_on,
    review_has_started,
    within_time,
)
from review.models.panels import PanelCase


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User) -> "AssignmentQuerySet":
        """An expert sees the own assignments; nobody sees another expert's through here but the bureau and the auditor."""
        if reads_everything(user):
            return self
        return self.filter(expert__user=user)

    def standing(self) -> "AssignmentQuerySet":
        """Those that count: not recused, not released."""
        return self.filter(state__in=[Assignment.State.AWAITING, Assignment.State.CLEAR])


class Assignment(Stateful):
    """One expert and one case. Nothing can be read before the expert has declared no conflict of interest."""

    class State(models.TextChoices):
        AWAITING = "AWAITING", "待声明"
        CLEAR = "CLEAR", "已声明无利害关系"
        RECUSED = "RECUSED", "已回避"
        RELEASED = "RELEASED", "已解除"

    case = models.ForeignKey(PanelCase, models.PROTECT, related_name="assignments", verbose_name="评审件")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="assignments", verbose_name="专家")
    state = FSMField("状态", default=State.AWAITING, choices=State.choices, protected=True)
    assigned_at = models.DateTimeField("指派时间", default=clock.now)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评审指派"
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "expert"], name="assignment_once"),
            models.CheckConstraint(
                condition=Q(state__in=["AWAITING", "CLEAR", "RECUSED", "RELEASED"]), name="assignment_state"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.expert} 评审 {self.case}"

    @transition(
        state,
        source=State.AWAITING,
        target=State.CLEAR,
        conditions=[no_real_conflict],
        custom={"label": "声明无利害关系"},
    )
    def declare_no_conflict(self) -> None:
        """Materials and score sheet open for this expert."""

    @transition(
        state,
        source=[State.AWAITING, State.CLEAR],
        target=State.RECUSED,
        conditions=[case_still_open],
        custom={"label": "回避"},
    )
    def recuse(self, *, grounds) -> None:
        """The file closes at once and the panel is short of one for this case."""

    @transition(
        state,
        source=[State.AWAITING, State.CLEAR],
        target=State.RECUSED,
        conditions=[case_open_or_reopened],
        custom={"label": "认定须回避"},
    )
    def exclude(self, *, grounds) -> None:
        """The bureau finds a conflict of interest late: the file closes, a sheet that is in counts no more."""

    @transition(
        state,
        source=[State.AWAITING, State.CLEAR],
        target=State.RELEASED,
        conditions=[case_open_or_reopened],
        custom={"label": "解除指派"},
    )
    def release(self) -> None:
        """The bureau takes the case from an expert who does not answer."""


class Recusal(models.Model):
    """Why an expert stays out of a case."""

    class Ground(models.TextChoices):
        EMPLOYMENT = "EMPLOYMENT", "三年内在该企业任职"
        DIRECTORSHIP = "DIRECTORSHIP", "担任董事、监事或高管"
        SHAREHOLDING = "SHAREHOLDING", "持有股份或出资"
        KINSHIP = "KINSHIP", "与负责人或主要股东有亲属关系"
        CONSULTING = "CONSULTING", "有偿咨询、顾问或合作"
        OTHER = "OTHER", "其他可能影响公正的情形"

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="recusal", verbose_name="指派")
    grounds = models.JSONField("情形", help_text="Codes of Ground")
    explanation = models.TextField("说明", max_length=1000, blank=True)
    found_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="认定人",
        help_text="Of the bureau, when the expert had not declared it",
    )
    declared_at = models.DateTimeField("声明时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "回避"

    def __str__(self) -> str:
        return str(self.assignment)


class ScoreSheet(Stateful):
    """One expert's scores for one case. The bureau and the auditor watch its progress; no other expert ever sees it."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "填写中"
        SUBMITTED = "SUBMITTED", "已提交"

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="sheet", verbose_name="指派")
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    comment = models.TextField("总体意见", max_length=2000, blank=True)
    revision = models.PositiveIntegerField("次数", default=0)
    saved_at = models.DateTimeField("保存时间", null=True)
    total = models.DecimalField("合计", max_digits=5, decimal_places=2, null=True)
    first_submitted_at = models.DateTimeField("首次提交时间", null=True, editable=False)
    explanation_asked_at = models.DateTimeField("要求说明时间", null=True, editable=False)
    explanation = models.TextField("离群说明", max_length=1000, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "评分表"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["DRAFT", "SUBMITTED"]), name="sheet_state"),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0, total__lte=100), name="sheet_total"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.assignment} 评分表"

    @property
    def is_explained(self) -> bool:
        """Whether a score far from the others has its comment."""
        return bool(self.comment.strip() or self.explanation.strip())

    @transition(
        state,
        source=State.DRAFT,
        target=State.SUBMITTED,
        conditions=[review_has_started, within_time, every_criterion_scored, reasons_given_where_required],
        custom={"label": "提交评分"},
    )
    def submit(self) -> None:
        self.total = sum((one.points or Decimal() for one in self.scores.all()), Decimal())
        self.first_submitted_at = self.first_submitted_at or clock.now()

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.SUBMITTED,
        conditions=[review_goes_on],
        custom={"label": "请专家说明离群评分"},
    )
    def ask_explanation(self) -> None:
        """A score far from the others needs a comment; the expert is not told the others' scores."""
        self.explanation_asked_at = clock.now()

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.SUBMITTED,
        conditions=[review_goes_on, explanation_asked],
        custom={"label": "提交离群说明"},
    )
    def explain(self, *, explanation) -> None:
        self.explanation = explanation

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFT,
        conditions=[review_goes_on],
        custom={"label": "解锁评分表"},
    )
    def unlock(self, *, was) -> None:
        """The expert may correct a slip; the sheet as it was submitted stays in the event."""
        self.total = None
        self.explanation_asked_at, self.explanation = None, ""

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFT,
        conditions=[review_goes_on, discussion_is_open],
        custom={"label": "合议后修改本人评分"},
    )
    def reopen(self, *, was) -> None:
        """After discussion an expert may change the own score with a reason; the sheet before stays in the event."""
        self.total = None
        self.explanation_asked_at, self.explanation = None, ""


class CriterionScore(models.Model):
    """The points for one criterion, with a reason where one is required."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="scores", verbose_name="评分表")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name="评分项")
    points = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "单项得分"
        ordering = ["sheet", "criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="criterion_score_once"),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=100), name="criterion_points"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.points}"
