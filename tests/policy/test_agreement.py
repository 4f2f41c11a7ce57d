from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.agreement import concordance, meaning, standing


def marks(*rows: str) -> list[list[Decimal]]:
    return [[Decimal(one) for one in row.split()] for row in rows]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (marks("70 80 90", "60 61 62", "1 2 3"), Fraction(1)),
        (marks("1 2 3", "3 2 1"), Fraction(0)),
        # Three judges and six objects, the column sums 8, 14, 11, 11, 11, 8: S = 25.5.
        (marks("1 6 3 2 5 4", "1 5 6 4 2 3", "6 3 2 5 4 1"), Fraction(12 * 51, 2 * 9 * 210)),
        # Ties: ranks 1.5 1.5 3 and 1 2 3, so S = 6.5 of at most (4·24 − 2·6) ÷ 12 = 7.
        (marks("80 80 90", "70 80 90"), Fraction(13, 14)),
        (marks("80 80 80", "70 70 70"), None),
        (marks("80 90", "70 90"), None),
        (marks("80 90 70"), None),
        ([], None),
    ],
)
def test_concordance(scores, expected) -> None:
    assert concordance(scores) == expected


@given(
    st.integers(3, 6).flatmap(
        lambda cases: st.lists(
            st.lists(st.decimals(0, 100, places=1), min_size=cases, max_size=cases), min_size=2, max_size=5
        )
    )
)
def test_concordance_lies_between_nought_and_one_whatever_the_order_of_experts(scores) -> None:
    found = concordance(scores)
    assert found is None or 0 <= found <= 1
    assert concordance(scores[::-1]) == found


def test_meaning_in_words() -> None:
    assert [meaning(Fraction(one, 100)) for one in (100, 70, 69, 50, 49, 30, 29, 0)] == [
        "各位专家排出的先后很一致",
        "各位专家排出的先后很一致",
        "各位专家排出的先后比较一致",
        "各位专家排出的先后比较一致",
        "各位专家排出的先后只是大体相近，建议合议时逐件说明",
        "各位专家排出的先后只是大体相近，建议合议时逐件说明",
        "各位专家排出的先后分歧较大，建议组长组织合议",
        "各位专家排出的先后分歧较大，建议组长组织合议",
    ]


def test_standing_among_the_totals_of_a_case() -> None:
    totals = [Decimal(one) for one in (2, 4, 4, 4, 5, 5, 7, 9)]  # mean 5, deviation 2
    assert [standing(Decimal(one), totals) for one in (2, 5, 9)] == [
        Decimal("-1.50"),
        Decimal("0.00"),
        Decimal("2.00"),
    ]
    assert standing(Decimal(80), [Decimal(80)] * 5) is None
