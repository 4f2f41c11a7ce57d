"""Districts and associations as the administrator keeps them, and as the bureau adds and appoints associations (第五条)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.forms.agencies import AgencyForm, AppointmentForm, AssociationForm, ContactForm, RenameForm
from accounts.http import SignedInRequest
from accounts.models import Agency
from accounts.organisations import POSITION_OF_NEW, rename, renamings
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler
from core import clock, events
from core.workflow import NotPossible
from policy.channel import Standing
from policy.models import Industry, IndustryLevel

PAGE_SIZE = 50
STANDINGS = {
    Standing.NEVER: ("未指定", "attention"),
    Standing.AHEAD: ("尚未开始", "attention"),
    Standing.IN_FORCE: ("办理中", "met"),
    Standing.OVER: ("已到期", "unmet"),
}


def create(request: SignedInRequest) -> HttpResponse:
    form = AgencyForm(request.POST or None, instance=Agency(position=POSITION_OF_NEW))
    if agency := _added(request, form):
        messages.success(request, f"已增加{agency}。")
        return redirect("agency", agency.pk)
    return render(request, "accounts/agency_create.html", {"form": form}, status=422 if form.errors else 200)


def create_association(request: SignedInRequest) -> HttpResponse:
    """The bureau adds an association to those it guides, and goes on to appoint it."""
    new = Agency(kind=Agency.Kind.ASSOCIATION, position=POSITION_OF_NEW)
    form = AssociationForm(request.POST or None, instance=new)
    if agency := _added(request, form):
        messages.success(request, f"已增加{agency}。请接着指定它推荐的行业和期间，指定后企业才能选。")
        return redirect("association-appoint", agency.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/association_create.html", {"form": form}, status=status)


def _added(request: SignedInRequest, form: AgencyForm) -> Agency | None:
    if request.method != "POST":
        return None
    with transaction.atomic():
        # Two windows add one after the other, so that the second is told that the code or name is taken.
        Agency.objects.select_for_update(no_key=True).filter(kind=Agency.Kind.MUNICIPAL).first()
        if not form.is_valid():
            return None
        agency = form.save()
        events.record(agency, "create_agency", by=request.user, label="增加单位")
    return agency


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Contact, use, and the name with its history."""
    agency = get_object_or_404(Agency, pk=pk)
    renaming = request.method == "POST" and request.POST.get("action") == "rename"
    typed = request.POST or None
    contact = ContactForm(None if renaming else typed, instance=agency)
    renamed = RenameForm(typed if renaming else None, agency=agency)
    if request.method == "POST" and (renamed if renaming else contact).is_valid():
        said = renamed.cleaned_data if renaming else {}
        try:
            if renaming:
                rename(agency, **said, by=request.user)
            else:
                _save(contact, request)
        except NotPossible as refusal:
            renamed.add_error(None, refusal.reasons[0])
        else:
            messages.success(request, f"已保存{said.get('name') or agency.name}。")
            return redirect("agency", agency.pk)
    context = {"agency": Agency.objects.get(pk=pk), "contact": contact, "renamed": renamed}
    context["renamings"] = renamings([agency])[pk]
    failed = contact.errors or renamed.errors
    return render(request, "accounts/agency.html", context, status=422 if failed else 200)


def _save(contact: ContactForm, request: SignedInRequest) -> None:
    """Only what differs is written and recorded."""
    if not contact.changed_data:
        return
    with transaction.atomic():
        contact.instance.save(update_fields=contact.changed_data)
        labels = "、".join(str(contact.fields[name].label) for name in contact.changed_data)
        events.record(contact.instance, "edit_agency", by=request.user, label="修改单位信息", note=labels)


def _badge(agency: Agency) -> tuple[str, str, str]:
    if not agency.is_active:
        return "已停用", "", "neutral"
    is_district = agency.kind == Agency.Kind.DISTRICT
    standing = Standing.IN_FORCE if is_district else agency.appointment().standing(on=clock.today())
    word, tone = STANDINGS[standing]
    return word, "", tone


@require_safe
def associations(request: SignedInRequest) -> HttpResponse:
    """The associations that the bureau guides, what each is appointed for and until when, and the districts (第五条)."""
    page = Paginator(Agency.objects.channels().order_by("kind", "position", "id"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    former = renamings([*page])
    names = dict(Industry.objects.filter(level=IndustryLevel.DIVISION).values_list("code", "name"))
    context = {
        "page": page,
        "rows": [
            (one, [names[code] for code in one.industries if code in names], _badge(one), former[one.pk])
            for one in page
        ],
        "may_appoint": is_municipal_handler(request.user),
    }
    return render(request, "accounts/associations.html", context)


def appoint(request: SignedInRequest, pk: int) -> HttpResponse:
    """Appoint an association, or change what it is appointed for; applications that go through it already stay."""
    agency = get_object_or_404(Agency.objects.associations(), pk=pk)
    require_municipal_handler(request.user, agency, "appoint", "指定协会")
    form = AppointmentForm(request.POST or None, instance=agency)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.instance.save(update_fields=form.Meta.fields)
            events.record(
                agency,
                "appoint",
                by=request.user,
                label="指定协会",
                note=form.cleaned_data["ground"],
                industries=agency.industries,
                since=agency.appointed_from,
                until=agency.appointed_until,
            )
        messages.success(request, f"已指定{agency}，新的申报按此选择渠道；已经开始的申报不变。")
        return redirect("associations")
    return render(
        request, "accounts/appoint.html", {"form": form, "agency": agency}, status=422 if form.errors else 200
    )
