"""Who is told what about objections and titles. The objector's identity is never in a message."""

from collections.abc import Iterator

from accounts.people import members_of_enterprise, municipal_people
from accounts.roles import Role
from applications.models import Application
from core.models import Event
from core.notify import Message
from core.wording import sentence
from decisions.models import Objection, PublicNotice, Recognition
from policy.dates import date_text


def about_objection(event: Event, objection: Objection) -> Iterator[Message]:
    """Of one that ended while another holds the case still; else the case's own news tell how it ended."""
    held = Application.objects.filter(pk=objection.application_id, state=Application.State.CONTESTED)
    if event.action == "dismiss" and held.exists():
        yield Message(
            recipients=members_of_enterprise(objection.application.enterprise),
            key=f"objection-{objection.pk}-dismissed",
            subject=f"一件异议已办结：{objection.get_state_display()}",
            body=f"{sentence(objection.answer)}另有异议正在核实，核实期间暂缓公布。",
            url=f"/applications/{objection.application_id}/",
        )


def about_recognition(event: Event, recognition: Recognition) -> Iterator[Message]:
    if event.action == "award":
        yield Message(
            recipients=members_of_enterprise(recognition.enterprise),
            key=f"recognition-{recognition.pk}-awarded",
            subject=f"牌匾 {recognition.plaque.serial} 已授予",
            body=f"请于{date_text(recognition.re_review_due_on)}前参加复核（第十八条）。",
            url="/enterprise/titles/",
        )


def about_new_objection(event: Event, objection: Objection) -> Iterator[Message]:
    is_lead = objection.kind == Objection.Kind.LEAD
    due = f"请于{date_text(objection.due_on)}前答复。" if objection.due_on else ""
    yield Message(
        recipients=municipal_people(Role.MUNICIPAL_HANDLER),
        key=f"objection-{objection.pk}-received",
        subject=f"{'线索' if is_lead else '异议'} {objection.receipt_number} 待处理",
        body=f"对象：{objection.application.enterprise}。{due}",
        url=f"/objection-desk/{objection.pk}/",
    )


def about_due_date(objection: Objection) -> Iterator[Message]:
    """To the handlers, once the day is known that could not be told when the objection came in."""
    assert objection.due_on is not None
    yield Message(
        recipients=municipal_people(Role.MUNICIPAL_HANDLER),
        key=f"objection-{objection.pk}-due",
        subject=f"异议 {objection.receipt_number} 请于{date_text(objection.due_on)}前答复",
        body="收到时工作日历还没有该年度的安排，现已补录，办理期限据此确定。",
        url=f"/objection-desk/{objection.pk}/",
    )


def about_notice_to_sign(event: Event, notice: PublicNotice) -> Message:
    """To the leaders who may sign: everyone but the person who drafted it."""
    leaders = municipal_people(Role.MUNICIPAL_LEADER)
    return Message(
        recipients=[one for one in leaders if one.pk != notice.drafted_by_id],
        key=f"notice-{notice.pk}-to-sign-{event.pk}",
        subject=f"待签发：{notice.title}",
        body=f"{event.actor_label}{event.action_label}，请核对正文和名单后发布，或写明原因退回拟稿。",
        url=f"/notice-desk/{notice.pk}/release/",
    )


def about_notice(event: Event, notice: PublicNotice) -> Iterator[Message]:
    if event.action == "send_for_signature":
        yield about_notice_to_sign(event, notice)
    if event.action == "hand_back":
        yield Message(
            recipients=[notice.drafted_by],
            key=f"notice-{notice.pk}-handed-back-{event.pk}",
            subject=f"退回拟稿：{notice.title}",
            body=f"{event.actor_label}退回，原因：{sentence(event.note)}",
            url=f"/notice-desk/{notice.pk}/",
        )
    if event.action == "release":
        yield Message(
            recipients=[notice.drafted_by],
            key=f"notice-{notice.pk}-released",
            subject=f"已发布：{notice.title}",
            body=f"由{event.actor_label}签发。",
            url=f"/notice-desk/{notice.pk}/",
        )
