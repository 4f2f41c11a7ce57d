"""Pieces about a case: findings, whose turn it is, progress, the actions, days."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from core import clock, wording
from core.pieces.tones import TONE_ICONS, read_value

VERDICT_TONES = {"MET": "met", "UNMET": "unmet", "ATTENTION": "attention", "NOT_COMPUTABLE": "neutral"}
TONE_WORDS = {"met": "符合", "unmet": "未达到", "attention": "需留意", "neutral": "无法计算"}


def _shown(finding: Any) -> dict[str, Any]:
    """A finding with what the page adds: its tone and icon. A frozen one (a mapping) is shown the same way."""
    read = partial(read_value, finding)
    verdict = str(read("verdict", "")).upper()
    tone = VERDICT_TONES.get(verdict, "neutral")
    names = ("key", "clause", "article", "title", "measured", "threshold", "advice", "group", "is_summary")
    label = "待填写" if read("missing", ()) else TONE_WORDS[tone]
    return {name: read(name, "") for name in names} | {"tone": tone, "icon": TONE_ICONS[tone], "label": label}


def finding(finding: Any, short: bool = False, compact: bool = False) -> dict[str, Any]:
    """One finding. `short` leaves the article out of the chip, `compact` makes it one line."""
    return {"finding": _shown(finding), "short": short, "compact": compact}


def findings(
    findings: Iterable[Any], short: bool = False, fold: bool = True, brief: bool = False
) -> dict[str, Any]:
    """All findings: what fails first, a group of which one suffices in its box, met ones folded away.

    `brief` is for a narrow panel: two lines each, a group as its summary alone, a few met ones not folded.
    """
    shown = [_shown(one) for one in findings]
    summaries = {one["group"]: one for one in shown if one["is_summary"]}
    boxes = [
        {
            "summary": summary,
            "badge": (summary["measured"] or summary["label"], summary["icon"], summary["tone"]),
            "members": [one for one in shown if one["group"] == group and not one["is_summary"]],
        }
        for group, summary in summaries.items()
    ]
    single = [one for one in shown if one["group"] not in summaries]
    if brief:
        single, boxes = [one for one in shown if one["is_summary"] or one["group"] not in summaries], []
    by_tone = {tone: [one for one in single if one["tone"] == tone] for tone in TONE_ICONS}
    return {
        "open": [*by_tone["unmet"], *by_tone["neutral"]],
        "attention": by_tone["attention"],
        "boxes": boxes,
        "met": by_tone["met"],
        "short": short,
        "fold": fold,
        "brief": brief,
    }


def whose_turn(
    holder: str,
    doing: str = "办理",
    *,
    since_days: int | None = None,
    deadline: date | datetime | None = None,
    next_step: str = "",
    slim: bool = False,
) -> dict[str, Any]:
    """现在由 X 办理 · 已 3 天 · 截止 …（剩 4 天）; `slim` as plain text for the breadcrumb row."""
    over = deadline is not None and wording.is_over(deadline, clock.now())
    return {
        "holder": holder,
        "doing": doing,
        "since_days": since_days,
        "deadline": deadline,
        "has_time": isinstance(deadline, datetime),
        "over": over,
        "next_step": next_step,
        "slim": slim,
    }


def progress_line(steps: Iterable[Any], label: str = "办理进度") -> dict[str, Any]:
    """Steps of a case or a round: .label .state (done, current, todo) .date .note .left; on a phone one line that unfolds."""
    steps = list(steps)
    current = next(
        (index for index, step in enumerate(steps) if read_value(step, "state") == "current"), None
    )
    return {
        "steps": steps,
        "label": label,
        "number": None if current is None else current + 1,
        "current": None if current is None else steps[current],
        "is_over": bool(steps) and all(read_value(step, "state") == "done" for step in steps),
    }


def day_strip(days: Iterable[Any], label: str = "日历") -> dict[str, Any]:
    """Days in a row: .date .is_working .is_today .is_make_up .counted_number .name .event (all but the first two optional)."""
    shown: list[dict[str, Any]] = []
    month = 0
    for day in days:
        read = partial(read_value, day)
        moment: date = read("date")
        counted, working = read("counted_number"), read("is_working")
        kind = "待定" if working is None else "" if working else "休"
        shown.append(
            {
                "date": moment,
                "month": f"{moment.year}年{moment.month}月" if moment.month != month else "",
                "weekday": wording.WEEKDAYS[moment.weekday()],
                "is_working": working,
                "is_today": read("is_today"),
                "is_make_up": read("is_make_up"),
                "counted": counted,
                "event": read("event"),
                "note": read("event") or (f"第{counted}天" if counted else read("name") or kind),
            }
        )
        month = moment.month
    return {"days": shown, "label": label}


def action_bar(
    options: Mapping[str, Any] | Iterable[Any] = (),
    primary: str = "",
    form: str = "",
    note: str = "",
    note_tone: str = "",
    next_url: str = "",
    next_label: str = "",
) -> dict[str, Any]:
    """Workflow options (core.workflow.options) as buttons: reasons in words at the left, one primary at the right.

    Each button submits the form with the id `form` as name=action, value=the action's name. `next_url` and `next_label` put a
    link in the primary's place, for when something else comes first.
    """
    if next_url:
        primary = ""
    listed = list(options.values() if isinstance(options, Mapping) else options)
    shown = [one for one in listed if getattr(one, "shown", True)]
    return {
        "plain": [one for one in shown if one.name != primary],
        "primary": next((one for one in shown if one.name == primary), None),
        "refused": [one for one in shown if one.reasons],
        "form": form,
        "note": note,
        "note_tone": note_tone,
        "next_url": next_url,
        "next_label": next_label,
    }
