"""Deadlines of a round that were put off, and putting off one more (第十四条、第十五条)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications.board import rest_day_hints
from applications.conditions import moment_text
from applications.extensions import extend
from applications.forms.extensions import ExtensionForm
from applications.models import Round
from core.workflow import NotPossible

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def extensions(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            done = extend(
                round_,
                said["deadline"],
                said["until"],
                reason=said["reason"],
                by=request.user,
                **form.chosen(),
            )
        except NotPossible as refusal:
            for reason in refusal.reasons:
                form.add_error("until", reason)
        else:
            messages.success(
                request,
                f"{done.get_deadline_display()}已延长至{moment_text(done.until)}（{done.scope}），有关单位和企业已收到通知。",
            )
            for hint in rest_day_hints({done.get_deadline_display(): done.until}):
                messages.warning(request, hint)
            return redirect("round-extensions", pk)
    given = round_.extensions.select_related("agency", "enterprise", "extended_by")
    return render(
        request,
        "applications/rounds/extensions.html",
        {
            "round": round_,
            "page": Paginator(given, PAGE_SIZE).get_page(request.GET.get("page")),
            "form": form if is_municipal_handler(request.user) and round_.state == Round.State.OPEN else None,
        },
        status=422 if form.errors else 200,
    )
