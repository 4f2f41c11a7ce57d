"""What a person has in hand in an agency, told by every room, and given to whoever takes it over when the person leaves."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """One thing in hand. ``give(to, by=…)`` hands it on, to nobody in particular when ``may_wait`` and ``to`` is None.

    What has meanwhile got into other hands is left there.
    """

    key: str
    kind: str
    label: str
    url: str
    give: Callable[..., None]
    note: str = ""
    may_wait: bool = False


@dataclass(frozen=True)
class Source:
    """A room's own: ``pieces(user, agency)`` of a person, ``numbers(agency)`` by the person's id."""

    pieces: Callable[..., Iterable[Piece]]
    numbers: Callable[..., Mapping[int, int]]


_sources: list[Source] = []


def add_source(source: Source) -> None:
    _sources.append(source)


def held_by(user, agency) -> list[Piece]:
    """Everything that the person has in hand there."""
    return [piece for source in _sources for piece in source.pieces(user, agency)]


def numbers_of(agency) -> Counter[int]:
    """Person's id → how many things in hand."""
    return sum((Counter(source.numbers(agency)) for source in _sources), Counter())
