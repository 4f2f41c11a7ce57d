"""The conditions tried out by anybody: figures in, findings out, nothing kept."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from accounts.roles import Role, has_role
from applications.forms.self_check import SelfCheckForm
from applications.self_check import standard_at
from core import clock, handover
from policy.eligibility import conclude, evaluate


@require_http_methods(["GET", "HEAD", "POST"])
def self_check(request: HttpRequest) -> HttpResponse:
    """What was typed comes in the body of a POST or in the visitor's own cookie, never in the address."""
    standard = standard_at(clock.now())
    if standard is None:
        raise Http404
    if "clear" in request.POST:
        response = redirect("self-check")
        handover.drop(response)
        return response
    texts = request.POST if request.method == "POST" else handover.kept(request)
    form = SelfCheckForm(standard.years, texts)
    is_valid, begins = form.is_valid(), "begin" in request.POST
    may_begin = standard.is_accepting and _may_apply(request)
    if begins and may_begin and is_valid and standard.round:
        response = redirect("application-start", standard.round.pk)
        if answers := form.answers():
            handover.keep(response, answers)
        return response
    findings = evaluate(
        form.facts(), standard.conditions, base_date=standard.base_date, latest_year=standard.latest_year
    )
    context = {
        "form": form,
        "standard": standard,
        "findings": findings,
        "told": [one for one in findings if one.group or not one.missing],
        "pending": [one for one in findings if one.missing and not one.group],
        "conclusion": conclude(findings),
        "lines": form.lines(),
        "may_begin": may_begin,
        "refused": begins and not is_valid,
        "now": clock.now(),
    }
    part = "live" if request.headers.get("HX-Request") == "true" else "page"
    page = render(request, f"public/self_check_{part}.html", context)
    if texts:
        patch_cache_control(page, no_store=True, private=True)
    return page


def _may_apply(request: HttpRequest) -> bool:
    """Whether this visitor is, or may turn out to be, somebody who acts for an enterprise."""
    return request.user.is_anonymous or has_role(request.user, Role.ENTERPRISE)
