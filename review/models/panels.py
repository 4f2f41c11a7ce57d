from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django_fsm import FSMField, transition

from accounts.models import Expert, User
from applications.models import Application, Round
from core import clock
from core.models import Stateful, append_only, only_through_the_door
from review.conditions import (
    every_case_planned,
    every_case_reviewed,
    opinions_signed,
    panel_is_odd_and_full,
)

if TYPE_CHECKING:
    from review.opinions import Unsigned


class Panel(Stateful):
    """The experts who review some of a round's cases together (Art. 16); odd, five by default."""

    class State(models.TextChoices):
        FORMING = "FORMING", "组建中"
        SEATED = "SEATED", "已组成"
        CONCLUDED = "CONCLUDED", "已结束"

    round = models.ForeignKey(Round, models.PROTECT, related_name="panels", verbose_name="批次")
    name = models.CharField("名称", max_length=40)
    state = FSMField("状态", default=State.FORMING, choices=State.choices, protected=True)
    size = models.PositiveSmallIntegerField(
        "专家人数", null=True, blank=True, help_text="None: as many as review each case"
    )
    unsigned = models.TextField(
        "审核意见未全部签署的原因", max_length=1000, blank=True, db_default="", editable=False
    )
    due_at = models.DateTimeField("声明和评分截止")
    first_due_at = models.DateTimeField("延期前的截止", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "专家组"
        ordering = ["round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="panel_name_once"),
            models.CheckConstraint(
                condition=Q(state__in=["FORMING", "SEATED", "CONCLUDED"]), name="panel_state"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.round} {self.name}"

    @property
    def wanted(self) -> int:
        """How many experts the panel has."""
        return self.size or self.round.panel_size

    @property
    def has_begun(self) -> bool:
        """Whether the review of some of its cases has begun (one query)."""
        return self.cases.exclude(application__state=Application.State.ACCEPTED).exists()

    @cached_property
    def unsigned_cases(self) -> "list[Unsigned]":
        """See ``review.opinions.unsigned_of``."""
        from review.opinions import unsigned_of

        return unsigned_of(self)

    @property
    def is_divided(self) -> bool:
        """Whether each case is reviewed by some of the members only, as an assignment plan says."""
        return self.wanted > self.round.panel_size

    @transition(
        state,
        source=State.FORMING,
        target=State.SEATED,
        conditions=[panel_is_odd_and_full, every_case_planned],
        custom={"label": "组成专家组"},
    )
    def seat(self) -> None:
        """The members are told and asked to declare conflicts of interest."""

    @transition(
        state,
        source=State.SEATED,
        target=State.CONCLUDED,
        conditions=[every_case_reviewed, opinions_signed],
        custom={"label": "结束本组评审"},
    )
    def conclude(self, *, unsigned=()) -> None:
        """Every case of the panel has its score and its signed opinion; ``unsigned``: case, signatures and experts where not."""

    @transition(state, source=State.CONCLUDED, target=State.SEATED, custom={"label": "重开本组评审"})
    def reopen(self) -> None:
        """The review of one of its cases is open again."""
        self.unsigned = ""


class Draw(models.Model):
    """A random draw of experts for a panel, or for one case of it that a recusal left short.

    The eligible, the seed and the outcome are kept, so that anyone can replay it. Of a panel the last draw counts; those
    before it stay on record.
    """

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="draws", verbose_name="专家组")
    case = models.ForeignKey(
        "PanelCase", models.PROTECT, null=True, related_name="draws", verbose_name="补抽的评审件"
    )
    reason = models.CharField("重抽或补抽的原因", max_length=300, blank=True)
    witness = models.CharField("监督人", max_length=80, blank=True, db_default="")
    terms = models.JSONField(
        "抽取条件", default=dict, db_default={}, blank=True, help_text="See ``review.draw.Terms``"
    )
    eligible = models.JSONField(
        "可抽名单",
        help_text="Expert id, name and unit, ascending by id, frozen before the seed was taken",
    )
    excluded = models.JSONField("排除名单", default=list, help_text="Expert id, name and the reason for each")
    digest = models.CharField("名单摘要", max_length=64)
    seed = models.CharField("种子", max_length=64)
    outcome = models.JSONField("结果", help_text="Expert ids in drawn order")
    reserves = models.JSONField(
        "候补", default=list, db_default=[], blank=True, help_text="Expert ids in drawn order"
    )
    wanted = models.PositiveSmallIntegerField("抽取人数")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("抽取时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "抽取记录"
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.panel} {self.drawn_at:%Y-%m-%d}"


class PanelMember(models.Model):
    """An expert on a panel."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="members", verbose_name="专家组")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="panel_memberships", verbose_name="专家")
    is_chair = models.BooleanField("组长", default=False)
    gave_up_chair = models.BooleanField("曾任组长", default=False, db_default=False)
    joined_at = models.DateTimeField("加入时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "专家组成员"
        ordering = ["panel", "id"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "expert"], name="panel_member_once"),
            models.UniqueConstraint(fields=["panel"], condition=Q(is_chair=True), name="one_chair_a_panel"),
        ]

    def __str__(self) -> str:
        return f"{self.panel}：{self.expert}"


class PanelCase(models.Model):
    """An application that a panel reviews, and what the panel says of it in the end."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="cases", verbose_name="专家组")
    application = models.OneToOneField(
        Application, models.PROTECT, related_name="panel_case", verbose_name="申报"
    )
    opinion = models.TextField("专家组审核意见", max_length=2000, blank=True)
    opinion_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="执笔人")
    opinion_at = models.DateTimeField("意见提请签署时间", null=True, editable=False)
    discussed_from = models.DateTimeField("合议开始时间", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "评审件"
        ordering = ["panel", "id"]

    def __str__(self) -> str:
        return str(self.application)


class OpinionSignatureQuerySet(models.QuerySet["OpinionSignature"]):
    def by_those_at_work(self) -> "OpinionSignatureQuerySet":
        """By experts who are still on the case."""
        return self.filter(case__assignments__expert=models.F("expert"), case__assignments__state="CLEAR")


class OpinionSignature(models.Model):
    """An expert's agreement to the panel's opinion on a case, as it read then."""

    case = models.ForeignKey(PanelCase, models.PROTECT, related_name="signatures", verbose_name="评审件")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="专家")
    digest = models.CharField("意见摘要", max_length=64)
    signed_at = models.DateTimeField("签署时间", default=clock.now)

    objects = OpinionSignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见签署"
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "expert", "digest"], name="opinion_signed_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.case}：{self.expert}"


class PlannedPair(models.Model):
    """Who is to review which case of a divided panel, and why this one; becomes an assignment when the panel is seated."""

    case = models.ForeignKey(PanelCase, models.CASCADE, related_name="planned", verbose_name="评审件")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+", verbose_name="专家")
    why = models.CharField("理由", max_length=200)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="调整人")

    class Meta:
        verbose_name = verbose_name_plural = "分配方案"
        ordering = ["case", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "expert"], name="planned_once")]

    def __str__(self) -> str:
        return f"{self.case}：{self.expert}"
