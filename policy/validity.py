"""第二十五条: a measure is in force between two days, both included; later only by a recorded renewal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
