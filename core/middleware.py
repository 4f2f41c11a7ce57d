import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import is_valid_path

from core import events
from core.context import remote_address
from core.workflow import NotPermitted


class PageAboveMiddleware:
    """Whoever asks to read an address that is only posted to is led to the page above it, with the same query.

    A refused form is answered under such an address, and reloading it or following a link relative to it comes back to it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method not in ("GET", "HEAD"):
            return response
        query = request.GET.urlencode()
        above = _path_above(request.path_info)
        return redirect(f"{above}?{query}" if query else above, preserve_request=True)


def _path_above(path: str) -> str:
    """The nearest path above this one that leads anywhere."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            break
    return path


class RequestContextMiddleware:
    """Remember the caller's address for the events of this request, and see that a refusal stays in the log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = remote_address.set(caller_address(request))
        try:
            return self.get_response(request)
        finally:
            remote_address.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """The view's transactions are over: what one of them rolled back with the refusal is recorded now."""
        if isinstance(exception, NotPermitted) and exception.event:
            events.keep(exception.event)


def caller_address(request: HttpRequest) -> str | None:
    """Who called, as the outermost of the trusted proxies saw it; what callers claim by themselves counts for nothing.

    Each proxy appends the address it was called from to ``X-Forwarded-For``, so with n trusted ones the n-th from the right
    is the caller. A request that passed fewer did not come through them.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if proxies := settings.TRUSTED_PROXIES:
        passed = request.headers.get("X-Forwarded-For", "").split(",")
        address = passed[-proxies].strip() if len(passed) >= proxies and passed[-1].strip() else address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None  # a unix socket has no address
