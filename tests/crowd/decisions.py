"""Meetings, notices, titles and objections."""

from datetime import date

from applications.models import Application, Round
from decisions.models import AgendaItem, Meeting, NoticeEntry, Objection, Omission, PublicNotice, Recognition
from tests.crowd.rows import Crowd, another_case, follow
from tests.factories import JUNE, copies, make_round, numbers

State = Application.State


def add_decided(crowd: Crowd) -> None:
    """Meetings, notices of every kind with long lists, each in draft and released, and objections."""
    world = crowd.sites.world
    title = Recognition.objects.get()
    announcement = title.announcement
    publicity = announcement.publicity
    follow(crowd, world.application)
    NoticeEntry.objects.create(
        notice=announcement, application=world.application, position=1, enterprise_name=world.enterprise.name
    )
    for entry in NoticeEntry.objects.all():
        crowd.add(entry, "application")
    crowd.add(title, "enterprise application")
    crowd.add(title.plaque, "recognition")
    objection = Objection.objects.get()
    for kind in (Objection.Kind.PERSON, Objection.Kind.LEAD):
        one = objection if kind == objection.kind else copies(objection, kind=kind, receipt_number=kind)
        one.save()
        crowd.add(one)
        if kind == Objection.Kind.PERSON:
            crowd.add(one.objector, "objection")
    _on_agenda(crowd, publicity.meeting, another_case(crowd, State.PROPOSED), "application")
    another_case(crowd, State.PROPOSED)
    waiting = crowd.add(make_round(year=2020, title="2020年度认定", latest_year=2019))
    crowd.add(another_case(crowd, State.PROPOSED, waiting), "enterprise round")
    confirmed = _confirmed(waiting)
    _on_agenda(crowd, confirmed, another_case(crowd, State.APPROVED, waiting), "application")
    crowd.also("meeting", pk=confirmed.pk)
    crowd.add(confirmed)
    _on_agenda(crowd, confirmed, another_case(crowd, State.APPROVED, waiting), "meeting application")
    _notices(crowd, announcement, waiting)
    ended = crowd.add(
        make_round(year=2020, kind=Round.Kind.RE_REVIEW, title="2020年度复核", latest_year=2019)
    )
    crowd.add(another_case(crowd, State.RE_REVIEW_PASSED, ended), "enterprise round")
    crowd.also("notice-desk", "?tab=drafts", by="municipal leader")
    crowd.also("objection-desk", "?tab=all")
    crowd.also("objection-desk", "?tab=leads")
    crowd.also("directory-desk", "?tab=experts")


def _confirmed(round_: Round) -> Meeting:
    return Meeting.objects.create(
        round=round_,
        number=f"第{next(numbers)}次",
        state=Meeting.State.CONFIRMED,
        held_on=date(2026, 6, 1),
    )


def _notices(crowd: Crowd, first: PublicNotice, round_: Round) -> None:
    kinds = PublicNotice.Kind
    earlier = {"starts_on": date(2026, 5, 6), "ends_on": date(2026, 5, 12)}
    later = {"starts_on": date(2026, 6, 15), "ends_on": date(2026, 6, 19)}
    released = {
        "state": PublicNotice.State.RELEASED,
        "released_by": first.released_by,
        "released_at": JUNE,
    }
    for kind, state, fields in (
        (kinds.PUBLICITY, State.PUBLICIZED, released | earlier),
        (kinds.PUBLICITY, State.APPROVED, later),
        (kinds.ANNOUNCEMENT, State.PUBLICIZED, {}),
        (kinds.RE_REVIEW_RESULT, State.RE_REVIEW_PASSED, released),
        (kinds.RE_REVIEW_RESULT, State.RE_REVIEW_FAILED, {}),
        (kinds.CALL, State.ACCEPTED, {}),
    ):
        follows = {"publicity": first.publicity} if kind == kinds.ANNOUNCEMENT else {}
        notice = PublicNotice.objects.create(
            kind=kind,
            round=round_,
            meeting=crowd.add(_confirmed(round_)),
            title=kind.label,
            body="正文",
            drafted_by=first.drafted_by,
            **fields,
            **follows,
        )
        crowd.also("notice-edit", pk=notice.pk)
        crowd.also("notice-release", by="municipal leader", pk=notice.pk)
        case = another_case(crowd, state, round_)
        entry = NoticeEntry.objects.create(
            notice=notice, application=case, position=1, enterprise_name=case.enterprise.name
        )
        crowd.add(entry, "application")
        if follows:  # of one publicity there is one draft at most
            left_out = another_case(crowd, State.PUBLICIZED, round_)
            omission = Omission.objects.create(notice=notice, application=left_out, reason="异议")
            crowd.add(omission, "application")
        else:
            crowd.add(notice, "meeting")
            crowd.add(entry, "notice")


def _on_agenda(crowd: Crowd, meeting: Meeting, case: Application, along: str) -> None:
    item = AgendaItem.objects.create(
        meeting=meeting,
        application=case,
        position=next(numbers),
        enterprise_name=case.enterprise.name,
        decision=AgendaItem.Decision.APPROVED,
    )
    crowd.add(item, along)
