"""Who is told what about the review. Nobody is told another expert's name or score."""

from collections.abc import Iterator

from accounts.models import User
from accounts.people import municipal_people
from accounts.roles import Role
from applications.conditions import moment_text
from applications.models import Application
from core.models import Event
from core.notify import Message
from core.wording import sentence
from review.models import Assignment, Panel, PanelCase, PanelMember, ScoreSheet, SiteVisit


def about_panel(event: Event, panel: Panel) -> Iterator[Message]:
    if event.action == "seat":
        yield Message(
            recipients=User.objects.filter(expert__panel_memberships__panel=panel),
            key=f"panel-{panel.pk}-seated",
            subject=f"{panel}：请声明利害关系并评分",
            body=f"共 {panel.cases.count()} 件，请在{moment_text(panel.due_at)}前完成。声明无利害关系后才能看到材料。",
            url="/review/",
        )


def about_assignment(event: Event, assignment: Assignment) -> Iterator[Message]:
    if event.action == "recuse":
        yield Message(
            recipients=municipal_people(Role.MUNICIPAL_HANDLER),
            key=f"assignment-{assignment.pk}-recused",
            subject=f"{assignment.case.application.enterprise}：一位专家回避，请补人",
            body=f"{assignment.expert}声明回避，专家组在这一件上缺 1 人，补齐前不能开始评审。{_sheet_removed(assignment)}",
            url=f"/panels/{assignment.case.panel_id}/",
        )
    if event.action == "exclude":
        yield Message(
            recipients=[assignment.expert.user],
            key=f"assignment-{assignment.pk}-excluded",
            subject=f"{assignment.case.panel}：您不再评审其中 1 件",
            body=f"市工业和信息化局认定须回避：{sentence(event.note)}{_sheet_removed(assignment)}其余各件不受影响。",
            url="/review/",
        )
    if event.action == "release":
        yield Message(
            recipients=[assignment.expert.user],
            key=f"assignment-{assignment.pk}-released",
            subject=f"{assignment.case.panel}：您不再评审其中 1 件",
            body=f"原因：{sentence(event.note)}其余各件不受影响。",
            url="/review/",
        )


def _sheet_removed(assignment: Assignment) -> str:
    """What becomes of a sheet that was in before the conflict was known."""
    sheet = getattr(assignment, "sheet", None)
    if sheet is None or sheet.state != ScoreSheet.State.SUBMITTED:
        return ""
    return "已提交的评分表不再计入，原件留存备查。"


def about_sheet(event: Event, sheet: ScoreSheet) -> Iterator[Message]:
    assignment = sheet.assignment
    if event.action == "ask_explanation":
        yield Message(
            recipients=[assignment.expert.user],
            key=f"sheet-{sheet.pk}-explanation",
            subject=f"{assignment.case.application.enterprise}：请补充评分说明",
            body="您的评分与其他专家相差较大。评分不改动，请补充写明理由。",
            url=f"/review/{assignment.pk}/",
        )
    if event.action == "unlock":
        yield Message(
            recipients=[assignment.expert.user],
            key=f"sheet-{sheet.pk}-event-{event.pk}",
            subject=f"{assignment.case.application.enterprise}：评分表已解锁，请改正后重新提交",
            body=f"原因：{sentence(event.note)}原来提交的评分留在办理记录里。",
            url=f"/review/{assignment.pk}/",
        )


def told_of_discussion(event: Event, case: PanelCase) -> list[Message]:
    """To the experts on a case: the panel discusses it."""
    return [
        Message(
            recipients=_on_the_case(case),
            key=f"case-{case.pk}-event-{event.pk}",
            subject=f"{case.application.enterprise}：专家组开始合议",
            body="合议后需要修改本人评分的，请在评分页写明理由后修改并重新提交；原评分留存。",
            url="/review/",
        )
    ]


def told_of_reopening(event: Event, case: PanelCase) -> list[Message]:
    """To the experts on a case whose opinion had been put: it is discussed, given and signed anew."""
    return [
        Message(
            recipients=_on_the_case(case),
            key=f"case-{case.pk}-event-{event.pk}",
            subject=f"{case.application.enterprise}：评审已重开，审核意见须重新提请签署",
            body=f"原因：{sentence(event.note)}原来的审核意见和签署不再有效，留在办理记录里；更正后由组长重新提请。",
            url="/review/",
        )
    ]


def told_of_opinion(event: Event, case: PanelCase) -> list[Message]:
    return [
        Message(
            recipients=_on_the_case(case),
            key=f"case-{case.pk}-event-{event.pk}",
            subject=f"{case.application.enterprise}：请签署专家组审核意见",
            body="请在评分页阅读专家组审核意见并签署；意见有改动的，须重新签署。",
            url="/review/",
        )
    ]


def _on_the_case(case: PanelCase):
    return User.objects.filter(
        expert__assignments__case=case, expert__assignments__state=Assignment.State.CLEAR
    )


def told_of_visit(event: Event, visit: SiteVisit, team: list[User]) -> list[Message]:
    """To the visitors who have an account; an expert finds it on the page of the sheet."""
    assert visit.planned_at is not None
    about = {
        "key": f"site-visit-{visit.application_id}-event-{event.pk}",
        "subject": f"{visit.application.enterprise}：{moment_text(visit.planned_at)}现场考察",
        "body": f"地点：{visit.place or visit.application.enterprise.address}。日程可以下载后加入手机日历。",
    }
    experts = [one for one in team if one.pk not in visit.officers]
    officers = [one for one in team if one.pk in visit.officers]
    return [
        Message(recipients=officers, url=f"/site-visits/{visit.application_id}/", **about),
        Message(recipients=experts, url="/review/", **about),
    ]


def told_of_discrepancies(event: Event, application: Application, *, is_signed_anew: bool) -> list[Message]:
    """To the experts on the case, before the panel concludes."""
    anew = "审核意见不再有效，由组长重新提请签署。" if is_signed_anew else ""
    experts = User.objects.filter(
        expert__assignments__case__application=application, expert__assignments__state=Assignment.State.CLEAR
    )
    return [
        Message(
            recipients=experts,
            key=f"site-visit-{application.pk}-event-{event.pk}",
            subject=f"{application.enterprise}：现场考察发现不符",
            body="不符情况和结论在评分页的“现场考察”里，请查看后再评分；已经提交的，可以在合议时修改。"
            f"{anew}",
            url="/review/",
        )
    ]


def told_of_chair(event: Event, member: PanelMember, before: PanelMember | None) -> list[Message]:
    """To the expert who takes the chair of a panel at work, and to the one who gives it up."""
    about = {"key": f"panel-{member.panel_id}-event-{event.pk}", "url": "/review/"}
    told = [
        Message(
            recipients=[member.expert.user],
            subject=f"{member.panel}：请您担任组长",
            body="评分交齐后由您主持合议、起草审核意见并提请各位专家签署。",
            **about,
        )
    ]
    if before:
        told.append(
            Message(
                recipients=[before.expert.user],
                subject=f"{member.panel}：组长已更换",
                body="合议和审核意见由新的组长办理，您的评审件和评分不变。",
                **about,
            )
        )
    return told


def told_of_replacement(assignment: Assignment) -> Message:
    """To the expert drawn for a case that a recusal left short."""
    panel = assignment.case.panel
    return Message(
        recipients=[assignment.expert.user],
        key=f"assignment-{assignment.pk}-drawn",
        subject=f"{panel}：请声明利害关系并评分",
        body=f"您被抽取补入 1 件的评审，请在{moment_text(panel.due_at)}前完成。声明无利害关系后才能看到材料。",
        url="/review/",
    )


def told_of_extension(event: Event, panel: Panel) -> list[Message]:
    """To everyone with a case of the panel."""
    experts = User.objects.filter(
        expert__assignments__case__panel=panel,
        expert__assignments__state__in=[Assignment.State.AWAITING, Assignment.State.CLEAR],
    ).distinct()
    return [
        Message(
            recipients=experts,
            key=f"panel-{panel.pk}-event-{event.pk}",
            subject=f"{panel}：截止延至{moment_text(panel.due_at)}",
            body=f"原因：{sentence(event.note)}",
            url="/review/",
        )
    ]
