from collections.abc import Callable
from datetime import date

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import User
from accounts.roles import reads_everything
from applications.models import Application, Round
from core import clock
from core.models import Stateful, only_through_the_door
from decisions.conditions import (
    list_agrees_with_its_source,
    measure_in_force_on_release,
    notice_complete,
    sent_for_signature,
    text_names_its_days,
)
from decisions.models.meetings import Meeting
from policy.deadlines import PublicityWindow, announcement_earliest

READY: list[Callable[[models.Model], bool]] = [
    notice_complete,
    text_names_its_days,
    measure_in_force_on_release,
    list_agrees_with_its_source,
]


class PublicNoticeQuerySet(models.QuerySet["PublicNotice"]):
    def visible_to(self, user) -> "PublicNoticeQuerySet":
        return self if reads_everything(user) else self.released()

    def released(self) -> "PublicNoticeQuerySet":
        return self.filter(state=PublicNotice.State.RELEASED)

    def awaiting_signature_of(self, user) -> "PublicNoticeQuerySet":
        """Drafts handed in for the signature of another than who drafted them."""
        return self.filter(state=PublicNotice.State.DRAFT, sent_at__isnull=False).exclude(drafted_by=user)

    def in_publicity_on(self, day: date) -> "PublicNoticeQuerySet":
        """Publicity that runs on a day; one whose last day is not known yet still runs."""
        return (
            self.released()
            .filter(kind=PublicNotice.Kind.PUBLICITY, starts_on__lte=day)
            .filter(Q(ends_on__gte=day) | Q(ends_on__isnull=True))
        )

    def publicised_after(self, day: date) -> "PublicNoticeQuerySet":
        """Publicity that is released and has not begun."""
        return self.released().filter(kind=PublicNotice.Kind.PUBLICITY, starts_on__gt=day)


class PublicNotice(Stateful):
    """公示, 公布, 复核结果通报 or 撤销决定: drafted, inspected, then released at once (Art. 16–19)."""

    class Kind(models.TextChoices):
        CALL = "CALL", "通知"
        PUBLICITY = "PUBLICITY", "公示"
        ANNOUNCEMENT = "ANNOUNCEMENT", "公布"
        RE_REVIEW_RESULT = "RE_REVIEW_RESULT", "复核结果"
        REVOCATION = "REVOCATION", "撤销"

    class State(models.TextChoices):
        DRAFT = "DRAFT", "拟稿"
        RELEASED = "RELEASED", "已发布"

    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    round = models.ForeignKey(Round, models.PROTECT, related_name="notices", verbose_name="批次")
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="会议"
    )
    publicity = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="announcements",
        verbose_name="公示",
        help_text="The publicity that an announcement follows",
    )
    number = models.CharField("文号", max_length=40, blank=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", max_length=5000)
    starts_on = models.DateField("公示开始", null=True, blank=True)
    ends_on = models.DateField("公示截止", null=True, blank=True, editable=False)
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    sent_at = models.DateTimeField("送签时间", null=True, editable=False)
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟稿人")
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    released_at = models.DateTimeField("发布时间", null=True)
    digest = models.CharField("名单摘要", max_length=64, blank=True, editable=False)

    objects = PublicNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公告"
        ordering = ["-released_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["CALL", "PUBLICITY", "ANNOUNCEMENT", "RE_REVIEW_RESULT", "REVOCATION"]),
                name="notice_kind",
            ),
            models.CheckConstraint(condition=Q(state__in=["DRAFT", "RELEASED"]), name="notice_state"),
            models.CheckConstraint(
                condition=~Q(kind="ANNOUNCEMENT") | Q(publicity__isnull=False),
                name="announcement_follows_publicity",
            ),
            models.CheckConstraint(
                condition=~Q(kind="PUBLICITY") | Q(meeting__isnull=False), name="publicity_follows_meeting"
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(kind="PUBLICITY"), name="one_publicity_a_meeting"
            ),
            models.UniqueConstraint(
                fields=["publicity"],
                condition=Q(kind="ANNOUNCEMENT", state="DRAFT"),
                name="one_announcement_in_draft",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="notice_period",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=models.F("drafted_by")),
                name="notice_two_people",
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return self.title

    @property
    def window(self) -> PublicityWindow:
        """The days of a publicity; one with no first day yet has no window."""
        if self.starts_on is None:
            raise ValueError("this notice has no window")
        return PublicityWindow(self.starts_on, self.ends_on, announcement_earliest(self.ends_on))

    def takes_objections_on(self, day: date) -> bool:
        """While publicity runs; also while its last day is not known yet."""
        is_running = (
            self.kind == self.Kind.PUBLICITY
            and self.state == self.State.RELEASED
            and self.window.is_running(on=day)
        )
        return is_running is not False

    @transition(
        state,
        source=State.DRAFT,
        target=State.DRAFT,
        conditions=READY,
        custom={"label": "送签"},
    )
    def send_for_signature(self) -> None:
        self.sent_at = clock.now()

    @transition(
        state,
        source=State.DRAFT,
        target=State.DRAFT,
        conditions=[sent_for_signature],
        custom={"label": "退回拟稿"},
    )
    def hand_back(self) -> None:
        self.sent_at = None

    @transition(
        state,
        source=State.DRAFT,
        target=State.RELEASED,
        conditions=[sent_for_signature, *READY],
        custom={"label": "发布公告"},
    )
    def release(self, *, released_by) -> None:
        self.released_by = released_by
        self.released_at = clock.now()


class NoticeEntry(models.Model):
    """One enterprise on a notice's list, under the name it had that day."""

    notice = models.ForeignKey(PublicNotice, models.CASCADE, related_name="entries", verbose_name="公告")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="notice_entries", verbose_name="申报"
    )
    position = models.PositiveSmallIntegerField("序号")
    enterprise_name = models.CharField("企业名称", max_length=100)
    remark = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公告名单"
        ordering = ["notice", "position"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "application"], name="notice_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.enterprise_name}"


class Omission(models.Model):
    """An enterprise of the list before that a notice leaves out, and why (第十七条)."""

    notice = models.ForeignKey(PublicNotice, models.CASCADE, related_name="omissions", verbose_name="公告")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="omissions", verbose_name="申报"
    )
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "未列入说明"
        ordering = ["notice", "id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "application"], name="omission_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.reason}"
