"""Where a case stands: which of the eight steps, whose turn it is, and what comes next. One table for every page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Agency
from applications.models import Application, Round
from core.models import Event
from core.wording import cn_date, cn_datetime

State = Application.State

STEPS = ("填写申报", "区市审核", "推荐报送", "市局受理", "专家评审", "党组审议", "公示", "公布授牌")
# What the first step is called when the channel has returned the case.
CORRECTING = "补正"
# What the second step is called in a case that an association vets.
BY_ASSOCIATION = "协会审核"
# A re-review keeps a title or ends it (第十八条): after the review only its conclusion is left.
RE_REVIEW_STEPS = ("填写复核材料", *STEPS[1:5], "复核结论")

# state → (step reached, who holds the case, tone and icon of its badge)
ENTERPRISE, CHANNEL, BUREAU, EXPERTS, NOBODY = "enterprise", "channel", "bureau", "experts", ""
TABLE: dict[str, tuple[int, str, str, str]] = {
    State.DRAFT: (0, ENTERPRISE, "info", "pencil"),
    State.RETURNED: (0, ENTERPRISE, "attention", "arrow-return-left"),
    State.SUBMITTED: (1, CHANNEL, "info", "inbox"),
    State.SENT_BACK: (1, CHANNEL, "attention", "reply"),
    State.VETTED: (2, CHANNEL, "met", "check2-circle"),
    State.FORWARDED: (3, BUREAU, "info", "send-check"),
    State.ACCEPTED: (4, BUREAU, "met", "folder-check"),
    State.UNDER_REVIEW: (4, EXPERTS, "info", "people"),
    State.REVIEWED: (5, BUREAU, "info", "clipboard-check"),
    State.PROPOSED: (5, BUREAU, "info", "list-ol"),
    State.APPROVED: (6, BUREAU, "met", "check2-all"),
    State.PUBLICIZED: (6, BUREAU, "info", "megaphone"),
    State.CONTESTED: (6, BUREAU, "attention", "flag"),
    State.RECOGNIZED: (7, BUREAU, "met", "award"),
    State.AWARDED: (8, NOBODY, "met", "award"),
    State.RE_REVIEW_PASSED: (8, NOBODY, "met", "check2-circle"),
    State.RE_REVIEW_FAILED: (8, NOBODY, "unmet", "x-circle"),
    State.NOT_RECOMMENDED: (1, NOBODY, "unmet", "slash-circle"),
    State.WITHDRAWN: (0, NOBODY, "neutral", "x-circle"),
    State.DECLINED: (3, NOBODY, "unmet", "slash-circle"),
    State.NOT_SELECTED: (5, NOBODY, "neutral", "dash-circle"),
    State.NOT_APPROVED: (5, NOBODY, "unmet", "x-circle"),
    State.OBJECTION_UPHELD: (6, NOBODY, "unmet", "flag"),
}
WITH_OTHERS = [state for state, (_, holder, _, _) in TABLE.items() if holder in (CHANNEL, BUREAU, EXPERTS)]


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: the holder in words, since when, until when if there is a date, and the next step."""

    holder: str
    since: datetime
    until: datetime | None
    next_step: str

    @property
    def is_over(self) -> bool:
        return not self.holder


def turn_of(application: Application) -> Turn:
    step, holder, _, _ = TABLE[application.state]
    names = {
        ENTERPRISE: "企业",
        CHANNEL: application.channel.name,
        BUREAU: "市工业和信息化局",
        EXPERTS: "专家组",
        NOBODY: "",
    }
    steps = step_labels(application)
    following = steps[step + 1] if holder and step + 1 < len(steps) else ""
    return Turn(names[holder], application.state_since, _until(application, holder), following)


def badge(application: Application) -> tuple[str, str, str]:
    """(label, icon, tone) of the state badge."""
    _, _, tone, icon = TABLE[application.state]
    return State(application.state).label, icon, tone


def step_labels(application: Application) -> tuple[str, ...]:
    first, vetting, *rest = RE_REVIEW_STEPS if application.round.kind == Round.Kind.RE_REVIEW else STEPS
    if application.state == State.RETURNED:
        first = CORRECTING
    if application.channel.kind == Agency.Kind.ASSOCIATION:
        vetting = BY_ASSOCIATION
    return first, vetting, *rest


def step_of(application: Application) -> int:
    """Index into the case's steps of the one it is at; their number when all are done."""
    return min(TABLE[application.state][0], len(step_labels(application)))


def _until(application: Application, holder: str) -> datetime | None:
    if holder == ENTERPRISE:
        return application.correction_due or application.enterprise_deadline
    if holder == CHANNEL:
        return application.vetting_until
    return None


# The actions that end each step, for a first application and for a re-review.
ENDS = (
    ("submit",),
    ("pass_vetting",),
    ("forward",),
    ("accept",),
    ("conclude_review",),
    ("approve", "pass_re_review", "fail_re_review"),
    ("recognize",),
    ("award",),
)


@dataclass(frozen=True)
class Step:
    """A step of the line: done, current or todo, with the date reached or expected."""

    label: str
    state: str
    date: str
    note: str = ""


def steps_of(application: Application, events: Iterable[Event]) -> list[Step]:
    """The steps of the case with the dates reached (from the events) and expected (from the round)."""
    reached = step_of(application)
    turn = turn_of(application)
    ended = {event.action: event.at for event in events if event.outcome == Event.Outcome.DONE}
    expected = _expected(application)
    steps = []
    for number, label in enumerate(step_labels(application)):
        if number < reached:
            done_at = next((ended[action] for action in ENDS[number] if action in ended), None)
            steps.append(Step(label, "done", cn_date(done_at, "bare") if done_at else ""))
        elif number == reached and turn.is_over:
            steps.append(
                Step(label, "current", cn_date(turn.since, "bare"), note=application.get_state_display())
            )
        elif number == reached:
            until = f"截止 {cn_datetime(turn.until, 'bare')}" if turn.until else expected[number]
            steps.append(Step(label, "current", until))
        else:
            steps.append(Step(label, "todo", "" if turn.is_over else expected[number]))
    return steps


def _expected(application: Application) -> list[str]:
    round_ = application.round
    district = f"{cn_date(application.district_deadline, 'bare')}前"
    review = f"{cn_date(round_.review_starts_on, 'bare')}—{cn_date(round_.review_ends_on, 'bare')}"
    publicity = cn_date(round_.publicity_starts_on, "bare")
    return [
        f"截止 {cn_datetime(application.enterprise_deadline, 'bare')}",
        district,
        district,
        f"{cn_date(round_.review_starts_on, 'bare')}前",
        review,
        f"{publicity}前" if round_.kind == Round.Kind.RECOGNITION else "评审后",
        f"{publicity}起 {round_.publicity_working_days} 个工作日",
        "公示无异议后",
    ]
