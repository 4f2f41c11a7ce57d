"""A registered tie against the three years of recusal, as one plain drawing with the day it ends."""

from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from policy.dates import date_text
from review.ties import Suspicion


def timeline(found: Suspicion, today: date) -> SafeString:
    """Two bars over the years: the tie with the part inside the window, and the window up to today."""
    tie = found.tie
    first = date(min(tie.started_on.year, found.window_from.year), 1, 1)
    last = date(max((found.free_from or today).year, today.year) + 1, 12, 31)
    span = (last - first).days or 1

    def at(day: date) -> float:
        return min(max((day - first).days / span * 100, 0.0), 100.0)

    end = tie.ended_on or today
    overlap_from = max(tie.started_on, found.window_from)
    years = format_html_join(
        "",
        '<line class="year" x1="{x}%" x2="{x}%" y1="0" y2="52"/><text x="{x}%" dx="4" y="66">{year}</text>',
        ({"x": f"{at(date(year, 1, 1)):.2f}", "year": year} for year in range(first.year, last.year + 1)),
    )
    overlap = SafeString("")
    if found.is_binding:
        overlap = _bar("overlap", at(overlap_from), at(min(end, today)), 6)
    free = SafeString("")
    if found.free_from and found.free_from > today:
        free = format_html('<circle class="free" cx="{}%" cy="13" r="5"/>', f"{at(found.free_from):.2f}")
    words = f"{found.sentence}；三年期间自{date_text(found.window_from)}至{date_text(today)}"
    return format_html(
        '<svg class="tie-timeline" role="img" aria-label="{}">{}{}{}{}{}{}'
        '<line class="today" x1="{now}%" x2="{now}%" y1="0" y2="52"/></svg>',
        words,
        years,
        _bar("tie", at(tie.started_on), at(end), 6),
        overlap,
        _bar("window", at(found.window_from), at(today), 30),
        SafeString(
            _word(tie.get_kind_display(), at(tie.started_on), 18)
            + _word("三年期间", at(found.window_from), 42)
        ),
        free,
        now=f"{at(today):.2f}",
    )


def _bar(name: str, start: float, end: float, y: int) -> SafeString:
    width = max(end - start, 0.6)
    return format_html(
        '<rect class="{}" x="{}%" width="{}%" y="{}" height="15" rx="2"/>',
        name,
        f"{start:.2f}",
        f"{width:.2f}",
        y,
    )


def _word(text: str, start: float, y: int) -> SafeString:
    return format_html('<text class="word" x="{}%" dx="5" y="{}">{}</text>', f"{start:.2f}", y, text)
