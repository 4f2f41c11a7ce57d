"""Colleagues, applicants, officers, other enterprises; messages to them and what happened."""

from accounts.models import Agency, EfficiencyRating, Invitation, Membership, TableImport
from accounts.roles import Role
from accounts.working_calendar import ACTION as CALENDAR
from applications.models import Application, Recommendation, Round
from core import events
from core.models import DemoMail, Notification
from decisions.models import Objection, PublicNotice
from tests.crowd.rows import Crowd
from tests.factories import JUNE, a_credit_code, add_member, an_agency, copies, make_enterprise, make_member


def add_people(crowd: Crowd) -> None:
    """Colleagues, applicants, officers; the member's other enterprises; who registered one and waits."""
    world = crowd.sites.world
    member = world.people["own member"]
    for name in ("own member", "somebody who asked to join", "own channel's handler"):
        crowd.add(world.people[name])
        crowd.add(Membership.objects.get(user=world.people[name]), "user")
    for confirmed in (True, False):
        hat = Membership.objects.get(user=make_member(make_enterprise(), confirmed=confirmed))
        crowd.add(hat.enterprise)
        crowd.add(hat.user)
        crowd.add(hat, "user enterprise")
        add_member(hat.enterprise, member, confirmed=confirmed)
        crowd.add(Membership.objects.get(user=member, enterprise=hat.enterprise), "enterprise")
    invitation = crowd.add(Invitation.objects.get())
    leader = world.people["own channel's leader"]
    asked = copies(
        invitation, enterprise=None, agency=an_agency(), role=Role.CHANNEL_HANDLER, invited_by=leader
    )
    asked.save()
    crowd.add(asked)
    to_pool = {"expert": world.expert, "invited_by": world.people["municipal handler"]}
    expert = copies(invitation, enterprise=None, role=Role.EXPERT, **to_pool)
    expert.save()
    crowd.add(expert)
    crowd.add(Agency.objects.get(kind=Agency.Kind.ASSOCIATION))
    crowd.add(
        EfficiencyRating.objects.create(credit_code=a_credit_code(), year=2025, category="A", source="名单")
    )
    crowd.add(copies(TableImport.objects.get(), confirmed_at=JUNE)).save()
    crowd.also("district-enterprises", f"?q={world.enterprise.name}")
    crowd.also("directory-desk", f"?q={world.enterprise.name}")


def add_told(crowd: Crowd) -> None:
    """Messages to everybody, and what happened to each subject that tells of it."""
    world = crowd.sites.world
    by = world.people["municipal handler"]
    crowd.add(
        Notification.objects.create(
            recipient=world.people["own member"],
            key="crowd",
            subject="提醒",
            body="请办理。",
            created_at=JUNE,
            mail_status="FAILED",
        )
    )
    crowd.add(
        DemoMail.objects.create(sent_at=JUNE, sender="a", recipients="b", subject="提醒", body="请办理。")
    )
    subjects = [
        *Application.objects.filter(enterprise=world.enterprise),
        *Application.objects.filter(round__kind=Round.Kind.RE_REVIEW),
        *Recommendation.objects.all(),
        *Objection.objects.all(),
        *PublicNotice.objects.all(),
    ]
    for subject in subjects:
        crowd.add(events.record(subject, "send_back", by=by, label="退回", note="请核实。"))
    crowd.add(events.record(world.round.measure, CALENDAR, by=by, label="修改工作日历"))
