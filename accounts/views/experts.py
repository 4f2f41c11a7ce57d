"""What the pool knows of an expert, written by the bureau's handlers (第十六条)."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts import experts
from accounts.forms.experts import ExpertForm
from accounts.http import SignedInRequest
from accounts.models import Expert
from core.conflicts import conflict, differences, revision_of

EDIT = "accounts/expert_form.html"


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Unit, title, field, modes and industries; ties and suspensions stand on the expert's page."""
    with transaction.atomic():
        found = get_object_or_404(
            Expert.objects.select_for_update(of=("self",)).select_related("user"), pk=pk
        )
        stored = {name: getattr(found, name) for name in ("unit", "title", "speciality", "industries")}
        stored["modes"] = list(found.modes.values_list("code", flat=True))
        form = ExpertForm(request.POST if request.method == "POST" else None, initial=stored)
        context = {"form": form, "expert": found, "revision": revision_of(form)}
        if request.method != "POST":
            return render(request, EDIT, context)
        if not form.is_valid():
            context["revision"] = request.POST.get("revision", "")
            return render(request, EDIT, context, status=422)
        changes = differences(form)
        if request.POST.get("revision") != context["revision"] and changes:
            return conflict(request, EDIT, context | {"differences": changes})
        experts.edit(found, form.facts(), changes, by=request.user)
    messages.success(request, f"{found}的信息已保存。" if changes else "没有改动，没有保存。")
    return redirect("expert", pk)
