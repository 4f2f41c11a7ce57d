"""Forms of a round in preparation, one for each step."""

from typing import Any

from django import forms

from accounts.models import Agency
from applications.models import AttachmentKind, AttachmentRequirement, ChannelQuota, Round
from applications.models.rounds import DATES, INSTANTS, SCHEDULE
from core import clock
from core.fields import LineField
from core.forms import ModelForm
from core.typed import asked_number
from policy.quotas import why_quotas_do_not_fit
from policy.ranking import dropped_of
from policy.schedule import day_of, latest_year_problem, order_problems
from policy.validity import why_not_valid


class StepForm(ModelForm):
    """One step of the preparation; ``keep`` stores it with the rows that belong to it."""

    def keep(self) -> None:
        self.save()


class BasisForm(StepForm):
    """What the round rests on: a measure in force today, at the opening and on the base date (第二十五条)."""

    class Meta:
        model = Round
        fields = ("measure", "kind", "year", "title", "call_number")
        field_classes = {"title": LineField, "call_number": LineField}
        help_texts = {"call_number": "例如 威工信字〔2026〕12号；未编号的可以先不填"}
        error_messages = {"year": {"required": "请填写年度，例如 2026。"}}

    def clean_year(self) -> int:
        year, this_year = self.cleaned_data["year"], clock.today().year
        if abs(year - this_year) > 1:
            raise forms.ValidationError(f"年度应在 {this_year - 1} 至 {this_year + 1} 之间，请核对。")
        return year

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "kind" in said and "year" in said:
            same = Round.objects.filter(kind=said["kind"], year=said["year"]).exclude(pk=self.instance.pk)
            if other := same.first():
                sentence = f"{other.year} 年已有“{other}”，同类批次每年一个（第四条）。请修改原批次。"
                self.add_error("year", sentence)
        if measure := said.get("measure"):
            days = (clock.today(), day_of(clock.local(self.instance.opens_at)), self.instance.base_date)
            validity = measure.validity()
            reasons = (why_not_valid(validity, on=day, act="开展批次") for day in dict.fromkeys(days))
            if reason := next(filter(None, reasons), ""):
                self.add_error("measure", reason)
        return said


class DatesForm(StepForm):
    """Deadlines as instants, the rest as days; all of them in order and near one another."""

    class Meta:
        model = Round
        fields = (*SCHEDULE, "publicity_working_days", "objection_working_days")
        widgets = dict.fromkeys(INSTANTS, forms.DateTimeInput) | dict.fromkeys(DATES, forms.DateInput)
        help_texts = {
            "enterprise_deadline": "到点即截止，草稿保留；条件按这一天（基准日）核验",
            "paper_deadline": "不收纸质材料就不填",
            "publicity_working_days": "首日计入",
            "objection_working_days": "自收到次日起算",
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        dates = {
            name: clock.local(moment) if name in INSTANTS and moment else moment
            for name, moment in ((name, said.get(name)) for name in SCHEDULE)
        }
        for name, sentence in order_problems(dates).items():
            self.add_error(name, sentence)
        opens = dates["opens_at"]
        for name, moment in dates.items():
            if opens and moment and abs(moment.year - opens.year) > 1:
                self.add_error(
                    name,
                    f"{self.fields[name].label}在 {moment.year} 年，申报开始在 {opens.year} 年，请核对年份。",
                )
        for name in ("publicity_working_days", "objection_working_days"):
            if said.get(name) == 0:
                self.add_error(name, f"{self.fields[name].label}至少 1 天。")
        return said


class RequirementsForm(StepForm):
    """The years of figures, the attachments that must be there, the scheme that experts score by."""

    class Meta:
        model = Round
        fields = ("latest_year", "scheme")
        help_texts = {"latest_year": "三年指标的最后一年，一般是基准日的上一年"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = dict(self.instance.attachment_requirements.values_list("kind", "minimum"))
        for kind in AttachmentKind:
            self.fields[f"kind_{kind.value}"] = forms.IntegerField(
                label=kind.label, min_value=0, max_value=20, required=False, initial=stored.get(kind.value, 0)
            )

    @property
    def attachment_fields(self) -> list[forms.BoundField]:
        return [self[f"kind_{kind.value}"] for kind in AttachmentKind]

    def minimums(self) -> dict[str, int]:
        """How many files of each required kind."""
        found = {kind.value: self.cleaned_data.get(f"kind_{kind.value}") or 0 for kind in AttachmentKind}
        return {kind: minimum for kind, minimum in found.items() if minimum}

    def keep(self) -> None:
        super().keep()
        self.instance.attachment_requirements.all().delete()
        AttachmentRequirement.objects.bulk_create(
            AttachmentRequirement(round=self.instance, kind=kind, minimum=minimum)
            for kind, minimum in self.minimums().items()
        )

    def clean_latest_year(self) -> int:
        year = self.cleaned_data["latest_year"]
        if problem := latest_year_problem(year, self.instance.base_date):
            raise forms.ValidationError(problem)
        return year

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        scheme = said.get("scheme")
        size = self.instance.panel_size
        falls = 2 * dropped_of(size, scheme.dropped_each_end) if scheme else 0
        if size <= falls:
            self.add_error(
                "scheme",
                f"这个方案要去掉 {falls} 个分数，专家组现为 {self.instance.panel_size} 人，"
                "请先在“评审和名额”增加人数。",
            )
        if not self.minimums():
            self.add_error(None, "请至少列一种必备附件，企业才知道要交什么（第十四条）。")
        return said


class ReviewForm(StepForm):
    """Seats, in all and for each channel, and how experts judge. A re-review has no seats (第十八条)."""

    class Meta:
        model = Round
        fields = ("quota", "minimum_score", "panel_size", "feedback")
        help_texts = {
            "quota": "不限名额就不填",
            "panel_size": "单数，例如 5",
            "feedback": "名单公布后（复核批次在有复核结论后），企业在申报进展页看到；专家姓名和各人的评分始终不反馈",
        }

    def __init__(self, *args: Any, channels: list[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = [] if self.instance.kind == Round.Kind.RE_REVIEW else channels
        if self.instance.kind == Round.Kind.RE_REVIEW:
            del self.fields["quota"]
        stored = dict(self.instance.channel_quotas.values_list("agency", "number"))
        for one in self.channels:
            self.fields[f"quota_{one.pk}"] = forms.IntegerField(
                label=one.name, min_value=0, max_value=999, required=False, initial=stored.get(one.pk)
            )

    @property
    def quota_fields(self) -> list[forms.BoundField]:
        return [self[f"quota_{one.pk}"] for one in self.channels]

    @property
    def shared(self) -> int:
        """How many seats stand in the fields of the channels as they are shown; what is no number counts for nothing."""
        return sum(asked_number(str(one.value() or "")) for one in self.quota_fields)

    def shares(self) -> dict[int, int | None]:
        return {one.pk: self.cleaned_data.get(f"quota_{one.pk}") for one in self.channels}

    def keep(self) -> None:
        super().keep()
        self.instance.channel_quotas.all().delete()
        ChannelQuota.objects.bulk_create(
            ChannelQuota(round=self.instance, agency_id=pk, number=share)
            for pk, share in self.shares().items()
            if share is not None
        )

    def clean_panel_size(self) -> int:
        size = self.cleaned_data["panel_size"]
        if size < 3 or size % 2 == 0:
            raise forms.ValidationError("专家组人数应为不少于 3 的单数，例如 5。")
        dropped = 2 * dropped_of(size, self.instance.scheme.dropped_each_end)
        if size <= dropped:
            raise forms.ValidationError(f"评分方案要去掉 {dropped} 个分数，人数须多于它。")
        return size

    def clean_minimum_score(self):
        score = self.cleaned_data["minimum_score"]
        if not 0 <= score <= 100:
            raise forms.ValidationError("最低分应在 0 到 100 之间。")
        return score

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        readable = self.errors.keys().isdisjoint({"quota", *(f"quota_{one.pk}" for one in self.channels)})
        if readable and (reason := why_quotas_do_not_fit(said.get("quota"), self.shares())):
            self.add_error("quota", reason)
        return said
