"""The roles, the audiences that routes are declared for, and the plain predicates that permission tables are built from.

``user`` is anything with ``hats()`` (accounts.models.User), an anonymous visitor, or None when the portal acts by itself.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    ENTERPRISE = "ENTERPRISE", "企业经办人"
    CHANNEL_HANDLER = "CHANNEL_HANDLER", "区市主管部门（协会）经办人"
    CHANNEL_LEADER = "CHANNEL_LEADER", "区市主管部门（协会）负责人"
    MUNICIPAL_HANDLER = "MUNICIPAL_HANDLER", "市局经办人"
    MUNICIPAL_LEADER = "MUNICIPAL_LEADER", "市局负责人"
    EXPERT = "EXPERT", "评审专家"
    AUDITOR = "AUDITOR", "监督（纪检）"
    ADMINISTRATOR = "ADMINISTRATOR", "系统管理员"


ENTERPRISE = frozenset({Role.ENTERPRISE})
CHANNEL = frozenset({Role.CHANNEL_HANDLER, Role.CHANNEL_LEADER})
MUNICIPAL = frozenset({Role.MUNICIPAL_HANDLER, Role.MUNICIPAL_LEADER})
EXPERT = frozenset({Role.EXPERT})
AUDITOR = frozenset({Role.AUDITOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
AGENCY_ROLES = CHANNEL | MUNICIPAL | AUDITOR | ADMINISTRATOR
LEADERS = frozenset({Role.CHANNEL_LEADER, Role.MUNICIPAL_LEADER})
STAFF = CHANNEL | MUNICIPAL


def has_role(user, *roles: str) -> bool:
    return any(hat.role in roles for hat in user.hats()) if user and user.is_authenticated else False


def agencies_of(user, *roles: str) -> set[int]:
    """Ids of the agencies in which the person holds one of these roles."""
    if user is None or not user.is_authenticated:
        return set()
    return {hat.agency_id for hat in user.hats() if hat.role in roles and hat.agency_id}


def enterprises_of(user) -> set[int]:
    """Ids of the enterprises that the person acts for."""
    if user is None or not user.is_authenticated:
        return set()
    return {hat.enterprise_id for hat in user.hats() if hat.enterprise_id}


def confirmed_enterprises_of(user) -> set[int]:
    """Ids of the enterprises for which the person's authority has been confirmed: there one may vouch for others."""
    if user is None or not user.is_authenticated:
        return set()
    return {hat.enterprise_id for hat in user.hats() if hat.enterprise_id and hat.state == "CONFIRMED"}


def is_municipal_handler(user, subject=None) -> bool:
    return has_role(user, Role.MUNICIPAL_HANDLER)


def is_municipal_leader(user, subject=None) -> bool:
    return has_role(user, Role.MUNICIPAL_LEADER)


def reads_everything(user) -> bool:
    return has_role(user, *MUNICIPAL, *AUDITOR)
