from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import Expert, User
from applications.models import Application, Round
from core import clock
from core.models import Stateful, append_only, only_through_the_door
from review.conditions import every_case_reviewed, panel_is_odd_and_full


class Panel(Stateful):
    """The experts who review some of a round's cases together (Art. 16); odd, five by default."""

    class State(models.TextChoices):
        FORMING = "FORMING", "组建中"
        SEATED = "SEATED", "已组成"
        CONCLUDED = "CONCLUDED", "已结束"

    round = models.ForeignKey(Round, models.PROTECT, related_name="panels", verbose_name="批次")
    name = models.CharField("名称", max_length=40)
    state = FSMField("状态", default=State.FORMING, choices=State.choices, protected=True)
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

    @transition(
        state,
        source=State.FORMING,
        target=State.SEATED,
        conditions=[panel_is_odd_and_full],
        custom={"label": "组成专家组"},
    )
    def seat(self) -> None:
        """The members are told and asked to declare conflicts of interest."""

    @transition(
        state,
        source=State.SEATED,
        target=State.CONCLUDED,
        conditions=[every_case_reviewed],
        custom={"label": "结束本组评审"},
    )
    def conclude(self) -> None:
        """Every case of the panel has its score."""

    @transition(state, source=State.CONCLUDED, target=State.SEATED, custom={"label": "重开本组评审"})
    def reopen(self) -> None:
        """The review of one of its cases is open again."""


class Draw(models.Model):
    """A random draw of experts for a panel, or for one case of it that a recusal left short.

    The eligible, the seed and the outcome are kept, so that anyone can replay it.
    """

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="draws", verbose_name="专家组")
    case = models.ForeignKey(
        "PanelCase", models.PROTECT, null=True, related_name="draws", verbose_name="补抽的评审件"
    )
    reason = models.CharField("补抽原因", max_length=300, blank=True)
    eligible = models.JSONField(
        "可抽名单",
        help_text="Expert id, name and unit, ascending by id, frozen before the seed was taken",
    )
    excluded = models.JSONField("排除名单", default=list, help_text="Expert id, name and the reason for each")
    digest = models.CharField("名单摘要", max_length=64)
    seed = models.CharField("种子", max_length=64)
    outcome = models.JSONField("结果", help_text="Expert ids in drawn order")
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

    class Meta:
        verbose_name = verbose_name_plural = "评审件"
        ordering = ["panel", "id"]

    def __str__(self) -> str:
        return str(self.application)
