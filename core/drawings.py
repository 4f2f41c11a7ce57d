"""Small drawings inside tables and panels, as plain SVG that needs neither script nor inline style.

Positions are percentages, so that a drawing takes the width of its place. Each carries its meaning as text for those who
cannot see it; the number itself stands beside it in the page.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

Number = Decimal | float | int

# Bounds of the four bands as shares of a criterion's maximum (不合格, 合格, 良好, 优秀); each is drawn equally wide.
BAND_BOUNDS = (0.0, 0.6, 0.75, 0.9, 1.0)
KEPT = 1024  # drawings of counts recur in every row of a list: drawn once


def _percent(value: float) -> str:
    return f"{min(max(value, 0.0), 100.0):.2f}%"


@lru_cache(maxsize=KEPT, typed=True)
def bar(value: Number | None, maximum: Number, tone: str = "sea", label: str = "") -> SafeString:
    """One bar on its track."""
    share = float(value or 0) / float(maximum) * 100 if maximum else 0
    return format_html(
        '<svg class="bar" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/>'
        '<rect class="fill-{}" width="{}" height="100%"/></svg>',
        label or f"{value or 0} / {maximum}",
        tone,
        _percent(share),
    )


@lru_cache(maxsize=KEPT, typed=True)
def bar_of(done: int, total: int, tone: str = "sea") -> SafeString:
    """A short bar with its numbers beside it, for a cell: 11/12."""
    return format_html('<span class="inline-bar">{}</span>{}/{}', bar(done, total, tone), done, total)


def stack(
    parts: Sequence[tuple[str, Number, str]], maximum: Number | None = None, numbers: bool = False
) -> SafeString:
    """Parts of a whole side by side: (label, value, tone) each. With `maximum` several bars share one scale."""
    shown = [(label, float(value), tone) for label, value, tone in parts if value]
    whole = float(maximum) if maximum else sum(value for _, value, _ in shown)
    drawn, start = [], 0.0
    for label, value, tone in shown:
        width = value / whole * 100 if whole else 0
        drawn.append(
            (tone, _percent(start), _percent(max(width - 0.4, 0.3)), label, f"{value:g}", start + width / 2)
        )
        start += width
    rects = "".join(
        f'<rect class="fill-{escape(tone)}" x="{x}" width="{width}" height="100%"/>'
        for tone, x, width, *_ in drawn
    )
    texts = "".join(
        f'<text class="on-{escape(tone)}" x="{_percent(middle)}" y="50%" dy=".36em" text-anchor="middle">'
        f"{value}</text>"
        for tone, _, _, _, value, middle in drawn
        if numbers
    )
    words = "，".join(f"{label} {value}" for _, _, _, label, value, _ in drawn) or "没有"
    return format_html(
        '<svg class="stack{}" role="img" aria-label="{}">{}{}</svg>',
        " stack-numbers" if numbers else "",
        words,
        SafeString(rects),
        SafeString(texts),
    )


@lru_cache(maxsize=KEPT, typed=True)
def pips(done: int, total: int, tone: str = "sea") -> SafeString:
    """Parts finished, as short strokes: 3 of 5."""
    width = 100 / total if total else 100
    strokes = format_html_join(
        "",
        '<rect class="{}" x="{}" width="{}" height="100%" rx="2"/>',
        (
            (f"fill-{tone}" if index < done else "track", _percent(index * width), _percent(width - 3))
            for index in range(total)
        ),
    )
    return format_html('<svg class="pips" role="img" aria-label="{} / {}">{}</svg>', done, total, strokes)


def sparkline(values: Sequence[Number | None], label: str = "") -> SafeString:
    """The course of a few values; gaps are left out, the last one carries the large dot."""
    known = [(index, float(value)) for index, value in enumerate(values) if value is not None]
    if not known:
        return SafeString("")
    low, high = min(value for _, value in known), max(value for _, value in known)
    spread, steps = (high - low) or 1.0, max(len(values) - 1, 1)
    points = [(4 + index / steps * 64, 16 - (value - low) / spread * 12) for index, value in known]
    dots = format_html_join(
        "", '<circle cx="{}" cy="{}" r="1.6"/>', ((f"{x:.1f}", f"{y:.1f}") for x, y in points[:-1])
    )
    last_x, last_y = points[-1]
    return format_html(
        '<svg class="sparkline" viewBox="0 0 72 20" role="img" aria-label="{}">'
        '<polyline points="{}"/>{}<circle class="last" cx="{}" cy="{}" r="3"/></svg>',
        label or "走势：" + "，".join(f"{value:g}" for _, value in known),
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        dots,
        f"{last_x:.1f}",
        f"{last_y:.1f}",
    )


def step_dots(done: int, total: int, label: str = "") -> SafeString:
    """Steps as dots on a line: those done filled, the next one framed."""
    places = [100 * (index + 0.5) / total for index in range(total)]
    lines = format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="7" y2="7"/>',
        (
            ("reached" if index < done else "ahead", _percent(places[index]), _percent(places[index + 1]))
            for index in range(total - 1)
        ),
    )
    dots = format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="7" r="5"/>',
        (
            ("reached" if index < done else "next" if index == done else "ahead", _percent(place))
            for index, place in enumerate(places)
        ),
    )
    return format_html(
        '<svg class="step-dots" role="img" aria-label="{}">{}{}</svg>',
        label or f"{done} / {total}",
        lines,
        dots,
    )


def periods(
    parts: Sequence[tuple[str, date, date, str]],
    low: date,
    high: date,
    today: date | None = None,
    years: bool = False,
) -> SafeString:
    """Periods against one time line: (label, from, to, tone) each; today is a tick, `years` draws the turns of the years."""
    span = (high - low).days or 1

    def at(day: date) -> float:
        return min(max((day - low).days / span * 100, 0.0), 100.0)

    turns = [date(year, 1, 1) for year in range(low.year, high.year + 1) if low <= date(year, 1, 1) <= high]
    grid = format_html_join(
        "",
        '<line class="turn-of-year" x1="{}" x2="{}" y1="0" y2="100%"/>',
        ((_percent(at(day)), _percent(at(day))) for day in turns),
    )
    names = format_html_join(
        "",
        '<text x="{}" y="100%" dx="3" dy="-3">{}</text>',
        ((_percent(at(day)), day.year) for day in turns if years),
    )
    bars = format_html_join(
        "",
        '<rect class="fill-{}" x="{}" width="{}" y="4" height="12" rx="2"><title>{}</title></rect>',
        (
            (tone, _percent(at(start)), _percent(max(at(end) - at(start), 0.5)), label)
            for label, start, end, tone in parts
        ),
    )
    tick = SafeString("")
    if today:
        tick = format_html(
            '<line class="today" x1="{}" x2="{}" y1="0" y2="20"/>', _percent(at(today)), _percent(at(today))
        )
    words = "；".join(f"{label} {start:%Y-%m-%d} 至 {end:%Y-%m-%d}" for label, start, end, _ in parts)
    return format_html(
        '<svg class="periods{}" role="img" aria-label="{}">{}{}{}{}</svg>',
        " periods-years" if years else "",
        words,
        grid,
        names,
        bars,
        tick,
    )


def _on_bands(value: Number, maximum: Number) -> float:
    """Where a score stands on the scale of four equally wide bands, in percent of its width."""
    share = min(max(float(value) / float(maximum), 0.0), 1.0) if maximum else 0.0
    for index in range(4):
        low, high = BAND_BOUNDS[index], BAND_BOUNDS[index + 1]
        if share <= high:
            return (index + (share - low) / (high - low)) * 25
    return 100.0


BANDS = SafeString(
    "".join(
        f'<rect class="band-{index + 1}" x="{_percent(index * 25)}" y="5" width="24.7%" height="6"/>'
        for index in range(4)
    )
)


def score_scale(
    maximum: Number,
    own: Number | None = None,
    average: Number | None = None,
    others: Sequence[Number] = (),
) -> SafeString:
    """Four equal bands with the own score as a dot, the own average as a tick, own other scores as faint dots."""
    words = []
    marks = format_html_join(
        "",
        '<circle class="other" cx="{}" cy="8" r="3.5"/>',
        ((_percent(_on_bands(one, maximum)),) for one in others),
    )
    if average is not None:
        at = _percent(_on_bands(average, maximum))
        marks += format_html('<line class="average" x1="{}" x2="{}" y1="0" y2="16"/>', at, at)
        words.append(f"均分 {average}")
    if own is not None:
        marks += format_html(
            '<circle class="own" cx="{}" cy="8" r="5.5"/>', _percent(_on_bands(own, maximum))
        )
        words.insert(0, f"得分 {own}")
    label = f"满分 {maximum}，" + ("，".join(words) or "尚未评分")
    return format_html('<svg class="score-scale" role="img" aria-label="{}">{}{}</svg>', label, BANDS, marks)


def dot_plot(
    values: Sequence[tuple[Number, bool]], mean: Number | None, low: Number, high: Number, label: str = ""
) -> SafeString:
    """Scores of one case on a line: (score, counted); those not counted are hollow, the mean is a tick."""
    span = float(high) - float(low) or 1.0

    def place(value: Number) -> str:
        return _percent(4 + (float(value) - float(low)) / span * 92)

    drawn = '<line class="axis" x1="0" x2="100%" y1="8" y2="8"/>'
    if mean is not None:
        drawn += f'<line class="mean" x1="{place(mean)}" x2="{place(mean)}" y1="0" y2="16"/>'
    for value, counted in values:
        kind = "counted" if counted else "dropped"
        drawn += f'<circle class="{kind}" cx="{place(value)}" cy="8" r="3.5"/>'
    words = label or "得分：" + "，".join(f"{value}" for value, _ in values)
    return format_html('<svg class="dot-plot" role="img" aria-label="{}">{}</svg>', words, SafeString(drawn))
