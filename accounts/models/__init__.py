from accounts.models.experts import Expert, ExpertTie, Standing
from accounts.models.memberships import Invitation, Membership, MembershipQuerySet
from accounts.models.organisations import Agency, Enterprise, ProfileConfirmation, answered_for_by
from accounts.models.tables import EfficiencyRating, TableImport
from accounts.models.users import User

__all__ = [
    "Agency",
    "EfficiencyRating",
    "Enterprise",
    "Expert",
    "ExpertTie",
    "Invitation",
    "Membership",
    "MembershipQuerySet",
    "ProfileConfirmation",
    "Standing",
    "TableImport",
    "User",
    "answered_for_by",
]
