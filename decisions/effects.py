"""What follows from a decision in the same transaction. Called only by the door."""

from accounts.models import Enterprise
from core import clock, documents, notify
from core.workflow import perform
from decisions.documents import RELEASED
from decisions.drafts import planned_window
from decisions.lists import agenda_entries, entries_of
from decisions.models import AgendaItem, Meeting, Objection, Plaque, PublicNotice, Recognition
from decisions.numbers import next_number
from policy.deadlines import re_review_due
from policy.procedure import list_digest

SERIAL_PREFIX = "WHFWZZ"


def carry_out_decisions(meeting: Meeting, *, by, note: str, confirmed_by) -> None:
    """Each enterprise goes the way the Party group decided; a deferred one stays proposed."""
    items = list(meeting.items.select_related("application").order_by("position"))
    verbs = {AgendaItem.Decision.APPROVED: "approve", AgendaItem.Decision.REJECTED: "reject"}
    for item in items:
        if verb := verbs.get(AgendaItem.Decision(item.decision)):
            perform(item.application, verb, by=by, note=item.reason)
    meeting.proposed_digest = list_digest(agenda_entries(meeting))
    meeting.approved_digest = list_digest(agenda_entries(meeting, AgendaItem.Decision.APPROVED))
    meeting.save(update_fields=["proposed_digest", "approved_digest"])


def leave_the_leaders_desk(notice: PublicNotice, *, by, note: str) -> None:
    notify.settle(f"notice-{notice.pk}-to-sign-")


def carry_out_notice(notice: PublicNotice, *, by, note: str, released_by) -> None:
    entries = list(
        notice.entries.select_related("application__enterprise", "application__round__measure").order_by(
            "position"
        )
    )
    notice.digest = list_digest(entries_of(notice))
    if notice.kind == PublicNotice.Kind.PUBLICITY:
        window = planned_window(notice)
        notice.ends_on = window.last_day
        for entry in entries:
            perform(entry.application, "publicize", by=by, ends_on=window.last_day)
    elif notice.kind == PublicNotice.Kind.ANNOUNCEMENT:
        for entry in entries:
            perform(entry.application, "recognize", by=by)
            _grant_title(entry.application, notice)
    notice.save(update_fields=["digest", "ends_on"])
    notify.settle(f"notice-{notice.pk}-")
    documents.request("notice", notice, by=by, key=RELEASED)


def hold_the_entry(objection: Objection, *, by, note: str) -> None:
    """One contested enterprise never holds up the others; a second objection finds it held already."""
    if objection.application.state == objection.application.State.PUBLICIZED:
        perform(objection.application, "contest", by=by, note=objection.receipt_number)


def let_the_entry_go_on(objection: Objection, *, by, note: str) -> None:
    others = objection.application.objections.filter(state=Objection.State.HANDLING).exclude(pk=objection.pk)
    if objection.application.state == objection.application.State.CONTESTED and not others.exists():
        perform(objection.application, "dismiss_objection", by=by, note=objection.answer)


def end_the_entry(objection: Objection, *, by, note: str) -> None:
    if objection.application.state == objection.application.State.CONTESTED:
        perform(objection.application, "uphold_objection", by=by, note=objection.answer)


def award_application(recognition: Recognition, *, by, note: str) -> None:
    Plaque.objects.filter(recognition=recognition).update(awarded_on=clock.today())
    perform(recognition.application, "award", by=by)


def _grant_title(application, notice: PublicNotice) -> None:
    """The title, its plaque with a serial, the date of the first re-review, and the enterprise's standing."""
    today, measure = clock.today(), application.round.measure
    recognition = Recognition.objects.create(
        enterprise=application.enterprise,
        application=application,
        announcement=notice,
        announced_on=today,
        re_review_due_on=re_review_due(today, years=measure.re_review_interval_years),
    )
    Plaque.objects.create(
        recognition=recognition,
        serial=next_number(Plaque, "serial", f"{SERIAL_PREFIX}-{application.round.year}"),
        title=measure.title_awarded,
        awarding_body=measure.awarding_body,
        dated=today,
    )
    Enterprise.objects.filter(pk=application.enterprise_id).update(standing=Enterprise.Standing.HOLDER)
