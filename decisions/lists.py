"""The lists approved, publicised and announced, as the values that the rules of 第十六条 and 第十七条 compare."""

from datetime import date

from django.db.models import Prefetch, prefetch_related_objects

from applications.models import Application
from decisions.models import AgendaItem, Meeting, NoticeEntry, Objection, Omission, PublicNotice
from policy.procedure import Approval, ListEntry, Publicity, why_not_announce, why_not_publicise


def agenda_entries(meeting: Meeting, decision: str = "") -> tuple[ListEntry, ...]:
    """What lay before the Party group or, with a decision, what was decided so (one query, once a meeting object)."""
    items = AgendaItem.objects.select_related("application__enterprise").order_by("position")
    prefetch_related_objects([meeting], Prefetch("items", items))
    return tuple(
        ListEntry(one.application.enterprise.credit_code, one.enterprise_name)
        for one in meeting.items.all()
        if not decision or one.decision == decision
    )


def approval_of(meeting: Meeting | None) -> Approval | None:
    """The record of a confirmed meeting; None as long as nothing has been confirmed."""
    if meeting is None or meeting.state != Meeting.State.CONFIRMED or meeting.held_on is None:
        return None
    return Approval(meeting.held_on, agenda_entries(meeting, AgendaItem.Decision.APPROVED))


def rows_of(notice: PublicNotice) -> list[NoticeEntry]:
    """The list of a notice with its enterprises, in its order (one query, once a notice object)."""
    enterprises = ("application__enterprise__district", "application__main_mode")
    rows = NoticeEntry.objects.select_related(*enterprises).order_by("position")
    prefetch_related_objects([notice], Prefetch("entries", rows))
    return list(notice.entries.all())


def left_out_of(notice: PublicNotice) -> list[Omission]:
    """Whom the notice leaves out (one query, once a notice object)."""
    rows = Omission.objects.select_related("application__enterprise__district").order_by("id")
    prefetch_related_objects([notice], Prefetch("omissions", rows))
    return list(notice.omissions.all())


def entries_of(notice: PublicNotice) -> tuple[ListEntry, ...]:
    """The list of a notice under the names it prints."""
    return tuple(_entry(one) for one in rows_of(notice))


def still_to_announce(publicity: PublicNotice) -> list[NoticeEntry]:
    """The entries of a publicity that no announcement has named yet, in its order (one query)."""
    announced = NoticeEntry.objects.filter(
        notice__publicity=publicity, notice__state=PublicNotice.State.RELEASED
    )
    return list(
        publicity.entries.exclude(application__in=announced.values("application"))
        .select_related("application__enterprise__district", "application__main_mode")
        .order_by("position")
    )


def openly_contested(publicity: PublicNotice) -> set[int]:
    """Ids of the publicised applications with an objection that nobody has answered yet."""
    return set(Objection.objects.open().filter(notice=publicity).values_list("application_id", flat=True))


def may_be_announced(entry: NoticeEntry, contested: set[int]) -> bool:
    """Whether an entry of a publicity that is over goes on to the announcement."""
    one = entry.application
    return one.state == Application.State.PUBLICIZED and one.pk not in contested


def why_not_listed(notice: PublicNotice, *, on: date) -> list[str]:
    """Sentences that refuse the notice's list on a day; empty when it agrees with the list it follows."""
    if notice.kind == PublicNotice.Kind.PUBLICITY:
        return why_not_publicise(
            approval_of(notice.meeting),
            entries_of(notice),
            on=notice.starts_on or on,
            explanations=_explanations(notice),
        )
    if notice.kind == PublicNotice.Kind.ANNOUNCEMENT and notice.publicity:
        return _why_not_announced(notice, notice.publicity, on=on)
    if notice.kind == PublicNotice.Kind.RE_REVIEW_RESULT:
        return _why_no_result(notice)
    return []


def _why_not_announced(notice: PublicNotice, publicity: PublicNotice, *, on: date) -> list[str]:
    before = still_to_announce(publicity)
    contested = openly_contested(publicity)
    codes = {one.application.enterprise.credit_code for one in before if one.application_id in contested}
    return why_not_announce(
        Publicity(publicity.window, tuple(_entry(one) for one in before)),
        entries_of(notice),
        on=on,
        open_objections=codes,
        explanations=_explanations(notice),
    )


def _why_no_result(notice: PublicNotice) -> list[str]:
    ended = (Application.State.RE_REVIEW_PASSED, Application.State.RE_REVIEW_FAILED)
    names = "、".join(one.enterprise_name for one in rows_of(notice) if one.application.state not in ended)
    return [f"以下企业尚无复核结论，不能公布（第十八条）：{names}。"] if names else []


def _explanations(notice: PublicNotice) -> dict[str, str]:
    """Why each enterprise is left out, or listed under another name, by credit code."""
    return {one.application.enterprise.credit_code: one.reason for one in left_out_of(notice)} | {
        one.application.enterprise.credit_code: one.remark for one in rows_of(notice) if one.remark
    }


def _entry(one: NoticeEntry) -> ListEntry:
    return ListEntry(one.application.enterprise.credit_code, one.enterprise_name)
