from datetime import date

from django import forms

from accounts.models import TableImport
from core import clock
from core.fields import CountField, LineField
from core.forms import Form

EARLIEST_YEAR = 2015


class TableForm(Form):
    """A filled-in table."""

    sheet = forms.FileField(
        label="填好的表格", widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}), max_length=200
    )

    def said(self) -> dict[str, str | int]:
        """What was typed beside the file, as plain values."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "sheet"}
        return {
            name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()
        }


class RatingsForm(TableForm):
    """The year of the list and the document by which it was issued."""

    year = CountField(label="评价年度", unit="年", largest=9999)
    document_number = LineField(label="文号", max_length=40, help_text="例如 威亩均办〔2026〕3号")
    issued_on = forms.DateField(label="印发日期")
    issuing_body = LineField(label="印发单位", max_length=60)
    field_order = ["year", "document_number", "issued_on", "issuing_body", "sheet"]

    def clean_year(self) -> int:
        year = self.cleaned_data["year"]
        latest = clock.today().year
        if year is None or not EARLIEST_YEAR <= year <= latest:
            raise forms.ValidationError(f"评价年度应在 {EARLIEST_YEAR} 至 {latest} 之间，请核对。")
        return year

    def clean_issued_on(self) -> date:
        day = self.cleaned_data["issued_on"]
        if not day.year >= EARLIEST_YEAR or day > clock.today():
            raise forms.ValidationError(f"印发日期应在 {EARLIEST_YEAR} 年至今天之间，请核对文件。")
        return day


FORMS: dict[str, type[TableForm]] = {
    TableImport.Kind.RATINGS: RatingsForm,
    TableImport.Kind.AGENCIES: TableForm,
    TableImport.Kind.PEOPLE: TableForm,
    TableImport.Kind.EXPERTS: TableForm,
}
