"""Tags and filters of every template (a builtin library); docs/design.md shows each with its parameters."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from core import clock, drawings, icons, wording
from core.pieces import cases, forms
from core.pieces.tones import TONE_ICONS

register = template.Library()

for formatter in (
    wording.cn_date,
    wording.cn_datetime,
    wording.wan,
    wording.number,
    wording.mask_mobile,
    wording.grouped,
    wording.grouped_short,
    wording.file_size,
):
    register.filter(formatter.__name__, formatter)

for draw in (
    drawings.bar,
    drawings.bar_of,
    drawings.stack,
    drawings.pips,
    drawings.sparkline,
    drawings.score_scale,
    drawings.dot_plot,
    drawings.step_dots,
    drawings.periods,
):
    register.simple_tag(draw)

for template_name, piece in (
    ("components/finding.html", cases.finding),
    ("components/findings_list.html", cases.findings),
    ("components/whose_turn.html", cases.whose_turn),
    ("components/progress_line.html", cases.progress_line),
    ("components/day_strip.html", cases.day_strip),
    ("components/action_bar.html", cases.action_bar),
    ("components/field.html", forms.field),
    ("components/error_summary.html", forms.error_summary),
    ("components/segmented.html", forms.segmented),
):
    register.inclusion_tag(template_name)(piece)

register.simple_tag(forms.choice_of)
register.simple_tag(icons.icon, name="icon")
register.simple_tag(icons.symbols, name="icon_symbols")

SOON_DAYS = 3
COUNTED = (("met", "符合"), ("attention", "需留意"), ("unmet", "未达到"))
KEPT = 1024  # pieces drawn once and kept, by type too: what is safe as HTML must not stand in for what is not


@register.filter
def known_as(agency: Any, moment: datetime | None) -> str:
    """The present name of an agency, with that of the moment in brackets when it was another: 新名称（原旧名称）."""
    return agency.known_as(clock.local(moment).date()) if moment else str(agency)


@register.filter
def days_left(deadline: date | datetime | None, at: datetime | None = None) -> str:
    """剩 4 天, against the portal's clock unless an instant is given."""
    return wording.days_left(deadline, at or clock.now())


@register.simple_tag
def remaining(deadline: date | datetime | None) -> SafeString:
    """What is left until a deadline, in amber with a clock when it is near, in red when it is over."""
    if not deadline:
        return format_html('<span class="left">{}</span>', "待定")
    at = clock.now()
    text = wording.days_left(deadline, at)
    if wording.is_over(deadline, at):
        return format_html(
            '<span class="left left-over">{}{}</span>', icons.icon("exclamation-circle-fill"), text
        )
    if wording.days_between(deadline, at) <= SOON_DAYS:
        return format_html('<span class="left left-soon">{}{}</span>', icons.icon("alarm-fill"), text)
    return format_html('<span class="left">{}</span>', text)


@register.simple_tag
def state_badge(state: Sequence[str] | Mapping[str, str] | None, size: str = "") -> SafeString:
    """A state as (word, icon, tone) with tone met, attention, unmet, info or neutral."""
    if not state:
        return SafeString("")
    parts = (state["label"], state["icon"], state["tone"]) if isinstance(state, Mapping) else state
    return _badge(*parts, size)


@lru_cache(maxsize=KEPT, typed=True)
def _badge(word: str, icon: str, tone: str, size: str) -> SafeString:
    css = f"state tone-{tone} state-{size}" if size else f"state tone-{tone}"
    return format_html(
        '<span class="{}">{}<span>{}</span></span>', css, icons.icon(icon or TONE_ICONS[tone]), word
    )


@register.simple_tag
def finding_counts(counts: Mapping[Any, int]) -> SafeString:
    """Three numbers with icons (met, attention, unmet with what cannot be computed) from policy.findings.counts."""
    numbers = {str(verdict).upper(): number for verdict, number in counts.items()}
    unmet = numbers.get("UNMET", 0) + numbers.get("NOT_COMPUTABLE", 0)
    return _finding_counts(numbers.get("MET", 0), numbers.get("ATTENTION", 0), unmet)


@lru_cache(maxsize=KEPT, typed=True)
def _finding_counts(*numbers: int) -> SafeString:
    parts = format_html_join(
        "",
        '<span class="tone-{}{}">{}{}</span>',
        (
            (tone, "" if number else " none", icons.icon(TONE_ICONS[tone], word), number)
            for number, (tone, word) in zip(numbers, COUNTED, strict=True)
        ),
    )
    return format_html('<span class="finding-counts">{}</span>', parts)


@register.simple_tag
def behind(number: int, address: str, nothing: str = "–", **query: Any) -> SafeString:
    """A number that leads to the list behind it, as the query narrows it; ``nothing`` where there is none."""
    if not number:
        return SafeString(escape(nothing))
    where = escape(f"{address}?{urlencode(query)}" if query else address)
    return SafeString(f'<a href="{where}">{number}</a>')


@register.simple_tag
def cells_behind(numbers: Mapping[str, int], address: str, key: str, css: str, **query: Any) -> SafeString:
    """A cell for each number, which leads to the list behind it: narrowed by ``key`` and the number's name, and by the query."""
    where = escape(f"{address}?{urlencode(query | {key: ''})}")
    inside = (
        f'<a href="{where}{escape(name)}">{number}</a>' if number else "–" for name, number in numbers.items()
    )
    return SafeString("".join(f'<td class="{escape(css)}">{one}</td>' for one in inside))


@register.simple_tag
def badge(word: str, tone: str = "neutral", icon: str = "") -> SafeString:
    """A state badge written out in the template."""
    return state_badge((word, icon, tone))


@register.simple_tag
@lru_cache(maxsize=KEPT, typed=True)
def clause(citation: str, article: int | str = "", short: bool = False) -> SafeString:
    """A clause as a chip that opens the text of its article; `short` leaves the article out (第3项（1）)."""
    if not citation:
        return SafeString("")
    match = re.match(r"第[一二三四五六七八九十百]+条", citation)
    text = citation[match.end() :] if short and match and match.end() < len(citation) else citation
    inside = format_html("{}<span>{}</span>", icons.icon("book"), text)
    if article:
        try:
            url = reverse("measure-article", args=[article])
        except NoReverseMatch:
            return format_html('<span class="clause">{}</span>', inside)
        return format_html('<a class="clause" href="{}" data-dialog title="{}">{}</a>', url, citation, inside)
    return format_html('<span class="clause">{}</span>', inside)


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page, unit: str = "件", parameter: str = "page") -> dict[str, Any]:
    """Where in a list one is, with links that keep the filters."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is not None:
        query.pop(parameter, None)
    kept = query.urlencode() if query else ""
    return {
        "page": page,
        "unit": unit,
        "base": f"?{kept}&{parameter}=" if kept else f"?{parameter}=",
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "ellipsis": page.paginator.ELLIPSIS,
    }


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """The address of this page with some parameters changed (None removes one); always back on the first page."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value under a key that stands in a variable."""
    return mapping.get(key)


@register.filter
def key_pairs(text: str) -> list[tuple[str, str]]:
    """ "J 下一件,K 上一件" as pairs of key and word."""
    pairs = (part.strip().partition(" ") for part in text.split(","))
    return [(key, word) for key, _, word in pairs if key]
