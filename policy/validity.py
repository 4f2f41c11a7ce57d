"""第二十五条: a measure is in force between two days, both included; later only by a recorded renewal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policy.dates import date_text

CLAUSE = "第二十五条"


@dataclass(frozen=True)
class Renewal:
    """A document that prolongs a measure. It works from the day it was issued, not backwards."""

    document_number: str
    issued_on: date
    valid_until: date


@dataclass(frozen=True)
class Validity:
    document_number: str
    effective_from: date
    effective_until: date
    renewals: Sequence[Renewal] = ()

    @property
    def last_day(self) -> date:
        """The last day on which anything recorded keeps the measure in force."""
        return max([self.effective_until, *(renewal.valid_until for renewal in self.renewals)])


def document_in_force(validity: Validity, *, on: date) -> str:
    """Number of the document under which the measure is in force on that day; empty when it is not."""
    if validity.effective_from <= on <= validity.effective_until:
        return validity.document_number
    for renewal in sorted(validity.renewals, key=lambda renewal: (renewal.issued_on, renewal.valid_until)):
        if max(renewal.issued_on, validity.effective_from) <= on <= renewal.valid_until:
            return renewal.document_number
    return ""


def why_not_valid(validity: Validity, *, on: date, act: str) -> str:
    """The sentence that refuses `act`; empty when the measure is in force that day."""
    return "" if document_in_force(validity, on=on) else _advice(validity, on=on, act=act)


def why_only_a_trial(validity: Validity, *, on: date) -> str:
    """What people are told when conditions are tried out on a day on which the measure is not in force; else empty."""
    if document_in_force(validity, on=on):
        return ""
    if on < validity.effective_from:
        return (
            f"{validity.document_number}自{date_text(validity.effective_from)}起施行（{CLAUSE}），现在尚未施行。"
            "以下按该办法试算，只供了解。"
        )
    return (
        f"{validity.document_number}有效期至{date_text(validity.last_day)}（{CLAUSE}），已经到期，"
        "目前没有登记延续有效期的文件。以下按到期的办法试算，只供了解；以后的批次以届时有效的办法为准。"
    )


def _advice(validity: Validity, *, on: date, act: str) -> str:
    if on < validity.effective_from:
        return (
            f"{validity.document_number}自{date_text(validity.effective_from)}起施行（{CLAUSE}），"
            f"{date_text(on)}不能据此{act}。请改用当时有效的办法，或更正日期。"
        )
    return (
        f"{validity.document_number}有效期至{date_text(validity.last_day)}（{CLAUSE}），"
        f"{date_text(on)}不能据此{act}。请先登记延续有效期的文件（文号、印发日期、有效期至），或选用新办法。"
    )


@dataclass(frozen=True)
class Standing:
    """How a measure stands on a day: a word with its tone, and the sentence beside it."""

    word: str
    tone: str
    sentence: str


def standing(validity: Validity, *, on: date) -> Standing:
    """In force, renewed, not yet in force or expired on that day, with the document and the dates."""
    document, last = document_in_force(validity, on=on), date_text(validity.last_day)
    if document and document != validity.document_number:
        return Standing("已延续", "met", f"由{document}延续，有效期至{last}")
    if document:
        later = f"；已登记延续至{last}" if validity.renewals else ""
        return Standing("有效", "met", f"有效期至{date_text(validity.effective_until)}{later}")
    if on < validity.effective_from:
        return Standing("尚未施行", "info", f"{date_text(validity.effective_from)}起施行，有效期至{last}")
    return Standing("已到期", "unmet", f"已于{last}到期")


def why_not_renew(
    validity: Validity,
    *,
    issued_on: date,
    valid_until: date,
    measure_issued_on: date,
    on: date,
    next_from: date | None,
) -> dict[str, str]:
    """By field the sentence that refuses to record a renewal; ``next_from`` is the first day of the measure that follows."""
    problems = {}
    if issued_on > on:
        problems["issued_on"] = "印发日期不能晚于今天，请在文件印发后登记。"
    elif issued_on < measure_issued_on:
        problems["issued_on"] = f"印发日期不能早于原办法的印发日期{date_text(measure_issued_on)}。"
    if valid_until <= validity.last_day:
        problems["valid_until"] = f"现有有效期至{date_text(validity.last_day)}，延续后的有效期须晚于这一天。"
    elif next_from and valid_until >= next_from:
        problems["valid_until"] = (
            f"接替的办法自{date_text(next_from)}起施行（{CLAUSE}），有效期不能重叠。"
            f"延续的有效期最晚至{date_text(next_from - timedelta(days=1))}，请核对。"
        )
    elif valid_until < on:
        problems["valid_until"] = (
            f"延续后的有效期至{date_text(valid_until)}，已经过去，登记后仍不能据此办理（{CLAUSE}）。"
            "请核对日期；没有更晚的延续文件的，请登记接替的办法。"
        )
    return problems


def why_not_dated(
    *,
    issued_on: date,
    effective_from: date,
    effective_until: date,
    on: date,
    before: Validity | None,
    next_from: date | None = None,
) -> dict[str, str]:
    """By field the sentence that refuses the dates of a measure between the one ``before`` it and the one that follows."""
    problems = {}
    if issued_on > on:
        problems["issued_on"] = "印发日期不能晚于今天，请在文件印发后登记。"
    if effective_from < issued_on:
        problems["effective_from"] = f"施行日期不能早于印发日期{date_text(issued_on)}，请核对。"
    elif before and effective_from <= before.effective_from:
        problems["effective_from"] = (
            f"{before.document_number}自{date_text(before.effective_from)}起施行，"
            "接替的办法须在它之后施行，请核对日期。"
        )
    elif before and effective_from <= before.last_day:
        problems["effective_from"] = (
            f"{before.document_number}有效期至{date_text(before.last_day)}（{CLAUSE}），同一天不能有两个办法。"
            f"接替的办法最早自{date_text(before.last_day + timedelta(days=1))}起施行，请核对。"
        )
    if effective_until < effective_from:
        problems["effective_until"] = "有效期至不能早于施行日期，请核对。"
    elif next_from and effective_until >= next_from:
        problems["effective_until"] = (
            f"下一个办法自{date_text(next_from)}起施行，有效期最晚至{date_text(next_from - timedelta(days=1))}。"
        )
    return problems
