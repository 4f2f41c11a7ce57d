"""Annual figures in 万元: the rows of the form, what is computed from them, and figures that cannot be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from policy.amounts import amount_text, is_amount, percent_text, plain_percent_text

Year = Mapping[str, Decimal | None]
UNIT_SLIP = Decimal(10000)
SUSPICIOUS_RATIO = 1000
NOTHING_TO_SHOW = "—"
NOT_COMPUTABLE = "无法计算"


@dataclass(frozen=True)
class FigureRow:
    key: str
    label: str
    section: str
    may_be_negative: bool = False


ROWS: tuple[FigureRow, ...] = (
    FigureRow("total_assets", "资产总额", "规模"),
    FigureRow("total_liabilities", "负债总额", "规模"),
    FigureRow("operating_revenue", "营业收入", "收入"),
    FigureRow("main_revenue", "主营业务收入", "收入"),
    FigureRow("service_revenue", "服务性收入", "收入"),
    FigureRow("total_profit", "利润总额", "效益", may_be_negative=True),
    FigureRow("net_profit", "净利润", "效益", may_be_negative=True),
    FigureRow("taxes", "上缴税金", "效益"),
    FigureRow("research", "研发费用", "研发"),
)
ROW_BY_KEY = {row.key: row for row in ROWS}

PARTS_OF_WHOLES = (
    ("service_revenue", "main_revenue"),
    ("main_revenue", "operating_revenue"),
)


@dataclass(frozen=True)
class FigureProblem:
    """A figure that cannot be or, when not `is_error`, looks wrong; `suggestion` is the likely amount."""

    year: int
    key: str
    sentence: str
    suggestion: Decimal | None = None
    is_error: bool = True


def figure_problems(figures: Mapping[int, Year]) -> list[FigureProblem]:
    """Impossible and suspicious figures, by year and in the order of the form; empty fields are fine."""
    found: list[FigureProblem] = []
    for year in sorted(figures):
        for row in ROWS:
            problem = _impossible(figures, year, row) or _unit_slip(figures, year, row)
            if problem:
                found.append(problem)
    return found


def mode_problem(year: int, service_revenue: Decimal | None, by_mode: Mapping[str, Decimal | None]) -> str:
    """Why the service revenue by mode does not fit its total; empty when it does or is not filled in."""
    given = [value for value in by_mode.values() if is_amount(value)]
    if not given or not is_amount(service_revenue):
        return ""
    if any(value < 0 for value in given):
        return f"{year}年各模式服务性收入不能为负数，请核对。"
    summed = sum(given, Decimal(0))
    if summed == service_revenue:
        return ""
    return (
        f"{year}年各模式服务性收入合计{amount_text(summed)}万元，与服务性收入{amount_text(service_revenue)}万元"
        f"相差{amount_text(abs(summed - service_revenue))}万元，请改为一致。"
    )


@dataclass(frozen=True)
class ComputedRow:
    """A read-only row: what it shows for each year (— where something is missing)."""

    key: str
    label: str
    section: str
    values: Mapping[int, str]


def computed_rows(
    figures: Mapping[int, Year], years: Sequence[int], *, thresholds: Mapping[str, Decimal]
) -> list[ComputedRow]:
    """Ratios and growth per year.

    `thresholds` maps a row's key, the rule's name, to the percent it is judged by, so that no unmet value is
    shown as the threshold; rows without one are rounded to two decimals.
    """

    def row(key: str, label: str, section: str, show: Callable[[int], str]) -> ComputedRow:
        return ComputedRow(key, label, section, {year: show(year) for year in years})

    def amount(year: int, key: str) -> Decimal | None:
        return figures.get(year, {}).get(key)

    def ratio(key: str, part: str, whole: str) -> Callable[[int], str]:
        return lambda year: ratio_text(amount(year, part), amount(year, whole), thresholds.get(key))

    def growth(key: str, of: str) -> Callable[[int], str]:
        return lambda year: growth_text(amount(year - 1, of), amount(year, of), thresholds.get(key))

    return [
        row("liability_ratio", "资产负债率", "规模", ratio("", "total_liabilities", "total_assets")),
        row(
            "main_revenue_growth", "主营业务收入增长率", "收入", growth("main_revenue_growth", "main_revenue")
        ),
        row(
            "service_revenue_share",
            "服务性收入占比",
            "收入",
            ratio("service_revenue_share", "service_revenue", "main_revenue"),
        ),
        row("profit_growth", "利润总额增长率", "效益", growth("profit_growth", "total_profit")),
        row("rd_ratio", "研发费用占营业收入比重", "研发", ratio("", "research", "operating_revenue")),
    ]


def ratio_text(part: Decimal | None, whole: Decimal | None, threshold: Decimal | None = None) -> str:
    if not is_amount(part) or not is_amount(whole):
        return NOTHING_TO_SHOW
    if whole <= 0:
        return NOT_COMPUTABLE
    return _percent(Fraction(part) / Fraction(whole) * 100, threshold)


def growth_text(previous: Decimal | None, latest: Decimal | None, threshold: Decimal | None = None) -> str:
    """Growth in percent; from zero or a loss none: 扭亏 when a loss became a profit, else 无法计算."""
    if not is_amount(previous) or not is_amount(latest):
        return NOTHING_TO_SHOW
    if previous <= 0:
        return "扭亏" if previous < 0 < latest else NOT_COMPUTABLE
    return _percent((Fraction(latest) - Fraction(previous)) / Fraction(previous) * 100, threshold)


def _percent(value: Fraction, threshold: Decimal | None) -> str:
    return plain_percent_text(value) if threshold is None else percent_text(value, threshold)


def _impossible(figures: Mapping[int, Year], year: int, row: FigureRow) -> FigureProblem | None:
    value = figures[year].get(row.key)
    if value is None:
        return None
    if not is_amount(value):
        return FigureProblem(
            year, row.key, f"{year}年{row.label}不是有效金额，请按万元填写，最多两位小数，例如1,234.50。"
        )
    if value < 0 and not row.may_be_negative:
        return FigureProblem(year, row.key, f"{year}年{row.label}不能为负数，请核对。")
    for part, whole in PARTS_OF_WHOLES:
        other = figures[year].get(whole)
        if row.key == part and is_amount(other) and value > other >= 0:
            return _larger(year, row, value, ROW_BY_KEY[whole].label, other)
    return None


def _larger(year: int, row: FigureRow, value: Decimal, whole: str, limit: Decimal) -> FigureProblem:
    sentence = f"{year}年{row.label}{amount_text(value)}大于{whole}{amount_text(limit)}"
    mended = _in_ten_thousands(value)
    if limit and value >= limit * SUSPICIOUS_RATIO:
        return FigureProblem(
            year, row.key, f"{sentence}，像是按“元”填写；换算成万元是{amount_text(mended)}。", mended
        )
    return FigureProblem(year, row.key, f"{sentence}，请核对数据和单位（万元）。")


def _unit_slip(figures: Mapping[int, Year], year: int, row: FigureRow) -> FigureProblem | None:
    """A value a thousand times what the same row says in other years, or what the year's other rows say."""
    value = figures[year].get(row.key)
    if not is_amount(value):
        return None
    peers = [figures[other].get(row.key) for other in figures if other != year]
    scale = max((abs(peer) for peer in peers if is_amount(peer)), default=Decimal(0))
    if not scale:
        own = [figures[year].get(key) for key in ("total_assets", "operating_revenue") if key != row.key]
        scale = max((peer for peer in own if is_amount(peer) and peer > 0), default=Decimal(0))
    if not scale or abs(value) < scale * SUSPICIOUS_RATIO:
        return None
    mended = _in_ten_thousands(value)
    return FigureProblem(
        year,
        row.key,
        f"{year}年{row.label}{amount_text(value)}像是按“元”填写；换算成万元是{amount_text(mended)}，请核对。",
        mended,
        is_error=False,
    )


def _in_ten_thousands(value: Decimal) -> Decimal:
    return (value / UNIT_SLIP).quantize(Decimal("0.01"), ROUND_HALF_UP)
