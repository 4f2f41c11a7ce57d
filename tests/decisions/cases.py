"""A round on its way through the Party group, publicity and announcement, walked through the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import User
from accounts.roles import Role
from applications.models import Application, Round
from core import clock
from core.workflow import perform
from decisions.drafts import draft_announcement, draft_meeting, draft_publicity
from decisions.models import AgendaItem, Meeting, Objection, Objector, PublicNotice
from decisions.numbers import follow_up_code
from policy.models import Measure, MeasureRenewal, ServiceMode
from tests.factories import a_pdf, make_application, make_officer, make_round

MEETING_DAY = date(2026, 9, 18)
PUBLICITY_DAY = date(2026, 9, 28)
PUBLICITY_ENDS = date(2026, 10, 9)
ANNOUNCEMENT_DAY = date(2026, 10, 10)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return clock.instant(day, hour, minute)


def renew_measure() -> MeasureRenewal:
    """The document that prolongs the measure beyond 2026-08-31."""
    return MeasureRenewal.objects.create(
        measure=Measure.objects.get(),
        document_number="威工信发〔2026〕21号",
        title="关于延长有效期的通知",
        issued_on=date(2026, 8, 28),
        valid_until=date(2031, 8, 31),
    )


def a_case_in(round_: Round, state: str, **fields: Any) -> Application:
    """A case in a state, without the materials that nobody reads at this stage."""
    mode = ServiceMode.objects.first()
    return make_application(state=state, round=round_, complete=False, main_mode=mode, **fields)


@dataclass
class Case:
    """The people and the round of a test."""

    handler: User
    leader: User
    round: Round
    applications: list[Application] = field(default_factory=list)


def open_case(size: int = 3, *, renewed: bool = True) -> Case:
    """A round whose first `size` cases are proposed."""
    if renewed:
        renew_measure()
    round_ = make_round(publicity_starts_on=PUBLICITY_DAY)
    return Case(
        handler=make_officer(Role.MUNICIPAL_HANDLER, name="宋知远"),
        leader=make_officer(Role.MUNICIPAL_LEADER, name="姜予安"),
        round=round_,
        applications=[a_case_in(round_, Application.State.PROPOSED) for _ in range(size)],
    )


def record_meeting(case: Case, decisions: Mapping[int, tuple[str, str]] | None = None) -> Meeting:
    """A complete record, everything approved but for `decisions`: index of the case → (decision, reason)."""
    with clock.stopped_at(at(MEETING_DAY, 16)):
        meeting = draft_meeting(case.round, number="2026年第14次局党组会议", by=case.handler)
        meeting.held_on, meeting.place = MEETING_DAY, "局机关301会议室"
        meeting.chaired_by, meeting.attendance = "姜予安", "应到7人，实到6人"
        meeting.minutes.save("minutes.pdf", ContentFile(a_pdf()), save=False)
        meeting.minutes_name = "会议纪要.pdf"
        meeting.save()
        meeting.items.update(decision=AgendaItem.Decision.APPROVED)
        for index, (decision, reason) in (decisions or {}).items():
            meeting.items.filter(application=case.applications[index]).update(
                decision=decision, reason=reason
            )
    return meeting


def confirm_meeting(case: Case, decisions: Mapping[int, tuple[str, str]] | None = None) -> Meeting:
    meeting = record_meeting(case, decisions)
    with clock.stopped_at(at(MEETING_DAY, 17)):
        return perform(meeting, "confirm", by=case.handler, confirmed_by=case.handler)


def release(case: Case, notice: PublicNotice) -> PublicNotice:
    """By the leader, of a draft that its handler has sent for signature, in whatever shape it is."""
    PublicNotice.objects.filter(pk=notice.pk).update(sent_at=clock.now())
    return perform(notice, "release", by=case.leader, released_by=case.leader)


def publicise(case: Case, meeting: Meeting | None = None, starts_on: date = PUBLICITY_DAY) -> PublicNotice:
    with clock.stopped_at(at(MEETING_DAY, 18)):
        notice = draft_publicity(meeting or confirm_meeting(case), by=case.handler, starts_on=starts_on)
    with clock.stopped_at(at(starts_on, 8)):
        return release(case, notice)


def object_to(application: Application, notice: PublicNotice, kind: str = Objection.Kind.PERSON) -> Objection:
    objection = Objection.objects.create(
        notice=notice,
        application=application,
        receipt_number=f"YY-2026-{Objection.objects.count() + 1:03d}",
        follow_up_code=follow_up_code(),
        kind=kind,
        facts="项目二系与他人共有，不应计为该企业的项目。",
    )
    if kind != Objection.Kind.LEAD:
        Objector.objects.create(
            objection=objection, name="毕清和", mobile="13812341234", email="bi@example.com"
        )
    return objection


def answer(objection: Objection, verb: str, text: str, *, by: User) -> Objection:
    """dismiss or uphold, after accepting."""
    objection = perform(objection, "accept", by=by)
    Objection.objects.filter(pk=objection.pk).update(answer=text)
    return perform(objection, verb, by=by, note=text)


def announce(case: Case, publicity: PublicNotice, on: date = ANNOUNCEMENT_DAY) -> PublicNotice:
    with clock.stopped_at(at(on, 9)):
        notice = draft_announcement(publicity, by=case.handler)
        return release(case, notice)
