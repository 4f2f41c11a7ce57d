"""A finding: what one clause says about one case, in words a person can act on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self


class Verdict(StrEnum):
    MET = "MET"
    UNMET = "UNMET"
    ATTENTION = "ATTENTION"
    NOT_COMPUTABLE = "NOT_COMPUTABLE"

    @property
    def label(self) -> str:
        return VERDICT_LABELS[self]


VERDICT_LABELS = {
    Verdict.MET: "符合",
    Verdict.UNMET: "未达到",
    Verdict.ATTENTION: "需留意",
    Verdict.NOT_COMPUTABLE: "无法计算",
}


@dataclass(frozen=True)
class Finding:
    """One conclusion.

    `clause` is cited as printed (第十二条第3项（1）), `article` is the number whose text a page can open.
    `missing` names the facts still to be filled in; such a finding is NOT_COMPUTABLE. Members of a group of
    which one suffices carry its name in `group` and never block alone; the group's summary does.
    """

    key: str
    clause: str
    article: int
    title: str
    verdict: Verdict
    measured: str
    threshold: str
    advice: str
    blocking: bool = True
    group: str = ""
    is_summary: bool = False
    missing: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the case cannot go on because of this."""
        return self.blocking and self.verdict in (Verdict.UNMET, Verdict.NOT_COMPUTABLE)

    @property
    def is_met(self) -> bool:
        return self.verdict is Verdict.MET

    @property
    def label(self) -> str:
        return "待填写" if self.missing else self.verdict.label

    @property
    def sentence(self) -> str:
        """The finding as one plain sentence with its clause, for messages and decision papers."""
        parts = [f"{self.clause} {self.title}：{self.label}"]
        if self.measured:
            parts.append(self.measured)
        if self.threshold:
            parts.append(f"要求{self.threshold}")
        return "，".join(parts) + "。" + self.advice

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, for the snapshot that a submission freezes."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "missing": list(self.missing),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **values,
                "verdict": Verdict(values["verdict"]),
                "missing": tuple(values.get("missing", ())),
            }
        )

    def with_advice(self, advice: str) -> Self:
        return replace(self, advice=advice)


def blocking_findings(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocks]


def counts(findings: Iterable[Finding]) -> dict[Verdict, int]:
    """How many findings have each verdict, summaries of groups left out; every verdict is present."""
    result = dict.fromkeys(Verdict, 0)
    for finding in findings:
        if not finding.is_summary:
            result[finding.verdict] += 1
    return result
