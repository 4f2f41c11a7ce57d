"""Which case answers for a title's re-review (第十八条)."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from applications.models import Application, Round
from core import clock
from decisions.models import Recognition

DAYS_AHEAD = (90, 30, 7)
LONGEST_NOTICE = timedelta(days=DAYS_AHEAD[0])
State = Application.State


def answering(
    titles: Iterable[Recognition], cases: QuerySet[Application], *, today: date
) -> dict[int, Application]:
    """Title id → the case that answers for its present due date, out of the cases one may know of (one query).

    It is the title's latest one. A pass moves the due date: once the title falls due again, a passed case answers for nothing
    any more, however long its round stays open. A failed one waits for the revocation, though its round be closed.
    """
    titles = list(titles)
    found = (
        cases.live()  # type: ignore[attr-defined]
        .filter(round__kind=Round.Kind.RE_REVIEW, enterprise__in=[one.enterprise_id for one in titles])
        .filter(Q(round__state=Round.State.OPEN) | Q(state=State.RE_REVIEW_FAILED))
        .select_related("enterprise", "channel", "round", "current_version")
        .order_by("id")
    )
    latest = {one.enterprise_id: one for one in found}
    pairs = [(title, latest.get(title.enterprise_id)) for title in titles]
    return {title.pk: case for title, case in pairs if case and _answers(case, title, today)}


def _answers(case: Application, title: Recognition, today: date) -> bool:
    if clock.local(case.created_at).date() < title.announced_on:
        return False
    return case.state != State.RE_REVIEW_PASSED or title.re_review_due_on > today + LONGEST_NOTICE
