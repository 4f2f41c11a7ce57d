"""The titles that an enterprise holds, as the room that keeps them tells: shown on the enterprise's home."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Enterprise


@dataclass(frozen=True)
class HeldTitle:
    """A title in force: the serial of its plaque and the day before which it is re-reviewed (第十八条)."""

    serial: str
    re_review_due_on: date


Source = Callable[[Enterprise], Iterable[HeldTitle]]
_sources: list[Source] = []


def add_source(source: Source) -> Source:
    """A room tells of the titles it keeps."""
    _sources.append(source)
    return source


def titles_of(enterprise: Enterprise) -> list[HeldTitle]:
    """The titles in force, the one due first before the others."""
    found = [title for source in _sources for title in source(enterprise)]
    return sorted(found, key=lambda title: title.re_review_due_on)
