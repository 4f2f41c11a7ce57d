"""What people type into pages and addresses, as it may be used: plain text, words to look for, whole numbers, days."""

import unicodedata
from datetime import date

from django.http import QueryDict

LONGEST_WORDS = 60
LONGEST_NUMBER = 17  # digits; every identifier fits, nothing overflows a column


def plain_text(raw: str, *, lines: bool = False) -> str:
    """What was typed without control and invisible characters; one line unless line breaks are wanted."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return kept if lines else " ".join(kept.split())


def texts_of(posted: QueryDict) -> list[str]:
    """What a person wrote among what a page posted: not its codes and numbers."""
    every = [text for _, texts in posted.lists() for text in texts]
    return [text for text in every if not text.isascii() or len(text.split()) > 1]


def asked_words(text: str | None) -> str:
    """Words that an address asks for: one line, no longer than a name is."""
    return plain_text((text or "")[: LONGEST_WORDS * 4])[:LONGEST_WORDS].strip()


def posted_text(text: str | None) -> str:
    """A reason or an answer in several lines, as long as it was typed: ``too_long`` refuses what its column cannot hold."""
    return plain_text(text or "", lines=True).strip()


def too_long(label: str, text: str, longest: int) -> str:
    """The sentence that refuses a text beyond its column; empty when it fits."""
    if len(text) <= longest:
        return ""
    return f"{label}最多 {longest} 字，现为 {len(text)} 字，请删减 {len(text) - longest} 字。"


def asked_number(text: str | None, otherwise: int = 0) -> int:
    """A whole number that an address or a form names; what is none gives 0, which no row has."""
    digits = (text or "").strip()
    return (
        int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER else otherwise
    )


def asked_day(text: str | None) -> date | None:
    """A day that an address names, as 2026-06-30."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
