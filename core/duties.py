"""What waits for a person today, told by every room, shown first on the page where the person lands."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Duty:
    """So many things of one kind, with where to deal with them. ``due`` says by when; ``is_late`` that it is past."""

    label: str
    count: int
    url: str
    due: str = ""
    is_late: bool = False


Source = Callable[..., Iterable[Duty]]
_sources: list[Source] = []


def add_source(source: Source) -> Source:
    """A room tells of its own: f(user) → duties; those with nothing to do are left out."""
    _sources.append(source)
    return source


def duties_of(user) -> list[Duty]:
    """What is late first, then in the order of the rooms, the highest last."""
    found = [one for source in _sources for one in source(user) if one.count]
    return sorted(found, key=lambda one: not one.is_late)
