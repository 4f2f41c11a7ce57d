"""What the enterprise is told of the review: no name, no score sheet, no order of the experts."""

from applications.feedback import Feedback, add_source
from applications.models import Application, Round
from policy.scoring import grade
from review.models import Assignment, PanelCase, PanelMember, ScoreSheet

SOMEBODY = "专家"


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
    names = _names_around(case)
    comments = counted.exclude(comment="").order_by("comment").values_list("comment", flat=True)
    return Feedback(
        found,
        # What a panel did not write itself is drafted for the bureau, and tells the score.
        _without(names, case.opinion if case and case.opinion_at else ""),
        [_without(names, one) for one in dict.fromkeys(comments)],
    )


def _names_around(case: PanelCase | None) -> list[str]:
    """Of the whole panel and of everybody who was ever assigned, the longest first: 王伟 is a part of 王伟强 (one query)."""
    name = "expert__user__name"
    members = PanelMember.objects.filter(panel__cases=case).values_list(name, flat=True)
    assigned = Assignment.objects.filter(case=case).values_list(name, flat=True)
    return sorted(members.order_by().union(assigned.order_by()), key=len, reverse=True)


def _without(names: list[str], text: str) -> str:
    for name in names:
        text = text.replace(name, SOMEBODY)
    return text
