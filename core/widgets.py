"""The controls of forms drawn without templates: a page with a dozen of them would otherwise spend a tenth of its time there."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString

Widget = Mapping[str, Any]
FOLDER = "django/forms/widgets"
INPUTS = ("input", "text", "hidden", "number", "email", "password", "date", "datetime", "time", "checkbox")


class PortalRenderer(DjangoTemplates):
    """As Django's own, the same HTML; what is not in the table is left to its templates."""

    def render(self, template_name: str, context: dict[str, Any], request=None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """name="value" for each; a name alone for True, nothing for False."""
    return SafeString(
        "".join(
            f" {name}" if value is True else f' {name}="{escape(value)}"'
            for name, value in attributes.items()
            if value is not False
        )
    )


def _input(widget: Widget) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, _attributes(widget["attrs"])
    )


def _textarea(widget: Widget) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        _attributes(widget["attrs"]),
        widget["value"] or "",
    )


def _select(widget: Widget) -> SafeString:
    groups = format_html_join(
        "",
        "{}",
        ((_group(name, options),) for name, options, _ in widget["optgroups"]),
    )
    return format_html(
        '<select name="{}"{}>{}</select>', widget["name"], _attributes(widget["attrs"]), groups
    )


def _group(name: str | None, options: list[Widget]) -> SafeString:
    inside = SafeString("".join(_option(one) for one in options))
    return format_html('<optgroup label="{}">{}</optgroup>', name, inside) if name else inside


def _option(option: Widget) -> str:
    value, attributes, label = escape(option["value"]), _attributes(option["attrs"]), option["label"]
    return f'<option value="{value}"{attributes}>{conditional_escape(label)}</option>'


DRAWN: dict[str, Callable[[Widget], SafeString]] = {
    **{f"{FOLDER}/{name}.html": _input for name in INPUTS},
    f"{FOLDER}/textarea.html": _textarea,
    f"{FOLDER}/select.html": _select,
}
