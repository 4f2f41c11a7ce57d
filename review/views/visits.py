from copy import copy
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.permissions import require_municipal_handler
from accounts.roles import is_municipal_handler, reads_everything
from applications.models import Application
from applications.progress import badge
from applications.uploads import Unacceptable
from core import documents
from core.conflicts import conflict, differences
from core.http import attempt, opened
from core.typed import posted_text
from core.workflow import NotPossible
from review.documents import record_key
from review.forms import SiteVisitForm, names_in
from review.materials import materials_of
from review.models import Assignment, PanelCase, SitePhoto, SiteVisit
from review.visiting import (
    OPEN_STATES,
    add_photo,
    calendar_of,
    record_digest,
    record_visit,
    remove_photo,
    revision_of,
    sign,
    signatures_of,
    team_of,
    unsettled,
    visitors_of,
)

PAGE = "review/site_visit.html"
MOST_AT_ONCE = 20


@require_http_methods(["GET", "POST"])
def site_visit(request: SignedInRequest, application_pk: int) -> HttpResponse:
    """Decide whether a visit is needed, and record it. Closed once the review has ended."""
    applications = Application.objects.visible_to(request.user).select_related(
        "enterprise__district", "round__measure", "main_mode", "current_version"
    )
    application = get_object_or_404(applications, pk=application_pk)
    if request.method == "POST":
        return _record(request, application)
    return render(request, PAGE, _page(request, application))


@transaction.atomic
def _record(request: SignedInRequest, application: Application) -> HttpResponse:
    """What a colleague recorded since the page was opened is shown beside what was typed, and not overwritten."""
    seen = request.POST.get("seen", "")
    if not is_municipal_handler(request.user):  # refused by its door, where the attempt becomes an event
        record_visit(SiteVisit(application=application), seen=seen, by=request.user)
    Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    page = _page(request, application, request.POST)
    form, found_there = page["form"], differences(page["form"])
    if not form.is_valid():
        page["seen"] = seen  # what was typed still rests on that
        return render(request, PAGE, page)
    if found_there and page["visit"] and seen != page["seen"]:
        return conflict(request, PAGE, page | {"differences": found_there})
    if found_there and not attempt(request, lambda: record_visit(form.instance, seen=seen, by=request.user)):
        return render(request, PAGE, page | {"differences": found_there}, status=409)
    settled = form.instance.is_settled
    if page["signed"] and not signatures_of(form.instance):
        messages.warning(request, "记录有改动，原来的签字失效，请考察组成员重新签字。")
    messages.success(request, "考察记录已保存。" if settled else "已登记需要考察，考察后请回来填写记录。")
    return redirect("site-visit", application.pk)


def _page(request: SignedInRequest, application: Application, typed: Any = None) -> dict[str, Any]:
    visit = SiteVisit.objects.select_related("recorded_by").filter(application=application).first()
    visitors, signed = (visitors_of(visit), signatures_of(visit)) if visit else ([], [])
    team = [one for one, stepped_aside in visitors if not stepped_aside]
    names = [f"{one}（后回避）" if stepped_aside else str(one) for one, stepped_aside in visitors]
    version = application.current_version
    is_open = application.state in OPEN_STATES
    case = PanelCase.objects.select_related("panel").filter(application=application).first()
    may_record = is_open and is_municipal_handler(request.user)
    others = unsettled(case.panel).exclude(pk=case.pk).order_by("id") if case and may_record else None
    return {
        "application": application,
        "badge": badge(application),
        "visit": visit,
        "case": case,
        "following": others.first() if others is not None else None,
        "form": SiteVisitForm(typed, instance=copy(visit) if visit else SiteVisit(application=application)),
        "seen": revision_of(visit),
        "to_sign": record_digest(visit) if visit else "",
        "is_open": is_open,
        "may_record": may_record,
        "visitors": [*names, *names_in(visit.visitors)] if visit else [],
        "photos": list(application.site_photos.shown()),
        "signed": signed,
        "may_sign": bool(visit and visit.is_needed and visit.is_settled)
        and request.user in team
        and request.user not in [one.signed_by for one in signed],
        "unsigned": [one for one in team if one not in [two.signed_by for two in signed]],
        "materials": materials_of(version, application.round.measure.condition_specs()) if version else None,
    }


def _of_the_visit(request: SignedInRequest, application_pk: int) -> SiteVisit:
    """The record, for whoever reads everything, the visitors and, once it is filled in, the experts on the case; for others there is none."""
    visits = SiteVisit.objects.select_related("application__enterprise")
    visit = get_object_or_404(visits, application=application_pk)
    on_it = Assignment.objects.filter(
        case__application=application_pk, expert__user=request.user, state=Assignment.State.CLEAR
    )
    if reads_everything(request.user) or request.user in team_of(visit):
        return visit
    if visit.is_settled and on_it.exists():
        return visit
    raise Http404


@require_safe
def visit_calendar(request: SignedInRequest, application_pk: int) -> HttpResponse:
    """The planned visit, to be put into a calendar."""
    visit = _of_the_visit(request, application_pk)
    if not visit.planned_at:
        raise Http404
    answer = HttpResponse(calendar_of(visit), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="site-visit.ics"'
    return answer


@require_POST
def visit_record(request: SignedInRequest, application_pk: int) -> HttpResponse:
    """Ask for the record as PDF; a worker makes it."""
    applications = Application.objects.visible_to(request.user)
    visit = get_object_or_404(SiteVisit, application=application_pk, application__in=applications)
    document = documents.request("visit-record", visit, by=request.user, key=record_key(visit))
    return redirect("document", pk=document.pk)


@require_POST
def visit_sign(request: SignedInRequest, application_pk: int) -> HttpResponse:
    visit = _of_the_visit(request, application_pk)
    seen = request.POST.get("seen", "")
    if attempt(request, lambda: sign(visit.application, seen=seen, by=request.user)):
        messages.success(request, "您已在考察记录上签字。")
    own = Assignment.objects.filter(case__application=application_pk, expert__user=request.user).first()
    if own and not reads_everything(request.user):
        return redirect(f"{reverse('review-sheet', args=[own.pk])}?tab=visit")
    return redirect("site-visit", application_pk)


@require_POST
def visit_photo_add(request: SignedInRequest, application_pk: int) -> HttpResponse:
    """Photos from a phone, each judged by what it contains; the place is taken out of the file."""
    applications = Application.objects.visible_to(request.user)
    application = get_object_or_404(applications, pk=application_pk)
    require_municipal_handler(request.user, application, "add_site_photo", "上传考察照片")
    uploads = request.FILES.getlist("photos")
    if len(uploads) > MOST_AT_ONCE:
        left = len(uploads) - MOST_AT_ONCE
        messages.warning(request, f"一次最多上传 {MOST_AT_ONCE} 张，后面的 {left} 张没有上传，请再传一次。")
    if not uploads:
        messages.error(request, "请选择照片（JPG 或 PNG）。")
    done = 0
    for upload in uploads[:MOST_AT_ONCE]:
        try:
            add_photo(application, upload, by=request.user)
            done += 1
        except Unacceptable as problem:
            messages.error(request, str(problem))
        except NotPossible as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason)
    if done:
        messages.success(request, f"已保存 {done} 张照片，文件里的拍摄位置等信息已去除。")
    return redirect("site-visit", application_pk)


@require_safe
def visit_photo(request: SignedInRequest, application_pk: int, photo_pk: int) -> HttpResponseBase:
    visit = _of_the_visit(request, application_pk)
    photo = get_object_or_404(SitePhoto.objects.shown(), pk=photo_pk, application=visit.application_id)
    return FileResponse(opened(photo.file), filename=photo.name)


@require_POST
def visit_photo_remove(request: SignedInRequest, application_pk: int, photo_pk: int) -> HttpResponse:
    applications = Application.objects.visible_to(request.user)
    photos = SitePhoto.objects.filter(application__in=applications).select_related("application")
    photo = get_object_or_404(photos, pk=photo_pk, application=application_pk)
    reason = posted_text(request.POST.get("reason"))
    if attempt(request, lambda: remove_photo(photo, by=request.user, reason=reason)):
        messages.success(request, f"已移除“{photo.name}”，专家看不到了。")
    return redirect("site-visit", application_pk)
