import unicodedata
from typing import Any

from django import forms

from accounts.forms.people import NewAccountForm
from accounts.models import Agency, Enterprise
from core import clock
from core.fields import LineField
from core.forms import Form
from policy.facts import LegalForm
from policy.fields import CreditCodeField
from policy.identifiers import legal_person_problem
from policy.models import Industry

CANDIDATES_NAMED = 6


class IndustryField(forms.CharField):
    """A class of GB/T 4754 section C by its code, or by words that fit one class only."""

    def clean(self, value: Any) -> Industry | None:
        raw = super().clean(value)
        if not raw:
            return None
        code = unicodedata.normalize("NFKC", raw).strip().upper().removeprefix("C").split(" ")[0]
        found = Industry.objects.classes()
        if exact := found.filter(code=code).first() or found.filter(name=raw.strip()).first():
            return exact
        fitting = list(found.matching(raw)[: CANDIDATES_NAMED + 1])
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            named = "、".join(f"{one.code} {one.name}" for one in fitting[:CANDIDATES_NAMED])
            more = "等" if len(fitting) > CANDIDATES_NAMED else ""
            raise forms.ValidationError(f"符合“{raw}”的小类不止一个：{named}{more}。请填其中一个的四位代码。")
        if code.isdigit():
            raise forms.ValidationError(
                f"“{raw}”不在 GB/T 4754—2017 制造业（门类 C）之内。"
                "申报主体应为制造业企业（第十二条第1项），请填写营业执照所载主业的代码。"
            )
        raise forms.ValidationError(
            f"没有名称含“{raw}”的制造业小类。请换一个词，或填大类的两位代码（例如 24）从所列小类中选。"
        )

    def prepare_value(self, value: Any) -> Any:
        """A row, or the code a model form starts from, is shown with its name."""
        if isinstance(value, str) and len(value) == 4 and value.isdigit():
            value = Industry.objects.filter(pk=value).first() or value
        return f"{value.code} {value.name}" if isinstance(value, Industry) else value


class EnterpriseForm(Form):
    """A new enterprise, with the facts of its licence. ``registered`` is who has the code already, if anybody."""

    credit_code = CreditCodeField(label="统一社会信用代码", max_length=40, help_text="营业执照上的 18 位代码")
    enterprise_name = LineField(label="企业名称", max_length=100, help_text="与营业执照一致")
    legal_form = forms.ChoiceField(label="企业类型", choices=LegalForm.choices)
    founded_on = forms.DateField(label="成立日期", widget=forms.DateInput(attrs={"type": "date"}))
    district = forms.ModelChoiceField(label="所在区市", queryset=Agency.objects.none(), empty_label="请选择")
    industry = IndustryField(
        label="行业（GB/T 4754—2017 小类）",
        max_length=80,
        help_text="填四位代码或名称中的字，例如 3464 或“制冷”",
    )
    association = forms.ModelChoiceField(
        label="账号由谁确认",
        queryset=Agency.objects.none(),
        required=False,
        empty_label="所在区市主管部门",
        help_text="通过行业协会申报的，可以由该协会确认",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.registered: Enterprise | None = None
        active = Agency.objects.in_use()
        self.fields["district"].queryset = active.districts()  # type: ignore[attr-defined]
        self.fields["association"].queryset = active.associations()  # type: ignore[attr-defined]

    def clean_credit_code(self) -> str:
        code = self.cleaned_data["credit_code"]
        if problem := legal_person_problem(code):
            raise forms.ValidationError(problem)
        self.registered = Enterprise.objects.filter(credit_code=code).first()
        if self.registered:
            raise forms.ValidationError(
                f"{code} 已登记为{self.registered.name}，不能重复登记。您是该企业的人员，请申请加入。"
            )
        return code

    def clean_founded_on(self):
        founded_on = self.cleaned_data["founded_on"]
        if founded_on > clock.today():
            raise forms.ValidationError("成立日期在今天之后，请按营业执照填写。")
        return founded_on

    def facts(self) -> dict[str, Any]:
        names = ("credit_code", "legal_form", "founded_on", "district", "association", "industry")
        return {name: self.cleaned_data[name] for name in names} | {
            "name": self.cleaned_data["enterprise_name"]
        }


class RegisterForm(EnterpriseForm, NewAccountForm):
    """An enterprise together with the account of the first person who acts for it."""

    field_order = tuple(EnterpriseForm.declared_fields)


class JoinForm(NewAccountForm):
    """The account of somebody who asks to join an enterprise that is registered."""

    credit_code = forms.CharField(widget=forms.HiddenInput, required=False)
