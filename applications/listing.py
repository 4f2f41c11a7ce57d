"""What lists of cases share: slim rows, the most urgent first, the filters of the address, one line per case."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from django.core.paginator import Page
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from accounts.models import User
from accounts.roles import CHANNEL, agencies_of
from applications import progress
from applications.models import (
    Application,
    AttachmentRequirement,
    CorrectionItem,
    Recommendation,
    RecommendationEntry,
    Round,
    Section,
)
from core import clock
from core.counting import page_of_known
from core.models import Event
from core.typed import asked_number, asked_words
from core.wording import days_between
from policy.articles import article_cited
from policy.findings import Verdict
from policy.identifiers import normalise_uscc

State = Application.State

PAGE_SIZE = 25
SHORT = 22  # characters of what stands in the way
BATCH = 500  # rows of an export that are in memory at a time
IN_VETTING = (State.SUBMITTED, State.SENT_BACK)
WORKING = (*Application.WITH_CHANNEL, State.RETURNED)
NOBODY = "none"
NO_VERSION: Mapping[str, Any] = {"counts": {}, "problem": None, "rating": ""}
ENDED = (State.NOT_RECOMMENDED, State.WITHDRAWN, State.DECLINED)
# States whose event says why.
SAYS_WHY = (State.SENT_BACK, *ENDED)
TABS = {"": "办理中", "reported": "已报送", "ended": "已终止", "all": "全部"}
STATES_IN_TAB: Mapping[str, Collection[str]] = {
    "": WORKING,
    "reported": set(State.values) - {*WORKING, *ENDED},
    "ended": ENDED,
    "all": State.values,
}
SHOWN = (
    "state",
    "state_since",
    "correction_due",
    "sent_back_until",
    "extended_enterprise_deadline",
    "extended_district_deadline",
    "receipt_number",
    "enterprise__name",
    "enterprise__credit_code",
    "round__kind",
    "round__title",
    "round__enterprise_deadline",
    "round__district_deadline",
    "channel__name",
    "channel__kind",
    "channel__short_name",
    "main_mode__name",
    "current_version__number",
    "current_version__outline",
    "officer__name",
)
RELATED = ("enterprise", "round", "channel", "main_mode", "officer", "current_version")
Known = Mapping[str, Collection[Any]]
NOTHING: Known = {}
NEXT_STEPS = {
    State.SUBMITTED: "审核",
    State.SENT_BACK: "重新审核",
    State.RETURNED: "查看补正",
    State.VETTED: "列入推荐",
}
# What a passed case waits for once it stands in a letter.
LETTER_STEPS = {Recommendation.State.DRAFT: "待签发", Recommendation.State.SIGNED: "待盖章报送"}
FINDING_FILTERS = {
    "unmet": ("有未达到的", Verdict.UNMET),
    "attention": ("有需留意的", Verdict.ATTENTION),
    "clear": ("全部符合", None),
}


def deadline_of(whose: str, round_: Round | None = None) -> Greatest:
    """The ``enterprise`` or ``district`` deadline in force for a case; an extension that was never given counts for nothing."""
    field = f"{whose}_deadline"
    set_ = Value(getattr(round_, field), DateTimeField()) if round_ else F(f"round__{field}")
    return Greatest(f"extended_{field}", set_)


def turn_until(round_: Round | None = None) -> Case:
    """When the present holder's time ends; none ends once a case has reached the bureau. ``round_``: of all the cases."""
    of_enterprise, of_district = deadline_of("enterprise", round_), deadline_of("district", round_)
    return Case(
        When(state__in=Application.WITH_ENTERPRISE, then=Coalesce("correction_due", of_enterprise)),
        When(state__in=Application.WITH_CHANNEL, then=Coalesce("sent_back_until", of_district)),
        output_field=DateTimeField(),
    )


def most_urgent_first(
    cases: QuerySet[Application], *, own_first: bool = False, round_: Round | None = None
) -> QuerySet[Application]:
    """Annotated with ``turn_until``, the end of the present holder's time, and ordered by it.

    ``own_first``: what waits for the channel before what waits for an enterprise; ``round_``: of all the cases.
    """
    order = (F("turn_until").asc(nulls_last=True), "state_since", "id")
    turn = (Case(When(state=State.RETURNED, then=Value(1)), default=Value(0)),) if own_first else ()
    return cases.annotate(turn_until=turn_until(round_)).order_by(*turn, *order)


def slim(cases: QuerySet[Application], *, known: Known = NOTHING) -> QuerySet[Application]:
    """With what a line shows and without what only a file shows; what the page knows already is not fetched again."""
    flagged = (
        CorrectionItem.objects.filter(request__version=OuterRef("current_version"))
        .order_by()
        .values("request")
        .annotate(number=Count("pk"))
        .values("number")
    )
    listed = RecommendationEntry.objects.filter(application=OuterRef("pk"), withdrawn_at=None)
    return (
        cases.select_related(*(name for name in RELATED if name not in known))
        .only(*(field for field in SHOWN if field.partition("__")[0] not in known), *known)
        .annotate(
            flagged=Coalesce(Subquery(flagged), 0),
            letter=Subquery(listed.values("recommendation__state")[:1]),
        )
    )


def page_of(
    cases: QuerySet[Application],
    number: str | None,
    *,
    total: int,
    own_first: bool = False,
    known: Known = NOTHING,
) -> Page:
    """One page of slim cases, the most urgent first (two queries). ``total``: how many there are.

    ``known`` are rows that the page has anyhow, by the name of the relation: its round, its channels.
    """
    urgent = most_urgent_first(cases, own_first=own_first)
    page = page_of_known(urgent, number, size=PAGE_SIZE, total=total)
    cases = slim(Application.objects.all(), known=known)
    page.object_list = rows_behind(cast("QuerySet[Any]", page.object_list), cases)
    for name, rows in known.items():
        by_pk = {one.pk: one for one in rows}
        for case in page.object_list:
            if found := by_pk.get(getattr(case, f"{name}_id")):
                setattr(case, name, found)
    return page


def rows_behind(urgent: QuerySet[Any], cases: QuerySet[Application]) -> list[Application]:
    """Sorted cases, fetched as ``cases`` says, each with its ``turn_until`` (two queries).

    Sorting moves ids alone; whole rows are fetched for those that are shown.
    """
    until = dict(urgent.values_list("pk", "turn_until"))
    found: dict[int, Any] = cases.in_bulk(until)
    for pk, moment in until.items():
        found[pk].turn_until = moment
    return [found[pk] for pk in until]


def of_queue(user: User) -> QuerySet[Application]:
    """What the person's agencies vet; an enterprise outside them does not exist here."""
    return Application.objects.visible_to(user).of_channel(agencies_of(user, *CHANNEL))


def rounds_of_queue(user: User) -> QuerySet[Round]:
    """Rounds in which enterprises of the person's agencies have at least begun."""
    begun = Application.objects.filter(channel__in=agencies_of(user, *CHANNEL))
    return Round.objects.public().filter(pk__in=begun.values("round"))


def officers_in(agencies: Collection[int]) -> QuerySet[User]:
    """Who vets there."""
    return User.objects.filter(memberships__agency__in=agencies, memberships__role__in=CHANNEL).distinct()


def asked_of_queue(user: User, asked: Mapping[str, str]) -> QuerySet[Application]:
    """What the address of the queue asks for: a round of theirs, a tab, the filters."""
    cases = of_queue(user)
    if chosen := rounds_of_queue(user).filter(pk=asked_number(asked.get("round"))).first():
        cases = cases.filter(round=chosen)
    return filtered(in_tab(cases, asked.get("tab", "")), asked)


def in_tab(cases: QuerySet[Application], tab: str) -> QuerySet[Application]:
    return cases.filter(state__in=STATES_IN_TAB.get(tab, WORKING))


def states_by_round(agencies: Collection[int]) -> dict[int, dict[str, int]]:
    """Round → state → how many cases of these channels have been submitted; a round of drafts alone counts none (one query)."""
    counted = Application.objects.filter(channel__in=agencies).order_by().values_list("round", "state")
    found: dict[int, dict[str, int]] = {}
    for round_, state, number in counted.annotate(Count("submitted_at")):
        found.setdefault(round_, {})[state] = number
    return found


def tab_counts(states: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """How many cases each tab holds, from the numbers of each round."""
    return {
        tab: sum(number for one in states for state, number in one.items() if state in STATES_IN_TAB[tab])
        for tab in TABS
    }


def filtered(cases: QuerySet[Application], asked: Mapping[str, str]) -> QuerySet[Application]:
    """Narrowed by the address's q, state, finding, mode and officer; values nobody offered narrow nothing."""
    if words := asked_words(asked.get("q")):
        cases = cases.filter(
            Q(enterprise__name__icontains=words)
            | Q(enterprise__credit_code__icontains=normalise_uscc(words) or words)
        )
    if asked.get("state") in State.values:
        cases = cases.filter(state=asked["state"])
    if mode := asked_number(asked.get("mode")):
        cases = cases.filter(main_mode=mode)
    elif asked.get("mode") == NOBODY:
        cases = cases.filter(main_mode=None)
    if officer := asked_number(asked.get("officer")):
        cases = cases.filter(officer=officer)
    elif asked.get("officer") == NOBODY:
        cases = cases.filter(officer=None)
    if asked.get("finding") in FINDING_FILTERS:
        cases = _with_finding(cases, FINDING_FILTERS[asked["finding"]][1])
    return cases


def _with_finding(cases: QuerySet[Application], verdict: Verdict | None) -> QuerySet[Application]:
    def has(one: Verdict) -> Q:
        return Q(current_version__outline__verdicts__contains=one.value)

    failed = has(Verdict.UNMET) | has(Verdict.NOT_COMPUTABLE)
    if verdict is Verdict.UNMET:
        return cases.filter(failed)
    return cases.filter(has(verdict)) if verdict else cases.exclude(failed | has(Verdict.ATTENTION))


@dataclass(frozen=True)
class Problem:
    """What stands in the way first: a clause with its article, or words alone. A list shows it ``short``."""

    clause: str
    article: int | str
    text: str

    @property
    def short(self) -> str:
        return self.text if len(self.text) <= SHORT else f"{self.text[: SHORT - 1]}…"


@dataclass(frozen=True)
class Line:
    """One case as a list shows it, as plain values: a template that reads them row by row follows no relations.

    ``days`` of stay are None once a case is concluded; ``problem`` is then why it ended.
    """

    application: Application
    pk: int
    enterprise: str
    credit_code: str
    mode: str
    channel: str
    badge: tuple[str, str, str]
    until: datetime | None
    until_word: str
    days: int | None
    counts: Mapping[Any, int]
    problem: Problem | None
    parts_done: int
    parts: int
    parts_tone: str
    rating: str
    officer: str
    holder: str
    next_step: str


def lines(cases: Iterable[Application], required_kinds: Mapping[int, int]) -> list[Line]:
    """The cases as lines (one query for the reasons of those sent back or ended). ``required_kinds``: round → how many."""
    cases = list(cases)
    explained = [one.pk for one in cases if one.state in SAYS_WHY]
    reasons = (
        dict(
            Event.objects.filter(
                subject_type="applications.Application",
                subject_id__in=explained,
                to_state__in=SAYS_WHY,
                outcome=Event.Outcome.DONE,
            )
            .order_by("id")
            .values_list("subject_id", "note")
        )
        if explained
        else {}
    )
    now = clock.now()
    return [_line(one, required_kinds.get(one.round_id, 0), reasons.get(one.pk, ""), now) for one in cases]


def every_line(cases: QuerySet[Application], *, own_first: bool = False) -> Iterator[Line]:
    """All of them as lines, the most urgent first, a batch at a time (two queries and one for each batch)."""
    required = dict(
        AttachmentRequirement.objects.order_by()
        .values("round")
        .annotate(number=Count("pk"))
        .values_list("round", "number")
    )
    found = most_urgent_first(slim(cases), own_first=own_first).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        yield from lines(batch, required)


def _line(application: Application, required: int, reason: str, now: datetime) -> Line:
    version = application.current_version
    outline = version.outlined() if version else NO_VERSION
    flagged: int = application.flagged  # type: ignore[attr-defined]
    parts = len(Section) - 1 + required
    return Line(
        application=application,
        pk=application.pk,
        enterprise=application.enterprise.name,
        credit_code=application.enterprise.credit_code,
        mode=application.main_mode.name if application.main_mode else "",
        channel=application.channel.name,
        badge=progress.badge(application),
        until=application.turn_until,  # type: ignore[attr-defined]
        until_word={State.RETURNED: "补正", State.SENT_BACK: "重报"}.get(State(application.state), "报送"),
        days=None
        if application.state in Application.CONCLUDED
        else max(-days_between(application.state_since, now), 0),
        counts=outline["counts"],
        problem=_ending(reason) if application.state in ENDED else _problem(outline, flagged, reason),
        parts_done=max(parts - flagged, 0),
        parts=parts,
        parts_tone="attention" if flagged else "met",
        rating=outline["rating"],
        officer=application.officer.name if application.officer else "",
        holder=progress.turn_of(application).holder,
        next_step=_next_step(application),
    )


def _next_step(application: Application) -> str:
    step = NEXT_STEPS.get(State(application.state), "查看")
    if application.state == State.VETTED:
        step = LETTER_STEPS.get(application.letter, step)  # type: ignore[attr-defined]
    number = application.current_version.number if application.current_version else 1
    return f"审核第 {number} 版" if application.state == State.SUBMITTED and number > 1 else step


def _ending(reason: str) -> Problem | None:
    """Why a case ended: the clause that the note begins with, where it rests on one, and the words."""
    clause, colon, words = reason.partition("：")
    article = article_cited(clause) if colon else None
    if article:
        return Problem(clause, article, words)
    return Problem("", "", reason) if reason else None


def _problem(outline: Mapping[str, Any], flagged: int, sent_back: str) -> Problem | None:
    """What is particular about this case: why the bureau sent it back, what is not met, what is to be corrected."""
    if sent_back:
        return Problem("", "", f"市局退回：{sent_back}")
    found = outline["problem"]
    if flagged and (found is None or found["verdict"] == Verdict.ATTENTION):
        return Problem("", "", f"列为退回 {flagged} 项")
    return Problem(found["clause"], found["article"], found["text"]) if found else None
