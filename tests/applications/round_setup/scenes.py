"""A round as the municipal handler sets it up on the pages."""

from datetime import date

from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import Round
from core import clock
from tests.factories import make_officer, make_round

SPRING = clock.instant(date(2026, 4, 20), 9)
NOVEMBER = clock.instant(date(2026, 11, 23), 10)


def at(day: date, hour: int = 17):
    return clock.instant(day, hour)


def signed_in(role: str = Role.MUNICIPAL_HANDLER, **fields) -> Client:
    client = Client()
    client.force_login(make_officer(role, **fields), backend="accounts.backends.PortalBackend")
    return client


def last_years(**fields) -> Round:
    """Wednesday, Wednesday, Friday, a paper deadline; 2026's 18 May is a Monday, 17 July a Friday."""
    values = {
        "year": 2025,
        "title": "2025年度威海市服务型制造示范企业认定",
        "call_number": "威工信字〔2025〕9号",
        "state": Round.State.CLOSED,
        "opens_at": at(date(2025, 5, 17), 9),
        "enterprise_deadline": at(date(2025, 6, 28)),
        "district_deadline": at(date(2025, 7, 17)),
        "paper_deadline": at(date(2025, 7, 25)),
        "review_starts_on": date(2025, 7, 28),
        "review_ends_on": date(2025, 8, 15),
        "publicity_starts_on": date(2025, 8, 22),
        "latest_year": 2024,
        "quota": 9,
        "minimum_score": 65,
    }
    return make_round(**(values | fields))


def posted(round_: Round, step: str, bureau: Client, **changes) -> dict[str, str]:
    """What the form of a step sends when these fields are typed into it."""
    page = bureau.get(reverse("round-step", args=[round_.pk, step])).context
    form = page["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: f"{value:%Y-%m-%dT%H:%M}" if hasattr(value, "hour") else str(value)
        for name, value in shown.items()
        if value is not None
    } | {"revision": page["revision"], **changes}


def save(bureau: Client, round_: Round, step: str, **changes):
    return bureau.post(reverse("round-step", args=[round_.pk, step]), posted(round_, step, bureau, **changes))


def preparing(**fields) -> Round:
    return make_round(state=Round.State.PREPARING, **fields)


def publish(bureau: Client, round_: Round, **changes):
    seen = bureau.get(reverse("round-board", args=[round_.pk])).context["seen"]
    return bureau.post(reverse("round-open", args=[round_.pk]), {"seen": seen} | changes, follow=True)
