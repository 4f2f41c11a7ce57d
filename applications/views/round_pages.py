"""The municipal handler's side of a round's public pages: files, questions and answers."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from applications.forms.round_pages import CallFileForm, QuestionForm, TemplateForm
from applications.models import Round, RoundFile, RoundQuestion
from applications.round_pages import add_file, remove_file, save_question
from applications.views.round_setup import FILES, steps_of
from core.conflicts import conflict, differences, revision_of
from core.forms import Form
from core.http import attempt

Kind = RoundFile.Kind
PUBLISHING = {"publish": True, "withdraw": False}
EDIT = "applications/rounds/question.html"


@require_http_methods(["GET", "HEAD", "POST"])
def pages(request: SignedInRequest, pk: int) -> HttpResponse:
    """Files and answers in one place, while the round is prepared and after."""
    round_ = get_object_or_404(Round, pk=pk)
    kind = request.POST.get("kind", "")
    call_form, template_form = CallFileForm(prefix="call"), TemplateForm(prefix="template")
    chosen: Form | None = None
    if kind == Kind.CALL:
        chosen = call_form = CallFileForm(request.POST, request.FILES, prefix="call")
    elif kind == Kind.TEMPLATE:
        chosen = template_form = TemplateForm(request.POST, request.FILES, prefix="template")
    if chosen is not None and chosen.is_valid():
        said = chosen.cleaned_data
        title = said.get("title") or "申报通知"
        added = attempt(
            request,
            lambda: add_file(round_, said["file"], kind=kind, title=title, by=request.user),
        )
        if added:
            messages.success(request, f"“{added.name}”已上传。")
        return redirect("round-pages", pk)
    files = list(round_.files.current())
    context: dict[str, Any] = {
        "round": round_,
        "is_preparing": round_.state == Round.State.PREPARING,
        "steps": steps_of(round_) if round_.state == Round.State.PREPARING else [],
        "step": FILES,
        "may_act": True,
        "call_file": next((one for one in files if one.kind == Kind.CALL), None),
        "templates": [one for one in files if one.kind == Kind.TEMPLATE],
        "questions": round_.questions.all(),
        "call_form": call_form,
        "template_form": template_form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "applications/rounds/pages.html", context, status=status)


@require_POST
def remove(request: SignedInRequest, pk: int, file_pk: int) -> HttpResponse:
    file = get_object_or_404(RoundFile.objects.select_related("round"), pk=file_pk, round=pk)
    if attempt(request, lambda: remove_file(file, by=request.user)):
        messages.success(request, f"“{file.title}”已撤下。")
    return redirect("round-pages", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def question_create(request: SignedInRequest, pk: int) -> HttpResponse:
    round_ = get_object_or_404(Round, pk=pk)
    return _written(request, RoundQuestion(round=round_))


@require_http_methods(["GET", "HEAD", "POST"])
def question_edit(request: SignedInRequest, pk: int, question_pk: int) -> HttpResponse:
    with transaction.atomic():
        found = RoundQuestion.objects.select_for_update(of=("self",)).select_related("round", "written_by")
        return _written(request, get_object_or_404(found, pk=question_pk, round=pk))


def _written(request: SignedInRequest, question: RoundQuestion) -> HttpResponse:
    """Save what was typed, and publish or hide it when that was pressed."""
    form = QuestionForm(request.POST if request.method == "POST" else None, instance=question)
    context = {"form": form, "round": question.round, "entry": question, "revision": revision_of(form)}
    if request.method != "POST":
        return render(request, EDIT, context)
    if not form.is_valid():
        context["revision"] = request.POST.get("revision", "")
        return render(request, EDIT, context, status=422)
    if question.pk and request.POST.get("revision") != context["revision"] and (found := differences(form)):
        return conflict(request, EDIT, context | {"differences": found})
    publish = PUBLISHING.get(request.POST.get("action", ""))
    saved = save_question(form.save(commit=False), publish=publish, by=request.user)
    words = "已发布" if saved.published_at else "已保存，公众还看不到"
    messages.success(request, f"问答{words}。")
    return redirect("round-pages", saved.round_id)
