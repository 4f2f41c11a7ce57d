"""What everybody may see: home, notices, the directory with its open data, the check of a plaque."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import Agency
from applications.calls import in_front
from applications.models import Round
from core import clock, documents, wording
from core.typed import asked_number, asked_words
from core.wording import cn_date, cn_datetime
from decisions.documents import RELEASED
from decisions.filing import why_no_objection
from decisions.freshness import conditional, kept
from decisions.models import NoticeEntry, Plaque, PublicNotice, Recognition
from decisions.shown import days_of_window, kind_badge, notice_badge, recognition_badge, window_text
from policy.deadlines import publicity_window
from policy.models import CalendarDay, ServiceMode

PAGE_SIZE = 25
LATEST = 6
Kind = PublicNotice.Kind
SERIAL = re.compile(r"^([A-Z]+)(\d{4})(\d{3,})$")


@require_safe
@conditional
@kept
def home(request: HttpRequest) -> HttpResponse:
    """The open round with its dates as a line, the search, the latest notices, how to apply."""
    now = clock.now()
    round_, later = in_front(now)
    context = {
        "round": round_,
        "later": later,
        "has_begun": round_ is not None and round_.opens_at <= now,
        "is_accepting": round_ is not None and round_.opens_at <= now < round_.enterprise_deadline,
        "dates": _dates_of(round_) if round_ else [],
        "rows": _rows(_released()[:LATEST]),
        "kinds": [
            (kind.value, kind.label) for kind in (Kind.PUBLICITY, Kind.ANNOUNCEMENT, Kind.RE_REVIEW_RESULT)
        ],
        "holders": Recognition.objects.in_force().count(),
    }
    return render(request, "public/home.html", context)


@require_safe
@conditional
@kept
def notice_list(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    notices = _released()
    if kind in Kind.values:
        notices = notices.filter(kind=kind)
    page = Paginator(notices, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": _rows(page), "kind": kind, "kinds": [("", "全部"), *Kind.choices]}
    return render(request, "public/notice_list.html", context)


@require_safe
@conditional
@kept
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice with its list; a publicity also with its days and, while it runs, the way to object."""
    found = get_object_or_404(
        PublicNotice.objects.released().select_related("round__measure", "meeting", "publicity"), pk=pk
    )
    today = clock.today()
    context: dict[str, Any] = {
        "notice": found,
        "kind_badge": kind_badge(found),
        "badge": notice_badge(found, today),
        "entries": found.entries.select_related(
            "application__enterprise__district", "application__main_mode"
        ).order_by("position"),
        "paragraphs": [part for part in found.body.split("\n\n") if part.strip()],
        "takes_objections": found.takes_objections_on(today),
        "refusal": why_no_objection(found),
        "window": window_text(found),
        "announcements": found.announcements.released(),
        "document": documents.of(found, "notice", key=RELEASED),
    }
    if found.kind == Kind.PUBLICITY:
        marks = {found.window.announcement_from: "最早公布"} if found.window.announcement_from else {}
        calendar = CalendarDay.objects.calendar()
        context["strip"] = days_of_window(found.window, calendar, today=today, events=marks)
    if found.kind == Kind.ANNOUNCEMENT:
        serials = Plaque.objects.filter(recognition__announcement=found)
        context["serials"] = dict(serials.values_list("recognition__application", "serial"))
    return render(request, "public/notice.html", context)


@require_safe
@conditional
@kept
def directory(request: HttpRequest) -> HttpResponse:
    """Recognised enterprises whose title is in force: search, filters, a small chart with its table."""
    titles, chosen = _chosen_titles(request)
    page = Paginator(titles, PAGE_SIZE).get_page(request.GET.get("page"))
    years = set(Recognition.objects.in_force().values_list("application__round__year", flat=True))
    context = chosen | {
        "page": page,
        "districts": [(one.code, one.area) for one in Agency.objects.districts()],
        "modes": [(one.code, one) for one in ServiceMode.objects.all()],
        "years": [(year, year) for year in sorted(years, reverse=True)],
        "by_district": _by_district(titles),
        "by_mode": _counts(titles, "application__main_mode__name"),
    }
    return render(request, "public/directory.html", context)


@require_safe
@conditional
@kept
def directory_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file: UTF-8 with a mark, so that office programs read it right."""
    titles, _ = _chosen_titles(request)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["企业名称", "统一社会信用代码", "区市", "主要模式", "认定年度", "公布日期", "牌匾编号"])
    for one in _open_data(titles):
        rows.writerow(_as_text(value) for value in one.values())
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, "示范企业名录.csv") or ""
    return response


@require_safe
@conditional
@kept
def directory_json(request: HttpRequest) -> HttpResponse:
    titles, _ = _chosen_titles(request)
    rows = list(_open_data(titles))
    return JsonResponse(
        {"count": len(rows), "enterprises": rows}, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


@require_safe
@conditional
@kept
def open_data(request: HttpRequest) -> HttpResponse:
    """What the open-data addresses give and take."""
    return render(request, "public/open_data.html", {})


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Where a serial is typed in; a link and a form lead to the same answer."""
    if serial := asked_words(request.GET.get("serial")):
        return redirect("verify-serial", serial=normalise_serial(serial) or "?")
    return render(request, "public/verify.html", {"serial": "", "asked": "serial" in request.GET})


@require_safe
@conditional
def verify_serial(request: HttpRequest, serial: str) -> HttpResponse:
    """Whether a plaque is genuine and its title in force: a clear answer for valid, revoked and unknown."""
    normal = normalise_serial(serial)
    plaque = (
        Plaque.objects.filter(serial=normal)
        .select_related(
            "recognition__enterprise__district",
            "recognition__announcement",
            "recognition__application__main_mode",
        )
        .first()
    )
    context: dict[str, Any] = {"serial": normal or serial, "plaque": plaque, "asked": True}
    if plaque:
        recognition = plaque.recognition
        context |= {
            "recognition": recognition,
            "badge": recognition_badge(recognition),
            "is_valid": recognition.state != Recognition.State.REVOKED,
            "was_named": _name_then(recognition),
        }
    return render(request, "public/verify.html", context)


def normalise_serial(typed: str) -> str:
    """WHFWZZ-2025-008 whatever its case, spaces, width or dashes."""
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", typed).upper())
    match = SERIAL.match(plain)
    return "-".join(match.groups()) if match else plain[:24]


def _released() -> QuerySet[PublicNotice]:
    notices = PublicNotice.objects.released().annotate(
        listed=Count("entries"), passed=Count("entries", filter=Q(entries__remark="合格"))
    )
    return notices.order_by("-released_at", "-id")


def _rows(notices: Iterable[PublicNotice]) -> list[dict[str, Any]]:
    today = clock.today()
    return [
        {
            "notice": one,
            "badge": kind_badge(one),
            "note": _note(one),
            "is_running": one.takes_objections_on(today)
            and one.starts_on is not None
            and one.starts_on <= today,
        }
        for one in notices
    ]


def _note(one: Any) -> str:
    """The fact that matters beside the title: how many, or the document number."""
    if one.kind == Kind.PUBLICITY:
        return f"拟认定 {one.listed} 家，公示期{window_text(one)}"
    if one.kind == Kind.ANNOUNCEMENT:
        return f"认定 {one.listed} 家"
    if one.kind == Kind.RE_REVIEW_RESULT:
        return f"合格 {one.passed} 家，不合格 {one.listed - one.passed} 家"
    return one.number


def _dates_of(round_: Round) -> list[dict[str, str]]:
    """The dates of a round as a line; expected ones say so."""
    now, today = clock.now(), clock.today()
    window = publicity_window(
        round_.publicity_starts_on, round_.publicity_working_days, CalendarDay.objects.calendar()
    )
    until = cn_date(window.last_day, "bare") if window.last_day else "待定"
    earliest = cn_date(window.announcement_from, "bare") + "起" if window.announcement_from else "待定"
    review = f"{cn_date(round_.review_starts_on, 'bare')}—{cn_date(round_.review_ends_on, 'bare')}"
    points = [
        ("申报开始", cn_date(round_.opens_at, "short"), "", now >= round_.opens_at),
        ("申报截止", cn_datetime(round_.enterprise_deadline, "short"), "", now >= round_.enterprise_deadline),
        (
            "区市审核截止",
            cn_datetime(round_.district_deadline, "short"),
            "区市、协会报送推荐文件",
            now >= round_.district_deadline,
        ),
        ("专家评审", review, "含必要的现场考察", today > round_.review_ends_on),
        (
            "公示",
            f"{cn_date(round_.publicity_starts_on, 'bare')}—{until}",
            f"预计，党组会议审议通过后，{round_.publicity_working_days} 个工作日",
            window.has_ended(on=today),
        ),
        ("公布", earliest, "预计，公示无异议后公布并授牌", False),
    ]
    current = next(index for index, point in enumerate(points) if not point[3])
    deadlines = {1: round_.enterprise_deadline, 2: round_.district_deadline}
    return [
        {
            "label": label,
            "date": date,
            "note": note,
            "state": "current" if index == current else ("done" if done else "todo"),
            "left": wording.days_left(deadlines[index], now)
            if index == current and index in deadlines
            else "",
        }
        for index, (label, date, note, done) in enumerate(points)
    ]


def _chosen_titles(request: HttpRequest) -> tuple[QuerySet[Recognition], dict[str, str]]:
    """Titles in force that fit the search and the filters, and what was chosen."""
    chosen = {name: asked_words(request.GET.get(name)) for name in ("q", "district", "mode", "year")}
    titles = (
        Recognition.objects.in_force()
        .select_related("enterprise__district", "application__main_mode", "application__round", "plaque")
        .order_by("-application__round__year", "plaque__serial")
    )
    if q := chosen["q"]:
        titles = titles.filter(
            Q(enterprise__name__icontains=q)
            | Q(enterprise__credit_code__iexact=re.sub(r"\s", "", q))
            | Q(enterprise__former_names__icontains=q)
            | Q(plaque__serial=normalise_serial(q))
        )
    if chosen["district"]:
        titles = titles.filter(enterprise__district__code=chosen["district"])
    if chosen["mode"]:
        titles = titles.filter(application__main_mode__code=chosen["mode"])
    if year := asked_number(chosen["year"]):
        titles = titles.filter(application__round__year=year)
    return titles, chosen


def _by_district(titles: QuerySet[Recognition]) -> list[tuple[str, int]]:
    return _counts(titles, "enterprise__district__region", "enterprise__district__short_name")


def _counts(titles: QuerySet[Recognition], *fields: str) -> list[tuple[str, int]]:
    """How many titles fall under each name, the most first."""
    rows = titles.order_by().values_list(*fields).annotate(number=Count("pk")).order_by("-number", *fields)
    return [(next((name for name in names if name), "未填写"), number) for *names, number in rows]


def _open_data(titles: QuerySet[Recognition]) -> Iterable[dict[str, Any]]:
    for one in titles:
        mode = one.application.main_mode
        yield {
            "name": one.enterprise.name,
            "credit_code": one.enterprise.credit_code,
            "district": one.enterprise.district.area,
            "mode": mode.name if mode else "",
            "year": one.application.round.year,
            "announced_on": one.announced_on.isoformat(),
            "serial": one.plaque.serial,
        }


def _as_text(value: Any) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _name_then(recognition: Recognition) -> str:
    """The name on the announcement when the enterprise has another one now."""
    entry = NoticeEntry.objects.filter(
        notice=recognition.announcement_id, application=recognition.application_id
    ).first()
    return entry.enterprise_name if entry and entry.enterprise_name != recognition.enterprise.name else ""
