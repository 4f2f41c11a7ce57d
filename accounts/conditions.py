"""Named guards of memberships. Each gives its reason in a sentence, or nothing."""

from core.workflow import Condition


@Condition
def invited(membership) -> str:
    return "" if hasattr(membership, "invitation") else "须先有本企业已确认的同事发给本人的邀请。"


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
