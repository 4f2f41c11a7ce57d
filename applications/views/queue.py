"""The queue of a district bureau or an association, the most urgent first (Art. 15)."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.roles import CHANNEL, agencies_of
from applications import listing
from applications.extensions import as_seen_by
from applications.models import Application, AttachmentRequirement, Round
from core import clock
from core.counting import number_of
from core.duties import duties_of
from policy.models import ServiceMode


def cases_of(user: User) -> QuerySet[Application]:
    """What the person's agencies vet; an enterprise outside them does not exist here."""
    return Application.objects.visible_to(user).of_channel(agencies_of(user, *CHANNEL))


@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    asked = request.GET
    agencies = agencies_of(request.user, *CHANNEL)
    cases = Application.objects.filter(round=OuterRef("pk"), channel__in=agencies)
    rounds = as_seen_by(
        Round.objects.public()
        .filter(Exists(cases))
        .annotate(
            required_kinds=number_of(AttachmentRequirement.objects.all(), "round"),
            working=Exists(cases.filter(state__in=listing.WORKING)),
        )
        .order_by("-year", "kind"),
        agencies=agencies,
    )
    chosen = next((one for one in rounds if str(one.pk) == asked.get("round")), None)
    mine = cases_of(request.user)
    if chosen:
        mine = mine.filter(round=chosen)
    tab = asked.get("tab", "") if asked.get("tab", "") in listing.TABS else ""
    tabs = listing.tab_counts(mine)
    found = listing.filtered(mine.filter(listing.in_tab(tab)), asked)
    page = listing.page_of(found, asked.get("page"), own_first=True)
    rows = listing.lines(page.object_list, {one.pk: one.required_kinds for one in rounds})
    nearest = chosen or _nearest(rounds)
    context = {
        "page": page,
        "rows": rows,
        "duties": duties_of(request.user),
        "first": next((row.application for row in rows if row.application.is_being_vetted), None),
        "corrections": [row for row in rows if row.application.state == Application.State.RETURNED],
        "tab": tab,
        "tabs": [(key, word, tabs[key]) for key, word in listing.TABS.items()],
        "totals": tabs,
        "parts": [
            ("已报送", tabs["reported"], "sea"),
            ("办理中", tabs[""], "pale"),
            ("已终止", tabs["ended"], "neutral"),
        ],
        "asked": asked,
        "rounds": rounds,
        "round": nearest,
        "chosen": chosen,
        "states": [(state.value, state.label) for state in listing.WORKING] if tab == "" else _other_states(),
        "findings": [(key, word) for key, (word, _) in listing.FINDING_FILTERS.items()],
        "modes": ServiceMode.objects.all(),
        "officers": User.objects.filter(
            memberships__agency__in=agencies, memberships__role__in=CHANNEL
        ).distinct(),
        "is_filtered": any(asked.get(name) for name in ("q", "state", "finding", "mode", "officer")),
    }
    return render(request, "applications/vetting/queue.html", context)


def _nearest(rounds: Sequence[Round]) -> Round | None:
    """The round with work left whose report falls due next, else the newest round there is."""
    running = [one for one in rounds if one.working and one.district_deadline > clock.now()]  # type: ignore[attr-defined]
    return min(running, key=lambda one: one.district_deadline) if running else next(iter(rounds), None)


def _other_states() -> list[tuple[str, str]]:
    draft = Application.State.DRAFT
    return [(state.value, state.label) for state in Application.State if state is not draft]
