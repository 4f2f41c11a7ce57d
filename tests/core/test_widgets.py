"""The controls drawn by the portal are those of Django's templates."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from core.widgets import PortalRenderer

HOSTILE = '"><script>&amp;'


class Sample(forms.Form):
    text = forms.CharField(max_length=20, widget=forms.TextInput(attrs={"data-x": HOSTILE, "disabled": True}))
    off = forms.CharField(widget=forms.TextInput(attrs={"readonly": False}))
    hidden = forms.CharField(widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=0, max_value=9)
    mail = forms.EmailField()
    password = forms.CharField(widget=forms.PasswordInput)
    day = forms.DateField(widget=forms.DateInput)
    moment = forms.DateTimeField(widget=forms.DateTimeInput)
    time = forms.TimeField(widget=forms.TimeInput)
    agreed = forms.BooleanField()
    long = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    one = forms.ChoiceField(choices=[("", "请选择"), ("a", HOSTILE), ("组", [("b", "乙"), ("c", "丙")])])
    many = forms.MultipleChoiceField(choices=[(1, "一"), (2, "二")])
    file = forms.FileField(required=False)


FILLED = {
    "text": HOSTILE,
    "hidden": "0",
    "number": "7",
    "mail": "x",
    "day": "2026-06-30",
    "agreed": "on",
    "long": f"\n两行\n{HOSTILE}",
    "one": "b",
    "many": ["1", "2"],
}


@pytest.mark.parametrize("data", [None, FILLED], ids=["empty", "filled"])
@pytest.mark.parametrize("name", Sample.base_fields)
def test_a_control_is_that_of_django(name, data):
    drawn, expected = (str(Sample(data, renderer=made())[name]) for made in (PortalRenderer, DjangoTemplates))
    assert _plain(drawn) == _plain(expected)
    assert drawn.startswith("<")


def _plain(html: str) -> str:
    """Without the line breaks that Django's templates put between the parts of a list."""
    return html if html.startswith("<textarea") else re.sub(r">\s+<", "><", html)
