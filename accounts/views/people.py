"""Accounts and authority: who confirms whom, who takes authority back; the administrator keeps officers and experts."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core.paginator import Paginator
from django.db.models import Case, Q, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.http import require_POST, require_safe

from accounts import staff
from accounts.forms.people import OfficerForm, PreferencesForm
from accounts.forms.staff import LONGEST_REASON, EndingForm
from accounts.http import SignedInRequest
from accounts.models import Agency, Membership, MembershipQuerySet, User, answered_for_by
from accounts.roles import CHANNEL, LEADERS, Role, agencies_of, confirmed_enterprises_of
from core import events, notify, workflow
from core.http import act, attempt
from core.typed import asked_words, plain_text, too_long
from core.wording import sentence

PAGE_SIZE = 50
HANDED = "handed-password-link"
PENDING_FIRST = Case(When(state=Membership.State.PENDING, then=0), default=1)
DONE = {
    "retract": "已撤回申请。",
    "leave": "您已退出，不再代表该企业办理。",
    "remove": "已收回{0.user}的授权，并已告知本人。",
    "withdraw": "已收回{0.user}的授权，并已告知本人。",
    "end_service": "{0.user}的任职已结束。",
}
WITH_REASON = {"remove": "收回", "withdraw": "收回", "end_service": "结束任职"}


def memberships_of_agencies(user: User) -> MembershipQuerySet:
    """Memberships of the enterprises that the person's agencies answer for."""
    return (
        Membership.objects.filter(answered_for_by(agencies_of(user, *CHANNEL), "enterprise__"))
        .with_who_decides()
        .select_related("user", "enterprise")
    )


@require_safe
def approvals(request: SignedInRequest) -> HttpResponse:
    """Who waits for this agency, the longest first; under 全部 everybody, to look up and to take authority back."""
    words = asked_words(request.GET.get("q"))
    everybody = memberships_of_agencies(request.user)
    waiting = everybody.waiting_for_agency()
    found = everybody if request.GET.get("tab") == "all" else waiting
    if words:
        found = found.filter(Q(enterprise__name__icontains=words) | Q(user__name__icontains=words))
    page = Paginator(found.order_by(PENDING_FIRST, "id"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "waiting": waiting.count(),
        "tab": request.GET.get("tab", ""),
        "q": words,
        "failing": notify.failing_addresses([one.user_id for one in page]),
    }
    return render(request, "accounts/approvals.html", context)


@require_POST
def decide_approval(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm who acts for an enterprise, or refuse with a reason: a confirmed colleague, the district or association."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user)
        .filter(enterprise__isnull=False)
        .exclude(user=request.user)
        .select_related("user", "enterprise__district"),
        pk=pk,
    )
    note = plain_text(request.POST.get("note", ""), lines=True).strip()
    if request.POST.get("action") == "confirm":
        act(request, membership, "confirm", done=f"已确认{membership.user}可以代表{membership.enterprise}。")
    elif problem := too_long("不予确认的原因", note, LONGEST_REASON):
        messages.error(request, f"{problem}没有保存，您写的是：{sentence(note)}")
    elif note:
        act(request, membership, "refuse", note=note, done=f"已告知{membership.user}不予确认的原因。")
    else:
        messages.error(request, "不予确认须写明原因，原因会告知本人。")
    return redirect(_list_of(request.user, membership))


def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take authority back at once, or give it up. Says first what will happen; the reason is recorded and told."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.user).select_related(
            "user", "agency", "expert", "enterprise__district", "enterprise__association"
        ),
        pk=pk,
    )
    offered = workflow.options(membership, request.user, *DONE)
    option = next((one for one in offered.values() if one.shown), None)
    if option is None:
        if membership.is_active:
            raise Http404
        messages.info(request, f"{membership.user}的授权先前已收回，没有重复办理。")
        return redirect(_list_of(request.user, membership))
    form = _ending_form(request, membership, option.name)
    if request.method == "POST" and form.is_valid():
        if _ended(request, membership, option.name, form):
            return redirect(_list_of(request.user, membership))
        form = _ending_form(request, membership, option.name)
    context = {
        "membership": membership,
        "option": option,
        "form": form,
        "back": _list_of(request.user, membership),
    }
    return render(request, "accounts/withdraw.html", context, status=422 if form.errors else 200)


def _ending_form(request: SignedInRequest, membership: Membership, action: str) -> EndingForm:
    """With what the person has in hand in the agency; with nothing for everybody else."""
    pieces = staff.in_hand(membership)
    colleagues = staff.colleagues_of(membership) if pieces else []
    typed = request.POST if request.method == "POST" else None
    ending = WITH_REASON.get(action, "")
    return EndingForm(typed, ending=ending, leaver=membership.user, pieces=pieces, colleagues=colleagues)


def _ended(request: SignedInRequest, membership: Membership, action: str, form: EndingForm) -> bool:
    """Whether it could be done; otherwise the person is told why not."""
    done, reason = DONE[action].format(membership), form.cleaned_data.get("reason", "")
    if membership.agency is None:
        return bool(act(request, membership, action, note=reason, done=done))
    receivers = form.receivers()
    ending = partial(staff.end_service, membership, action, receivers, by=request.user, note=reason)
    if not attempt(request, ending):
        return False
    handed = f"{len(receivers)} 项手上的事项已移交。" if receivers else ""
    messages.success(request, f"{done}{handed}")
    return True


def _list_of(user: User, membership: Membership) -> str:
    """Where the person came from: the list on which this membership stands."""
    if membership.user_id == user.pk:
        return "own-enterprises"
    if membership.agency_id in agencies_of(user, *LEADERS):
        return "agency-people"
    if membership.enterprise_id is None:
        return "administration"
    return "colleagues" if membership.enterprise_id in confirmed_enterprises_of(user) else "account-approvals"


def administration(request: SignedInRequest) -> HttpResponse:
    form = OfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        events.record(user, "create_account", by=request.user, label="建立账号")
        messages.success(request, f"已建立{user}的账号。")
        _hand_over_link(request, user)
        return redirect("administration")
    words = asked_words(request.GET.get("q"))
    memberships = (
        Membership.objects.exclude(role=Role.ENTERPRISE)
        .exclude(state=Membership.State.PENDING)  # invited by the bureau, without an account so far
        .select_related("user", "agency", "expert")
        .order_by("-is_active", "agency__position", "role", "id")
    )
    if words:
        memberships = memberships.filter(
            Q(user__name__icontains=words)
            | Q(user__login__icontains=words)
            | Q(agency__name__icontains=words)
            | Q(expert__unit__icontains=words)
        )
    context = {
        "form": form,
        "page": Paginator(memberships, PAGE_SIZE).get_page(request.GET.get("page")),
        "agencies": Agency.objects.all(),
        "q": words,
        "handed": request.session.pop(HANDED, None),
    }
    return render(request, "accounts/administration.html", context)


@require_POST
def password_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """A one-time link with which a person sets the password; handed over by the administrator."""
    user = get_object_or_404(User.objects.filter(memberships__is_active=True).distinct(), pk=pk)
    events.record(user, "password_link", by=request.user, label="生成设置密码链接")
    _hand_over_link(request, user)
    return redirect("administration")


def preferences(request: SignedInRequest) -> HttpResponse:
    """Whether messages are mailed, and where to; an address that failed is told."""
    failing = notify.failing_addresses([request.user.pk]).get(request.user.pk, "")
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "已保存。")
        return redirect("preferences")
    return render(request, "accounts/preferences.html", {"form": form, "failing": failing})


def _hand_over_link(request: SignedInRequest, user: User) -> None:
    """Shown once, on the next page, to be copied."""
    request.session[HANDED] = {
        "who": user.name,
        "login_name": user.get_username(),
        "url": _password_link(request, user),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
    }


def _password_link(request: SignedInRequest, user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return request.build_absolute_uri(reverse("set-password", args=[uid, token]))
