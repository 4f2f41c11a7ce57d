"""Reminders: of deadlines that come near, once per person and deadline; of all that a channel holds, once a day."""

from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.models import Agency, User
from accounts.people import members_of_agency, members_of_enterprise
from accounts.permissions import require_municipal_handler
from accounts.roles import Role
from applications.conditions import moment_text
from applications.listing import WORKING, turn_until
from applications.models import Application, Round
from applications.rounds import remind
from core import clock, events, notify
from core.models import Event

State = Application.State
AHEAD = timedelta(days=3)


def remind_of_deadlines() -> int:
    """Tell whoever still holds a case in an open round that its deadline ends within three days; never once it is over.

    Gives how many cases are near their end. Who has been told of a deadline is not told again, whenever this runs.
    """
    now = clock.now()
    cases = Application.objects.filter(round__state=Round.State.OPEN, round__opens_at__lte=now)
    near = cases.annotate(until=turn_until()).filter(until__gt=now, until__lte=now + AHEAD)
    shown = near.select_related("enterprise", "channel", "round").order_by("round", "channel", "until", "id")
    found = list(shown)
    notify.enqueue(_to_enterprise(one) for one in found if one.state in Application.WITH_ENTERPRISE)
    held = [one for one in found if one.state in Application.WITH_CHANNEL]
    together = groupby(held, lambda one: (one.round, one.channel, one.until))
    notify.enqueue(_to_channel(*whose, len(list(theirs))) for whose, theirs in together)
    return len(found)


def _to_enterprise(case: Application) -> notify.Message:
    until = case.until  # type: ignore[attr-defined]
    what = "补正" if case.state == State.RETURNED else "申报"
    return notify.Message(
        recipients=members_of_enterprise(case.enterprise),
        key=f"application-{case.pk}-deadline-{until.isoformat()}",
        subject=f"{case.round}{what}将于{moment_text(until)}截止",
        body=f"{case.enterprise}的申报书还没有提交。到点即截止，草稿保留；请在{moment_text(until)}前提交。",
        url=f"/applications/{case.pk}/",
    )


def _to_channel(round_: Round, channel: Agency, until, number: int) -> notify.Message:
    return notify.Message(
        recipients=members_of_agency(channel, Role.CHANNEL_HANDLER),
        key=f"round-{round_.pk}-channel-{channel.pk}-deadline-{until.isoformat()}",
        subject=f"{round_}审核报送将于{moment_text(until)}截止",
        body=f"本单位还有 {number} 件没有报送，请在{moment_text(until)}前审核并报送（第十五条）。",
        url="/vetting/",
    )


def with_todays_reminder(cases: QuerySet[Application]) -> QuerySet[Application]:
    """With ``reminded_at`` and ``reminded_by``: the last reminder that its present holder was sent today."""
    today = Event.objects.filter(
        subject_type=Application._meta.label,
        subject_id=OuterRef("pk"),
        action="remind",
        outcome=Event.Outcome.DONE,
        at__gte=Greatest(clock.instant(clock.today(), 0), OuterRef("state_since")),
    ).order_by("-id")
    return cases.annotate(
        reminded_at=Subquery(today.values("at")[:1]), reminded_by=Subquery(today.values("actor__name")[:1])
    )


def remind_channel(round_: Round, channel: Agency, *, by: User) -> int:
    """Remind of everything that a channel and its enterprises hold and nobody was reminded of today. Raises NotPermitted.

    The channel's people get one message for all of it, an enterprise one for its own. Gives the number of cases.
    """
    require_municipal_handler(by, round_, "remind", "催办")
    with transaction.atomic():
        Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        held = Application.objects.in_round(round_).filter(channel=channel, state__in=WORKING)
        cases = with_todays_reminder(held).select_related("enterprise", "channel", "round").order_by("id")
        waiting = [one for one in cases if one.reminded_at is None]  # type: ignore[attr-defined]
        own = [one for one in waiting if one.state in Application.WITH_CHANNEL]
        for one in waiting:
            if one.state == State.RETURNED:
                remind(one, by=by)
            else:
                told = events.record(one, "remind", by=by, label="催办", note=channel.name)
        if own:
            until = min(one.vetting_until for one in own)
            message = notify.Message(
                recipients=members_of_agency(channel, Role.CHANNEL_HANDLER),
                key=f"round-{round_.pk}-channel-{channel.pk}-reminder-{told.pk}",
                subject=f"请办理：{round_}有 {len(own)} 件在本单位",
                body=f"市工业和信息化局提醒：{len(own)} 件申报现在由{channel}办理，最近的截止是{moment_text(until)}。",
                url="/vetting/",
            )
            notify.enqueue([message])
    return len(waiting)
