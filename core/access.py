"""Every route is declared with its audience; a route without one does not exist.

``PUBLIC`` is everybody, ``SIGNED_IN`` any account, otherwise a set of roles. Who may see which object behind a route is a
matter of ``visible_to`` and the permission tables.
"""

from collections.abc import Callable

from django.urls import URLPattern, path

PUBLIC = frozenset({"public"})
SIGNED_IN = frozenset({"signed-in"})

audiences: dict[str, frozenset[str]] = {}


def route(pattern: str, view: Callable, *, name: str, audience: frozenset[str]) -> URLPattern:
    """A URL pattern, entered in the access table."""
    if audiences.setdefault(name, audience) != audience:
        raise ValueError(f"Route {name} is declared with two audiences.")
    return path(pattern, view, name=name)
