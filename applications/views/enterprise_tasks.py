"""The lines of the task list: each section, what is missing in words, its state."""

from collections.abc import Collection

from django.urls import reverse

from applications import corrections, reading, versions
from applications.completeness import SectionStatus
from applications.models import Application, CorrectionItem, Section
from policy.findings import Finding

FAULTY = ("需更正", "x-circle-fill", "unmet")
STARTED = ("填写中", "pencil", "attention")
UNTOUCHED = ("未开始", "circle", "neutral")
COMPLETE = ("已完成", "check-circle-fill", "met")
LOCKED = ("已锁定", "lock", "neutral")
OPTIONAL = ("选填", "circle", "neutral")
RETURNED = ("待补正", "arrow-return-left", "attention")
# What is said of a part before it is begun, where the way to do it is not plain.
FIRST_WORDS = {Section.COMMITMENT: "其他部分完成后打印、签字盖章、上传"}
# A section that is complete as a form may still fall short of a clause.
CLAUSE_OF = {Section.PROJECTS: "projects_in_window", Section.SERVICE_UNIT: "service_unit"}


def task_lines(
    application: Application,
    statuses: list[SectionStatus],
    findings: list[Finding],
    opened: Collection[str],
    items: list[CorrectionItem],
) -> list[dict]:
    by_key = {one.key: one for one in findings}
    returned = {corrections.section_of(one) for one in items if not one.answer}
    lines = []
    for status in statuses:
        line = _line(application, status, by_key, status.section in opened)
        if line["badge"] == COMPLETE and status.section in returned:
            line["badge"] = RETURNED
        line["is_done"] = line["badge"] in (COMPLETE, LOCKED, OPTIONAL)
        lines.append(line)
    return lines


def first_open(statuses: list[SectionStatus], opened: Collection[str]) -> dict | None:
    """What to do next: mend what is wrong first, then fill in what is missing."""
    mine = [one for one in statuses if one.section in opened and not one.is_complete]
    wrong = next((one for one in mine if one.faults), None)
    if chosen := wrong or (mine[0] if mine else None):
        return {
            "label": f"{'更正' if chosen.faults else '填写'}{chosen.label}",
            "section": chosen.section.lower(),
        }
    return None


def correction_lines(application: Application, items: list[CorrectionItem]) -> list[dict]:
    """Each returned item with its reason, where to mend it, and what has been changed there since."""
    if not items or application.current_version is None:
        return []
    before = application.current_version.snapshot
    now = versions.plain_snapshot(application, after=before)
    changed = {
        part.section.value: part.changes for part in reading.changes_between(before, now, full_contact=True)
    }
    return [
        {
            "item": item,
            "was": corrections.answer_digest(item.answer),
            "section": corrections.section_of(item).lower(),
            "anchor": corrections.anchor_of(item),
            "changes": changed.get(corrections.section_of(item), []),
        }
        for item in items
    ]


def _line(application: Application, status: SectionStatus, by_key: dict[str, Finding], is_open: bool) -> dict:
    note, tone, badge = _words(status, by_key.get(CLAUSE_OF.get(status.section, "")))
    return {
        "label": status.label,
        "url": reverse("application-section", args=[application.pk, status.section.lower()]),
        "note": note,
        "tone": tone,
        "badge": badge if is_open else LOCKED,
        "is_open": is_open,
        "section": status.section,
    }


def _words(status: SectionStatus, finding: Finding | None) -> tuple[str, str, tuple[str, str, str]]:
    if status.faults:
        more = f"（共 {len(status.faults)} 处）" if len(status.faults) > 1 else ""
        return status.faults[0] + more, "unmet", FAULTY
    if not status.is_started:
        return FIRST_WORDS.get(status.section, "还没有填写"), "", UNTOUCHED
    if status.missing:
        missing = "还缺" + "、".join(status.missing)
        return "，".join(part for part in (status.summary, missing) if part), "", STARTED
    if finding and not finding.is_met:
        return "，".join(part for part in (status.summary, finding.advice) if part), "attention", STARTED
    return status.summary, "", OPTIONAL if status.is_skipped else COMPLETE
