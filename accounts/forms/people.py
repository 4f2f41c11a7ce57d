from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.models import Agency, Expert, Membership, User
from accounts.roles import AGENCY_ROLES, Role
from core.fields import LineField
from core.forms import Form, ModelForm, Speaking
from policy.fields import MobileField


class SignInForm(Speaking, AuthenticationForm):
    """Login name and password; the message never tells which of the two was wrong."""

    username = forms.CharField(
        label="登录名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": "登录名或密码不正确。连续 5 次不正确将锁定 15 分钟。",
        "inactive": "该账号已停用，请联系所在单位的负责人。",
    }


def clean_login(raw: str) -> str:
    login = User.objects.normalise(raw)
    if User.objects.filter(login=login).exists():
        raise forms.ValidationError(f"登录名“{login}”已有人使用，请换一个。")
    return login


class PersonFields(Form):
    """What is asked of every person: no ID-card number, no bank account."""

    name = LineField(label="姓名", max_length=40)
    mobile = MobileField(label="手机", max_length=30)
    email = forms.EmailField(label="邮箱", max_length=254, required=False, help_text="用于接收办理提醒")
    login = forms.SlugField(
        label="登录名",
        max_length=60,
        help_text="字母、数字、下划线或短横线",
        error_messages={"invalid": "登录名只能用字母、数字、下划线或短横线。"},
    )

    def clean_login(self) -> str:
        return clean_login(self.cleaned_data["login"])


class NewAccountForm(PersonFields):
    """An account that a person of an enterprise makes for herself."""

    password = forms.CharField(
        label="密码",
        strip=False,
        help_text="至少 10 个字符，不能只用数字",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    password_again = forms.CharField(
        label="再输一次密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password and cleaned.get("password_again") not in (None, password):
            self.add_error("password_again", "两次输入的密码不一样，请重新输入。")
        if password:
            person = User(login=cleaned.get("login", ""), name=cleaned.get("name", ""))
            try:
                validate_password(password, person)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return cleaned

    def make_account(self) -> User:
        values = self.cleaned_data
        return User.objects.create_user(
            values["login"],
            values["password"],
            name=values["name"],
            mobile=values["mobile"],
            email=values["email"],
        )


class InviteForm(Form):
    """A colleague to be asked, by whatever reaches her."""

    name = LineField(label="姓名", max_length=40, help_text="与本人账号上的姓名一致")
    mobile = MobileField(label="手机", max_length=30, required=False)
    email = forms.EmailField(
        label="邮箱", max_length=254, required=False, help_text="填写邮箱的，链接会同时发到这个邮箱"
    )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("mobile") and not cleaned.get("email"):
            self.add_error("mobile", "手机和邮箱至少填写一项，用来识别受邀人。")
        return cleaned


class OfficerForm(PersonFields):
    """An account for a person of an agency, or for an expert; made by the administrator."""

    role = forms.ChoiceField(
        label="角色",
        choices=[(role.value, role.label) for role in Role if role in AGENCY_ROLES | {Role.EXPERT}],
    )
    agency = forms.ModelChoiceField(
        label="部门或协会",
        queryset=Agency.objects.filter(is_active=True),
        required=False,
        help_text="专家不选",
    )
    unit = LineField(label="工作单位（专家）", max_length=100, required=False)
    title = LineField(label="职称（专家）", max_length=40, required=False)

    MUNICIPAL_ROLES = frozenset(
        {Role.MUNICIPAL_HANDLER, Role.MUNICIPAL_LEADER, Role.AUDITOR, Role.ADMINISTRATOR}
    )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        role, agency = cleaned.get("role", ""), cleaned.get("agency")
        if role == Role.EXPERT:
            if not cleaned.get("unit") or not cleaned.get("title"):
                self.add_error("unit", "请填写专家的工作单位和职称。")
        elif agency is None:
            self.add_error("agency", "请选择所在的部门或协会。")
        elif (role in self.MUNICIPAL_ROLES) != (agency.kind == Agency.Kind.MUNICIPAL):
            self.add_error("agency", f"{Role(role).label}不能设在{agency}。")
        return cleaned

    def save(self) -> User:
        values = self.cleaned_data
        with transaction.atomic():
            user = User.objects.create_user(
                values["login"], None, name=values["name"], mobile=values["mobile"], email=values["email"]
            )
            expert = None
            if values["role"] == Role.EXPERT:
                expert = Expert.objects.create(user=user, unit=values["unit"], title=values["title"])
            Membership.objects.create(
                user=user,
                role=values["role"],
                agency=None if expert else values["agency"],
                expert=expert,
                state=Membership.State.CONFIRMED,
            )
        return user


class PreferencesForm(ModelForm):
    class Meta:
        model = User
        fields = ("email", "wants_mail")
