"""An enterprise's own people: who acts for it, who asks to, who has been invited."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts import joining
from accounts.acting import SESSION_KEY, enterprise_of_page, own_enterprises
from accounts.forms.people import InviteForm
from accounts.http import SignedInRequest
from accounts.models import Agency, Enterprise, Expert, Invitation, Membership
from accounts.roles import LEADERS, agencies_of, confirmed_enterprises_of, is_municipal_handler
from core import clock, notify
from core.models import Notification
from core.workflow import NotPossible

INVITATIONS_SHOWN = 20


def colleagues(request: SignedInRequest) -> HttpResponse:
    """Everybody with authority and everybody who waits for it. Only confirmed people see others and invite."""
    enterprise = enterprise_of_page(request)
    is_confirmed = enterprise.pk in confirmed_enterprises_of(request.user)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = joining.invite(enterprise, by=request.user, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error(None, refusal.reasons)
        else:
            mailed = f"，并已发到 {invitation.email}" if invitation.email else ""
            messages.success(request, f"已生成给{invitation.name}的邀请链接，请转交本人{mailed}。")
            return redirect(f"{request.path}?enterprise={enterprise.pk}#invitations")
    people = list(
        enterprise.memberships.visible_to(request.user)
        .filter(is_active=True)
        .select_related("user")
        .order_by("state", "id")
    )
    context = {
        "enterprise": enterprise,
        "is_confirmed": is_confirmed,
        "confirmed": [one for one in people if one.state == Membership.State.CONFIRMED],
        "pending": [one for one in people if one.state == Membership.State.PENDING],
        "failing": notify.failing_addresses([one.user_id for one in people]),
        "invitations": invitations_of(request, enterprise) if is_confirmed else [],
        "form": form,
    }
    return render(request, "accounts/colleagues.html", context)


@require_POST
def switch(request: SignedInRequest) -> HttpResponse:
    """Act for another of one's enterprises from now on."""
    wanted = request.POST.get("enterprise", "")
    found = next((one for one in own_enterprises(request.user) if str(one.pk) == wanted), None)
    if found is None:
        raise Http404
    request.session[SESSION_KEY] = found.pk
    messages.success(request, f"现在办理{found}的事项。")
    return redirect("enterprise-home")


@require_POST
def revoke_invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    """An enterprise's or an agency's; an expert's is the bureau's handler's to take back."""
    own = Q(enterprise__in=confirmed_enterprises_of(request.user))
    led = Q(agency__in=agencies_of(request.user, *LEADERS))
    if is_municipal_handler(request.user):
        led |= Q(expert__isnull=False)
    found = get_object_or_404(Invitation.objects.filter(own | led), pk=pk)
    if joining.revoke(found, by=request.user):
        messages.success(request, f"已撤销给{found.name}的邀请，链接不能再用。")
    else:
        messages.info(request, f"给{found.name}的邀请先前已使用或撤销，没有重复办理。")
    if found.expert_id:
        return redirect("expert", found.expert_id)
    return redirect("agency-people" if found.agency_id else "colleagues")


def invitations_of(request: SignedInRequest, organisation: Enterprise | Agency | Expert) -> list[dict]:
    """The latest ones with how each stands; the link of one that still serves, to be handed over."""
    at = clock.now()
    found = list(
        organisation.invitations.select_related("invited_by", "membership__user")[:INVITATIONS_SHOWN]
    )
    failed = set(
        Notification.objects.filter(
            recipient=None,
            key__in=[f"invitation-{one.pk}" for one in found],
            mail_status=Notification.MailStatus.FAILED,
        ).values_list("key", flat=True)
    )
    return [
        {
            "invitation": one,
            "state": _state(one, at),
            "link": request.build_absolute_uri(joining.path_of(one)) if one.is_open_at(at) else "",
            "is_mail_failing": f"invitation-{one.pk}" in failed,
        }
        for one in found
    ]


def _state(invitation: Invitation, at) -> tuple[str, str, str]:
    """Word, icon and tone of a badge."""
    if invitation.accepted_at:
        return "已接受", "", "met"
    if invitation.revoked_at:
        return "已撤销", "slash-circle", "neutral"
    if not invitation.is_open_at(at):
        return "已过期", "clock-history", "neutral"
    return "待接受", "hourglass-split", "attention"
