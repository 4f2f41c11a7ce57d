"""Forms that name the field and say what would be right, instead of the framework's own sentences."""

from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH

FRACTIONAL = (forms.DecimalField, forms.FloatField)  # which are kinds of IntegerField
CHOSEN = (forms.ChoiceField, forms.ModelChoiceField, forms.FileField)
# The most particular class comes first.
WRONG_KIND: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateTimeField, "应为日期和时间，例如 2026-06-30 17:00"),
    (forms.DateField, "应为日期，例如 2026-06-30"),
    (forms.TimeField, "应为时间，例如 17:00"),
    (forms.EmailField, "格式不对，例如 name@example.com"),
    (forms.DecimalField, "应为数字，例如 66.5"),
    (forms.IntegerField, "应为整数，例如 46"),
)
DASHES = BLANK_CHOICE_DASH[0][1]
NOT_CHOSEN = "请选择"
UNKNOWN = "中没有这一项，请重新选择。"


class Speaking:
    """Gives every field its sentences before it is first cleaned; what a field says by itself stays.

    No browser is told how long a text may be: it would cut off, without a word, what is pasted.
    """

    fields: dict[str, forms.Field]

    def __getitem__(self, name: str) -> forms.BoundField:
        bound = super().__getitem__(name)  # type: ignore[misc]
        bound.field.widget.attrs.pop("maxlength", None)
        _ask_to_choose(bound.field)
        return bound

    def full_clean(self) -> None:
        for name, field in self.fields.items():
            own = _standard_messages(field)
            for code, sentence in _sentences(field, str(field.label or name)).items():
                if field.error_messages.get(code) == own.get(code):
                    field.error_messages[code] = sentence
        super().full_clean()  # type: ignore[misc]


class Form(Speaking, forms.Form):
    pass


class ModelForm(Speaking, forms.ModelForm):
    pass


def _ask_to_choose(field: forms.Field) -> None:
    """Words instead of the framework's dashes for no choice."""
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = NOT_CHOSEN
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        if BLANK_CHOICE_DASH[0] in choices:
            field.choices = [("", NOT_CHOSEN), *(one for one in choices if one != BLANK_CHOICE_DASH[0])]


def _standard_messages(field: forms.Field) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in reversed(type(field).__mro__):
        found |= getattr(kind, "default_error_messages", {})
    return found


def _sentences(field: forms.Field, label: str) -> dict[str, str]:
    verb = "选择" if isinstance(field, CHOSEN) else "填写"
    wrong = next((words for kind, words in WRONG_KIND if isinstance(field, kind)), "不对，请核对后重新填写")
    if isinstance(field, forms.IntegerField) and not isinstance(field, FRACTIONAL):
        least, most = field.min_value, field.max_value
        wrong = wrong if None in (least, most) else f"应为 {least} 至 {most} 的整数"
    missing = f"请{verb}{label}。"
    sentences = {
        "required": missing,
        "null": missing,
        "invalid": f"{label}{wrong}。",
        "invalid_choice": f"{label}{UNKNOWN}",
        "invalid_pk_value": f"{label}{UNKNOWN}",
        "min_value": f"{label}不能小于 %(limit_value)s，请核对。",
        "max_value": f"{label}不能大于 %(limit_value)s，请核对。",
        "max_digits": f"{label}的位数过多，请核对。",
        "max_whole_digits": f"{label}过大，请核对。",
        "max_decimal_places": f"{label}最多 %(max)s 位小数，请核对。",
        "null_characters_not_allowed": f"{label}中有看不见的字符，请重新输入。",
        "unique": f"{label}已有相同的，请换一个。",
        "empty": f"{label}是空文件（0 字节），请重新选择。",
    }
    if not isinstance(field, forms.FileField):
        sentences["max_length"] = f"{label}最多 %(limit_value)s 字，现为 %(show_value)s 字，请删减。"
    return sentences
