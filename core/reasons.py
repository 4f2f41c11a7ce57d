"""A reason that somebody else will read and act on has to say something."""

from typing import Any

from django import forms

from core.forms import Form

LEAST = 10


def too_short(text: str) -> str:
    """The sentence that refuses a reason of a few characters; empty when it is long enough."""
    count = len("".join(text.split()))
    return "" if count >= LEAST else f"至少写 {LEAST} 个字，现为 {count} 个字，请写清事实和依据。"


class ReasonField(forms.CharField):
    """Several lines that say why."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = 1000, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (problem := too_short(value)):
            raise forms.ValidationError(f"{self.label}{problem}")


class ReasonForm(Form):
    """Nothing but the reason; ``required`` is the sentence when there is none."""

    reason = ReasonField(label="原因", widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, required: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].error_messages["required"] = required
