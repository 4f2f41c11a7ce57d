"""Panels, scores and rankings."""

from datetime import timedelta

from accounts.models import Membership
from applications.models import Application
from review.models import (
    Assignment,
    CriterionScore,
    Panel,
    PanelCase,
    PanelMember,
    Ranking,
    RankingEntry,
    Recusal,
    ScoreSheet,
    SiteVisit,
)
from tests.crowd.rows import Crowd, another_case
from tests.factories import JUNE, a_tie, make_expert, make_round

State = Application.State


def add_reviewed(crowd: Crowd) -> None:
    """A panel that is forming and one at work, each with many cases and many experts; a live and a frozen ranking."""
    world = crowd.sites.world
    handler = world.people["municipal handler"]
    forming = Panel.objects.get()
    crowd.add(forming.draws.get())
    crowd.add(a_tie(world.expert, world.enterprise))
    seated = Panel.objects.create(
        round=world.round, name="第二组", due_at=forming.due_at, state=Panel.State.SEATED
    )
    ended = Panel.objects.create(
        round=world.round, name="第三组", due_at=forming.due_at, state=Panel.State.CONCLUDED
    )
    recused = make_expert()
    PanelMember.objects.create(panel=seated, expert=world.expert)
    case = PanelCase.objects.create(panel=seated, application=another_case(crowd, State.UNDER_REVIEW))
    over = PanelCase.objects.create(panel=ended, application=another_case(crowd, State.REVIEWED))
    for one in (case, over):
        visit = SiteVisit.objects.create(
            application=one.application, is_needed=False, reason="材料足以判断。", recorded_by=handler
        )
        crowd.add(one, "application")
        crowd.add(visit, "application")
    assigned = [
        Assignment.objects.get(case__panel=forming),
        Assignment.objects.create(case=case, expert=world.expert, state=Assignment.State.CLEAR),
        Assignment.objects.create(case=over, expert=world.expert, state=Assignment.State.CLEAR),
        Assignment.objects.create(case=case, expert=recused, state=Assignment.State.RECUSED),
    ]
    for one in assigned[1:3]:
        sheet = ScoreSheet.objects.create(assignment=one, state=ScoreSheet.State.SUBMITTED, total=86)
        for criterion in world.round.scheme.criteria.all():
            CriterionScore.objects.create(sheet=sheet, criterion=criterion, points=10, reason="已核对。")
    _hand_in(case, world.round.panel_size - 1)
    Recusal.objects.create(assignment=assigned[-1], grounds=["OTHER"], explanation="同乡")
    crowd.add(assigned[0].case, "application")
    for one in assigned:
        _assigned(crowd, one, "case")
    for expert in (world.expert, recused):
        crowd.add(expert.user)
        crowd.add(expert, "user")
        crowd.add(Membership.objects.get(expert=expert), "user expert")
        for row in expert.panel_memberships.all():
            crowd.add(row, "expert")
        for one in assigned:
            if one.expert == expert:
                _assigned(crowd, one, "expert")
    for panel in (forming, seated, ended):
        crowd.add(panel)
    crowd.also("panel-detail", pk=seated.pk)
    crowd.also("panel-list", "?tab=all")
    crowd.also("score-matrix", f"?panel={seated.pk}&cell={assigned[1].pk}")
    crowd.also("review-list", "?past=1")
    crowd.also("review-sheet", assignment_pk=assigned[1].pk)
    crowd.also("site-visit", application_pk=case.application_id)
    closed = make_round(
        year=2021, title="2021年度认定", latest_year=2020, enterprise_deadline=JUNE - timedelta(days=1)
    )
    another_case(crowd, State.SUBMITTED, closed)
    crowd.also("round-board", pk=closed.pk)
    frozen = Ranking.objects.create(round=closed, frozen_by=handler, inputs=[], digest="0" * 64, quota=1)
    listed = another_case(crowd, State.REVIEWED, closed)
    crowd.add(
        RankingEntry.objects.create(ranking=frozen, application=listed, rank=1, score=86), "application"
    )
    crowd.also("ranking", pk=closed.pk)


def _hand_in(case: PanelCase, count: int) -> None:
    """The sheets of as many other experts, so that the panel can meet about the case."""
    for _ in range(count):
        other = Assignment.objects.create(case=case, expert=make_expert(), state=Assignment.State.CLEAR)
        ScoreSheet.objects.create(assignment=other, state=ScoreSheet.State.SUBMITTED, total=86)


def _assigned(crowd: Crowd, assignment: Assignment, along: str) -> None:
    crowd.add(assignment, along)
    if hasattr(assignment, "recusal"):
        crowd.add(assignment.recusal, "assignment")
    if hasattr(assignment, "sheet"):
        crowd.add(assignment.sheet, "assignment")
        for score in assignment.sheet.scores.all():
            crowd.add(score, "sheet")
