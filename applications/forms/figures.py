"""Three years' figures in 万元: a grid of amounts, with what is computed from them and what cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.forms import Form
from django.forms.boundfield import BoundField

from applications.forms.sections import SectionForm, Texts
from applications.models import AnnualFigures, Application, ModeRevenue, Section
from policy.conditions import ConditionSpec, thresholds_of
from policy.fields import AmountField
from policy.figures import (
    ROW_BY_KEY,
    ROWS,
    ComputedRow,
    FigureProblem,
    Year,
    computed_rows,
    figure_problems,
    mode_problem,
)
from policy.models import ServiceMode
from policy.money import format_amount

BY_MODE = "by_mode"


@dataclass(frozen=True)
class GridRow:
    """A line of the grid: fields to type into, or values that are computed."""

    key: str
    label: str
    fields: list[BoundField]
    values: list[str]
    problems: list[FigureProblem]
    is_part: bool = False

    @property
    def wrong(self) -> list[str]:
        """The names of the fields that have to be mended."""
        years = {one.year for one in self.problems if one.is_error}
        return [one.html_name for one in self.fields if int(one.html_name[-4:]) in years]


class FiguresForm(SectionForm):
    section = Section.FIGURES

    def __init__(self, application: Application, texts: Mapping[str, list[str]]) -> None:
        super().__init__(application, texts)
        self.years = application.round.years
        self.modes = modes_of(application)
        for year in self.years:
            for row in ROWS:
                self.fields[f"{row.key}_{year}"] = AmountField(label=f"{year}年{row.label}")
            for mode in self.modes:
                self.fields[mode_field(mode, year)] = AmountField(label=f"{year}年{mode}收入", required=False)

    @classmethod
    def stored(cls, application: Application) -> Texts:
        rows = {one.year: one for one in application.figures.all()}
        modes = modes_of(application)
        texts: Texts = {}
        for year in application.round.years:
            for row in ROWS:
                texts[f"{row.key}_{year}"] = [format_amount(getattr(rows.get(year), row.key, None))]
            amounts = (
                {one.mode_id: one.amount for one in rows[year].mode_revenues.all()} if year in rows else {}
            )
            for mode in modes:
                texts[mode_field(mode, year)] = [format_amount(amounts.get(mode.pk))]
        return texts

    def clean(self) -> None:
        """A negative amount cannot be stored; figures that only contradict each other can, and are told."""
        refuse_negative(self, self.figures())
        for year in self.years:
            for mode in self.modes:
                value = self.cleaned_data.get(mode_field(mode, year))
                if value is not None and value < 0:
                    self.add_error(mode_field(mode, year), f"{year}年{mode}收入不能为负数，请核对。")

    def store(self) -> None:
        """What is not an amount leaves its figure empty, so that no finding rests on an older number."""
        for year in self.years:
            figures, _ = AnnualFigures.objects.update_or_create(
                application=self.application, year=year, defaults=self.figures()[year]
            )
            for mode in self.modes:
                _store_mode(figures, mode, self.cleaned_data.get(mode_field(mode, year)))

    def figures(self) -> dict[int, dict[str, Decimal | None]]:
        return {
            year: {row.key: self.cleaned_data.get(f"{row.key}_{year}") for row in ROWS} for year in self.years
        }

    def filled_years(self) -> list[int]:
        return [
            year for year, row in self.figures().items() if any(value is not None for value in row.values())
        ]

    def problems(self) -> list[FigureProblem]:
        """Impossible and suspicious figures among the valid ones."""
        found = figure_problems(self.figures())
        for year in self.years:
            by_mode = {str(mode.pk): self.cleaned_data.get(mode_field(mode, year)) for mode in self.modes}
            total = self.cleaned_data.get(f"service_revenue_{year}")
            if sentence := mode_problem(year, total, by_mode):
                found.append(FigureProblem(year, BY_MODE, sentence))
        return found

    def sections(self, conditions: list[ConditionSpec]) -> list[tuple[str, list[GridRow]]]:
        """The grid as the page shows it: rows to type and rows computed, under 规模, 收入, 效益, 研发."""
        computed = computed_rows(self.figures(), self.years, thresholds=thresholds_of(conditions))
        problems = self.problems()
        found: dict[str, list[GridRow]] = {}
        for row in ROWS:
            lines = found.setdefault(row.section, [])
            names = {year: f"{row.key}_{year}" for year in self.years}
            lines.append(grid_row(self, row.key, row.label, names, problems))
            if row.key == "service_revenue":
                lines += self._mode_rows(problems)
        for section, lines in found.items():
            lines += [self._computed_row(one) for one in computed if one.section == section]
        return list(found.items())

    def _mode_rows(self, problems: list[FigureProblem]) -> list[GridRow]:
        lines = []
        for mode in self.modes:
            names = {year: mode_field(mode, year) for year in self.years}
            lines.append(grid_row(self, f"mode_{mode.pk}", f"其中：{mode}", names, [], is_part=True))
        sums = [one for one in problems if one.key == BY_MODE]
        if lines and sums:
            lines[-1].problems.extend(sums)
        return lines

    def _computed_row(self, row: ComputedRow) -> GridRow:
        return GridRow(row.key, row.label, [], [row.values[year] for year in self.years], [])


def refuse_negative(form: Form, figures: Mapping[int, Year]) -> None:
    """Mark what is negative and may not be as an error of its field `<row>_<year>`."""
    for problem in figure_problems(figures):
        value = figures[problem.year].get(problem.key)
        if value is not None and value < 0 and not ROW_BY_KEY[problem.key].may_be_negative:
            form.add_error(f"{problem.key}_{problem.year}", problem.sentence)


def grid_row(
    form: Form,
    key: str,
    label: str,
    names: Mapping[int, str],
    problems: Sequence[FigureProblem],
    *,
    is_part: bool = False,
) -> GridRow:
    """A line to type into: by year the field, with what was refused there and what contradicts itself."""
    refused = [
        FigureProblem(year, key, str(error)) for year, name in names.items() for error in form[name].errors
    ]
    told = [one for one in problems if one.key == key]
    return GridRow(key, label, [form[name] for name in names.values()], [], refused + told, is_part)


def modes_of(application: Application) -> list[ServiceMode]:
    """The modes whose revenue is asked for: the main one first, then the others."""
    main = [application.main_mode] if application.main_mode else []
    return main + [mode for mode in application.other_modes.all() if mode.pk != application.main_mode_id]


def mode_field(mode: ServiceMode, year: int) -> str:
    return f"mode_{mode.pk}_{year}"


def _store_mode(figures: AnnualFigures, mode: ServiceMode, amount: Any) -> None:
    if amount is None:
        figures.mode_revenues.filter(mode=mode).delete()
    else:
        ModeRevenue.objects.update_or_create(figures=figures, mode=mode, defaults={"amount": amount})
