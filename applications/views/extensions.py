"""Deadlines that were put off, and putting off one more: of a round, of a running correction (第十四条、第十五条)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.roles import is_municipal_handler
from applications import progress
from applications.conditions import moment_text
from applications.extensions import behind, extend, extend_correction, untouched_correction
from applications.forms.extensions import CorrectionExtensionForm, ExtensionForm
from applications.models import Application, Extension, Round
from applications.round_calendar import rest_day_hints
from applications.views.vetting import case_of
from core import clock
from core.forms import Form
from core.workflow import NotPossible

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def extensions(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    form = ExtensionForm(request.POST or None)
    asked: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said, whom = form.cleaned_data, form.chosen()

        def put_off() -> Extension:
            return extend(
                round_, said["deadline"], said["until"], reason=said["reason"], by=request.user, **whom
            )

        done, asked = _done_or_asked(request, form, put_off)
        if done:
            _say(request, done, f"（{done.scope}），有关单位和企业已收到通知。")
            if untouched := untouched_correction(done):
                messages.warning(request, f"{untouched}需要延长的，请另选“补正截止”。")
            return redirect("round-extensions", pk)
    given = round_.extensions.with_names()
    return render(
        request,
        "applications/rounds/extensions.html",
        {
            "round": round_,
            "page": Paginator(given, PAGE_SIZE).get_page(request.GET.get("page")),
            "form": form if is_municipal_handler(request.user) and round_.state == Round.State.OPEN else None,
            **asked,
        },
        status=422 if form.errors or asked else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: SignedInRequest, pk: int) -> HttpResponse:
    """The channel gives an enterprise more time for its running correction."""
    application = case_of(request, pk)
    form = CorrectionExtensionForm(request.POST or None)
    asked: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said, case = form.cleaned_data, application

        def put_off() -> Extension:
            return extend_correction(
                case, said["until"], seen=said["seen"], reason=said["reason"], by=request.user
            )

        done, asked = _done_or_asked(request, form, put_off)
        if done:
            _say(request, done, f"，{application.enterprise}已收到通知和原因。")
            return redirect("vetting", pk)
        application = case_of(request, pk)
    is_running = application.state == Application.State.RETURNED
    is_over = application.vetting_until <= clock.now()
    context = {
        "application": application,
        "badge": progress.badge(application),
        "is_running": is_running,
        "is_over": is_over,
        "may_extend": is_running and not is_over,
        "put_off": behind(application),
        "form": form,
        **asked,
    }
    status = 422 if form.errors or asked else 200
    return render(request, "applications/vetting/correction_time.html", context, status=status)


def _done_or_asked(
    request: SignedInRequest, form: Form, put_off: Callable[[], Extension]
) -> tuple[Extension | None, dict[str, Any]]:
    """What was put off; or what the page asks before that: a rest day has to be meant, so it is undone until it is pressed again.

    A refusal becomes an error of the form, and comes before the question.
    """
    until = form.cleaned_data["until"]
    meant = request.POST.get("rest_day") == until.isoformat()
    hints = [] if meant else rest_day_hints({"新的截止": until})
    try:
        with transaction.atomic():
            done = put_off()
            transaction.set_rollback(bool(hints))
    except NotPossible as refusal:
        for reason in refusal.reasons:
            form.add_error("until", reason)
        return None, {}
    return (None, {"hints": hints, "rest_day": until.isoformat()}) if hints else (done, {})


def _say(request: SignedInRequest, done: Extension, rest: str) -> None:
    messages.success(request, f"{done.get_deadline_display()}已延长至{moment_text(done.until)}{rest}")
