"""Who is told what about accounts."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from accounts.models import Agency, Enterprise, Invitation, Membership, User
from accounts.people import members_of_agency, members_of_enterprise, who_decides_on_accounts
from accounts.roles import CHANNEL, LEADERS
from core import clock
from core.holdings import Piece
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
    elif event.action == "end_service" and membership.user != event.actor:
        yield _to_the_person(
            event,
            membership,
            subject=f"您在{membership.agency}的任职已结束",
            body=f"{event.actor_label}已办理。原因：{sentence(event.note)}您办过的事项和记录都会保留。",
            url=reverse("own-enterprises"),
        )
    elif event.action == "accept_invitation" and membership.agency:
        yield Message(
            recipients=members_of_agency(membership.agency, *LEADERS),
            key=f"membership-{membership.pk}-accepted",
            subject=f"{membership.user}已接受邀请",
            body=f"{membership.user}已到{membership.agency}任职：{membership.get_role_display()}。",
            url=reverse("agency-people"),
        )
    elif event.action == "accept_invitation" and membership.expert:
        yield Message(
            recipients=[membership.invitation.invited_by],
            key=f"membership-{membership.pk}-accepted",
            subject=f"专家{membership.user}已接受邀请",
            body=f"{membership.user}（{membership.expert.unit}）已接受邀请，从现在起可以抽取。",
            url=reverse("expert", args=[membership.expert_id]),
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


def about_new_role(event: Event, membership: Membership) -> Message:
    role = membership.get_role_display()
    return Message(
        recipients=[membership.user],
        key=f"membership-{membership.pk}-role-{event.pk}",
        subject=f"您在{membership.agency}的角色改为{role}",
        body=f"{event.actor_label}办理，立即生效：{event.note}原来经办的事项不变。",
        url=reverse("home"),
    )


def about_work_taken_over(event: Event, leaver: Membership, to: User, pieces: Sequence[Piece]) -> Message:
    """One message to each who takes over, however much it is."""
    listing = "\n".join(
        f"· {one.kind}：{one.label}" + (f"（{one.note}）" if one.note else "") for one in pieces
    )
    return Message(
        recipients=[to],
        key=f"membership-{leaver.pk}-work-{event.pk}-{to.pk}",
        subject=f"{leaver.user}手上的 {len(pieces)} 项转交您办理",
        body=f"{leaver.user}已不在{leaver.agency}任职，{event.actor_label}将以下事项转交您：\n{listing}",
        url=pieces[0].url if len(pieces) == 1 else reverse("home"),
    )


def about_invitation(invitation: Invitation, link: str) -> Iterator[Message]:
    asked = "担任评审专家" if invitation.expert else f"代表{invitation.enterprise}办理申报"
    if invitation.agency:
        asked = f"到{invitation.agency}任职"
    if invitation.email:
        yield Message(
            recipients=[],
            addresses=[invitation.email],
            key=f"invitation-{invitation.pk}",
            subject=f"{invitation.invited_by}邀请您{asked}",
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
