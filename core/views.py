from datetime import datetime, time
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import clock, documents
from core.forms import Form
from core.http import opened
from core.models import DemoMail, Document, Notification

PAGE_SIZE = 25
STARTS = "download"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answers when the portal is up; what starts it waits for this."""
    return JsonResponse({"ok": True})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "core/accessibility.html")


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(Notification.objects.readable_by(request.user), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(request, "core/inbox.html", {"page": page})


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go where it points."""
    message = get_object_or_404(Notification.objects.readable_by(request.user), pk=pk)
    Notification.objects.readable_by(request.user).unread().filter(pk=pk).update(read_at=clock.now())
    return redirect(message.url or "inbox")


@require_POST
def read_all_messages(request: HttpRequest) -> HttpResponse:
    Notification.objects.readable_by(request.user).unread().update(read_at=clock.now())
    return redirect("inbox")


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The document itself when it is ready, otherwise a page that shows how far it is and comes back by itself."""
    found = get_object_or_404(Document, pk=pk)
    if not documents.may_read(request.user, found):
        raise Http404
    if found.status == Document.Status.READY and "progress" not in request.GET:
        return FileResponse(
            opened(found.file),
            as_attachment="inline" not in request.GET,
            filename=found.filename,
        )
    context = {
        "document": found,
        "label": documents.kind_of(found).label,
        "back": _came_from(request),
        "progress": documents.progress_of(found),
        # Whoever asked for the file itself gets it as soon as it is made; whoever asked for this page chooses on it.
        "starts": request.GET.get("progress", STARTS) == STARTS,
    }
    template = "core/document_progress.html" if request.headers.get("HX-Request") else "core/document.html"
    return render(request, template, context)


def _came_from(request: HttpRequest) -> str:
    """The page of the portal from which the person came to this one; empty when it is not known."""
    page = urlsplit(request.headers.get("Referer", ""))
    known = page.netloc == request.get_host() and page.path != request.path
    return page.path + (f"?{page.query}" if page.query else "") if known else ""


class ClockForm(Form):
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label="时间", initial=time(9, 0), widget=forms.TimeInput(attrs={"type": "time"}))


def demo_clock(request: HttpRequest) -> HttpResponse:
    """Move the demonstration's clock forward; it cannot go back, because history does not."""
    if not settings.DEMO_MODE:
        raise Http404
    now = clock.local(clock.now())
    form = ClockForm(request.POST or None, initial={"day": now.date(), "time": now.strftime("%H:%M")})
    if request.method == "POST" and form.is_valid():
        moment = datetime.combine(form.cleaned_data["day"], form.cleaned_data["time"], clock.WEIHAI)
        if problem := _why_not_moved(moment):
            form.add_error("day", problem)
        else:
            messages.success(request, "演示时钟已拨动。到期的提醒和状态会在一分钟内更新。")
            target = request.POST.get("next", "")
            safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
            return redirect(target if safe else "public-home")
    return render(
        request,
        "core/demo_clock.html",
        {"form": form, "next": request.GET.get("next", "")},
    )


def _why_not_moved(moment: datetime) -> str:
    """Move the clock; the sentence says why it could not be moved."""
    if moment < clock.now():
        return "演示时钟只能向前拨，不能早于现在显示的时间。"
    try:
        clock.move_to(moment)
    except clock.ClockCannotMove as refusal:
        return str(refusal)
    return ""


@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """The mails that the demonstration kept instead of sending."""
    if not settings.DEMO_MODE:
        raise Http404
    page = Paginator(DemoMail.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "core/demo_mail.html", {"page": page})
