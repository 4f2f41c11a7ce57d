"""Tables out: the summary that goes with a recommendation letter."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from applications.models import Recommendation, RecommendationEntry
from applications.reading import figures_of
from core.exports import AMOUNT, Column, Value, workbook
from policy.conditions import thresholds_of
from policy.figures import growth_text, ratio_text

SUMMARY_COLUMNS = (
    Column("序号", 6, "0"),
    Column("推荐单位", 24),
    Column("企业名称", 32),
    Column("统一社会信用代码", 22),
    Column("行业", 22),
    Column("模式", 18),
    Column("上年主营业务收入（万元）", 16, AMOUNT),
    Column("服务性收入（万元）", 14, AMOUNT),
    Column("占比", 10),
    Column("增速", 10),
    Column("亩产类别", 9),
    Column("联系人", 10),
    Column("手机", 14),
    Column("备注", 20),
)


def summary_rows(recommendation: Recommendation, entries: Iterable[RecommendationEntry]) -> list[list[Value]]:
    """One row per case from the version that was vetted; share and growth in the words that the enterprise was judged by."""
    thresholds = thresholds_of(recommendation.round.measure.condition_specs())
    return [
        _summary_row(recommendation, number, one, thresholds) for number, one in enumerate(entries, start=1)
    ]


def summary_workbook(recommendation: Recommendation) -> bytes:
    entries = (
        recommendation.entries.filter(withdrawn_at=None)
        .select_related("application__current_version")
        .order_by("position")
    )
    return workbook(
        SUMMARY_COLUMNS,
        summary_rows(recommendation, entries),
        sheet="推荐汇总表",
        title=f"{recommendation.round}推荐汇总表（{recommendation.letter_number}）",
    )


def _summary_row(
    recommendation: Recommendation, number: int, entry: RecommendationEntry, thresholds: Mapping[str, Decimal]
) -> list[Value]:
    version = entry.application.current_version
    content: dict[str, Any] = version.snapshot if version else {"basic": {}, "figures": []}
    basic = content["basic"]
    figures, year = figures_of(content), recommendation.round.latest_year
    latest, before = figures.get(year, {}), figures.get(year - 1, {})
    main, service = latest.get("main_revenue"), latest.get("service_revenue")
    return [
        number,
        recommendation.agency.name_on(recommendation.dated),
        basic.get("enterprise_name", ""),
        basic.get("credit_code", ""),
        basic.get("industry", ""),
        basic.get("main_mode", ""),
        main,
        service,
        ratio_text(service, main, thresholds.get("service_revenue_share")),
        growth_text(before.get("main_revenue"), main, thresholds.get("main_revenue_growth")),
        basic.get("efficiency_category") or "未评价",
        basic.get("contact_name", ""),
        basic.get("contact_mobile", ""),
        entry.remark,
    ]
