"""Putting off a deadline of a round or of a running correction: with a reason, recorded, told (第十四条、第十五条)."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from accounts.models import Agency, Enterprise, User
from accounts.people import (
    hold_in_office,
    members_of_agencies,
    members_of_agency,
    members_of_enterprise,
    members_of_enterprises,
)
from accounts.permissions import require_municipal_handler
from accounts.roles import CHANNEL, is_municipal_handler
from applications.conditions import moment_text
from applications.models import Application, Extension, Round
from core import clock, events, notify
from core.wording import sentence
from core.workflow import NotPossible, refused
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
    """These rounds with the deadlines in force for some channels or an enterprise; to be shown, not saved (two queries).

    ``enterprise_deadline_reason`` and ``district_deadline_reason`` tell why a deadline was put off, None when it never was;
    ``any_channel_deadline`` and its reason hold whichever channel is chosen, ``longer`` are what gives some channels more.
    """
    seen = list(rounds)
    extensions = Extension.objects.concerning(agencies, enterprise).with_names().order_by("until")
    found = list(extensions.filter(round__in=[one.pk for one in seen]))
    for one in seen:
        one.first_deadline = one.first_deadline or one.enterprise_deadline
        _tell_channels_apart(one, [given for given in found if given.round_id == one.pk])
        for which, name in OF_THE_ROUND.items():
            own = [given for given in found if given.round_id == one.pk and given.deadline == which]
            granted = [given.until for given in own if given.agency_id or given.enterprise_id]
            setattr(one, name, max([getattr(one, name), *granted]))
            setattr(one, f"{name}_reason", own[-1].reason if own else None)
    return seen


def _tell_channels_apart(round_: Any, given: list[Extension]) -> None:
    own = [one for one in given if one.deadline == Deadline.ENTERPRISE]
    always = [one for one in own if not one.agency_id]
    until = max([round_.enterprise_deadline, *(one.until for one in always)])
    round_.any_channel_deadline = until
    round_.any_channel_deadline_reason = always[-1].reason if always else None
    round_.longer = list({one.agency_id: one for one in own if one.agency_id and one.until > until}.values())


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


def behind(application: Application) -> Extension | None:
    """What put off the deadline that an enterprise works towards; None when it was never put off (one query at most)."""
    found = Extension.objects.filter(round=application.round_id)
    if application.state == Application.State.RETURNED:
        found = found.filter(
            deadline=Deadline.CORRECTION,
            enterprise=application.enterprise_id,
            until=application.correction_due or application.enterprise_deadline,
            extended_at__gte=application.state_since,
        )
    elif application.extended_enterprise_deadline or application.round.first_deadline:
        found = found.concerning([application.channel_id], application.enterprise)
        found = found.filter(deadline=Deadline.ENTERPRISE, until=application.enterprise_deadline)
    else:
        return None
    return found.order_by("-id").first()


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
    if which == Deadline.CORRECTION:
        case = _returned_case(round_, enterprise)
        return extend_correction(case, until, seen=case.correction_due, reason=reason, by=by)
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=round_.pk)
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


def _returned_case(round_: Round, enterprise: Enterprise | None) -> Application:
    cases = round_.applications.filter(enterprise=enterprise, state=Application.State.RETURNED)
    if (case := cases.first()) is None:
        raise NotPossible([f"{enterprise or '所选单位'}在{round_}没有正在补正的申报，没有补正截止可以延长。"])
    return case


def extend_correction(
    application: Application, until: datetime, *, seen: datetime | None, reason: str, by: User
) -> Extension:
    """Give an enterprise more time for its running correction: its channel or the bureau, within the report's deadline.

    ``seen`` is the date that the channel's officer decided over; the bureau decides over whatever stands. Raises NotPermitted,
    or NotPossible with sentences for people.
    """
    is_bureau = is_municipal_handler(by)
    action = "extend" if is_bureau else "extend_correction"
    label = Deadline.CORRECTION.label
    with transaction.atomic():
        in_office = hold_in_office(by, *CHANNEL)
        hold_deadlines(application.round_id)
        cases = Application.objects.select_related("enterprise", "channel", "round")
        case = cases.select_for_update(of=("self",)).get(pk=application.pk)
        if not is_bureau and case.channel_id not in in_office:
            sentence_ = f"{label}由{case.channel}或市工业和信息化局经办人延长，您没有这项权限。"
            raise refused(case, action, by=by, label=f"延长{label}", sentence=sentence_)
        before = case.correction_due
        if before is None or case.state != Application.State.RETURNED:
            raise NotPossible(
                [f"这件申报现为“{case.get_state_display()}”，没有正在进行的补正，截止时间没有改动。"]
            )
        if seen != before:
            raise NotPossible(
                [
                    f"{label}现在是{moment_text(before)}，与您打开本页时不同，可能同事刚改过。没有改动，请核对。"
                ]
            )
        if reasons := list(_why_not_correct_until(case, before, until)):
            raise NotPossible(reasons)
        extension = Extension.objects.create(
            round=case.round,
            deadline=Deadline.CORRECTION,
            enterprise=case.enterprise,
            before=before,
            until=until,
            reason=reason,
            extended_by=by,
        )
        case.correction_due = until
        case.save(update_fields=["correction_due"])
        told = f"由{moment_text(before)}延长至{moment_text(until)}。原因：{sentence(reason)}"
        events.record(case, action, by=by, label=f"延长{label}", note=told, before=before, until=until)
        notify.enqueue(_correction_messages(case, extension, told, to_channel=is_bureau))
    return extension


def _why_not_correct_until(case: Application, before: datetime, until: datetime) -> Iterator[str]:
    """第十五条: what the channel does not get back in time, it can no longer vet and report."""
    if until <= clock.now():
        yield "新的补正截止须晚于现在，企业才来得及补正。"
    elif until <= before:
        yield f"现在的补正截止是{moment_text(before)}，新的截止须比它晚。"
    if until > case.vetting_until:
        end = moment_text(case.vetting_until)
        if case.sent_back_until:
            yield f"市局退回的，重新审核至{end}截止，补正截止不能晚于它（第十五条）。"
        else:
            yield f"{case.channel}报送截止是{end}，补正截止不能晚于它，请先由市局延长报送截止（第十五条）。"


def _correction_messages(
    case: Application, extension: Extension, told: str, *, to_channel: bool
) -> Iterator[notify.Message]:
    key = f"extension-{extension.pk}"
    subject = f"补正截止延长至{moment_text(extension.until)}"
    yield notify.Message(
        members_of_enterprise(case.enterprise),
        key,
        f"{subject}，请在此之前重新提交",
        f"{case.enterprise}的申报书，补正截止{told}",
        f"/applications/{case.pk}/",
    )
    if to_channel:
        people = members_of_agency(case.channel, *CHANNEL)
        subject = f"{case.enterprise}：{subject}"
        yield notify.Message(people, key, subject, f"补正截止{told}", f"/vetting/{case.pk}/")


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
    """To the channels concerned and, of the enterprises' deadline, to the enterprises that still have a draft."""
    round_ = extension.round
    subject = f"{round_}：{extension.get_deadline_display()}延长至{moment_text(extension.until)}"
    if extension.enterprise:
        subject = f"{extension.enterprise}：{subject}"
    body = f"原为{moment_text(extension.before)}。原因：{sentence(extension.reason)}{untouched_correction(extension)}"
    if extension.deadline == Deadline.DISTRICT:
        body += "正在补正的，补正截止不变；需要延长的，请在审核页逐家办理。"
    key = f"extension-{extension.pk}"
    channel = extension.agency or _channel_of(round_, extension.enterprise)
    agencies = [channel] if channel else Agency.objects.channels()
    yield notify.Message(members_of_agencies(agencies, *CHANNEL), key, subject, body, "/vetting/")
    if extension.deadline == Deadline.ENTERPRISE:
        holders = [extension.enterprise] if extension.enterprise else _writing(extension)
        told = f"{body}条件仍按原基准日{date_text(round_.base_date)}核验。"
        yield notify.Message(members_of_enterprises(holders), key, subject, told, "/enterprise/")


def untouched_correction(extension: Extension) -> str:
    """That the one enterprise's running correction keeps its own date; empty when none is running."""
    if extension.enterprise is None or extension.deadline == Deadline.CORRECTION:
        return ""
    cases = extension.round.applications.filter(enterprise=extension.enterprise)
    case = cases.filter(state=Application.State.RETURNED).exclude(correction_due=None).first()
    return f"正在进行的补正，截止仍是{moment_text(case.correction_due)}，没有随之延长。" if case else ""


def _writing(extension: Extension) -> QuerySet[Enterprise]:
    """Enterprises with a draft in the round, of one channel or of all: a correction has a date of its own."""
    cases = extension.round.applications.filter(state=Application.State.DRAFT)
    if extension.agency:
        cases = cases.filter(channel=extension.agency)
    return Enterprise.objects.filter(pk__in=cases.values("enterprise"))
