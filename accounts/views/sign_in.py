"""Signing in and out, setting a password."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, PasswordResetConfirmView
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.context_processors import PLACES
from accounts.demo import DEMO_ACCOUNTS, OTHER_EXPERTS
from accounts.forms.people import SignInForm
from accounts.http import SignedInRequest
from accounts.models import Expert, User
from core import handover

BACKEND = "accounts.backends.PortalBackend"

sign_out = LogoutView.as_view()
set_password = PasswordResetConfirmView.as_view(
    template_name="accounts/set_password.html", success_url=reverse_lazy("login"), post_reset_login=False
)


def sign_in(request: HttpRequest) -> HttpResponseBase:
    context = {
        "demo_accounts": DEMO_ACCOUNTS if settings.DEMO_MODE else (),
        "demo_experts": _other_experts() if settings.DEMO_MODE else (),
        "typed": bool(handover.kept(request)),
    }
    view = LoginView.as_view(
        template_name="accounts/login.html",
        authentication_form=SignInForm,
        redirect_authenticated_user=True,
        extra_context=context,
    )
    return view(request)


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The first place of the person's role; who only waits to act for an enterprise sees whom for."""
    hats = request.user.hats()
    if hats:
        return redirect(PLACES[hats[0].role][0][1])
    return redirect("own-enterprises" if request.user.memberships.exists() else "public-home")


@require_POST
def demo_sign_in(request: HttpRequest, login_name: str) -> HttpResponse:
    """Sign in as one of the demonstration's accounts by one click; there is no such page outside demo mode."""
    known = {*(account.login for account in DEMO_ACCOUNTS), *OTHER_EXPERTS}
    if not settings.DEMO_MODE or login_name not in known:
        raise Http404
    login(request, get_object_or_404(User, login=login_name, is_active=True), backend=BACKEND)
    return redirect(safe_target(request, request.POST.get("next", "")))


def _other_experts() -> QuerySet[Expert]:
    return Expert.objects.filter(user__login__in=OTHER_EXPERTS).select_related("user").order_by("user__login")


def safe_target(request: HttpRequest, target: str) -> str:
    """The address if it is one of ours, else the first place of the person's role."""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else "home"
