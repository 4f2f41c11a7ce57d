"""Who is told what about a district's supporting policies."""

from collections.abc import Iterator

from accounts.people import members_of_agency
from accounts.roles import Role
from core.models import Event
from core.notify import Message
from core.wording import sentence
from supervision.models import SupportingPolicy


def about_prepared_policy(event: Event, policy: SupportingPolicy) -> Message:
    """To the leaders who may publish: everyone but the person who prepared it."""
    leaders = members_of_agency(policy.agency, Role.CHANNEL_LEADER)
    return Message(
        recipients=[one for one in leaders if one.pk != policy.prepared_by_id],
        key=f"policy-{policy.pk}-prepared-{event.pk}",
        subject=f"配套政策待发布：{policy.title}",
        body=f"{policy.prepared_by}拟稿，请核对后发布。发布人不能是拟稿人本人。",
        url=f"/district/policies/{policy.pk}/",
    )


def about_policy(event: Event, policy: SupportingPolicy) -> Iterator[Message]:
    if policy.prepared_by != event.actor:
        reason = f"原因：{sentence(event.note)}" if event.note else "公众现在可以在“各区市配套政策”中看到。"
        yield Message(
            recipients=[policy.prepared_by],
            key=f"policy-{policy.pk}-event-{event.pk}",
            subject=f"{policy.title}：{policy.get_state_display()}",
            body=f"{event.actor_label}已{event.action_label}。{reason}",
            url=f"/district/policies/{policy.pk}/",
        )
