from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application, Round
from core import clock
from core.models import append_only


class SiteVisit(models.Model):
    """Whether a case was visited, by whom and what was found; or why a visit was not needed (Art. 16)."""

    class Conclusion(models.TextChoices):
        TRUE = "TRUE", "属实"
        PARTLY = "PARTLY", "部分不符"
        FALSE = "FALSE", "不属实"

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="site_visit", verbose_name="申报"
    )
    is_needed = models.BooleanField("需要考察")
    reason = models.CharField("理由", max_length=500)
    planned_at = models.DateTimeField("计划考察时间", null=True, blank=True)
    officers = models.JSONField(
        "考察组工作人员", default=list, db_default=[], blank=True, help_text="Ids of users"
    )
    experts = models.JSONField(
        "考察组专家", default=list, db_default=[], blank=True, help_text="Ids of experts"
    )
    visited_on = models.DateField("考察日期", null=True, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    visitors = models.CharField("其他考察人员", max_length=200, blank=True)
    received_by = models.CharField("企业在场人员", max_length=120, blank=True)
    inspected = models.TextField("考察内容", max_length=2000, blank=True)
    originals_compared = models.TextField("核对原件", max_length=2000, blank=True)
    discrepancies = models.TextField("不符情况", max_length=2000, blank=True)
    conclusion = models.CharField("结论", max_length=6, choices=Conclusion.choices, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "现场考察"
        constraints = [
            models.CheckConstraint(
                condition=Q(conclusion__in=["", "TRUE", "PARTLY", "FALSE"]), name="site_visit_conclusion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} 现场考察"

    @property
    def is_settled(self) -> bool:
        return not self.is_needed or bool(self.visited_on and self.conclusion)


class SitePhotoQuerySet(models.QuerySet["SitePhoto"]):
    def shown(self) -> "SitePhotoQuerySet":
        return self.filter(removed_at=None)


class SitePhoto(models.Model):
    """A photo taken on a visit; where it was taken is not in the file any more. One taken in by mistake is shown to nobody."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="site_photos", verbose_name="申报"
    )
    file = models.FileField("照片", upload_to="site-photos")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    taken_at = models.DateTimeField("上传时间", default=clock.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = SitePhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考察照片"
        ordering = ["application", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "sha256"], condition=Q(removed_at=None), name="site_photo_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class VisitSignature(models.Model):
    """One of the visitors confirms the record as it read then."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="visit_signatures", verbose_name="申报"
    )
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="签字人")
    digest = models.CharField("记录摘要", max_length=64)
    signed_at = models.DateTimeField("签字时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "考察记录签字"
        constraints = [
            models.UniqueConstraint(fields=["application", "signed_by", "digest"], name="visit_signed_once"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.application}：{self.signed_by}"


class RankingQuerySet(models.QuerySet["Ranking"]):
    def standing(self) -> "RankingQuerySet":
        """Those that have not been unfrozen: one of a round at most."""
        return self.filter(unfreezing=None)


class Ranking(models.Model):
    """The order of a round's reviewed cases, frozen with a digest over everything it was worked out from (Art. 13, 16).

    What has to change later is unfrozen with a reason and frozen anew; the one before stays as it was.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="rankings", verbose_name="批次")
    number = models.PositiveSmallIntegerField("第几次", db_default=1)
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="冻结人")
    frozen_at = models.DateTimeField("冻结时间", default=clock.now)
    quota = models.PositiveSmallIntegerField("名额", null=True)
    minimum = models.DecimalField("最低分", max_digits=5, decimal_places=2, null=True)
    seats_left = models.PositiveSmallIntegerField("额度线上待定名额", default=0)
    inputs = models.JSONField("依据")
    digest = models.CharField("摘要", max_length=64)

    objects = RankingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排序"
        ordering = ["round", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="ranking_number_once")]
        triggers = append_only()

    def __str__(self) -> str:
        again = f"（第 {self.number} 次）" if self.number > 1 else ""
        return f"{self.round} 排序{again}"


class Unfreezing(models.Model):
    """Why a frozen ranking no longer stands; what it rested on and every place in it are kept."""

    ranking = models.OneToOneField(Ranking, models.PROTECT, related_name="unfreezing", verbose_name="排序")
    reason = models.TextField("原因", max_length=1000)
    unfrozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    unfrozen_at = models.DateTimeField("时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "解除冻结"
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.ranking} 解除冻结"


class RankingEntryQuerySet(models.QuerySet["RankingEntry"]):
    def standing(self) -> "RankingEntryQuerySet":
        """In the rankings that stand: one of a case at most."""
        return self.filter(ranking__unfreezing=None)


class RankingEntry(models.Model):
    """One case in a frozen ranking."""

    ranking = models.ForeignKey(Ranking, models.CASCADE, related_name="entries", verbose_name="排序")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="ranking_entries", verbose_name="申报"
    )
    rank = models.PositiveSmallIntegerField("名次")
    is_tied = models.BooleanField("并列", default=False)
    is_on_quota_line = models.BooleanField("额度线上并列", default=False)
    is_within_quota = models.BooleanField("额度之内", default=False)
    score = models.DecimalField("均分", max_digits=5, decimal_places=2)
    category = models.CharField("亩产效益", max_length=1, blank=True)
    explanation = models.CharField("同分时的排法", max_length=200, blank=True)

    objects = RankingEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名次"
        ordering = ["ranking", "rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ranking", "application"], name="ranked_once_in_a_ranking")
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rank} {self.application}"

    @property
    def rank_text(self) -> str:
        return f"{self.rank}{'=' if self.is_tied else ''}"


class TieDecision(models.Model):
    """Whom people chose among those tied at the quota line, and why; the frozen ranking itself stays as it is."""

    ranking = models.OneToOneField(Ranking, models.PROTECT, related_name="tie_decision", verbose_name="排序")
    chosen = models.JSONField("选定", help_text="Ids of the entries, append-only with the row")
    reason = models.TextField("集体研究的理由", max_length=1000)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    decided_at = models.DateTimeField("时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "并列取舍"
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.ranking} 并列取舍"
