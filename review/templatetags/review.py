"""What the score matrix has hundreds of, drawn without a template: rows, cells, tabs."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.drawings import dot_plot
from core.icons import icon
from review.matrix import Cell, ExpertColumn, Matrix, Row

register = template.Library()
DROPPED = {
    "high": '<span aria-label="最高，不计">↑</span>',
    "low": '<span aria-label="最低，不计">↓</span>',
}
HERE = ' aria-current="page"'
CURRENT = ' class="current"'
MEAN = '<span class="mean">{}</span>'
UNDECIDED = '<span class="note">待定</span>'
CHAIR = ' <span class="note">组长</span>'


@register.simple_tag
def panel_tabs(panels: Iterable[Any], current: int) -> SafeString:
    """The panels of a round (`pk`, `name`, `case_count`), each with how many cases it has."""
    parts = (
        f'<li><a href="?panel={one.pk}"{HERE if one.pk == current else ""}>{escape(one.name)} {one.case_count}</a></li>'
        for one in panels
    )
    return SafeString("".join(parts))


@register.simple_tag
def matrix_rows(
    matrix: Matrix, rows: Iterable[Row], link: str, chosen_case: int | None, chosen: int | None
) -> SafeString:
    """A row each case; a score leads to its sheet (`link` and the assignment), the dropped and the far are marked."""
    cells, address = _named if matrix.is_wide else _columns, escape(link)
    parts = (
        f'<tr{CURRENT if row.case.pk == chosen_case else ""}><td class="num">{row.rank}</td>'
        f'<th scope="row"><b>{escape(row.case.name)}</b> <span class="side-fact">{escape(row.case.region)}</span></th>'
        f"{cells(row, address, chosen)}"
        f'<td class="num">{MEAN.format(row.mean_text) if row.mean_text else UNDECIDED}</td>'
        f'<td class="num">{row.spread_text}</td><td class="plot">{_plot(row, matrix)}</td><td>{row.grade}</td></tr>'
        for row in rows
    )
    return SafeString("".join(parts))


def _columns(row: Row, link: str, chosen: int | None) -> str:
    return "".join(f'<td class="mid">{_inside(one, link, chosen)}</td>' for one in row.cells)


def _named(row: Row, link: str, chosen: int | None) -> str:
    """The scores of one case side by side, each with the name of its expert."""
    parts = (
        f'<span class="named-score">{escape(one.expert)} {_inside(one, link, chosen)}</span>'
        for one in row.given
    )
    return f"<td>{' '.join(parts)}</td>"


def _plot(row: Row, matrix: Matrix) -> str:
    return dot_plot(row.dots, row.mean, matrix.low, matrix.high) if row.dots else ""


@register.simple_tag
def leaning_rows(columns: Iterable[ExpertColumn]) -> SafeString:
    """The experts of a large panel under each other: on how many cases each is, and the leaning."""
    parts = (
        f"<tr><td>{escape(one.name)}{CHAIR if one.is_chair else ''}</td>"
        f'<td class="num">{one.count}</td>'
        f'<td class="num">{one.leaning_text} <span class="note">{one.leaning_word}</span></td></tr>'
        for one in columns
    )
    return SafeString("".join(parts))


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
