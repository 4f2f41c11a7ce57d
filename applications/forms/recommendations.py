"""Forms of a recommendation batch."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from applications.forms.files import CheckedFileField
from applications.models import Application, Recommendation, RecommendationEntry
from core.fields import LineField
from core.forms import Form, ModelForm

# 威荣工信〔2026〕15号: the year in U+3014/3015 brackets, no leading zero.
LETTER_NUMBER = re.compile(r"^\S{1,20}〔\d{4}〕[1-9]\d{0,4}号$")
BRACKETS = str.maketrans("[]（）()【】", "〔〕〔〕〔〕〔〕")


def plain_number(typed: str) -> str:
    """A document's number as official writing has it. Raises ValidationError."""
    number = "".join(typed.split()).translate(BRACKETS)
    if not LETTER_NUMBER.match(number):
        raise forms.ValidationError(
            "文号应为“机关代字〔年份〕序号号”，例如 荣工信〔2026〕15号，序号不加“第”和前导零。"
        )
    return number


class LetterForm(ModelForm):
    class Meta:
        model = Recommendation
        fields = ["letter_number"]
        field_classes = {"letter_number": LineField}
        labels = {"letter_number": "推荐函文号"}
        help_texts = {"letter_number": "例如 荣工信〔2026〕15号"}
        error_messages = {"letter_number": {"required": "请填写推荐函文号。"}}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if last := self._others().order_by("-id").first():
            self.fields["letter_number"].help_text = f"上一份是 {last.letter_number}"

    def clean_letter_number(self) -> str:
        number = plain_number(self.cleaned_data["letter_number"])
        if other := self._others().filter(letter_number=number).select_related("round").first():
            raise forms.ValidationError(
                f"文号“{number}”已用于{other.round}的推荐函（{other.get_state_display()}），一个文号只用一次，请核对。"
            )
        return number

    def _others(self) -> QuerySet[Recommendation]:
        """The agency's other letters."""
        letters = Recommendation.objects.numbered().filter(agency=self.instance.agency)
        return letters.exclude(pk=self.instance.pk)


class EntryForm(Form):
    """One passed case: whether it goes with this letter, at which place, with which remark."""

    chosen = forms.BooleanField(required=False)
    position = forms.IntegerField(
        required=False, min_value=1, max_value=999, error_messages={"invalid": "序号应为整数。"}
    )
    remark = LineField(required=False, max_length=RecommendationEntry._meta.get_field("remark").max_length)

    def __init__(self, *args, application: Application, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = f"case-{application.pk}"
        self.application = application
        name = application.enterprise.name
        for field, word in (("chosen", "列入"), ("position", "序号"), ("remark", "备注")):
            self.fields[field].label = f"{name}的{word}"
            self.fields[field].widget.attrs["aria-label"] = f"{word}：{name}"
        self.fields["position"].widget = forms.TextInput(
            attrs={"class": "form-control", "inputmode": "numeric", "aria-label": f"序号：{name}"}
        )
        self.fields["remark"].widget.attrs["class"] = "form-control"
        self.fields["chosen"].widget.attrs["class"] = "form-check-input"

    def clean(self) -> dict[str, Any]:
        """What stands beside a case that does not go with the letter counts for nothing."""
        said = super().clean() or self.cleaned_data
        if not said.get("chosen"):
            self.errors.clear()
        return said


def chosen_cases(forms_shown: Sequence[EntryForm]) -> list[tuple[Application, str]]:
    """The cases ticked, in the order of their numbers; those without one follow as they stand."""
    ticked = [one for one in forms_shown if one.cleaned_data["chosen"]]
    ticked.sort(key=lambda one: one.cleaned_data["position"] or 1000)
    return [(one.application, one.cleaned_data["remark"]) for one in ticked]


class SealedLetterForm(Form):
    letter = CheckedFileField(
        label="盖章推荐函扫描件",
        help_text="PDF、JPG 或 PNG，不超过 20 MB",
        error_messages={"required": "请选择盖章推荐函的扫描件。"},
    )
