"""Titles that fall due, revoked ones, policies of districts."""

from datetime import date

from accounts.models import User
from applications.models import Application, Round
from decisions.models import Recognition
from policy.sanctions import Ground
from supervision.models import ReReview, Revocation, SupportingPolicy
from tests.crowd.rows import Crowd, another_case
from tests.factories import JUNE, copies, make_application, make_round, numbers

State = Application.State


def add_supervised(crowd: Crowd) -> None:
    """Titles that fall due, with and without a case; revoked ones that bar; the enterprise's own of earlier years."""
    world = crowd.sites.world
    own = Recognition.objects.get()
    again = make_round(kind=Round.Kind.RE_REVIEW, title="2026年度复核")
    for due_on, state, fields in (
        (date(2026, 6, 20), State.REVIEWED, {}),
        (date(2026, 6, 1), "", {}),
        (date(2028, 6, 1), "", {"state": Recognition.State.REVOKED}),
    ):
        case = another_case(crowd, State.AWARDED)
        title = copies(own, enterprise=case.enterprise, application=case, re_review_due_on=due_on, **fields)
        title.save()
        plaque = copies(own.plaque, recognition=title, serial=f"WHFWZZ-2026-S{next(numbers)}")
        plaque.save()
        crowd.add(title, "enterprise application")
        crowd.add(plaque, "recognition")
        if state:
            case = make_application(state=state, enterprise=case.enterprise, round=again)
            crowd.add(case, "enterprise")
            crowd.add(case.current_version, "application")
            re_review = ReReview.objects.create(recognition=title, application=case, due_on=due_on)
            crowd.add(re_review, "recognition application")
        if fields:
            case.enterprise.barred_until = date(2029, 6, 12)
            case.enterprise.save()
            crowd.add(_revocation(title, world.people["municipal leader"]), "recognition")
        crowd.also("re-review", pk=title.pk)
    for box in ("due", "holders", "revoked", "barred"):
        crowd.also("supervision-board", f"?box={box}")
    for policy in SupportingPolicy.objects.all():
        crowd.add(policy)
        crowd.also("policy", pk=policy.pk)
    earlier = crowd.add(make_round(year=2019, title="2019年度认定", latest_year=2018))
    case = crowd.add(
        make_application(state=State.AWARDED, enterprise=world.enterprise, round=earlier), "round"
    )
    crowd.add(case.current_version, "application")
    title = copies(own, application=case, state=Recognition.State.REVOKED)
    title.save()
    plaque = copies(own.plaque, recognition=title, serial="WHFWZZ-2019-001")
    plaque.save()
    crowd.add(title, "application")
    crowd.add(plaque, "recognition")
    crowd.add(_revocation(title, world.people["municipal leader"]), "recognition")
    past = ReReview.objects.create(
        recognition=own, due_on=date(2024, 6, 1), state=ReReview.State.PASSED, concluded_on=date(2024, 6, 1)
    )
    crowd.add(past)


def _revocation(title: Recognition, by: User) -> Revocation:
    return Revocation.objects.create(
        recognition=title,
        ground=Ground.OTHER,
        reason="其他情形。",
        decided_on=JUNE.date(),
        barred_until=date(2029, 6, 12),
        decided_by=by,
    )
