"""The public self-check: what 第十二条 asks, in the fields of the application's own form, of an enterprise that nobody names.

Fields that the application has too carry the names they have there, so that what was typed can be taken into a draft.
"""

from collections.abc import Mapping
from decimal import Decimal

from django import forms

from applications.forms.figures import GridRow, grid_row, refuse_negative
from applications.forms.sections import BasicForm, ServiceUnitForm, conduct_fields, text_of
from applications.models import ConductAnswer
from core.fields import CountField, PastDateField
from core.forms import Form
from policy.eligibility import ApplicantFacts, Incident, LegalForm, ServiceUnitFacts, YearFigures
from policy.fields import AmountField, CreditCodeField
from policy.figures import ROW_BY_KEY, figure_problems
from policy.models import Industry, IndustryLevel
from policy.money import format_amount

LONGEST_READ = 1000
ELSEWHERE = "其他行业"
YES_NO = [("yes", "是"), ("no", "否")]
TRUTH = {"yes": True, "no": False}
Question = ConductAnswer.Question


class SelfCheckForm(Form):
    """Bound to texts by name. Nothing is required: what is empty is told as still to be filled in."""

    use_required_attribute = False

    is_registered_in_weihai = forms.ChoiceField(
        label="在威海市依法注册", choices=YES_NO, widget=forms.RadioSelect
    )
    founded_on = PastDateField(label="成立日期")
    legal_form = forms.ChoiceField(label="企业类型", choices=[("", "请选择"), *LegalForm.choices()])
    industry_code = forms.ChoiceField(label="行业大类（GB/T 4754）")
    is_sound = forms.ChoiceField(
        label=str(BasicForm.base_fields["is_sound"].label), choices=YES_NO, widget=forms.RadioSelect
    )
    credit_code = CreditCodeField(
        label="统一社会信用代码", required=False, help_text="用来核对校验码和是否为企业法人"
    )
    operating_since = PastDateField(
        label="正常经营起始日期", required=False, help_text="成立后过一段时间才经营的填写"
    )
    barred_until = PastDateField(
        label="不得重新申请至", required=False, may_be_future=True, help_text="称号被撤销过的，见撤销决定"
    )
    service_unit_kind = forms.ChoiceField(
        label="专门的服务性部门或公司",
        choices=[("", "请选择"), *ServiceUnitForm.base_fields["service_unit_kind"].choices],  # type: ignore[attr-defined]
    )
    project_count = CountField(label="近三年服务型制造项目数", unit="个", largest=9999)

    def __init__(self, years: tuple[int, int], texts: Mapping[str, str]) -> None:
        super().__init__({name: text[:LONGEST_READ] for name, text in texts.items()}, label_suffix="")
        self.years = years
        for question in Question:
            self.fields |= conduct_fields(question)
            del self.fields[f"{question}_document"]
        del self.fields[f"{Question.INVESTIGATION}_occurred_on"]
        for key, names in self._figure_names().items():
            for year, name in names.items():
                self.fields[name] = AmountField(label=f"{year}年{ROW_BY_KEY[key].label}")
        divisions = Industry.objects.filter(level=IndustryLevel.DIVISION)
        self.fields["industry_code"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((one.code, f"{one.code} {one.name}") for one in divisions),
            (ELSEWHERE, "其他，不属于制造业"),
        ]
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.required = False
                field.error_messages["invalid_choice"] = "请从列出的各项中选择。"

    def _figure_names(self) -> dict[str, dict[int, str]]:
        """By row and year the field's name; the share needs the latest year alone."""
        wanted = {"main_revenue": self.years, "service_revenue": self.years[1:], "total_profit": self.years}
        return {key: {year: f"{key}_{year}" for year in years} for key, years in wanted.items()}

    def clean(self) -> None:
        refuse_negative(self, self.figures())

    def figures(self) -> dict[int, dict[str, Decimal | None]]:
        return {
            year: {
                key: self.cleaned_data.get(names[year])
                for key, names in self._figure_names().items()
                if year in names
            }
            for year in self.years
        }

    def rows(self) -> list[GridRow]:
        problems = figure_problems(self.figures())
        return [
            grid_row(self, key, ROW_BY_KEY[key].label, names, problems)
            for key, names in self._figure_names().items()
        ]

    def questions(self) -> list[dict[str, forms.BoundField | str]]:
        """The three questions of 第十二条第2项, each with its words under the heading 近两年情况 and what is asked
        when something happened."""
        return [
            {"words": question.label.removeprefix("近两年内").removeprefix("发生").removeprefix("有")}
            | {
                part: self[f"{question}_{part}"]
                for part in ("answer", "level", "occurred_on")
                if f"{question}_{part}" in self.fields
            }
            for question in Question
        ]

    def told_beside(self) -> list[forms.BoundField]:
        """The fields that have a place of their own for an error; figures share one a row."""
        figures = {name for names in self._figure_names().values() for name in names.values()}
        return [
            one
            for one in self
            if one.name not in figures and not isinstance(one.field.widget, forms.RadioSelect)
        ]

    def more(self) -> bool:
        """Whether one of the optional fields has something in it."""
        return any(self[name].value() for name in ("credit_code", "operating_since", "barred_until"))

    def facts(self) -> ApplicantFacts:
        value = self.cleaned_data.get
        kind = value("service_unit_kind")
        return ApplicantFacts(
            uscc=value("credit_code") or "",
            legal_form=value("legal_form") or "",
            is_registered_in_weihai=TRUTH.get(value("is_registered_in_weihai") or ""),
            industry_code=value("industry_code") or "",
            founded_on=value("founded_on"),
            operating_since=value("operating_since"),
            declared_sound=TRUTH.get(value("is_sound") or ""),
            accidents=self._incident(Question.ACCIDENTS),
            violations=self._incident(Question.VIOLATIONS),
            investigation=self._incident(Question.INVESTIGATION),
            service_unit=ServiceUnitFacts(kind=kind) if kind else None,
            declared_project_count=value("project_count"),
            figures={year: YearFigures(**row) for year, row in self.figures().items()},
            barred_until=value("barred_until"),
        )

    def _incident(self, question: Question) -> Incident:
        value = self.cleaned_data.get
        return Incident(
            answer=value(f"{question}_answer") or "",
            level=value(f"{question}_level") or "",
            occurred_on=value(f"{question}_occurred_on"),
        )

    def answers(self) -> dict[str, str]:
        """What was filled in and could be read, by name, as the application's form would show it."""
        return {name: text_of(value) for name, value in self.cleaned_data.items() if value not in (None, "")}

    def lines(self) -> list[tuple[str, str]]:
        """The same in words, for paper."""
        return [(str(self.fields[name].label), self._in_words(name)) for name in self.answers()]

    def _in_words(self, name: str) -> str:
        field, value = self.fields[name], self.cleaned_data[name]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices)[value])  # type: ignore[arg-type]
        if isinstance(field, AmountField):
            return f"{format_amount(value)} 万元"
        return text_of(value)
