"""Forms of what stands on a round's public pages."""

from django import forms

from applications.forms.files import CheckedFileField
from applications.models import RoundQuestion
from applications.uploads import PDF, TEMPLATES
from core.fields import LineField, TextField
from core.forms import Form, ModelForm


class CallFileForm(Form):
    """The issued call as a PDF."""

    file = CheckedFileField(
        label="通知文件（盖章扫描件）",
        allowed=(PDF,),
        help_text="PDF，每份不超过 20 MB，按内容检查",
        error_messages={"required": "请选择通知文件（PDF）。"},
    )


class TemplateForm(Form):
    """A file that enterprises download and fill in."""

    title = LineField(label="模板名称", max_length=60, help_text="例如 申报书模板、三年指标表")
    file = CheckedFileField(
        label="模板文件",
        allowed=TEMPLATES,
        help_text="PDF、DOCX 或 XLSX，每份不超过 20 MB，按内容检查，不能带宏",
        error_messages={"required": "请选择模板文件（PDF、DOCX 或 XLSX）。"},
    )


class QuestionForm(ModelForm):
    class Meta:
        model = RoundQuestion
        fields = ("question", "answer")
        field_classes = {"question": LineField, "answer": TextField}
        widgets = {"answer": forms.Textarea(attrs={"rows": 8})}
        help_texts = {"answer": "引用条文的写明第几条；不写企业和个人的情况"}
