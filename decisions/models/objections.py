from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.roles import is_municipal_handler, reads_everything
from applications.models import Application
from core import clock
from core.models import Stateful, only_through_the_door
from decisions.conditions import bears_no_name, facts_answered, under_real_name
from decisions.models.notices import PublicNotice


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user) -> "ObjectionQuerySet":
        """The bureau and the auditor; never who objected, which is ``Objector.objects.visible_to``."""
        return self if reads_everything(user) else self.none()

    def open(self) -> "ObjectionQuerySet":
        """Objections under a real name that nobody has answered yet; they hold their entry up."""
        return self.exclude(kind=Objection.Kind.LEAD).filter(
            state__in=[Objection.State.RECEIVED, Objection.State.HANDLING]
        )


class Objection(Stateful):
    """An objection under a real name during publicity; an anonymous letter is a lead and holds nothing up."""

    class Kind(models.TextChoices):
        PERSON = "PERSON", "个人实名"
        UNIT = "UNIT", "单位（加盖公章）"
        LEAD = "LEAD", "线索（未署名）"

    class State(models.TextChoices):
        RECEIVED = "RECEIVED", "待受理"
        HANDLING = "HANDLING", "处理中"
        DISMISSED = "DISMISSED", "不成立"
        UPHELD = "UPHELD", "成立"
        LOGGED = "LOGGED", "已登记线索"

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name="公示")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="objections", verbose_name="对象"
    )
    receipt_number = models.CharField("收件号", max_length=24, unique=True)
    follow_up_code = models.CharField("查询码", max_length=16)
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    facts = models.TextField("事实和理由", max_length=5000)
    evidence = models.FileField("证据", upload_to="objections/%Y/", blank=True)
    evidence_name = models.CharField("证据文件名", max_length=200, blank=True)
    received_at = models.DateTimeField("收件时间", default=clock.now)
    due_on = models.DateField(
        "办理期限", null=True, help_text="Working days as set for the round; unknown while the calendar is"
    )
    state = FSMField("状态", default=State.RECEIVED, choices=State.choices, protected=True)
    answer = models.TextField("处理结果", max_length=2000, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["PERSON", "UNIT", "LEAD"]), name="objection_kind"),
            models.CheckConstraint(
                condition=Q(state__in=["RECEIVED", "HANDLING", "DISMISSED", "UPHELD", "LOGGED"]),
                name="objection_state",
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return self.receipt_number

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RECEIVED, self.State.HANDLING)

    @transition(
        state,
        source=State.RECEIVED,
        target=State.HANDLING,
        conditions=[under_real_name],
        custom={"label": "受理异议"},
    )
    def accept(self) -> None:
        """The contested entry is held; the others go on."""

    @transition(
        state,
        source=State.HANDLING,
        target=State.DISMISSED,
        conditions=[facts_answered],
        custom={"label": "认定异议不成立"},
    )
    def dismiss(self) -> None:
        self.closed_at = clock.now()

    @transition(
        state,
        source=State.HANDLING,
        target=State.UPHELD,
        conditions=[facts_answered],
        custom={"label": "认定异议成立"},
    )
    def uphold(self) -> None:
        self.closed_at = clock.now()

    @transition(
        state,
        source=State.RECEIVED,
        target=State.LOGGED,
        conditions=[bears_no_name],
        custom={"label": "登记为线索"},
    )
    def log_as_lead(self) -> None:
        self.closed_at = clock.now()


class ObjectorQuerySet(models.QuerySet["Objector"]):
    def visible_to(self, user) -> "ObjectorQuerySet":
        """Only the officers who handle objections; neither their leader nor the auditor."""
        return self if is_municipal_handler(user) else self.none()


class Objector(models.Model):
    """Who objected: kept apart from the objection, shown to nobody but the handling officers."""

    objection = models.OneToOneField(Objection, models.PROTECT, related_name="objector", verbose_name="异议")
    name = models.CharField("姓名或单位", max_length=100)
    mobile = models.CharField("手机", max_length=20)
    email = models.EmailField("邮箱", blank=True)
    seal_scan = models.FileField("单位盖章件", upload_to="objections/%Y/", blank=True)
    seal_scan_name = models.CharField("盖章件文件名", max_length=200, blank=True)

    objects = ObjectorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "异议人"

    def __str__(self) -> str:
        return "异议人"
