"""The enterprises of a district; for an association, those that came through it."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import Agency, Enterprise, Membership, answered_for_by
from accounts.roles import CHANNEL, agencies_of
from applications import progress
from applications.models import Application
from core.counting import number_of
from core.typed import asked_words
from policy.identifiers import normalise_uscc

PAGE_SIZE = 25
STANDINGS = {
    Enterprise.Standing.NONE: ("", ""),
    Enterprise.Standing.HOLDER: ("award", "met"),
    Enterprise.Standing.REVOKED: ("slash-circle", "unmet"),
}


@require_safe
def district_enterprises(request: SignedInRequest) -> HttpResponse:
    asked = request.GET
    agencies = agencies_of(request.user, *CHANNEL)
    cases = Application.objects.of_channel(agencies).filter(enterprise=OuterRef("pk")).order_by("-id")
    found = Enterprise.objects.filter(answered_for_by(agencies) | Exists(cases))
    if words := asked_words(asked.get("q")):
        found = found.filter(
            Q(name__icontains=words) | Q(credit_code__icontains=normalise_uscc(words) or words)
        )
    if asked.get("standing") in Enterprise.Standing.values:
        found = found.filter(standing=asked["standing"])
    elsewhere = (
        Application.objects.filter(enterprise=OuterRef("pk"))
        .exclude(channel__in=agencies)
        .exclude(state__in=(Application.State.DRAFT, Application.State.WITHDRAWN))
        .order_by("-id")
    )
    found = found.select_related("industry", "district").annotate(
        latest=Subquery(cases.values("pk")[:1]),
        through=Subquery(elsewhere.values("channel__short_name")[:1]),
        through_year=Subquery(elsewhere.values("round__year")[:1]),
        people=number_of(
            Membership.objects.filter(state=Membership.State.CONFIRMED, is_active=True), "enterprise"
        ),
        unconfirmed=number_of(Membership.objects.filter(state=Membership.State.PENDING), "enterprise"),
    )
    page = Paginator(found.order_by("-standing", "id"), PAGE_SIZE).get_page(asked.get("page"))
    latest = Application.objects.select_related("round").in_bulk([one.latest for one in page if one.latest])  # type: ignore[attr-defined]
    rows = []
    for one in page:
        case = latest.get(one.latest)  # type: ignore[attr-defined]
        icon, tone = STANDINGS[Enterprise.Standing(one.standing)]
        standing = (one.get_standing_display(), icon, tone) if tone else None
        rows.append((one, standing, case, progress.badge(case) if case else None))
    return render(
        request,
        "applications/vetting/enterprises.html",
        {
            "page": page,
            "rows": rows,
            "asked": asked,
            "standings": Enterprise.Standing.choices,
            "is_district": any(
                hat.agency.kind == Agency.Kind.DISTRICT
                for hat in request.user.hats()
                if hat.agency and hat.role in CHANNEL
            ),
            "waiting": Membership.objects.filter(answered_for_by(agencies, "enterprise__"))
            .waiting_for_agency()
            .count(),
            "is_filtered": any(asked.get(name) for name in ("q", "standing")),
        },
    )
