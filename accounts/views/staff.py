"""The people of an agency, as its leader sees and changes them (第五条)."""

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import joining, staff
from accounts.conditions import a_leader_remains
from accounts.forms.staff import InviteOfficerForm, short_role
from accounts.http import SignedInRequest
from accounts.models import Agency, Membership, MembershipQuerySet
from accounts.permissions import leads
from accounts.roles import LEADERS, STAFF, agencies_of
from accounts.views.colleagues import invitations_of
from accounts.views.people import withdraw
from core import holdings, notify
from core.models import Event
from core.reasons import ReasonForm
from core.typed import asked_number
from core.workflow import NotPossible, refused

FORMER_SHOWN = 10


def _led_agency(request: SignedInRequest) -> tuple[Agency, list[Agency]]:
    """The agency that the address or form names, else the first that the person leads, and all of them."""
    led = agencies_of(request.user, *LEADERS)
    agencies = list(
        dict.fromkeys(hat.agency for hat in request.user.hats() if hat.agency and hat.agency_id in led)
    )
    if not agencies:
        own = next(hat.agency for hat in request.user.hats() if hat.agency and hat.role in STAFF)
        sentence = f"{own}的人员由该单位负责人管理，您不是负责人。"
        raise refused(own, "agency_people", by=request.user, label="管理本单位人员", sentence=sentence)
    asked = asked_number(request.POST.get("agency") or request.GET.get("agency"))
    return next((one for one in agencies if one.pk == asked), agencies[0]), agencies


def _people(agency: Agency) -> MembershipQuerySet:
    """With ``role_since``, from when each has had the present or the last role."""
    changed = Event.objects.filter(
        subject_type=Membership._meta.label,
        subject_id=OuterRef("pk"),
        action=staff.CHANGE_ROLE,
        outcome=Event.Outcome.DONE,
    )
    since = Coalesce(Subquery(changed.order_by("-id").values("at")[:1]), "created_at")
    people = Membership.objects.filter(agency=agency, role__in=STAFF).annotate(role_since=since)
    return people.select_related("user")


def people(request: SignedInRequest) -> HttpResponse:
    """Everybody who works in the agency, with what each has in hand; invite a colleague."""
    agency, agencies = _led_agency(request)
    form = InviteOfficerForm(request.POST or None, agency=agency)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = joining.invite(agency, by=request.user, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error(None, refusal.reasons)
        else:
            mailed = f"，并已发到 {invitation.email}" if invitation.email else ""
            messages.success(request, f"已生成给{invitation.name}的邀请链接，请转交本人{mailed}。")
            return redirect(f"{request.path}?agency={agency.pk}#invitations")
    present = list(_people(agency).confirmed().order_by("role", "id"))
    context = {
        "agency": agency,
        "agencies": agencies,
        "rows": [(one, short_role(one.role)) for one in present],
        "in_hand": holdings.numbers_of(agency),
        "failing": notify.failing_addresses([one.user_id for one in present]),
        "former": _people(agency).filter(is_active=False).order_by("-state_since")[:FORMER_SHOWN],
        "invitations": invitations_of(request, agency),
        "form": form,
    }
    return render(request, "accounts/staff.html", context, status=422 if form.errors else 200)


def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a service, with everything in hand handed over."""
    _led_agency(request)
    return withdraw(request, pk)


def change_role(request: SignedInRequest, pk: int) -> HttpResponse:
    """Handler to leader, or leader to handler: what it means first, then the reason."""
    _led_agency(request)
    hats = Membership.objects.visible_to(request.user).filter(agency__isnull=False)
    membership = get_object_or_404(hats.select_related("user", "agency"), pk=pk)
    if request.method != "POST" and not leads(request.user, membership):
        raise Http404
    if not membership.is_active:
        messages.info(request, f"{membership.user}已不在{membership.agency}任职，没有改动。")
        return redirect("agency-people")
    assert membership.agency is not None
    becomes = next(role for role in membership.agency.staff_roles if role != membership.role)
    form = ReasonForm(request.POST or None, required="请写明改变角色的原因，原因会告知本人并记录。")
    if request.method == "POST" and form.is_valid():
        role, note = request.POST.get("role", ""), form.cleaned_data["reason"]
        try:
            changed = staff.change_role(membership, role, by=request.user, note=note)
        except NotPossible as refusal:
            membership.refresh_from_db(fields=["role"])
            if role == membership.role:  # the form would offer to undo it
                messages.error(request, "".join(refusal.reasons))
                return redirect("agency-people")
            form.add_error(None, refusal.reasons)
        else:
            messages.success(
                request, f"{changed.user}现在是{short_role(changed.role)}，立即生效，已告知本人。"
            )
            led = agencies_of(request.user, *LEADERS)
            is_own = membership.user_id == request.user.pk
            return redirect("home" if is_own or membership.agency_id not in led else "agency-people")
    context = {
        "membership": membership,
        "becomes": becomes,
        "words": (short_role(membership.role), short_role(becomes)),
        "form": form,
        "reason": a_leader_remains.reason(membership),
    }
    return render(request, "accounts/change_role.html", context, status=422 if form.errors else 200)
