from django import forms

from accounts.forms.enterprises import IndustryField
from accounts.models import Agency, Enterprise
from applications import progress
from applications.models import Application
from core.fields import CountField, LineField, PastDateField
from core.forms import ModelForm
from policy.fields import MobileField
from policy.profile import name_problem

REGISTERED = ("name", "legal_form", "founded_on", "industry", "district")


class ProfileForm(ModelForm):
    """The facts of an enterprise. ``locked`` says why those of the licence cannot be changed now, ``name_locked`` why the name."""

    use_required_attribute = False

    name = LineField(label="企业名称", max_length=100, error_messages={"required": "请填写企业名称。"})
    founded_on = PastDateField(label="成立日期")
    industry = IndustryField(
        label="行业（GB/T 4754—2017 小类）",
        max_length=80,
        help_text="填四位代码或名称中的字，例如 3464 或“制冷”",
    )
    address = LineField(label="注册地址", max_length=200, required=False)
    production_address = LineField(
        label="生产经营地址", max_length=200, required=False, help_text="与注册地址相同的可以不填"
    )
    legal_representative = LineField(label="法定代表人", max_length=40, required=False)
    employees = CountField(label="职工人数", unit="人", required=False)
    contact_name = LineField(label="联系人", max_length=40, error_messages={"required": "请填写联系人姓名。"})
    contact_mobile = MobileField(
        label="联系手机",
        error_messages={"required": "请填写联系手机，11 位数字。"},
    )
    contact_email = forms.EmailField(label="联系邮箱", required=False, max_length=254)

    class Meta:
        model = Enterprise
        fields = (
            *REGISTERED,
            "address",
            "production_address",
            "legal_representative",
            "employees",
            "contact_name",
            "contact_mobile",
            "contact_email",
        )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        enterprise = self.instance
        self.fields["district"].queryset = Agency.objects.districts().in_use()  # type: ignore[attr-defined]
        self.name_locked = name_problem(is_holder=enterprise.standing == Enterprise.Standing.HOLDER)
        self.locked = self._why_locked(enterprise)
        for name in REGISTERED:
            self.fields[name].disabled = bool(self.locked or (name == "name" and self.name_locked))

    def clean_founded_on(self):
        if not self.cleaned_data["founded_on"]:
            raise forms.ValidationError("请按营业执照填写成立日期。")
        return self.cleaned_data["founded_on"]

    def clean_district(self) -> Agency:
        district = self.cleaned_data["district"]
        before = Enterprise.objects.select_related("district").get(pk=self.instance.pk).district
        begun = self.instance.applications.filter(state__in=Application.WITH_ENTERPRISE, channel=before)
        if district != before and (application := begun.select_related("round").first()):
            raise forms.ValidationError(
                f"{application.round}的申报正通过{before}办理，改区市前请先提交或撤回这件申报。"
            )
        return district

    @staticmethod
    def _why_locked(enterprise: Enterprise) -> str:
        held: Application | None = (
            enterprise.applications.filter(state__in=progress.WITH_OTHERS)
            .select_related("round", "channel")
            .first()
        )
        if held is None:
            return ""
        return (
            f"{held.round}的申报已提交、正在办理，企业名称、类型、成立日期、行业和区市以提交的为准，现在不能修改。"
            f"登记信息确有变化的，请联系{held.channel}退回补正。"
        )
