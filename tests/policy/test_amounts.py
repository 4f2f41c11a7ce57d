from decimal import Decimal
from fractions import Fraction

import pytest

from policy.amounts import is_amount, percent_text, round_half_up


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(-5, 1000), 2, "-0.01"),
        (Fraction(4999, 1000000), 2, "0.00"),
        (Fraction(-4999, 1000000), 2, "0.00"),
        (Fraction(0), 2, "0.00"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(1, 2), 0, "1"),
        (Fraction(3, 2), 0, "2"),
    ],
)
def test_exact_halves_are_rounded_away_from_zero(value, decimals, rounded):
    assert str(round_half_up(value, decimals)) == rounded


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("0", True),
        ("-0.01", True),
        ("1E+2", True),
        ("1.500", True),
        ("9999999999999.99", True),
        ("-9999999999999.99", True),
        ("10000000000000", False),
        ("-10000000000000", False),
        ("0.001", False),
        ("0E-50", False),
        ("1E+99999", False),
        ("1E-99999", False),
        ("NaN", False),
        ("sNaN", False),
        ("-Infinity", False),
    ],
)
def test_what_is_an_amount(text, is_one):
    assert is_amount(Decimal(text)) is is_one


def test_nothing_is_no_amount():
    assert not is_amount(None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(14996, 1000), "14.996%"),
        (Fraction(15) - Fraction(1, 10**12), "14.999999999999%"),
        (Fraction(15), "15.00%"),
        (Fraction(15) + Fraction(1, 10**12), "15.00%"),
        (Fraction(14994, 1000), "14.99%"),
        (Fraction(-12345678, 1000), "−12,345.68%"),
    ],
)
def test_a_percentage_just_below_its_threshold_shows_more_decimals(value, shown):
    assert percent_text(value, Decimal(15)) == shown
