"""Forms of meetings, notices and objections. Sentences of errors say what would be right."""

from datetime import date
from typing import Any

from django import forms

from applications.forms.files import CheckedFileField
from applications.models import Round
from core import clock
from core.fields import LineField
from core.forms import Form, ModelForm
from decisions.models import AgendaItem, Meeting, Objection, PublicNotice
from policy.identifiers import mobile_problem, normalise_mobile

ONE_OF_A_NAME = "本批次已有同名的会议记录，请核对会议名称。"


class MeetingStart(Form):
    round = forms.ModelChoiceField(
        Round.objects.none(), label="批次", error_messages={"required": "请选择批次。"}
    )
    number = LineField(
        label="会议名称",
        max_length=60,
        help_text="例如：2026年第14次局党组会议",
        error_messages={"required": "请填写会议名称，例如“2026年第14次局党组会议”。"},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "round" in data and "number" in data:
            held = Meeting.objects.filter(round=data["round"], number=data["number"])
            if held.filter(state=Meeting.State.CONFIRMED).exists():
                self.add_error("number", ONE_OF_A_NAME)
        return data


class MeetingFacts(ModelForm):
    """Date, place, chair and attendance; everything may wait until the meeting is confirmed."""

    class Meta:
        model = Meeting
        fields = ("number", "held_on", "place", "chaired_by", "recorded_by", "attendance")
        field_classes = dict.fromkeys(("number", "place", "chaired_by", "recorded_by"), LineField)
        widgets = {"attendance": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["form"] = "record"

    def clean_number(self) -> str:
        number = self.cleaned_data["number"]
        others = Meeting.objects.filter(round=self.instance.round_id, number=number)
        if others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(ONE_OF_A_NAME)
        return number


class AgendaDecision(ModelForm):
    class Meta:
        model = AgendaItem
        fields = ("decision", "reason")
        widgets = {"decision": forms.RadioSelect}


class MinutesUpload(Form):
    minutes = CheckedFileField(
        label="会议纪要（签字扫描件）",
        error_messages={"required": "请选择会议纪要的扫描件（PDF、JPG 或 PNG）。"},
    )


class NoticeText(ModelForm):
    """What an officer may change in a draft. Only a publicity has a first day."""

    class Meta:
        model = PublicNotice
        fields = ("title", "number", "starts_on", "body")
        field_classes = {"title": LineField, "number": LineField}
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        error_messages = {
            "title": {"required": "请填写公告标题。"},
            "body": {"required": "公告正文不能为空，可按最新情况重新起草。"},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.kind == PublicNotice.Kind.PUBLICITY:
            self.fields["starts_on"].required = True
            self.fields["starts_on"].error_messages["required"] = "请填写公示开始日期。"
        else:
            del self.fields["starts_on"]

    def clean_starts_on(self) -> date | None:
        """A slip in the year would be counted from, and drawn, in a year that no calendar knows."""
        day = self.cleaned_data["starts_on"]
        if day and abs(day.year - clock.today().year) > 1:
            raise forms.ValidationError(f"公示开始日期在{day.year}年，请核对年份。")
        return day

    def clean_body(self) -> str:
        """Paragraphs are parted by an empty line; a browser ends lines with two characters."""
        return self.cleaned_data["body"].replace("\r\n", "\n")


class ObjectionForm(Form):
    """An objection as the public files it. Without a name it is a lead and asks for the facts alone."""

    kind = forms.ChoiceField(
        label="以什么身份提出",
        choices=[
            (Objection.Kind.PERSON, "个人，署真实姓名"),
            (Objection.Kind.UNIT, "单位，加盖公章"),
            (Objection.Kind.LEAD, "不署名，作为线索"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择以什么身份提出。"},
    )
    name = LineField(
        label="姓名或单位名称",
        max_length=100,
        error_messages={"required": "请填写真实姓名或单位全称；不愿署名的，请选择“不署名，作为线索”。"},
    )
    mobile = forms.CharField(
        label="手机", max_length=20, error_messages={"required": "请填写手机号码，用于核实，不公开。"}
    )
    email = forms.EmailField(
        label="邮箱",
        max_length=254,
        required=False,
        error_messages={"invalid": "邮箱格式不对，例如 name@example.com。"},
    )
    seal_scan = CheckedFileField(
        label="单位盖章件", required=False, help_text="以单位名义提出时必须上传：PDF、JPG 或 PNG，20 MB 以内"
    )
    facts = forms.CharField(
        label="事实和理由",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写明对名单中这家企业的哪一点有异议、依据是什么。请不要在这里写您的姓名和联系方式。",
        error_messages={"required": "请写明事实和理由。"},
    )
    evidence = CheckedFileField(
        label="证据", required=False, help_text="PDF、JPG 或 PNG，20 MB 以内；多份请合并为一个 PDF"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("kind") == Objection.Kind.LEAD:
            self.fields["name"].required = self.fields["mobile"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind in (Objection.Kind.PERSON, Objection.Kind.UNIT):
            self._check_name(data, kind)
        return data

    def _check_name(self, data: dict[str, Any], kind: str) -> None:
        if len(data.get("name", "")) < 2 and "name" not in self.errors:
            self.add_error("name", "请填写真实姓名或单位全称，至少两个字。")
        if "mobile" not in self.errors and (problem := mobile_problem(data.get("mobile", ""))):
            self.add_error("mobile", problem)
        data["mobile"] = normalise_mobile(data.get("mobile", ""))
        if kind == Objection.Kind.UNIT and not data.get("seal_scan") and "seal_scan" not in self.errors:
            self.add_error("seal_scan", "以单位名义提出的异议须加盖公章，请上传盖章件。")


class FollowUp(Form):
    receipt = LineField(
        label="收件号", max_length=24, error_messages={"required": "请填写收件号，例如 YY-2026-003。"}
    )
    code = LineField(label="查询码", max_length=16, error_messages={"required": "请填写提交时给您的查询码。"})


class ObjectionAnswer(ModelForm):
    class Meta:
        model = Objection
        fields = ("answer",)
        widgets = {"answer": forms.Textarea(attrs={"rows": 6})}

    def clean_answer(self) -> str:
        return self.cleaned_data["answer"].replace("\r\n", "\n")
