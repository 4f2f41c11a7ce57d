from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import Enterprise
from accounts.roles import enterprises_of, reads_everything
from applications.models import Application
from core.models import Stateful, only_through_the_door
from decisions.conditions import plaque_ready
from decisions.models.notices import PublicNotice


class RecognitionQuerySet(models.QuerySet["Recognition"]):
    def visible_to(self, user) -> "RecognitionQuerySet":
        """A holder sees the own titles here; what everybody may know of them stands in the directory."""
        return self if reads_everything(user) else self.filter(enterprise__in=enterprises_of(user))

    def in_force(self) -> "RecognitionQuerySet":
        return self.exclude(state=Recognition.State.REVOKED)


class Recognition(Stateful):
    """The title “威海市服务型制造示范企业” of one enterprise, with its plaque (Art. 17)."""

    class State(models.TextChoices):
        ANNOUNCED = "ANNOUNCED", "已公布"
        AWARDED = "AWARDED", "已授牌"
        REVOKED = "REVOKED", "已撤销"

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="recognitions", verbose_name="企业"
    )
    application = models.OneToOneField(
        Application, models.PROTECT, related_name="recognition", verbose_name="申报"
    )
    announcement = models.ForeignKey(
        PublicNotice, models.PROTECT, related_name="recognitions", verbose_name="公布通知"
    )
    announced_on = models.DateField("公布日期")
    state = FSMField("状态", default=State.ANNOUNCED, choices=State.choices, protected=True)
    re_review_due_on = models.DateField("应复核日期")

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "称号"
        ordering = ["-announced_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=~Q(state="REVOKED"), name="one_title_in_force"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ANNOUNCED", "AWARDED", "REVOKED"]), name="recognition_state"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.enterprise} 称号"

    @transition(
        state,
        source=State.ANNOUNCED,
        target=State.AWARDED,
        conditions=[plaque_ready],
        custom={"label": "授予牌匾"},
    )
    def award(self) -> None:
        """The plaque has been handed over."""

    @transition(
        state, source=[State.ANNOUNCED, State.AWARDED], target=State.REVOKED, custom={"label": "撤销称号"}
    )
    def revoke(self) -> None:
        """第十九条"""


class Plaque(models.Model):
    """The plaque of a title: its serial is public and leads to the check page."""

    recognition = models.OneToOneField(
        Recognition, models.PROTECT, related_name="plaque", verbose_name="称号"
    )
    serial = models.CharField("编号", max_length=24, unique=True)
    title = models.CharField("牌匾名称", max_length=60)
    awarding_body = models.CharField("授牌单位", max_length=60)
    dated = models.DateField("落款年月")
    awarded_on = models.DateField("授牌日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "牌匾"
        ordering = ["serial"]

    def __str__(self) -> str:
        return self.serial
