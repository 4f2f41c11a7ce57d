"""Form fields whose rules are the regulation's: amounts, shares, mobile numbers, credit codes."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from policy.identifiers import mobile_problem, normalise_mobile, normalise_uscc, uscc_problem
from policy.money import NotAnAmount, parse_amount

LIMIT = Decimal(10) ** 12  # what the columns of amounts hold


class AmountField(forms.CharField):
    """An amount in 万元 with two decimals, shown as 1,234.50."""

    def clean(self, value: Any) -> Decimal | None:
        try:
            amount = parse_amount(value or "", label=str(self.label))
        except NotAnAmount as problem:
            raise ValidationError(str(problem)) from problem
        if amount is not None and abs(amount) >= LIMIT:
            raise ValidationError(f"{self.label}过大，请核对单位是否为万元。")
        return amount


class ShareField(forms.CharField):
    """A percentage above 0 and up to 100 with at most two decimals."""

    def clean(self, value: Any) -> Decimal | None:
        text = unicodedata.normalize("NFKC", value or "").strip().removesuffix("%")
        try:
            share = parse_amount(text, label=str(self.label))
        except NotAnAmount as problem:
            raise ValidationError(f"{self.label}应为数字，最多两位小数，例如 51 或 66.67。") from problem
        if share is not None and not 0 < share <= 100:
            raise ValidationError(f"{self.label}应大于 0、不超过 100，请核对。")
        return share


class MobileField(forms.CharField):
    """A mainland mobile number as eleven digits, however it was typed."""

    widget = forms.TextInput(attrs={"inputmode": "tel"})

    def clean(self, value: Any) -> str:
        raw = super().clean(value)
        if raw and (problem := mobile_problem(raw)):
            raise ValidationError(problem)
        return normalise_mobile(raw)


class CreditCodeField(forms.CharField):
    """A unified social credit code, however it was typed."""

    def clean(self, value: Any) -> str:
        raw = super().clean(value)
        if raw and (problem := uscc_problem(raw)):
            raise ValidationError(problem)
        return normalise_uscc(raw)
