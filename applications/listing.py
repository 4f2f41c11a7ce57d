"""What lists of cases share: slim rows, the most urgent first, the filters of the address, one line per case."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Greatest

from accounts.models import User
from accounts.roles import CHANNEL, agencies_of
from applications import progress
from applications.models import (
    Application,
    AttachmentRequirement,
    CorrectionItem,
    RecommendationEntry,
    Round,
    Section,
)
from core import clock
from core.models import Event
from core.typed import asked_number, asked_words
from core.wording import days_between
from policy.findings import Verdict
from policy.identifiers import normalise_uscc
from policy.rules.company import DECLARED_SOUND

State = Application.State

PAGE_SIZE = 25
BATCH = 500  # rows of an export that are in memory at a time
IN_VETTING = (State.SUBMITTED, State.SENT_BACK)
WORKING = (*Application.WITH_CHANNEL, State.RETURNED)
NOBODY = "none"
ENDED = (State.NOT_RECOMMENDED, State.WITHDRAWN, State.DECLINED)
# As in force for the case; an extension that was never given counts for nothing.
ENTERPRISE_DEADLINE = Greatest("extended_enterprise_deadline", "round__enterprise_deadline")
DISTRICT_DEADLINE = Greatest("extended_district_deadline", "round__district_deadline")
# When the present holder's time ends; none ends once a case has reached the bureau.
TURN_UNTIL = Case(
    When(state__in=Application.WITH_ENTERPRISE, then=Coalesce("correction_due", ENTERPRISE_DEADLINE)),
    When(state__in=Application.WITH_CHANNEL, then=Coalesce("sent_back_until", DISTRICT_DEADLINE)),
    output_field=DateTimeField(),
)
TABS = {"": "办理中", "reported": "已报送", "ended": "已终止", "all": "全部"}
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
    "channel__short_name",
    "main_mode__name",
    "current_version__number",
)
NEXT_STEPS = {
    State.SUBMITTED: "审核",
    State.SENT_BACK: "重新审核",
    State.RETURNED: "查看补正",
    State.VETTED: "列入推荐",
}
FINDING_FILTERS = {
    "unmet": ("有未达到的", Verdict.UNMET),
    "attention": ("有需留意的", Verdict.ATTENTION),
    "clear": ("全部符合", None),
}


def most_urgent_first(cases: QuerySet[Application], *, own_first: bool = False) -> QuerySet[Application]:
    """Annotated with ``turn_until``, the end of the present holder's time, and ordered by it.

    ``own_first``: what waits for the channel before what waits for an enterprise.
    """
    order = (F("turn_until").asc(nulls_last=True), "state_since", "id")
    turn = (Case(When(state=State.RETURNED, then=Value(1)), default=Value(0)),) if own_first else ()
    return cases.annotate(turn_until=TURN_UNTIL).order_by(*turn, *order)


def slim(cases: QuerySet[Application]) -> QuerySet[Application]:
    """With what a line shows and without what only a file shows."""
    flagged = (
        CorrectionItem.objects.filter(request__version=OuterRef("current_version"))
        .order_by()
        .values("request")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        cases.select_related("enterprise", "round", "channel", "main_mode", "officer", "current_version")
        .only(
            *SHOWN,
            "current_version__findings",
            "officer__name",
        )
        .annotate(
            rating=Coalesce(
                KeyTextTransform("efficiency_category", KeyTransform("basic", "current_version__snapshot")),
                Value(""),
                output_field=CharField(),
            ),
            flagged=Coalesce(Subquery(flagged), 0),
            is_listed=Exists(
                RecommendationEntry.objects.filter(application=OuterRef("pk"), withdrawn_at=None)
            ),
        )
    )


def page_of(cases: QuerySet[Application], number: str | None, *, own_first: bool = False) -> Page:
    """One page of slim cases, the most urgent first (three queries)."""
    page: Page[Any] = Paginator(most_urgent_first(cases, own_first=own_first), PAGE_SIZE).get_page(number)
    urgent = cast("QuerySet[Any]", page.object_list)
    page.object_list = rows_behind(urgent, slim(Application.objects.all()))
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


def in_tab(tab: str) -> Q:
    if tab == "reported":
        return ~Q(state__in=(*WORKING, *ENDED))
    if tab == "ended":
        return Q(state__in=ENDED)
    return Q() if tab == "all" else Q(state__in=WORKING)


def of_queue(user: User) -> QuerySet[Application]:
    """What the person's agencies vet; an enterprise outside them does not exist here."""
    return Application.objects.visible_to(user).of_channel(agencies_of(user, *CHANNEL))


def asked_of_queue(user: User, asked: Mapping[str, str]) -> QuerySet[Application]:
    """What the address of the queue asks for: a round of theirs, a tab, the filters."""
    cases = of_queue(user)
    chosen = Round.objects.public().filter(pk=asked_number(asked.get("round")))
    if chosen and cases.filter(round__in=chosen).exists():
        cases = cases.filter(round__in=chosen)
    return filtered(cases.filter(in_tab(asked.get("tab", ""))), asked)


def tab_counts(cases: QuerySet[Application]) -> dict[str, int]:
    """How many cases each tab holds (one query)."""
    found = cases.aggregate(**{tab or "working": Count("pk", filter=in_tab(tab)) for tab in TABS})
    return {tab: found[tab or "working"] for tab in TABS}


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
        return Q(current_version__findings__contains=[{"verdict": one.value, "group": ""}]) | Q(
            current_version__findings__contains=[{"verdict": one.value, "is_summary": True}]
        )

    if verdict is Verdict.UNMET:
        return cases.filter(has(Verdict.UNMET) | has(Verdict.NOT_COMPUTABLE))
    if verdict is not None:
        return cases.filter(has(verdict))
    troubled = has(Verdict.UNMET) | has(Verdict.NOT_COMPUTABLE) | has(Verdict.ATTENTION)
    return cases.exclude(troubled)


@dataclass(frozen=True)
class Problem:
    """What stands in the way first: a clause with its article, or words alone."""

    clause: str
    article: int | str
    text: str


@dataclass(frozen=True)
class Line:
    """One case as a list shows it."""

    application: Application
    badge: tuple[str, str, str]
    until: datetime | None
    until_word: str
    days: int
    counts: Mapping[Any, int]
    problem: Problem | None
    parts_done: int
    parts: int
    rating: str
    officer: str
    holder: str
    next_step: str


def lines(cases: Iterable[Application], required_kinds: Mapping[int, int]) -> list[Line]:
    """The cases as lines (one query for the reasons of those sent back). ``required_kinds``: round → how many."""
    cases = list(cases)
    sent_back = [one.pk for one in cases if one.state == State.SENT_BACK]
    reasons = (
        dict(
            Event.objects.filter(
                subject_type="applications.Application", subject_id__in=sent_back, action="send_back"
            )
            .order_by("id")
            .values_list("subject_id", "note")
        )
        if sent_back
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


def _line(application: Application, required: int, sent_back: str, now: datetime) -> Line:
    version = application.current_version
    findings = version.findings if version else []
    parts = len(Section) - 1 + required
    return Line(
        application=application,
        badge=progress.badge(application),
        until=application.turn_until,  # type: ignore[attr-defined]
        until_word={State.RETURNED: "补正", State.SENT_BACK: "重报"}.get(State(application.state), "报送"),
        days=max(-days_between(application.state_since, now), 0),
        counts=counts_by_condition(findings),
        problem=_problem(application, findings, sent_back),
        parts_done=max(parts - application.flagged, 0),  # type: ignore[attr-defined]
        parts=parts,
        rating=application.rating,  # type: ignore[attr-defined]
        officer=application.officer.name if application.officer else "",
        holder=progress.turn_of(application).holder,
        next_step=_next_step(application),
    )


def _next_step(application: Application) -> str:
    step = NEXT_STEPS.get(State(application.state), "查看")
    if application.state == State.VETTED and application.is_listed:  # type: ignore[attr-defined]
        step = "待签发报送"
    number = application.current_version.number if application.current_version else 1
    return f"审核第 {number} 版" if application.state == State.SUBMITTED and number > 1 else step


def counts_by_condition(findings: list[dict[str, Any]]) -> dict[str, int]:
    """How many conditions have each verdict; a group of which one suffices counts as one condition."""
    found: dict[str, int] = {}
    for one in findings:
        if one["is_summary"] or not one["group"]:
            found[one["verdict"]] = found.get(one["verdict"], 0) + 1
    return found


def noted(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What an officer must see: what is not met, and each group of which one suffices by its summary."""
    settled = _settled_groups(findings)
    return [
        one
        for one in findings
        if one["is_summary"] or (one["verdict"] != Verdict.MET and one["group"] not in settled)
    ]


def _settled_groups(findings: list[dict[str, Any]]) -> set[str]:
    """Groups of which one member suffices and one is met; what belongs to no group is in none."""
    return {one["group"] for one in findings if one["is_summary"] and one["verdict"] == Verdict.MET}


def _problem(application: Application, findings: list[dict[str, Any]], sent_back: str) -> Problem | None:
    """What is particular about this case: why the bureau sent it back, what is not met, what is to be corrected."""
    if sent_back:
        return Problem("", "", f"市局退回：{sent_back}")
    failed = _first_of(findings, Verdict.UNMET, Verdict.NOT_COMPUTABLE)
    if failed is None and application.flagged:  # type: ignore[attr-defined]
        return Problem("", "", f"列为退回 {application.flagged} 项")  # type: ignore[attr-defined]
    return failed or _first_of(findings, Verdict.ATTENTION)


def _first_of(findings: list[dict[str, Any]], *verdicts: Verdict) -> Problem | None:
    """The first finding with the first of these verdicts; a limb of a group that is met as a whole is none.

    What every enterprise declares alike, for people to judge, tells cases apart from nothing.
    """
    settled = _settled_groups(findings)
    for verdict in verdicts:
        for one in findings:
            if (
                one["verdict"] == verdict
                and one["group"] not in settled
                and one["measured"] != DECLARED_SOUND
            ):
                return Problem(one["clause"], one["article"], f"{one['title']}：{one['measured']}")
    return None
