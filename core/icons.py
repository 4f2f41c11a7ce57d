"""Icons as inline SVG, read once from the icon files that set-up copies into static/vendor.

The few that stand in every row of a list are symbols at the top of the page and are only referred to, so that a list
stays light.
"""

import logging
import re
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

logger = logging.getLogger(__name__)

FOLDER = Path(settings.BASE_DIR) / "static/vendor/bootstrap-icons/icons"
SYMBOLS = (
    "alarm-fill",
    "arrow-return-left",
    "book",
    "check-circle-fill",
    "check-lg",
    "check2-circle",
    "chevron-right",
    "circle",
    "dash-circle",
    "exclamation-triangle-fill",
    "file-earmark-text",
    "hourglass-split",
    "inbox",
    "lock",
    "megaphone",
    "pencil",
    "people",
    "send",
    "slash-circle",
    "x-circle-fill",
)


@cache
def drawing(name: str) -> SafeString:
    """The paths of one icon; empty, with a line in the log, when there is no such icon."""
    file = FOLDER / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not file.is_file():
        logger.error("There is no icon named %r in %s", name, FOLDER)
        return SafeString("")
    inside = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", file.read_text(), flags=re.DOTALL)
    # Third-party drawings copied at set-up, never input of a user.
    return mark_safe(re.sub(r">\s+<", "><", inside.strip()))


@lru_cache(maxsize=1024, typed=True)
def icon(name: str, label: str = "") -> SafeString:
    """One icon; decoration for screen readers unless it has a label."""
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    if name in SYMBOLS:  # the symbol brings its own view box
        return format_html('<svg class="icon" {}><use href="#i-{}"/></svg>', role, name)
    return format_html('<svg class="icon" viewBox="0 0 16 16" {}>{}</svg>', role, drawing(name))


@cache
def symbols() -> SafeString:
    """The symbols that `icon` refers to; stands once at the top of every page."""
    return format_html(
        '<svg class="symbols" aria-hidden="true" focusable="false">{}</svg>',
        format_html_join(
            "",
            '<symbol id="i-{}" viewBox="0 0 16 16">{}</symbol>',
            ((name, drawing(name)) for name in SYMBOLS),
        ),
    )
