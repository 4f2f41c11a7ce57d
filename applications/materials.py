"""A frozen version as the officer's desk lays it out: sections, files, and the figures that the files must prove."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from applications import reading
from applications.models import FILE, Application, ApplicationVersion, AttachmentKind, Section
from core.wording import wan
from policy.conditions import ConditionSpec, thresholds_of
from policy.figures import computed_rows

LATEST_FACTS = (
    ("main_revenue", "主营业务收入"),
    ("total_profit", "利润总额"),
    ("service_revenue", "服务性收入"),
)
PICTURES = (".jpg", ".jpeg", ".png")
AS_TEXT = (Section.CAPABILITY, Section.NARRATIVE)


@dataclass(frozen=True)
class Sheet:
    """One section: its facts or its texts as lines, or its figures as a table with computed rows."""

    code: str
    label: str
    note: str
    lines: list[reading.Line]
    is_text: bool = False
    table: Mapping[str, Any] | None = None

    icon = "file-earmark-text"

    @property
    def item(self) -> str:
        return self.code

    @property
    def aside(self) -> str:
        return self.note

    @property
    def shown(self) -> str:
        """What the address of the page calls it."""
        return self.code


@dataclass(frozen=True)
class File:
    """One file of the version; ``item`` is its code in a return for correction."""

    pk: int
    item: str
    label: str
    name: str
    note: str
    pages: int | None
    is_picture: bool

    icon = "paperclip"

    @property
    def shown(self) -> str:
        """What the address of the page calls it."""
        return f"{FILE}{self.pk}"

    @property
    def aside(self) -> str:
        return f"{self.pages} 页" if (self.pages or 0) > 1 else ""


def sheets_of(version: ApplicationVersion) -> list[Sheet]:
    """The sections of the 申报书 in order, without the attachments."""
    return [
        _sheet(part, version.snapshot)
        for part in reading.parts_of(version.snapshot, full_contact=True)
        if part.section is not Section.ATTACHMENTS
    ]


def computed_of(
    version: ApplicationVersion, conditions: Iterable[ConditionSpec]
) -> list[tuple[str, list[str]]]:
    """The ratios below the figures, year by year, by the thresholds of the round's measure."""
    figures = reading.figures_of(version.snapshot)
    rows = computed_rows(figures, list(figures), thresholds=thresholds_of(conditions))
    return [(one.label, list(one.values.values())) for one in rows]


def _sheet(part: reading.Part, content: Mapping[str, Any]) -> Sheet:
    section = part.section
    if section is Section.FIGURES:
        return Sheet(section, part.label, "", [], table=reading.figure_table(content))
    note = ""
    if section is Section.PROJECTS:
        note = f"{len(content['projects'])} 个"
    if section is Section.NARRATIVE:
        note = f"{sum(len(''.join(line.value.split())) for line in part.lines):,} 字"
    return Sheet(section, part.label, note, part.lines, is_text=section in AS_TEXT)


def files_of(version: ApplicationVersion) -> list[File]:
    listed = version.snapshot["attachments"]
    kinds = [one["kind"] for one in listed]
    return [
        File(
            pk=one["id"],
            item=f"ATTACHMENTS:{one['kind']}",
            label=(one["name"].rpartition(".")[0] or one["name"])
            if kinds.count(one["kind"]) > 1
            else one["kind_label"].partition("（")[0],
            name=one["name"],
            note=one["project"] or one["kind_label"],
            pages=one["pages"],
            is_picture=one["name"].lower().endswith(PICTURES),
        )
        for one in listed
    ]


def correction_items() -> dict[str, str]:
    """Everything that can be returned for correction: code → label."""
    sections = {one.value: one.label for one in Section if one is not Section.ATTACHMENTS}
    return sections | {f"ATTACHMENTS:{kind.value}": kind.label for kind in AttachmentKind}


def key_figures(application: Application, version: ApplicationVersion) -> list[tuple[str, str]]:
    """The figures that audit reports are compared with, latest year first."""
    figures = reading.figures_of(version.snapshot)
    years = (application.round.latest_year, application.round.latest_year - 1)
    return [
        (f"{label} {year}", wan(figures[year][name]))
        for name, label in LATEST_FACTS
        for year in years
        if year in figures and not (name == "service_revenue" and year != years[0])
    ]


def question_about_unseen(version: ApplicationVersion, seen: set[str], *, confirmed: str) -> str:
    """Asked before a file passes of which nobody has opened the greater part (第十五条); empty when there is nothing to ask.

    ``confirmed`` is how many the person has been told of and passes over.
    """
    every: list[Sheet | File] = [*sheets_of(version), *files_of(version)]
    unseen = sum(one.shown not in seen for one in every)
    if unseen * 2 <= len(every) or confirmed == str(unseen):
        return ""
    return (
        f"{len(every)} 份材料中还有 {unseen} 份没有人打开看过（第十五条要求审核材料的真实性、合规性、有效性）。"
        "已用其他方式核对过的，再点一次“仍然审核通过”；没有核对的，请先打开。"
    )
