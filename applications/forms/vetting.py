"""Forms of the district's or association's desk."""

from datetime import datetime, time, timedelta

from django import forms

from applications.conditions import moment_text
from applications.materials import correction_items
from applications.models import CaseNote, CorrectionItem, SavedView, Verdict, VettingOpinion
from core import clock
from core.forms import Form, ModelForm

VERDICTS = ("authenticity", "compliance", "validity")
DEFAULT_CORRECTION_DAYS = 5
CLOSING_TIME = time(17, 0)


class OpinionForm(ModelForm):
    """The three verdicts with what was compared; any of them may still be open."""

    revision = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = VettingOpinion
        fields = [*VERDICTS, *(f"{name}_note" for name in VERDICTS)]
        widgets = dict.fromkeys(VERDICTS, forms.RadioSelect)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in VERDICTS:
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label,
                choices=Verdict.choices,
                required=False,
                widget=forms.RadioSelect,
            )

    def verdicts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class FlagForm(Form):
    """One item to correct with its reason; ``seen`` is the reason that stood there when the page was shown."""

    item = forms.ChoiceField(label="退回的项", choices=lambda: list(correction_items().items()))
    reason = forms.CharField(
        label="原因",
        max_length=CorrectionItem._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"data-key": "f", "data-key-word": "写退回原因"}),
        error_messages={"required": "请写明退回原因，企业要照此补正。"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class NoteForm(ModelForm):
    """A note to the colleagues of the agency."""

    class Meta:
        model = CaseNote
        fields = ["text"]
        widgets = {"text": forms.Textarea}
        error_messages = {"text": {"required": "请写下要告诉同事的话。"}}


class SavedViewForm(ModelForm):
    """The name of a filter that a person keeps; no two of theirs have the same."""

    class Meta:
        model = SavedView
        fields = ["name"]
        error_messages = {"name": {"required": "请给这组筛选起个名字，例如“我经办的存疑件”。"}}

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        same = SavedView.objects.filter(owner=self.instance.owner, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(f"您已有名为“{name}”的常用筛选，请换一个名字。")
        return name


class ReturnForm(Form):
    """Until when the enterprise is to correct: an instant within the channel's own time for vetting."""

    due = forms.DateTimeField(
        label="补正截止",
        widget=forms.DateTimeInput,
        error_messages={
            "required": "请填写补正截止的日期和时间。",
            "invalid": "日期或时间不对，请重新选择。",
        },
    )

    def __init__(self, *args, until: datetime, **kwargs) -> None:
        self.until = until
        super().__init__(*args, **kwargs)

    def clean_due(self) -> datetime:
        due = self.cleaned_data["due"]
        if due <= clock.now():
            raise forms.ValidationError("补正截止须晚于现在，企业才来得及补正。")
        if due > self.until:
            raise forms.ValidationError(f"本单位审核至{moment_text(self.until)}截止，补正截止不能晚于它。")
        return due


def proposed_due(until: datetime) -> datetime:
    """Five days from now at closing time, but half the remaining time when the channel's own end is nearer."""
    now = clock.local(clock.now())
    day = (now + timedelta(days=DEFAULT_CORRECTION_DAYS)).date()
    due = datetime.combine(day, CLOSING_TIME, clock.WEIHAI)
    if due < until:
        return due
    half = clock.local(now + (until - now) / 2)
    closing = datetime.combine(half.date(), CLOSING_TIME, clock.WEIHAI)
    return closing if now < closing <= until else half.replace(second=0, microsecond=0)
