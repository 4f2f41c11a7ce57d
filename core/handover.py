"""What somebody typed before signing in, kept in that person's own browser until it is taken up.

A signed cookie that lapses by itself and ends with the browser's session: nothing is stored here, and what comes back is
what was given out.
"""

from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "typed"
LASTS = 2 * 60 * 60
SALT = "core.handover"


def keep(response: HttpResponse, texts: Mapping[str, str]) -> None:
    """Let the browser keep these short texts by name."""
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(texts), salt=SALT, compress=True),
        max_age=LASTS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def kept(request: HttpRequest) -> dict[str, str]:
    """What the browser kept; nothing when it is too old or was tampered with."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def drop(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")
