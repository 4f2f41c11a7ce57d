"""Who is told what about accounts."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import Agency, Enterprise, Invitation, Membership, User
from accounts.people import members_of_agency, members_of_enterprise, who_decides_on_accounts
from accounts.roles import CHANNEL
from core import clock
from core.models import Event
from core.notify import Message
from core.wording import cn_datetime, sentence


def about_membership(event: Event, membership: Membership) -> Iterator[Message]:
    if event.action == "confirm":
        yield _to_the_person(
            event,
            membership,
            subject=f"您已可以代表{membership.enterprise}办理",
            body=f"{event.actor_label}已确认您的账号。现在可以填写并提交申报书。",
            url=reverse("enterprise-home"),
        )
    elif event.action == "refuse":
        yield _to_the_person(
            event,
            membership,
            subject=f"您代表{membership.enterprise}的账号未获确认",
            body=f"{event.actor_label}：{sentence(event.note)}如有疑问，请联系该企业或所在区市主管部门；情况有变可以重新申请加入。",
            url=reverse("own-enterprises"),
        )
    elif event.action in ("remove", "withdraw"):
        yield _to_the_person(
            event,
            membership,
            subject=f"您代表{membership.organisation or '专家库'}办理的授权已收回",
            body=f"{event.actor_label}已收回您的授权。原因：{sentence(event.note)}您办过的事项和记录都会保留。",
            url=reverse("own-enterprises"),
        )
    if event.action in ("accept_invitation", "leave", "remove", "withdraw") and membership.enterprise:
        yield Message(
            recipients=_colleagues(membership, event.actor),
            key=f"membership-{membership.pk}-{event.action}-colleagues",
            subject=f"{membership.user}：{event.action_label}",
            body=f"{membership.user}（{membership.enterprise}）：{event.action_label}，经办人为{event.actor_label}。"
            + (f"原因：{sentence(event.note)}" if event.note else ""),
            url=reverse("colleagues"),
        )


def about_request_to_join(membership: Membership) -> Iterator[Message]:
    enterprise = membership.enterprise
    if enterprise is None:
        return
    decides = who_decides_on_accounts(enterprise)
    within = any(enterprise.pk in (hat.enterprise_id for hat in one.hats()) for one in decides)
    yield Message(
        recipients=decides,
        key=f"membership-{membership.pk}-asked",
        subject=f"{membership.user}申请代表{enterprise}办理",
        body="请核对本人是否由企业授权，再确认账号；不予确认的须写明原因，原因会告知本人。",
        url=reverse("colleagues" if within else "account-approvals"),
    )


def about_moved_enterprise(enterprise: Enterprise, before: Agency) -> Iterator[Message]:
    yield Message(
        recipients=[
            *members_of_agency(before, *CHANNEL),
            *members_of_agency(enterprise.district, *CHANNEL),
        ],
        key=f"enterprise-{enterprise.pk}-moved-{clock.now():%Y%m%d%H%M%S}",
        subject=f"{enterprise}的所在区市改为{enterprise.district}",
        body=f"企业信息中的所在区市由{before}改为{enterprise.district}。以后新的申报和账号由{enterprise.district}办理；"
        "已提交的申报仍由原渠道办理。",
        url=reverse("account-approvals"),
    )


def about_invitation(invitation: Invitation, link: str) -> Iterator[Message]:
    if invitation.email:
        yield Message(
            recipients=[],
            addresses=[invitation.email],
            key=f"invitation-{invitation.pk}",
            subject=f"{invitation.invited_by}邀请您代表{invitation.enterprise}办理申报",
            body=(
                f"{invitation.name}：请在{cn_datetime(invitation.expires_at)}前打开下面的链接接受邀请，"
                "没有账号的可以同时建立账号。链接只能用一次，请勿转给他人。"
            ),
            url=link,
        )


def _to_the_person(event: Event, membership: Membership, *, subject: str, body: str, url: str) -> Message:
    return Message(
        recipients=[membership.user],
        key=f"membership-{membership.pk}-{event.action}",
        subject=subject,
        body=body,
        url=url,
    )


def _colleagues(membership: Membership, actor: User | None) -> list[User]:
    assert membership.enterprise is not None
    others = members_of_enterprise(membership.enterprise)
    return [one for one in others if one.pk not in (membership.user_id, actor.pk if actor else None)]
