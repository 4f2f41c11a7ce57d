"""The queue of a district bureau or an association, the most urgent first (Art. 15)."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Agency, User
from accounts.roles import CHANNEL, agencies_of
from applications import case_tables, listing
from applications.extensions import as_seen_by
from applications.forms.vetting import SavedViewForm
from applications.models import Application, AttachmentRequirement, Round, SavedView
from core import clock
from core.counting import number_of
from core.duties import duties_of
from core.typed import asked_number, asked_words
from policy.models import ServiceMode

FILTERS = ("q", "state", "finding", "mode", "officer")
KEPT = ("tab", "round", *FILTERS)
ORDERS = {
    "": "先办的在前：本单位要办的按报送时限从早到晚，等企业补正的排后",
    "reported": "停留最久的在前",
    "ended": "最早终止的在前",
    "all": "有时限的在前，按时限从早到晚",
}
SHOW_ALL = "view=all"  # in the address: everything, whatever the person's first view is


def query_of(asked: Mapping[str, str]) -> str:
    """The filters of an address in one order, as a saved view keeps them; empty when nothing is filtered."""
    words = asked_words(asked.get("q"))
    codes = {name: asked.get(name, "") for name in KEPT if name != "q"}
    kept = {
        name: value
        for name, value in codes.items()
        if (value.isascii() and value.isidentifier()) or asked_number(value)
    }
    return urlencode(kept | ({"q": words} if words else {}))


def address_of(view: SavedView) -> str:
    return f"{reverse('vetting-queue')}?{view.query}&view={view.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: SignedInRequest) -> HttpResponse:
    """The list as the address asks; without any question, as the person's first view says. A POST keeps its filter."""
    if request.method == "POST":
        return _keep(request)
    views = list(request.user.saved_views.all())
    first = next((one for one in views if one.is_default), None)
    if first and not request.GET:
        return redirect(address_of(first))
    return _page(request, views)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The list as a workbook, with the filters of the address."""
    agencies = Agency.objects.filter(pk__in=agencies_of(request.user, *CHANNEL)).order_by("pk")
    what = f"{'、'.join(str(one) for one in agencies)}审核列表"
    document = case_tables.ask(case_tables.QUEUE, agencies[0], asked=request.GET, what=what, by=request.user)
    return redirect("document", document.pk)


def _keep(request: SignedInRequest) -> HttpResponse:
    """Save the filter of the address (no ``view``), or rename, delete or put first one of the person's own."""
    posted = request.POST
    with transaction.atomic():
        User.objects.select_for_update().get(pk=request.user.pk)  # two windows save one after the other
        if not posted.get("view"):
            return _save(request)
        view = request.user.saved_views.filter(pk=asked_number(posted["view"])).first()
        if view is None:
            messages.error(request, "这组常用筛选已不在了，可能在另一个窗口里删除了，没有改动。")
        elif posted.get("act") == "delete":
            view.delete()
            messages.success(request, f"已删除常用筛选“{view.name}”。")
        elif posted.get("act") == "default":
            SavedView.objects.make_default(None if view.is_default else view, of=request.user)
            told = "打开审核列表时不再先用" if view.is_default else "以后打开审核列表时先用"
            messages.success(request, f"{told}“{view.name}”。")
        else:
            form = SavedViewForm(posted, instance=view)
            if not form.is_valid():
                return _page(request, list(request.user.saved_views.all()), view_form=form, status=422)
            form.save()
            messages.success(request, f"已改名为“{view.name}”。")
    return redirect(f"{request.path}?{request.GET.urlencode() or SHOW_ALL}")


def _save(request: SignedInRequest) -> HttpResponse:
    view = SavedView(owner=request.user, query=query_of(request.GET))
    form = SavedViewForm(request.POST, instance=view)
    if form.is_valid():
        if not view.query:
            form.add_error("name", "现在没有筛选条件，没有可保存的。请先选定状态、核验结果等，再保存。")
        elif request.user.saved_views.count() >= SavedView.MOST:
            form.add_error("name", f"每人最多保存 {SavedView.MOST} 组常用筛选，请先删除不用的再保存。")
    if not form.is_valid():
        return _page(request, list(request.user.saved_views.all()), view_form=form, status=422)
    form.save()
    messages.success(request, f"已保存为常用筛选“{view.name}”。")
    return redirect(address_of(view))


def _page(
    request: SignedInRequest,
    views: list[SavedView],
    *,
    view_form: SavedViewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = request.GET
    agencies = agencies_of(request.user, *CHANNEL)
    states = listing.states_by_round(agencies)
    rounds = as_seen_by(
        Round.objects.public()
        .filter(pk__in=states)
        .annotate(required_kinds=number_of(AttachmentRequirement.objects.all(), "round"))
        .order_by("-year", "kind"),
        agencies=agencies,
    )
    chosen = next((one for one in rounds if str(one.pk) == asked.get("round")), None)
    mine = listing.of_queue(request.user)
    if chosen:
        mine = mine.filter(round=chosen)
    tab = asked.get("tab", "") if asked.get("tab", "") in listing.TABS else ""
    tabs = listing.tab_counts([states[chosen.pk]] if chosen else [*states.values()])
    found = listing.filtered(listing.in_tab(mine, tab), asked)
    is_filtered = any(asked.get(name) for name in FILTERS)
    total = found.count() if is_filtered else tabs[tab]
    modes = list(ServiceMode.objects.all())
    known = {
        "round": rounds,
        "channel": [hat.agency for hat in request.user.hats() if hat.agency],
        "main_mode": modes,
    }
    page = listing.page_of(found, asked.get("page"), total=total, own_first=True, known=known)
    rows = listing.lines(page.object_list, {one.pk: one.required_kinds for one in rounds})
    nearest = chosen or _nearest(rounds, states)
    people = listing.officers_in(agencies)
    context = {
        "page": page,
        "rows": rows,
        "duties": duties_of(request.user),
        "first": next((row.application for row in rows if row.application.is_being_vetted), None),
        "corrections": [row for row in rows if row.application.state == Application.State.RETURNED],
        "tab": tab,
        "tabs": [(key, word, tabs[key]) for key, word in listing.TABS.items()],
        "totals": tabs,
        "order": ORDERS[tab],
        "parts": [
            ("已报送", tabs["reported"], "sea"),
            ("办理中", tabs[""], "pale"),
            ("已终止", tabs["ended"], "neutral"),
        ],
        "asked": asked,
        "rounds": rounds,
        "round": nearest,
        "chosen": chosen,
        "names_round": not chosen and (bool(tab) or len({row.application.round_id for row in rows}) > 1),
        "states": [(state.value, state.label) for state in listing.WORKING] if tab == "" else _other_states(),
        "findings": [(key, word) for key, (word, _) in listing.FINDING_FILTERS.items()],
        "modes": modes,
        "officers": [(listing.NOBODY, "还没有人经办"), *people.values_list("pk", "name")],
        "is_filtered": is_filtered,
        **_shown(views, asked, view_form),
    }
    return render(request, "applications/vetting/queue.html", context, status=status)


def _shown(views: list[SavedView], asked: Mapping[str, str], form: SavedViewForm | None) -> dict:
    """The person's saved views, which of them is shown, and the form to save or rename with."""
    query = query_of(asked)
    shown = next((one for one in views if one.query == query), None)
    return {
        "query": query,
        "saved_views": views,
        "view": shown,
        "view_form": form or SavedViewForm(instance=shown or SavedView()),
    }


def _nearest(rounds: Sequence[Round], states: Mapping[int, Mapping[str, int]]) -> Round | None:
    """The round with work left whose report falls due next, else the newest round there is."""
    at_work = {pk for pk, found in states.items() if any(found.get(state) for state in listing.WORKING)}
    running = [one for one in rounds if one.pk in at_work and one.district_deadline > clock.now()]
    return min(running, key=lambda one: one.district_deadline) if running else next(iter(rounds), None)


def _other_states() -> list[tuple[str, str]]:
    draft = Application.State.DRAFT
    return [(state.value, state.label) for state in Application.State if state is not draft]
