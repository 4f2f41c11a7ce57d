"""Reminders to experts: that their date comes near, and once that it is over; each person once for each panel and date."""

from datetime import datetime, timedelta

from accounts.models import User
from applications.conditions import moment_text
from applications.models import Application
from core import clock, notify
from review.models import Assignment, Panel, ScoreSheet

AHEAD = timedelta(days=3)


def remind_experts() -> int:
    """Tell who has still to declare or to submit. Gives how many panels were looked at; running it twice tells nobody twice."""
    now = clock.now()
    panels = list(
        Panel.objects.filter(state=Panel.State.SEATED, due_at__lte=now + AHEAD).select_related("round")
    )
    notify.enqueue(one for panel in panels for one in _reminders(panel, now))
    return len(panels)


def _reminders(panel: Panel, now: datetime) -> list[notify.Message]:
    over = panel.due_at <= now
    due, when = moment_text(panel.due_at), panel.due_at.isoformat()
    subject = f"{panel}：评分已逾期" if over else f"{panel}：将于{due}截止"
    body = (
        f"声明和评分的截止时间为{due}，您还有没有办完的。请尽快办理；不能按时完成的，请联系市工业和信息化局。"
        if over
        else f"您还有没有声明或没有提交的评审件，请在{due}前办理。"
    )
    key = f"panel-{panel.pk}-{'overdue' if over else 'due'}-{when}"
    return [notify.Message(recipients=behind(panel), key=key, subject=subject, body=body, url="/review/")]


def behind(panel: Panel):
    """The experts with something left to do in a panel: a declaration, or a sheet of a case that is still open."""
    open_ones = Assignment.objects.standing().filter(
        case__panel=panel,
        case__application__state__in=[Application.State.ACCEPTED, Application.State.UNDER_REVIEW],
    )
    waiting = open_ones.exclude(sheet__state=ScoreSheet.State.SUBMITTED)
    return User.objects.filter(expert__in=waiting.values("expert")).order_by("pk")
