"""Who may do what in supervision, and what follows."""

from accounts.roles import is_municipal_handler
from core.workflow import Rulebook, add_guard, register
from decisions.models import Recognition
from supervision import conditions, effects
from supervision.models import ReReview

register(
    ReReview,
    Rulebook(
        permissions={"record_pass": is_municipal_handler, "record_failure": is_municipal_handler},
        effects={"record_pass": effects.set_next_due_date},
    ),
)
add_guard(Recognition, "revoke", conditions.ground_recorded)
