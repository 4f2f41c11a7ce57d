"""Who may do what in supervision, and what follows."""

from accounts.models import Agency
from accounts.roles import CHANNEL, Role, agencies_of, is_municipal_handler
from core.workflow import Permission, Rulebook, add_guard, register
from decisions.models import Recognition
from supervision import conditions, effects
from supervision.models import ReReview, SupportingPolicy
from supervision.notifications import about_policy


def works_in_district(user, policy: SupportingPolicy) -> bool:
    """Supporting policies are the districts' affair (第二十三条)."""
    return policy.agency.kind == Agency.Kind.DISTRICT and policy.agency_id in agencies_of(user, *CHANNEL)


def publishes_for_district(user, policy: SupportingPolicy) -> bool:
    """The district's leader, who must not be the person who prepared it."""
    leads = policy.agency_id in agencies_of(user, Role.CHANNEL_LEADER)
    return leads and works_in_district(user, policy) and policy.prepared_by_id != user.pk


def withdraws_for_district(user, policy: SupportingPolicy) -> bool:
    leads = policy.agency_id in agencies_of(user, Role.CHANNEL_LEADER)
    return leads and works_in_district(user, policy)


register(
    ReReview,
    Rulebook(
        permissions={"record_pass": is_municipal_handler, "record_failure": is_municipal_handler},
        effects={"record_pass": effects.set_next_due_date},
    ),
)
add_guard(Recognition, "revoke", conditions.ground_recorded)
register(
    SupportingPolicy,
    Rulebook(
        permissions={
            "publish": Permission(
                publishes_for_district, refusal="发布须由本单位负责人办理，且不能是拟稿人本人。"
            ),
            "discard": works_in_district,
            "withdraw": Permission(withdraws_for_district, refusal="已发布的政策由本单位负责人撤下。"),
        },
        effects={"publish": effects.leave_the_leaders_desk, "discard": effects.leave_the_leaders_desk},
        announce=about_policy,
        related=("agency", "prepared_by"),
    ),
)
