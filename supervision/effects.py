"""What follows from a transition in the same transaction."""

from datetime import date

from core import notify
from decisions.models import Recognition
from policy.deadlines import re_review_due
from supervision.models import ReReview, SupportingPolicy


def leave_the_leaders_desk(policy: SupportingPolicy, **_) -> None:
    """Nobody is asked to publish it any more."""
    notify.settle(f"policy-{policy.pk}-prepared-")


def set_next_due_date(re_review: ReReview, *, by, note: str, concluded_on: date) -> None:
    """The next re-review is due two years after this one (第十八条)."""
    recognition = re_review.recognition
    due = re_review_due(
        recognition.announced_on,
        last_re_reviewed_on=concluded_on,
        years=recognition.application.round.measure.re_review_interval_years,
    )
    Recognition.objects.filter(pk=recognition.pk).update(re_review_due_on=due)
