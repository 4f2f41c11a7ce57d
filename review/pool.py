"""How the pool of experts is used: how often each was drawn, what each has in hand, whose sheets came late."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Expert
from core import clock
from review.models import Assignment, Draw, Panel, ScoreSheet

AT_WORK = Q(case__panel__state__in=[Panel.State.FORMING, Panel.State.SEATED])
IS_IN = Q(sheet__state=ScoreSheet.State.SUBMITTED)
COUNTS = {
    "awaiting": Q(state=Assignment.State.AWAITING),
    "to_score": Q(state=Assignment.State.CLEAR) & ~IS_IN,
    "submitted": Q(state=Assignment.State.CLEAR) & IS_IN,
    "gone": Q(state__in=[Assignment.State.RECUSED, Assignment.State.RELEASED]),
}


@dataclass(frozen=True)
class Load:
    """Times drawn this year and in all, standing cases still to be declared on or scored, sheets late in all."""

    this_year: int = 0
    ever: int = 0
    in_hand: int = 0
    late: int = 0


def loads_of(experts: Collection[Expert], *, at: datetime) -> dict[int, Load]:
    """By the expert's id (two queries)."""
    this_year, ever = times_drawn(clock.instant(date(clock.local(at).year, 1, 1)))
    counted = (
        with_due(Assignment.objects.filter(expert__in=experts))
        .order_by()
        .values("expert")
        .annotate(
            in_hand=Count("pk", filter=AT_WORK & (COUNTS["awaiting"] | COUNTS["to_score"])),
            late=Count("pk", filter=is_late(at)),
        )
    )
    cases = {one["expert"]: one for one in counted}
    nothing = {"in_hand": 0, "late": 0}
    return {
        one.pk: Load(
            this_year[one.pk],
            ever[one.pk],
            cases.get(one.pk, nothing)["in_hand"],
            cases.get(one.pk, nothing)["late"],
        )
        for one in experts
    }


def with_due(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """``due``: by when a sheet had been asked for at first; an extension makes none punctual."""
    return assignments.annotate(due=Coalesce("case__panel__first_due_at", "case__panel__due_at"))


def is_late(at: datetime) -> Q:
    """A sheet first submitted after it was due, or due and still not there."""
    missing = Q(sheet=None) | Q(sheet__first_submitted_at=None)
    standing = Q(state__in=[Assignment.State.AWAITING, Assignment.State.CLEAR])
    overdue = standing & missing & Q(case__application__state="UNDER_REVIEW", due__lt=at)
    return Q(sheet__first_submitted_at__gt=F("due")) | overdue


@dataclass(frozen=True)
class PanelWork:
    """What one expert has to do in one panel; no scores."""

    panel: Panel
    awaiting: int
    to_score: int
    submitted: int
    gone: int
    late: int


def work_of(expert: Expert, *, at: datetime, most: int) -> list[PanelWork]:
    """The expert's panels, those at work first, then the newest (two queries)."""
    counted = (
        with_due(Assignment.objects.filter(expert=expert))
        .order_by()
        .values("case__panel")
        .annotate(
            **{name: Count("pk", filter=condition) for name, condition in COUNTS.items()},
            late=Count("pk", filter=is_late(at)),
        )
    )
    rows = {one["case__panel"]: one for one in counted}
    panels = Panel.objects.filter(pk__in=rows).select_related("round")
    ordered = sorted(panels, key=lambda one: (one.state == Panel.State.CONCLUDED, -one.pk))
    return [_work(one, rows[one.pk]) for one in ordered[:most]]


def _work(panel: Panel, row: Mapping[str, Any]) -> PanelWork:
    return PanelWork(panel, row["awaiting"], row["to_score"], row["submitted"], row["gone"], row["late"])


def draws_of(expert: Expert) -> QuerySet[Draw]:
    """The draws that chose this expert, the newest first."""
    chosen = Draw.objects.filter(outcome__contains=[expert.pk])
    return chosen.select_related("panel__round", "case__application__enterprise").order_by("-id")


def times_drawn(since: datetime, *, but: Panel | None = None) -> tuple[Counter[int], Counter[int]]:
    """Expert's id → how often drawn since then, and ever. A draw that was done again does not count, nor those for ``but``."""
    recent: Counter[int] = Counter()
    ever: Counter[int] = Counter()
    draws = Draw.objects.exclude(panel=but) if but else Draw.objects.all()
    last = {}
    rows = draws.order_by("id").values_list("pk", "panel", "case", "drawn_at", "outcome")
    for pk, panel, case, drawn_at, outcome in rows:
        last[(panel, None) if case is None else (panel, pk)] = (drawn_at, outcome)
    for drawn_at, outcome in last.values():
        ever.update(outcome)
        if drawn_at >= since:
            recent.update(outcome)
    return recent, ever
