from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string

from accounts.models import User
from applications.models.application import Application
from core import clock
from policy.facts import AccidentLevel, Answer
from policy.models import ServiceMode


class Section(models.TextChoices):
    """The parts of the 申报书, in the order of the task list."""

    BASIC = "BASIC", "企业基本信息"
    FIGURES = "FIGURES", "三年指标"
    SERVICE_UNIT = "SERVICE_UNIT", "服务部门或服务公司"
    PROJECTS = "PROJECTS", "服务型制造项目"
    CAPABILITY = "CAPABILITY", "数字化和知识产权"
    NARRATIVE = "NARRATIVE", "申报正文"
    ATTACHMENTS = "ATTACHMENTS", "附件"
    COMMITMENT = "COMMITMENT", "封面与真实性承诺"


class SectionSave(models.Model):
    """Who saved a section last, and how often it has been saved: two tabs or two colleagues never overwrite silently."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="section_saves", verbose_name="申报"
    )
    section = models.CharField("部分", max_length=14, choices=Section.choices)
    revision = models.PositiveIntegerField("次数", default=0)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    saved_at = models.DateTimeField("保存时间", default=clock.now)
    rejected = models.JSONField(
        "未能采用的内容",
        default=dict,
        blank=True,
        help_text="Field name → what was typed and could not be taken; shown again until it is mended",
    )
    carried_from = models.CharField(
        "沿用自", max_length=80, blank=True, help_text="Whose content stands here until somebody confirms it"
    )

    class Meta:
        verbose_name = verbose_name_plural = "保存记录"
        constraints = [
            models.UniqueConstraint(fields=["application", "section"], name="section_save_once"),
            models.CheckConstraint(
                condition=Q(section__in=sorted(Section.values)), name="section_save_section"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()} {self.revision}"


class ConductAnswer(models.Model):
    """The answer to one of the three questions of 第十二条第2项 and, when something happened, what and when."""

    class Question(models.TextChoices):
        ACCIDENTS = "ACCIDENTS", "近两年内发生重大质量、环保或安全等事故"
        VIOLATIONS = "VIOLATIONS", "近两年内有违法行为"
        INVESTIGATION = "INVESTIGATION", "涉嫌违法正在接受有关部门审查"

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="conduct_answers", verbose_name="申报"
    )
    question = models.CharField("问题", max_length=14, choices=Question.choices)
    answer = models.CharField("回答", max_length=10, choices=Answer.choices())
    level = models.CharField("事故等级", max_length=12, choices=AccidentLevel.choices(), blank=True)
    occurred_on = models.DateField("日期", null=True, blank=True)
    document = models.CharField("文书名称和文号", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "近两年情况"
        ordering = ["application", "question"]
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="conduct_answer_once"),
            models.CheckConstraint(
                condition=Q(question__in=["ACCIDENTS", "VIOLATIONS", "INVESTIGATION"]),
                name="conduct_question",
            ),
            models.CheckConstraint(condition=Q(answer__in=sorted(Answer)), name="conduct_answer"),
            models.CheckConstraint(condition=Q(level__in=["", *AccidentLevel]), name="conduct_level"),
        ]

    def __str__(self) -> str:
        return f"{self.get_question_display()}：{self.get_answer_display()}"


def amount(label: str) -> models.DecimalField:
    """An amount in 万元 with two decimals, or not yet given."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=True, blank=True)


class AnnualFigures(models.Model):
    """One year's figures in 万元 with two decimals (第十二条第3项)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="figures", verbose_name="申报")
    year = models.PositiveSmallIntegerField("年度")
    total_assets = amount("资产总额")
    total_liabilities = amount("负债总额")
    operating_revenue = amount("营业收入")
    main_revenue = amount("主营业务收入")
    service_revenue = amount("服务性收入")
    total_profit = amount("利润总额")
    net_profit = amount("净利润")
    taxes = amount("上缴税金")
    research = amount("研发费用")

    class Meta:
        verbose_name = verbose_name_plural = "年度指标"
        ordering = ["application", "year"]
        constraints = [
            models.UniqueConstraint(fields=["application", "year"], name="figures_once_a_year"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}),
                    name=f"figures_{name}_not_negative",
                )
                for name in (
                    "total_assets",
                    "total_liabilities",
                    "operating_revenue",
                    "main_revenue",
                    "service_revenue",
                    "taxes",
                    "research",
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年"


class ModeRevenue(models.Model):
    """Service revenue of one year from one mode, 万元; their sum is the year's service revenue."""

    figures = models.ForeignKey(
        AnnualFigures, models.CASCADE, related_name="mode_revenues", verbose_name="年度指标"
    )
    mode = models.ForeignKey(ServiceMode, models.PROTECT, related_name="+", verbose_name="模式")
    amount = amount("收入")

    class Meta:
        verbose_name = verbose_name_plural = "分模式服务性收入"
        ordering = ["figures", "mode"]
        constraints = [
            models.UniqueConstraint(fields=["figures", "mode"], name="mode_revenue_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="mode_revenue_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.amount}"


def new_row_key() -> str:
    return get_random_string(8, "abcdefghijkmnpqrstuvwxyz23456789")


class ServiceProject(models.Model):
    """A project of service-oriented manufacturing (第十二条第3项)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="projects", verbose_name="申报")
    row_key = models.CharField(
        "行",
        max_length=8,
        default=new_row_key,
        help_text="Names the row in the form from its first letter on",
    )
    name = models.CharField("项目名称", max_length=100)
    mode = models.ForeignKey(ServiceMode, models.PROTECT, related_name="+", verbose_name="模式")
    client = models.CharField("服务对象", max_length=100, blank=True)
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True, help_text="还在实施的不填")
    amount = amount("合同金额（万元）")
    description = models.TextField("内容和成效", max_length=1000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "服务型制造项目"
        ordering = ["application", "id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "row_key"], name="project_row_once"),
            models.CheckConstraint(condition=Q(row_key__regex="^[a-z0-9]{8}$"), name="project_row_key"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("started_on")),
                name="project_period",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="project_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
