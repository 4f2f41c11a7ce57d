"""An enterprise's facts: corrected at any time, confirmed once a year with what has changed in between."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import profile
from accounts.acting import enterprise_of_page
from accounts.http import SignedInRequest
from accounts.models import Enterprise
from accounts.people import members_of_enterprise
from accounts.roles import confirmed_enterprises_of
from applications.forms.profile import ProfileForm
from core import notify
from core.http import attempt


@transaction.atomic
def edit(request: SignedInRequest) -> HttpResponse:
    """All facts in one form. What a colleague changed meanwhile is shown and not overwritten."""
    rows = Enterprise.objects.select_related("district", "industry")
    if request.method == "POST":
        rows = rows.select_for_update(no_key=True, of=("self",))
    enterprise = rows.get(pk=enterprise_of_page(request).pk)
    before = profile.facts_of(enterprise)
    form = ProfileForm(request.POST or None, instance=enterprise)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen") != profile.digest_of(before):
            form.add_error(None, "这一页打开后，同事已改动企业信息。请对照下面“现在的内容”核对后再保存一次。")
        else:
            changes = profile.save_changes(enterprise, before, by=request.user)
            named = profile.labels_of([one.name for one in changes])
            messages.success(
                request, f"已保存：{named}。" if changes else "没有改动。新建的申报书会自动带入这些信息。"
            )
            return redirect(f"{request.path}?enterprise={enterprise.pk}")
    people = members_of_enterprise(enterprise)
    failing = notify.failing_addresses(people)
    context = {
        "enterprise": enterprise,
        "form": form,
        "seen": profile.digest_of(before),
        "now": _lines(before) if form.non_field_errors() else [],
        "last": profile.last_confirmation(enterprise),
        "unconfirmed_year": profile.year_to_confirm(enterprise),
        "failing": [(one, failing[one.pk]) for one in people if one.pk in failing],
    }
    return render(request, "applications/enterprise/profile.html", context)


def confirm(request: SignedInRequest) -> HttpResponse:
    """What changed since the last confirmation, everything as it stands, and one button."""
    enterprise = enterprise_of_page(request)
    facts = profile.facts_of(enterprise)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        done = attempt(request, lambda: profile.confirm(enterprise, seen=seen, by=request.user))
        if done is not None:
            said = "企业信息已确认，下一次在明年。" if done else "这些内容今年先前已确认，没有重复办理。"
            messages.success(request, said)
            return redirect(_next(request) or f"{reverse('enterprise-profile')}?enterprise={enterprise.pk}")
    last = profile.last_confirmation(enterprise)
    context = {
        "enterprise": enterprise,
        "lines": _lines(facts),
        "seen": profile.digest_of(facts),
        "last": last,
        "changes": [
            (profile.LABELS[one.name], one.before, one.after) for one in profile.changes_since(last, facts)
        ],
        "reason": profile.why_not_confirm(facts),
        "unconfirmed_year": profile.year_to_confirm(enterprise),
        "is_confirmed": enterprise.pk in confirmed_enterprises_of(request.user),
        "next": _next(request),
    }
    return render(request, "applications/enterprise/profile_confirm.html", context)


def _lines(facts: dict[str, str]) -> list[tuple[str, str]]:
    return [(profile.LABELS[name], words) for name, words in facts.items()]


def _next(request: SignedInRequest) -> str:
    """The page of this portal from which one came to confirm."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else ""
