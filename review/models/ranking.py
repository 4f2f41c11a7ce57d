from django.db import models

from accounts.models import User
from applications.models import Application, Round
from core import clock
from core.models import append_only


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
