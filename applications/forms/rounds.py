"""Forms of a round and of the document that prolongs a measure."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from applications.models import AttachmentKind, Round
from core import clock
from core.fields import LineField
from core.forms import ModelForm
from policy.dates import add_years, date_text
from policy.models import MeasureRenewal
from policy.validity import why_not_valid

DATES = ("review_starts_on", "review_ends_on", "publicity_starts_on")
INSTANTS = ("opens_at", "enterprise_deadline", "district_deadline", "paper_deadline")
# How many files of each kind a new round asks for; the others are welcome but not required.
USUAL_MINIMUM = {
    AttachmentKind.BUSINESS_LICENCE: 1,
    AttachmentKind.AUDIT_REPORT: 2,
    AttachmentKind.SERVICE_REVENUE_AUDIT: 1,
    AttachmentKind.CREDIT_REPORT: 1,
    AttachmentKind.FOUNDING_DOCUMENT: 1,
    AttachmentKind.PROJECT_EVIDENCE: 2,
    AttachmentKind.COMMITMENT: 1,
}


class RoundForm(ModelForm):
    """A round in preparation: its measure in force on every day that counts, its dates in order."""

    class Meta:
        model = Round
        fields = [
            "kind",
            "year",
            "title",
            "call_number",
            "measure",
            "scheme",
            *INSTANTS,
            "latest_year",
            *DATES,
            "publicity_working_days",
            "objection_working_days",
            "quota",
            "minimum_score",
            "panel_size",
        ]
        field_classes = {"title": LineField, "call_number": LineField}
        widgets = dict.fromkeys(INSTANTS, forms.DateTimeInput) | dict.fromkeys(DATES, forms.DateInput)
        help_texts = {
            "enterprise_deadline": "条件按这一天（基准日）核验；到点即截止",
            "latest_year": "三年指标的最后一年，一般是申报的上一年",
            "quota": "不限名额就不填",
            "panel_size": "单数，例如 5",
        }
        error_messages = {"year": {"required": "请填写年度，例如 2026。"}}

    def __init__(self, *args, minimums: dict[str, int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for kind in AttachmentKind:
            self.fields[f"kind_{kind.value}"] = forms.IntegerField(
                label=kind.label, min_value=0, max_value=20, initial=minimums.get(kind.value, 0)
            )

    @property
    def attachment_fields(self) -> list[forms.BoundField]:
        return [self[f"kind_{kind.value}"] for kind in AttachmentKind]

    def minimums(self) -> dict[str, int]:
        """How many files of each required kind."""
        found = {kind.value: self.cleaned_data.get(f"kind_{kind.value}") or 0 for kind in AttachmentKind}
        return {kind: minimum for kind, minimum in found.items() if minimum}

    def clean_panel_size(self) -> int:
        size = self.cleaned_data["panel_size"]
        if size < 3 or size % 2 == 0:
            raise forms.ValidationError("专家组人数应为不少于 3 的单数，例如 5。")
        return size

    def clean_minimum_score(self):
        score = self.cleaned_data["minimum_score"]
        if not 0 <= score <= 100:
            raise forms.ValidationError("最低分应在 0 到 100 之间。")
        return score

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self._check_once_a_year(said)
        self._check_order(said)
        self._check_validity(said)
        self._check_years(said)
        scheme, size = said.get("scheme"), said.get("panel_size")
        if scheme and size and size <= scheme.dropped_each_end * 2:
            self.add_error(
                "panel_size", f"评分方案要去掉 {scheme.dropped_each_end * 2} 个分数，人数须多于它。"
            )
        if not self.minimums():
            self.add_error(None, "请至少列一种必备附件，企业才知道要交什么（第十四条）。")
        return said

    def _check_once_a_year(self, said: dict[str, Any]) -> None:
        if not (said.get("kind") and said.get("year")):
            return
        same = Round.objects.filter(kind=said["kind"], year=said["year"]).exclude(pk=self.instance.pk)
        if other := same.first():
            self.add_error(
                "year", f"{other.year} 年已有“{other}”，同类批次每年一个（第四条）。请修改原批次。"
            )

    def _check_order(self, said: dict[str, Any]) -> None:
        steps = (
            ("opens_at", "enterprise_deadline", "企业申报截止须晚于申报开始。"),
            ("enterprise_deadline", "district_deadline", "区市、协会报送截止不能早于企业申报截止。"),
            ("district_deadline", "paper_deadline", "纸质材料截止不能早于区市、协会报送截止。"),
            ("district_deadline", "review_starts_on", "评审开始不能早于区市、协会报送截止的日期。"),
            ("review_starts_on", "review_ends_on", "评审结束不能早于评审开始。"),
            ("review_ends_on", "publicity_starts_on", "预计公示开始不能早于评审结束。"),
        )
        for earlier, later, sentence in steps:
            before, after = said.get(earlier), said.get(later)
            if before is None or after is None:
                continue
            if isinstance(before, datetime) and not isinstance(after, datetime):
                before = self._day(before)
            if after < before or (earlier == "opens_at" and after == before):
                self.add_error(later, sentence)

    def _check_years(self, said: dict[str, Any]) -> None:
        """A slip in a year would be counted and drawn from where no calendar reaches."""
        opens, base = (self._day(said.get(name)) for name in ("opens_at", "enterprise_deadline"))
        for name in (*INSTANTS, *DATES) if opens else ():
            found = said.get(name)
            day = self._day(found) if isinstance(found, datetime) else found
            if opens and day and abs(day.year - opens.year) > 1:
                self.add_error(
                    name,
                    f"{self.fields[name].label}在 {day.year} 年，申报开始在 {opens.year} 年，请核对年份。",
                )
        latest = said.get("latest_year")
        if base and latest is not None and not base.year - 2 <= latest < base.year:
            self.add_error(
                "latest_year",
                f"基准日在 {base.year} 年，最近一个完整年度是 {base.year - 1} 年，审计未出的可填 {base.year - 2} 年。",
            )

    def _check_validity(self, said: dict[str, Any]) -> None:
        """第二十五条: today, the opening and the base date must all lie within the measure's validity."""
        measure = said.get("measure")
        if not measure:
            return
        days = [clock.today(), self._day(said.get("opens_at")), self._day(said.get("enterprise_deadline"))]
        validity = measure.validity()
        for day in dict.fromkeys(day for day in days if day):
            if reason := why_not_valid(validity, on=day, act="开展批次"):
                self.add_error("measure", reason)
                return

    @staticmethod
    def _day(moment: datetime | None):
        return clock.local(moment).date() if moment else None


class RenewalForm(ModelForm):
    """The document that prolongs a measure, recorded with its number and dates (第二十五条)."""

    class Meta:
        model = MeasureRenewal
        fields = ["document_number", "title", "issued_on", "valid_until"]
        field_classes = {"document_number": LineField, "title": LineField}
        widgets = {"issued_on": forms.DateInput, "valid_until": forms.DateInput}
        labels = {"title": "文件名称", "valid_until": "有效期延续至"}
        help_texts = {"document_number": "例如 威工信发〔2026〕21号", "valid_until": "含当日"}
        error_messages = {"document_number": {"unique": "这个文号已经登记过，不必重复登记。"}}

    def clean_issued_on(self):
        issued_on = self.cleaned_data["issued_on"]
        if issued_on > clock.today():
            raise forms.ValidationError("印发日期不能晚于今天，请在文件印发后登记。")
        if issued_on < self.instance.measure.issued_on:
            raise forms.ValidationError(
                f"印发日期不能早于原办法的印发日期{date_text(self.instance.measure.issued_on)}。"
            )
        return issued_on

    def clean_valid_until(self):
        until = self.cleaned_data["valid_until"]
        last = self.instance.measure.validity().last_day
        if until <= last:
            raise forms.ValidationError(f"现有有效期至{date_text(last)}，延续后的有效期须晚于这一天。")
        return until


def proposal(kind: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Values for a new round and the attachments it asks for: last time's, moved on to this year where there was one."""
    year = clock.today().year
    usual = {kind_.value: minimum for kind_, minimum in USUAL_MINIMUM.items()}
    word = Round.Kind(kind).label
    initial: dict[str, Any] = {
        "kind": kind,
        "year": year,
        "title": f"{year}年度{word}",
        "latest_year": year - 1,
    }
    last = Round.objects.filter(kind=kind).order_by("-year").first()
    if last is None:
        return initial, usual
    shift = max(year - last.year, 0)
    for name in DATES:
        initial[name] = add_years(getattr(last, name), shift)
    for name in INSTANTS:
        if moment := getattr(last, name):
            there = clock.local(moment)
            day = add_years(there.date(), shift)
            initial[name] = there + timedelta(days=(day - there.date()).days)
    for name in (
        "measure",
        "scheme",
        "publicity_working_days",
        "objection_working_days",
        "quota",
        "minimum_score",
        "panel_size",
    ):
        initial[name] = getattr(last, name)
    return initial, dict(last.attachment_requirements.values_list("kind", "minimum")) or usual
