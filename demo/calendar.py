"""The fixed dates of the demonstration: its rounds, and the moment at which the demo clock is set. Never the real day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from applications.models import Round
from applications.rounds import set_up
from core import clock
from core.workflow import perform
from demo.cast import Cast
from demo.filing import REQUIRED
from policy.models import Measure, MeasureRenewal, ScoringScheme

# Friday: the 2026 round is open for applications, publicity of the 2025 round ends today.
PRESENT = clock.instant(date(2026, 6, 12), 9)
RENEWAL = {
    "document_number": "演示〔2026〕0号（虚构）",
    "title": "关于延长管理办法有效期的通知（演示用虚构文件，不是真实文件）",
    "issued_on": date(2026, 6, 1),
    "valid_until": date(2026, 10, 31),
}


@dataclass(frozen=True)
class Plan:
    """When a round begins, when its two deadlines are, when its experts meet and publicity is expected.

    ``shares`` are the seats set aside, by the channel's code.
    """

    kind: str
    year: int
    opens: date
    enterprises_until: date
    districts_until: date
    review: tuple[date, date]
    publicity: date
    latest_year: int
    quota: int | None = None
    panel_size: int = 5
    shares: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        what = "认定" if self.kind == Round.Kind.RECOGNITION else "复核"
        return f"{self.year}年度威海市服务型制造示范企业{what}"


RECOGNITION_2022 = Plan(
    Round.Kind.RECOGNITION,
    2022,
    date(2022, 3, 1),
    date(2022, 4, 15),
    date(2022, 4, 29),
    (date(2022, 5, 9), date(2022, 5, 20)),
    date(2022, 5, 30),
    2021,
    quota=6,
)
RECOGNITION_2023 = Plan(
    Round.Kind.RECOGNITION,
    2023,
    date(2023, 4, 3),
    date(2023, 5, 12),
    date(2023, 5, 26),
    (date(2023, 6, 5), date(2023, 6, 16)),
    date(2023, 6, 26),
    2022,
    quota=7,
)
RECOGNITION_2024 = Plan(
    Round.Kind.RECOGNITION,
    2024,
    date(2024, 4, 1),
    date(2024, 5, 17),
    date(2024, 5, 31),
    (date(2024, 6, 11), date(2024, 6, 21)),
    date(2024, 7, 1),
    2023,
    quota=8,
)
# Late in the year, so that its publicity is still running when the demonstration begins.
RECOGNITION_2025 = Plan(
    Round.Kind.RECOGNITION,
    2025,
    date(2025, 11, 3),
    date(2025, 12, 31),
    date(2026, 1, 20),
    (date(2026, 3, 9), date(2026, 3, 27)),
    date(2026, 5, 18),
    2024,
    quota=12,
    shares={"371072": 2, "371003": 2, "371071": 2},
)
RECOGNITION_2026 = Plan(
    Round.Kind.RECOGNITION,
    2026,
    date(2026, 5, 11),
    date(2026, 6, 30),
    date(2026, 7, 17),
    (date(2026, 8, 3), date(2026, 8, 21)),
    date(2026, 9, 28),
    2025,
    quota=12,
    shares={"371002": 2, "371003": 2, "371082": 4, "371071": 1, "371072": 1},
)
RE_REVIEW_2024 = Plan(
    Round.Kind.RE_REVIEW,
    2024,
    date(2024, 3, 4),
    date(2024, 4, 12),
    date(2024, 4, 26),
    (date(2024, 5, 13), date(2024, 5, 24)),
    date(2024, 6, 14),
    2023,
    panel_size=3,
)
RE_REVIEW_2025 = Plan(
    Round.Kind.RE_REVIEW,
    2025,
    date(2025, 3, 3),
    date(2025, 4, 11),
    date(2025, 4, 25),
    (date(2025, 5, 12), date(2025, 5, 23)),
    date(2025, 6, 27),
    2024,
    panel_size=3,
)
RE_REVIEW_2026 = Plan(
    Round.Kind.RE_REVIEW,
    2026,
    date(2026, 4, 1),
    date(2026, 6, 26),
    date(2026, 7, 3),
    (date(2026, 7, 6), date(2026, 7, 24)),
    date(2026, 8, 3),
    2025,
    panel_size=3,
)


def open_round(cast: Cast, plan: Plan) -> Round:
    """Set the round up five days ahead and open it on its first morning."""
    with clock.stopped_at(clock.instant(plan.opens, 9) - timedelta(days=5)):
        prefix = "威工信" if plan.kind == Round.Kind.RECOGNITION else "威工信复"
        round_ = Round(
            kind=plan.kind,
            year=plan.year,
            title=plan.title,
            call_number=f"{prefix}〔{plan.year}〕{plan.opens.month + 10}号（演示）",
            measure=Measure.objects.get(document_number="威工信发〔2021〕34号"),
            scheme=ScoringScheme.objects.get(name="默认评分方案"),
            opens_at=clock.instant(plan.opens, 8, 30),
            enterprise_deadline=clock.instant(plan.enterprises_until, 17),
            district_deadline=clock.instant(plan.districts_until, 17),
            review_starts_on=plan.review[0],
            review_ends_on=plan.review[1],
            publicity_starts_on=plan.publicity,
            latest_year=plan.latest_year,
            quota=plan.quota,
            panel_size=plan.panel_size,
            feedback=Round.Feedback.COMMENTS,
        )
        quotas = {cast.agencies[code].pk: number for code, number in plan.shares.items()}
        set_up(round_, REQUIRED, by=cast.municipal, quotas=quotas)
    with clock.stopped_at(morning(plan.opens)):
        return perform(round_, "open", by=cast.municipal)


def close_round(cast: Cast, round_: Round, day: date) -> None:
    with clock.stopped_at(morning(day)):
        perform(round_, "close", by=cast.municipal)


def record_renewal() -> None:
    """The measure ends on 2026-08-31; a made-up document, marked as such, carries the 2026 round to its end."""
    measure = Measure.objects.get(document_number="威工信发〔2021〕34号")
    MeasureRenewal.objects.create(measure=measure, **RENEWAL)


def morning(day: date) -> datetime:
    return clock.instant(day, 9)
