from django import forms

from applications.forms.files import CheckedFileField
from applications.forms.recommendations import plain_number
from applications.uploads import PDF
from core.fields import LineField, LinkField, PastDateField, TextField
from core.forms import Form, ModelForm
from supervision.models import SupportingPolicy


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


class PolicyForm(ModelForm):
    """A supporting policy as its district describes it; the original as a link, a PDF, or both."""

    issued_on = PastDateField(label="印发日期")
    summary = TextField(label="内容摘要", max_length=500, help_text="公众先看到的几句话，最多 500 字")
    support = TextField(
        label="支持内容", max_length=500, help_text="奖补标准、贷款贴息、用地用能等，最多 500 字"
    )
    enterprises = TextField(label="适用企业", max_length=300, help_text="哪些企业可以享受，最多 300 字")
    link = LinkField(
        label="原文链接",
        max_length=300,
        required=False,
        schemes=("https",),
        help_text="只能用 https:// 开头的网址；与上传的 PDF 至少有一项",
    )
    upload = CheckedFileField(label="原文 PDF", allowed=(PDF,), required=False, help_text="PDF，不超过 20 MB")

    class Meta:
        model = SupportingPolicy
        fields = [
            "title",
            "document_number",
            "issued_on",
            "valid_from",
            "valid_until",
            "summary",
            "support",
            "enterprises",
            "link",
        ]
        field_classes = {"title": LineField, "document_number": LineField}
        help_texts = {
            "document_number": "例如 荣政办发〔2026〕12号",
            "valid_until": "含当日；没有规定期限的不填",
        }

    def clean_document_number(self) -> str:
        return plain_number(self.cleaned_data["document_number"])

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("valid_from"), cleaned.get("valid_until")
        if start and end and end < start:
            self.add_error("valid_until", "有效期至的日期早于施行日期，请核对。")
        has_file = cleaned.get("upload") or self.instance.file
        if not has_file and not cleaned.get("link") and not {"link", "upload"} & self.errors.keys():
            self.add_error("link", "请填写原文链接，或者上传原文 PDF，公众要能看到原文。")
        return cleaned
