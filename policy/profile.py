"""An enterprise's facts from one yearly confirmation to the next, as plain values: name of the fact → its words."""

from collections.abc import Mapping
from dataclasses import dataclass

# What a confirmation cannot do without. The production address is left empty where it is the registered one.
REQUIRED = (
    "name",
    "legal_form",
    "founded_on",
    "district",
    "industry",
    "address",
    "legal_representative",
    "employees",
    "contact_name",
    "contact_mobile",
)


@dataclass(frozen=True)
class Change:
    """One fact that is not what it was."""

    name: str
    before: str
    after: str


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """In the order of ``after``. A fact that was not asked for before counts only once it says something."""
    return [
        Change(name, before.get(name, ""), words)
        for name, words in after.items()
        if before.get(name, "") != words
    ]


def missing(facts: Mapping[str, str]) -> list[str]:
    """Names of the facts that have to be filled in before they can be confirmed."""
    return [name for name in REQUIRED if not facts.get(name)]


def name_problem(*, is_holder: bool) -> str:
    """Why the name cannot be corrected in the profile; empty when it can (第二十一条)."""
    if not is_holder:
        return ""
    return (
        "贵企业是示范企业，更名、重组等重大调整应在办理相关手续后30个工作日内通过所在区市主管部门（协会）"
        "报市局备案（第二十一条），不在这里修改。"
    )
