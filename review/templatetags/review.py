"""The cells of the score matrix, drawn without a template: a page has hundreds of them."""

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.icons import icon
from review.matrix import Cell

register = template.Library()
DROPPED = {
    "high": '<span aria-label="最高，不计">↑</span>',
    "low": '<span aria-label="最低，不计">↓</span>',
}


@register.simple_tag
def score_cells(cells: Iterable[Cell], link: str, chosen: int | None) -> SafeString:
    """The cells of one row: each score leads to its sheet (`link` and the assignment), the dropped and the far are marked."""
    return SafeString("".join(f'<td class="mid">{_inside(one, escape(link), chosen)}</td>' for one in cells))


@register.simple_tag
def named_scores(cells: Iterable[Cell], link: str, chosen: int | None) -> SafeString:
    """The scores of one case side by side, each with the name of its expert."""
    parts = (
        f'<span class="named-score">{escape(one.expert)} {_inside(one, escape(link), chosen)}</span>'
        for one in cells
    )
    return SafeString(" ".join(parts))


def _inside(cell: Cell, link: str, chosen: int | None) -> str:
    if cell.reading is None:
        return ""
    if cell.total is None:
        return f'<span class="note">{cell.word}</span>'
    points = f'{DROPPED[cell.mark]} <span class="dropped">{cell.points}</span>' if cell.mark else cell.points
    far = f"{icon('exclamation-triangle-fill', '离群')} " if cell.is_outlier else ""
    marks = ' class="far"' if cell.is_outlier else ""
    marks += ' aria-current="true"' if cell.reading.pk == chosen else ""
    return f'<a href="{link}{cell.reading.pk}"{marks}>{far}{points}</a>'
