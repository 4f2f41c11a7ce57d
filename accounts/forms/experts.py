from datetime import date
from typing import Any

from django import forms

from accounts.models import Enterprise, ExpertTie
from core import clock
from core.fields import LineField, PastDateField
from core.forms import Form
from core.reasons import ReasonField
from policy.dates import add_years
from policy.fields import CreditCodeField, MobileField
from policy.identifiers import private_number
from policy.models import Industry, IndustryLevel, ServiceMode

YEARS_AHEAD = 3


class NothingPrivate(Form):
    """Refuses what is never collected of an expert."""

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and (number := private_number(value)):
                self.add_error(name, not_collected(number))
        return cleaned


def not_collected(number: str) -> str:
    return f"这里写有{number}。平台不收集专家的身份证号码和银行账号，请删去后再保存。"


class ExpertForm(NothingPrivate):
    """What the pool knows of an expert beside the account."""

    unit = LineField(label="工作单位", max_length=100, help_text="全称；同一单位的专家不会抽到同一组")
    title = LineField(label="职称", max_length=40)
    speciality = LineField(label="专业领域", max_length=100, required=False)
    modes = forms.MultipleChoiceField(label="熟悉的模式", required=False, widget=forms.CheckboxSelectMultiple)
    industries = forms.MultipleChoiceField(
        label="熟悉的行业大类", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        modes = ServiceMode.objects.values_list("code", "name")
        divisions = Industry.objects.filter(level=IndustryLevel.DIVISION).values_list("code", "name")
        self.fields["modes"].choices = list(modes)  # type: ignore[attr-defined]
        self.fields["industries"].choices = [(code, f"{code} {name}") for code, name in divisions]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """As ``accounts.experts.write`` takes them."""
        chosen = ServiceMode.objects.filter(code__in=self.cleaned_data["modes"])
        return {name: self.cleaned_data[name] for name in ExpertForm.base_fields} | {"modes": list(chosen)}


class NewExpertForm(ExpertForm):
    """Somebody whom the pool does not know yet, and how the invitation gets there."""

    name = LineField(label="姓名", max_length=40, help_text="本人接受邀请时用这个姓名建立账号")
    mobile = MobileField(label="手机", max_length=30)
    email = forms.EmailField(
        label="邮箱", max_length=254, required=False, help_text="填写邮箱的，邀请链接会发到这个邮箱"
    )

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "mobile", "email")}


class TieForm(NothingPrivate):
    """One tie of an expert to an enterprise, with its days."""

    kind = forms.ChoiceField(label="类别", choices=ExpertTie.Kind.choices)
    credit_code = CreditCodeField(label="统一社会信用代码")
    organisation = LineField(
        label="单位名称", max_length=100, required=False, help_text="已在平台登记的可以不填"
    )
    post = LineField(
        label="职务或持股",
        max_length=60,
        required=False,
        help_text="亲属关系、有偿咨询的写明是谁、什么事",
    )
    started_on = PastDateField(label="自")
    ended_on = PastDateField(label="至", required=False, help_text="至今的不填；含当日")

    def clean(self) -> dict:
        cleaned = super().clean()
        known = Enterprise.objects.filter(credit_code=cleaned.get("credit_code") or "").first()
        if "credit_code" in cleaned and "organisation" in cleaned and not cleaned["organisation"]:
            if known:
                cleaned["organisation"] = known.name
            else:
                self.add_error("organisation", "请填写单位名称：这个代码还没有在平台登记。")
        start, end = cleaned.get("started_on"), cleaned.get("ended_on")
        if "started_on" in cleaned and start is None:
            self.add_error("started_on", "请填写开始日期，例如 2021-09-06；记不清的填最早可能的一天。")
        if start and end and end < start:
            self.add_error("ended_on", "结束日期早于开始日期，请核对。")
        return cleaned


class TieChangeForm(NothingPrivate):
    """The last day of a tie; or, when it was entered in error, why it is taken back."""

    ended_on = PastDateField(label="结束日期", required=False)
    reason = ReasonField(label="登记有误的，写明原因", required=False, max_length=200)

    def __init__(self, *args: Any, is_wrong: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_wrong = is_wrong

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.is_wrong and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "撤销登记须写明哪里有误，原因会记入办理记录。")
        if not self.is_wrong and "ended_on" in cleaned and cleaned["ended_on"] is None:
            self.add_error("ended_on", "请填写结束日期，例如 2026-06-30。")
        return cleaned


class SuspensionForm(NothingPrivate):
    """From which day an expert is kept out of draws, or can be drawn again, and why."""

    since = PastDateField(label="自", may_be_future=True)
    reason = ReasonField(label="原因", max_length=200)

    def clean_since(self) -> date:
        since, today = self.cleaned_data["since"], clock.today()
        if since is None:
            raise forms.ValidationError("请填写从哪一天起，例如 2026-06-30。")
        if not add_years(today, -YEARS_AHEAD) <= since <= add_years(today, YEARS_AHEAD):
            raise forms.ValidationError(f"日期应在今天前后 {YEARS_AHEAD} 年之内，请核对。")
        return since
