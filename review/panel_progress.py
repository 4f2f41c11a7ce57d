"""How far the experts of a panel are: panel by panel, case by case, person by person; counted by the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from accounts.models import Expert
from applications.models import Application
from review.models import Assignment, Panel, PanelCase, PanelMember, ScoreSheet
from review.models.visits import is_settled
from review.opinions import to_draft, to_sign
from review.reminders import reminded_today


@dataclass
class PanelProgress:
    """One panel with how far its experts are."""

    panel: Panel
    cases: int = 0
    begun: int = 0
    members: int = 0
    clear: int = 0
    awaiting: int = 0
    submitted: int = 0

    @property
    def wanted(self) -> int:
        return self.cases * self.panel.round.panel_size

    @property
    def next_step(self) -> str:
        if self.panel.state == Panel.State.CONCLUDED:
            return ""
        if self.panel.state == Panel.State.FORMING:
            return "指定组长、组成专家组" if self.members else "抽取专家"
        if self.clear < self.wanted:
            return "等专家声明" if self.clear + self.awaiting >= self.wanted else "补抽专家"
        return "等专家评分" if self.submitted < self.wanted else "结束评审"


def rows_of(panels: list[Panel]) -> list[PanelProgress]:
    """Three queries whatever the number of panels."""
    begun = Count("id", filter=~Q(application__state=Application.State.ACCEPTED))
    in_force = Q(state=Assignment.State.CLEAR)
    counted: list[Any] = [
        PanelCase.objects.filter(panel__in=panels)
        .values(of=F("panel"))
        .annotate(cases=Count("id"), begun=begun),
        PanelMember.objects.filter(panel__in=panels).values(of=F("panel")).annotate(members=Count("id")),
        Assignment.objects.filter(case__panel__in=panels)
        .values(of=F("case__panel"))
        .annotate(
            clear=Count("id", filter=in_force),
            awaiting=Count("id", filter=Q(state=Assignment.State.AWAITING)),
            submitted=Count("sheet", filter=in_force & Q(sheet__state=ScoreSheet.State.SUBMITTED)),
        ),
    ]
    found = {panel.pk: PanelProgress(panel) for panel in panels}
    for rows in counted:
        for row in rows.order_by():
            for name in row.keys() - {"of"}:
                setattr(found[row["of"]], name, row[name])
    return list(found.values())


class CaseProgress(NamedTuple):
    """How far the experts are with one case of a panel, counted by the database."""

    state: str
    clear: int
    awaiting: int
    submitted: int
    wanted: int
    is_seated: bool
    visit_settled: bool

    @property
    def short(self) -> int:
        return max(self.wanted - self.clear - self.awaiting, 0) if self.is_seated else 0

    @property
    def is_open(self) -> bool:
        return self.state in (Application.State.ACCEPTED, Application.State.UNDER_REVIEW)

    @property
    def has_begun(self) -> bool:
        return self.state != Application.State.ACCEPTED

    @property
    def is_ready(self) -> bool:
        waits = self.short or self.awaiting or not self.is_seated
        return self.state == Application.State.ACCEPTED and not waits

    @property
    def can_end(self) -> bool:
        """Every expert's sheet is in and the visit settled."""
        under_review = self.state == Application.State.UNDER_REVIEW
        return under_review and self.visit_settled and self.submitted >= self.wanted


def _counted(panel: Panel) -> QuerySet[PanelCase]:
    """Its cases with how many experts are at work, have not declared, have handed in."""
    at_work = Q(assignments__state=Assignment.State.CLEAR)
    return panel.cases.order_by("id").annotate(
        clear=Count("assignments", filter=at_work),
        awaiting=Count("assignments", filter=Q(assignments__state=Assignment.State.AWAITING)),
        submitted=Count(
            "assignments", filter=at_work & Q(assignments__sheet__state=ScoreSheet.State.SUBMITTED)
        ),
    )


def progress_of(panel: Panel) -> dict[int, CaseProgress]:
    """How far each case of the panel is (one query)."""
    visit = "application__site_visit"
    facts = _counted(panel).values_list(
        "pk",
        "application__state",
        "clear",
        "awaiting",
        "submitted",
        f"{visit}__is_needed",
        f"{visit}__visited_on",
        f"{visit}__conclusion",
    )
    seated = panel.state != Panel.State.FORMING
    return {
        pk: CaseProgress(
            state,
            clear,
            awaiting,
            submitted,
            wanted=panel.round.panel_size,
            is_seated=seated,
            visit_settled=is_settled(is_needed, visited_on, conclusion),
        )
        for pk, state, clear, awaiting, submitted, is_needed, visited_on, conclusion in facts
    }


@dataclass(frozen=True)
class AtWork:
    """One expert of a panel: how many cases were given, how many are still to be declared, are handed in, have an opinion to sign or to draft.

    ``member`` is None for who took a place.
    """

    expert: Expert
    member: PanelMember | None
    given: int
    awaiting: int
    submitted: int
    to_sign: int
    to_draft: int
    is_reminded: bool

    @property
    def is_behind(self) -> bool:
        return self.submitted < self.given or bool(self.to_sign or self.to_draft)


def people_of(panel: Panel, members: list[PanelMember], others: Iterable[Assignment]) -> list[AtWork]:
    """The members, then those who took a place, one object for each person in all of them (three queries)."""
    standing = Assignment.objects.standing().filter(case__panel=panel).order_by().values("expert")
    counted = {
        pk: tuple(numbers)
        for pk, *numbers in standing.annotate(
            given=Count("pk"),
            awaiting=Count("pk", filter=Q(state=Assignment.State.AWAITING)),
            submitted=Count("pk", filter=Q(sheet__state=ScoreSheet.State.SUBMITTED)),
            to_sign=Count("pk", filter=to_sign()),
            to_draft=Count("pk", filter=to_draft()),
        ).values_list("expert", "given", "awaiting", "submitted", "to_sign", "to_draft")
    }
    named: list[PanelMember | Assignment] = [*members, *others]
    ids = {*counted, *(one.expert_id for one in named)}
    experts = Expert.objects.select_related("user").in_bulk(ids)
    for one in named:
        one.expert = experts[one.expert_id]
    by_expert = {one.expert_id: one for one in members}
    reminded = reminded_today(panel) if panel.state == Panel.State.SEATED else set()
    people = []
    for pk in [*by_expert, *sorted(counted.keys() - by_expert.keys())]:
        given, awaiting, submitted, unsigned, undrafted = counted.get(pk, (0, 0, 0, 0, 0))
        people.append(
            AtWork(
                experts[pk],
                by_expert.get(pk),
                given,
                awaiting,
                submitted,
                to_sign=unsigned,
                to_draft=undrafted,
                is_reminded=pk in reminded,
            )
        )
    return people
