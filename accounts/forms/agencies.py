from datetime import date

from django import forms

from accounts.models import Agency
from core import clock
from core.fields import LineField
from core.forms import Form, ModelForm
from core.reasons import ReasonField
from policy.models import Industry, IndustryLevel


class ContactForm(ModelForm):
    """What an agency is reached by, and whether it is in use."""

    class Meta:
        model = Agency
        fields = ["region", "phone", "address", "is_active"]
        field_classes = {"region": LineField, "phone": LineField, "address": LineField}

    def clean_is_active(self) -> bool:
        if self.instance.kind == Agency.Kind.MUNICIPAL and not self.cleaned_data["is_active"]:
            raise forms.ValidationError("市工业和信息化局负责认定和管理（第五条），不能停用。")
        return self.cleaned_data["is_active"]


class AgencyForm(ModelForm):
    """A district bureau or an association that is new here."""

    kind = forms.ChoiceField(
        label="类别",
        choices=[(one.value, one.label) for one in (Agency.Kind.DISTRICT, Agency.Kind.ASSOCIATION)],
    )
    code = forms.SlugField(
        label="代码",
        max_length=12,
        help_text="行政区划代码，或自编的字母、数字、短横线",
        error_messages={"invalid": "代码只能用字母、数字、下划线或短横线。"},
    )

    class Meta:
        model = Agency
        fields = ["kind", "code", "name", "short_name", "region", "phone", "address"]
        field_classes = dict.fromkeys(("name", "short_name", "region", "phone", "address"), LineField)


class AssociationForm(AgencyForm):
    """An association that the bureau guides and is about to appoint (第五条)."""

    kind = None  # type: ignore[assignment]  # what is added here is an association

    class Meta(AgencyForm.Meta):
        fields = ["code", "name", "short_name", "phone", "address"]


class RenameForm(Form):
    """The new name, the day from which it holds, and the document it rests on."""

    name = LineField(label="新名称", max_length=60)
    short_name = LineField(label="新简称", max_length=20)
    since = forms.DateField(label="启用日期", help_text="此日以前的文书仍用原名称")
    ground = ReasonField(label="更名依据", help_text="写明文件名称和文号", max_length=300)

    def __init__(self, *args, agency: Agency, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.agency = agency

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Agency.objects.exclude(pk=self.agency.pk).filter(name=name).exists():
            raise forms.ValidationError(f"名称{name}已有别的单位使用，请核对。")
        return name

    def clean_since(self) -> date:
        since = self.cleaned_data["since"]
        if since > clock.today():
            raise forms.ValidationError("启用日期还没有到，请在启用当日或以后办理更名。")
        if since.year < 2000:
            raise forms.ValidationError("启用日期过早，请核对文件。")
        return since


class AppointmentForm(ModelForm):
    """The days between which an association recommends, and the industries whose enterprises it may recommend (第五条)."""

    industries = forms.TypedMultipleChoiceField(label="推荐的行业大类", widget=forms.CheckboxSelectMultiple)
    appointed_from = forms.DateField(label="指定自")
    ground = ReasonField(label="指定依据", help_text="写明文件名称和文号", max_length=300)

    class Meta:
        model = Agency
        fields = ["industries", "appointed_from", "appointed_until"]
        help_texts = {"appointed_until": "含当日；没有期限的不填"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        divisions = Industry.objects.filter(level=IndustryLevel.DIVISION)
        self.fields["industries"].choices = [(one.code, f"{one.code} {one.name}") for one in divisions]  # type: ignore[attr-defined]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("appointed_from"), cleaned.get("appointed_until")
        if start and end and end < start:
            self.add_error("appointed_until", "指定至的日期早于指定自的日期，请核对。")
        return cleaned
