from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.ranking import Entry, Outcome, rank, trimmed_mean

scores = st.decimals(0, 100, places=1)
entries = st.lists(
    st.builds(
        Entry,
        st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=4),
        st.sampled_from([Decimal(text) for text in ("88.00", "86.50", "86.49", "60.00", "59.99")]),
        st.sampled_from([None, "A", "B", "C", "D"]),
    ),
    max_size=12,
    unique_by=lambda entry: entry.key,
)
quotas = st.none() | st.integers(0, 12)
minimums = st.none() | st.just(Decimal(60))


@pytest.mark.parametrize(
    ("given_scores", "drop", "mean"),
    [
        (["92", "88", "90", "85", "75"], 1, "87.67"),
        (["92", "88", "90", "85", "75"], 0, "86.00"),
        (["92", "88", "90", "85", "75"], 2, "88.00"),
        (["80", "80", "80", "80", "80"], 1, "80.00"),
        (["0", "88.12", "88.13", "88.12", "88.13", "100"], 1, "88.13"),
        (["0", "88.115", "88.115", "88.115", "100"], 1, "88.12"),
        (["90", "80"], 1, "85.00"),
        (["90"], 1, "90.00"),
        (["0", "80", "80", "100"], 1, "65.00"),
    ],
)
def test_one_highest_and_one_lowest_are_dropped_from_five_on(given_scores, drop, mean):
    assert trimmed_mean([Decimal(score) for score in given_scores], drop) == Decimal(mean)


def test_no_scores_have_no_mean():
    assert trimmed_mean([]) is None


@given(st.lists(scores, min_size=3, max_size=9).flatmap(lambda s: st.tuples(st.just(s), st.permutations(s))))
def test_the_mean_is_exact_half_up_and_blind_to_order(pair):
    ordered, shuffled = pair
    kept = sorted(ordered)[1:-1] if len(ordered) >= 5 else ordered
    exact = sum(map(Fraction, kept)) / len(kept)
    mean = trimmed_mean(ordered)
    assert mean == trimmed_mean(shuffled)
    assert Fraction(-1, 200) < Fraction(mean) - exact <= Fraction(1, 200)
    assert mean.as_tuple().exponent == -2


def test_a_hundredth_beats_any_rating():
    ranking = rank([Entry("甲", Decimal("86.49"), "A"), Entry("乙", Decimal("86.50"), "D")], quota=1)
    assert [(p.key, p.rank_text, p.note) for p in ranking.placements] == [("乙", "1", ""), ("甲", "2", "")]
    assert ranking.within == ["乙"]


def test_a_and_b_are_preferred_equally_and_not_rated_is_no_refusal():
    four = [
        Entry(key, Decimal(80), rating)
        for key, rating in (("甲", None), ("乙", "B"), ("丙", "A"), ("丁", "C"))
    ]
    ranking = rank(four, quota=4)
    assert [(p.key, p.rank_text, p.note) for p in ranking.placements] == [
        ("丙", "1=", "第十三条：4家同分，A类优先；2家并列第1，A、B类同等优先，不分先后"),
        ("乙", "1=", "第十三条：4家同分，B类优先；2家并列第1，A、B类同等优先，不分先后"),
        ("丁", "3=", "第十三条：4家同分，C类不优先；2家并列第3"),
        ("甲", "3=", "第十三条：4家同分，未评价不优先；2家并列第3"),
    ]


def test_a_tie_on_the_line_is_left_to_people():
    three = [Entry("甲", Decimal(90)), Entry("乙", Decimal(80), "C"), Entry("丙", Decimal(80), "D")]
    ranking = rank(three, quota=2)
    assert (ranking.within, ranking.tied_at_line, ranking.seats_left) == (["甲"], ["丙", "乙"], 1)
    assert rank(three, quota=3).tied_at_line == []
    assert [p.outcome for p in rank(three, quota=1).placements] == [
        Outcome.WITHIN,
        Outcome.BEYOND,
        Outcome.BEYOND,
    ]


def test_below_the_minimum_takes_no_seat_but_keeps_its_rank():
    two = [Entry("甲", Decimal("60.00")), Entry("乙", Decimal("59.99"), "A")]
    ranking = rank(two, quota=2, minimum=Decimal(60))
    assert [(p.key, p.rank, p.outcome) for p in ranking.placements] == [
        ("甲", 1, Outcome.WITHIN),
        ("乙", 2, Outcome.BELOW_MINIMUM),
    ]


def test_nothing_to_rank():
    assert rank([], quota=3).placements == ()


@given(entries.flatmap(lambda e: st.tuples(st.just(e), st.permutations(e))), quotas, minimums)
def test_the_order_given_never_changes_the_ranking(pair, quota, minimum):
    ordered, shuffled = pair
    assert rank(ordered, quota=quota, minimum=minimum) == rank(shuffled, quota=quota, minimum=minimum)


@given(entries, quotas, minimums)
def test_names_never_break_a_tie(given_entries, quota, minimum):
    renamed = {
        entry.key: f"{index:03}"
        for index, entry in enumerate(sorted(given_entries, key=lambda e: e.key)[::-1])
    }
    other = [Entry(renamed[entry.key], entry.score, entry.efficiency) for entry in given_entries]
    before = {
        renamed[p.key]: (p.rank, p.is_tied, p.outcome)
        for p in rank(given_entries, quota=quota, minimum=minimum).placements
    }
    after = {
        p.key: (p.rank, p.is_tied, p.outcome) for p in rank(other, quota=quota, minimum=minimum).placements
    }
    assert before == after


@given(entries, st.integers(0, 12))
def test_seats_are_never_given_twice(given_entries, quota):
    ranking = rank(given_entries, quota=quota)
    assert len(ranking.within) <= quota
    assert bool(ranking.tied_at_line) is (ranking.seats_left > 0)
    assert len(ranking.within) + ranking.seats_left == min(quota, len(given_entries))
    for one in ranking.placements:
        better = [
            other
            for other in ranking.placements
            if (-other.score, other.efficiency not in {"A", "B"})
            < (-one.score, one.efficiency not in {"A", "B"})
        ]
        assert one.rank == len(better) + 1


# Seats of channels


def by_channel(*rows: tuple[str, str, str]) -> list[Entry]:
    return [Entry(key, Decimal(score), None, channel) for key, score, channel in rows]


@pytest.mark.parametrize(
    ("quota", "shares", "outcomes", "lines"),
    [
        # the channel's own line first: the second of 东 gives way to a lower score elsewhere
        (3, {"东": 1}, "甲WITHIN 乙BEYOND 丁WITHIN 丙WITHIN 戊BEYOND", []),
        (None, {"东": 1}, "甲WITHIN 乙BEYOND 丁WITHIN 丙WITHIN 戊WITHIN", []),
        (
            None,
            {"东": 0, "西": 1},
            "甲BEYOND 乙BEYOND 丁TIED_AT_LINE 丙TIED_AT_LINE 戊WITHIN",
            [("丁丙", 1, "西")],
        ),
        # the total's line falls into a tie of two
        (3, {"东": 2}, "甲WITHIN 乙WITHIN 丁TIED_AT_LINE 丙TIED_AT_LINE 戊BEYOND", [("丁丙", 1, "")]),
        # both lines fall into the same tie
        (
            2,
            {"东": 1, "西": 1},
            "甲WITHIN 乙BEYOND 丁TIED_AT_LINE 丙TIED_AT_LINE 戊BEYOND",
            [("丁丙", 1, "西")],
        ),
        (3, {}, "甲WITHIN 乙WITHIN 丁TIED_AT_LINE 丙TIED_AT_LINE 戊BEYOND", [("丁丙", 1, "")]),
        (0, {"东": 1}, "甲BEYOND 乙BEYOND 丁BEYOND 丙BEYOND 戊BEYOND", []),
    ],
)
def test_seats_are_taken_within_the_channels_and_the_total(quota, shares, outcomes, lines):
    given_entries = by_channel(
        ("甲", "90", "东"), ("乙", "88", "东"), ("丙", "84", "西"), ("丁", "84", "西"), ("戊", "80", "南")
    )
    ranking = rank(given_entries, quota=quota, shares=shares)
    assert " ".join(f"{p.key}{p.outcome}" for p in ranking.placements) == outcomes
    assert [("".join(one.keys), one.seats, one.channel) for one in ranking.lines] == lines
    assert ranking.seats_left == sum(seats for _, seats, _ in lines)


def test_one_tie_may_lie_on_the_lines_of_a_channel_and_of_the_total():
    tied = by_channel(("甲", "84", "东"), ("乙", "84", "东"), ("丙", "84", "西"))
    ranking = rank(tied, quota=1, shares={"东": 1})
    assert [(one.keys, one.seats, one.channel) for one in ranking.lines] == [
        (("乙", "甲"), 1, "东"),
        (("丙", "乙", "甲"), 1, ""),
    ]
    assert ranking.seats_left == 1


@given(
    st.lists(st.tuples(st.sampled_from(["88", "86", "84"]), st.sampled_from("东西南")), max_size=12),
    quotas,
    st.dictionaries(st.sampled_from("东西"), st.integers(0, 4)),
)
def test_nobody_has_more_seats_than_the_channel_or_the_total(rows, quota, shares):
    given_entries = [
        Entry(f"{n:02}", Decimal(score), None, channel) for n, (score, channel) in enumerate(rows)
    ]
    ranking = rank(given_entries, quota=quota, shares=shares)
    channel_of = {one.key: one.channel for one in given_entries}
    for channel, share in shares.items():
        within = [key for key in ranking.within if channel_of[key] == channel]
        tied = [line.seats for line in ranking.lines if line.channel == channel]
        assert len(within) + sum(tied) <= share
    if quota is not None:
        assert len(ranking.within) + ranking.seats_left <= quota
    reachable = sum(
        min(shares.get(channel, 99), sum(one == channel for one in channel_of.values()))
        for channel in set(channel_of.values())
    )
    assert len(ranking.within) + ranking.seats_left == min(reachable, 99 if quota is None else quota)
    assert set(ranking.tied_at_line) == {key for line in ranking.lines for key in line.keys}
