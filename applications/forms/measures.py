"""Forms of measures: the document that prolongs one, the one that follows it, and the three parts that can be changed."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from applications.measures import (
    articles_of,
    neighbours,
    replace_articles,
    why_not_repealed,
    why_number_is_used,
)
from core import clock
from core.conflicts import Difference, differences
from core.fields import LineField, LinkField, TextField
from core.forms import Form, ModelForm
from core.reasons import ReasonField
from policy.amounts import number_text
from policy.articles import NotArticles, article_cited, article_label, joined_articles, split_articles
from policy.models import Measure, MeasureCondition, MeasureRenewal
from policy.parameters import (
    GROUNDS,
    PROCEDURE,
    RULE_PARAMETERS,
    RULE_TEXTS,
    Parameter,
    out_of_bounds,
    parameter_problems,
    why_groups_do_not_hold,
)
from policy.validity import why_not_dated, why_not_renew

LINES = {"document_number": LineField, "title": LineField, "source_url": LinkField}
DATES = dict.fromkeys(("issued_on", "effective_from", "effective_until", "valid_until"), forms.DateInput)
NUMBER_HELP = "例如 威工信发〔2026〕21号"
LINK_HELP = "市局网站上的网址，或扫描件的网址"
ANY_ONE = "limbs"  # the group of which one condition suffices
LONGEST_TEXT = 60_000


class RenewalForm(ModelForm):
    """The document that prolongs a measure, recorded with its number and dates (第二十五条)."""

    class Meta:
        model = MeasureRenewal
        fields = ["document_number", "title", "issued_on", "valid_until", "source_url"]
        field_classes = LINES
        widgets = {name: DATES[name] for name in ("issued_on", "valid_until")}
        labels = {"title": "文件名称", "valid_until": "有效期延续至"}
        help_texts = {"document_number": NUMBER_HELP, "valid_until": "含当日", "source_url": LINK_HELP}
        error_messages = {"document_number": {"unique": "这个文号已经登记过，不必重复登记。"}}

    def clean_document_number(self) -> str:
        number = self.cleaned_data["document_number"]
        if problem := why_number_is_used(number):
            raise forms.ValidationError(problem)
        return number

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "issued_on" in said and "valid_until" in said:
            measure = self.instance.measure
            after = neighbours(measure)[1]
            problems = why_not_renew(
                measure.validity(),
                issued_on=said["issued_on"],
                valid_until=said["valid_until"],
                measure_issued_on=measure.issued_on,
                on=clock.today(),
                next_from=after.effective_from if after else None,
            )
            for name, sentence in problems.items():
                self.add_error(name, sentence)
        return said


class _DatedForm(ModelForm):
    """Number, title and dates of a measure, and why it is recorded or changed."""

    reason = ReasonField(label="原因")

    def clean_document_number(self) -> str:
        number = self.cleaned_data["document_number"]
        if problem := why_number_is_used(number, besides=self.instance if self.instance.pk else None):
            raise forms.ValidationError(problem)
        return number

    def between(self) -> tuple[Measure | None, Measure | None]:
        """The measures before and after this one."""
        return neighbours(self.instance)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if all(name in said for name in ("issued_on", "effective_from", "effective_until")):
            before, after = self.between()
            problems = why_not_dated(
                issued_on=said["issued_on"],
                effective_from=said["effective_from"],
                effective_until=said["effective_until"],
                on=clock.today(),
                before=before.validity() if before else None,
                next_from=after.effective_from if after else None,
                is_repealed=self.instance.repealed_from is not None,
                why_not_repealed=why_not_repealed(before, on=said["effective_from"]) if before else "",
            )
            for name, sentence in problems.items():
                self.add_error(name, sentence)
        return said


class SuccessorForm(_DatedForm):
    """The measure that follows another; its articles and conditions are copied and can then be changed."""

    class Meta:
        model = Measure
        fields = ["document_number", "title", "issued_on", "effective_from", "effective_until", "source_url"]
        field_classes = LINES
        widgets = {name: DATES[name] for name in ("issued_on", "effective_from", "effective_until")}
        help_texts = {"document_number": NUMBER_HELP, "effective_until": "含当日", "source_url": LINK_HELP}

    def __init__(self, *args: Any, follows: Measure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follows = follows

    def between(self) -> tuple[Measure | None, Measure | None]:
        return self.follows, None


class _Part:
    """What the three parts of a measure share: they are kept with what was changed and why."""

    def differing(self) -> list[Difference]:
        """What was typed beside what is stored; the reason is no part of the measure."""
        return [one for one in differences(self) if one.label != "原因"]  # type: ignore[arg-type]


class BasicsForm(_Part, _DatedForm):
    """Number, dates and the numbers of the procedure (第十七条至第二十一条)."""

    barring_grounds = forms.MultipleChoiceField(
        label="不得重新申请的情形（第十九条各项）",
        choices=[(key, f"（{key}）{label.partition('）')[2]}") for key, label in GROUNDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta(SuccessorForm.Meta):
        fields = [
            *SuccessorForm.Meta.fields,
            "title_awarded",
            "awarding_body",
            "re_review_interval_years",
            "bar_years",
            "barring_grounds",
            "change_filing_working_days",
        ]
        field_classes = LINES | {"title_awarded": LineField, "awarding_body": LineField}

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for one in (each for procedure in PROCEDURE for each in procedure.parameters):
            value = said.get(one.key)
            if isinstance(value, int) and not one.least <= value <= one.most:
                self.add_error(one.key, out_of_bounds(one))
        return said

    def keep(self) -> list[Difference]:
        changed = self.differing()
        self.save()
        return changed


class ArticlesForm(_Part, Form):
    """The whole text, taken apart into its articles."""

    text = TextField(
        label="全文", max_length=LONGEST_TEXT, help_text="每章、每条另起一行，以“第一章 总则”“第一条 ……”开头"
    )
    reason = ReasonField(label="原因")

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Measure) -> None:
        self.instance = instance
        super().__init__(data, initial={"text": joined_articles(articles_of(instance))})

    def clean_text(self) -> str:
        try:
            self.articles = split_articles(self.cleaned_data["text"])
        except NotArticles as problem:
            raise forms.ValidationError(str(problem)) from problem
        there = {one.number for one in self.articles}
        cited = self.instance.conditions.exclude(article_number__in=there).order_by("position")
        if missing := [f"{one.clause} {one.title}" for one in cited]:
            raise forms.ValidationError(
                f"条件引用的条文不在全文中：{'、'.join(missing)}。请先在“条件和参数”中改为新的条款。"
            )
        return self.cleaned_data["text"]

    def keep(self) -> list[Difference]:
        return replace_articles(self.instance, self.articles)


class ConditionsForm(_Part, Form):
    """Which rules judge an application, under which clause, with which numbers (第十二条)."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Measure) -> None:
        self.instance = instance
        super().__init__(data)
        self.short: dict[str, str] = {}  # labels on the page, where the condition stands above them
        stored = {one.rule: one for one in instance.conditions.all()}
        for rule in RULE_TEXTS:
            self._add(rule, stored.get(rule))
        self.fields["reason"] = ReasonField(label="原因")

    def _add(self, rule: str, stored: MeasureCondition | None) -> None:
        name = stored.title if stored else RULE_TEXTS[rule]
        self.fields |= {
            f"{rule}__used": forms.BooleanField(label="采用", required=False, initial=stored is not None),
            f"{rule}__clause": LineField(
                label="条款", max_length=60, required=False, initial=stored.clause if stored else ""
            ),
            f"{rule}__title": LineField(
                label="条件", max_length=60, required=False, initial=stored.title if stored else ""
            ),
            f"{rule}__blocking": forms.BooleanField(
                label="不符合时不能提交", required=False, initial=stored.blocking if stored else True
            ),
            f"{rule}__any_one": forms.BooleanField(
                label="与其他勾选此项的条件满足其一即可",
                required=False,
                initial=bool(stored and stored.group),
            ),
        }
        for one in RULE_PARAMETERS.get(rule, ()):
            self.fields[f"{rule}__{one.key}"] = _parameter_field(one, stored)
        for key in [one for one in self.fields if one.startswith(f"{rule}__")]:
            self.short[key] = str(self.fields[key].label)
            self.fields[key].label = f"{name}：{self.short[key]}"

    def sections(self) -> Iterator[dict[str, Any]]:
        """Rule by rule what the page shows; each field with its short label and its unit."""
        for rule, text in RULE_TEXTS.items():
            units = {one.key: one.unit for one in RULE_PARAMETERS.get(rule, ())}
            numbers = [self._shown(rule, key, unit) for key, unit in units.items()]
            yield {
                "title": self[f"{rule}__title"].initial or "未采用的规则",
                "text": text,
                "used": self._shown(rule, "used"),
                "fields": [self._shown(rule, "clause"), self._shown(rule, "title"), *numbers],
                "weights": [self._shown(rule, "blocking"), self._shown(rule, "any_one")],
            }

    def _shown(self, rule: str, key: str, unit: str = "") -> tuple[forms.BoundField, str, str]:
        name = f"{rule}__{key}"
        return self[name], self.short[name], unit

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        articles = set(self.instance.articles.values_list("number", flat=True))
        used = [rule for rule in RULE_TEXTS if said.get(f"{rule}__used")]
        for rule in used:
            self._check_words(rule, said, articles)
            for key, sentence in parameter_problems(rule, self._numbers(rule, said)).items():
                if f"{rule}__{key}" not in self.errors:
                    self.add_error(f"{rule}__{key}", sentence)
        if not used:
            self.add_error(None, "至少要采用一个条件，否则任何企业都能提交（第十二条）。")
        grouped = [rule for rule in RULE_TEXTS if said.get(f"{rule}__any_one")]
        if problem := why_groups_do_not_hold(grouped, used):
            self.add_error(f"{next(rule for rule in grouped if rule in used)}__any_one", problem)
        return said

    def _check_words(self, rule: str, said: dict[str, Any], articles: set[int]) -> None:
        clause = said.get(f"{rule}__clause") or ""
        number = article_cited(clause)
        if number is None:
            self.add_error(f"{rule}__clause", "条款应以条号开头，例如 第十二条第3项（1）。")
        elif number not in articles:
            self.add_error(
                f"{rule}__clause", f"条文中没有{article_label(number)}，请核对条款，或先补全条文。"
            )
        if not said.get(f"{rule}__title") and f"{rule}__title" not in self.errors:
            self.add_error(f"{rule}__title", "请填写条件的名称，企业据此看到核验结果。")

    @staticmethod
    def _numbers(rule: str, said: dict[str, Any]) -> dict[str, Any]:
        return {one.key: said.get(f"{rule}__{one.key}") for one in RULE_PARAMETERS.get(rule, ())}

    def keep(self) -> list[Difference]:
        changed = self.differing()
        said = self.cleaned_data
        self.instance.conditions.all().delete()
        MeasureCondition.objects.bulk_create(
            MeasureCondition(
                measure=self.instance,
                clause=said[f"{rule}__clause"],
                article_number=article_cited(said[f"{rule}__clause"]) or 0,
                title=said[f"{rule}__title"],
                rule=rule,
                numbers={key: _plain(value) for key, value in self._numbers(rule, said).items()},
                blocking=said[f"{rule}__blocking"],
                group=ANY_ONE if said[f"{rule}__any_one"] else "",
                position=position,
            )
            for position, rule in enumerate((one for one in RULE_TEXTS if said[f"{one}__used"]), start=1)
        )
        return changed


def _parameter_field(one: Parameter, stored: MeasureCondition | None) -> forms.Field:
    initial = stored.numbers.get(one.key) if stored else None
    if one.choices:
        return forms.MultipleChoiceField(
            label=one.label,
            choices=one.choices,
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=initial,
        )
    if one.is_decimal:
        return forms.DecimalField(
            label=one.label, max_digits=5, decimal_places=2, required=False, initial=initial
        )
    return forms.IntegerField(label=one.label, required=False, initial=initial)


def _plain(value: Any) -> Any:
    """JSON keeps decimals as text so that none passes through binary floats."""
    return number_text(value) if isinstance(value, Decimal) else value
