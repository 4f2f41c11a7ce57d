"""Measures, their articles and conditions, and the tables a measure is read with, as rows.

Each row turns itself into the plain value the rules take; no rule reads a row.
"""

import unicodedata
from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from policy.articles import article_label
from policy.conditions import ConditionSpec
from policy.eligibility import RULES
from policy.industry_names import CLASS_BY_WORD
from policy.sanctions import Ground
from policy.scoring import CriterionSpec, SchemeSpec
from policy.validity import Renewal, Validity, document_in_force
from policy.workdays import Calendar


def default_barring_grounds() -> list[str]:
    return [Ground.MISSED_RE_REVIEW.value, Ground.TERMINATED.value, Ground.FRAUD_OR_VIOLATION.value]


class MeasureQuerySet(models.QuerySet["Measure"]):
    def standing_on(self, day: date) -> "Measure | None":
        """The measure in force on that day; when there is none the last to have begun, else the newest (two queries)."""
        measures = list(self.prefetch_related("renewals"))
        in_force = (one for one in measures if document_in_force(one.validity(), on=day))
        begun = (one for one in measures if one.effective_from <= day)
        return next(in_force, None) or next(begun, None) or next(iter(measures), None)


class Measure(models.Model):
    """One version of the recognition measure (管理办法), with the numbers of its procedure."""

    document_number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=200)
    issued_on = models.DateField("印发日期")
    effective_from = models.DateField("施行日期")
    effective_until = models.DateField("有效期至")
    repealed_from = models.DateField("提前废止之日", null=True, editable=False)
    re_review_interval_years = models.PositiveSmallIntegerField("复核间隔（年）", default=2)
    change_filing_working_days = models.PositiveSmallIntegerField("变更备案期限（工作日）", default=30)
    bar_years = models.PositiveSmallIntegerField("不得重新申请（年）", default=3)
    barring_grounds = models.JSONField("不得重新申请的情形", default=default_barring_grounds)
    title_awarded = models.CharField("授予称号", max_length=100)
    awarding_body = models.CharField("认定机关", max_length=100)
    source_url = models.URLField("原文链接", max_length=300, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "管理办法"
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_from__lte=F("effective_until")), name="measure_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(issued_on__lte=F("effective_from")), name="measure_issued_before_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(repealed_from__gt=F("effective_from")), name="measure_repealed_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(
                    re_review_interval_years__gte=1, change_filing_working_days__gte=1, bar_years__gte=1
                ),
                name="measure_numbers_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.document_number}）"

    def condition_specs(self) -> list[ConditionSpec]:
        """The conditions in the order of the text (one query)."""
        return [condition.spec() for condition in self.conditions.all()]

    def validity(self) -> Validity:
        """Days in force with every recorded renewal (one query)."""
        return Validity(
            document_number=self.document_number,
            effective_from=self.effective_from,
            effective_until=self.effective_until,
            renewals=tuple(
                Renewal(renewal.document_number, renewal.issued_on, renewal.valid_until)
                for renewal in self.renewals.all()
            ),
            repealed_from=self.repealed_from,
        )


class MeasureRenewal(models.Model):
    """A recorded document that prolongs a measure (第二十五条)."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="renewals", verbose_name="管理办法")
    document_number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("名称", max_length=200)
    issued_on = models.DateField("印发日期")
    valid_until = models.DateField("有效期至")
    source_url = models.URLField("原文链接", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "有效期延续文件"
        ordering = ["issued_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__lte=F("valid_until")), name="renewal_ends_after_it_is_issued"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.document_number}）"


class Article(models.Model):
    """The text of one article, so that any page can open what it cites."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="articles", verbose_name="管理办法")
    number = models.PositiveSmallIntegerField("条", validators=[MinValueValidator(1)])
    chapter = models.CharField("章", max_length=60)
    text = models.TextField("条文")

    class Meta:
        verbose_name = verbose_name_plural = "条文"
        ordering = ["measure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "number"], name="article_number_once_per_measure"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=99), name="article_number_printable"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return article_label(self.number)


class MeasureCondition(models.Model):
    """A condition of a measure: the rule that judges it, its numbers, and the group of which one suffices."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="conditions", verbose_name="管理办法")
    clause = models.CharField("条款", max_length=60)
    article_number = models.PositiveSmallIntegerField("条")
    title = models.CharField("条件", max_length=60)
    rule = models.CharField("规则", max_length=40, choices=[(name, name) for name in RULES])
    numbers = models.JSONField("参数", default=dict, blank=True)
    blocking = models.BooleanField("不满足时不能提交", default=True)
    group = models.CharField("满足其一即可的组", max_length=40, blank=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "申报条件"
        ordering = ["measure", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "position"], name="condition_position_once_per_measure"
            ),
            models.UniqueConstraint(fields=["measure", "rule"], name="condition_rule_once_per_measure"),
            models.CheckConstraint(condition=Q(rule__in=list(RULES)), name="condition_rule_known"),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.title}"

    def spec(self) -> ConditionSpec:
        return ConditionSpec(
            rule=self.rule,
            clause=self.clause,
            article=self.article_number,
            title=self.title,
            group=self.group,
            blocking=self.blocking,
            numbers=self.numbers,
        )


class ServiceMode(models.Model):
    """One of the six modes of service-oriented manufacturing (第六条至第十一条)."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    article_number = models.PositiveSmallIntegerField("条")
    position = models.PositiveSmallIntegerField("次序", unique=True)
    description = models.TextField("条文")

    class Meta:
        verbose_name = verbose_name_plural = "服务型制造模式"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class IndustryLevel(models.TextChoices):
    DIVISION = "DIVISION", "大类"
    GROUP = "GROUP", "中类"
    CLASS = "CLASS", "小类"


class IndustryQuerySet(models.QuerySet["Industry"]):
    def classes(self) -> "IndustryQuerySet":
        return self.filter(level=IndustryLevel.CLASS)

    def matching(self, words: str) -> "IndustryQuerySet":
        """Rows of which every word is in the name, stands for it or begins the code; C3464 is understood."""
        found = self
        for word in unicodedata.normalize("NFKC", words).split():
            begins = Q(code__startswith=word.upper().removeprefix("C"))
            found = found.filter(Q(name__icontains=word) | begins | Q(code=CLASS_BY_WORD.get(word, "")))
        return found


class Industry(models.Model):
    """A row of GB/T 4754-2017 section C: two-digit divisions, three-digit groups, four-digit classes."""

    code = models.CharField("代码", max_length=4, primary_key=True)
    name = models.CharField("名称", max_length=80)
    level = models.CharField("层级", max_length=8, choices=IndustryLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    objects = IndustryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "国民经济行业（GB/T 4754—2017门类C）"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level="DIVISION", code__regex=r"^[0-9]{2}$", parent=None)
                | Q(level="GROUP", code__regex=r"^[0-9]{3}$", parent__isnull=False)
                | Q(level="CLASS", code__regex=r"^[0-9]{4}$", parent__isnull=False),
                name="industry_code_fits_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_code} {self.name}"

    @property
    def full_code(self) -> str:
        """With the letter of its section: C3464."""
        return f"C{self.code}"


class CalendarQuerySet(models.QuerySet["CalendarDay"]):
    def calendar(self) -> Calendar:
        """All known days as the value the rules take (one query)."""
        return Calendar(dict(self.values_list("date", "is_working")))

    def out_of_the_ordinary(self) -> "CalendarQuerySet":
        """Holidays, rest on a weekday, work on a weekend, and whatever the bureau has changed."""
        weekend = Q(date__iso_week_day__gte=6)
        return self.filter(
            Q(weekend, is_working=True)
            | Q(~weekend, is_working=False)
            | Q(~Q(name=""), is_working=False)
            | Q(source=CalendarSource.BUREAU)
        )


class CalendarSource(models.TextChoices):
    LIBRARY = "LIBRARY", "国务院安排（程序库）"
    BUREAU = "BUREAU", "市局调整"


class CalendarDay(models.Model):
    """Whether a day is worked. A day without a row is not yet known."""

    date = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("是否工作日")
    name = models.CharField("节日或说明", max_length=40, blank=True)
    source = models.CharField(
        "来源", max_length=8, choices=CalendarSource.choices, default=CalendarSource.BUREAU
    )

    objects = CalendarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=CalendarSource.values), name="calendar_source_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {'班' if self.is_working else '休'}"


class ScoringScheme(models.Model):
    """How experts score: grades, the trimmed mean and what counts as far from the others."""

    name = models.CharField("名称", max_length=60, unique=True)
    excellent_from = models.DecimalField("优秀（分及以上）", max_digits=5, decimal_places=2, default=90)
    good_from = models.DecimalField("良好（分及以上）", max_digits=5, decimal_places=2, default=75)
    pass_from = models.DecimalField("合格（分及以上）", max_digits=5, decimal_places=2, default=60)
    outlier_distance = models.DecimalField("离群分差", max_digits=5, decimal_places=2, default=15)
    step = models.DecimalField("评分最小单位", max_digits=3, decimal_places=2, default="0.5")
    dropped_each_end = models.PositiveSmallIntegerField("去掉最高最低各几个", default=1)
    panel_size = models.PositiveSmallIntegerField("专家组人数", default=5)

    class Meta:
        verbose_name = verbose_name_plural = "评分方案"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_from__gt=0, good_from__gt=F("pass_from"), excellent_from__gt=F("good_from")),
                name="scheme_grades_ascend",
            ),
            models.CheckConstraint(
                condition=Q(step__gt=0, outlier_distance__gt=0), name="scheme_numbers_positive"
            ),
            models.CheckConstraint(
                condition=Q(panel_size__gt=F("dropped_each_end") * 2), name="scheme_panel_outlasts_trimming"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def spec(self) -> SchemeSpec:
        """The scheme with its criteria as a plain value (one query)."""
        return SchemeSpec(
            name=self.name,
            criteria=tuple(criterion.spec() for criterion in self.criteria.all()),
            excellent_from=self.excellent_from,
            good_from=self.good_from,
            pass_from=self.pass_from,
            outlier_distance=self.outlier_distance,
            step=self.step,
            dropped_each_end=self.dropped_each_end,
            panel_size=self.panel_size,
        )


class Criterion(models.Model):
    scheme = models.ForeignKey(
        ScoringScheme, models.PROTECT, related_name="criteria", verbose_name="评分方案"
    )
    key = models.SlugField("代码", max_length=40)
    name = models.CharField("名称", max_length=40)
    maximum = models.DecimalField("满分", max_digits=5, decimal_places=2)
    guidance = models.TextField("看什么", blank=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "评分项"
        ordering = ["scheme", "position"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "key"], name="criterion_key_once_per_scheme"),
            models.UniqueConstraint(fields=["scheme", "position"], name="criterion_position_once_per_scheme"),
            models.CheckConstraint(condition=Q(maximum__gt=0), name="criterion_maximum_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    def spec(self) -> CriterionSpec:
        return CriterionSpec(self.key, self.name, self.maximum, self.guidance)
