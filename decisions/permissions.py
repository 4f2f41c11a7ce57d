"""Who may do what with meetings, notices, objections and titles; what follows; what decisions requires of an application."""

from django.db.models import QuerySet

from accounts.roles import Role, has_role, is_municipal_handler, is_municipal_leader
from applications.models import Application
from core.workflow import Permission, Rulebook, add_guard, register
from decisions import conditions, effects
from decisions.models import Meeting, Objection, PublicNotice, Recognition
from decisions.notifications import about_notice, about_objection, about_recognition


def releases_notice(user, notice: PublicNotice) -> bool:
    """A leader of the bureau who did not draft it."""
    return has_role(user, Role.MUNICIPAL_LEADER) and notice.drafted_by_id != user.pk


def the_entry(objection: Objection) -> QuerySet[Application]:
    """Two objections to one case are decided one after the other: the last to be dismissed lets the case go on."""
    return Application.objects.filter(pk=objection.application_id)


def logs_as_lead(user, objection: Objection) -> bool:
    """An officer, or the portal itself when the letter bears no name."""
    return is_municipal_handler(user) or (user is None and objection.kind == Objection.Kind.LEAD)


register(
    Meeting,
    Rulebook(permissions={"confirm": is_municipal_handler}, effects={"confirm": effects.carry_out_decisions}),
)
register(
    PublicNotice,
    Rulebook(
        permissions={
            "send_for_signature": is_municipal_handler,
            "hand_back": releases_notice,
            "release": Permission(releases_notice, refusal="公告由市局负责人签发，且不能是拟稿人本人。"),
        },
        effects={"hand_back": effects.leave_the_leaders_desk, "release": effects.carry_out_notice},
        announce=about_notice,
    ),
)
register(
    Objection,
    Rulebook(
        permissions={
            "accept": is_municipal_handler,
            "dismiss": is_municipal_handler,
            "uphold": is_municipal_handler,
            "log_as_lead": logs_as_lead,
        },
        effects={
            "accept": effects.hold_the_entry,
            "dismiss": effects.let_the_entry_go_on,
            "uphold": effects.end_the_entry,
        },
        announce=about_objection,
        lock_first=the_entry,
    ),
)
register(
    Recognition,
    Rulebook(
        permissions={"award": is_municipal_handler, "revoke": is_municipal_leader},
        effects={"award": effects.award_application},
        announce=about_recognition,
    ),
)
add_guard(Application, "approve", conditions.approved_in_meeting)
add_guard(Application, "reject", conditions.rejected_in_meeting)
add_guard(Application, "publicize", conditions.listed_in_released_publicity)
add_guard(Application, "recognize", conditions.listed_in_released_announcement)
add_guard(Application, "recognize", conditions.no_objection_open)
add_guard(Application, "recognize", conditions.no_title_in_force)
add_guard(Application, "award", conditions.plaque_handed_over)
