"""How people come to act for an enterprise or to work in an agency: registering, asking to join, being invited."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.models import Agency, Enterprise, Expert, Invitation, Membership, User
from accounts.notifications import about_invitation, about_request_to_join
from accounts.roles import (
    AGENCY_ROLES,
    LEADERS,
    Role,
    agencies_of,
    confirmed_enterprises_of,
    has_role,
    is_municipal_handler,
)
from core import clock, events, notify, workflow
from core.wording import cn_datetime
from core.workflow import NotPossible, refused

INVITATION_DAYS = 7
SIGNER = signing.Signer(salt="accounts.invitation", sep=".")
OFFICERS_ACT_FOR_THEIR_OFFICE = (
    "您登录的是主管部门、协会或市局的账号，不能代表企业办理。请退出后用企业经办人自己的账号。"
)


def register_enterprise(facts: dict[str, Any], *, by: User) -> Membership:
    """A new enterprise and the person who registers it, whose authority its district or association confirms."""
    _refuse_officers(by)
    with transaction.atomic():
        enterprise = Enterprise.objects.create(
            contact_name=by.name, contact_mobile=by.mobile, contact_email=by.email, **facts
        )
        events.record(enterprise, "register", by=by, label="登记企业", credit_code=enterprise.credit_code)
        return _ask(enterprise, by=by, is_registrant=True)


def ask_to_join(enterprise: Enterprise, *, by: User) -> Membership:
    """A request that the enterprise's people, or its district or association, answer. Asking twice changes nothing."""
    _refuse_officers(by)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        asked = Membership.objects.filter(user=by, enterprise=enterprise, is_active=True).first()
        return asked or _ask(enterprise, by=by)


def who_decides(enterprise: Enterprise, *, within: bool) -> str:
    """Whom somebody who asked to join waits for; names nobody."""
    return "该企业已确认的经办人" if within else str(enterprise.registrar)


def may_invite(user: User, organisation: Enterprise | Agency | Expert) -> bool:
    """A confirmed person of an enterprise, a leader of an agency; experts are the bureau's handlers' to invite."""
    if isinstance(organisation, Expert):
        return is_municipal_handler(user)
    if isinstance(organisation, Agency):
        return organisation.pk in agencies_of(user, *LEADERS)
    return organisation.pk in confirmed_enterprises_of(user)


def why_not_invite(organisation: Enterprise | Agency | Expert, *, by: User, mobile: str, email: str) -> str:
    """Why whom this number and address belong to cannot be invited; empty when it works."""
    colleague = "本单位的人员" if isinstance(organisation, Agency) else "本企业的经办人"
    if isinstance(organisation, Expert):
        colleague = "专家库的专家"
    elif (mobile and mobile == by.mobile) or (email and email.lower() == by.email.lower()):
        return f"这是您自己的手机号或邮箱。您已是{colleague}，请填写同事的手机号或邮箱。"
    for one in organisation.memberships.confirmed().select_related("user"):
        if (mobile and mobile == one.user.mobile) or (email and email.lower() == one.user.email.lower()):
            return f"{one.user}已是{colleague}，不需要邀请。"
    for invitation in organisation.invitations.open_at(clock.now()):
        if (mobile and mobile == invitation.mobile) or (email and email == invitation.email):
            return (
                f"已邀请过{invitation.name}，链接在{cn_datetime(invitation.expires_at)}前有效，见下面的“邀请”。"
                "要重新邀请请先撤销这一份。"
            )
    return ""


def invite(
    organisation: Enterprise | Agency | Expert,
    *,
    by: User,
    name: str,
    mobile: str,
    email: str,
    role: str = Role.ENTERPRISE,
) -> Invitation:
    """A one-time link, mailed when an address is given. Raises NotPossible or NotPermitted with a sentence for people."""
    agency = organisation if isinstance(organisation, Agency) else None
    enterprise = organisation if isinstance(organisation, Enterprise) else None
    expert = organisation if isinstance(organisation, Expert) else None
    label = "邀请专家" if expert else "邀请同事"
    if not may_invite(by, organisation):
        sentence = (
            f"您的账号待{enterprise.registrar}确认，确认后才能邀请同事。"
            if enterprise
            else f"{organisation}的人员由该单位负责人邀请。"
        )
        if expert:
            sentence = "专家由市工业和信息化局经办人邀请，您没有这项权限。"
        raise refused(organisation, "invite", by=by, label=label, sentence=sentence)
    with transaction.atomic():
        type(organisation).objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if reason := why_not_invite(organisation, by=by, mobile=mobile, email=email):
            raise NotPossible([reason])
        at = clock.now()
        invitation = Invitation.objects.create(
            enterprise=enterprise,
            agency=agency,
            expert=expert,
            role=role,
            name=name,
            mobile=mobile,
            email=email,
            invited_by=by,
            invited_at=at,
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
        events.record(invitation, "invite", by=by, label=label)
        notify.enqueue(about_invitation(invitation, path_of(invitation)))
    return invitation


def path_of(invitation: Invitation) -> str:
    """The address that the invited person opens; it cannot be guessed, and is the same whenever it is shown."""
    return reverse("invitation", args=[SIGNER.sign(str(invitation.pk))])


def invitation_behind(token: str) -> Invitation | None:
    try:
        pk = SIGNER.unsign(token)
    except signing.BadSignature:
        return None
    found = Invitation.objects.select_related(
        "enterprise", "agency", "expert__user", "invited_by", "membership"
    )
    return found.filter(pk=pk).first()


def why_not_usable(invitation: Invitation, *, at: datetime) -> str:
    """Why the link serves no more, without a word about whose it is; empty when it still does."""
    again = "需要加入的，请联系邀请您的同事重新邀请。"
    if invitation.accepted_at:
        return f"这份邀请已经用过，每份邀请只能用一次。{again}"
    if invitation.revoked_at:
        return f"这份邀请已由对方撤销。{again}"
    if at >= invitation.expires_at:
        return (
            f"这份邀请的有效期为 {INVITATION_DAYS} 天，已于{cn_datetime(invitation.expires_at)}过期。{again}"
        )
    if may_invite(invitation.invited_by, invitation.organisation):
        return ""
    if invitation.expert:
        return "邀请人已不是市局经办人，这份邀请随之失效。需要加入的，请联系市工业和信息化局重新邀请。"
    if invitation.enterprise:
        return "邀请人已不再代表该企业办理，这份邀请随之失效。需要加入的，请联系该企业现在的经办人。"
    return "邀请人已不是该单位的负责人，这份邀请随之失效。需要加入的，请联系该单位现在的负责人。"


def why_not_accept(invitation: Invitation, *, by: User) -> str:
    """Why this signed-in person cannot accept a link that serves; empty when it can be accepted."""
    if invitation.agency and (by.hats() or _asks_to_join(by)):
        return _why_not_work_in(invitation.agency, by)
    if invitation.expert and (reason := _why_not_join_pool(invitation.expert, by)):
        return reason
    if invitation.enterprise and has_role(by, *AGENCY_ROLES):
        return OFFICERS_ACT_FOR_THEIR_OFFICE
    if by.name != invitation.name:
        return (
            f"这份邀请发给“{invitation.name}”，您登录的账号是“{by.name}”。不是本人的请先退出；"
            "姓名写错的，请邀请人撤销后按账号上的姓名重新邀请。"
        )
    if invitation.enterprise and invitation.enterprise_id in confirmed_enterprises_of(by):
        return f"您已可以代表{invitation.enterprise}办理，不需要再接受邀请。"
    return ""


def accept(invitation: Invitation, *, by: User) -> Membership:
    """The invited person acts for the enterprise, works in the agency, from now on. Raises NotPossible with a sentence for people."""
    with transaction.atomic():
        by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
        locked = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("enterprise", "agency", "expert__user", "invited_by")
            .get(pk=invitation.pk)
        )
        reason = why_not_usable(locked, at=clock.now()) or why_not_accept(locked, by=by)
        if reason:
            raise NotPossible([reason])
        if locked.expert:
            _take_the_place(locked.expert, by)
        asked = {
            "user": by,
            "role": locked.role,
            "enterprise": locked.enterprise,
            "agency": locked.agency,
            "expert": locked.expert,
        }
        waiting = Membership.objects.filter(**asked, is_active=True).first()
        locked.membership = waiting or Membership.objects.create(**asked)
        locked.accepted_at = clock.now()
        locked.save(update_fields=["membership", "accepted_at"])
        return workflow.perform(locked.membership, "accept_invitation", by=by)


def revoke(invitation: Invitation, *, by: User) -> bool:
    """Take an unused link back; False when it has been used or taken back before."""
    with transaction.atomic():
        revoked = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            revoked_at=clock.now()
        )
        if revoked:
            events.record(invitation, "revoke", by=by, label="撤销邀请")
    return bool(revoked)


def _ask(enterprise: Enterprise, *, by: User, is_registrant: bool = False) -> Membership:
    membership = Membership.objects.create(
        user=by, role=Role.ENTERPRISE, enterprise=enterprise, is_registrant=is_registrant
    )
    events.record(membership, "ask_to_join", by=by, label="申请加入", to_state=membership.state)
    notify.enqueue(about_request_to_join(membership))
    return membership


def _why_not_work_in(agency: Agency, user: User) -> str:
    """Who has another role cannot be an agency's officer with the same account."""
    if agency.pk in agencies_of(user, *AGENCY_ROLES):
        return f"您已是{agency}的人员，不需要再接受邀请。要改角色的，请本单位负责人办理。"
    if has_role(user, *AGENCY_ROLES):
        return f"您的账号还在另一单位任职，请先由该单位结束任职，再接受{agency}的邀请。"
    if asked := _asks_to_join(user):
        return f"您申请代表{asked.enterprise}办理，还没有确认。请先撤回申请，再接受{agency}的邀请。"
    return f"您登录的是企业或专家的账号，不能同时在{agency}任职。请先退出，回到这个链接另建一个工作账号接受。"


def _asks_to_join(user: User) -> Membership | None:
    """The person's request about an enterprise that still waits to be confirmed."""
    waiting = user.memberships.filter(state=Membership.State.PENDING, is_active=True, is_registrant=False)
    return waiting.exclude(enterprise=None).select_related("enterprise").first()


def _why_not_join_pool(expert: Expert, user: User) -> str:
    """An officer judges no applications; who has been an expert before comes back with the same account."""
    if has_role(user, *AGENCY_ROLES):
        return (
            "您登录的是主管部门、协会或市局的账号，不能同时担任评审专家。"
            "请先退出，回到这个链接另建一个账号接受。"
        )
    if expert.user_id == user.pk:
        return ""
    if expert.user.is_active:
        return f"{expert}在平台已有账号，请退出后用原来的账号登录，再接受这份邀请。"
    if Expert.objects.filter(user=user).exists():
        return "您登录的账号已在专家库，不需要再接受邀请。"
    return ""


def _take_the_place(expert: Expert, user: User) -> None:
    """The account of the invited person takes the place of the one that only kept it, which nobody could use."""
    kept = expert.user
    if kept.pk == user.pk:
        return
    expert.user = user
    expert.save(update_fields=["user"])
    expert.memberships.filter(user=kept).update(user=user)
    kept.delete()


def _refuse_officers(user: User) -> None:
    if has_role(user, *AGENCY_ROLES):
        raise NotPossible([OFFICERS_ACT_FOR_THEIR_OFFICE])
