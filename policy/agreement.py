"""How far experts agree on an order, as advice to people: nothing is decided on these numbers (第十六条)."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from policy.amounts import round_half_up

FEWEST_CASES, FEWEST_EXPERTS = 3, 2
MEANINGS = (
    (Fraction(7, 10), "各位专家排出的先后很一致"),
    (Fraction(5, 10), "各位专家排出的先后比较一致"),
    (Fraction(3, 10), "各位专家排出的先后只是大体相近，建议合议时逐件说明"),
    (Fraction(0), "各位专家排出的先后分歧较大，建议组长组织合议"),
)


def concordance(scores: Sequence[Sequence[Decimal]]) -> Fraction | None:
    """Kendall's W of experts (rows) over the same cases (columns), corrected for ties: 0 no agreement, 1 one order.

    None with fewer than two experts or three cases, or when nobody tells any case from another.
    """
    experts = len(scores)
    cases = len(scores[0]) if scores else 0
    if experts < FEWEST_EXPERTS or cases < FEWEST_CASES:
        return None
    ranked = [_ranks(row) for row in scores]
    sums = [sum(column, Fraction(0)) for column in zip(*ranked, strict=True)]
    mean = Fraction(experts * (cases + 1), 2)
    apart = sum((one - mean) ** 2 for one in sums)
    ties = sum(count**3 - count for row in scores for count in Counter(row).values())
    most = Fraction(experts**2 * (cases**3 - cases) - experts * ties)
    return 12 * apart / most if most else None


def _ranks(row: Sequence[Decimal]) -> list[Fraction]:
    """Ranks from 1, equal scores sharing the mean of their places."""
    ordered = sorted(row)
    return [Fraction(2 * ordered.index(one) + ordered.count(one) + 1, 2) for one in row]


def meaning(agreement: Fraction) -> str:
    return next(words for bound, words in MEANINGS if agreement >= bound)


def standing(own: Decimal, totals: Sequence[Decimal]) -> Decimal | None:
    """The z-score of one total among all of its case, two decimals; None when they are all equal."""
    mean = sum(totals, Decimal()) / len(totals)
    variance = sum(((one - mean) ** 2 for one in totals), Decimal()) / len(totals)
    return round_half_up(Fraction((own - mean) / variance.sqrt()), 2) if variance else None
