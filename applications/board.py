"""The board of a round: who holds how many cases, what is stuck and with whom, when each phase ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from accounts.models import Agency, User
from applications import listing, progress
from applications.models import Application, Recommendation, Round
from applications.reminders import with_todays_reminder
from core import clock
from core.typed import asked_day, asked_number
from core.wording import cn_date, cn_datetime, days_between, days_left, is_over
from policy.deadlines import PublicityWindow, publicity_window
from policy.models import CalendarDay
from policy.validity import Validity

State = Application.State
STUCK_DAYS, LONG_DAYS = 2, 10
SOON = timedelta(days=3)
SHOWN = 12
ENDS = frozenset(
    state for state, (_, holder, tone, _) in progress.TABLE.items() if not holder and tone != "met"
)
WITH_DISTRICT = frozenset(Application.WITH_CHANNEL)
# Each column of the board and the states it counts, for its numbers and for the lists behind them.
HOLDERS = {
    "enterprise": frozenset({State.RETURNED}),
    "district": WITH_DISTRICT,
    "bureau": frozenset(progress.TABLE) - ENDS - WITH_DISTRICT - {State.RETURNED, State.DRAFT},
    "ended": ENDS,
}
HOLDER_WORDS = {"enterprise": "企业补正", "district": "区市办理", "bureau": "已报市局", "ended": "终止"}
# How long the present holder of a case on its way has had it: from so many days to so many.
STAYS: dict[str, tuple[str, int, int | None]] = {
    "days": ("0 至 2 天", 0, STUCK_DAYS),
    "week": ("3 至 5 天", STUCK_DAYS + 1, 5),
    "weeks": ("6 至 10 天", 6, LONG_DAYS),
    "long": ("超过 10 天", LONG_DAYS + 1, None),
}
STAY_WORDS = {key: word for key, (word, _, _) in STAYS.items()}
REPORTED = "reported"
# What a case has reached as far as its present state shows, by the step of its progress.
STAGES = {
    "vetted": ("审核通过", 2),
    REPORTED: ("报送市局", 3),
    "accepted": ("受理", 4),
    "reviewed": ("评审完成", 5),
    "approved": ("审议通过", 6),
    "announced": ("公布", 7),
    "concluded": ("得出结论", 8),
}
STAGE_WORDS = {key: word for key, (word, _) in STAGES.items()}
RATING_WORDS = {category: f"{category} 类" for category in "ABCD"} | {listing.NOBODY: "未评价"}
STUCK_WORDS = {"yes": f"停留超过 {STUCK_DAYS} 天或 {SOON.days} 天内到期"}
HELD = [state for state, (_, holder, _, _) in progress.TABLE.items() if holder and state != State.DRAFT]
STUCK_STATES = (
    State.RETURNED,
    State.SUBMITTED,
    State.SENT_BACK,
    State.VETTED,
    State.FORWARDED,
    State.CONTESTED,
)


@dataclass
class ChannelRow:
    """One channel's cases by who holds them; ``longest`` is the longest stay of one still on its way, in days."""

    agency: Agency
    enterprise: int = 0
    district: int = 0
    bureau: int = 0
    ended: int = 0
    longest: int | None = None
    states: dict[str, int] = field(default_factory=dict)

    def reached(self, stage: str) -> int:
        return sum(number for state, number in self.states.items() if state in having_reached(stage))

    @property
    def total(self) -> int:
        return self.enterprise + self.district + self.bureau + self.ended

    @property
    def parts(self) -> list[tuple[str, int, str]]:
        return [
            ("企业补正", self.enterprise, "sand"),
            ("区市办理", self.district, "pale"),
            ("已报市局", self.bureau, "sea"),
        ]

    @property
    def numbers(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in HOLDERS}

    @property
    def reported_none(self) -> bool:
        return self.district > 0 and not self.reached(REPORTED)


@dataclass(frozen=True)
class StateCount:
    state: str
    badge: tuple[str, str, str]
    number: int


@dataclass
class Tally:
    """All counts of a round, from one query."""

    rows: list[ChannelRow] = field(default_factory=list)
    states: list[StateCount] = field(default_factory=list)
    drafts: int = 0
    stuck: int = 0

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def sums(self) -> dict[str, int]:
        names = ("enterprise", "district", "bureau", "ended")
        return {name: sum(getattr(row, name) for row in self.rows) for name in names}

    @property
    def widest(self) -> int:
        return max((row.total - row.ended for row in self.rows), default=0)

    @property
    def longest(self) -> int | None:
        return max((row.longest for row in self.rows if row.longest is not None), default=None)


def tally(round_: Round) -> Tally:
    """Counts by channel and state; every district has a row, an association only when it has cases (two queries)."""
    now = clock.now()
    counted = (
        Application.objects.in_round(round_)
        .exclude(state=State.WITHDRAWN, submitted_at=None)
        .order_by()
        .alias(turn_until=listing.turn_until(round_))
        .values("channel", "state")
        .annotate(number=Count("pk"), oldest=Min("state_since"), stuck=Count("pk", filter=is_stuck(now)))
    )
    result = Tally()
    rows = {agency.pk: ChannelRow(agency) for agency in Agency.objects.channels()}
    by_state: dict[str, int] = {}
    for one in counted:
        state, number = one["state"], one["number"]
        result.stuck += one["stuck"]
        if state == State.DRAFT:
            result.drafts += number
            continue
        by_state[state] = by_state.get(state, 0) + number
        row = rows[one["channel"]]
        row.states[state] = number
        holder = next(name for name, states in HOLDERS.items() if state in states)
        setattr(row, holder, getattr(row, holder) + number)
        if progress.TABLE[state][1]:
            row.longest = max(row.longest or 0, -days_between(one["oldest"], now))
    result.rows = [
        row
        for row in rows.values()
        if row.total or (row.agency.kind == Agency.Kind.DISTRICT and row.agency.is_active)
    ]
    result.states = [
        StateCount(state, (State(state).label, icon, tone), by_state[state])
        for state, (_, _, tone, icon) in progress.TABLE.items()
        if by_state.get(state)
    ]
    return result


@dataclass(frozen=True)
class Stuck:
    """One thing that waits: what, for how long, with whom, until when. ``application`` can be reminded of."""

    tone: str
    icon: str
    title: str
    note: str
    holder: str
    until: datetime | date | None
    url: str
    application: int | None = None
    act_url: str = ""
    reminded: str = ""

    @property
    def is_own(self) -> bool:
        """The bureau need not be reminded by itself: it acts."""
        return bool(self.act_url)


def stuck(round_: Round) -> list[Stuck]:
    """The first of the cases that are stuck and all letters that wait (three queries)."""
    now = clock.now()
    found = _stuck_of(round_, now)[:SHOWN]
    cases = listing.rows_behind(found, _with_holder(Application.objects.all()))
    things = [_stuck_case(one, now) for one in cases]
    return things + [_stuck_letter(round_, one, now) for one in _waiting_letters(round_)]


def every_stuck(round_: Round) -> Iterator[Stuck]:
    """All of them, one after the other (two queries)."""
    now = clock.now()
    for case in _with_holder(_stuck_of(round_, now)).iterator(chunk_size=listing.BATCH):
        yield _stuck_case(case, now)
    for letter in _waiting_letters(round_):
        yield _stuck_letter(round_, letter, now)


def _stuck_of(round_: Round, now: datetime) -> QuerySet[Application]:
    cases = Application.objects.in_round(round_)
    return listing.most_urgent_first(cases, round_=round_).filter(is_stuck(now))


def is_stuck(now: datetime) -> Q:
    """It has stayed over two days, or its holder's time, ``turn_until``, ends within three."""
    stayed_since = clock.instant(clock.local(now).date() - timedelta(days=STUCK_DAYS))
    return Q(state__in=STUCK_STATES) & (Q(state_since__lt=stayed_since) | Q(turn_until__lte=now + SOON))


def _with_holder(cases: QuerySet[Application]) -> QuerySet[Application]:
    facts = (
        "state",
        "state_since",
        "round",
        "enterprise__name",
        "channel__short_name",
        "current_version__number",
    )
    return with_todays_reminder(cases.select_related("enterprise", "channel", "current_version")).only(*facts)


def _waiting_letters(round_: Round) -> QuerySet[Recommendation]:
    return (
        round_.recommendations.filter(state__in=(Recommendation.State.DRAFT, Recommendation.State.SIGNED))
        .select_related("agency", "prepared_by")
        .by_deadline()
        .annotate(number=Count("entries", filter=Q(entries__withdrawn_at=None)))
        .order_by("state_since")
    )


def cases_behind(round_: Round, user: User, asked: Mapping[str, str]) -> QuerySet[Application]:
    """The cases behind a number of the board, as its address asks for them."""
    found = listing.filtered(Application.objects.visible_to(user).in_round(round_), asked)
    if channel := asked_number(asked.get("channel")):
        found = found.filter(channel=channel)
    if asked.get("holder") in HOLDERS:
        found = found.filter(state__in=HOLDERS[asked["holder"]])
    if asked.get("reached") in STAGES:
        found = found.filter(state__in=having_reached(asked["reached"]))
    if asked.get("stay") in STAYS:
        found = found.filter(stayed(asked["stay"], clock.today()), state__in=HELD)
    if asked.get("stuck") in STUCK_WORDS:
        found = found.alias(turn_until=listing.turn_until(round_)).filter(is_stuck(clock.now()))
    if asked.get("rating") == listing.NOBODY:
        found = found.filter(Q(current_version=None) | Q(current_version__outline__rating=""))
    elif asked.get("rating") in RATING_WORDS:
        found = found.filter(current_version__outline__rating=asked["rating"])
    if day := asked_day(asked.get("day")):
        found = found.filter(versions__number=1, versions__submitted_at__date=day)
    if day := asked_day(asked.get("by")):
        found = found.filter(versions__number=1, versions__submitted_at__date__lte=day)
    return found


def having_reached(stage: str) -> frozenset[str]:
    """The states that show a case to have come so far.

    One that ended at the bureau shows how far it came; one that its channel refused or its enterprise withdrew, or that
    was sent back, does not.
    """
    least = STAGES[stage][1]
    return frozenset(state for state, (step, *_) in progress.TABLE.items() if step >= least)


def stayed(key: str, today: date) -> Q:
    """With its present holder for so many days."""
    _, least, most = STAYS[key]
    found = Q()
    if least:
        found &= Q(state_since__lt=clock.instant(today - timedelta(days=least - 1)))
    if most is not None:
        found &= Q(state_since__gte=clock.instant(today - timedelta(days=most)))
    return found


def _stuck_case(application: Application, now: datetime) -> Stuck:
    label, icon, tone = progress.badge(application)
    version = application.current_version
    return Stuck(
        tone=tone,
        icon=icon,
        title=application.enterprise.name,
        note=f"{label} {max(-days_between(application.state_since, now), 0)} 天",
        holder=_holder(application),
        until=application.turn_until,  # type: ignore[attr-defined]
        url=reverse("application-version", args=[application.pk, version.number if version else 1]),
        application=application.pk,
        act_url=_act_url(application),
        reminded=_reminded(application),
    )


def _reminded(application: Application) -> str:
    """When and by whom its holder was reminded today."""
    at, by = application.reminded_at, application.reminded_by  # type: ignore[attr-defined]
    return f"{clock.local(at):%H:%M} {by}" if at else ""


def _act_url(application: Application) -> str:
    """Where the bureau deals with what waits for itself."""
    if application.state == State.CONTESTED:
        return "/objection-desk/"
    if application.state == State.FORWARDED:
        return f"{reverse('acceptance-list')}?round={application.round_id}"
    return ""


def _holder(application: Application) -> str:
    """Who holds it, short enough for a narrow column; an enterprise with the channel that watches over it."""
    channel = application.channel.short_name
    if application.state in WITH_DISTRICT:
        return channel
    return f"企业（{channel}）" if application.state == State.RETURNED else "市工信局"


def _stuck_letter(round_: Round, letter: Recommendation, now: datetime) -> Stuck:
    waits_for = "待负责人签发" if letter.state == Recommendation.State.DRAFT else "已签发，待报送"
    return Stuck(
        tone="info",
        icon="pencil",
        title=f"推荐函{waits_for}（{letter.number} 件）",  # type: ignore[attr-defined]
        note=f"{letter.letter_number}，已 {max(-days_between(letter.state_since, now), 0)} 天",
        holder=letter.agency.short_name,
        until=letter.until,  # type: ignore[attr-defined]
        url=reverse("recommendation-detail", args=[letter.pk])
        if letter.state == Recommendation.State.SIGNED
        else f"{reverse('round-cases', args=[round_.pk])}?channel={letter.agency_id}",
    )


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    date: str
    left: str = ""
    note: str = ""


def window_of(round_: Round) -> PublicityWindow:
    """The expected publicity of the round by the working calendar (one query)."""
    first = round_.publicity_starts_on
    days = CalendarDay.objects.filter(date__gte=first, date__lte=first + timedelta(days=120))
    return publicity_window(first, round_.publicity_working_days, days.calendar())


def steps(round_: Round, window: PublicityWindow) -> list[Step]:
    """The phases by the clock alone, so that they are right whatever else was down."""
    now = clock.now()
    planned: list[tuple[str, datetime | date | None, str]] = [
        ("组织申报", round_.enterprise_deadline, cn_datetime(round_.enterprise_deadline, "bare")),
        ("区市审核推荐", round_.district_deadline, cn_datetime(round_.district_deadline, "bare")),
        ("受理", round_.review_starts_on, f"预计 {cn_date(round_.review_starts_on, 'bare')}"),
        ("专家评审", round_.review_ends_on, f"预计 {cn_date(round_.review_ends_on, 'bare')}"),
        ("党组会议审议", round_.publicity_starts_on, f"预计 {cn_date(round_.publicity_starts_on, 'bare')}前"),
        ("公示", window.last_day, _span(window)),
        (
            "公布授牌",
            None,
            f"最早 {cn_date(window.announcement_from, 'bare')}" if window.announcement_from else "待定",
        ),
    ]
    result: list[Step] = []
    is_preparing = round_.state == round_.State.PREPARING
    reached = is_preparing or now < round_.opens_at
    if reached:
        begins = f"{cn_datetime(round_.opens_at, 'bare')} 开始申报"
        result.append(Step("筹备" if is_preparing else "未开始", "current", begins))
    for label, end, words in planned:
        over = end is not None and is_over(end, now)
        if over and not reached:
            result.append(Step(label, "done", words))
        elif not reached:
            reached = True
            result.append(Step(label, "current", words, days_left(end, now) if end else ""))
        else:
            result.append(Step(label, "todo", words))
    return result


def _span(window: PublicityWindow) -> str:
    last = cn_date(window.last_day, "bare") if window.last_day else "待定"
    return f"{cn_date(window.first_day, 'bare')}至{last}"


def expiring(validity: Validity, window: PublicityWindow) -> date | None:
    """The measure's last day when it ends before the list can be announced (第二十五条)."""
    announced = window.announcement_from or window.first_day
    return validity.last_day if validity.last_day < announced else None
