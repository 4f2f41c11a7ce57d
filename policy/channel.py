"""One enterprise, one live application in a round, by one channel: district or association (第十四条)."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy.identifiers import normalise_uscc


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
                "请继续办理原申报；审核通过前确需更换渠道的，可先撤回原申报，再重新申报。"
            )
    return ""
