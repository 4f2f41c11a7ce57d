"""The working calendar: by it publicity, objections and filings are counted."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.forms.working_calendar import CalendarChange
from accounts.http import SignedInRequest
from accounts.roles import Role, has_role
from accounts.working_calendar import ACTION, change_day
from core import clock
from core.models import Event
from core.workflow import refused
from policy.models import CalendarDay, Measure

SHOWN_CHANGES = 20


def working_calendar(request: SignedInRequest) -> HttpResponse:
    """A year's holidays and make-up days, the bureau's changes, and the form to change a day."""
    may_change = has_role(request.user, Role.ADMINISTRATOR, Role.MUNICIPAL_HANDLER)
    form = CalendarChange(request.POST or None)
    if request.method == "POST":
        if not may_change:
            sentence = "工作日历由系统管理员或市局经办人修改，您没有这项权限。"
            subject = Measure.objects.latest("pk")
            raise refused(subject, ACTION, by=request.user, label="修改工作日历", sentence=sentence)
        if form.is_valid():
            said = form.cleaned_data
            changed = change_day(
                said["day"],
                is_working=said["is_working"],
                name=said["name"],
                reason=said["reason"],
                by=request.user,
            )
            messages.success(request, f"已修改：{changed}。今后按新的日历计算，已确定的日期不变。")
            return redirect(f"{reverse('working-calendar')}?year={changed.date.year}")
    years = [one.year for one in CalendarDay.objects.dates("date", "year", order="DESC")]
    asked = request.GET.get("year", "")
    this_year = clock.today().year
    year = next((one for one in years if str(one) == asked), this_year if this_year in years else years[0])
    days = CalendarDay.objects.filter(date__year=year)
    context = {
        "form": form if may_change else None,
        "years": years,
        "year": year,
        "unknown": max(years) + 1,
        "days": days.out_of_the_ordinary(),
        "counts": days.aggregate(
            working=Count("pk", filter=Q(is_working=True)), rest=Count("pk", filter=Q(is_working=False))
        ),
        "changes": Event.objects.filter(action=ACTION, outcome=Event.Outcome.DONE).order_by("-id")[
            :SHOWN_CHANGES
        ],
    }
    return render(request, "accounts/working_calendar.html", context, status=422 if form.errors else 200)
