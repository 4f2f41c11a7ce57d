"""The call of a round (申报通知) as people read it: worked out from the round, never typed a second time."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Agency
from applications.channels import channels
from applications.conditions import moment_text
from applications.models import AttachmentRequirement, Round, RoundFile
from applications.round_calendar import RoundCalendar, calendar_of
from core import clock
from core.wording import cn_date
from policy.eligibility import ApplicantFacts, evaluate
from policy.findings import Finding
from policy.identifiers import mobile_problem
from policy.validity import document_in_force


@dataclass(frozen=True)
class Call:
    """``conditions`` carry clause, title and threshold; ``shares`` the seats by channel, empty where none are set aside."""

    round: Round
    title: str
    basis: str
    conditions: list[Finding]
    materials: list[AttachmentRequirement]
    channels: list[Agency]
    shares: list[tuple[Agency, int]]
    calendar: RoundCalendar
    file: RoundFile | None
    templates: list[RoundFile]

    @property
    def is_re_review(self) -> bool:
        return self.round.kind == Round.Kind.RE_REVIEW

    @property
    def what(self) -> str:
        return "复核" if self.is_re_review else "申报"


def call_title(round_: Round) -> str:
    what = "申报" if round_.kind == Round.Kind.RECOGNITION else "复核"
    return f"关于组织开展{round_.year}年度{round_.measure.title_awarded}{what}工作的通知"


def in_front(at: datetime) -> tuple[Round | None, list[Round]]:
    """The recognition that the public meets first, and those that are called but begin later (one query).

    What takes applications comes before what is under way, and both before what has not begun.
    """
    kind, state = Round.Kind.RECOGNITION, Round.State.OPEN
    called = list(Round.objects.filter(kind=kind, state=state).select_related("measure").order_by("-year"))
    later = [one for one in reversed(called) if at < one.opens_at]
    begun = [one for one in called if one not in later]
    accepting = [one for one in begun if at < one.enterprise_deadline]
    first = next(iter([*accepting, *begun, *later]), None)
    return first, [one for one in later if one != first]


def call_badge(round_: Round, at: datetime) -> tuple[str, str, str]:
    """How far a called round is, as the public reads it."""
    if round_.state == Round.State.CLOSED:
        return "已办结", "check2-all", "neutral"
    if at < round_.opens_at:
        return "未开始", "calendar-plus", "neutral"
    return "进行中", "broadcast", "info"


# What a round needs at hand for its call.
NEEDED = (
    "attachment_requirements",
    "channel_quotas",
    "files",
    "measure__conditions",
    "measure__renewals",
)


def call_of(round_: Round) -> Call:
    """Everything that the page of the call shows (two queries, with what is needed at hand)."""
    measure = round_.measure
    files = [one for one in round_.files.all() if one.removed_at is None]
    in_use = channels()
    by_id = {one.pk: one for one in in_use}
    number = document_in_force(measure.validity(), on=round_.base_date)
    renewed = "" if number in ("", measure.document_number) else f"，有效期由{number}延续"
    return Call(
        round=round_,
        title=call_title(round_),
        basis=f"《{measure.title}》（{measure.document_number}{renewed}）",
        conditions=evaluate(
            ApplicantFacts(),
            measure.condition_specs(),
            base_date=round_.base_date,
            latest_year=round_.latest_year,
        ),
        materials=list(round_.attachment_requirements.all()),
        channels=in_use,
        shares=[(by_id.get(one.agency_id) or one.agency, one.number) for one in round_.channel_quotas.all()],
        calendar=calendar_of(round_),
        file=next((one for one in files if one.kind == RoundFile.Kind.CALL), None),
        templates=[one for one in files if one.kind == RoundFile.Kind.TEMPLATE],
    )


def begins(round_: Round) -> str:
    """From when enterprises may apply in a round that is published now."""
    what = "申报" if round_.kind == Round.Kind.RECOGNITION else "申报复核"
    if clock.now() < round_.opens_at:
        return f"企业自{moment_text(round_.opens_at)}起可以{what}"
    return f"企业现在就可以{what}"


def warnings_of(call: Call) -> list[str]:
    """What does not keep a call from being published, but should be known before."""
    warnings = call.calendar.hints
    if not call.file:
        warnings.append("还没有上传盖章的通知文件，发布后不能再补。")
    if not call.round.call_number:
        warnings.append("通知文号还没有填。")
    ends = call.round.measure.validity().last_day
    if call.calendar.window.first_day > ends:
        warnings.append(
            f"管理办法{cn_date(ends, 'plain')}到期，早于公示，公布前须有延续或替代文件（第二十五条）。"
        )
    return warnings


def contacts() -> list[tuple[Agency, str]]:
    """The bureau and every channel with its office telephone; a personal mobile is never shown (one query)."""
    found = Agency.objects.in_use()
    kinds = [Agency.Kind.MUNICIPAL, Agency.Kind.DISTRICT, Agency.Kind.ASSOCIATION]
    ordered = sorted(found, key=lambda one: kinds.index(Agency.Kind(one.kind)))
    return [(one, one.phone if mobile_problem(one.phone) else "") for one in ordered]
