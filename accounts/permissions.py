"""Who may do what with accounts, and what follows in the same transaction."""

from django.db.models import Model

from accounts.effects import keep_somebody
from accounts.models import Membership, User
from accounts.notifications import about_membership
from accounts.people import confirmed_members_exist
from accounts.roles import (
    CHANNEL,
    LEADERS,
    STAFF,
    Role,
    agencies_of,
    confirmed_enterprises_of,
    has_role,
    is_municipal_handler,
)
from core import workflow
from core.workflow import refused


def is_oneself(user: User | None, membership: Membership) -> bool:
    """The person in question, of an enterprise: officers' and experts' roles are the administrator's affair."""
    return user is not None and membership.user_id == user.pk and membership.enterprise_id is not None


def is_invited(user: User | None, membership: Membership) -> bool:
    """The person whom an invitation made this membership for; an enterprise's people are told that they need one."""
    is_own = user is not None and membership.user_id == user.pk
    return is_oneself(user, membership) or (is_own and hasattr(membership, "invitation"))


def leads(user: User | None, membership: Membership) -> bool:
    """A leader of the agency, for its handlers and leaders; auditors and administrators are the administrator's affair."""
    return membership.role in STAFF and membership.agency_id in agencies_of(user, *LEADERS)


def is_confirmed_colleague(user: User | None, membership: Membership) -> bool:
    return membership.enterprise_id in confirmed_enterprises_of(user) and not is_oneself(user, membership)


def answers_for_enterprise(user: User | None, membership: Membership) -> bool:
    """The enterprise's district, or the association that it chose."""
    enterprise = membership.enterprise
    agencies = agencies_of(user, *CHANNEL)
    return enterprise is not None and not agencies.isdisjoint(
        {enterprise.district_id, enterprise.association_id}
    )


def vouches_for_account(user: User | None, membership: Membership) -> bool:
    """A confirmed colleague; as long as there is none, the district or association. Nobody vouches for oneself."""
    if is_oneself(user, membership):
        return False
    if answers_for_enterprise(user, membership):
        return membership.enterprise is not None and not confirmed_members_exist(membership.enterprise)
    return is_confirmed_colleague(user, membership)


def takes_authority_back(user: User | None, membership: Membership) -> bool:
    """The district or association for an enterprise's people, the administrator for all others but oneself."""
    if membership.enterprise_id is None:
        return has_role(user, Role.ADMINISTRATOR) and user is not None and membership.user_id != user.pk
    return answers_for_enterprise(user, membership)


def require_municipal_handler(user: User, subject: Model, action: str, label: str) -> None:
    """For acts that change no state and so do not pass the door. Raises NotPermitted, recorded as an event of ``subject``."""
    if not is_municipal_handler(user):
        sentence = f"{label}由市工业和信息化局经办人办理，您没有这项权限。"
        raise refused(subject, action, by=user, label=label, sentence=sentence)


workflow.register(
    Membership,
    workflow.Rulebook(
        permissions={
            "confirm": vouches_for_account,
            "refuse": vouches_for_account,
            "accept_invitation": is_invited,
            "retract": is_oneself,
            "leave": is_oneself,
            "remove": is_confirmed_colleague,
            "withdraw": takes_authority_back,
            "end_service": leads,
        },
        effects={"leave": keep_somebody, "remove": keep_somebody},
        announce=about_membership,
        related=("user", "agency", "expert", "enterprise__district", "enterprise__association"),
    ),
)
