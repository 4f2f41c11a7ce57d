"""The people of an agency as its leader keeps them: another role, the end of a service with what was in hand handed over."""

from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from accounts import joining
from accounts.conditions import a_leader_remains
from accounts.models import Agency, Invitation, Membership, User
from accounts.notifications import about_new_role, about_work_taken_over
from accounts.permissions import leads
from accounts.roles import STAFF
from core import clock, events, holdings, notify
from core.holdings import Piece
from core.models import Event, Notification
from core.wording import cn_datetime, sentence
from core.workflow import NotPossible, perform, refused

CHANGE_ROLE = "change_role"


def why_over(membership: Membership) -> str:
    """What is told to somebody who still acts on this membership after it has ended."""
    return (
        f"您在{membership.organisation or '专家库'}的任职或授权已于{cn_datetime(membership.state_since)}结束，"
        "这次操作没有办理，什么也没有改动。"
    )


def in_hand(membership: Membership) -> list[Piece]:
    """What would be left behind; nothing when the person stays in the agency in another role."""
    agency, user = membership.agency, membership.user
    if agency is None or membership.role not in STAFF or _other_roles(membership):
        return []
    return holdings.held_by(user, agency)


def colleagues_of(membership: Membership) -> list[Membership]:
    """Who can take over, handlers first; one line for each person."""
    others = Membership.objects.confirmed().filter(
        agency=membership.agency, role__in=STAFF, user__is_active=True
    )
    found = (
        others.exclude(user=membership.user_id).select_related("user").order_by("role", "user__name", "id")
    )
    return list({one.user_id: one for one in found}.values())


def change_role(membership: Membership, role: str, *, by: User, note: str) -> Membership:
    """Make a handler leader or a leader handler, from now on. Raises NotPossible, NotPermitted."""
    with transaction.atomic():
        agency, actor = _lock(membership, by)
        locked = Membership.objects.select_for_update(of=("self",)).select_related("user", "agency")
        hat = locked.get(pk=membership.pk)
        if not leads(actor, hat):
            told = f"{agency}人员的角色由该单位负责人办理。"
            raise refused(hat, CHANGE_ROLE, by=by, label="改变角色", sentence=told)
        if not hat.is_active:
            raise NotPossible([f"{hat.user}已不在{agency}任职，没有改动。"])
        if role not in agency.staff_roles:
            raise NotPossible(["请选择经办人或负责人。"])
        if role == hat.role:
            raise NotPossible([_is_so_already(hat)])
        if reason := a_leader_remains.reason(hat):
            raise NotPossible([reason])
        if role in _other_roles(hat):
            raise NotPossible([f"{hat.user}在本单位已另有这一角色，没有重复办理。"])
        before = hat.get_role_display()
        hat.role = role
        hat.save(update_fields=["role"])
        changed = f"{before}改为{hat.get_role_display()}。原因：{sentence(note)}"
        event = events.record(hat, CHANGE_ROLE, by=by, label="改变角色", note=changed)
        notify.enqueue([about_new_role(event, hat)])
        _revoke_unvouched(hat, by=by)
    return hat


def _is_so_already(hat: Membership) -> str:
    """Somebody was quicker: who it was, so that the two do not undo each other's work."""
    done = events.about(hat).filter(action=CHANGE_ROLE, outcome=Event.Outcome.DONE).last()
    by = f"的角色刚由{done.actor_label}改过，" if done else ""
    return f"{hat.user}{by}现在已是{hat.get_role_display()}，没有重复办理。"


def end_service(
    membership: Membership, action: str, receivers: Mapping[str, User | None], *, by: User, note: str
) -> Membership:
    """End a service by ``end_service`` or ``withdraw``; each piece in hand goes to its receiver, or (None) waits for whoever takes it.

    All or nothing. Raises NotPossible when somebody cannot take over, or a piece has no receiver; NotPermitted.
    """
    with transaction.atomic():
        agency, actor = _lock(membership, by)
        ended = perform(membership, action, by=actor, note=note)
        colleagues = {one.user_id for one in colleagues_of(ended)}
        handed: dict[User, list[Piece]] = defaultdict(list)
        for piece in in_hand(ended):
            if piece.key not in receivers:
                raise NotPossible(
                    [f"{ended.user}刚又接手了“{piece.label}”，没有办理。请核对下面的清单后再办。"]
                )
            to = receivers[piece.key]
            if to and to.pk not in colleagues:
                raise NotPossible([f"{to}已不在{agency}任职，不能接手。请另选一位，没有办理。"])
            piece.give(to, by=by)
            if to and to != by:
                handed[to].append(piece)
        event = events.about(ended).latest("id")
        notify.enqueue(about_work_taken_over(event, ended, to, pieces) for to, pieces in handed.items())
        _revoke_unvouched(ended, by=by)
        leaver = User.objects.get(pk=ended.user_id)
        if not leaver.hats():  # what can no longer be read is not counted either
            unread = Notification.objects.of(leaver).unread()
            unread.filter(created_at__lt=ended.state_since).update(read_at=clock.now())
    return ended


def _revoke_unvouched(membership: Membership, *, by: User) -> None:
    """Invitations into the agency lose their force with the role of whoever invited."""
    inviter, agency = User.objects.get(pk=membership.user_id), membership.agency
    if agency and not joining.may_invite(inviter, agency):
        for invitation in Invitation.objects.open_at(clock.now()).filter(agency=agency, invited_by=inviter):
            joining.revoke(invitation, by=by)


def _other_roles(membership: Membership) -> set[str]:
    """The person's other roles in the same agency."""
    hats = Membership.objects.confirmed().filter(
        user=membership.user_id, agency=membership.agency_id, role__in=STAFF
    )
    return set(hats.exclude(pk=membership.pk).values_list("role", flat=True))


def _lock(membership: Membership, by: User) -> tuple[Agency, User]:
    """Changes among an agency's people follow one another; the person who acts is looked at afresh."""
    assert membership.agency is not None
    agency = Agency.objects.select_for_update(no_key=True).get(pk=membership.agency.pk)
    return agency, User.objects.get(pk=by.pk)
