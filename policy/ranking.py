"""Ranking by mean score, with the preference of 第十三条 at equality and ties left to people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from policy.amounts import round_half_up

CLAUSE = "第十三条"
PREFERRED = frozenset({"A", "B"})


def trimmed_mean(scores: Iterable[Decimal], drop: int = 1) -> Decimal | None:
    """The mean without the `drop` highest and `drop` lowest, two decimals, exact halves up.

    None while there are too few scores for anything to be left.
    """
    ordered = sorted(Fraction(score) for score in scores)
    kept = ordered[drop : len(ordered) - drop]
    return round_half_up(sum(kept, Fraction(0)) / len(kept), 2) if kept else None


class Outcome(StrEnum):
    WITHIN = "WITHIN"
    TIED_AT_LINE = "TIED_AT_LINE"
    BEYOND = "BEYOND"
    BELOW_MINIMUM = "BELOW_MINIMUM"

    @property
    def label(self) -> str:
        return {
            Outcome.WITHIN: "额度之内",
            Outcome.TIED_AT_LINE: "并列在额度线上，由人决定",
            Outcome.BEYOND: "额度之外",
            Outcome.BELOW_MINIMUM: "低于最低分",
        }[self]


@dataclass(frozen=True)
class Entry:
    """One reviewed application: a key of the caller's, its mean, its 亩产效益 rating or None."""

    key: str
    score: Decimal
    efficiency: str | None = None

    @property
    def is_preferred(self) -> bool:
        """A and B alike; not rated is no priority and no refusal."""
        return self.efficiency in PREFERRED


@dataclass(frozen=True)
class Placement:
    """Where an entry stands. Tied entries share a rank; `note` says how equality of scores was dealt with."""

    key: str
    score: Decimal
    efficiency: str | None
    rank: int
    is_tied: bool
    outcome: Outcome
    note: str

    @property
    def rank_text(self) -> str:
        return f"{self.rank}{'=' if self.is_tied else ''}"


@dataclass(frozen=True)
class Ranking:
    """`seats_left` counts the places that a tie at the quota line leaves to people (0: nothing to decide)."""

    placements: tuple[Placement, ...]
    quota: int | None
    seats_left: int

    @property
    def within(self) -> list[str]:
        return [p.key for p in self.placements if p.outcome is Outcome.WITHIN]

    @property
    def tied_at_line(self) -> list[str]:
        return [p.key for p in self.placements if p.outcome is Outcome.TIED_AT_LINE]


def rank(entries: Iterable[Entry], *, quota: int | None = None, minimum: Decimal | None = None) -> Ranking:
    """Rank by score, at equal score A and B before the others; what is still equal is tied.

    `quota` None: no line. Entries below `minimum` keep their rank but take no seat. The order given does not
    matter: tied entries are listed by key, which never gives one a better rank.
    """
    ordered = sorted(entries, key=_standing)
    groups = [list(group) for _, group in groupby(ordered, key=_standing)]
    with_score = Counter(entry.score for entry in ordered)
    placements: list[Placement] = []
    seats_left = 0
    for group in groups:
        before = len(placements)
        outcome = _outcome(group, before, quota, minimum)
        if outcome is Outcome.TIED_AT_LINE and quota is not None:
            seats_left = quota - before
        placements.extend(
            Placement(
                key=entry.key,
                score=entry.score,
                efficiency=entry.efficiency,
                rank=before + 1,
                is_tied=len(group) > 1,
                outcome=outcome,
                note=_note(entry, len(group), with_score[entry.score], before + 1),
            )
            for entry in sorted(group, key=lambda entry: entry.key)
        )
    return Ranking(tuple(placements), quota, seats_left)


def _standing(entry: Entry) -> tuple[Decimal, bool]:
    return -entry.score, not entry.is_preferred


def _outcome(group: Sequence[Entry], before: int, quota: int | None, minimum: Decimal | None) -> Outcome:
    if minimum is not None and group[0].score < minimum:
        return Outcome.BELOW_MINIMUM
    if quota is None or before + len(group) <= quota:
        return Outcome.WITHIN
    return Outcome.TIED_AT_LINE if before < quota else Outcome.BEYOND


def _note(entry: Entry, tied: int, equal_scores: int, place: int) -> str:
    parts = []
    if equal_scores > tied:
        rating = f"{entry.efficiency}类" if entry.efficiency else "未评价"
        parts.append(f"{CLAUSE}：{equal_scores}家同分，{rating}{'优先' if entry.is_preferred else '不优先'}")
    if tied > 1:
        parts.append(f"{tied}家并列第{place}{'，A、B类同等优先，不分先后' if entry.is_preferred else ''}")
    return "；".join(parts)
