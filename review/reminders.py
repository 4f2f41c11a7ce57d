"""Reminders to experts: that their date comes near, and once that it is over; each person once for each panel and date."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import Expert, User
from accounts.permissions import require_municipal_handler
from applications.conditions import moment_text
from applications.models import Application
from core import clock, events, notify
from core.models import Event
from core.workflow import NotPossible
from review.models import Assignment, Panel, ScoreSheet
from review.opinions import to_draft, to_sign

AHEAD = timedelta(days=3)


def remind_experts() -> int:
    """Tell who has still to declare, to submit, to draft or to sign. Gives how many panels were looked at; running it twice tells nobody twice."""
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
        f"声明和评分的截止时间为{due}，您有评审件尚未办完（声明、评分、起草或签署审核意见）。请尽快办理；不能按时完成的，请联系市工业和信息化局。"
        if over
        else f"您有评审件尚未声明、尚未提交评分，或审核意见尚未起草、签署，请在{due}前办理。"
    )
    key = f"panel-{panel.pk}-{'overdue' if over else 'due'}-{when}"
    return [notify.Message(recipients=behind(panel), key=key, subject=subject, body=body, url="/review/")]


def behind(panel: Panel):
    """The experts with something left to do in a panel: a declaration, the sheet of a case that is still open, an opinion to draft or to sign."""
    open_ones = Assignment.objects.standing().filter(
        case__panel=panel,
        case__application__state__in=[Application.State.ACCEPTED, Application.State.UNDER_REVIEW],
    )
    waiting = open_ones.exclude(sheet__state=ScoreSheet.State.SUBMITTED)
    signing = Assignment.objects.filter(to_sign() | to_draft(), case__panel=panel)
    left = Q(expert__in=waiting.values("expert")) | Q(expert__in=signing.values("expert"))
    return User.objects.filter(left).order_by("pk")


def remind(panel: Panel, expert: Expert, *, by: User) -> Event:
    """Remind one expert of what is left to do, once a day at most. Raises NotPermitted or NotPossible."""
    require_municipal_handler(by, panel, "remind", "催办")
    with transaction.atomic():
        locked = Panel.objects.select_for_update(of=("self",)).select_related("round").get(pk=panel.pk)
        if locked.state != Panel.State.SEATED or not behind(locked).filter(pk=expert.user_id).exists():
            raise NotPossible([f"{expert}在{locked.name}没有要办的，不用提醒。"])
        if expert.pk in reminded_today(locked):
            raise NotPossible([f"今天已经提醒过{expert}，每人每天只提醒一次。"])
        event = events.record(locked, "remind", by=by, label="催办", note=str(expert), expert=expert.pk)
        message = notify.Message(
            recipients=[expert.user],
            key=f"panel-{locked.pk}-reminder-{event.pk}",
            subject=f"{locked}：请办理",
            body=f"市工业和信息化局提醒：您有评审件尚未声明、尚未提交评分，或审核意见尚未起草、签署，截止{moment_text(locked.due_at)}。",
            url="/review/",
        )
        notify.enqueue([message])
    return event


def reminded_today(panel: Panel) -> set[int]:
    """The experts who were reminded by hand today (one query)."""
    since = clock.instant(clock.today(), 0)
    told = events.about(panel).filter(action="remind", outcome=Event.Outcome.DONE, at__gte=since)
    return {one["expert"] for one in told.values_list("details", flat=True)}
