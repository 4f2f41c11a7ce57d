from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import User
from accounts.roles import reads_everything
from applications.models import Application, Round
from core.models import Stateful, only_through_the_door
from decisions.conditions import meeting_record_complete


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user) -> "MeetingQuerySet":
        """The bureau's own records: its officers and the auditor."""
        return self if reads_everything(user) else self.none()


class Meeting(Stateful):
    """A meeting of the bureau's Party group that deliberates on a list (Art. 16)."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "待记录"
        CONFIRMED = "CONFIRMED", "已确认"

    round = models.ForeignKey(Round, models.PROTECT, related_name="meetings", verbose_name="批次")
    number = models.CharField("会议名称", max_length=60, help_text="例如：2026年第14次局党组会议")
    held_on = models.DateField("会议日期", null=True, blank=True)
    place = models.CharField("地点", max_length=60, blank=True)
    chaired_by = models.CharField("主持人", max_length=40, blank=True)
    recorded_by = models.CharField("记录人", max_length=40, blank=True)
    attendance = models.TextField("出席情况", max_length=500, blank=True)
    minutes = models.FileField("会议纪要", upload_to="minutes/%Y/", blank=True)
    minutes_name = models.CharField("纪要文件名", max_length=200, blank=True)
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    proposed_digest = models.CharField("议题名单摘要", max_length=64, blank=True, editable=False)
    approved_digest = models.CharField("审议通过名单摘要", max_length=64, blank=True, editable=False)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "党组会议"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(state="DRAFT"), name="one_meeting_in_preparation"
            ),
            models.UniqueConstraint(fields=["round", "number"], name="meeting_once_a_round"),
            models.CheckConstraint(condition=Q(state__in=["DRAFT", "CONFIRMED"]), name="meeting_state"),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return self.number

    @transition(
        state,
        source=State.DRAFT,
        target=State.CONFIRMED,
        conditions=[meeting_record_complete],
        custom={"label": "确认会议决定"},
    )
    def confirm(self, *, confirmed_by) -> None:
        self.confirmed_by = confirmed_by


class AgendaItem(models.Model):
    """One enterprise before the Party group, and what was decided about it."""

    class Decision(models.TextChoices):
        APPROVED = "APPROVED", "通过"
        REJECTED = "REJECTED", "不通过"
        DEFERRED = "DEFERRED", "暂缓"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="会议")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="agenda_items", verbose_name="申报"
    )
    position = models.PositiveSmallIntegerField("序号")
    enterprise_name = models.CharField("企业名称", max_length=100)
    decision = models.CharField("决定", max_length=8, choices=Decision.choices, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "议题"
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "application"], name="agenda_item_once"),
            models.CheckConstraint(
                condition=Q(decision__in=["", "APPROVED", "REJECTED", "DEFERRED"]), name="agenda_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.enterprise_name}"
