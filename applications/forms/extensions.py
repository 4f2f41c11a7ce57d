"""The form that puts a deadline of a round off."""

from typing import Any

from django import forms

from accounts.models import Agency, Enterprise
from applications.models import Extension
from core.forms import Form
from core.reasons import ReasonField
from policy.fields import CreditCodeField

ALL, AGENCY, ENTERPRISE = "all", "agency", "enterprise"
NEW_DEADLINE = "请填写新的截止日期和时间。"


class CorrectionExtensionForm(Form):
    """Until when an enterprise may correct, and why; ``seen`` is the date that the page showed."""

    until = forms.DateTimeField(label="延长至", widget=forms.DateTimeInput)
    reason = ReasonField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.DateTimeField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].error_messages["required"] = NEW_DEADLINE
        self.fields["reason"].error_messages["required"] = "请写明延长的原因，企业会看到。"


class ExtensionForm(Form):
    """Which deadline, for whom, until when and why."""

    deadline = forms.ChoiceField(
        label="延长哪个截止", choices=Extension.Deadline.choices, widget=forms.RadioSelect
    )
    scope = forms.ChoiceField(
        label="对谁延长",
        choices=[(ALL, "全部"), (AGENCY, "一个区市或协会"), (ENTERPRISE, "一家企业")],
        widget=forms.RadioSelect,
    )
    agency = forms.ModelChoiceField(
        label="区市或协会",
        queryset=Agency.objects.none(),
        required=False,
        empty_label="请选择",
        help_text="选“一个区市或协会”时填",
    )
    credit_code = CreditCodeField(
        label="企业统一社会信用代码", max_length=40, required=False, help_text="选“一家企业”时填"
    )
    until = forms.DateTimeField(label="延长至", widget=forms.DateTimeInput, help_text="到点即截止")
    reason = ReasonField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = self.fields["agency"]
        assert isinstance(channels, forms.ModelChoiceField)
        channels.queryset = Agency.objects.channels().in_use()
        self.fields["until"].error_messages["required"] = NEW_DEADLINE
        self.fields["reason"].error_messages["required"] = "请写明延长的原因，受影响的单位都会看到。"

    def clean_credit_code(self) -> Enterprise | None:
        code = self.cleaned_data["credit_code"]
        found = Enterprise.objects.filter(credit_code=code).select_related("district").first()
        if code and found is None:
            raise forms.ValidationError(f"没有代码为 {code} 的登记企业，请核对，或请企业先登记。")
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        scope = said.get("scope")
        if said.get("deadline") == Extension.Deadline.CORRECTION and scope not in (None, ENTERPRISE):
            self.add_error("scope", "补正截止逐家延长，请选“一家企业”。")
        if scope == AGENCY and not said.get("agency") and "agency" not in self.errors:
            self.add_error("agency", "请选择要延长的区市或协会。")
        if scope == ENTERPRISE and not said.get("credit_code") and "credit_code" not in self.errors:
            self.add_error("credit_code", "请填写要延长的企业的统一社会信用代码。")
        return said

    def chosen(self) -> dict[str, Any]:
        """For whom, as ``extensions.extend`` takes it: what was typed for another scope counts for nothing."""
        said = self.cleaned_data
        return {
            "agency": said["agency"] if said["scope"] == AGENCY else None,
            "enterprise": said["credit_code"] if said["scope"] == ENTERPRISE else None,
        }
