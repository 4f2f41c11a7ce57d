"""Meetings, notices, objections, titles: acted by the bureau's handler and leader (Art. 16, 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from applications.models import Application, Round
from core import clock
from core.workflow import perform
from decisions import drafts
from decisions.filing import file_objection
from decisions.models import AgendaItem, Meeting, NoticeEntry, Objection, PublicNotice, Recognition
from demo.cast import Cast
from demo.files import store

FICTION = "\n\n（演示公告，企业和内容均为虚构。）"
READING = timedelta(hours=2)


@dataclass(frozen=True)
class Decided:
    """What the Party group decided about one case, with the reason where one is due."""

    decision: str = AgendaItem.Decision.APPROVED
    reason: str = ""


def call(cast: Cast, round_: Round, at: datetime) -> PublicNotice:
    with clock.stopped_at(at):
        notice = drafts.draft_call(round_, by=cast.municipal)
    return _release(cast, notice, at, round_.call_number)


def hold_meeting(
    cast: Cast,
    round_: Round,
    number: str,
    at: datetime,
    unlike: Mapping[int, Decided] | None = None,
) -> Meeting:
    """Everything proposed is approved, but for what ``unlike`` says: application id → decision."""
    with clock.stopped_at(at):
        meeting = drafts.draft_meeting(round_, number=number, by=cast.municipal)
        for item in meeting.items.order_by("position"):
            decided = (unlike or {}).get(item.application_id, Decided())
            item.decision, item.reason = decided.decision, decided.reason
            item.save(update_fields=["decision", "reason"])
        minutes = store(f"minutes/{at.year}", f"{number}纪要", "威海市工业和信息化局（演示）")
        Meeting.objects.filter(pk=meeting.pk).update(
            held_on=clock.today(),
            place="局第一会议室",
            chaired_by=cast.municipal_leader.name,
            recorded_by=cast.municipal.name,
            attendance="应到 7 人，实到 6 人，请假 1 人（演示）",
            minutes=minutes.path,
            minutes_name=f"{number}纪要.pdf",
        )
        return perform(meeting, "confirm", by=cast.municipal, confirmed_by=cast.municipal)


def publicize(cast: Cast, meeting: Meeting, at: datetime, number: str) -> PublicNotice:
    """Publicity of what the meeting approved, from this day on."""
    with clock.stopped_at(at):
        notice = drafts.draft_publicity(meeting, by=cast.municipal, starts_on=clock.today())
    return _release(cast, notice, at, number)


def announce(cast: Cast, publicity: PublicNotice, at: datetime, number: str) -> PublicNotice:
    with clock.stopped_at(at):
        notice = drafts.draft_announcement(publicity, by=cast.municipal)
    return _release(cast, notice, at, number)


def publish_re_reviews(cast: Cast, round_: Round, at: datetime, number: str) -> PublicNotice:
    with clock.stopped_at(at):
        notice = drafts.draft_re_review_result(round_, by=cast.municipal)
    return _release(cast, notice, at, number)


def publish_revocation(
    cast: Cast, application: Application, at: datetime, number: str, reason: str
) -> PublicNotice:
    name = application.enterprise.name
    with clock.stopped_at(at):
        notice = PublicNotice.objects.create(
            kind=PublicNotice.Kind.REVOCATION,
            round=application.round,
            title=f"关于撤销{name}称号的决定",
            body=f"{reason}决定撤销{name}“威海市服务型制造示范企业”称号，收回牌匾。",
            drafted_by=cast.municipal,
        )
        NoticeEntry.objects.create(notice=notice, application=application, position=1, enterprise_name=name)
    return _release(cast, notice, at, number)


def award(cast: Cast, applications: Sequence[Application], at: datetime) -> None:
    titles = Recognition.objects.filter(application__in=applications).order_by("plaque__serial")
    with clock.stopped_at(at):
        for title in titles:
            perform(title, "award", by=cast.municipal)


def object_to(
    cast: Cast, notice: PublicNotice, application: Application, at: datetime, facts: str
) -> Objection:
    """An objection under a real name comes in and is taken up."""
    with clock.stopped_at(at):
        given = {
            "kind": Objection.Kind.PERSON,
            "name": "程演示",
            "mobile": "13800000000",
            "facts": f"{facts}（演示内容，虚构）",
        }
        return perform(file_objection(notice, application, given), "accept", by=cast.municipal)


def settle_objection(cast: Cast, objection: Objection, action: str, at: datetime, answer: str) -> Objection:
    """``action``: "dismiss" or "uphold"."""
    Objection.objects.filter(pk=objection.pk).update(answer=answer)
    with clock.stopped_at(at):
        return perform(objection, action, by=cast.municipal, note=answer)


def _release(cast: Cast, notice: PublicNotice, at: datetime, number: str) -> PublicNotice:
    """Numbered, marked as fictional, and released by the leader two hours after it was drafted."""
    PublicNotice.objects.filter(pk=notice.pk).update(number=number, body=notice.body + FICTION)
    leader = cast.municipal_leader
    with clock.stopped_at(at):
        perform(notice, "send_for_signature", by=notice.drafted_by)
    with clock.stopped_at(at + READING):
        return perform(notice, "release", by=leader, released_by=leader)
