"""What the enterprise is told of the review: no name, no score sheet, no order of the experts."""

from applications.feedback import Feedback, add_source
from applications.models import Application, Round
from policy.scoring import grade
from review.models import Assignment, PanelCase, ScoreSheet
from review.naming import names_around, without_names


@add_source
def of_review(application: Application) -> Feedback | None:
    """The grade and, where the round tells more, the panel's opinion and the comments, read by their text alone (three queries)."""
    round_ = application.round
    if application.score is None:
        return None
    found = grade(application.score, round_.scheme.spec()).label
    if round_.feedback == Round.Feedback.GRADE:
        return Feedback(found)
    case = PanelCase.objects.filter(application=application).first()
    counted = ScoreSheet.objects.filter(
        assignment__case=case, assignment__state=Assignment.State.CLEAR, state=ScoreSheet.State.SUBMITTED
    )
    names = names_around(case)
    comments = counted.exclude(comment="").order_by("comment").values_list("comment", flat=True)
    return Feedback(
        found,
        # What a panel did not write itself is drafted for the bureau, and tells the score.
        without_names(names, case.opinion if case and case.opinion_at else ""),
        [without_names(names, one) for one in dict.fromkeys(comments)],
    )
