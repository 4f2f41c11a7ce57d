"""What a person has in hand in an agency, told by every room, and given to whoever takes it over when the person leaves."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import events
from core.models import Event


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


def pass_draft_on(draft: Any, field: str, leaver, to, *, by, announce: Callable[[Event, Any], None]) -> None:
    """Whoever takes a draft over has prepared it from now on (``field``), and so cannot sign it: those who may are told anew."""
    locked = type(draft)._default_manager.select_for_update(of=("self",)).get(pk=draft.pk)
    if to and locked.state == "DRAFT" and getattr(locked, field) == leaver:
        setattr(locked, field, to)
        locked.save(update_fields=[field])
        note = f"{leaver.name}转交{to.name}"
        announce(events.record(locked, "hand_over_draft", by=by, label="转交拟稿", note=note), locked)


def held_by(user, agency) -> list[Piece]:
    """Everything that the person has in hand there."""
    return [piece for source in _sources for piece in source.pieces(user, agency)]


def numbers_of(agency) -> Counter[int]:
    """Person's id → how many things in hand."""
    return sum((Counter(source.numbers(agency)) for source in _sources), Counter())
