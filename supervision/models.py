from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import User
from applications.models import Application
from core.models import Stateful, only_through_the_door
from decisions.models import NoticeEntry, PublicNotice, Recognition
from policy.sanctions import Ground


class ReReviewQuerySet(models.QuerySet["ReReview"]):
    def with_publication(self) -> "ReReviewQuerySet":
        """Annotated with ``published_at``, when the notice with its result was released; None as long as it was not."""
        released = NoticeEntry.objects.filter(
            application=models.OuterRef("application"),
            notice__kind=PublicNotice.Kind.RE_REVIEW_RESULT,
            notice__state=PublicNotice.State.RELEASED,
        )
        return self.annotate(published_at=models.Subquery(released.values("notice__released_at")[:1]))


class ReReview(Stateful):
    """The two-yearly re-review that a title owes (Art. 18); its case is an application in a re-review round."""

    class State(models.TextChoices):
        DUE = "DUE", "待复核"
        PASSED = "PASSED", "合格"
        FAILED = "FAILED", "不合格"

    recognition = models.ForeignKey(
        Recognition, models.PROTECT, related_name="re_reviews", verbose_name="称号"
    )
    due_on = models.DateField("应复核日期")
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, blank=True, related_name="re_review", verbose_name="复核申报"
    )
    state = FSMField("状态", default=State.DUE, choices=State.choices, protected=True)
    concluded_on = models.DateField("结论日期", null=True, blank=True)

    objects = ReReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["recognition", "due_on"], name="re_review_once"),
            models.CheckConstraint(
                condition=Q(state__in=["DUE", "PASSED", "FAILED"]), name="re_review_state"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.recognition.enterprise} 复核"

    @transition(state, source=State.DUE, target=State.PASSED, custom={"label": "复核合格"})
    def record_pass(self, *, concluded_on) -> None:
        self.concluded_on = concluded_on

    @transition(state, source=State.DUE, target=State.FAILED, custom={"label": "复核不合格"})
    def record_failure(self, *, concluded_on) -> None:
        self.concluded_on = concluded_on


class Revocation(models.Model):
    """Why a title was revoked (第十九条), decided when and by whom; written before the title itself is revoked."""

    recognition = models.OneToOneField(
        Recognition, models.PROTECT, related_name="revocation", verbose_name="称号"
    )
    ground = models.CharField("情形", max_length=1, choices=Ground.choices())
    reason = models.TextField("事实和依据", max_length=2000)
    decided_on = models.DateField("决定日期")
    barred_until = models.DateField(
        "不得重新申请至", null=True, blank=True, help_text="The last day, if the ground bars (第二十条)"
    )
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="决定人")

    class Meta:
        verbose_name = verbose_name_plural = "撤销"
        ordering = ["-decided_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ground__in=sorted(Ground)), name="revocation_ground"),
        ]

    def __str__(self) -> str:
        return f"{self.recognition.enterprise} 撤销"

    @property
    def clause(self) -> str:
        return Ground(self.ground).clause
