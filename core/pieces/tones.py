"""The five tones and how pieces read what they are given."""

from collections.abc import Mapping
from typing import Any

TONE_ICONS = {
    "met": "check-circle-fill",
    "attention": "exclamation-triangle-fill",
    "unmet": "x-circle-fill",
    "info": "info-circle",
    "neutral": "slash-circle",
}


def read_value(thing: Any, name: str, default: Any = "") -> Any:
    """A value of an object or of a mapping, as templates read both."""
    return thing.get(name, default) if isinstance(thing, Mapping) else getattr(thing, name, default)
