"""Coming to act for an enterprise or to work in an agency: registering, asking to join, accepting an invitation."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import joining
from accounts.forms.enterprises import EnterpriseForm, JoinForm, RegisterForm
from accounts.forms.people import NewAccountForm
from accounts.http import SignedInRequest
from accounts.models import Enterprise, Invitation, Membership, User
from accounts.views.sign_in import BACKEND, safe_target
from core import clock, handover
from core.http import attempt
from core.models import Event
from core.typed import asked_words
from policy.identifiers import normalise_uscc
from policy.models import Industry

CANDIDATES_SHOWN = 8
Result = TypeVar("Result")


def register(request: HttpRequest) -> HttpResponse:
    """A new enterprise; somebody who is signed in registers it with the account at hand.

    What the self-check asked too is filled in already, and one goes on to where one was going.
    """
    user = request.user if isinstance(request.user, User) else None
    typed = handover.kept(request)
    target = request.POST.get("next") or request.GET.get("next") or ""
    make_form = EnterpriseForm if user else RegisterForm
    form = make_form(request.POST or None, initial=typed)
    if request.method == "POST" and form.is_valid():

        def register_now() -> Membership:
            return joining.register_enterprise(form.facts(), by=user or form.make_account())  # type: ignore[attr-defined]

        membership = attempt(request, lambda: _once(form, register_now))
        if membership and membership.enterprise:
            if not user:
                login(request, membership.user, backend=BACKEND)
            registrar = membership.enterprise.registrar
            messages.success(
                request, f"登记成功。{registrar}将确认您的账号；确认前可以先填写申报书，确认后才能提交。"
            )
            return redirect(safe_target(request, target))
    context = {"form": form, "next": target, "typed": bool(typed)}
    return render(request, "accounts/register.html", context)


def join(request: HttpRequest) -> HttpResponse:
    """Ask to act for an enterprise that is registered already; nothing but its name is told."""
    code = normalise_uscc(request.POST.get("credit_code") or request.GET.get("credit_code") or "")
    enterprise = Enterprise.objects.filter(credit_code=code).select_related("district", "association").first()
    if enterprise is None:
        messages.info(request, "这个统一社会信用代码还没有登记，请在这里登记。")
        return redirect("register")
    user = request.user if isinstance(request.user, User) else None
    form = None if user else JoinForm(request.POST or None, initial={"credit_code": code})
    if request.method == "POST" and (form is None or form.is_valid()):

        def ask_now() -> Membership:
            return joining.ask_to_join(enterprise, by=user or form.make_account())  # type: ignore[union-attr]

        membership = attempt(request, lambda: _once(form, ask_now))
        if membership:
            if not user:
                login(request, membership.user, backend=BACKEND)
            return redirect("own-enterprises")
    return render(request, "accounts/join.html", {"form": form, "enterprise": enterprise, "code": code})


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What a colleague's link leads to: accept with the account at hand, or with a new one."""
    found = joining.invitation_behind(token)
    if found is None:
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    if user and found.membership and found.membership.user_id == user.pk:
        messages.info(request, "您已接受这份邀请，没有重复办理。")
        return redirect("home")
    if reason := joining.why_not_usable(found, at=clock.now()):
        context = {"reason": reason, "is_of_enterprise": found.enterprise_id is not None}
        return render(request, "accounts/invitation_over.html", context, status=410)
    reason = joining.why_not_accept(found, by=user) if user else ""
    form = None if user else _account_form(request, found)
    if request.method == "POST" and not reason and (form is None or form.is_valid()):

        def accept_now() -> Membership:
            return joining.accept(found, by=user or form.make_account())  # type: ignore[union-attr]

        membership = attempt(request, lambda: _once(form, accept_now))
        if membership:
            if not user:
                login(request, membership.user, backend=BACKEND)
            told = f"您已到{found.agency}任职" if found.agency else f"您已可以代表{found.enterprise}办理"
            if found.expert:
                told = "您已是评审专家，抽到您时会收到通知"
            messages.success(request, f"{told}。")
            return redirect("home")
        return redirect(request.path)
    context = {
        "invitation": found,
        "form": form,
        "reason": reason,
        "sign_in": f"{reverse('login')}?next={request.path}",
    }
    return render(request, "accounts/invitation.html", context)


@require_safe
def own_enterprises(request: SignedInRequest) -> HttpResponse:
    """For whom the person acts, and whom those requests wait for that have not been answered."""
    own = list(
        Membership.objects.filter(user=request.user)
        .exclude(enterprise=None)
        .with_who_decides()
        .select_related("enterprise__district", "enterprise__association")
        .order_by("-is_active", "-id")
    )
    ends = {
        one.subject_id: one
        for one in Event.objects.filter(
            subject_type=Membership._meta.label,
            subject_id__in=[one.pk for one in own],
            to_state__in=[Membership.State.REFUSED, Membership.State.WITHDRAWN],
        )
    }
    rows = [
        {
            "membership": one,
            "waits_for": joining.who_decides(one.enterprise, within=one.is_decided_within),  # type: ignore[attr-defined,arg-type]
            "end": ends.get(one.pk),
        }
        for one in own
    ]
    return render(request, "accounts/own_enterprises.html", {"rows": rows})


@require_safe
def industries(request: HttpRequest) -> HttpResponse:
    """Classes of GB/T 4754 that fit what is being typed."""
    words = asked_words(request.GET.get("industry"))
    found = Industry.objects.classes().matching(words) if words else Industry.objects.none()
    # Who does not find the word looks through a whole division.
    shown = None if words.isdigit() and len(words) > 1 else CANDIDATES_SHOWN
    context = {"words": words, "found": found[:shown], "count": found.count()}
    return render(request, "accounts/_industries.html", context)


def _account_form(request: HttpRequest, found: Invitation) -> NewAccountForm:
    """The name is the invitation's; everything else is the person's own to give."""
    values = request.POST.copy()
    values["name"] = found.name
    form = NewAccountForm(
        values if request.method == "POST" else None,
        initial={"name": found.name, "mobile": found.mobile, "email": found.email},
    )
    form.fields["name"].widget.attrs["readonly"] = True
    return form


def _once(form: BaseForm | None, doing: Callable[[], Result]) -> Result | None:
    """All or nothing; when a second click was faster, the form is asked again and says what it now finds."""
    try:
        with transaction.atomic():
            return doing()
    except IntegrityError:
        if form is None:
            raise
        form.full_clean()
        if form.is_valid():
            raise
        return None
