"""The expert's table rests on the conditions of the round's own measure."""

from decimal import Decimal

import pytest

from applications.models import Application
from policy.models import MeasureCondition
from review.materials import materials_of
from tests.factories import make_application

pytestmark = pytest.mark.django_db


def test_clauses_and_thresholds_are_those_of_the_measure():
    case = make_application(state=Application.State.SUBMITTED)
    latest = case.submitted_version.snapshot["figures"][-1]
    latest["main_revenue"], latest["service_revenue"] = "100000.00", "19999.99"
    MeasureCondition.objects.filter(rule="service_revenue_share").update(
        numbers={"percent": "20"}, clause="第九条第1项"
    )
    found = materials_of(case.submitted_version, case.round.measure.condition_specs())
    share = next(row for row in found.rows if row.is_share)
    assert (share.clause, share.values[-1], share.texts[-1]) == (
        "第九条第1项",
        Decimal("19.99999"),
        "19.99999%",
    )
    assert [row.clause for row in found.rows if row.clause and not row.is_share] == [
        "第十二条第3项（2）",
        "第十二条第3项（3）",
    ]
