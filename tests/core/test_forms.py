"""What a form says when something is missing or wrong: the field by its name, and what would be right."""

from datetime import date

import pytest
from django import forms

from accounts.models import Enterprise
from core.fields import LineField, PastDateField, TextField
from core.forms import Form, ModelForm


class Everything(Form):
    name = forms.CharField(label="联系人", max_length=4)
    mode = forms.ChoiceField(label="主要模式", choices=[("1", "定制化服务")])
    quota = forms.IntegerField(label="名额", min_value=1, max_value=20)
    score = forms.DecimalField(label="最低分", min_value=0, max_value=100, max_digits=4, decimal_places=1)
    day = forms.DateField(label="成立日期")
    moment = forms.DateTimeField(label="截止时间")
    email = forms.EmailField(label="邮箱")
    letter = forms.FileField(label="盖章件")
    reason = forms.CharField(label="原因", error_messages={"required": "请写明原因，企业会看到。"})


def said(data: dict[str, str]) -> dict[str, list[str]]:
    return {name: list(map(str, errors)) for name, errors in Everything(data).errors.items()}


def test_what_is_missing_is_named():
    assert said({}) == {
        "name": ["请填写联系人。"],
        "mode": ["请选择主要模式。"],
        "quota": ["请填写名额。"],
        "score": ["请填写最低分。"],
        "day": ["请填写成立日期。"],
        "moment": ["请填写截止时间。"],
        "email": ["请填写邮箱。"],
        "letter": ["请选择盖章件。"],
        "reason": ["请写明原因，企业会看到。"],
    }


def test_what_is_wrong_is_named_with_what_would_be_right():
    wrong = {
        "name": "赵钱孙李周",
        "mode": "9",
        "quota": "0",
        "score": "1.25",
        "day": "昨天",
        "moment": "下午",
        "email": "lin",
        "reason": "因\x00为",
    }
    assert said(wrong) == {
        "name": ["联系人最多 4 字，现为 5 字，请删减。"],
        "mode": ["主要模式中没有这一项，请重新选择。"],
        "quota": ["名额不能小于 1，请核对。"],
        "score": ["最低分最多 1 位小数，请核对。"],
        "day": ["成立日期应为日期，例如 2026-06-30。"],
        "moment": ["截止时间应为日期和时间，例如 2026-06-30 17:00。"],
        "email": ["邮箱格式不对，例如 name@example.com。"],
        "letter": ["请选择盖章件。"],
        "reason": ["原因中有看不见的字符，请重新输入。"],
    }
    assert said({"quota": "三", "score": "高"}) | {} == said({}) | {
        "quota": ["名额应为 1 至 20 的整数。"],
        "score": ["最低分应为数字，例如 66.5。"],
    }


@pytest.mark.parametrize(
    ("typed", "line", "lines"),
    [
        ("威海\r\n精密 设备\x00公司 ", "威海 精密 设备公司", "威海\n精密 设备公司"),
        ("\u200b\ufeff", "", ""),
    ],
)
def test_a_name_is_one_line_and_no_text_holds_invisible_characters(typed, line, lines):
    assert LineField(required=False).clean(typed) == line
    assert TextField(required=False).clean(typed) == lines


class Described(ModelForm):
    founded_on = PastDateField(label="成立日期")

    class Meta:
        model = Enterprise
        fields = ["district", "legal_form", "founded_on"]


@pytest.mark.django_db
def test_a_row_is_asked_for_in_the_same_words():
    form = Described({})
    assert [next(iter(form[name].field.choices)) for name in ("district", "legal_form")] == [
        ("", "请选择")
    ] * 2
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "district": ["请选择所在区市。"],
        "legal_form": ["请选择企业类型。"],
        "founded_on": ["请填写成立日期。"],
    }


def test_a_form_keeps_what_its_fields_say_by_themselves_for_other_forms_too():
    assert said({})["day"] == ["请填写成立日期。"]
    assert forms.DateField(label="成立日期").error_messages["required"] != "请填写成立日期。"
    assert Everything.base_fields["day"].error_messages["required"] != "请填写成立日期。"
    assert Everything({"day": date(2021, 9, 6)}).fields["day"].label == "成立日期"
