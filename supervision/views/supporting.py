"""The districts' supporting policies (第二十三条): prepared and published on their desks, listed for everybody."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import Agency
from accounts.roles import CHANNEL
from applications.timeline import history_of
from core import clock, workflow
from core.conflicts import conflict, differences, revision_of, too_late
from core.http import act, attempt, opened
from core.reasons import ReasonForm
from core.typed import asked_words
from core.workflow import refused
from decisions.freshness import conditional, kept
from supervision import supporting
from supervision.forms import PolicyForm
from supervision.models import SupportingPolicy

PAGE_SIZE = 25
State = SupportingPolicy.State
BADGES = {
    State.DRAFT: ("pencil", "attention"),
    State.PUBLISHED: ("megaphone", "met"),
    State.WITHDRAWN: ("slash-circle", "neutral"),
}
ENDING = ("discard", "withdraw")
STANDINGS = {"": "全部", "valid": "有效和将施行的", "over": "已过有效期的"}


def badge(policy: SupportingPolicy) -> tuple[str, str, str]:
    icon, tone = BADGES[State(policy.state)]
    return policy.get_state_display(), icon, tone


@require_safe
@conditional
@kept
def public_list(request: HttpRequest) -> HttpResponse:
    """What is published, district by district; what has run out says so."""
    today = clock.today()
    found = SupportingPolicy.objects.published().select_related("agency")
    districts = Agency.objects.districts()
    district, standing = asked_words(request.GET.get("district")), request.GET.get("standing", "")
    if district:
        found = found.filter(agency__code=district)
    over = found.over_on(today).values("pk")
    if standing == "over":
        found = found.filter(pk__in=over)
    elif standing == "valid":
        found = found.exclude(pk__in=over)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"policy": one, "agency": one.agency, "badge": one.standing_on(today)} for one in page],
        "districts": [(one.code, one.area) for one in districts],
        "district": district,
        "standing": standing,
        "standings": STANDINGS,
    }
    return render(request, "public/policy_list.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> FileResponse:
    """The original; before it is published and after it was withdrawn only its district has it."""
    readable = SupportingPolicy.objects.published() | SupportingPolicy.objects.visible_to(request.user)
    policy = get_object_or_404(readable, pk=pk)
    return FileResponse(opened(policy.file), as_attachment=True, filename=policy.file_name)


@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    found = SupportingPolicy.objects.visible_to(request.user).select_related("agency", "prepared_by")
    page = Paginator(found.order_by("-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    today = clock.today()
    context = {
        "page": page,
        "rows": [(one, badge(one), one.standing_on(today)) for one in page],
        "is_district": _district_of(request) is not None,
    }
    return render(request, "supervision/policies.html", context)


def _district_of(request: SignedInRequest) -> Agency | None:
    own = (hat.agency for hat in request.user.hats() if hat.agency and hat.role in CHANNEL)
    return next((one for one in own if one.kind == Agency.Kind.DISTRICT), None)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    district = _district_of(request)
    if district is None:
        own = next(hat.agency for hat in request.user.hats() if hat.agency and hat.role in CHANNEL)
        sentence = f"配套政策由各区市主管部门出台并公布（第二十三条），{own}是协会，不用填写。"
        raise refused(own, "prepare_policy", by=request.user, label="拟配套政策", sentence=sentence)
    return _page(request, SupportingPolicy(agency=district, prepared_by=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft to be changed, published or given up; what was published as it is read."""
    with transaction.atomic():
        own = SupportingPolicy.objects.visible_to(request.user).select_for_update(of=("self",))
        return _page(request, get_object_or_404(own.select_related("agency", "prepared_by"), pk=pk))


def _page(
    request: SignedInRequest, found: SupportingPolicy, reason_form: ReasonForm | None = None
) -> HttpResponse:
    typed = request.method == "POST" and reason_form is None
    stored = SupportingPolicy.objects.filter(pk=found.pk).first() or found
    form = PolicyForm(request.POST if typed else None, request.FILES if typed else None, instance=found)
    options = workflow.options(stored, request.user, "publish", *ENDING) if found.pk else {}
    context = {
        "policy": stored,
        "badge": badge(stored) if found.pk else None,
        "standing": stored.standing_on(clock.today()) if found.pk else None,
        "form": form,
        "revision": revision_of(form),
        "digest": stored.digest() if found.pk else "",
        "is_draft": found.state == State.DRAFT,
        "publishing": options.get("publish"),
        "ending": [options[name] for name in ENDING if name in options and options[name].shown],
        "reason_form": reason_form or _reason_form(),
        "history": history_of(found, reader=request.user) if found.pk else [],
    }
    template = "supervision/policy.html"
    if not typed:
        return render(request, template, context, status=422 if reason_form else 200)
    if found.state != State.DRAFT:
        told = f"这项政策现为“{found.get_state_display()}”，不能再改，您填写的没有保存。"
        return too_late(request, told, reverse("policy", args=[found.pk]))
    if not form.is_valid():
        context["revision"] = request.POST.get("revision", "")
        return render(request, template, context, status=422)
    if found.pk and request.POST.get("revision") != context["revision"] and (other := differences(form)):
        return conflict(request, template, context | {"differences": other})
    saving = partial(
        supporting.prepare, form.save(commit=False), form.cleaned_data["upload"], by=request.user
    )
    if not (prepared := attempt(request, saving)):
        return render(request, template, context, status=422)
    messages.success(request, f"已保存“{prepared.title}”，公众还看不到。请由本单位负责人发布。")
    return redirect("policy", prepared.pk)


@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    seen = request.POST.get("digest", "")
    if done := attempt(request, lambda: supporting.publish(found, seen=seen, by=request.user)):
        messages.success(request, f"已发布“{done.title}”，公众现在可以看到。")
    return redirect("policy", pk)


@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a draft up, or take a published policy off the public page: it stays on record with the reason."""
    found, form = _own(request, pk), _reason_form(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    action = "discard" if request.POST.get("act") == "discard" else "withdraw"
    done = f"“{found.title}”已{'作废' if action == 'discard' else '撤下'}，原因已记录。"
    act(request, found, action, note=form.cleaned_data["reason"], done=done)
    return redirect("policy", pk)


def _own(request: SignedInRequest, pk: int) -> SupportingPolicy:
    own = SupportingPolicy.objects.visible_to(request.user).select_related("agency", "prepared_by")
    return get_object_or_404(own, pk=pk)


def _reason_form(data=None) -> ReasonForm:
    return ReasonForm(data, required="请写明原因，原因会留在记录里。")
