"""What a list shows of a version, worked out once when it is frozen, so that no list reads whole versions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policy.findings import Verdict
from policy.rules.company import DECLARED_SOUND

Findings = Sequence[Mapping[str, Any]]


def outline_of(snapshot: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """As JSON keeps it.

    ``counts`` by verdict; the ``verdicts`` that tell this case from others; what stands out first (``problem``); the
    official ``rating``, or an empty text.
    """
    return {
        "counts": counts_by_condition(findings),
        "verdicts": sorted(counts_by_condition(one for one in findings if not _is_declared_by_all(one))),
        "problem": _problem(findings),
        "rating": snapshot["basic"]["efficiency_category"] or "",
    }


def counts_by_condition(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many conditions have each verdict; a group of which one suffices counts as one condition."""
    found: dict[str, int] = {}
    for one in findings:
        if one["is_summary"] or not one["group"]:
            found[one["verdict"]] = found.get(one["verdict"], 0) + 1
    return found


def noted(findings: Findings) -> list[Mapping[str, Any]]:
    """What an officer must see: what is not met, and each group of which one suffices by its summary."""
    settled = _settled_groups(findings)
    return [
        one
        for one in findings
        if one["is_summary"] or (one["verdict"] != Verdict.MET and one["group"] not in settled)
    ]


def _settled_groups(findings: Findings) -> set[str]:
    """Groups of which one member suffices and one is met; what belongs to no group is in none."""
    return {one["group"] for one in findings if one["is_summary"] and one["verdict"] == Verdict.MET}


def _is_declared_by_all(finding: Mapping[str, Any]) -> bool:
    """What every enterprise declares alike, for people to judge, tells cases apart from nothing."""
    return finding["measured"] == DECLARED_SOUND


def _problem(findings: Findings) -> dict[str, Any] | None:
    """What is not met, else what needs attention; a limb of a group that is met as a whole is none."""
    settled = _settled_groups(findings)
    for verdict in (Verdict.UNMET, Verdict.NOT_COMPUTABLE, Verdict.ATTENTION):
        for one in findings:
            if one["verdict"] == verdict and one["group"] not in settled and not _is_declared_by_all(one):
                return {
                    "clause": one["clause"],
                    "article": one["article"],
                    "text": f"{one['title']}：{one['measured']}",
                    "verdict": verdict.value,
                }
    return None
