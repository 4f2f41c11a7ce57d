from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.held import LONGEST, hold, is_held
from accounts.models import Membership
from accounts.staff import why_over
from core.access import PUBLIC, SIGNED_IN, audiences
from core.typed import texts_of


class AccessMiddleware:
    """Let a request through only when its route is declared for the caller's audience.

    A visitor is asked to sign in and comes back to the same address; an account of another role is told that there is no
    such page, one whose authority has ended that it has.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        match = request.resolver_match
        audience = audiences.get(match.view_name) if match else None
        if audience is None:
            raise Http404
        if audience is PUBLIC:
            return None
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request, view)
        if audience is SIGNED_IN or any(hat.role in audience for hat in request.user.hats()):
            return None
        if over := next((hat for hat in request.user.past_hats() if hat.role in audience), None):
            return _tell_it_is_over(request, over)
        raise Http404


def _tell_it_is_over(request: HttpRequest, membership: Membership) -> HttpResponse:
    """To somebody with an old page: nothing was done, and what was typed is shown once more, to be copied."""
    told = why_over(membership)
    if "X-Autosave" in request.headers or "autosave" in request.POST:
        return HttpResponse(told, status=409, content_type="text/plain; charset=utf-8")
    context = {"told": told, "typed": texts_of(request.POST)}
    return render(request, "accounts/service_over.html", context, status=403)


def _ask_to_sign_in(request: HttpRequest, view) -> HttpResponse:
    if "X-Autosave" in request.headers:
        return HttpResponse("登录已过期。", status=401, content_type="text/plain; charset=utf-8")
    target = request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "")
    if request.method == "POST" and is_held(view):
        target = request.path
        if hold(request):
            messages.warning(request, "登录已过期。您刚才填写的内容已保留，重新登录后自动补存。")
        else:
            messages.error(
                request,
                f"登录已过期。您刚才填写的内容超过 {LONGEST:,} 字，无法代为保留。"
                "请先按浏览器的“后退”复制下来，登录后再填。",
            )
    return redirect(f"{reverse('login')}?{urlencode({'next': target})}")
