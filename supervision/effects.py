"""What follows from a re-review in the same transaction. Called only by the door."""

from datetime import date

from decisions.models import Recognition
from policy.deadlines import re_review_due
from supervision.models import ReReview


def set_next_due_date(re_review: ReReview, *, by, note: str, concluded_on: date) -> None:
    """The next re-review is due two years after this one (第十八条)."""
    recognition = re_review.recognition
    due = re_review_due(
        recognition.announced_on,
        last_re_reviewed_on=concluded_on,
        years=recognition.application.round.measure.re_review_interval_years,
    )
    Recognition.objects.filter(pk=recognition.pk).update(re_review_due_on=due)
