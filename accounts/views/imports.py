"""Official lists that come in as tables: the template down, a dry run of what is uploaded, the confirmation."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import imports
from accounts.forms.imports import FORMS
from accounts.http import SignedInRequest
from accounts.models import EfficiencyRating, Enterprise, TableImport
from accounts.roles import has_role, is_municipal_handler
from core.exports import xlsx_response
from core.http import attempt
from core.typed import asked_number, asked_words
from core.workbooks import NotReadable

PAGE_SIZE = 50
SHOWN_IMPORTS = 10
SHOWN_LINES = 300


@require_safe
def ratings(request: SignedInRequest) -> HttpResponse:
    """The 亩产效益 categories of a year, from the official lists: ranking takes them from here (第十三条)."""
    years = dict(EfficiencyRating.objects.values_list("year").annotate(Count("pk")).order_by("-year"))
    asked, words = request.GET.get("year", ""), asked_words(request.GET.get("q"))
    year = next((one for one in years if str(one) == asked), next(iter(years), 0))
    category = request.GET.get("category", "")
    of_year = EfficiencyRating.objects.filter(year=year)
    name = Subquery(Enterprise.objects.filter(credit_code=OuterRef("credit_code")).values("name")[:1])
    found = of_year.annotate(enterprise=name).order_by(F("enterprise").asc(nulls_last=True), "credit_code")
    if category in EfficiencyRating.Category.values:
        found = found.filter(category=category)
    if words:
        found = found.filter(Q(credit_code__icontains=words) | Q(enterprise__icontains=words))
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "years": years,
        "year": year,
        "categories": EfficiencyRating.Category.choices,
        "category": category,
        "q": words,
        "counts": of_year.values_list("category").annotate(Count("pk")).order_by("category"),
        "imports": TableImport.objects.filter(
            kind=TableImport.Kind.RATINGS, confirmed_at__isnull=False
        ).select_related("uploaded_by")[:SHOWN_IMPORTS],
        "may_import": is_municipal_handler(request.user),
    }
    return render(request, "accounts/ratings.html", context)


def upload(request: SignedInRequest, kind: str) -> HttpResponse:
    """Upload a filled-in table; nothing is changed by it."""
    shape = _own_kind(request, kind)
    form = FORMS[kind](request.POST or None, request.FILES or None, initial=_said_before(request, kind))
    if request.method == "POST" and form.is_valid():
        try:
            tried = imports.try_out(kind, form.cleaned_data["sheet"], form.said(), by=request.user)
        except NotReadable as problem:
            form.add_error("sheet", str(problem))
        else:
            return redirect("table-import", tried.pk)
    context = {"form": form, "kind": kind, "label": TableImport.Kind(kind).label, "columns": shape.columns}
    return render(request, "accounts/table_upload.html", context, status=422 if form.errors else 200)


@require_safe
def template(request: SignedInRequest, kind: str) -> HttpResponse:
    _own_kind(request, kind)
    return xlsx_response(imports.template(kind), f"{TableImport.Kind(kind).label}模板.xlsx")


def table_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """The dry run of an uploaded table, and its confirmation."""
    tried = get_object_or_404(
        TableImport.objects.visible_to(request.user).select_related("uploaded_by"), pk=pk
    )
    refused = False
    if request.method == "POST":
        shown = request.POST.get("shown", "")
        before = tried.confirmed_at
        found = attempt(request, lambda: imports.confirm(tried, shown, by=request.user))
        tried.refresh_from_db()
        if found:
            messages.success(
                request,
                f"已导入{tried.get_kind_display()}：新增 {found.count(imports.NEW)} 项，"
                f"变更 {found.count(imports.CHANGED)} 项。",
            )
            return redirect(_list_of(tried))
        if tried.confirmed_at or before:
            messages.info(request, "这份表格先前已导入，没有重复办理。")
            return redirect(_list_of(tried))
        refused = True
    reading = None if tried.confirmed_at else imports.read(tried)
    context = {
        "tried": tried,
        "reading": reading,
        "lines": sorted(reading.lines, key=lambda one: one.change == imports.SAME)[:SHOWN_LINES]
        if reading
        else [],
        "counts": [(word, reading.count(change)) for change, word in imports.WORDS.items()]
        if reading
        else [],
        "words": imports.WORDS,
        "back": _list_of(tried),
    }
    return render(request, "accounts/table_import.html", context, status=422 if refused else 200)


def _said_before(request: SignedInRequest, kind: str) -> dict[str, Any]:
    """What was typed beside the table that is uploaded anew."""
    tables = TableImport.objects.visible_to(request.user).filter(kind=kind)
    before = tables.filter(pk=asked_number(request.GET.get("again"))).first()
    return before.said if before else {}


def _own_kind(request: SignedInRequest, kind: str) -> imports.TableKind:
    """The table of this kind, when it is for this person to keep."""
    if kind not in imports.KINDS or not has_role(request.user, TableImport.KEPT_BY[TableImport.Kind(kind)]):
        raise Http404
    return imports.KINDS[kind]


def _list_of(tried: TableImport) -> str:
    if tried.kind == TableImport.Kind.EXPERTS:
        return f"{reverse('directory-desk')}?tab=experts"
    return reverse("ratings" if tried.kind == TableImport.Kind.RATINGS else "administration")
