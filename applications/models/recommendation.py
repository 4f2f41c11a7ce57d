from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.functional import cached_property
from django_fsm import FSMField, transition

from accounts.models import Agency, User
from accounts.roles import CHANNEL, Role, agencies_of, reads_everything
from applications.conditions import (
    batch_not_empty,
    not_handed_back,
    reported_in_time,
    sealed_letter_attached,
)
from applications.models.application import Application
from applications.models.extensions import Extension
from applications.models.rounds import Round
from core import clock
from core.models import Stateful, only_through_the_door

DISTRICT = Extension.Deadline.DISTRICT


class AlreadyListed(Exception):
    """A case has meanwhile been put into another batch or left the state. The message is a sentence for people."""


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: User) -> "RecommendationQuerySet":
        if reads_everything(user):
            return self.exclude(signed_by=None)
        return self.filter(agency__in=agencies_of(user, *CHANNEL))

    def numbered(self) -> "RecommendationQuerySet":
        """Those whose number stands on a document: a draft that was given up was none."""
        return self.exclude(state=Recommendation.State.VOID, signed_by=None)

    def by_deadline(self) -> "RecommendationQuerySet":
        """With ``until``, the report's deadline in force for the channel, the nearest first."""
        granted = Extension.objects.filter(
            round=OuterRef("round"), agency=OuterRef("agency"), deadline=DISTRICT
        )
        latest = models.Subquery(granted.order_by("-until").values("until")[:1])
        return self.annotate(until=Greatest("round__district_deadline", latest)).order_by("until", "id")

    def waiting_for(self, user: User) -> "RecommendationQuerySet":
        """Drafts that this leader may sign, another having prepared them, and what is signed and still to be forwarded.

        What was handed back waits for who prepared it.
        """
        to_sign = Q(agency__in=agencies_of(user, Role.CHANNEL_LEADER), state=Recommendation.State.DRAFT)
        to_forward = Q(agency__in=agencies_of(user, *CHANNEL), state=Recommendation.State.SIGNED)
        return self.filter(to_sign & Q(handed_back_at=None) & ~Q(prepared_by=user) | to_forward)


class Recommendation(Stateful):
    """A batch of vetted cases under one letter (Art. 15): prepared by one person, signed by another, then forwarded."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "拟稿"
        SIGNED = "SIGNED", "已签发"
        FORWARDED = "FORWARDED", "已报送"
        VOID = "VOID", "已作废"

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="recommendations", verbose_name="推荐单位"
    )
    round = models.ForeignKey(Round, models.PROTECT, related_name="recommendations", verbose_name="批次")
    letter_number = models.CharField("文号", max_length=40)
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟稿人")
    prepared_at = models.DateTimeField("拟稿时间", default=clock.now)
    handed_back_at = models.DateTimeField("退回拟稿时间", null=True, editable=False)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    signed_at = models.DateTimeField("签发时间", null=True)
    sealed_letter = models.FileField("盖章推荐函扫描件", upload_to="letters/%Y/", blank=True)
    sealed_letter_name = models.CharField("扫描件文件名", max_length=200, blank=True)
    forwarded_at = models.DateTimeField("报送时间", null=True)
    receipt_number = models.CharField("报送回执号", max_length=24, blank=True, editable=False)
    digest = models.CharField("名单摘要", max_length=64, blank=True, editable=False)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推荐文件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["receipt_number"], condition=~Q(receipt_number=""), name="recommendation_receipt_once"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=models.F("prepared_by")),
                name="recommendation_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "SIGNED", "FORWARDED", "VOID"]), name="recommendation_state"
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.agency} {self.letter_number}"

    @property
    def dated(self) -> date:
        """The day that the letter bears: of the signature, of today while it is a draft."""
        return clock.local(self.signed_at or clock.now()).date()

    @cached_property
    def district_deadline(self) -> datetime:
        """The round's, or as extended for this channel (one query)."""
        granted = Extension.objects.latest_for([self.round], agencies=[self.agency])
        return max(
            self.round.district_deadline, granted.get((self.round_id, DISTRICT), self.round.district_deadline)
        )

    def list_cases(self, chosen: Sequence[tuple[Application, str]], *, by: User) -> None:
        """Make these cases with their remarks, in this order, the whole batch of a draft; ``by`` then is who prepared it.

        Called in a transaction with the row locked. Raises AlreadyListed.
        """
        self.entries.all().delete()
        try:
            with transaction.atomic():
                RecommendationEntry.objects.bulk_create(
                    RecommendationEntry(
                        recommendation=self, application=application, position=position, remark=remark
                    )
                    for position, (application, remark) in enumerate(chosen, start=1)
                )
        except IntegrityError as error:
            raise AlreadyListed("所选企业中有的刚被列入另一批推荐文件，请刷新后重新选择。") from error
        self.prepared_by, self.prepared_at, self.handed_back_at = by, clock.now(), None
        self.save(update_fields=["letter_number", "prepared_by", "prepared_at", "handed_back_at"])

    @transition(
        state,
        source=State.DRAFT,
        target=State.SIGNED,
        conditions=[batch_not_empty, not_handed_back],
        custom={"label": "签发推荐函"},
    )
    def sign(self, *, signer) -> None:
        self.signed_by = signer
        self.signed_at = clock.now()

    @transition(
        state,
        source=State.DRAFT,
        target=State.DRAFT,
        conditions=[not_handed_back],
        custom={"label": "退回拟稿"},
    )
    def hand_back(self) -> None:
        self.handed_back_at = clock.now()

    @transition(
        state,
        source=State.SIGNED,
        target=State.FORWARDED,
        conditions=[batch_not_empty, sealed_letter_attached, reported_in_time],
        custom={"label": "报送市局"},
    )
    def forward(self) -> None:
        self.forwarded_at = clock.now()

    @transition(state, source=State.DRAFT, target=State.VOID, custom={"label": "作废拟稿"})
    def discard(self) -> None:
        """It is never signed; its cases can be listed in another."""

    @transition(state, source=State.SIGNED, target=State.VOID, custom={"label": "作废推荐函"})
    def void(self) -> None:
        """It never goes to the bureau; its cases can be listed in another, its number and digest stay as signed."""


class RecommendationEntry(models.Model):
    """One case in a batch, at its place, with a remark for the summary table."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="entries", verbose_name="推荐文件"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="recommendation_entries", verbose_name="申报"
    )
    position = models.PositiveSmallIntegerField("序号")
    remark = models.CharField("备注", max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(
        "退出时间", null=True, blank=True, help_text="Sent back by the bureau, or given up by the channel"
    )

    class Meta:
        verbose_name = verbose_name_plural = "推荐名单"
        ordering = ["recommendation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "application"], name="entry_once"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(withdrawn_at__isnull=True),
                name="in_one_recommendation_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.application}"
