"""What the review tells the bureau first."""

from collections.abc import Iterator

from accounts.roles import is_municipal_handler
from core import clock
from core.duties import Duty, add_source
from review.models import Assignment, Panel, ScoreSheet


@add_source
def of_review(user) -> Iterator[Duty]:
    if is_municipal_handler(user):
        standing = Assignment.objects.standing().filter(
            case__panel__state=Panel.State.SEATED,
            case__panel__due_at__lt=clock.now(),
            case__application__state="UNDER_REVIEW",
        )
        overdue = standing.exclude(sheet__state=ScoreSheet.State.SUBMITTED).count()
        yield Duty("评分表逾期未交", overdue, "/panels/", is_late=True)
