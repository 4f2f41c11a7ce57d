"""Who may do what with rounds, applications and recommendations, and what follows in the same transaction."""

from django.db.models import QuerySet

from accounts.roles import (
    ADMINISTRATOR,
    CHANNEL,
    MUNICIPAL,
    Role,
    agencies_of,
    enterprises_of,
    has_role,
    is_municipal_handler,
    is_municipal_leader,
)
from applications import effects
from applications.models import Application, Recommendation, Round
from applications.notifications import about_application, about_recommendation
from core.workflow import Permission, Rulebook, register
from policy.models import Measure


def keeps_measures(user) -> bool:
    """Records renewals and successors, and changes a measure that no round has used."""
    return has_role(user, *MUNICIPAL, *ADMINISTRATOR)


def acts_for_enterprise(user, application: Application) -> bool:
    return application.enterprise_id in enterprises_of(user)


def vets(user, application: Application) -> bool:
    """Anyone of the one channel through which the case came."""
    return application.channel_id in agencies_of(user, *CHANNEL)


def works_in_agency(user, recommendation: Recommendation) -> bool:
    return recommendation.agency_id in agencies_of(user, *CHANNEL)


def leads_agency(user, recommendation: Recommendation) -> bool:
    return recommendation.agency_id in agencies_of(user, Role.CHANNEL_LEADER)


def signs_for_agency(user, recommendation: Recommendation) -> bool:
    """The agency's leader, who must not be the person who prepared the batch."""
    return leads_agency(user, recommendation) and recommendation.prepared_by_id != user.pk


def the_measure(round_: Round) -> QuerySet[Measure]:
    """No round is opened under a measure while its clauses are being changed."""
    return Measure.objects.filter(pk=round_.measure_id)


register(
    Round,
    Rulebook(
        permissions={"open": is_municipal_handler, "close": is_municipal_handler},
        lock_first=the_measure,
    ),
)
register(
    Application,
    Rulebook(
        permissions={
            "submit": acts_for_enterprise,
            "withdraw": acts_for_enterprise,
            "return_for_correction": vets,
            "refuse_recommendation": vets,
            "pass_vetting": vets,
            "take_back_pass": vets,
            "forward": vets,
            "accept": is_municipal_handler,
            "send_back": is_municipal_handler,
            "decline": is_municipal_handler,
            "start_review": is_municipal_handler,
            "conclude_review": is_municipal_handler,
            "reopen_review": is_municipal_handler,
            "propose": is_municipal_handler,
            "leave_out": is_municipal_handler,
            "approve": is_municipal_handler,
            "reject": is_municipal_handler,
            "publicize": is_municipal_leader,
            "contest": is_municipal_handler,
            "dismiss_objection": is_municipal_handler,
            "uphold_objection": is_municipal_handler,
            "recognize": is_municipal_leader,
            "award": is_municipal_handler,
            "pass_re_review": is_municipal_handler,
            "fail_re_review": is_municipal_handler,
        },
        effects={
            "submit": effects.freeze_submission,
            "return_for_correction": effects.send_correction_request,
            "refuse_recommendation": effects.leave_the_batch,
            "send_back": effects.leave_the_batch,
        },
        announce=about_application,
        related=("round__measure", "enterprise__district", "channel", "current_version", "main_mode"),
    ),
)
register(
    Recommendation,
    Rulebook(
        permissions={
            "sign": Permission(signs_for_agency, refusal="签发须由本单位负责人办理，且不能是拟稿人本人。"),
            "hand_back": signs_for_agency,
            "forward": works_in_agency,
            "discard": works_in_agency,
            "void": leads_agency,
        },
        effects={
            "sign": effects.freeze_batch,
            "hand_back": effects.leave_the_leaders_desk,
            "forward": effects.forward_batch,
            "discard": effects.give_the_batch_up,
            "void": effects.give_the_batch_up,
        },
        announce=about_recommendation,
    ),
)
