"""The bureau's supervision of titles: the board, and one title's re-review with its conclusion (Art. 18–20)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from applications import progress
from applications.models import Application
from applications.timeline import history_of
from core import clock, workflow
from core.http import attempt
from decisions.models import Recognition
from policy.dates import date_text
from supervision import board, conclusions
from supervision.forms import ConclusionForm

BOXES = ("due", "holders", "revoked", "barred")


@require_safe
def supervision_board(request: SignedInRequest) -> HttpResponse:
    """Four boxes; with ``?box=due`` and the like one of them alone, in pages."""
    today = clock.today()
    box, number = request.GET.get("box", ""), request.GET.get("page")
    alone = box in BOXES
    figures = board.counts(today)
    context = {"counts": figures, "today": today, "box": box if alone else "", "alone": alone}
    if not alone or box == "due":
        page = board.page_of(board.due_titles(today), number, total=figures.due, alone=alone)
        context |= {"due_page": page, "due": board.with_cases(page, request.user, today=today)}
    if not alone or box == "holders":
        context["holders"] = board.page_of(board.holders(), number, total=figures.holders, alone=alone)
    if not alone or box == "revoked":
        context["revoked"] = board.page_of(board.revocations(), number, total=figures.revoked, alone=alone)
    if not alone or box == "barred":
        page = board.page_of(board.bars(today), number, total=figures.barred, alone=alone)
        context |= {"barred_page": page, "barred": board.bars_in_time(page, today=today)}
    return render(request, "supervision/board.html", context)


@require_safe
def re_review(request: SignedInRequest, pk: int) -> HttpResponse:
    """One title: what is known of it, its re-reviews so far, and the case of the one going on."""
    title, case = _title_and_case(pk, request.user)
    return _show(request, title, case, ConclusionForm())


@require_POST
def re_review_conclude(request: SignedInRequest, pk: int) -> HttpResponse:
    title, case = _title_and_case(pk, request.user)
    form = ConclusionForm(request.POST)
    if case is None:
        messages.error(request, "企业还没有提交复核材料，不能作结论（第十八条）。请先等企业提交并完成评审。")
        return _show(request, title, case, form)
    if form.is_valid():
        passed = form.passed
        done = attempt(
            request,
            lambda: conclusions.conclude_re_review(
                case, passed=passed, by=request.user, note=form.cleaned_data["note"]
            ),
        )
        if done:
            messages.success(request, _told(title, passed=passed))
            return redirect("re-review", pk)
    return _show(request, title, case, form)


def _told(title: Recognition, *, passed: bool) -> str:
    if not passed:
        return (
            f"已记录：{title.enterprise}复核不合格。接下来按第十九条第（二）项办理撤销，并发布复核结果通报。"
        )
    due = Recognition.objects.values_list("re_review_due_on", flat=True).get(pk=title.pk)
    return f"已记录：{title.enterprise}复核合格，下次复核应于{date_text(due)}前进行。请发布复核结果通报（第十八条）。"


def _title_and_case(pk: int, user: User) -> tuple[Recognition, Application | None]:
    titles = Recognition.objects.visible_to(user).select_related(
        "enterprise__district", "plaque", "application__round"
    )
    title = get_object_or_404(titles, pk=pk)
    (due,) = board.with_cases([title], user, today=clock.today())
    return title, due.case


def _show(
    request: SignedInRequest, title: Recognition, case: Application | None, form: ConclusionForm
) -> HttpResponse:
    today = clock.today()
    context = {
        "title": title,
        "case": case,
        "due": board.DueTitle(title, case, today),
        "past": title.re_reviews.exclude(concluded_on=None)
        .with_publication()
        .select_related("application__round"),
        "revocation": getattr(title, "revocation", None),
        "form": form,
    }
    if case:
        context |= {
            "badge": progress.badge(case),
            "turn": progress.turn_of(case),
            "timeline": history_of(case, reader=request.user),
            "options": workflow.options(case, request.user, "fail_re_review", "pass_re_review"),
            "opinion": getattr(getattr(case, "panel_case", None), "opinion", ""),
        }
    return render(request, "supervision/re_review.html", context)
