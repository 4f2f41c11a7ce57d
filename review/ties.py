"""What ties an expert to an enterprise: found by credit code and name, measured against the three years of recusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounts.models import Enterprise, Expert, ExpertTie
from applications.models import Application
from policy.dates import add_years, date_text, window_ending

RECUSAL_YEARS = 3


@dataclass(frozen=True)
class Suspicion:
    """One registered tie to the enterprise of a case, or to its service company."""

    tie: ExpertTie
    is_binding: bool
    window_from: date
    window_until: date
    free_from: date | None

    @property
    def period(self) -> str:
        end = date_text(self.tie.ended_on) if self.tie.ended_on else "今"
        return f"{date_text(self.tie.started_on)}至{end}"

    @property
    def sentence(self) -> str:
        return f"{self.period}，{self.tie.organisation}，{self.tie.post or self.tie.get_kind_display()}"

    @property
    def ground(self) -> str:
        """The code of Recusal.Ground that it amounts to; both lists share their codes."""
        return self.tie.kind

    @property
    def basis(self) -> str:
        return f"统一社会信用代码相同（{self.tie.credit_code}）"


def codes_of(application: Application) -> set[str]:
    """The codes under which a tie counts: the enterprise's own and its service company's."""
    return {
        code for code in (application.enterprise.credit_code, application.service_unit_credit_code) if code
    }


def suspicions(ties: Iterable[ExpertTie], application: Application, *, on: date) -> list[Suspicion]:
    """Every registered tie to this case, those within three years first."""
    first, last = window_ending(on, RECUSAL_YEARS)
    found = [
        Suspicion(
            tie,
            tie.lasts_within(first, last),
            first,
            last,
            add_years(tie.ended_on, RECUSAL_YEARS) if tie.ended_on else None,
        )
        for tie in ties
        if tie.credit_code in codes_of(application)
    ]
    return sorted(found, key=lambda one: (not one.is_binding, one.tie.started_on))


def works_for(expert: Expert, enterprise: Enterprise) -> bool:
    """Whether the expert's own unit is the enterprise, under its name or a former one."""
    return expert.unit in {enterprise.name, *enterprise.former_names}
