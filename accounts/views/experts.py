"""What the pool knows of an expert, written by the bureau's handlers (第十六条)."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import experts
from accounts.forms.experts import ExpertForm, NewExpertForm
from accounts.http import SignedInRequest
from accounts.models import Expert
from core.conflicts import conflict, differences, revision_of
from core.workflow import NotPossible

EDIT = "accounts/expert_form.html"


def create(request: SignedInRequest) -> HttpResponse:
    """A new expert, who is invited at once."""
    form = NewExpertForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = experts.add(form.person(), form.facts(), by=request.user)
        except NotPossible as refusal:
            form.add_error(None, refusal.reasons)
        else:
            mailed = f"，邀请已发到 {added.user.email}" if added.user.email else "，请把邀请链接转交本人"
            messages.success(request, f"已增加{added}{mailed}。接受以后才能抽取。")
            return redirect("expert", added.pk)
    return render(request, EDIT, {"form": form}, status=422 if form.errors else 200)


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Unit, title, field, modes and industries; until the invitation is accepted, also whom it reaches and how."""
    with transaction.atomic():
        found = get_object_or_404(
            Expert.objects.select_for_update(of=("self",)).select_related("user"), pk=pk
        )
        stored = {name: getattr(found, name) for name in ("unit", "title", "speciality", "industries")}
        stored["modes"] = list(found.modes.values_list("code", flat=True))
        is_own = found.user.is_active  # from then on name and address are the person's own to change
        stored |= {} if is_own else {name: getattr(found.user, name) for name in experts.PERSON}
        make_form = ExpertForm if is_own else NewExpertForm
        form = make_form(request.POST if request.method == "POST" else None, initial=stored)
        context = {"form": form, "expert": found, "revision": revision_of(form)}
        if request.method != "POST":
            return render(request, EDIT, context)
        if not form.is_valid():
            context["revision"] = request.POST.get("revision", "")
            return render(request, EDIT, context, status=422)
        changes = differences(form)
        if request.POST.get("revision") != context["revision"] and changes:
            return conflict(request, EDIT, context | {"differences": changes})
        facts = form.facts() | (form.person() if isinstance(form, NewExpertForm) else {})
        experts.edit(found, facts, changes, by=request.user)
    messages.success(request, f"{found}的信息已保存。" if changes else "没有改动，没有保存。")
    return redirect("expert", pk)
