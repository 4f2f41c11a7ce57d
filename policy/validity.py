"""第二十五条: a measure is in force between two days, both included; later only by a recorded renewal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policy.dates import date_text

CLAUSE = "第二十五条"
LONGEST_YEARS = 10  # from the year of issue; a document never runs longer, and dates stay far from the end of the calendar


@dataclass(frozen=True)
class Renewal:
    """A document that prolongs a measure. It works from the day it was issued, not backwards."""

    document_number: str
    issued_on: date
    valid_until: date


@dataclass(frozen=True)
class Validity:
    """``repealed_from`` is the first day of a successor that begins before the measure would have run out."""

    document_number: str
    effective_from: date
    effective_until: date
    renewals: Sequence[Renewal] = ()
    repealed_from: date | None = None

    @property
    def runs_until(self) -> date:
        """The last day that the measure and its renewals give themselves."""
        return max([self.effective_until, *(renewal.valid_until for renewal in self.renewals)])

    @property
    def last_day(self) -> date:
        """The last day on which anything recorded keeps the measure in force."""
        if self.repealed_from is None:
            return self.runs_until
        return min(self.runs_until, self.repealed_from - timedelta(days=1))


def document_in_force(validity: Validity, *, on: date) -> str:
    """Number of the document under which the measure is in force on that day; empty when it is not."""
    if on > validity.last_day:
        return ""
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
        if validity.repealed_from:
            later = f"；{date_text(validity.repealed_from)}起由接替的办法取代"
        return Standing("有效", "met", f"有效期至{date_text(validity.effective_until)}{later}")
    if on < validity.effective_from:
        return Standing("尚未施行", "info", f"{date_text(validity.effective_from)}起施行，有效期至{last}")
    if validity.repealed_from:
        return Standing("已废止", "unmet", f"{date_text(validity.repealed_from)}起由接替的办法取代")
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
    elif too_far := _why_too_far(issued_on, valid_until):
        problems["valid_until"] = too_far
    return problems


def _why_too_far(issued_on: date, until: date) -> str:
    last_year = issued_on.year + LONGEST_YEARS
    if until.year <= last_year:
        return ""
    return (
        f"有效期最多登记 {LONGEST_YEARS} 年，最晚至{last_year}年12月31日。请核对日期；"
        f"文件写明长期有效的，先登记到这一天，到期前再登记延续（{CLAUSE}）。"
    )


def why_not_dated(
    *,
    issued_on: date,
    effective_from: date,
    effective_until: date,
    on: date,
    before: Validity | None,
    next_from: date | None = None,
    is_repealed: bool = False,
    why_not_repealed: str = "",
) -> dict[str, str]:
    """By field the sentence that refuses the dates of a measure between the one ``before`` it and the one that follows.

    It may begin while the one before would still run, which it then repeals, unless that is refused: ``why_not_repealed``.
    The one that follows may already have repealed it: ``is_repealed``.
    """
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
    elif before and effective_from <= before.last_day and why_not_repealed:
        problems["effective_from"] = why_not_repealed
    if effective_until < effective_from:
        problems["effective_until"] = "有效期至不能早于施行日期，请核对。"
    elif next_from and effective_from >= next_from:
        problems["effective_from"] = f"下一个办法自{date_text(next_from)}起施行，须在它之前施行，请核对日期。"
    elif next_from and effective_until >= next_from and not is_repealed:
        problems["effective_until"] = (
            f"下一个办法自{date_text(next_from)}起施行，有效期最晚至{date_text(next_from - timedelta(days=1))}。"
        )
    elif too_far := _why_too_far(issued_on, effective_until):
        problems["effective_until"] = too_far
    return problems
