"""Public pages for many readers: kept whole for strangers, with an ETag over what they say, 304 for who has it already."""

import hashlib
import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from core import clock
from core.models import Event, EventSeal

# What happens to these is on no public page; whatever else an event tells of may be.
NOT_PUBLIC = ("accounts.User", "applications.Application", "review.Assignment", "review.ScoreSheet")
KEPT_SECONDS = 60
OF_A_PERSON = {settings.SESSION_COOKIE_NAME, "messages"}
# The masked token in a form differs each time; what it stands for is the cookie, which counts.
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')

View = Callable[..., HttpResponse]


def kept(view: View) -> View:
    """Keep the page that strangers get as long as its edition lasts. Searches are made afresh: there are too many to keep."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.META.get("QUERY_STRING") or request.COOKIES.keys() & OF_A_PERSON:
            return view(request, *args, **kwargs)
        address = hashlib.sha256(request.build_absolute_uri().encode()).hexdigest()
        key = f"public:{address}:{edition()}"
        response = cache.get(key)
        if response is None:
            response = view(request, *args, **kwargs)
            if response.status_code == 200 and not TOKEN.search(response.content):
                cache.set(key, response, KEPT_SECONDS)
        return response

    return answer


def edition() -> str:
    """Another one as soon as anything public has changed, and with every minute, because pages say how long is left.

    Whatever changes is committed together with its event. Events are only ever added, so their number tells of every commit,
    in whatever order the numbers were given out; and none slips in below a seal, so only those after it are counted. A file
    that a worker has finished has no event: its link appears with the next minute.
    """
    sealed = EventSeal.objects.order_by("-id").values_list("last_event_id", flat=True).first() or 0
    since = Event.objects.filter(id__gt=sealed).exclude(subject_type__in=NOT_PUBLIC).count()
    return f"{sealed}.{since}.{clock.now():%Y%m%d%H%M}"


def conditional(view: View) -> View:
    """Answer 304 when the page is the same as the reader's copy. Copies are asked about every time."""

    @wraps(view)
    def answer(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or response.streaming:
            return response
        content = TOKEN.sub(b"", response.content)
        secret = str(request.META.get("CSRF_COOKIE", "")).encode()
        etag = f'W/"{hashlib.sha256(secret + content).hexdigest()[:32]}"'
        response["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return get_conditional_response(request, etag=etag, response=response) or response

    return answer
