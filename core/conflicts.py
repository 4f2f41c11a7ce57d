"""A second writer is told, and sees both texts: nobody's is lost."""

import hashlib
import json
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.typed import texts_of
from core.wording import cn_datetime

TOLD = "同事在您打开这一页之后改过内容，您刚才填的没有保存，仍在页面上。请对照两处不同，改好后再保存。"


class Difference(NamedTuple):
    label: str
    stored: str
    typed: str


def revision_of(form: forms.BaseForm) -> str:
    """A digest of what is stored in the fields of a form, to be compared when it comes back."""
    stored = {name: str(form.get_initial_for_field(field, name)) for name, field in form.fields.items()}
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()


def differences(form: forms.BaseForm, of: str = "") -> list[Difference]:
    """Where what was typed differs from what is stored; ``of`` names the row of a form that stands among others."""
    pairs = [
        Difference(
            f"{of}{form[name].label}",
            _in_words(field, form.get_initial_for_field(field, name)),
            _in_words(field, form[name].value()),
        )
        for name, field in form.fields.items()
    ]
    return [one for one in pairs if one.stored != one.typed]


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return "是" if value else "否"
    if isinstance(field, forms.DateTimeField):
        value = _moment(field, value)
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, list | tuple):
        return "、".join(choices.get(str(one), str(one)) for one in value)
    text = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return choices.get(text, text) if text else ""


def _moment(field: forms.DateTimeField, value: Any) -> Any:
    """An instant on the clock in Weihai, whether it is stored or typed; what is none stays as it was typed."""
    try:
        moment = field.to_python(value)
    except forms.ValidationError:
        return value
    return cn_datetime(moment) if moment else ""


def conflict(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page with what was typed and, beside it, what is stored; a script is told to post by hand to get there."""
    if "autosave" in request.POST:
        plain = "text/plain; charset=utf-8"
        return HttpResponse(TOLD, status=409, content_type=plain, headers={"X-Conflict": "1"})
    messages.error(request, TOLD)
    return render(request, template, context, status=409)


def too_late(request: HttpRequest, told: str, back: str) -> HttpResponse:
    """Nothing can be written any more: what was typed is shown once more, to be copied, with the way to what stands."""
    if "autosave" in request.POST:
        return HttpResponse(told, status=409, content_type="text/plain; charset=utf-8")
    context = {"told": told, "typed": texts_of(request.POST), "back": back}
    return render(request, "core/too_late.html", context, status=409)


def saved(revision: str, at: str) -> HttpResponse:
    return HttpResponse(status=204, headers={"X-Saved-At": at, "X-Revision": revision})
