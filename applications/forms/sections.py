"""Sections of the 申报书 as drafts: an empty field is not wrong, what cannot be taken is kept and shown again.

Every section is a flat form over texts as a browser posts them, so that what stands, what was typed and what somebody else
typed can be compared field by field (see ``applications.drafts``).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.db import models
from django.utils.datastructures import MultiValueDict

from applications.completeness import NARRATIVE_PARTS
from applications.models import Application, ConductAnswer, Section
from core.fields import CountField, LineField, PastDateField, TextField
from core.forms import Form
from policy.facts import AccidentLevel, Answer, ServiceUnitKind
from policy.fields import CreditCodeField, MobileField, ShareField
from policy.models import ServiceMode
from policy.money import format_amount

Texts = dict[str, list[str]]


class SectionForm(Form):
    """A section bound to texts. ``store`` writes the fields that are valid; the others stay in ``errors``."""

    section: ClassVar[Section]
    use_required_attribute = False

    def __init__(self, application: Application, texts: Mapping[str, list[str]]) -> None:
        self.application = application
        self.texts: MultiValueDict[str, str] = MultiValueDict(dict(texts))
        super().__init__(self.texts, label_suffix="")

    def full_clean(self) -> None:
        """Required fields are marked as such but may be empty in a draft."""
        required = [field for field in self.fields.values() if field.required]
        for field in required:
            field.required = False
        super().full_clean()
        for field in required:
            field.required = True

    @classmethod
    def stored(cls, application: Application) -> Texts:
        """What stands in the section, as a browser would post it."""
        raise NotImplementedError

    def store(self) -> None:
        raise NotImplementedError

    def rejected(self) -> dict[str, dict[str, Any]]:
        """What could not be taken: by field the texts as typed, and why."""
        return {
            name: {
                "typed": self.texts.getlist(name),
                "why": "".join(errors),
            }
            for name, errors in ((name, map(str, errors)) for name, errors in self.errors.items())
            if name in self.fields
        }

    def _store_on_application(self, names: Iterable[str]) -> None:
        valid = [name for name in names if name in self.cleaned_data]
        for name in valid:
            setattr(self.application, name, self.cleaned_data[name])
        self.application.save(update_fields=valid)


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return format_amount(value) if isinstance(value, Decimal) else str(value)


def texts_of(application: Application, names: Iterable[str]) -> Texts:
    return {name: [text_of(getattr(application, name))] for name in names}


class BasicForm(SectionForm):
    section = Section.BASIC
    own_fields = ("operating_since", "contact_name", "contact_mobile", "contact_email")

    main_mode = forms.ChoiceField(label="主要模式", widget=forms.RadioSelect)
    other_modes = forms.MultipleChoiceField(
        label="其他模式", required=False, widget=forms.CheckboxSelectMultiple
    )
    operating_since = PastDateField(label="正常经营起始日期", help_text="成立后即正常经营的，填成立日期")
    is_sound = forms.ChoiceField(
        label="组织机构健全，财务状况良好",
        choices=[("yes", "是，有审计报告佐证"), ("no", "否")],
        widget=forms.RadioSelect,
    )
    contact_name = LineField(label="联系人", max_length=40)
    contact_mobile = MobileField(label="联系手机", help_text="只供办理使用，不对外公布")
    contact_email = forms.EmailField(label="联系邮箱", required=False, max_length=254)

    def __init__(self, application: Application, texts: Mapping[str, list[str]]) -> None:
        super().__init__(application, texts)
        modes = [(str(mode.pk), mode.name) for mode in ServiceMode.objects.all()]
        for name in ("main_mode", "other_modes"):
            self.fields[name].choices = modes  # type: ignore[attr-defined]
        for question in ConductAnswer.Question:
            self.fields |= conduct_fields(question)

    @classmethod
    def stored(cls, application: Application) -> Texts:
        texts = texts_of(application, (*cls.own_fields, "is_sound"))
        texts["main_mode"] = [text_of(application.main_mode_id)]
        texts["other_modes"] = [str(mode.pk) for mode in application.other_modes.all()]
        answers = {one.question: one for one in application.conduct_answers.all()}
        for question in ConductAnswer.Question:
            for part in ("answer", "level", "occurred_on", "document"):
                texts[f"{question}_{part}"] = [text_of(getattr(answers.get(question), part, None))]
        return texts

    def clean(self) -> None:
        for question in ConductAnswer.Question:
            parts = [f"{question}_{part}" for part in ("level", "occurred_on", "document")]
            if not self.cleaned_data.get(f"{question}_answer"):
                for name in parts:
                    if self.cleaned_data.get(name):
                        self.add_error(name, "请先在上面选择“没有”“有”或“尚未结论”。")

    def store(self) -> None:
        self._store_on_application(self.own_fields)
        values = self.cleaned_data
        if "main_mode" in values:
            self.application.main_mode_id = int(values["main_mode"]) if values["main_mode"] else None
        if "is_sound" in values:
            self.application.is_sound = {"yes": True, "no": False}.get(values["is_sound"])
        self.application.save(update_fields=["main_mode", "is_sound"])
        if "other_modes" in values:
            others = {int(pk) for pk in values["other_modes"]} - {self.application.main_mode_id}
            self.application.other_modes.set(others)
        for question in ConductAnswer.Question:
            self._store_conduct(question)

    def _store_conduct(self, question: ConductAnswer.Question) -> None:
        parts = {
            part: self.cleaned_data[f"{question}_{part}"]
            for part in ("answer", "level", "occurred_on", "document")
            if f"{question}_{part}" in self.cleaned_data
        }
        answers = self.application.conduct_answers.filter(question=question)
        if not parts.get("answer"):
            if "answer" in parts:
                answers.delete()
            return
        self.application.conduct_answers.update_or_create(question=question, defaults=parts)

    def questions(self) -> list[dict[str, Any]]:
        """The three questions of 第十二条第2项, each with its fields, as the page shows them."""
        return [
            {
                part: self[f"{question}_{part}"]
                for part in ("answer", "level", "occurred_on", "document")
                if f"{question}_{part}" in self.fields
            }
            | {"is_open": bool(self[f"{question}_answer"].value() not in ("", None, Answer.NONE.value))}
            for question in ConductAnswer.Question
        ]


def conduct_fields(question: ConductAnswer.Question) -> dict[str, forms.Field]:
    words = {"INVESTIGATION": [("NONE", "没有"), ("PENDING", "有，正在接受审查")]}
    fields: dict[str, forms.Field] = {
        f"{question}_answer": forms.ChoiceField(
            label=question.label, choices=words.get(question, Answer.choices()), widget=forms.RadioSelect
        )
    }
    if question == ConductAnswer.Question.ACCIDENTS:
        fields[f"{question}_level"] = forms.ChoiceField(
            label="事故等级",
            choices=[("", "请选择"), *AccidentLevel.choices()],
            required=False,
            help_text="以调查结论为准",
        )
    fields[f"{question}_occurred_on"] = PastDateField(label="日期", required=False)
    fields[f"{question}_document"] = LineField(
        label="文书名称和文号", max_length=120, required=False, help_text="例如调查报告、处罚决定书"
    )
    return fields


class ServiceUnitForm(SectionForm):
    section = Section.SERVICE_UNIT
    names = (
        "service_unit_kind",
        "service_unit_name",
        "service_unit_established_on",
        "service_unit_headcount",
        "service_unit_credit_code",
        "service_unit_share",
    )

    service_unit_kind = forms.ChoiceField(
        label="形式", choices=ServiceUnitKind.choices(), widget=forms.RadioSelect
    )
    service_unit_name = LineField(label="名称", max_length=100)
    service_unit_established_on = PastDateField(label="成立日期")
    service_unit_headcount = CountField(label="专职人数", unit="人")
    service_unit_credit_code = CreditCodeField(label="服务公司统一社会信用代码", required=False)
    service_unit_share = ShareField(label="持股比例", required=False)

    @classmethod
    def stored(cls, application: Application) -> Texts:
        return texts_of(application, cls.names)

    def store(self) -> None:
        self._store_on_application(self.names)


class CapabilityForm(SectionForm):
    section = Section.CAPABILITY
    names = ("digitalisation", "intellectual_property", "honours")

    digitalisation = TextField(
        label="数字化情况", max_length=2000, required=False, help_text="平台、系统、接入设备、数据应用"
    )
    intellectual_property = TextField(
        label="知识产权和标准", max_length=2000, required=False, help_text="专利、软件著作权、参与的标准"
    )
    honours = TextField(
        label="荣誉", max_length=2000, required=False, help_text="与服务型制造有关的称号、奖项和授予单位"
    )

    @classmethod
    def stored(cls, application: Application) -> Texts:
        return texts_of(application, cls.names)

    def store(self) -> None:
        self._store_on_application(self.names)


NARRATIVE_HELP = {
    "narrative_overview": "企业主营、规模、所在行业地位，为什么向服务延伸",
    "narrative_practice": "按所选模式写清服务什么、怎么做、怎么收费、由谁做",
    "narrative_innovation": "与同行相比新在哪里",
    "narrative_results": "按第十二条第3项（2）（3）申报的，请写清增长与服务型制造的关系和数额",
    "narrative_demonstration": "对上下游和同行的带动，可复制的经验",
    "narrative_plan": "未来两年的目标和措施",
}


class NarrativeForm(SectionForm):
    section = Section.NARRATIVE

    def __init__(self, application: Application, texts: Mapping[str, list[str]]) -> None:
        super().__init__(application, texts)
        for name, label in NARRATIVE_PARTS.items():
            limit = cast(models.TextField, Application._meta.get_field(name)).max_length
            self.fields[name] = TextField(label=label, max_length=limit, help_text=NARRATIVE_HELP[name])

    @classmethod
    def stored(cls, application: Application) -> Texts:
        return texts_of(application, NARRATIVE_PARTS)

    def store(self) -> None:
        self._store_on_application(NARRATIVE_PARTS)
