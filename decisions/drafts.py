"""Agendas and notices drafted from the facts. Every draft is made once: asking again gives the one that is there."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from applications.calls import call_title
from applications.models import Application, Round
from core import clock, events
from decisions import texts
from decisions.lists import approval_of, may_be_announced, openly_contested, still_to_announce
from decisions.models import AgendaItem, Meeting, NoticeEntry, Objection, Omission, PublicNotice
from policy.deadlines import PublicityWindow, publicity_window
from policy.models import CalendarDay
from policy.procedure import why_not_announce, why_not_publicise
from policy.workdays import next_working_day
from review.models import RankingEntry


class CannotDraft(Exception):
    """There is nothing to draft from yet. ``reasons`` are sentences for people."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = list(reasons)
        super().__init__("".join(reasons))


@transaction.atomic
def draft_meeting(round_: Round, *, number: str, by) -> Meeting:
    """A meeting with every case now proposed on its agenda, in the order of the ranking (第十六条)."""
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    if meeting := Meeting.objects.filter(round=round_, state=Meeting.State.DRAFT).first():
        return meeting
    if not proposed_in(round_):
        raise CannotDraft(f"{round_}还没有拟认定名单。请先在排序页把企业列入拟认定名单（第十六条）。")
    meeting = Meeting.objects.create(round=round_, number=number)
    fill_agenda(meeting)
    events.record(meeting, "draft", by=by, label="建立会议记录", to_state=meeting.state)
    return meeting


def proposed_in(round_: Round) -> list[Application]:
    """The cases that wait for the Party group, best rank first; equal ranks have no order of their own."""
    return list(
        Application.objects.in_round(round_)
        .filter(state=Application.State.PROPOSED)
        .select_related("enterprise")
        .annotate(
            place=Subquery(RankingEntry.objects.standing().filter(application=OuterRef("pk")).values("rank"))
        )
        .order_by(F("place").asc(nulls_last=True), "enterprise__name")
    )


def fill_agenda(meeting: Meeting) -> None:
    """Bring the agenda in line with what is proposed now; decisions already noted stay."""
    proposed = proposed_in(meeting.round)
    meeting.items.exclude(application__in=[one.pk for one in proposed]).delete()
    known = {item.application_id: item for item in meeting.items.all()}
    for position, application in enumerate(proposed, start=1):
        if item := known.get(application.pk):
            AgendaItem.objects.filter(pk=item.pk).update(position=position)
        else:
            AgendaItem.objects.create(
                meeting=meeting,
                application=application,
                position=position,
                enterprise_name=application.enterprise.name,
            )


@transaction.atomic
def draft_publicity(meeting: Meeting, *, by, starts_on: date | None = None) -> PublicNotice:
    """公示 of what a confirmed meeting approved, from the next working day unless another day is given."""
    meeting = (
        Meeting.objects.select_for_update(of=("self",)).select_related("round__measure").get(pk=meeting.pk)
    )
    if notice := meeting.notices.filter(kind=PublicNotice.Kind.PUBLICITY).first():
        return notice
    today = clock.today()
    approval = approval_of(meeting)
    if reasons := why_not_publicise(approval, approval.entries if approval else (), on=starts_on or today):
        raise CannotDraft(*reasons)
    items = meeting.items.filter(decision=AgendaItem.Decision.APPROVED).order_by("position")
    notice = PublicNotice.objects.create(
        kind=PublicNotice.Kind.PUBLICITY,
        round=meeting.round,
        meeting=meeting,
        starts_on=starts_on or _next_start(meeting.round, today),
        title=texts.publicity_title(meeting.round, _next_number(meeting.round, PublicNotice.Kind.PUBLICITY)),
        drafted_by=by,
    )
    NoticeEntry.objects.bulk_create(
        [
            NoticeEntry(
                notice=notice,
                application_id=item.application_id,
                position=position,
                enterprise_name=item.enterprise_name,
            )
            for position, item in enumerate(items, start=1)
        ]
    )
    return _drafted(notice, by=by)


def _next_number(round_: Round, kind: str) -> int:
    """Which of the round's notices of this kind the next one is."""
    return PublicNotice.objects.filter(round=round_, kind=kind).count() + 1


@transaction.atomic
def draft_announcement(publicity: PublicNotice, *, by) -> PublicNotice:
    """公布 of the publicised cases against which no objection stands; the others are held with the reason (第十七条)."""
    publicity = PublicNotice.objects.select_for_update(of=("self",)).get(pk=publicity.pk)
    if publicity.kind != PublicNotice.Kind.PUBLICITY or publicity.state != PublicNotice.State.RELEASED:
        raise CannotDraft(*why_not_announce(None, (), on=clock.today()))
    if notice := publicity.announcements.filter(state=PublicNotice.State.DRAFT).first():
        return notice
    ready = _ready_to_announce(publicity)
    if not ready:
        raise CannotDraft("公示名单中没有可以公布的企业：异议尚未办结，或已全部公布（第十七条）。")
    notice = PublicNotice.objects.create(
        kind=PublicNotice.Kind.ANNOUNCEMENT,
        round=publicity.round,
        meeting=publicity.meeting,
        publicity=publicity,
        title=texts.announcement_title(
            publicity.round, _next_number(publicity.round, PublicNotice.Kind.ANNOUNCEMENT)
        ),
        drafted_by=by,
    )
    return _drafted(notice, by=by)


def list_announcement(notice: PublicNotice) -> None:
    """Write the announcement's list, and the reason for each publicised enterprise that it leaves out."""
    publicity = notice.publicity
    if publicity is None:
        raise ValueError("an announcement follows a publicity")
    contested = openly_contested(publicity)
    receipts = _receipts(publicity)
    notice.entries.all().delete()
    notice.omissions.all().delete()
    position = 0
    for entry in still_to_announce(publicity):
        if may_be_announced(entry, contested):
            position += 1
            NoticeEntry.objects.create(
                notice=notice,
                application=entry.application,
                position=position,
                enterprise_name=entry.enterprise_name,
            )
        else:
            is_over = entry.application.state == Application.State.OBJECTION_UPHELD
            numbers = "、".join(receipts.get(entry.application_id, []))
            reason = (
                f"异议成立（{numbers}），不予公布" if is_over else f"异议（{numbers}）核实中，办结后另行公布"
            )
            Omission.objects.create(notice=notice, application=entry.application, reason=reason)


@transaction.atomic
def draft_re_review_result(round_: Round, *, by) -> PublicNotice:
    """复核结果通报 of every case that has its conclusion and is in no result notice yet (第十八条)."""
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    kind = PublicNotice.Kind.RE_REVIEW_RESULT
    if notice := round_.notices.filter(kind=kind, state=PublicNotice.State.DRAFT).first():
        return notice
    if not unpublished_re_reviews(round_):
        raise CannotDraft(f"{round_}还没有未公布的复核结论（第十八条）。请先逐家作出合格或不合格的结论。")
    notice = PublicNotice.objects.create(
        kind=kind, round=round_, title=texts.re_review_title(round_), drafted_by=by
    )
    return _drafted(notice, by=by)


def list_results(notice: PublicNotice) -> None:
    """Write the list of a result notice: every conclusion of its round that is not published yet."""
    notice.entries.all().delete()
    NoticeEntry.objects.bulk_create(
        [
            NoticeEntry(
                notice=notice,
                application=one,
                position=position,
                enterprise_name=one.enterprise.name,
                remark="合格" if one.state == Application.State.RE_REVIEW_PASSED else "不合格",
            )
            for position, one in enumerate(unpublished_re_reviews(notice.round), start=1)
        ]
    )


def unpublished_re_reviews(round_: Round) -> list[Application]:
    """Cases of a re-review round with a conclusion that no released notice has published, the passed ones first."""
    published = NoticeEntry.objects.filter(
        notice__kind=PublicNotice.Kind.RE_REVIEW_RESULT, notice__state=PublicNotice.State.RELEASED
    )
    ended = (Application.State.RE_REVIEW_PASSED, Application.State.RE_REVIEW_FAILED)
    return list(
        Application.objects.in_round(round_)
        .filter(state__in=ended)
        .exclude(pk__in=published.values("application"))
        .select_related("enterprise")
        .order_by("-state", "enterprise__name")
    )


@transaction.atomic
def draft_call(round_: Round, *, by) -> PublicNotice:
    """通知 that calls for applications in a round that is open (第十四条)."""
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    if notice := round_.notices.filter(kind=PublicNotice.Kind.CALL).first():
        return notice
    if round_.state != Round.State.OPEN:
        raise CannotDraft(f"{round_}尚未开始。请先在批次页发布，再起草申报通知。")
    notice = PublicNotice.objects.create(
        kind=PublicNotice.Kind.CALL,
        round=round_,
        number=round_.call_number,
        title=call_title(round_),
        drafted_by=by,
    )
    return _drafted(notice, by=by)


def rewrite(notice: PublicNotice) -> None:
    """Write list and text of a draft afresh from the facts as they stand; what was typed into them is lost."""
    if notice.kind == PublicNotice.Kind.ANNOUNCEMENT:
        list_announcement(notice)
    if notice.kind == PublicNotice.Kind.RE_REVIEW_RESULT:
        list_results(notice)
    notice.body = texts.body_of(notice)
    notice.save(update_fields=["body"])


def follow_the_dates(notice: PublicNotice) -> None:
    """Let the drafted sentence of the period say what the dates say; other words stay as typed."""
    if notice.kind == PublicNotice.Kind.PUBLICITY:
        notice.body = texts.with_its_days(notice)
        notice.save(update_fields=["body"])


def planned_window(notice: PublicNotice) -> PublicityWindow:
    """The days of a publicity by its first one, counted as the calendar stands now."""
    if notice.starts_on is None:
        raise ValueError("this notice has no window")
    return publicity_window(
        notice.starts_on, notice.round.publicity_working_days, CalendarDay.objects.calendar()
    )


def _drafted(notice: PublicNotice, *, by) -> PublicNotice:
    rewrite(notice)
    events.record(notice, "draft", by=by, label="起草公告", to_state=notice.state)
    return notice


def _ready_to_announce(publicity: PublicNotice) -> list[NoticeEntry]:
    contested = openly_contested(publicity)
    return [one for one in still_to_announce(publicity) if may_be_announced(one, contested)]


def _receipts(publicity: PublicNotice) -> dict[int, list[str]]:
    """Receipt numbers of the objections that hold or ended an entry, by application."""
    found: dict[int, list[str]] = {}
    standing = Objection.objects.open() | Objection.objects.filter(state=Objection.State.UPHELD)
    for one in standing.filter(notice=publicity).order_by("id"):
        found.setdefault(one.application_id, []).append(one.receipt_number)
    return found


def _next_start(round_: Round, today: date) -> date:
    """The day planned for the round, or the next working day when that has passed or is a day of rest."""
    tomorrow = today + timedelta(days=1)
    wanted = max(round_.publicity_starts_on, tomorrow)
    return next_working_day(CalendarDay.objects.calendar(), wanted) or wanted


def settle_window(notice: PublicNotice, *, by) -> bool:
    """Fill in the last day of a released publicity once the calendar knows it; False while it still does not."""
    with transaction.atomic():
        released = PublicNotice.objects.released().filter(kind=PublicNotice.Kind.PUBLICITY)
        notice = released.select_for_update(of=("self",)).select_related("round").get(pk=notice.pk)
        if notice.ends_on is not None:
            return True
        window = planned_window(notice)
        if window.last_day is None:
            return False
        PublicNotice.objects.filter(pk=notice.pk).update(ends_on=window.last_day)
        Application.objects.filter(notice_entries__notice=notice, publicity_ends_on=None).update(
            publicity_ends_on=window.last_day
        )
        events.record(notice, "settle_window", by=by, label="确定公示截止日", ends_on=window.last_day)
    return True
