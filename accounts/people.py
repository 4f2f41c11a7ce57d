"""Whom to tell: the active people behind an agency, an enterprise or a role."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Agency, Enterprise, Membership, User
from accounts.roles import CHANNEL


def members_of_agency(agency: Agency, *roles: str) -> list[User]:
    """The active people of an agency in these roles: whom to tell."""
    return _active_people(Q(agency=agency, role__in=roles))


def hold_in_office(user: User, *roles: str) -> set[int]:
    """Ids of the agencies in which the person has one of these roles, which nobody can end before the transaction does.

    Called before any case is locked, as by whoever ends a service.
    """
    hats = Membership.objects.confirmed().filter(user=user, role__in=roles, agency__isnull=False)
    return set(hats.select_for_update(no_key=True).values_list("agency", flat=True))


def members_of_agencies(agencies: Iterable[Agency], *roles: str) -> list[User]:
    return _active_people(Q(agency__in=agencies, role__in=roles))


def members_of_enterprise(enterprise: Enterprise) -> list[User]:
    return _active_people(Q(enterprise=enterprise))


def members_of_enterprises(enterprises: Iterable[Enterprise]) -> list[User]:
    return _active_people(Q(enterprise__in=enterprises))


def who_decides_on_accounts(enterprise: Enterprise) -> list[User]:
    """The confirmed people of the enterprise; as long as there are none, those of its district or association."""
    confirmed = _active_people(Q(enterprise=enterprise, state=Membership.State.CONFIRMED))
    return confirmed or members_of_agency(enterprise.registrar, *CHANNEL)


def municipal_people(*roles: str) -> list[User]:
    return _active_people(Q(agency__kind=Agency.Kind.MUNICIPAL, role__in=roles))


def _active_people(condition: Q) -> list[User]:
    hats = Membership.objects.in_force().filter(condition, user__is_active=True).select_related("user")
    return list({hat.user_id: hat.user for hat in hats.order_by("user_id")}.values())


def confirmed_members_exist(enterprise: Enterprise) -> bool:
    """Whether anybody's authority to act for the enterprise has been confirmed."""
    return enterprise.memberships.confirmed().exists()
