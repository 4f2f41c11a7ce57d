"""One enterprise, one live application in a round, by one channel: district or association (第十四条)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy.dates import date_text
from policy.identifiers import normalise_uscc

MANUFACTURING = [f"{number}" for number in range(13, 44)]  # the divisions of section C


class Standing(StrEnum):
    """How an appointment stands on a day."""

    NEVER = "NEVER"
    AHEAD = "AHEAD"
    IN_FORCE = "IN_FORCE"
    OVER = "OVER"


@dataclass(frozen=True)
class Appointment:
    """An association that the bureau guides: appointed from a day, until a day if any, for divisions of GB/T 4754."""

    name: str
    since: date | None
    until: date | None
    divisions: frozenset[str]

    def standing(self, *, on: date) -> Standing:
        """First and last day are both in force."""
        if self.since is None:
            return Standing.NEVER
        if on < self.since:
            return Standing.AHEAD
        return Standing.OVER if self.until and on > self.until else Standing.IN_FORCE


@dataclass(frozen=True)
class HeldChannel:
    """A live application: whose code, in which round, through which district bureau or association."""

    uscc: str
    round_name: str
    channel_name: str


def why_channel_taken(live: Iterable[HeldChannel], *, uscc: str, round_name: str) -> str:
    """The sentence that refuses a second application of the same code, naming the channel of the first.

    Empty when the round holds none of this enterprise. The same channel twice is refused as well.
    """
    code = normalise_uscc(uscc)
    for held in live:
        if normalise_uscc(held.uscc) == code and held.round_name == round_name:
            return (
                f"本企业已通过{held.channel_name}申报“{round_name}”，"
                "第十四条的“区市主管部门（协会）”择一办理，一家企业一个批次只办一件。"
                "请继续办理原申报。确需更换渠道的，草稿可以直接更换；已提交、尚未审核通过的，可先撤回，再重新申报。"
            )
    return ""


def why_not_appointed(appointment: Appointment, *, industry_code: str, on: date) -> str:
    """Why an association cannot recommend an enterprise of this class on this day (第五条); empty when it can."""
    name, district = appointment.name, "请改由所在区市主管部门办理。"
    standing = appointment.standing(on=on)
    if standing is Standing.NEVER:
        return f"市工业和信息化局尚未指定{name}办理推荐申报（第五条）。{district}"
    if standing is Standing.AHEAD and appointment.since:
        return f"{name}自{date_text(appointment.since)}起办理推荐申报（第五条），现在还不能选。{district}"
    if standing is Standing.OVER and appointment.until:
        return f"{name}办理推荐申报的指定已于{date_text(appointment.until)}到期（第五条）。{district}"
    if industry_code[:2] not in appointment.divisions:
        return (
            f"{name}只推荐行业内的企业（第五条），贵企业的行业 C{industry_code} 不在其中。{district}"
            "行业登记有误的，请先更正企业信息。"
        )
    return ""
