"""Rows that can be multiplied, and what their copies must not share."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Model
from django.urls import reverse

from accounts.models import Agency, EfficiencyRating, Enterprise, User
from applications.models import Application, ApplicationVersion, Round, ServiceProject
from applications.models.form import new_row_key
from core.models import Notification
from decisions.models import Meeting, Objection, Plaque
from policy.models import Measure, MeasureRenewal
from review.models import Panel
from supervision.models import ReReview, SupportingPolicy
from tests.factories import JUNE, a_credit_code, bulk, copies, make_application, numbers
from tests.routes import make_sites

State = Application.State
years = count(1990, -1)
FRESH: dict[type[Model], dict[str, Callable[[], Any]]] = {
    User: {"login": lambda: f"crowd{next(numbers)}"},
    Enterprise: {"credit_code": a_credit_code},
    Agency: {name: lambda: f"协会{next(numbers)}" for name in ("code", "name")},
    EfficiencyRating: {"credit_code": a_credit_code},
    Round: {"year": lambda: next(years)},
    Application: {"receipt_number": lambda: f"SL-2026-C{next(numbers)}", "current_version": lambda: None},
    ApplicationVersion: {"number": lambda: next(numbers)},
    ServiceProject: {"row_key": new_row_key},
    Panel: {"name": lambda: f"第{next(numbers)}组"},
    Meeting: {"number": lambda: f"第{next(numbers)}次"},
    Objection: {"receipt_number": lambda: f"YY-2026-C{next(numbers)}"},
    Plaque: {"serial": lambda: f"WHFWZZ-2026-C{next(numbers)}"},
    ReReview: {"due_on": lambda: date(next(years), 6, 1)},
    Notification: {"key": lambda: f"crowd:{next(numbers)}"},
    Measure: {
        "document_number": lambda: f"威工信发〔2010〕{next(numbers)}号",
        "issued_on": lambda: date(2010, 7, 20),
    },
    SupportingPolicy: {"document_number": lambda: f"荣政办发〔2026〕{next(numbers)}号"},
    MeasureRenewal: {"document_number": lambda: f"威工信〔2026〕{next(numbers)}号"},
}


class Crowd:
    """Rows in the order in which they can be copied, each with what its copies refer to instead of what it refers to."""

    def __init__(self) -> None:
        self.sites = make_sites()
        self.rows: list[tuple[Model, list[str]]] = []
        self.others: list[tuple[str, str, str]] = []

    def also(self, route: str, query: str = "", by: str = "", **kwargs: object) -> None:
        """Another address of the route: of an object in another state, or with something asked; or asked by somebody else."""
        self.others.append((route, reverse(route, kwargs=kwargs or self.sites.kwargs[route]) + query, by))

    def add(self, row: Model, along: str = "") -> Any:
        """From now on this row is multiplied; each copy has a copy of its own of what the fields ``along`` name."""
        self.rows.append((row, along.split()))
        return row

    def grow(self, by: int) -> None:
        """So many more copies of every row.

        The planner is told how many there are: autovacuum cannot see what no transaction has committed, and for tables that it
        takes for empty it may choose nested loops that last minutes.
        """
        made: dict[Model, list[Any]] = {}
        for row, along in self.rows:
            fresh = FRESH.get(type(row), {})
            made[row] = bulk(
                copies(
                    row,
                    **{name: make() for name, make in fresh.items()},
                    **{name: made[getattr(row, name)][number] for name in along},
                )
                for number in range(by)
            )
            if isinstance(row, ApplicationVersion) and along:
                cases = made[row.application]
                for case, version in zip(cases, made[row], strict=True):
                    case.current_version = version
                Application.objects.bulk_update(cases, ["current_version"])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def another_case(crowd: Crowd, state: str, round_: Round | None = None) -> Application:
    """Another enterprise's case with its version; its copies are other enterprises' cases."""
    case = make_application(
        state=state,
        round=round_ or crowd.sites.world.round,
        state_since=JUNE - timedelta(days=5),
        score=86 if state == State.REVIEWED else None,
    )
    follow(crowd, case)
    return case


def follow(crowd: Crowd, case: Application) -> None:
    crowd.add(case.enterprise)
    crowd.add(case, "enterprise")
    crowd.add(case.current_version, "application")
