from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.money import NotAnAmount, format_amount, parse_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("  \u3000", None),
        ("1234.5", "1234.50"),
        ("1,234.5", "1234.50"),
        ("１，２３４．５０", "1234.50"),
        ("1，234，567.89", "1234567.89"),
        ("1 234.50", "1234.50"),
        ("1234.5万元", "1234.50"),
        ("1234.5 万元", "1234.50"),
        ("¥1,234.50", "1234.50"),
        ("￥1,234.50", "1234.50"),
        ("-500", "-500.00"),
        ("−500", "-500.00"),
        ("－500", "-500.00"),
        ("(500.00)", "-500.00"),
        ("（500）", "-500.00"),
        ("+5", "5.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("0012", "12.00"),
        ("1.500", "1.50"),
        ("-0", "0.00"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, amount):
    expected = None if amount is None else Decimal(amount)
    parsed = parse_amount(typed)
    assert parsed == expected
    assert parsed is None or (parsed.as_tuple().exponent == -2 and str(parsed) == amount)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("abc", "利润总额“abc”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("1.2.3", "利润总额“1.2.3”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("--5", "利润总额“--5”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("(-5)", "利润总额“(-5)”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("1e5", "利润总额“1e5”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("NaN", "利润总额“NaN”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("12,34", "利润总额“12,34”的逗号位置不对，应为三位一组，例如1,234.50，或不写逗号。"),
        ("1234,567", "利润总额“1234,567”的逗号位置不对，应为三位一组，例如1,234.50，或不写逗号。"),
        (
            '=HYPERLINK("http://a","b")',
            '利润总额“=HYPERLINK("http://a…”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。',
        ),
        ("100\n200", "利润总额只填一个数，您填写的内容有换行。请每格填一个数，单位万元，例如1,234.50。"),
        ("1.234", "利润总额最多两位小数，您填写的是“1.234”。请按万元保留两位小数。"),
        ("1,234.5万", "利润总额的单位已是万元，只填数字，例如1,234.50，不写“万”。"),
        ("100000元", "利润总额按万元填写，只填数字，例如1,234.50；以元计的请先除以10000。"),
        ("10000000000000", "利润总额过大，请核对单位是否为万元。"),
        ("9" * 80, "利润总额过大，请核对单位是否为万元。"),
    ],
)
def test_what_is_no_amount_says_what_would_be_right(typed, sentence):
    with pytest.raises(NotAnAmount) as error:
        parse_amount(typed, label="利润总额")
    assert str(error.value) == sentence


def test_a_very_long_text_is_repeated_in_short():
    with pytest.raises(NotAnAmount) as error:
        parse_amount("五" * 1_000_000, label="利润总额")
    assert (
        str(error.value) == f"利润总额“{'五' * 20}…”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"
    )


@given(st.decimals(Decimal("-9999999999999.99"), Decimal("9999999999999.99"), places=2))
def test_what_is_shown_can_be_typed_again(amount):
    assert parse_amount(format_amount(amount)) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_explained(typed):
    try:
        parsed = parse_amount(typed)
    except NotAnAmount as error:
        assert str(error).endswith("。")  # noqa: PT017
    else:
        assert parsed is None or parsed.is_finite()


def test_amounts_are_shown_with_separators_and_a_true_minus():
    assert format_amount(Decimal("-1234567.8")) == "−1,234,567.80"
    assert format_amount(Decimal("0.00")) == "0.00"
    assert format_amount(None) == ""
