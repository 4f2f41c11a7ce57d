"""Putting off a deadline of a round, for all, one channel or one enterprise: with a reason, recorded, told (第十四条、第十五条)."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from accounts.models import Agency, Enterprise, User
from accounts.people import members_of_agencies, members_of_enterprises
from accounts.permissions import require_municipal_handler
from accounts.roles import CHANNEL
from applications.conditions import moment_text
from applications.models import Application, Extension, Round
from core import clock, events, notify
from core.wording import sentence
from core.workflow import NotPossible
from policy.dates import date_text

Deadline = Extension.Deadline
OF_THE_ROUND = {Deadline.ENTERPRISE: "enterprise_deadline", Deadline.DISTRICT: "district_deadline"}
COLUMNS = {
    Deadline.ENTERPRISE: "extended_enterprise_deadline",
    Deadline.DISTRICT: "extended_district_deadline",
}


def as_seen_by(
    rounds: QuerySet[Any], *, agencies: Collection[Agency | int] = (), enterprise: Enterprise | None = None
) -> list[Any]:
    """These rounds with the deadlines in force for some channels or an enterprise; to be shown, not saved (one query).

    ``enterprise_deadline_reason`` and ``district_deadline_reason`` tell why a deadline was put off, None when it never was.
    """
    of_the_round = Extension.objects.filter(round=OuterRef("pk"))
    granted = of_the_round.granted_to(agencies, enterprise)
    concerning = granted | of_the_round.filter(agency=None, enterprise=None)
    latest = {}
    for which, name in OF_THE_ROUND.items():
        for found, column, kept in (
            (granted, "until", f"granted_{name}"),
            (concerning, "reason", f"{name}_reason"),
        ):
            latest[kept] = Subquery(found.filter(deadline=which).order_by("-until").values(column)[:1])
    seen = list(rounds.annotate(**latest))
    for one in seen:
        one.first_deadline = one.first_deadline or one.enterprise_deadline
        for name in OF_THE_ROUND.values():
            own = getattr(one, name)
            setattr(one, name, max(own, getattr(one, f"granted_{name}") or own))
    return seen


def hold_deadlines(round_pk: int) -> None:
    """Until this transaction ends no deadline of the round is put off; to be held before any of its cases is."""
    Round.objects.select_for_update(no_key=True).values("pk").get(pk=round_pk)


def write_down(application: Application) -> None:
    """Give a draft the deadlines that are in force for its enterprise and channel (one query)."""
    granted = Extension.objects.latest_for(
        [application.round], agencies=[application.channel], enterprise=application.enterprise
    )
    for which, name in COLUMNS.items():
        setattr(application, name, granted.get((application.round_id, which)))


def in_force(
    round_: Round, which: str, *, agency: Agency | None = None, enterprise: Enterprise | None = None
) -> datetime:
    """A deadline as it is now for all, for one channel or for one enterprise."""
    own = getattr(round_, OF_THE_ROUND[Deadline(which)])
    granted = Extension.objects.latest_for(
        [round_],
        agencies=[one for one in (agency, _channel_of(round_, enterprise)) if one],
        enterprise=enterprise,
    )
    return max(own, granted.get((round_.pk, which), own))


def _channel_of(round_: Round, enterprise: Enterprise | None) -> Agency | None:
    if enterprise is None:
        return None
    case = enterprise.applications.live().in_round(round_).select_related("channel").first()
    return case.channel if case else enterprise.district


def extend(
    round_: Round,
    which: str,
    until: datetime,
    *,
    agency: Agency | None = None,
    enterprise: Enterprise | None = None,
    reason: str,
    by: User,
) -> Extension:
    """Put a deadline off. Raises NotPermitted, or NotPossible with sentences for people."""
    require_municipal_handler(by, round_, "extend", "延长截止时间")
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        before = in_force(locked, which, agency=agency, enterprise=enterprise)
        if reasons := list(_why_not(locked, which, before, until, agency, enterprise)):
            raise NotPossible(reasons)
        extension = Extension.objects.create(
            round=locked,
            deadline=which,
            agency=agency,
            enterprise=enterprise,
            before=before,
            until=until,
            reason=reason,
            extended_by=by,
        )
        _carry_out(extension)
        events.record(
            locked,
            "extend",
            by=by,
            label="延长截止时间",
            note=reason,
            deadline=which,
            scope=extension.scope,
            before=before,
            until=until,
        )
        notify.enqueue(_messages(extension))
    return extension


def _why_not(
    round_: Round,
    which: str,
    before: datetime,
    until: datetime,
    agency: Agency | None,
    enterprise: Enterprise | None,
) -> Iterator[str]:
    if round_.state != Round.State.OPEN:
        yield f"{round_}现为“{round_.get_state_display()}”，进行中的批次才能延长截止时间。"
    if until <= clock.now():
        yield "新的截止时间须晚于现在，请改为将来的时间。"
    if until <= before:
        yield f"现在的截止时间是{moment_text(before)}，新的截止时间须比它晚。"
    review = clock.instant(round_.review_starts_on, 0)
    if until >= review:
        yield f"评审自{moment_text(review)}开始，截止时间须在此之前。"
    if which == Deadline.ENTERPRISE:
        report = in_force(round_, Deadline.DISTRICT, agency=agency, enterprise=enterprise)
        if until > report:
            yield f"区市、协会报送截止是{moment_text(report)}，企业申报截止不能晚于它，请先延长报送截止（第十五条）。"
    elif enterprise:
        yield "报送由区市或协会办理，请按渠道延长报送截止，或只延长这家企业的申报截止。"


def _carry_out(extension: Extension) -> None:
    """For all it is the round's own deadline; for some it is written down on their cases."""
    round_, until = extension.round, extension.until
    if extension.agency or extension.enterprise:
        concerned = Q(channel=extension.agency) if extension.agency else Q(enterprise=extension.enterprise)
        column = COLUMNS[Deadline(extension.deadline)]
        round_.applications.filter(concerned).update(**{column: Greatest(F(column), until)})
        return
    if extension.deadline == Deadline.ENTERPRISE:
        round_.first_deadline = round_.first_deadline or round_.enterprise_deadline
        round_.enterprise_deadline = until
    else:
        round_.district_deadline = until
    round_.save(update_fields=["first_deadline", "enterprise_deadline", "district_deadline"])


def _messages(extension: Extension) -> Iterator[notify.Message]:
    """To the channels concerned and, of the enterprises' deadline, to the enterprises that still have something to submit."""
    round_ = extension.round
    subject = f"{round_}：{extension.get_deadline_display()}延长至{moment_text(extension.until)}"
    if extension.enterprise:
        subject = f"{extension.enterprise}：{subject}"
    body = f"原为{moment_text(extension.before)}。原因：{sentence(extension.reason)}"
    key = f"extension-{extension.pk}"
    channel = extension.agency or _channel_of(round_, extension.enterprise)
    agencies = [channel] if channel else Agency.objects.channels()
    yield notify.Message(members_of_agencies(agencies, *CHANNEL), key, subject, body, "/vetting/")
    if extension.deadline == Deadline.ENTERPRISE:
        holders = [extension.enterprise] if extension.enterprise else _writing(extension)
        told = f"{body}条件仍按原基准日{date_text(round_.base_date)}核验。"
        yield notify.Message(members_of_enterprises(holders), key, subject, told, "/enterprise/")


def _writing(extension: Extension) -> QuerySet[Enterprise]:
    """Enterprises with something to submit in the round, of one channel or of all."""
    cases = extension.round.applications.filter(state__in=Application.WITH_ENTERPRISE)
    if extension.agency:
        cases = cases.filter(channel=extension.agency)
    return Enterprise.objects.filter(pk__in=cases.values("enterprise"))
