"""Measures, their clauses and numbers: read, prolonged, followed by a successor, changed before use, compared (第二十五条)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from applications import measures
from applications.forms.measures import (
    ArticlesForm,
    BasicsForm,
    ConditionsForm,
    RenewalForm,
    SuccessorForm,
)
from applications.models import Round
from applications.permissions import keeps_measures
from core import clock, events
from core.conflicts import conflict, revision_of, too_late
from core.counting import number_of
from core.typed import asked_number
from policy.models import Measure, MeasureRenewal
from policy.validity import standing

PAGE_SIZE = 25
SHOWN_EVENTS = 20
PARTS = {
    "basics": ("文号、日期和程序", BasicsForm),
    "articles": ("条文", ArticlesForm),
    "conditions": ("条件和参数", ConditionsForm),
}
PartForm = BasicsForm | ArticlesForm | ConditionsForm


@require_safe
def measure_list(request: SignedInRequest) -> HttpResponse:
    found = Measure.objects.annotate(rounds=number_of(Round.objects.all(), "measure"))
    page = Paginator(found.prefetch_related("renewals"), PAGE_SIZE).get_page(request.GET.get("page"))
    today = clock.today()
    context = {
        "page": page,
        "rows": [(one, standing(one.validity(), on=today)) for one in page],
        "current": Measure.objects.standing_on(today),
        "may_keep": keeps_measures(request.user),
    }
    return render(request, "applications/measures/list.html", context)


@require_safe
def measure_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every article with the rules that carry it out and the measure's numbers."""
    measure = get_object_or_404(Measure.objects.prefetch_related("renewals", "articles", "conditions"), pk=pk)
    applied = measures.applied_by_article(measure)
    before, after = measures.neighbours(measure)
    frozen = measures.why_frozen(measure)
    context = {
        "measure": measure,
        "standing": standing(measure.validity(), on=clock.today()),
        "articles": [(one, applied.get(one.number, [])) for one in measure.articles.all()],
        "rounds": Round.objects.filter(measure=measure).order_by("-year", "kind"),
        "before": before,
        "after": after,
        "frozen": frozen,
        "parts": [(name, label) for name, (label, _) in PARTS.items()],
        "may_keep": keeps_measures(request.user),
        "may_follow": not measures.why_no_successor(measure, today=clock.today()),
        "happened": events.about(measure).filter(outcome="DONE").order_by("-id")[:SHOWN_EVENTS],
    }
    return render(request, "applications/measures/measure.html", context)


def _held(request: SignedInRequest, pk: int) -> tuple[Measure, bool]:
    """The measure and whether something is posted; then all measures stay locked, for their dates and numbers hang together."""
    posted = request.method == "POST"
    if posted:
        list(Measure.objects.select_for_update().order_by("pk").values_list("pk"))
    measure = get_object_or_404(Measure.objects.prefetch_related("renewals"), pk=pk)
    return measure, posted


def _too_late(request: SignedInRequest, problem: str, pk: int) -> HttpResponse:
    if request.method == "POST":
        return too_late(request, problem, reverse("measure-detail", args=[pk]))
    messages.error(request, problem)
    return redirect("measure-detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def record_renewal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record the document that prolongs a measure; from the day it was issued rounds may be dated under it."""
    measure, posted = _held(request, pk)
    form = RenewalForm(request.POST if posted else None, instance=MeasureRenewal(measure=measure))
    if posted and form.is_valid():
        renewal = form.save(commit=False)
        measures.record_renewal(renewal, by=request.user)
        messages.success(request, f"已登记{renewal.document_number}，现在可以据此开展批次。")
        return redirect("measure-detail", pk)
    context = {
        "form": form,
        "measure": measure,
        "renewals": measure.renewals.all(),
        "after": measures.neighbours(measure)[1],
    }
    return render(request, "applications/measures/renewal.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def record_successor(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record the measure that follows; its articles and conditions are copied, to be changed before a round uses them."""
    measure, posted = _held(request, pk)
    if problem := measures.why_no_successor(measure, today=clock.today()):
        return _too_late(request, problem, pk)
    new = measures.successor_of(measure)
    form = SuccessorForm(
        request.POST if posted else None, instance=new, follows=measure, initial={"title": measure.title}
    )
    if posted and form.is_valid():
        new = measures.record_successor(
            form.save(commit=False), of=measure, reason=form.cleaned_data["reason"], by=request.user
        )
        messages.success(
            request,
            f"已登记{new.document_number}，条文、条件和参数已从{measure.document_number}复制。"
            "请按新办法逐项修改；发布第一个批次后不能再改。",
        )
        return redirect("measure-detail", new.pk)
    return render(
        request,
        "applications/measures/successor.html",
        {"form": form, "measure": measure, "last_day": measure.validity().last_day},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def edit(request: SignedInRequest, pk: int, part: str) -> HttpResponse:
    """Change one part of a measure that no round has been opened under."""
    if part not in PARTS:
        raise Http404
    measure, posted = _held(request, pk)
    if problem := measures.why_frozen(measure):
        return _too_late(request, problem, pk)
    label, form_class = PARTS[part]
    form: PartForm = form_class(request.POST if posted else None, instance=measure)
    context: dict[str, Any] = {
        "form": form,
        "measure": measure,
        "document_number": measure.document_number,
        "part": part,
        "label": label,
        "parts": [(name, words) for name, (words, _) in PARTS.items()],
        "has_begun": measure.effective_from <= clock.today(),
        "revision": revision_of(form),
    }
    if not posted:
        return render(request, "applications/measures/edit.html", context)
    if not form.is_valid():
        context["revision"] = request.POST.get("revision", "")  # what was typed still rests on that
        return render(request, "applications/measures/edit.html", context, status=422)
    if request.POST.get("revision") != context["revision"] and (found := form.differing()):
        return conflict(request, "applications/measures/edit.html", context | {"differences": found})
    changed = form.keep()
    if changed:
        measures.record_change(measure, label, changed, reason=form.cleaned_data["reason"], by=request.user)
        measures.repeal_what_went_before(measure, by=request.user)
        messages.success(request, f"“{label}”已修改 {len(changed)} 处，已记入办理记录。")
    else:
        messages.info(request, f"“{label}”没有改动。")
    return redirect("measure-detail", pk)


@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """Two measures clause by clause and parameter by parameter; unasked the newest with the one before it."""
    every = list(Measure.objects.order_by("effective_from"))
    if not every:
        raise Http404
    asked = [asked_number(request.GET.get(name)) for name in ("old", "new")]
    new = next((one for one in every if one.pk == asked[1]), every[-1])
    earlier = [one for one in every if one.effective_from < new.effective_from] or [new]
    old = next((one for one in every if one.pk == asked[0]), earlier[-1])
    prefetch_related_objects(list({old, new}), "articles", "conditions")
    context = {
        "measures": every,
        "old": old,
        "new": new,
        "comparison": measures.compare(old, new),
    }
    return render(request, "applications/measures/compare.html", context)
