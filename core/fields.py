"""Form fields that understand what people type and say in a sentence what would be right."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.dateparse import parse_date

from core import clock
from core.typed import plain_text, too_long

EARLIEST = date(1900, 1, 1)


class LineField(forms.CharField):
    """One line of text. Too long a text is refused with its length, never cut."""

    def to_python(self, value: Any) -> str:
        return super().to_python(plain_text(value or "")) or ""

    def run_validators(self, value: Any) -> None:
        refuse_too_long(self, value)


class LinkField(LineField):
    """The address of a page on the web; ``schemes`` are those it may have."""

    def __init__(self, *, schemes: tuple[str, ...] = ("https", "http"), **options: Any) -> None:
        super().__init__(**options)
        self.schemes = schemes

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if not value:
            return
        try:
            URLValidator(schemes=self.schemes)(value)
        except ValidationError as problem:
            raise ValidationError(
                f"{self.label}应为完整的网址，以 https:// 开头，例如 https://gxj.weihai.gov.cn/。"
            ) from problem


class TextField(forms.CharField):
    """Several lines of text."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(plain_text(value or "", lines=True)) or ""

    def run_validators(self, value: Any) -> None:
        refuse_too_long(self, value)


def refuse_too_long(field: forms.CharField, value: str) -> None:
    if field.max_length and (problem := too_long(str(field.label), value or "", field.max_length)):
        raise ValidationError(problem)


class CountField(forms.CharField):
    """A whole number of people or things."""

    def __init__(self, *, unit: str = "", largest: int = 999_999, **options: Any) -> None:
        super().__init__(**options)
        self.unit, self.largest = unit, largest

    def clean(self, value: Any) -> int | None:
        text = unicodedata.normalize("NFKC", value or "").strip().replace(",", "").removesuffix(self.unit)
        if not text:
            return None
        if not text.isascii() or not text.isdigit():
            raise ValidationError(f"{self.label}应为整数，您填写的是“{value[:20]}”，例如 46。")
        if len(text) > 9 or int(text) > self.largest:
            raise ValidationError(f"{self.label}过大，最多 {self.largest:,}，请核对。")
        return int(text)


class PastDateField(forms.CharField):
    """A day that has come; 2021-9-6, 2021/9/6, 2021.9.6 and 2021年9月6日 are understood."""

    widget = forms.DateInput

    def __init__(self, *, may_be_future: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.may_be_future = may_be_future

    def clean(self, value: Any) -> date | None:
        if isinstance(value, date):
            return value
        text = unicodedata.normalize("NFKC", value or "").strip()
        if not text:
            return None
        for sign in "年月/.":
            text = text.replace(sign, "-")
        parts = text.removesuffix("日").strip("-").split("-")
        try:
            day = parse_date("-".join(part.strip().zfill(2) for part in parts)) if len(parts) == 3 else None
        except ValueError:
            day = None
        if day is None or day < EARLIEST:
            raise ValidationError(f"{self.label}“{value[:20]}”不是有效日期，请按 2021-09-06 的样子填写。")
        if day > clock.today() and not self.may_be_future:
            raise ValidationError(
                f"{self.label}{day.year}年{day.month}月{day.day}日还没有到，不能填将来的日期，请核对。"
            )
        return day
