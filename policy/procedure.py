"""第十六条, 第十七条: the Party group approves, then publicity, then announcement, each over the same list.

What was approved, publicised and announced carries one digest, or the difference is explained entry by entry.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from policy.dates import date_text
from policy.deadlines import PublicityWindow


@dataclass(frozen=True)
class ListEntry:
    """One enterprise on a list, known by its credit code."""

    uscc: str
    name: str


@dataclass(frozen=True)
class Approval:
    """The record of the Party-group meeting: its day and the list it passed."""

    held_on: date
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True)
class Publicity:
    window: PublicityWindow
    entries: tuple[ListEntry, ...]


class DifferenceKind(StrEnum):
    ADDED = "ADDED"
    LEFT_OUT = "LEFT_OUT"
    RENAMED = "RENAMED"


@dataclass(frozen=True)
class Difference:
    kind: DifferenceKind
    uscc: str
    text: str


def list_digest(entries: Iterable[ListEntry]) -> str:
    """SHA-256 over codes and names, whatever the order of the list."""
    lines = sorted(f"{entry.uscc}\t{entry.name}" for entry in entries)
    return sha256("\n".join(lines).encode()).hexdigest()


def differences(before: Iterable[ListEntry], after: Iterable[ListEntry]) -> list[Difference]:
    """Entry by entry what `after` adds to, leaves out of or renames in `before`, by credit code."""
    old = {entry.uscc: entry.name for entry in before}
    new = {entry.uscc: entry.name for entry in after}
    found = []
    for uscc in sorted(old.keys() | new.keys()):
        if uscc not in old:
            found.append(Difference(DifferenceKind.ADDED, uscc, f"{new[uscc]}（{uscc}）不在原名单内"))
        elif uscc not in new:
            found.append(Difference(DifferenceKind.LEFT_OUT, uscc, f"{old[uscc]}（{uscc}）未列入"))
        elif old[uscc] != new[uscc]:
            text = f"{old[uscc]}（{uscc}）改列为{new[uscc]}"
            found.append(Difference(DifferenceKind.RENAMED, uscc, text))
    return found


def why_not_publicise(
    approval: Approval | None,
    entries: Collection[ListEntry],
    *,
    on: date,
    explanations: Mapping[str, str] | None = None,
) -> list[str]:
    """Sentences that refuse publicity of `entries` from `on`; empty when it may begin.

    `explanations` gives a reason per credit code for what differs from the approved list. What was never
    approved cannot be explained in.
    """
    if approval is None:
        return [
            "局党组会议审议通过后才能公示（第十六条），尚无会议记录。"
            "请先录入党组会议及逐家决定，再公示审议通过的名单。"
        ]
    if on < approval.held_on:
        return [
            f"公示日期{date_text(on)}早于党组会议日期{date_text(approval.held_on)}（第十六条）。"
            "请将公示日期改为会议当日或之后。"
        ]
    return _unmatched(approval.entries, entries, explanations or {}, earlier="审议通过", later="公示")


def why_not_announce(
    publicity: Publicity | None,
    entries: Collection[ListEntry],
    *,
    on: date,
    open_objections: Collection[str] = (),
    explanations: Mapping[str, str] | None = None,
) -> list[str]:
    """Sentences that refuse the announcement of `entries` on `on`; empty when it may be made.

    `open_objections` are the codes of enterprises with an unsettled objection: they wait, the others do not.
    """
    if publicity is None:
        return ["公示无异议后才能公布（第十七条），尚未公示。请先公示审议通过的名单。"]
    window = publicity.window
    if window.last_day is None:
        return [
            "公示截止日待定：工作日历尚无所涉年度的放假安排，不能公布。"
            "请在国务院办公厅公布安排后补录工作日历。"
        ]
    if not window.has_ended(on=on):
        earliest = f"最早{date_text(window.announcement_from)}公布" if window.announcement_from else ""
        return [f"公示至{date_text(window.last_day)}（含）届满，{earliest}（第十七条）。"]
    reasons = [
        f"{entry.name}的异议尚未办结，不能公布（第十七条）。请先将其从本次名单中暂缓，其余企业不受影响。"
        for entry in entries
        if entry.uscc in open_objections
    ]
    return reasons + _unmatched(publicity.entries, entries, explanations or {}, earlier="公示", later="公布")


def _unmatched(
    before: Collection[ListEntry],
    after: Collection[ListEntry],
    explanations: Mapping[str, str],
    *,
    earlier: str,
    later: str,
) -> list[str]:
    if not after:
        return [f"{later}名单是空的，请至少列入一家{earlier}的企业。"]
    if list_digest(before) == list_digest(after):
        return []
    reasons = []
    for difference in differences(before, after):
        if difference.kind is DifferenceKind.ADDED:
            reasons.append(
                f"{later}名单与{earlier}名单摘要不符：{difference.text}。未经{earlier}的企业不能列入，请移出。"
            )
        elif not explanations.get(difference.uscc, "").strip():
            reasons.append(
                f"{later}名单与{earlier}名单摘要不符：{difference.text}。请改为一致，或逐家写明原因。"
            )
    return reasons
