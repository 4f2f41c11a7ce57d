"""Ranking by mean score, with the preference of 第十三条 at equality and ties left to people."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from policy.amounts import mean_half_up

CLAUSE = "第十三条"
PREFERRED = frozenset({"A", "B"})


FEWEST_TO_TRIM = 5


def dropped_of(count: int, drop: int = 1) -> int:
    """How many of so many scores fall away at each end: ``drop``, but none where there are fewer than five."""
    return drop if count >= FEWEST_TO_TRIM else 0


def trimmed_mean(scores: Iterable[Decimal], drop: int = 1) -> Decimal | None:
    """The mean without the ``drop`` highest and lowest (see ``dropped_of``), two decimals, exact halves up; None of no scores."""
    ordered = sorted(scores)
    falls = dropped_of(len(ordered), drop)
    kept = ordered[falls : len(ordered) - falls]
    return mean_half_up(sum(kept, Decimal()), len(kept)) if kept else None


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
    """One reviewed application: a key of the caller's, its mean, its 亩产效益 rating or None, the channel it came by."""

    key: str
    score: Decimal
    efficiency: str | None = None
    channel: str = ""

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
class TieLine:
    """Of these tied entries at most `seats` may be chosen; `channel` is empty at the line of the total."""

    keys: tuple[str, ...]
    seats: int
    channel: str = ""


@dataclass(frozen=True)
class Ranking:
    """`seats_left` counts the places that ties at a quota line leave to people (0: nothing to decide), by `lines` each."""

    placements: tuple[Placement, ...]
    quota: int | None
    seats_left: int
    lines: tuple[TieLine, ...] = ()

    @property
    def within(self) -> list[str]:
        return [p.key for p in self.placements if p.outcome is Outcome.WITHIN]

    @property
    def tied_at_line(self) -> list[str]:
        return [p.key for p in self.placements if p.outcome is Outcome.TIED_AT_LINE]


def rank(
    entries: Iterable[Entry],
    *,
    quota: int | None = None,
    minimum: Decimal | None = None,
    shares: Mapping[str, int] | None = None,
) -> Ranking:
    """Rank by score, at equal score A and B before the others; what is still equal is tied.

    `quota` None: no line. `shares` bound the seats of some channels, within the total. Entries below `minimum` keep their
    rank but take no seat. The order given does not matter: tied entries are listed by key, which never gives one a better
    rank.
    """
    ordered = sorted(entries, key=_standing)
    groups = [list(group) for _, group in groupby(ordered, key=_standing)]
    with_score = Counter(entry.score for entry in ordered)
    placements: list[Placement] = []
    seats = _Seats(quota, dict(shares or {}))
    for group in groups:
        before = len(placements)
        low = minimum is not None and group[0].score < minimum
        below = dict.fromkeys((one.key for one in group), Outcome.BELOW_MINIMUM)
        outcomes = below if low else seats.take(group)
        placements.extend(
            Placement(
                key=entry.key,
                score=entry.score,
                efficiency=entry.efficiency,
                rank=before + 1,
                is_tied=len(group) > 1,
                outcome=outcomes[entry.key],
                note=_note(entry, len(group), with_score[entry.score], before + 1),
            )
            for entry in sorted(group, key=lambda entry: entry.key)
        )
    return Ranking(tuple(placements), quota, seats.left_to_people, tuple(seats.lines))


@dataclass
class _Seats:
    """Seats as they are taken, the best first: `left` None means without end, `shares` are what channels have left."""

    left: int | None
    shares: dict[str, int]
    lines: list[TieLine] = field(default_factory=list)
    left_to_people: int = 0

    def take(self, group: Sequence[Entry]) -> dict[str, Outcome]:
        """What becomes of entries of equal standing: sure of a seat, tied at a channel's line or the total's, or beyond."""
        outcomes = {one.key: Outcome.BEYOND for one in group}
        wanted, ties = 0, []
        for channel in sorted({one.channel for one in group}):
            keys = tuple(sorted(one.key for one in group if one.channel == channel))
            free = min(self.shares.get(channel, len(keys)), len(keys))
            wanted += free
            if free == len(keys):
                outcomes |= dict.fromkeys(keys, Outcome.WITHIN)
            elif free:
                outcomes |= dict.fromkeys(keys, Outcome.TIED_AT_LINE)
                ties.append(TieLine(keys, free, channel))
            if channel in self.shares:
                self.shares[channel] -= free
        if self.left is not None and wanted > self.left:
            contenders = tuple(sorted(key for key, one in outcomes.items() if one is not Outcome.BEYOND))
            if not self.left:
                return dict.fromkeys(outcomes, Outcome.BEYOND)
            outcomes |= dict.fromkeys(contenders, Outcome.TIED_AT_LINE)
            ties.append(TieLine(contenders, self.left))
            wanted = self.left
            self.left_to_people += wanted
        else:
            self.left_to_people += sum(one.seats for one in ties)
        if self.left is not None:
            self.left -= wanted
        self.lines += ties
        return outcomes


def _standing(entry: Entry) -> tuple[Decimal, bool]:
    return -entry.score, not entry.is_preferred


def _note(entry: Entry, tied: int, equal_scores: int, place: int) -> str:
    parts = []
    if equal_scores > tied:
        rating = f"{entry.efficiency}类" if entry.efficiency else "未评价"
        parts.append(f"{CLAUSE}：{equal_scores}家同分，{rating}{'优先' if entry.is_preferred else '不优先'}")
    if tied > 1:
        parts.append(f"{tied}家并列第{place}{'，A、B类同等优先，不分先后' if entry.is_preferred else ''}")
    return "；".join(parts)
