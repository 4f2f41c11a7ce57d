"""What the public self-check measures with: the open round and its measure, or the days that are assumed without one."""

from dataclasses import dataclass
from datetime import date, datetime

from applications.models import Round
from core import clock
from policy.conditions import ConditionSpec
from policy.dates import span_text, window_ending
from policy.models import Measure
from policy.validity import why_only_a_trial


@dataclass(frozen=True)
class Standard:
    """The measure, its conditions and the days they are measured at. `round` is None when the days are assumed."""

    measure: Measure
    conditions: list[ConditionSpec]
    base_date: date
    latest_year: int
    round: Round | None
    is_accepting: bool
    trial: str

    @property
    def years(self) -> tuple[int, int]:
        """The two years whose figures are compared, the earlier first."""
        return (self.latest_year - 1, self.latest_year)

    @property
    def spans(self) -> dict[str, str]:
        """By rule the days it looks at, for the rules that look back some years (近两年, 近三年)."""
        return {
            one.rule: span_text(*window_ending(self.base_date, one.whole("years")))
            for one in self.conditions
            if "years" in one.numbers
        }


def standard_at(at: datetime) -> Standard | None:
    """The recognition round that takes applications or is the next to do so; else today with last year's figures.

    None when no measure is recorded at all.
    """
    today = clock.local(at).date()
    round_ = (
        Round.objects.filter(kind=Round.Kind.RECOGNITION, state=Round.State.OPEN, enterprise_deadline__gt=at)
        .select_related("measure")
        .prefetch_related("measure__conditions", "measure__renewals")
        .order_by("enterprise_deadline")
        .first()
    )
    measure = round_.measure if round_ else Measure.objects.standing_on(today)
    if measure is None:
        return None
    return Standard(
        measure=measure,
        conditions=measure.condition_specs(),
        base_date=round_.base_date if round_ else today,
        latest_year=round_.latest_year if round_ else today.year - 1,
        round=round_,
        is_accepting=round_ is not None and round_.opens_at <= at,
        trial=why_only_a_trial(measure.validity(), on=today),
    )
