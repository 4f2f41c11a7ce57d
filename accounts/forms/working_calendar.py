from datetime import date
from typing import Any

from django import forms

from core.fields import LineField
from core.forms import Form
from core.reasons import ReasonField
from policy.models import CalendarDay


class CalendarChange(Form):
    """One day, what it is to be, and why."""

    day = forms.DateField(label="日期")
    is_working = forms.TypedChoiceField(
        label="改为",
        choices=[("rest", "休息日"), ("work", "工作日")],
        coerce=lambda value: value == "work",
        widget=forms.RadioSelect,
    )
    name = LineField(label="节日或说明", max_length=40, required=False, help_text="例如 调休上班、台风停工")
    reason = ReasonField(label="依据和原因", help_text="写明文件名称和文号", max_length=300)

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if not CalendarDay.objects.filter(date__year=day.year).exists():
            raise forms.ValidationError(
                f"{day.year}年的放假安排尚未公布，日历里还没有这一年，公布并补录后再调整个别日期。"
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "day" in data and "is_working" in data:
            same = CalendarDay.objects.filter(date=data["day"], is_working=data["is_working"])
            if same.exists():
                word = "工作日" if data["is_working"] else "休息日"
                self.add_error("day", f"这一天已经是{word}，不用改。")
        return data
