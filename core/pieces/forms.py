"""Pieces of forms: a field with its label, help and error tied together, segments, the summary of errors."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from core.icons import icon

SELECTED = SafeString(" selected")
SEGMENT = (
    '<input type="radio" class="visually-hidden" name="{}" id="{}" value="{}"{}{}{}>'
    '<label class="segment segment-{}" for="{}">{}{}</label>'
)


def _control(field: BoundField) -> str:
    """Which kind of control a form field is drawn as."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect):  # CheckboxSelectMultiple is one of them
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Select):
        return "select"
    return "textarea" if isinstance(widget, forms.Textarea) else "input"


def _attributes(
    field: BoundField, control: str, described_by: list[str], extra: Mapping[str, Any]
) -> dict[str, Any]:
    widget = field.field.widget
    attributes: dict[str, Any] = {
        "class": {"select": "form-select", "checkbox": "form-check-input"}.get(control, "form-control")
    }
    if field.errors:
        attributes["class"] += " is-invalid"
        attributes["aria-invalid"] = "true"
    if described_by:
        attributes["aria-describedby"] = " ".join(described_by)
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.TimeInput):
        widget.input_type, widget.format = "time", "%H:%M"
    elif isinstance(widget, forms.NumberInput):
        widget.input_type = "text"
        attributes["inputmode"] = "numeric" if type(field.field) is forms.IntegerField else "decimal"
    if control == "textarea":
        attributes["rows"] = widget.attrs.get("rows") if str(widget.attrs.get("rows", "10")) != "10" else "4"
    return attributes | dict(extra)


def _lost(field: BoundField) -> str:
    """The name of a good file that came with a form in which something else is wrong: a browser does not send it again by itself."""
    form = field.form
    given = form.files.get(field.html_name) if form.is_bound and form.errors and not field.errors else None
    return str(given.name) if given else ""


def field(
    field: BoundField,
    label: str = "",
    help: str = "",  # noqa: A002
    unit: str = "",
    size: str = "",
    count: int = 0,
    rows: int = 0,
    placeholder: str = "",
    hide_label: bool = False,
    mark_optional: bool = True,
    live: bool = False,
) -> dict[str, Any]:
    """One form field with label, help and error tied together.

    `unit` stands behind the control, `size` is short, medium or wide, `count` is a soft limit of characters, `rows` the height
    of a text area. `live` keeps a place for the error, so that it can be exchanged while one types.
    """
    control = _control(field)
    note = help or field.help_text
    ids = field.auto_id or field.html_name
    described_by = [f"{ids}_helptext"] if note else []
    described_by += [f"{ids}_error"] if field.errors else []
    described_by += [f"{ids}_count"] if count else []
    extra: dict[str, Any] = {"data-count": count} if count else {}
    extra |= {"rows": rows} if rows else {}
    extra |= {"placeholder": placeholder} if placeholder else {}
    return {
        "field": field,
        "ids": ids,
        "control": control,
        "lost": _lost(field),
        "label": label or field.label,
        "help": note,
        "unit": unit,
        "size": size,
        "count": count,
        "length": len(str(field.value() or "")),
        "hide_label": hide_label,
        "live": live,
        "optional": mark_optional and not field.field.required,
        "described_by": " ".join(described_by),
        "widget": field.as_widget(attrs=_attributes(field, control, described_by, extra))
        if control != "choices"
        else "",
    }


def error_summary(*forms_shown: Any) -> dict[str, Any]:
    """All errors of one or more forms or formsets, each linked to its field and named by it where the sentence does not."""
    entries: list[dict[str, str]] = []
    for shown in forms_shown:
        members = [*shown.forms] if hasattr(shown, "management_form") else [shown]
        entries += [{"anchor": "", "label": "", "text": text} for text in _overall_errors(shown)]
        for form in members:
            for bound in form:
                label = str(bound.label)
                entries += [
                    {"anchor": bound.auto_id, "label": "" if label in text else label, "text": text}
                    for text in bound.errors
                ]
    return {"entries": entries}


def _overall_errors(shown: Any) -> list[str]:
    if hasattr(shown, "management_form"):
        return [*shown.non_form_errors(), *(text for form in shown.forms for text in form.non_field_errors())]
    return [*shown.non_field_errors()]


def _choices(field: BoundField) -> list[tuple[Any, str]]:
    """The choices of a radio field without the empty one."""
    choices: Any = cast(forms.ChoiceField, field.field).choices
    return [one for one in choices if one[0] not in ("", None)]


def segmented(
    field: BoundField, tones: str = "", legend: str = "", keys: str = "", hide_label: bool = True
) -> dict[str, Any]:
    """A radio field as one row of segments.

    `tones` names the tone of each choice in order (met,attention,unmet); without it the chosen one is blue. `keys` names the key
    of each choice for the keyboard (1,2,3).
    """
    tone_names = [part.strip() for part in tones.split(",")] if tones else []
    key_names = [part.strip() for part in keys.split(",")] if keys else []
    marks = {
        "met": "check-lg",
        "attention": "question-lg",
        "unmet": "x-lg",
        "neutral": "pause-fill",
        "sea": "check-lg",
    }
    value = "" if field.value() is None else str(field.value())
    ids = field.auto_id or field.html_name
    disabled = SafeString(" disabled" if field.field.disabled else "")
    segments = []
    for index, (choice, word) in enumerate(_choices(field)):
        tone = tone_names[index] if index < len(tone_names) else "sea"
        key = (
            format_html(' data-key="{}" data-key-word="{}"', key_names[index], word)
            if index < len(key_names)
            else ""
        )
        checked = SafeString(" checked" if str(choice) == value else "")
        own_id, sign = f"{ids}_{index}", icon(marks.get(tone, "check-lg"))
        segments.append((field.html_name, own_id, choice, checked, disabled, key, tone, own_id, sign, word))
    return {
        "field": field,
        "ids": ids,
        "legend": legend or field.label,
        "segments": format_html_join("", SEGMENT, segments),
        "toned": bool(tone_names),
        "hide_label": hide_label,
    }


def choice_of(name: str, label: str, choices: Iterable[Any], chosen: Any = "", every: str = "") -> SafeString:
    """A list to narrow by: pairs of value and word, or rows; ``every`` is the word for not narrowing.

    The chosen value may come from an address; what was not offered chooses nothing.
    """
    offered = [one if isinstance(one, tuple) else (one.pk, one) for one in choices]
    options = "".join(
        f'<option value="{escape(value)}"{SELECTED if str(value) == str(chosen) else ""}>{escape(word)}</option>'
        for value, word in ([("", every)] if every else []) + offered
    )
    return format_html(
        '<select class="form-select" name="{}" aria-label="{}" data-submit-on-change>{}</select>',
        name,
        label,
        SafeString(options),
    )
