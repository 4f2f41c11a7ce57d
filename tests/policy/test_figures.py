from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.figures import (
    ROWS,
    FigureProblem,
    computed_rows,
    figure_problems,
    growth_text,
    mode_problem,
    ratio_text,
)

THRESHOLDS = {
    "service_revenue_share": Decimal(15),
    "main_revenue_growth": Decimal(10),
    "profit_growth": Decimal(10),
}
PLAUSIBLE = {
    "total_assets": "22960.78",
    "total_liabilities": "10882.45",
    "operating_revenue": "15486.90",
    "main_revenue": "14960.00",
    "service_revenue": "2512.60",
    "total_profit": "1706.40",
    "net_profit": "1472.06",
    "taxes": "801.93",
    "research": "702.35",
}


def full_year(**changes: str | None) -> dict[str, Decimal | None]:
    values = PLAUSIBLE | changes
    return {key: None if value is None else Decimal(value) for key, value in values.items()}


def problems(**changes: str | None) -> list[FigureProblem]:
    return figure_problems({2025: full_year(**changes)})


def test_plausible_figures_have_no_problem():
    assert problems() == []
    assert figure_problems({2025: dict.fromkeys(PLAUSIBLE)}) == []
    assert figure_problems({}) == []
    assert [row.key for row in ROWS] == list(PLAUSIBLE)


@pytest.mark.parametrize("key", [key for key in PLAUSIBLE if key not in {"total_profit", "net_profit"}])
def test_totals_are_never_negative(key):
    (problem,) = problems(**{key: "-0.01"})
    assert (problem.year, problem.key, problem.is_error) == (2025, key, True)
    assert problem.sentence.endswith("不能为负数，请核对。")


def test_profits_may_be_negative():
    assert problems(total_profit="-500", net_profit="-500") == []


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "service_revenue",
            "14960.01",
            "2025年服务性收入14,960.01大于主营业务收入14,960.00，请核对数据和单位（万元）。",
        ),
        (
            "main_revenue",
            "15486.91",
            "2025年主营业务收入15,486.91大于营业收入15,486.90，请核对数据和单位（万元）。",
        ),
    ],
)
def test_a_part_is_never_larger_than_its_whole(key, value, sentence):
    assert problems(**{key: value}) == [FigureProblem(2025, key, sentence)]


def test_a_part_may_equal_its_whole():
    assert problems(service_revenue="14960.00", main_revenue="14960.00", operating_revenue="14960.00") == []


def test_yuan_typed_for_ten_thousand_yuan_are_recognised_and_a_mend_offered():
    assert problems(service_revenue="25126000.00") == [
        FigureProblem(
            2025,
            "service_revenue",
            "2025年服务性收入25,126,000.00大于主营业务收入14,960.00，像是按“元”填写；换算成万元是2,512.60。",
            Decimal("2512.60"),
        )
    ]
    assert problems(total_liabilities="108824500.00") == [
        FigureProblem(
            2025,
            "total_liabilities",
            "2025年负债总额108,824,500.00像是按“元”填写；换算成万元是10,882.45，请核对。",
            Decimal("10882.45"),
            is_error=False,
        )
    ]


def test_a_leap_from_one_year_to_the_next_is_questioned_not_refused():
    figures = {2024: full_year(taxes="80.00"), 2025: full_year(taxes="80000.00")}
    assert [(p.year, p.key, p.is_error, p.suggestion) for p in figure_problems(figures)] == [
        (2025, "taxes", False, Decimal("8.00"))
    ]
    figures[2025] = full_year(taxes="79999.99")
    assert figure_problems(figures) == []


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1.001", "1E+30"])
def test_what_is_no_amount_is_said(value):
    (problem,) = problems(taxes=value)
    assert problem.sentence == "2025年上缴税金不是有效金额，请按万元填写，最多两位小数，例如1,234.50。"


@pytest.mark.parametrize(
    ("by_mode", "sentence"),
    [
        ({"a": "2026.25", "b": "486.35"}, ""),
        ({"a": None, "b": None}, ""),
        ({}, ""),
        (
            {"a": "2026.25", "b": "486.34"},
            "2025年各模式服务性收入合计2,512.59万元，与服务性收入2,512.60万元相差0.01万元，请改为一致。",
        ),
        ({"a": "2513.60", "b": "-1"}, "2025年各模式服务性收入不能为负数，请核对。"),
    ],
)
def test_revenue_by_mode_adds_up(by_mode, sentence):
    amounts = {mode: None if value is None else Decimal(value) for mode, value in by_mode.items()}
    assert mode_problem(2025, Decimal("2512.60"), amounts) == sentence
    assert mode_problem(2025, None, amounts) == ""


def test_computed_rows():
    figures = {2024: full_year(main_revenue="13450.00", total_profit="1580.00"), 2025: full_year()}
    assert [
        (row.key, row.label, dict(row.values))
        for row in computed_rows(figures, [2023, 2024, 2025], thresholds=THRESHOLDS)
    ] == [
        ("liability_ratio", "资产负债率", {2023: "—", 2024: "47.40%", 2025: "47.40%"}),
        ("main_revenue_growth", "主营业务收入增长率", {2023: "—", 2024: "—", 2025: "11.23%"}),
        ("service_revenue_share", "服务性收入占比", {2023: "—", 2024: "18.68%", 2025: "16.80%"}),
        ("profit_growth", "利润总额增长率", {2023: "—", 2024: "—", 2025: "8.00%"}),
        ("rd_ratio", "研发费用占营业收入比重", {2023: "—", 2024: "4.54%", 2025: "4.54%"}),
    ]


@pytest.mark.parametrize(
    ("previous", "latest", "text"),
    [
        ("-500", "300", "扭亏"),
        ("-500", "0", "无法计算"),
        ("-500", "-1000", "无法计算"),
        ("0", "300", "无法计算"),
        ("1011.00", "1112.09", "9.999%"),
        ("1011.00", "1112.10", "10.00%"),
        ("100", "50", "−50.00%"),
    ],
)
def test_growth_in_words(previous, latest, text):
    assert growth_text(Decimal(previous), Decimal(latest), Decimal(10)) == text


def test_ratios_in_words():
    assert ratio_text(Decimal("1499.60"), Decimal(10000), Decimal(15)) == "14.996%"
    assert ratio_text(Decimal("1499.60"), Decimal(10000)) == "15.00%"
    assert ratio_text(Decimal(1), Decimal(0)) == "无法计算"
    assert ratio_text(None, Decimal(1)) == "—"


any_year = st.dictionaries(st.sampled_from(list(PLAUSIBLE)), st.none() | st.decimals())


@given(st.dictionaries(st.integers(2020, 2026), any_year, max_size=4))
def test_any_figures_are_answered(figures):
    assert all(problem.sentence.endswith("。") for problem in figure_problems(figures))
    assert all(
        value
        for row in computed_rows(figures, [2024, 2025], thresholds=THRESHOLDS)
        for value in row.values.values()
    )
