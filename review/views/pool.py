"""The pool of experts as the bureau looks it up and keeps it; people stand in ``accounts``, how they were used here."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import experts
from accounts.forms.experts import SuspensionForm, TieChangeForm, TieForm
from accounts.http import SignedInRequest
from accounts.models import Expert, ExpertTie, Standing
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler
from accounts.views.colleagues import invitations_of
from core import clock, events
from core.forms import Form
from core.http import attempt
from core.models import Event
from core.typed import asked_number, asked_words
from core.workflow import NotPossible
from policy.models import Industry, ServiceMode
from review.pool import draws_of, loads_of, work_of

PAGE_SIZE = 25
DRAWS_SHOWN, PANELS_SHOWN, EVENTS_SHOWN = 10, 10, 20
BADGES = {
    Standing.AVAILABLE: ("check-lg", "met"),
    Standing.SUSPENDED: ("pause-fill", "attention"),
    Standing.INVITED: ("envelope", "info"),
    Standing.OUT: ("person-dash", "neutral"),
}
TIE, END_TIE, REMOVE_TIE, SUSPEND, RESUME = "tie", "end-tie", "remove-tie", "suspend", "resume"
INVITE = "invite"
DONE = {
    TIE: "关系已登记",
    END_TIE: "关系的结束日期已登记",
    REMOVE_TIE: "这条关系的登记已撤销",
    SUSPEND: "已暂停抽取",
    RESUME: "已定下恢复抽取的日期",
}


def standing_badge(expert: Expert) -> tuple[str, str, str]:
    """Word, icon and tone, of an expert ``with_standing``."""
    standing = Standing(expert.standing)  # type: ignore[attr-defined]
    icon, tone = BADGES[standing]
    return str(standing.label), icon, tone


def expert_list(request: SignedInRequest) -> HttpResponse:
    """The pool, with who can be drawn, how often each was drawn and whose sheets came late."""
    words, standing = asked_words(request.GET.get("q")), request.GET.get("standing", "")
    modes = [(one.code, one.name) for one in ServiceMode.objects.all()]
    mode = request.GET.get("mode", "")
    found = (
        Expert.objects.with_standing(on=clock.today())
        .select_related("user")
        .prefetch_related("modes")
        .order_by("user__name", "id")
    )
    if words:
        found = found.filter(
            Q(user__name__icontains=words) | Q(unit__icontains=words) | Q(speciality__icontains=words)
        )
    if standing in Standing.values:
        found = found.filter(Q(standing=standing))
    if mode in dict(modes):
        found = found.filter(modes__code=mode)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    loads = loads_of(list(page), at=clock.now())
    context = {
        "page": page,
        "rows": [(one, standing_badge(one), loads[one.pk]) for one in page],
        "q": words,
        "standing": standing,
        "standings": Standing.choices,
        "mode": mode,
        "modes": modes,
        "may_keep": is_municipal_handler(request.user),
    }
    return render(request, "review/experts.html", context)


def expert(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the pool holds of one expert, and what a handler does about it."""
    found = get_object_or_404(Expert.objects.with_standing(on=clock.today()).select_related("user"), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    require_municipal_handler(request.user, found, "keep_expert", "登记专家信息")
    action, seen = request.POST.get("action", ""), request.POST.get("seen", "")
    if action == TIE:
        tie = TieForm(request.POST)
        return _done(
            request,
            found,
            tie,
            lambda: experts.add_tie(found, tie.cleaned_data, seen=seen, by=request.user),
            add=tie,
        )
    if action in (END_TIE, REMOVE_TIE):
        change = TieChangeForm(request.POST, is_wrong=action == REMOVE_TIE)
        own = get_object_or_404(found.ties.select_related("expert"), pk=asked_number(request.POST.get("tie")))

        def change_tie() -> None:
            said = change.cleaned_data
            if action == REMOVE_TIE:
                experts.remove_tie(own, said["reason"], seen=seen, by=request.user)
            else:
                experts.end_tie(own, said["ended_on"], seen=seen, by=request.user)

        return _done(request, found, change, change_tie, changes={own.pk: change})
    if action == INVITE:
        if made := attempt(request, lambda: experts.invite(found, by=request.user)):
            mailed = f"，并已发到 {made.email}" if made.email else ""
            messages.success(request, f"已生成给{found}的邀请链接，请转交本人{mailed}。")
        return redirect("expert", pk)
    if action in (SUSPEND, RESUME):
        act = experts.suspend if action == SUSPEND else experts.resume
        about = SuspensionForm(request.POST)
        return _done(
            request,
            found,
            about,
            lambda: act(found, **about.cleaned_data, seen=seen, by=request.user),
            suspension=about,
        )
    raise Http404


def _done(
    request: SignedInRequest, found: Expert, form: Form, act: Callable[[], Any], **forms: Any
) -> HttpResponse:
    """Carry out what the form asks, or show the page again with what was typed."""
    if form.is_valid():
        try:
            act()
        except NotPossible as refusal:
            form.add_error(None, refusal.reasons)
        else:
            messages.success(request, f"{found}：{DONE[request.POST['action']]}。")
            return redirect("expert", found.pk)
    return _page(request, found, status=422, **forms)


def _page(
    request: SignedInRequest,
    found: Expert,
    *,
    add: TieForm | None = None,
    changes: dict[int, TieChangeForm] | None = None,
    suspension: SuspensionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at, is_handler = clock.now(), is_municipal_handler(request.user)
    names = dict(Industry.objects.filter(code__in=found.industries).values_list("code", "name"))
    typed = changes or {}
    happened = events.about(found).filter(outcome=Event.Outcome.DONE).order_by("-id")[:EVENTS_SHOWN]
    context = {
        "expert": found,
        "badge": standing_badge(found),
        "suspension_text": experts.suspension_text(found),
        "industries": list(names.values()),
        "load": loads_of([found], at=at)[found.pk],
        "year": clock.local(at).year,
        "draws": draws_of(found)[:DRAWS_SHOWN],
        "work": work_of(found, at=at, most=PANELS_SHOWN),
        "ties": [
            (one, typed.get(one.pk) or _unchanged(one)) for one in found.ties.order_by("-started_on", "-id")
        ],
        "add": add or TieForm(),
        "suspension": suspension or SuspensionForm(initial={"since": clock.today()}),
        "happened": [
            {"at": one.at, "title": one.action_label, "who": one.actor_label, "note": one.note}
            for one in happened
        ],
        "seen": experts.revision_of(found),
        "invitations": invitations_of(request, found) if is_handler else [],
        "may_invite": is_handler and found.standing in (Standing.INVITED, Standing.OUT),  # type: ignore[attr-defined]
        "may_keep": is_handler,
    }
    return render(request, "review/expert.html", context, status=status)


def _unchanged(tie: ExpertTie) -> TieChangeForm:
    return TieChangeForm(initial={"ended_on": tie.ended_on}, auto_id=f"id_%s_{tie.pk}")
