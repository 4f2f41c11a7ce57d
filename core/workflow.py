"""The one door for state changes.

Every app declares a ``Rulebook`` for each kind of subject that has states: who may do what (permissions), what follows in
the same transaction (effects), who is told (announce). ``perform`` is the only way through; pages ask ``options`` with the
same rules, so that a greyed button never disagrees with the server.
"""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from core import clock, events, notify
from core.models import Event, Stateful

Subject = TypeVar("Subject", bound=Stateful)
SYSTEM = None


_asked: ContextVar[Stateful | None] = ContextVar("asked", default=None)


class Condition:
    """A named guard that FSM and people can both read: true when it holds, and a reason when it does not.

    The decorated function gives a sentence for people, or an empty string when the condition holds.
    """

    def __init__(self, reason: Callable[..., str]) -> None:
        self.reason = reason
        self.__name__ = reason.__name__
        self.__doc__ = reason.__doc__

    def __call__(self, subject: Any) -> bool:
        # ``perform`` has just asked for the reasons of this locked subject; FSM need not have them worked out again.
        return subject is _asked.get() or not self.reason(subject)


class Permission:
    """Who may act. ``refusal`` is shown to those who might expect to be allowed; without it the action is not shown to them."""

    def __init__(self, allows: Callable[..., bool], refusal: str = "") -> None:
        self.allows = allows
        self.refusal = refusal

    def __call__(self, user, subject: Stateful) -> bool:
        return self.allows(user, subject)


class NotPermitted(PermissionDenied):
    """The person may not do this to this subject. The message is a sentence for people; ``event`` tells of it in the log."""

    def __init__(self, sentence: str, event: Event | None = None) -> None:
        self.event = event
        super().__init__(sentence)


def refused(subject: Model, action: str, *, by, label: str, sentence: str) -> NotPermitted:
    """The refusal to raise, recorded. ``core.middleware`` keeps its event when the caller's transaction is rolled back."""
    event = events.record(
        subject,
        action,
        by=by,
        note=sentence,
        label=label,
        from_state=getattr(subject, "state", ""),
        outcome=Event.Outcome.REFUSED,
    )
    return NotPermitted(sentence, event)


class NotPossible(Exception):
    """The action cannot be done now. ``reasons`` are sentences for people."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("".join(self.reasons))


Effect = Callable[..., None]
Announcement = Callable[[Event, Any], Iterable[notify.Message]]


@dataclass
class Rulebook:
    """What an app declares about one kind of subject.

    ``permissions``: action → predicate(user, subject) · ``effects``: action → f(subject, *, by, note, **details), run after the
    transition in the same transaction · ``announce``: f(event, subject) → messages · ``guards``: conditions that higher rooms
    add to an action because only they know the fact (see ``add_guard``) · ``related``: what permissions, guards and messages
    read of the subject's relations, fetched with it · ``lock_first``: f(subject) → rows that are locked before the subject, so
    that acts on several subjects which decide about one thing follow one another.
    """

    permissions: Mapping[str, Callable[..., bool]]
    effects: Mapping[str, Effect] = field(default_factory=dict)
    announce: Announcement = lambda event, subject: ()
    guards: dict[str, list[Condition]] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    lock_first: Callable[[Any], QuerySet] | None = None


@dataclass(frozen=True)
class Option:
    """One action as a page shows it: shown or not, allowed or greyed with its reasons."""

    name: str
    label: str
    shown: bool
    reasons: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return self.shown and not self.reasons


_rulebooks: dict[type[Stateful], Rulebook] = {}


def register(model: type[Stateful], rulebook: Rulebook) -> None:
    _rulebooks[model] = rulebook


def rulebook_of(model: type[Stateful]) -> Rulebook:
    return _rulebooks[model]


def registered_models() -> list[type[Stateful]]:
    return list(_rulebooks)


def add_guard(model: type[Stateful], action: str, condition: Condition) -> None:
    """A higher room adds a condition to an action of a lower room's subject."""
    _rulebooks[model].guards.setdefault(action, []).append(condition)


def actions_of(model: type[Stateful]) -> list[str]:
    """The names of all transitions of a model."""
    return sorted({one.name for one in _state_field(model).get_all_transitions(model)})


def action_label(model: type[Stateful], action: str) -> str:
    """The action as a button says it."""
    return next(
        one.custom.get("label", action)
        for one in _state_field(model).get_all_transitions(model)
        if one.name == action
    )


def move_of(event: Event) -> str:
    """From which state to which an event took its subject, as pages call them; empty when it changed none."""
    if event.to_state in ("", event.from_state):
        return ""
    labels = dict(_state_field(apps.get_model(event.subject_type)).choices)
    states = (event.from_state, event.to_state) if event.from_state else (event.to_state,)
    return " → ".join(labels.get(state, state) for state in states)


def can(user, action: str, subject: Stateful) -> bool:
    """May this person do this to this subject at all, whatever its state? An action that is in no table is refused."""
    predicate = rulebook_of(type(subject)).permissions.get(action)
    return bool(predicate and predicate(user, subject))


def why_not(subject: Stateful, action: str, told: dict[Callable[..., Any], str] | None = None) -> list[str]:
    """Why the action cannot be done now, in sentences; empty when it can. What ``told`` holds already is not asked again."""
    model = type(subject)
    meta = getattr(model, action)._django_fsm
    transition = meta.get_transition(subject.state)
    if transition is None:
        label = action_label(model, action)
        return [f"当前状态为“{subject.get_state_display()}”，不能{label}。请刷新页面查看最新进展。"]
    conditions = [*transition.conditions, *rulebook_of(model).guards.get(action, [])]
    told = {} if told is None else told
    for one in conditions:
        if one not in told:
            told[one] = one.reason(subject)
    return [told[one] for one in conditions if told[one]]


def options(subject: Stateful, user, *actions: str) -> dict[str, Option]:
    """What a page may offer this person: action → Option. An action impossible in this state is not shown."""
    model = type(subject)
    told: dict[Callable[..., Any], str] = {}  # a condition of several actions is asked once
    found = {}
    for action in actions:
        predicate = rulebook_of(model).permissions.get(action)
        in_state = getattr(model, action)._django_fsm.has_transition(subject.state)
        permitted = bool(predicate and predicate(user, subject))
        refusal = getattr(predicate, "refusal", "")
        shown = in_state and (permitted or bool(refusal))
        reasons: list[str] = []
        if shown:
            reasons = why_not(subject, action, told) if permitted else [refusal]
        found[action] = Option(action, action_label(model, action), shown, tuple(reasons))
    return found


def perform(subject: Subject, action: str, *, by, note: str = "", **details) -> Subject:
    """Do one action: lock, check, change, append the event, queue the messages; all or nothing.

    ``by`` is a user, or SYSTEM. Gives the subject as it now stands. Raises NotPermitted (also recorded as an event) or
    NotPossible; both carry sentences for people.
    """
    try:
        with transaction.atomic():
            return _perform(subject, action, by=by, note=note, **details)
    except NotPermitted as refusal:
        label = action_label(type(subject), action)
        raise refused(subject, action, by=by, label=label, sentence=str(refusal)) from refusal


def _perform(subject: Subject, action: str, *, by, note: str, **details) -> Subject:
    model = type(subject)
    book = rulebook_of(model)
    if book.lock_first:
        list(book.lock_first(subject).select_for_update(of=("self",)).values("pk"))
    rows = model._default_manager.select_for_update(of=("self",))
    if book.related:
        rows = rows.select_related(*book.related)
    locked = rows.get(pk=subject.pk)
    label = action_label(model, action)
    if not can(by, action, locked):
        refusal = getattr(book.permissions.get(action), "refusal", "")
        raise NotPermitted(refusal or f"您没有“{label}”的权限。")
    if reasons := why_not(locked, action):
        raise NotPossible(reasons)
    origin = locked.state
    token = _asked.set(locked)
    try:
        getattr(locked, action)(**details)
    finally:
        _asked.reset(token)
    locked.state_since = clock.now()
    _save_through_the_door(locked)
    if effect := book.effects.get(action):
        effect(locked, by=by, note=note, **details)
    event = events.record(
        locked, action, by=by, note=note, label=label, from_state=origin, to_state=locked.state, **details
    )
    notify.enqueue(book.announce(event, locked))
    return locked


def _save_through_the_door(subject: Stateful) -> None:
    """Save while the database lets a state change pass; see ``core.models.only_through_the_door``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.door', 'open', true)")
        subject.save()
        cursor.execute("SELECT set_config('portal.door', '', true)")


def _state_field(model: type[Stateful]):
    meta: Any = model._meta
    return meta.get_field("state")
