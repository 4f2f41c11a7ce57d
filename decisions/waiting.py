"""What the facts allow to be drafted now, and what not yet, with the reason that the procedure gives."""

from typing import Any

from applications.models import Application, Round
from core import clock
from decisions.models import Meeting, NoticeEntry, PublicNotice
from decisions.shown import window_text
from policy.procedure import why_not_publicise

Kind = PublicNotice.Kind
State = PublicNotice.State


def to_draft() -> list[dict[str, Any]]:
    """Each with the kind and the source that the form sends."""
    found: list[dict[str, Any]] = []
    meetings = Meeting.objects.filter(state=Meeting.State.CONFIRMED).exclude(notices__kind=Kind.PUBLICITY)
    found += [
        {"kind": Kind.PUBLICITY, "source": one.pk, "label": f"公示 {one.number}审议通过的名单"}
        for one in meetings.filter(items__decision="APPROVED").distinct()
    ]
    waiting = Application.objects.filter(state=Application.State.PUBLICIZED)
    over = (
        PublicNotice.objects.released()
        .filter(kind=Kind.PUBLICITY, ends_on__lt=clock.today(), entries__application__in=waiting)
        .exclude(announcements__state=State.DRAFT)
        .distinct()
    )
    found += [
        {"kind": Kind.ANNOUNCEMENT, "source": one.pk, "label": f"公布 公示已届满的名单：{one.title}"}
        for one in over
    ]
    published = NoticeEntry.objects.filter(notice__kind=Kind.RE_REVIEW_RESULT)
    ended = (Application.State.RE_REVIEW_PASSED, Application.State.RE_REVIEW_FAILED)
    concluded = Application.objects.filter(state__in=ended).exclude(pk__in=published.values("application"))
    found += [
        {"kind": Kind.RE_REVIEW_RESULT, "source": one.pk, "label": f"通报 {one}的复核结果"}
        for one in Round.objects.filter(applications__in=concluded).distinct()
    ]
    found += [
        {"kind": Kind.CALL, "source": one.pk, "label": f"通知 {one}"}
        for one in Round.objects.filter(state=Round.State.OPEN).exclude(notices__kind=Kind.CALL)
    ]
    return found


def not_yet_to_draft() -> list[dict[str, Any]]:
    reason = why_not_publicise(None, (), on=clock.today())[0]
    drafts = Meeting.objects.filter(state=Meeting.State.DRAFT).select_related("round")
    blocked = [
        {"label": f"公示 {one.round}拟认定名单", "reason": reason, "url": f"/meetings/{one.pk}/"}
        for one in drafts
    ]
    return blocked + [
        {
            "label": f"公布 {one.title}",
            "reason": f"公示期{window_text(one)}，届满无异议后才能公布（第十七条）。",
            "url": f"/notice-desk/{one.pk}/",
        }
        for one in PublicNotice.objects.in_publicity_on(clock.today())
    ]
