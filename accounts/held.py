"""What was posted after the session had ended, held in the visitor's new session until the person has signed in again."""

from collections.abc import Callable

from django.http import HttpRequest

KEY = "held"
LONGEST = 200_000


def keeps_typing(view: Callable) -> Callable:
    """Mark a view of long texts: what is posted to it without a session is held, and it takes it with ``take``."""
    view.keeps_typing = True  # type: ignore[attr-defined]
    return view


def is_held(view: Callable) -> bool:
    return getattr(view, "keeps_typing", False)


def hold(request: HttpRequest) -> bool:
    """Whether it could be held: not when it is by far too long."""
    posted = {name: request.POST.getlist(name) for name in request.POST}
    if sum(len(text) for texts in posted.values() for text in texts) > LONGEST:
        return False
    request.session[KEY] = {"path": request.path, "posted": posted}
    return True


def take(request: HttpRequest) -> dict[str, list[str]] | None:
    """What was held for this page, once."""
    if request.session.get(KEY, {}).get("path") != request.path:
        return None
    return request.session.pop(KEY)["posted"]
