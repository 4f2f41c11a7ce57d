"""What the supervision board shows: titles due for re-review and how far each is, titles in force, revoked, barred."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Page
from django.db.models import Count, Min, Q, QuerySet

from accounts.models import Enterprise, User
from applications import progress
from applications.models import Application
from core.counting import page_of_known
from decisions.models import Recognition
from policy.sanctions import may_apply_from
from supervision.cases import DAYS_AHEAD, LONGEST_NOTICE, answering
from supervision.models import Revocation

SOON = timedelta(days=DAYS_AHEAD[1])
NOT_FILED = ("材料未提交", "file-earmark-x", "unmet")
ROWS_IN_A_BOX, ROWS_ALONE = 8, 25


@dataclass(frozen=True)
class DueTitle:
    """A title and the case that answers for it; ``case`` None as long as the bureau has nothing in hand."""

    title: Recognition
    case: Application | None
    today: date

    @property
    def is_overdue(self) -> bool:
        return self.title.re_review_due_on < self.today

    @property
    def days_to_go(self) -> int:
        return -self.days_over

    @property
    def days_over(self) -> int:
        return (self.today - self.title.re_review_due_on).days

    @property
    def badge(self) -> tuple[str, str, str]:
        return progress.badge(self.case) if self.case else NOT_FILED

    @property
    def holder(self) -> str:
        """In whose hands it is, in short. A case that failed waits for the bureau to revoke the title."""
        if self.case is None:
            return "企业"
        channel = self.case.channel
        shown = {"企业": "企业", channel.name: channel.short_name, "专家组": "专家组"}
        return shown.get(progress.turn_of(self.case).holder, "市局")


@dataclass(frozen=True)
class Counts:
    """The figures of the strip."""

    holders: int
    overdue: int
    soon: int
    due: int
    revoked: int
    barred: int
    next_release: date | None


def counts(today: date) -> Counts:
    """All figures of the strip (two queries)."""
    in_force = ~Q(state=Recognition.State.REVOKED)
    due_by = "re_review_due_on__lte"
    titles = Recognition.objects.aggregate(
        holders=Count("pk", filter=in_force),
        overdue=Count("pk", filter=in_force & Q(re_review_due_on__lt=today)),
        soon=Count("pk", filter=in_force & Q(**{due_by: today + SOON})),
        due=Count("pk", filter=in_force & Q(**{due_by: today + LONGEST_NOTICE})),
        revoked=Count("pk", filter=~in_force),
    )
    bars = Enterprise.objects.filter(barred_until__gte=today).aggregate(
        barred=Count("pk"), last_day=Min("barred_until")
    )
    return Counts(**titles, barred=bars["barred"], next_release=may_apply_from(bars["last_day"]))


def due_titles(today: date) -> QuerySet[Recognition]:
    """Titles overdue or due within the longest notice, the most urgent first."""
    titles = Recognition.objects.in_force().filter(re_review_due_on__lte=today + LONGEST_NOTICE)
    return titles.select_related("enterprise__district").order_by("re_review_due_on", "enterprise__name")


def holders() -> QuerySet[Recognition]:
    titles = Recognition.objects.in_force().select_related("enterprise__district", "plaque")
    return titles.order_by("-announced_on", "plaque__serial")


def revocations() -> QuerySet[Revocation]:
    return Revocation.objects.select_related("recognition__enterprise__district", "recognition__plaque")


def bars(today: date) -> QuerySet[Revocation]:
    """The revocations that still bar their enterprise, the one released next first (第二十条)."""
    still = Revocation.objects.filter(barred_until__gte=today)
    return still.select_related("recognition__enterprise").order_by("barred_until", "id")


def with_cases(titles: Iterable[Recognition], user: User, *, today: date) -> list[DueTitle]:
    """Each title with the case that answers for it (one query)."""
    titles = list(titles)
    cases = answering(titles, Application.objects.visible_to(user), today=today)
    return [DueTitle(one, cases.get(one.pk), today) for one in titles]


def page_of(rows: QuerySet, number: str | None, *, total: int, alone: bool) -> Page:
    """Of a list that has its own page, or the beginning of it in a box among others."""
    size = ROWS_ALONE if alone else ROWS_IN_A_BOX
    return page_of_known(rows, number if alone else 1, size=size, total=total)


@dataclass(frozen=True)
class BarInTime:
    """A bar against the years: what has passed and what is left, drawn between two turns of the year."""

    revocation: Revocation
    until: date
    today: date
    drawn_from: date
    drawn_until: date

    @property
    def free_from(self) -> date:
        return self.until + timedelta(days=1)

    @property
    def parts(self) -> list[tuple[str, date, date, str]]:
        return [
            ("已过", self.revocation.decided_on, self.today, "sea"),
            ("剩余", self.today, self.until, "pale"),
        ]


def bars_in_time(rows: Iterable[Revocation], *, today: date) -> list[BarInTime]:
    """The bars of one page on one scale of whole years."""
    bars = [(one, one.barred_until) for one in rows]
    known = [(one, until) for one, until in bars if until]
    if not known:
        return []
    low = date(min(one.decided_on.year for one, _ in known), 1, 1)
    high = date(max(until.year for _, until in known) + 1, 1, 1)
    return [BarInTime(one, until, today, low, high) for one, until in known]
