"""Forms of the bureau's acceptance."""

from django import forms

from core.forms import Form


class SendBackForm(Form):
    reason = forms.CharField(
        label="退回原因",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明退回原因，推荐单位要照此重新审核。"},
    )
