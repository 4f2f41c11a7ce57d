"""What a new round is proposed to be: the last one of its kind, moved on to another year and off rest days."""

from datetime import datetime, timedelta
from typing import Any

from applications.models import AttachmentKind, Round
from core import clock
from policy.dates import add_years
from policy.models import CalendarDay, Measure, ScoringScheme
from policy.schedule import Moment, day_of, moved_on

# How many files of each kind a first round asks for; the others are welcome but not required.
USUAL_MINIMUM = {
    AttachmentKind.BUSINESS_LICENCE: 1,
    AttachmentKind.AUDIT_REPORT: 2,
    AttachmentKind.SERVICE_REVENUE_AUDIT: 1,
    AttachmentKind.CREDIT_REPORT: 1,
    AttachmentKind.FOUNDING_DOCUMENT: 1,
    AttachmentKind.PROJECT_EVIDENCE: 2,
    AttachmentKind.COMMITMENT: 1,
}
# Days from today, and the hour, of a first round's dates.
USUAL_DATES = {
    "opens_at": (14, 9),
    "enterprise_deadline": (56, 17),
    "district_deadline": (73, 17),
    "review_starts_on": (83, None),
    "review_ends_on": (101, None),
    "publicity_starts_on": (111, None),
}
KEPT = (
    "scheme",
    "publicity_working_days",
    "objection_working_days",
    "quota",
    "minimum_score",
    "panel_size",
    "feedback",
)


def last_of(kind: str) -> Round | None:
    return Round.objects.filter(kind=kind).select_related("measure", "scheme").order_by("-year").first()


def proposed(kind: str, last: Round | None, *, year: int | None = None) -> Round:
    """An unsaved round with everything filled in but its document number. Dates that would be over begin anew after today."""
    today = clock.today()
    year = year or max(today.year, last.year + 1 if last else 0)
    dates = _dates(last, year)
    base_year = day_of(dates["enterprise_deadline"]).year
    if last is None:
        kept: dict[str, Any] = {"scheme": ScoringScheme.objects.first()}
        title, latest_year = f"{year}年度威海市服务型制造示范企业{Round.Kind(kind).label}", base_year - 1
    else:
        kept = {name: getattr(last, name) for name in KEPT}
        title = last.title.replace(str(last.year), str(year))
        behind = last.base_date.year - last.latest_year
        latest_year = base_year - behind
    measure = Measure.objects.standing_on(today)
    return Round(kind=kind, year=year, title=title, latest_year=latest_year, measure=measure, **dates, **kept)


def requirements_of(last: Round | None) -> dict[str, int]:
    """Kind of attachment → how many at least."""
    usual = {kind.value: minimum for kind, minimum in USUAL_MINIMUM.items()}
    return (dict(last.attachment_requirements.values_list("kind", "minimum")) if last else {}) or usual


def quotas_of(last: Round | None) -> dict[int, int]:
    """Id of a channel → its seats."""
    return dict(last.channel_quotas.values_list("agency", "number")) if last else {}


def _dates(last: Round | None, year: int) -> dict[str, Any]:
    calendar, today = CalendarDay.objects.calendar(), clock.today()
    if last is None:
        usual: dict[str, Moment | None] = {
            name: clock.local(clock.instant(today + timedelta(days=days), hour))
            if hour
            else today + timedelta(days=days)
            for name, (days, hour) in USUAL_DATES.items()
        }
        return moved_on(usual, calendar)
    years = year - last.year
    first = clock.local(last.first_deadline or last.enterprise_deadline)
    opens = add_years(day_of(clock.local(last.opens_at)), years)
    late = (today - opens).days + 1 if opens < today else 0
    return moved_on(last.schedule | {"enterprise_deadline": first}, calendar, years=years, days=late)


def from_opening(round_: Round, opens_at: datetime) -> dict[str, Any]:
    """The round's dates as far apart as they are, but from another opening."""
    dates = round_.schedule
    opens = clock.local(opens_at)
    days = (opens.date() - day_of(dates["opens_at"] or opens)).days
    return moved_on(dates, CalendarDay.objects.calendar(), days=days) | {"opens_at": opens}
