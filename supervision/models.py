from datetime import date

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from accounts.models import Agency, User
from accounts.roles import CHANNEL, agencies_of
from applications.models import Application
from applications.versions import digest_of
from core import clock
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


class SupportingPolicyQuerySet(models.QuerySet["SupportingPolicy"]):
    def visible_to(self, user) -> "SupportingPolicyQuerySet":
        """On the desk: those of one's own agency. What is published everybody reads."""
        return self.filter(agency__in=agencies_of(user, *CHANNEL))

    def published(self) -> "SupportingPolicyQuerySet":
        return self.filter(state=SupportingPolicy.State.PUBLISHED)

    def over_on(self, day: date) -> "SupportingPolicyQuerySet":
        return self.filter(valid_until__lt=day)


class SupportingPolicy(Stateful):
    """What a district has issued to bring on its service manufacturers (第二十三条); prepared by one person, published by another."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "拟稿"
        PUBLISHED = "PUBLISHED", "已发布"
        WITHDRAWN = "WITHDRAWN", "已撤下"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="区市主管部门")
    title = models.CharField("政策名称", max_length=100)
    document_number = models.CharField("文号", max_length=40)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("施行日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    summary = models.CharField("内容摘要", max_length=500)
    support = models.CharField("支持内容", max_length=500)
    enterprises = models.CharField("适用企业", max_length=300)
    link = models.CharField("原文链接", max_length=300, blank=True)
    file = models.FileField("原文", upload_to="policies/%Y/", blank=True)
    file_name = models.CharField("原文文件名", max_length=200, blank=True)
    file_sha256 = models.CharField("原文摘要", max_length=64, blank=True, editable=False)
    state = FSMField("状态", default=State.DRAFT, choices=State.choices, protected=True)
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟稿人")
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发布人")
    published_at = models.DateTimeField("发布时间", null=True)

    objects = SupportingPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "配套政策"
        ordering = ["agency__position", "-issued_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "PUBLISHED", "WITHDRAWN"]), name="supporting_policy_state"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="supporting_policy_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(link="") | ~Q(file=""), name="supporting_policy_can_be_read"),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=models.F("prepared_by")),
                name="supporting_policy_two_people",
            ),
            models.UniqueConstraint(
                fields=["agency", "document_number"],
                condition=~Q(state="WITHDRAWN"),
                name="supporting_policy_once",
            ),
        ]
        triggers = [only_through_the_door()]

    def __str__(self) -> str:
        return f"{self.title}（{self.document_number}）"

    def digest(self) -> str:
        """Of everything that the public would read."""
        return digest_of(
            [
                self.title,
                self.document_number,
                self.issued_on,
                self.valid_from,
                self.valid_until,
                self.summary,
                self.support,
                self.enterprises,
                self.link,
                self.file_name,
                self.file_sha256,
            ]
        )

    def standing_on(self, day: date) -> tuple[str, str, str]:
        """Word, icon and tone of a badge: whether it is in force on a day, both ends included."""
        if day < self.valid_from:
            return "尚未施行", "hourglass-split", "info"
        if self.valid_until and self.valid_until < day:
            return "已过有效期", "clock-history", "neutral"
        return "有效", "", "met"

    @transition(state, source=State.DRAFT, target=State.PUBLISHED, custom={"label": "发布政策"})
    def publish(self, *, publisher) -> None:
        self.published_by = publisher
        self.published_at = clock.now()

    @transition(state, source=State.DRAFT, target=State.WITHDRAWN, custom={"label": "作废拟稿"})
    def discard(self) -> None:
        """The draft is given up; nobody outside has read it."""

    @transition(state, source=State.PUBLISHED, target=State.WITHDRAWN, custom={"label": "撤下政策"})
    def withdraw(self) -> None:
        """It leaves the public page and stays on record."""
