"""Who may do what in the review, what follows, and what review requires of an application."""

from django.db.models import QuerySet

from accounts.roles import is_municipal_handler
from applications.models import Application
from core.workflow import Rulebook, add_guard, register
from review import conditions, effects
from review.models import Assignment, Panel, ScoreSheet
from review.notifications import about_assignment, about_panel, about_sheet


def case_of_assignment(assignment: Assignment) -> QuerySet[Application]:
    """Declarations and sheets of a case, and the end of its review, follow one another on the case's row."""
    return Application.objects.filter(panel_case=assignment.case_id)


def case_of_sheet(sheet: ScoreSheet) -> QuerySet[Application]:
    return Application.objects.filter(panel_case__assignments__sheet=sheet.pk)


def is_the_expert(user, assignment: Assignment) -> bool:
    return user is not None and assignment.expert.user_id == user.pk


def owns_sheet(user, sheet: ScoreSheet) -> bool:
    return is_the_expert(user, sheet.assignment) and sheet.assignment.state == Assignment.State.CLEAR


register(
    Panel,
    Rulebook(
        permissions=dict.fromkeys(("seat", "conclude", "reopen"), is_municipal_handler),
        effects={"seat": effects.assign_cases},
        announce=about_panel,
    ),
)
register(
    Assignment,
    Rulebook(
        permissions={
            "declare_no_conflict": is_the_expert,
            "recuse": is_the_expert,
            "exclude": is_municipal_handler,
            "release": is_municipal_handler,
        },
        effects={
            "declare_no_conflict": effects.open_the_file,
            "recuse": effects.record_recusal,
            "exclude": effects.record_recusal,
            "release": effects.close_the_file,
        },
        announce=about_assignment,
        lock_first=case_of_assignment,
        related=("expert__user", "case__application__enterprise", "case__panel__round"),
    ),
)
register(
    ScoreSheet,
    Rulebook(
        permissions={
            "submit": owns_sheet,
            "ask_explanation": is_municipal_handler,
            "explain": owns_sheet,
            "unlock": is_municipal_handler,
            "reopen": owns_sheet,
        },
        effects={"unlock": effects.change_a_sheet, "reopen": effects.change_a_sheet},
        announce=about_sheet,
        lock_first=case_of_sheet,
        related=(
            "assignment__expert__user",
            "assignment__case__application__enterprise",
            "assignment__case__panel__round__scheme",
        ),
    ),
)
add_guard(Application, "start_review", conditions.panel_complete_for_case)
add_guard(Application, "conclude_review", conditions.every_sheet_submitted)
add_guard(Application, "conclude_review", conditions.outliers_explained)
add_guard(Application, "conclude_review", conditions.site_visit_settled)
add_guard(Application, "reopen_review", conditions.ranking_not_frozen)
add_guard(Application, "propose", conditions.ranking_frozen)
add_guard(Application, "propose", conditions.placed_within_quota)
add_guard(Application, "leave_out", conditions.ranking_frozen)
