"""What the database itself refuses, and the calendar seed."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from policy.models import (
    Article,
    CalendarDay,
    CalendarSource,
    Criterion,
    Industry,
    IndustryLevel,
    Measure,
    MeasureCondition,
    MeasureRenewal,
    ScoringScheme,
)
from policy.validity import document_in_force

pytestmark = pytest.mark.django_db


def refused(make, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"effective_until": date(2021, 8, 31)}, "measure_ends_after_it_begins"),
        ({"issued_on": date(2021, 9, 2)}, "measure_issued_before_it_begins"),
        ({"bar_years": 0}, "measure_numbers_positive"),
        ({"re_review_interval_years": 0}, "measure_numbers_positive"),
        ({"change_filing_working_days": 0}, "measure_numbers_positive"),
    ],
)
def test_an_impossible_measure_is_refused(changes, constraint):
    refused(lambda: Measure.objects.filter(pk=1).update(**changes), constraint)


def test_a_renewal_recorded_beside_the_measure_prolongs_it():
    measure = Measure.objects.get(pk=1)
    assert document_in_force(measure.validity(), on=date(2026, 11, 23)) == ""
    renewal = MeasureRenewal.objects.create(
        measure=measure,
        document_number="威工信发〔2026〕21号",
        title="关于延长有效期的通知",
        issued_on=date(2026, 8, 28),
        valid_until=date(2031, 8, 31),
    )
    assert str(renewal) == "关于延长有效期的通知（威工信发〔2026〕21号）"
    assert document_in_force(measure.validity(), on=date(2026, 11, 23)) == "威工信发〔2026〕21号"
    refused(
        lambda: MeasureRenewal.objects.update(valid_until=date(2026, 8, 27)),
        "renewal_ends_after_it_is_issued",
    )


def test_articles_and_conditions_stand_once():
    measure = Measure.objects.get(pk=1)
    refused(
        lambda: Article.objects.create(measure=measure, number=12, chapter="章", text="文"),
        "article_number_once_per_measure",
    )
    refused(
        lambda: Article.objects.create(measure=measure, number=0, chapter="章", text="文"),
        "article_number_printable",
    )
    condition = {"measure": measure, "clause": "第十二条", "article_number": 12, "title": "题", "numbers": {}}
    refused(
        lambda: MeasureCondition.objects.create(**condition, rule="manufacturing", position=99),
        "condition_rule_once_per_measure",
    )
    refused(
        lambda: MeasureCondition.objects.create(**condition, rule="nonsense", position=99),
        "condition_rule_known",
    )
    MeasureCondition.objects.filter(rule="not_barred").delete()
    refused(
        lambda: MeasureCondition.objects.create(**condition, rule="not_barred", position=1),
        "condition_position_once_per_measure",
    )


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("13", IndustryLevel.GROUP, None),
        ("1", IndustryLevel.DIVISION, None),
        ("99", IndustryLevel.DIVISION, "13"),
        ("999", IndustryLevel.GROUP, None),
        ("99", IndustryLevel.CLASS, "131"),
        ("C134", IndustryLevel.CLASS, "131"),
    ],
)
def test_an_industry_code_fits_its_level(code, level, parent):
    Industry.objects.filter(pk=code).delete() if code == "1" else None
    refused(
        lambda: Industry.objects.filter(pk="4390").update(code=code, level=level, parent_id=parent),
        "industry_code_fits_level",
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"good_from": 90}, "scheme_grades_ascend"),
        ({"pass_from": 0}, "scheme_grades_ascend"),
        ({"step": 0}, "scheme_numbers_positive"),
        ({"outlier_distance": 0}, "scheme_numbers_positive"),
        ({"panel_size": 2}, "scheme_panel_outlasts_trimming"),
    ],
)
def test_an_impossible_scheme_is_refused(changes, constraint):
    refused(lambda: ScoringScheme.objects.update(**changes), constraint)


def test_criteria_stand_once_and_are_worth_something():
    first = Criterion.objects.first()
    assert first is not None
    refused(lambda: Criterion.objects.filter(pk=first.pk).update(maximum=0), "criterion_maximum_positive")
    refused(
        lambda: Criterion.objects.filter(pk=first.pk).update(position=2), "criterion_position_once_per_scheme"
    )
    refused(
        lambda: Criterion.objects.filter(pk=first.pk).update(key="innovation"),
        "criterion_key_once_per_scheme",
    )


def test_a_calendar_day_comes_from_the_library_or_the_bureau():
    refused(
        lambda: CalendarDay.objects.filter(pk=date(2026, 1, 1)).update(source="NOBODY"),
        "calendar_source_known",
    )


def seed(*args: str) -> str:
    out = StringIO()
    call_command("seed_calendar", *args, stdout=out)
    return out.getvalue()


def test_the_seed_leaves_the_bureaus_changes_as_they_are_and_mends_the_rest():
    changed, wrong, gone = date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 14)
    CalendarDay.objects.filter(pk=changed).update(
        is_working=False, name="台风停工", source=CalendarSource.BUREAU
    )
    CalendarDay.objects.filter(pk=wrong).update(is_working=False)
    CalendarDay.objects.filter(pk=gone).delete()
    assert seed("--first", "2026") == "2026年：写入2天。\n2027年：程序库尚无安排，保持待定。\n"
    rows = {
        day.date: (day.is_working, day.name, day.source)
        for day in CalendarDay.objects.filter(date__gte=changed)
    }
    assert rows[changed] == (False, "台风停工", "BUREAU")
    assert rows[wrong] == (True, "", "LIBRARY")
    assert rows[gone] == (True, "", "LIBRARY")
    assert seed("--first", "2026", "--last", "2026") == "2026年：写入0天。\n"


def test_the_seed_fills_an_empty_calendar_as_shipped():
    shipped = list(CalendarDay.objects.values_list("date", "is_working", "name", "source"))
    CalendarDay.objects.all().delete()
    seed("--last", "2026")
    assert list(CalendarDay.objects.values_list("date", "is_working", "name", "source")) == shipped


def test_years_nobody_arranged_are_left_open():
    assert seed("--first", "2027", "--last", "2028") == (
        "2027年：程序库尚无安排，保持待定。\n2028年：程序库尚无安排，保持待定。\n"
    )
    assert not CalendarDay.objects.filter(date__year=2027).exists()


@pytest.mark.parametrize("args", [("--first", "1"), ("--first", "2026", "--last", "2025")])
def test_impossible_years_are_refused(args):
    with pytest.raises(CommandError, match="年度应在1900至2200之间"):
        seed(*args)
