"""Named guards of memberships. Each gives its reason in a sentence, or nothing."""

from accounts.roles import AGENCY_ROLES, LEADERS
from core.workflow import Condition


@Condition
def invited(membership) -> str:
    return "" if hasattr(membership, "invitation") else "须先有已确认的同事或单位负责人发给本人的邀请。"


@Condition
def works_in_no_office(membership) -> str:
    """Who works in an agency decides on enterprises and acts for none with the same account."""
    if membership.enterprise is None:
        return ""
    hats = type(membership).objects.confirmed().filter(user=membership.user_id, role__in=AGENCY_ROLES)
    if office := hats.select_related("agency").first():
        return f"{membership.user}已在{office.agency}任职，不能同时代表企业办理。请不予确认，并请其另建账号。"
    return ""


@Condition
def somebody_confirmed_remains(membership) -> str:
    """Only the district or association may leave an enterprise without a confirmed person."""
    enterprise = membership.enterprise
    if enterprise is None or enterprise.memberships.confirmed().exclude(pk=membership.pk).exists():
        return ""
    return (
        f"{membership.user}是{enterprise}唯一已确认的经办人，收回后企业就没有人可以办理。"
        f"请先邀请同事并等其接受；确需现在收回的，请联系{enterprise.registrar}。"
    )


@Condition
def a_leader_remains(membership) -> str:
    """Only the administrator may leave an agency without a leader."""
    agency = membership.agency
    if agency is None or membership.role not in LEADERS:
        return ""
    leaders = agency.memberships.confirmed().filter(role=membership.role, user__is_active=True)
    if leaders.exclude(user=membership.user_id).exists():
        return ""
    return (
        f"{membership.user}是{agency}唯一的负责人，离开后就没有人可以签发文件、管理本单位人员。"
        "请先邀请或指定另一位负责人，再办理。"
    )
