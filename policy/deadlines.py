"""Deadlines and windows. Deadlines are instants (aware datetimes); periods are dates, both ends included."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from policy.dates import add_years
from policy.workdays import Calendar, add_working_days, last_day_of_period


@dataclass(frozen=True)
class Window:
    """Open from `opens_at` until just before `closes_at`: at 17:00:00 sharp it is over."""

    opens_at: datetime | None
    closes_at: datetime

    def has_opened(self, *, at: datetime) -> bool:
        return self.opens_at is None or at >= self.opens_at

    def has_closed(self, *, at: datetime) -> bool:
        return at >= self.closes_at

    def is_open(self, *, at: datetime) -> bool:
        return self.has_opened(at=at) and not self.has_closed(at=at)


@dataclass(frozen=True)
class PublicityWindow:
    """Publicity (第十六条): first and last day, and the earliest day of the announcement. None: 待定."""

    first_day: date
    last_day: date | None
    announcement_from: date | None

    def is_running(self, *, on: date) -> bool | None:
        """Whether `on` falls inside; None when the last day is not yet known and could still lie ahead."""
        if on < self.first_day:
            return False
        return None if self.last_day is None else on <= self.last_day

    def has_ended(self, *, on: date) -> bool:
        """False as long as the last day is unknown: without a calendar nothing may be announced."""
        return self.last_day is not None and on > self.last_day


def publicity_window(
    first_day: date,
    working_days: int,
    calendar: Calendar,
    *,
    first_day_counts: bool = True,
) -> PublicityWindow:
    last_day = last_day_of_period(calendar, first_day, working_days, first_day_counts=first_day_counts)
    return PublicityWindow(first_day, last_day, announcement_earliest(last_day))


def announcement_earliest(last_day_of_publicity: date | None) -> date | None:
    """The day after publicity ends (第十七条: 公示无异议后). None: 待定."""
    return last_day_of_publicity + timedelta(days=1) if last_day_of_publicity else None


def change_filing_due(completed_on: date, calendar: Calendar, *, working_days: int = 30) -> date | None:
    """Last day to file a change, counted from the day after the formalities (第二十一条). None: 待定."""
    return add_working_days(calendar, completed_on, working_days)


def is_late(filed_on: date, due: date | None) -> bool:
    """Late filings are accepted and marked. An unknown due date makes nobody late."""
    return due is not None and filed_on > due


def re_review_due(announced_on: date, *, last_re_reviewed_on: date | None = None, years: int = 2) -> date:
    """Two years after the announcement, then after the last re-review (第十八条)."""
    return add_years(last_re_reviewed_on or announced_on, years)


def objection_handling_due(received_on: date, calendar: Calendar, *, working_days: int) -> date | None:
    """Last day to answer an objection, counted from the day after it came in. None: 待定."""
    return add_working_days(calendar, received_on, working_days)
