"""What follows an act on a membership in the same transaction."""

from accounts.conditions import somebody_confirmed_remains
from accounts.models import Enterprise, Membership, User
from core.workflow import NotPossible


def keep_somebody(membership: Membership, *, by: User, note: str) -> None:
    """Two colleagues who remove each other at the same moment pass here one after the other, and the second is refused."""
    Enterprise.objects.select_for_update(no_key=True, of=("self",)).get(memberships=membership)
    if reason := somebody_confirmed_remains.reason(membership):
        raise NotPossible([reason])
