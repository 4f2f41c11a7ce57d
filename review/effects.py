"""What follows from an action of the review in the same transaction. Called by the door; an opinion is given anew after a visit, too."""

from django.db.models import QuerySet
from guardian.shortcuts import assign_perm, remove_perm

from core import clock
from review.conflicts import Screening, experts_to_screen
from review.models import Assignment, CriterionScore, Panel, PanelCase, PlannedPair, Recusal, ScoreSheet

READ = "applications.review_application"


def assign_cases(panel: Panel, *, by, note: str) -> None:
    """The members are asked to declare: on every case, or in a divided panel on those they are planned for.

    Whom a conflict keeps out of a case leaves it short.
    """
    seated = experts_to_screen().filter(panel_memberships__panel=panel)
    experts = list(seated.order_by("panel_memberships__id"))
    cases = list(panel.cases.select_related("application__enterprise").order_by("id"))
    screening = Screening([one.application for one in cases], on=clock.today())
    pairs = PlannedPair.objects.filter(case__panel=panel).values_list("case", "expert")
    planned = set(pairs) if panel.is_divided else None
    Assignment.objects.bulk_create(
        [
            Assignment(case=case, expert=expert)
            for case in cases
            for expert in experts
            if (planned is None or (case.pk, expert.pk) in planned)
            and not screening.keeping_out(expert, case.application)
        ],
        ignore_conflicts=True,
    )


def open_the_file(assignment: Assignment, *, by, note: str) -> None:
    """Grant this one person access to this one application, and lay out an empty score sheet."""
    assign_perm(READ, assignment.expert.user, assignment.case.application)
    sheet, created = ScoreSheet.objects.get_or_create(assignment=assignment)
    if created:
        criteria = assignment.case.panel.round.scheme.criteria.all()
        CriterionScore.objects.bulk_create([CriterionScore(sheet=sheet, criterion=one) for one in criteria])


def close_the_file(assignment: Assignment, *, by, note: str) -> None:
    """Neither the materials nor an opinion that this expert had a part in stand open any longer."""
    remove_perm(READ, assignment.expert.user, assignment.case.application)
    give_the_opinion_anew(PanelCase.objects.filter(pk=assignment.case_id))


def give_the_opinion_anew(cases: QuerySet[PanelCase]) -> None:
    """What the panel said and signed rested on sheets that are no longer so; its words stay in the log."""
    cases.update(opinion="", opinion_by=None, opinion_at=None)


def change_a_sheet(sheet: ScoreSheet, *, by, note: str, **_) -> None:
    give_the_opinion_anew(PanelCase.objects.filter(assignments__sheet=sheet))


def record_recusal(assignment: Assignment, *, by, note: str, grounds) -> None:
    close_the_file(assignment, by=by, note=note)
    found_by = None if by == assignment.expert.user else by
    Recusal.objects.create(assignment=assignment, grounds=list(grounds), explanation=note, found_by=found_by)
