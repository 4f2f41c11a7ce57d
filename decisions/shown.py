"""Notices, objections and windows as pages show them: badges, countdowns, the strip of days."""

from datetime import date, timedelta
from typing import Any

from core import wording
from decisions.models import Meeting, Objection, PublicNotice, Recognition
from policy.deadlines import PublicityWindow
from policy.models import CalendarDay
from policy.workdays import Calendar, strip, working_days_between

Badge = tuple[str, str, str]
Kind = PublicNotice.Kind

KIND_LOOKS: dict[str, tuple[str, str]] = {
    Kind.CALL: ("file-earmark-text", "neutral"),
    Kind.PUBLICITY: ("megaphone", "info"),
    Kind.ANNOUNCEMENT: ("award", "met"),
    Kind.RE_REVIEW_RESULT: ("arrow-repeat", "met"),
    Kind.REVOCATION: ("slash-circle", "unmet"),
}
OBJECTION_LOOKS: dict[str, tuple[str, str]] = {
    Objection.State.RECEIVED: ("inbox", "attention"),
    Objection.State.HANDLING: ("flag", "attention"),
    Objection.State.DISMISSED: ("check2-circle", "met"),
    Objection.State.UPHELD: ("flag", "unmet"),
    Objection.State.LOGGED: ("envelope-open", "neutral"),
}
RECOGNITION_LOOKS: dict[str, tuple[str, str]] = {
    Recognition.State.ANNOUNCED: ("award", "info"),
    Recognition.State.AWARDED: ("award", "met"),
    Recognition.State.REVOKED: ("slash-circle", "unmet"),
}
MEETING_LOOKS: dict[str, tuple[str, str]] = {
    Meeting.State.DRAFT: ("pencil", "attention"),
    Meeting.State.CONFIRMED: ("check2-circle", "met"),
}


def kind_badge(notice: PublicNotice) -> Badge:
    icon, tone = KIND_LOOKS[notice.kind]
    return notice.get_kind_display(), icon, tone


def notice_badge(notice: PublicNotice, today: date) -> Badge:
    """拟稿, 待签发, 待开始, 公示中, 公示届满 or 已发布."""
    if notice.state == PublicNotice.State.DRAFT:
        return ("待签发", "pen", "attention") if notice.sent_at else ("拟稿", "pencil", "attention")
    if notice.kind == Kind.PUBLICITY and notice.starts_on:
        if today < notice.starts_on:
            return "待开始", "hourglass-split", "neutral"
        running = notice.takes_objections_on(today)
        return ("公示中", "megaphone", "info") if running else ("公示届满", "check2-circle", "met")
    return "已发布", "check2-circle", "met"


def objection_badge(objection: Objection) -> Badge:
    icon, tone = OBJECTION_LOOKS[objection.state]
    return objection.get_state_display(), icon, tone


def recognition_badge(recognition: Recognition) -> Badge:
    icon, tone = RECOGNITION_LOOKS[recognition.state]
    return recognition.get_state_display(), icon, tone


def meeting_badge(meeting: Meeting) -> Badge:
    icon, tone = MEETING_LOOKS[meeting.state]
    return meeting.get_state_display(), icon, tone


def window_text(notice: PublicNotice) -> str:
    """9月28日至10月9日, with 待定 for a last day that the calendar does not know."""
    if notice.starts_on is None:
        return ""
    if notice.state == PublicNotice.State.DRAFT:
        return f"拟自{wording.cn_date(notice.starts_on, 'bare')}起"
    until = wording.cn_date(notice.ends_on, "bare") if notice.ends_on else "待定"
    return f"{wording.cn_date(notice.starts_on, 'bare')}至{until}"


def days_of_window(
    window: PublicityWindow, calendar: Calendar, *, today: date, events: dict[date, str]
) -> list[dict[str, Any]]:
    """The strip of a publicity: a few days before, the counted days, the earliest day of the announcement."""
    shown_from = window.first_day - timedelta(days=4)
    shown_until = (window.announcement_from or window.first_day + timedelta(days=14)) + timedelta(days=2)
    names = dict(
        CalendarDay.objects.filter(date__range=(shown_from, shown_until))
        .exclude(name="")
        .values_list("date", "name")
    )
    shown = strip(calendar, shown_from, shown_until, first=window.first_day, last=window.last_day)
    return [
        {
            "date": one.day,
            "is_working": one.is_working,
            "is_today": one.day == today,
            "is_make_up": one.is_make_up,
            "counted_number": one.counted,
            "name": "" if one.is_working else names.get(one.day, "")[:4],
            "event": events.get(one.day, ""),
        }
        for one in shown
    ]


def working_days_left(window: PublicityWindow, calendar: Calendar, *, today: date) -> int | None:
    """Working days from today to the last day, today included; None when that is not known."""
    if window.last_day is None:
        return None
    return working_days_between(calendar, max(today, window.first_day), window.last_day)
