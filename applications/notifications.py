"""Who is told what about an application or a batch: what happened, by when, where to act."""

from collections.abc import Iterator

from accounts.people import members_of_agency, members_of_enterprise, municipal_people
from accounts.roles import Role
from applications.conditions import moment_text
from applications.models import Application, Recommendation
from core.models import Event
from core.notify import Message
from core.wording import sentence
from policy.dates import date_text

ENTERPRISE_NEWS = {
    "refuse_recommendation": "{channel}不予推荐，原因：{note}如有异议，可向{channel}提出。",
    "pass_vetting": "{channel}已审核通过，将列入推荐文件报送市局。",
    "take_back_pass": "{channel}撤回了审核通过，正在重新审核，原因：{note}",
    "forward": "{channel}已将贵企业推荐到市工业和信息化局。",
    "accept": "市工业和信息化局已受理，接下来由专家评审。",
    "send_back": "市工业和信息化局将申报退回{channel}重新审核，原因：{note}",
    "decline": "市工业和信息化局不予受理，原因：{note}",
    "start_review": "专家评审已开始。",
    "leave_out": "评审结束，未列入本批拟认定名单。",
    "reject": "局党组会议审议未通过。",
    "contest": "公示期间收到实名异议，正在核实，核实期间暂缓公布。",
    "dismiss_objection": "异议经核实不成立，公示照常进行。处理结果：{note}",
    "uphold_objection": "异议经核实成立，本次认定终止，原因：{note}",
    "recognize": "贵企业已被认定为威海市服务型制造示范企业。",
    "award": "“威海市服务型制造示范企业”牌匾已授予贵企业。",
    "pass_re_review": "复核结论：合格。",
    "fail_re_review": "复核结论：不合格（第十九条第（二）项），原因：{note}",
}


def about_application(event: Event, application: Application) -> Iterator[Message]:
    key = f"application-{application.pk}-event-{event.pk}"
    page = f"/applications/{application.pk}/"
    enterprise, channel = application.enterprise, application.channel
    if event.action == "submit":
        yield Message(
            recipients=members_of_enterprise(enterprise),
            key=f"{key}-receipt",
            subject=f"申报书已提交，回执编号 {application.receipt_number}",
            body=f"{enterprise}的申报书（{application.current_version}）已提交给{channel}，"
            f"{moment_text(application.vetting_until)}前审核报送。",
            url=page,
        )
        yield Message(
            recipients=members_of_agency(channel, Role.CHANNEL_HANDLER),
            key=f"{key}-to-vet",
            subject=f"{enterprise}的申报书待审核",
            body=f"{application.current_version}，请在{moment_text(application.vetting_until)}前审核并报送。",
            url=f"/vetting/{application.pk}/",
        )
    elif event.action == "return_for_correction":
        items = application.submitted_version.correction_request.items.all()
        listing = "\n".join(f"· {item.label}：{sentence(item.reason)}" for item in items)
        yield Message(
            recipients=members_of_enterprise(enterprise),
            key=key,
            subject=f"申报书退回补正，请在{moment_text(application.correction_due)}前重新提交",
            body=f"{channel}退回以下 {len(items)} 项：\n{listing}",
            url=page,
        )
    elif event.action == "withdraw" and event.from_state != Application.State.DRAFT:
        yield Message(
            recipients=members_of_agency(channel, Role.CHANNEL_HANDLER),
            key=key,
            subject=f"{enterprise}撤回了申报",
            body=f"原因：{sentence(event.note)}",
            url="/vetting/",
        )
    elif event.action == "publicize":
        ends_on = date_text(application.publicity_ends_on) if application.publicity_ends_on else "待定"
        yield Message(
            recipients=members_of_enterprise(enterprise),
            key=key,
            subject="贵企业已列入拟认定名单公示",
            body=f"公示至{ends_on}，无异议后公布。",
            url=page,
        )
    elif event.action in ENTERPRISE_NEWS:
        text = ENTERPRISE_NEWS[event.action].format(channel=channel, note=sentence(event.note))
        yield Message(
            recipients=members_of_enterprise(enterprise),
            key=key,
            subject=f"{enterprise}：{application.get_state_display()}",
            body=text,
            url=page,
        )
        if event.action in ("send_back", "decline", "accept"):
            yield Message(
                recipients=members_of_agency(channel, Role.CHANNEL_HANDLER),
                key=f"{key}-channel",
                subject=f"{enterprise}：{application.get_state_display()}",
                body=text,
                url=f"/vetting/{application.pk}/",
            )


def about_prepared_batch(event: Event, recommendation: Recommendation) -> Message:
    """To the leaders who may sign: everyone but the person who prepared it."""
    leaders = members_of_agency(recommendation.agency, Role.CHANNEL_LEADER)
    count = recommendation.entries.filter(withdrawn_at=None).count()
    return Message(
        recipients=[one for one in leaders if one.pk != recommendation.prepared_by_id],
        key=f"recommendation-{recommendation.pk}-prepared-{event.pk}",
        subject=f"{recommendation.letter_number}待签发，{count} 家",
        body=f"{recommendation.prepared_by}拟稿，请核对名单后签发。签发人不能是拟稿人本人。",
        url=f"/recommendations/{recommendation.pk}/",
    )


def about_recommendation(event: Event, recommendation: Recommendation) -> Iterator[Message]:
    key = f"recommendation-{recommendation.pk}-event-{event.pk}"
    count = recommendation.entries.filter(withdrawn_at=None).count()
    if event.action == "sign":
        yield Message(
            recipients=[recommendation.prepared_by],
            key=key,
            subject=f"{recommendation.letter_number}已签发，请上传盖章扫描件并报送",
            body=f"本批 {count} 家，由{event.actor_label}签发。",
            url=f"/recommendations/{recommendation.pk}/",
        )
    if event.action == "hand_back":
        yield Message(
            recipients=[recommendation.prepared_by],
            key=key,
            subject=f"退回拟稿：{recommendation.letter_number}",
            body=f"{event.actor_label}退回，原因：{sentence(event.note)}修改保存后再请负责人签发。",
            url=f"/recommendations/{recommendation.pk}/edit/",
        )
    if event.action in ("discard", "void"):
        concerned = {one.pk: one for one in (recommendation.prepared_by, recommendation.signed_by) if one}
        yield Message(
            recipients=[one for one in concerned.values() if one.pk != event.actor_id],
            key=key,
            subject=f"{recommendation.letter_number}已作废",
            body=f"{event.actor_label}作废，原因：{sentence(event.note)}名单里的企业可以另列推荐函。",
            url=f"/recommendations/{recommendation.pk}/",
        )
    if event.action == "forward":
        yield Message(
            recipients=municipal_people(Role.MUNICIPAL_HANDLER),
            key=key,
            subject=f"{recommendation.agency}报送推荐文件，{count} 家待受理",
            body=f"{recommendation.letter_number}，回执号 {recommendation.receipt_number}。",
            url=f"/acceptance/{recommendation.pk}/",
        )
