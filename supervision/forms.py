from django import forms

from core.forms import Form


class ConclusionForm(Form):
    """The conclusion of a re-review (第十八条): passed or failed, nothing between."""

    action = forms.ChoiceField(choices=[("pass_re_review", "复核合格"), ("fail_re_review", "复核不合格")])
    note = forms.CharField(
        label="结论说明",
        max_length=500,
        required=False,
        widget=forms.Textarea,
        help_text="不合格的必须写明事实和依据，企业会看到。",
    )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("action") == "fail_re_review" and not cleaned.get("note", "").strip():
            self.add_error("note", "复核不合格须写明事实和依据（第十九条第（二）项），请补充后再提交。")
        return cleaned

    @property
    def passed(self) -> bool:
        return self.cleaned_data["action"] == "pass_re_review"
