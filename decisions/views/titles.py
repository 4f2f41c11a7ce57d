"""Titles as their holders see them, the bureau's directory of enterprises and experts, and the page of one enterprise."""

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import enterprise_of_page
from accounts.http import SignedInRequest
from accounts.models import Agency, Enterprise, Membership
from accounts.roles import CHANNEL, agencies_of, reads_everything
from applications.extensions import as_seen_by
from applications.models import Application, Round
from applications.progress import badge
from core import clock, documents
from core.counting import number_of
from core.typed import asked_number, asked_words
from decisions.models import Recognition
from decisions.shown import recognition_badge
from review.views import pool

PAGE_SIZE = 25


@require_safe
def enterprise_titles(request: SignedInRequest) -> HttpResponse:
    """The titles of the enterprise: plaque, serial, when the next re-review is due (第十八条)."""
    own = enterprise_of_page(request)
    titles = (
        Recognition.objects.visible_to(request.user)
        .filter(enterprise=own)
        .select_related("enterprise", "plaque", "announcement", "application__round__measure")
    )
    context = {
        "enterprise": own,
        "titles": [(one, recognition_badge(one)) for one in titles],
        "re_review": _re_review_of(own),
        "open_round": _re_review_round_for(own),
    }
    return render(request, "decisions/enterprise_titles.html", context)


def _re_review_round_for(enterprise: Enterprise) -> Round | None:
    """The re-review that takes material now, with the deadlines in force for this enterprise."""
    rounds = Round.objects.accepting_at(clock.now(), enterprise).filter(kind=Round.Kind.RE_REVIEW)
    return next(iter(as_seen_by(rounds, agencies=[enterprise.district_id], enterprise=enterprise)), None)


def _re_review_of(enterprise: Enterprise) -> tuple[Application, tuple[str, str, str]] | None:
    """The newest case of a re-review that is under way or was concluded, with its badge."""
    cases = Application.objects.live().filter(enterprise=enterprise, round__kind=Round.Kind.RE_REVIEW)
    newest = cases.select_related("round").order_by("-id").first()
    return (newest, badge(newest)) if newest else None


@require_POST
def plaque_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the plaque's artwork as PDF; a worker makes it."""
    title = get_object_or_404(
        Recognition.objects.visible_to(request.user).select_related("plaque"), pk=pk, plaque__isnull=False
    )
    document = documents.request("plaque", title.plaque, by=request.user, key=title.plaque.serial)
    return redirect("document", pk=document.pk)


@require_safe
def directory_desk(request: SignedInRequest) -> HttpResponse:
    """Enterprises with their standing, or experts with their load, for the bureau to look up."""
    if request.GET.get("tab") == "experts":
        return pool.expert_list(request)
    q = asked_words(request.GET.get("q"))
    enterprises = (
        Enterprise.objects.visible_to(request.user)
        .select_related("district", "industry")
        .annotate(cases=number_of(Application.objects.all(), "enterprise"))
        .prefetch_related(
            Prefetch(
                "recognitions",
                queryset=Recognition.objects.in_force().select_related("plaque"),
                to_attr="held",
            )
        )
        .order_by("name", "id")
    )
    if q:
        enterprises = enterprises.filter(
            Q(name__icontains=q) | Q(credit_code__icontains=q) | Q(former_names__icontains=q)
        )
    district, standing = asked_number(request.GET.get("district")), request.GET.get("standing", "")
    if district:
        enterprises = enterprises.filter(district=district)
    if standing in Enterprise.Standing.values:
        enterprises = enterprises.filter(standing=standing)
    context = {
        "page": Paginator(enterprises, PAGE_SIZE).get_page(request.GET.get("page")),
        "q": q,
        "district": district,
        "standing": standing,
        "districts": [(one.pk, one.area) for one in Agency.objects.districts()],
        "standings": Enterprise.Standing.choices,
    }
    return render(request, "decisions/directory_desk.html", context)


@require_safe
def enterprise_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One enterprise over the years, for the agencies that answer for it or vetted it, and for whoever reads everything."""
    user = request.user
    visible = Q(pk__in=Enterprise.objects.visible_to(user).values("pk"))
    vetted = Q(pk__in=Application.objects.whole_for(user).values("enterprise"))
    related = Enterprise.objects.select_related("district", "association", "industry")
    found = get_object_or_404(related.filter(visible | vetted), pk=pk)
    submitted = (
        Application.objects.exclude(submitted_at=None)
        .filter(enterprise=found)
        .select_related("round", "channel", "main_mode", "current_version")
        .order_by("-round__year", "-id")
    )
    own = set(Application.objects.whole_for(user).filter(enterprise=found).values_list("pk", flat=True))
    titles = found.recognitions.select_related("plaque")
    context = {
        "enterprise": found,
        "cases": [
            (one, badge(one) if one.pk in own else None)
            for one in submitted
            if one.pk in own or one.state != Application.State.WITHDRAWN
        ],
        "titles": [(one, recognition_badge(one)) for one in titles],
        "people": Membership.objects.confirmed()
        .filter(enterprise=found)
        .select_related("user")
        .order_by("id"),
        "is_bureau": reads_everything(user),
        "calls": reads_everything(user) or _has_to_do_with(found, agencies_of(user, *CHANNEL)),
    }
    return render(request, "decisions/enterprise.html", context)


def _has_to_do_with(enterprise: Enterprise, agencies: set[int]) -> bool:
    """Whether one of these agencies answers for the enterprise now or has a case of it under way: it may have to call."""
    if not agencies.isdisjoint({enterprise.district_id, enterprise.association_id}):
        return True
    return Application.objects.under_way().of_channel(agencies).filter(enterprise=enterprise).exists()
