"""Who in the agency works on a case: taken, handed to a colleague, put back; and what colleagues note about it.

The division of labour within an agency changes no state and no right: every colleague may still vet every case (第十五条).
"""

from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from accounts.people import hold_in_office, members_of_agency
from accounts.roles import CHANNEL, Role, agencies_of
from applications.listing import WORKING
from applications.models import Application, CaseNote
from core import events, notify
from core.models import Event
from core.workflow import NotPossible, refused

TAKE, HAND_OVER, PUT_BACK = "take_case", "hand_over_case", "put_back_case"
LABELS = {TAKE: "接手经办", HAND_OVER: "转交经办", PUT_BACK: "放回待分工"}


def colleagues_of(application: Application) -> list[User]:
    """The people of the case's agency who may work on it now."""
    return members_of_agency(application.channel, *CHANNEL)


def take(application: Application, *, by: User) -> Application:
    """Work on a case that nobody works on, or whose officer has left. Raises NotPossible, NotPermitted."""
    with transaction.atomic():
        in_office = hold_in_office(by, *CHANNEL)
        case = _locked(application, by, TAKE)
        _require_in_office(by, case, in_office)
        if case.officer != by:
            if case.officer in colleagues_of(case):
                raise NotPossible(
                    [f"这件已由{case.officer}经办。要由您经办的，请{case.officer}或本单位负责人转交。"]
                )
            _write(case, by, by=by, action=TAKE)
    return case


def take_if_free(case: Application, *, by: User) -> None:
    """Whoever works on a case that nobody has taken, or whose officer has left, is its officer.

    Called with the person held in office and the row locked.
    """
    if case.officer_id != by.pk and case.officer not in colleagues_of(case):
        _write(case, by, by=by, action=TAKE)


def may_dispose(case: Application, user: User, colleagues: Collection[User]) -> bool:
    """Whether the person may hand the case over or put it back: its officer, a leader; anybody when its officer has left."""
    is_leader = case.channel_id in agencies_of(user, Role.CHANNEL_LEADER)
    return is_leader or case.officer == user or case.officer not in colleagues


def hand_over(application: Application, to: User, *, by: User) -> Application:
    """Hand a case to a colleague, who is told. Raises NotPossible, NotPermitted."""
    with transaction.atomic():
        in_office = hold_in_office(to, *CHANNEL)
        case = _locked(application, by, HAND_OVER)
        _require_disposal(case, by, colleagues_of(case))
        _require_in_office(to, case, in_office)
        if case.officer != to:
            _tell_officer(case, _write(case, to, by=by, action=HAND_OVER), by=by)
    return case


def pass_on(application: Application, leaver: User, to: User | None, *, by: User) -> None:
    """What somebody who leaves the agency had in hand goes to a colleague, or back to whoever takes it next.

    Called in the transaction in which the person leaves; what others have taken over meanwhile stays theirs.
    """
    case = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if case.officer_id == leaver.pk:
        _write(case, to, by=by, action=HAND_OVER if to else PUT_BACK)


def put_back(application: Application, *, by: User) -> Application:
    """Leave a case to whoever takes it next. Raises NotPossible, NotPermitted."""
    with transaction.atomic():
        case = _locked(application, by, PUT_BACK)
        _require_disposal(case, by, colleagues_of(case))
        if case.officer:
            _write(case, None, by=by, action=PUT_BACK)
    return case


def write_note(application: Application, text: str, *, by: User) -> CaseNote:
    """Leave a note that the agency's people alone can read."""
    return CaseNote.objects.create(application=application, author=by, text=text)


def _require_disposal(case: Application, by: User, colleagues: Collection[User]) -> None:
    if not may_dispose(case, by, colleagues):
        raise NotPossible([f"这件由{case.officer}经办，由其本人或本单位负责人转交、放回。"])


def _locked(application: Application, by: User, action: str) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related(
        "channel", "officer", "enterprise"
    )
    case = rows.get(pk=application.pk)
    if case.channel_id not in agencies_of(by, *CHANNEL):
        sentence = f"这件由{case.channel}审核，您不是该单位的人员。"
        raise refused(case, action, by=by, label=LABELS[action], sentence=sentence)
    if case.state not in WORKING:
        raise NotPossible([f"这件申报现为“{case.get_state_display()}”，不在本单位手中，不用再分工。"])
    return case


def _require_in_office(officer: User, case: Application, in_office: set[int]) -> None:
    """Who is about to be the officer works in the case's agency, and does until the transaction ends."""
    if case.channel_id not in in_office:
        raise NotPossible([f"{officer}不是{case.channel}现有的经办人或负责人，请另选一位。"])


def _write(case: Application, officer: User | None, *, by: User, action: str) -> Event:
    case.officer = officer
    case.save(update_fields=["officer"])
    return events.record(case, action, by=by, label=LABELS[action], note=officer.name if officer else "")


def _tell_officer(case: Application, event: Event, *, by: User) -> None:
    officer = case.officer
    if officer and officer != by:
        told = notify.Message(
            recipients=[officer],
            key=f"hand-over-{event.pk}",
            subject=f"转交您经办：{case.enterprise}",
            body=f"{by.name}将{case.enterprise}的申报（{case.get_state_display()}）转交您经办。",
            url=f"/vetting/{case.pk}/",
        )
        notify.enqueue([told])
