"""Exact arithmetic on amounts of 万元 and how its results are shown.

No verdict is ever taken on a rounded number.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TypeGuard

LARGEST = Decimal("9999999999999.99")


def is_amount(value: Decimal | None) -> TypeGuard[Decimal]:
    """Whether this is an amount of 万元: finite, at most thirteen digits before the point and two after it.

    Anything else counts as not filled in, so that no typed value can break a rule.
    """
    if value is None or not value.is_finite():
        return False
    exponent = int(value.as_tuple().exponent)
    if not -20 <= exponent <= 20 or abs(value) > LARGEST:
        return False
    return (Fraction(value) * 100).denominator == 1


def amount_text(value: Decimal) -> str:
    """1,500.00: thousands separators, two decimals and a true minus sign."""
    return minus_sign(f"{value:,.2f}")


def minus_sign(text: str) -> str:
    return text.replace("-", "\u2212")


def round_half_up(value: Fraction, decimals: int) -> Decimal:
    """`value` to `decimals` places, exact halves away from zero."""
    return _round_ratio(value.numerator, value.denominator, decimals)


def mean_half_up(total: Decimal, count: int) -> Decimal:
    """`total` divided by `count`, which is above zero, to two decimals, exact halves away from zero."""
    numerator, denominator = total.as_integer_ratio()
    return _round_ratio(numerator, denominator * count, 2)


def _round_ratio(numerator: int, denominator: int, decimals: int) -> Decimal:
    """The quotient to `decimals` places, exact halves away from zero; the denominator is above zero."""
    whole, remainder = divmod(abs(numerator) * 10**decimals, denominator)
    whole += 2 * remainder >= denominator
    return _exact(-whole if numerator < 0 else whole, decimals)


def percent_text(value: Fraction, threshold: Decimal) -> str:
    """`value` percent to two decimals, with as many more as it takes to stand on its own side of `threshold`.

    14.996 against 15 is 14.996%, never 15.00%.
    """
    limit = Fraction(threshold)
    decimals = 2
    shown = round_half_up(value, decimals)
    while _side(Fraction(shown), limit) != _side(value, limit) and decimals < 40:
        decimals += 1
        shown = round_half_up(value, decimals)
    return minus_sign(f"{shown:,f}%")


def plain_percent_text(value: Fraction) -> str:
    """`value` percent to two decimals, for rows that no threshold judges."""
    return minus_sign(f"{round_half_up(value, 2):,f}%")


def smallest_amount_reaching(base: Decimal, percent: Decimal) -> Decimal:
    """The least amount with two decimals that is at least `percent` of `base`."""
    exact = Fraction(base) * Fraction(percent) / 100
    return _exact(ceil(exact * 100), 2)


def number_text(value: Decimal) -> str:
    """A measure's number as people write it: 15, 12.5."""
    return minus_sign(f"{value.normalize():f}")


def _exact(units: int, decimals: int) -> Decimal:
    """`units` of the last decimal place, untouched by the precision of the decimal context."""
    return Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -decimals))


def _side(value: Fraction, limit: Fraction) -> bool:
    return value >= limit
