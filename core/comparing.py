"""Two texts side by side, with what was removed and what was added marked clause by clause."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

CLAUSE = re.compile(r"[^。；，！？\n]*[。；，！？\n]?")
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Change:
    """One thing in both versions. ``old`` and ``new`` are pieces of text with whether each was removed or added."""

    label: str
    old: Pieces
    new: Pieces


def change(label: str, old: str, new: str) -> Change:
    before_pieces, after_pieces = _pieces(old), _pieces(new)
    matcher = SequenceMatcher(None, before_pieces, after_pieces, autojunk=False)
    before: Pieces = []
    after: Pieces = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        before.append(("".join(before_pieces[i1:i2]), tag != "equal"))
        after.append(("".join(after_pieces[j1:j2]), tag != "equal"))
    return Change(label, [one for one in before if one[0]], [one for one in after if one[0]])


def _pieces(text: str) -> list[str]:
    return [piece for piece in CLAUSE.findall(text) if piece]
