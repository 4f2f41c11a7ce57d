"""One small world with everybody who could try something, for the tests of what each may and may not do."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Enterprise, Expert, Invitation, Membership, TableImport
from accounts.roles import Role
from applications.models import Application, Recommendation, Round
from core import clock
from core.exports import Column, workbook
from decisions.models import Meeting, NoticeEntry, Objection, PublicNotice, Recognition
from review.models import Assignment, Panel, PanelCase, ScoreSheet
from supervision.models import ReReview, SupportingPolicy
from tests.factories import (
    JUNE,
    a_pdf,
    an_agency,
    make_applicant,
    make_application,
    make_enterprise,
    make_expert,
    make_member,
    make_officer,
    make_round,
)

OWN, OTHER = "371082", "371083"


@dataclass
class World:
    """The enterprise in question and its case, the people around both, and one subject of each kind."""

    enterprise: Enterprise
    round: Round
    application: Application
    expert: Expert
    people: dict[str, Any]  # a User each; None is "nobody"


def make_world(state: str = Application.State.SUBMITTED, *, complete: bool = False) -> World:
    round_ = make_round()
    enterprise = make_enterprise()
    member = make_member(enterprise)
    expert, unassigned = make_expert(), make_expert()
    gone = make_member(enterprise)
    Membership.objects.filter(user=gone).update(is_active=False)
    people: dict[str, Any] = {
        "own member": member,
        "own member whose authority was withdrawn": gone,
        "somebody who asked to join": make_applicant(enterprise),
        "another enterprise's member": make_member(make_enterprise(district=an_agency(OTHER))),
        "own channel's handler": make_officer(Role.CHANNEL_HANDLER, an_agency(OWN)),
        "own channel's leader": make_officer(Role.CHANNEL_LEADER, an_agency(OWN)),
        "own channel's leader who drafted": make_officer(Role.CHANNEL_LEADER, an_agency(OWN)),
        "another agency's handler": make_officer(Role.CHANNEL_HANDLER, an_agency(OTHER)),
        "another agency's leader": make_officer(Role.CHANNEL_LEADER, an_agency(OTHER)),
        "municipal handler": make_officer(Role.MUNICIPAL_HANDLER),
        "municipal leader": make_officer(Role.MUNICIPAL_LEADER),
        "municipal leader who drafted": make_officer(Role.MUNICIPAL_LEADER),
        "assigned expert": expert.user,
        "unassigned expert": unassigned.user,
        "auditor": make_officer(Role.AUDITOR),
        "administrator": make_officer(Role.ADMINISTRATOR),
        "nobody": None,
    }
    application = make_application(
        state=state, complete=complete, round=round_, enterprise=enterprise, member=member
    )
    return World(enterprise, round_, application, expert, people)


def a_table_import(world: World) -> TableImport:
    """A list of ratings that waits for its confirmation."""
    columns = [Column(head) for head in ("统一社会信用代码", "企业名称", "评价类别")]
    rows = [[world.enterprise.credit_code, world.enterprise.name, "A"]]
    return TableImport.objects.create(
        kind=TableImport.Kind.RATINGS,
        file_name="名单.xlsx",
        content=workbook(columns, rows, sheet="亩产效益评价名单"),
        said={
            "year": 2025,
            "document_number": "威亩均办〔2026〕3号",
            "issued_on": "2026-05-08",
            "issuing_body": "市工信局",
        },
        uploaded_by=world.people["municipal handler"],
    )


def a_recommendation(world: World) -> Recommendation:
    return Recommendation.objects.create(
        agency=an_agency(OWN),
        round=world.round,
        letter_number="荣工信函〔2026〕9号",
        prepared_by=world.people["own channel's leader who drafted"],
    )


def a_panel(world: World) -> Panel:
    return Panel.objects.create(round=world.round, name="第一组", due_at=clock.instant(date(2026, 8, 14), 17))


def an_assignment(world: World, state: str = Assignment.State.AWAITING) -> Assignment:
    case = PanelCase.objects.create(panel=a_panel(world), application=world.application)
    return Assignment.objects.create(case=case, expert=world.expert, state=state)


def a_sheet(world: World) -> ScoreSheet:
    return ScoreSheet.objects.create(assignment=an_assignment(world, Assignment.State.CLEAR))


def a_meeting(world: World) -> Meeting:
    return Meeting.objects.create(round=world.round, number="2026年第14次局党组会议")


def a_notice(world: World, state: str = PublicNotice.State.DRAFT) -> PublicNotice:
    """A publicity that lists the case."""
    released = state == PublicNotice.State.RELEASED
    notice = PublicNotice.objects.create(
        kind=PublicNotice.Kind.PUBLICITY,
        round=world.round,
        meeting=a_meeting(world),
        title="公示",
        body="现予公示。",
        starts_on=date(2026, 6, 8),
        drafted_by=world.people["municipal leader who drafted"],
        released_by=world.people["municipal leader"] if released else None,
        released_at=JUNE if released else None,
        state=state,
    )
    NoticeEntry.objects.create(
        notice=notice, application=world.application, position=1, enterprise_name=world.enterprise.name
    )
    return notice


def an_objection(world: World, notice: PublicNotice | None = None) -> Objection:
    return Objection.objects.create(
        notice=notice or a_notice(world),
        application=world.application,
        receipt_number="YY-2026-001",
        follow_up_code="K7Q2M9XA",
        kind=Objection.Kind.PERSON,
        facts="项目二系与他人共有。",
    )


def a_title(world: World, state: str = PublicNotice.State.DRAFT) -> Recognition:
    """A title whose publicity and announcement are in this state."""
    released = state == PublicNotice.State.RELEASED
    announcement = PublicNotice.objects.create(
        kind=PublicNotice.Kind.ANNOUNCEMENT,
        round=world.round,
        publicity=a_notice(world, state),
        title="公布",
        body="现予公布。",
        drafted_by=world.people["municipal leader who drafted"],
        released_by=world.people["municipal leader"] if released else None,
        released_at=JUNE if released else None,
        state=state,
    )
    return Recognition.objects.create(
        enterprise=world.enterprise,
        application=world.application,
        announcement=announcement,
        announced_on=JUNE.date(),
        re_review_due_on=date(2028, 6, 12),
    )


def a_policy(world: World) -> SupportingPolicy:
    """Of the own channel, a draft with its original."""
    policy = SupportingPolicy(
        agency=world.application.channel,
        title="支持服务型制造若干措施",
        document_number="荣政办发〔2026〕12号",
        issued_on=date(2026, 3, 2),
        valid_from=date(2026, 4, 1),
        valid_until=date(2028, 3, 31),
        summary="奖补和贴息。",
        support="一次性奖补。",
        enterprises="示范企业。",
        prepared_by=world.people["own channel's leader who drafted"],
        file_name="若干措施.pdf",
    )
    policy.file.save("policy.pdf", ContentFile(a_pdf()))
    return policy


def a_re_review(world: World) -> ReReview:
    return ReReview.objects.create(recognition=a_title(world), due_on=date(2028, 6, 12))


def a_membership(world: World) -> Membership:
    """That of somebody who asked to join the enterprise."""
    return Membership.objects.get(user=world.people["somebody who asked to join"])


def an_invitation(world: World) -> Invitation:
    """Still open, for somebody without an account."""
    return Invitation.objects.create(
        enterprise=world.enterprise,
        name="宋青禾",
        mobile="13100009999",
        invited_by=world.people["own member"],
        invited_at=JUNE,
        expires_at=JUNE + timedelta(days=7),
    )
