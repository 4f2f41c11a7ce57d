import re
from datetime import datetime

from django import forms
from django.db.models import Count, F

from accounts.models import Expert, User
from accounts.people import municipal_people
from accounts.roles import Role
from applications.models import Application, Round
from core import clock
from core.fields import LineField
from core.forms import Form, ModelForm
from core.reasons import ReasonField
from review.draw import Terms, fields_of
from review.models import Assignment, Panel, PanelCase, Recusal, ScoreSheet, SiteVisit

MOST_MEMBERS = 99
STAY, STEP_ASIDE = "none", "recuse"


class PanelForm(ModelForm):
    """A new panel of a round and the cases it reviews: accepted, and with no panel yet."""

    cases = forms.ModelMultipleChoiceField(
        queryset=Application.objects.none(),
        label="评审的申报",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一件已受理的申报。"},
    )

    class Meta:
        model = Panel
        fields = ["name", "size", "due_at"]
        field_classes = {"name": LineField}
        widgets = {"due_at": forms.DateTimeInput}

    def __init__(self, *args, round_: Round, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.round = round_
        self.fields[
            "size"
        ].help_text = (
            f"不填为 {round_.panel_size} 人，每人评全部；更多的，每件均衡分给其中 {round_.panel_size} 人"
        )
        cases = self.fields["cases"]
        assert isinstance(cases, forms.ModelMultipleChoiceField)
        cases.queryset = waiting_for_panel(round_)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Panel.objects.filter(round=self.instance.round, name=name).exists():
            raise forms.ValidationError(f"本批次已有“{name}”，请换一个名称。")
        return name

    def clean_size(self) -> int | None:
        size, each = self.cleaned_data["size"], self.instance.round.panel_size
        if size is None:
            return None
        if not each <= size <= MOST_MEMBERS:
            raise forms.ValidationError(f"每件由 {each} 人评审，专家人数应在 {each} 至 {MOST_MEMBERS} 之间。")
        if size % 2 == 0:
            raise forms.ValidationError(f"专家人数应为单数，{size} 是双数，请改为 {size - 1} 或 {size + 1}。")
        units = Expert.objects.filter(user__is_active=True).aggregate(count=Count("unit", distinct=True))[
            "count"
        ]
        if size > units:
            raise forms.ValidationError(
                f"每单位最多抽 1 人，专家库现有 {units} 个单位的专家，抽不到 {size} 人，请减少人数或先充实专家库。"
            )
        return size if size > each else None

    def clean_due_at(self):
        due_at = self.cleaned_data["due_at"]
        if due_at <= clock.now():
            raise forms.ValidationError("声明和评分截止须晚于现在，请改为将来的时间。")
        return due_at


def waiting_for_panel(round_: Round):
    """Accepted cases of a round that no panel has yet."""
    return (
        Application.objects.in_round(round_)
        .filter(state=Application.State.ACCEPTED, panel_case=None)
        .select_related("enterprise__district", "main_mode")
        .annotate(version_number=F("current_version__number"))
        .order_by("main_mode__position", "id")
    )


class DrawForm(Form):
    """The conditions of a draw, and who watches it; for another draw of the same panel also why."""

    witness = LineField(label="监督人", max_length=80, help_text="姓名和单位，全程在场")
    reserves = forms.IntegerField(label="候补人数", min_value=0, max_value=9, initial=2)
    most_a_year = forms.IntegerField(
        label="每年最多抽中",
        min_value=1,
        max_value=99,
        required=False,
        help_text="不填为不限",
    )
    covers_fields = forms.BooleanField(
        label="每种主要模式至少抽到一名熟悉的专家", required=False, initial=True
    )
    reason = ReasonField(label="重新抽取的原因", max_length=300, required=False)

    def terms(self, panel: Panel) -> Terms:
        said = self.cleaned_data
        fields = fields_of(panel) if said["covers_fields"] else ()
        return Terms(said["most_a_year"], fields, said["reserves"])


class DueForm(Form):
    due_at = forms.DateTimeField(label="声明和评分截止", widget=forms.DateTimeInput)
    reason = forms.CharField(label="延期原因", max_length=300)

    def clean_due_at(self):
        due_at = self.cleaned_data["due_at"]
        if due_at <= clock.now():
            raise forms.ValidationError("新的截止时间须晚于现在。")
        return due_at


class DeclarationForm(Form):
    """An expert's declaration on one case: none, or which grounds and how."""

    answer = forms.ChoiceField(
        label="声明",
        choices=[(STEP_ASIDE, "有利害关系，回避这一件"), (STAY, "没有利害关系")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择有无利害关系。"},
    )
    grounds = forms.MultipleChoiceField(
        label="情形", choices=Recusal.Ground.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    explanation = forms.CharField(
        label="说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("answer") == STEP_ASIDE:
            if not cleaned.get("grounds"):
                self.add_error("grounds", "请选择至少一种回避情形。")
            if not cleaned.get("explanation", "").strip():
                self.add_error("explanation", "请简要说明情况，如任职时间和职务。")
        elif cleaned.get("grounds"):
            chosen = "、".join(str(Recusal.Ground(one).label) for one in cleaned["grounds"])
            self.add_error(
                "answer", f"您勾选了“{chosen}”，又选择了没有利害关系。请回避，或取消勾选后再声明。"
            )
        return cleaned


class CaseField(forms.ModelChoiceField):
    """A case, called by its enterprise."""

    def label_from_instance(self, obj: PanelCase) -> str:
        return str(obj.application.enterprise)


class ExclusionForm(Form):
    """A conflict of interest that the bureau finds late: whose, in which case, on which grounds."""

    expert = forms.ModelChoiceField(queryset=Expert.objects.none(), label="专家")
    case = CaseField(queryset=PanelCase.objects.none(), label="评审件")
    grounds = forms.MultipleChoiceField(
        label="情形",
        choices=Recusal.Ground.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择至少一种回避情形。"},
    )
    explanation = ReasonField(label="事实和依据", max_length=1000)

    def __init__(self, *args, panel: Panel, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.standing = Assignment.objects.standing().filter(case__panel=panel)
        expert, case = self.fields["expert"], self.fields["case"]
        assert isinstance(expert, forms.ModelChoiceField)
        assert isinstance(case, forms.ModelChoiceField)
        on_it = Expert.objects.filter(pk__in=self.standing.values("expert"))
        expert.queryset = on_it.select_related("user").order_by("user__name", "id")
        case.queryset = panel.cases.select_related("application__enterprise").order_by("id")

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        expert, case = cleaned.get("expert"), cleaned.get("case")
        if expert and case:
            found = self.standing.select_related("sheet", "expert__user").filter(expert=expert, case=case)
            cleaned["assignment"] = assignment = found.first()
            if assignment is None:
                self.add_error("case", f"{expert}没有在评审这一件，请核对专家和评审件。")
            else:
                sheet = getattr(assignment, "sheet", None)
                cleaned["is_in"] = sheet is not None and sheet.state == ScoreSheet.State.SUBMITTED
        return cleaned


class SiteVisitForm(ModelForm):
    """Whether a visit is needed and why; when there was one, its record by two people at least."""

    is_needed = forms.TypedChoiceField(
        label="是否需要现场考察",
        choices=[("yes", "需要考察"), ("no", "不需要")],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        error_messages={"required": "请选择是否需要现场考察。"},
    )

    officers = forms.TypedMultipleChoiceField(
        label="考察组工作人员", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    experts = forms.TypedMultipleChoiceField(
        label="考察组专家", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = SiteVisit
        fields = [
            "is_needed",
            "reason",
            "planned_at",
            "officers",
            "experts",
            "visited_on",
            "place",
            "visitors",
            "received_by",
            "inspected",
            "originals_compared",
            "discrepancies",
            "conclusion",
        ]
        field_classes = dict.fromkeys(("place", "visitors", "received_by"), LineField)
        widgets = {
            "planned_at": forms.DateTimeInput,
            "visited_on": forms.DateInput,
            "reason": forms.Textarea(attrs={"rows": 2}),
            "conclusion": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        conclusion = self.fields["conclusion"]
        assert isinstance(conclusion, forms.ChoiceField)
        conclusion.choices = SiteVisit.Conclusion.choices
        self.fields["reason"].label = "需要或不需要的理由"
        application = self.instance.application
        officers, experts = self.fields["officers"], self.fields["experts"]
        assert isinstance(officers, forms.ChoiceField)
        assert isinstance(experts, forms.ChoiceField)
        officers.choices = [(one.pk, f"{one.name}（{unit}）") for one, unit in officers_for(application)]
        experts.choices = [(one.pk, str(one)) for one in experts_for(application)]
        if self.instance.pk:
            self.initial["is_needed"] = "yes" if self.instance.is_needed else "no"

    def clean_visited_on(self):
        visited_on = self.cleaned_data["visited_on"]
        if visited_on and visited_on > clock.today():
            raise forms.ValidationError("考察日期在将来，请在考察之后填写。")
        return visited_on

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if not cleaned.get("is_needed"):
            return cleaned
        is_recorded = cleaned.get("visited_on") or cleaned.get("conclusion")
        if is_recorded or cleaned.get("planned_at"):
            self._check_team(cleaned)
        if not is_recorded:
            self._check_plan(cleaned.get("planned_at"))
            return cleaned
        wanted = {
            "visited_on": "请填写考察日期。",
            "inspected": "请写明看了什么、见到什么。",
            "originals_compared": "请写明核对了哪些原件、是否一致。",
            "conclusion": "请选择考察结论。",
        }
        for name, sentence in wanted.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        if cleaned.get("conclusion") in ("PARTLY", "FALSE") and not cleaned.get("discrepancies"):
            self.add_error("discrepancies", "结论为不符的，请写明哪里不符。")
        return cleaned

    def _check_plan(self, planned_at: datetime | None) -> None:
        if planned_at and planned_at < clock.now() and "planned_at" in self.changed_data:
            sentence = "计划考察时间已过，请改为将来的时间；已经考察的，填写考察日期和结论。"
            self.add_error("planned_at", sentence)

    def _check_team(self, cleaned: dict) -> None:
        """第十六条: two people at least, one of them an officer."""
        officers, experts = cleaned.get("officers") or [], cleaned.get("experts") or []
        if not officers and "officers" not in self.errors:
            self.add_error("officers", "考察组至少要有一名工作人员，请选择。")
        if len(officers) + len(experts) + len(names_in(cleaned.get("visitors", ""))) < 2:
            also = "、专家" if experts_for(self.instance.application) else ""
            self.add_error("visitors", f"现场考察不少于 2 人，请选择工作人员{also}，或写明其他人的姓名。")


def officers_for(application: Application) -> list[tuple[User, str]]:
    """Who may go on a visit for the bureau; people of the channel, who have no part in the review, are named in words."""
    return [(one, "市局") for one in municipal_people(Role.MUNICIPAL_HANDLER, Role.MUNICIPAL_LEADER)]


def experts_for(application: Application) -> list[Expert]:
    """The experts who review the case and have declared no conflict."""
    on_it = Expert.objects.filter(
        assignments__case__application=application, assignments__state=Assignment.State.CLEAR
    )
    return list(on_it.select_related("user").order_by("assignments__id"))


def names_in(text: str) -> list[str]:
    """The names of a list that a person typed with any of the usual separators."""
    return [name for name in re.split(r"[、，,；;\s]+", text) if name]
