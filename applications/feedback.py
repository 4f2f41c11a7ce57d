"""What an enterprise is told of the review of its case once the list has been announced, as the room of the review tells it.

A re-review has no list: it is told with the conclusion.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from applications.models import Application, Round

State = Application.State
ANNOUNCED = (State.RECOGNIZED, State.AWARDED)
ENDED_AFTER_REVIEW = (
    *ANNOUNCED,
    State.NOT_SELECTED,
    State.NOT_APPROVED,
    State.OBJECTION_UPHELD,
    State.RE_REVIEW_PASSED,
    State.RE_REVIEW_FAILED,
)


@dataclass(frozen=True)
class Feedback:
    """The grade, the panel's opinion and the experts' comments, in no order of theirs and without a name."""

    grade: str
    opinion: str = ""
    comments: list[str] = field(default_factory=list)


Source = Callable[[Application], Feedback | None]
_sources: list[Source] = []


def add_source(source: Source) -> Source:
    """The room of the review tells of a case, as much as the setting of its round allows."""
    _sources.append(source)
    return source


def feedback_of(application: Application) -> Feedback | None:
    """For the enterprise, after the announcement or the conclusion of a re-review; None before, and where the round gives none."""
    if application.round.feedback == Round.Feedback.NONE or not _is_announced(application):
        return None
    return next((found for source in _sources if (found := source(application))), None)


def _is_announced(application: Application) -> bool:
    """What was not selected is told no sooner than what was."""
    if application.state not in ENDED_AFTER_REVIEW:
        return False
    round_ = application.round
    if round_.kind == Round.Kind.RE_REVIEW or round_.state == Round.State.CLOSED:
        return True
    return round_.applications.filter(state__in=ANNOUNCED).exists()
