"""What is shipped: complete, loadable, and the same after a round trip through the database."""

import json
from collections import Counter
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from policy.library_calendar import library_days
from policy.models import CalendarDay, Industry, Measure, ScoringScheme, ServiceMode
from tests.policy.cases import FIXTURES, calendar, conditions, rows
from tests.policy.test_scoring import SCHEME

FILES = {
    "10_measure.json": ["policy.measure", "policy.article", "policy.measurecondition"],
    "20_service_modes.json": ["policy.servicemode"],
    "30_industries.json": ["policy.industry"],
    "40_calendar.json": ["policy.calendarday"],
    "50_scoring.json": ["policy.scoringscheme", "policy.criterion"],
}


def by_key(dumped):
    return {(row["model"], row["pk"]): row["fields"] for row in dumped}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_fixtures_round_trip(name):
    call_command("loaddata", str(FIXTURES / name), verbosity=0)
    out = StringIO()
    call_command("dumpdata", *FILES[name], stdout=out)
    shipped = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    assert by_key(json.loads(out.getvalue())) == by_key(shipped)
    assert len(by_key(shipped)) == len(shipped)


@pytest.mark.django_db
def test_the_rows_give_the_values_the_rules_were_proved_with():
    measure = Measure.objects.get(document_number="威工信发〔2021〕34号")
    assert tuple(measure.condition_specs()) == conditions()
    assert ScoringScheme.objects.get(name="默认评分方案").spec() == SCHEME
    assert CalendarDay.objects.calendar() == calendar()
    assert [one.label for one in measure.articles.filter(number__in=(12, 25))] == ["第十二条", "第二十五条"]


@pytest.mark.django_db
def test_the_helpers_ask_the_database_once(django_assert_num_queries):
    measure = Measure.objects.get(pk=1)
    for ask in (
        measure.condition_specs,
        measure.validity,
        CalendarDay.objects.calendar,
    ):
        with django_assert_num_queries(1):
            ask()


def test_the_measure_is_the_one_of_2021():
    (measure,) = rows("10_measure.json", "policy.measure")
    assert measure == {
        "pk": 1,
        "document_number": "威工信发〔2021〕34号",
        "title": "威海市服务型制造示范企业认定管理办法",
        "issued_on": "2021-07-20",
        "effective_from": "2021-09-01",
        "effective_until": "2026-08-31",
        "repealed_from": None,
        "re_review_interval_years": 2,
        "change_filing_working_days": 30,
        "bar_years": 3,
        "barring_grounds": ["一", "四", "五"],
        "title_awarded": "威海市服务型制造示范企业",
        "awarding_body": "威海市工业和信息化局",
        "source_url": "",
    }


def test_the_numbers_of_the_conditions():
    assert {spec.rule: dict(spec.numbers) for spec in conditions() if spec.numbers} == {
        "manufacturing": {"first_division": 13, "last_division": 43},
        "years_in_operation": {"years": 2},
        "no_major_accident": {"years": 2, "levels": ["MAJOR", "EXCEPTIONAL"]},
        "no_violation": {"years": 2},
        "projects_in_window": {"years": 3, "projects": 2},
        "service_revenue_share": {"percent": "15"},
        "main_revenue_growth": {"percent": "10"},
        "profit_growth": {"percent": "10"},
    }
    assert {spec.rule for spec in conditions() if spec.group} == {
        "service_revenue_share",
        "main_revenue_growth",
        "profit_growth",
    }
    assert all(spec.blocking for spec in conditions())


def test_the_six_modes_are_articles_six_to_eleven():
    articles = {row["number"]: row["text"] for row in rows("10_measure.json", "policy.article")}
    modes = rows("20_service_modes.json", "policy.servicemode")
    assert [(mode["name"], mode["article_number"]) for mode in modes] == [
        ("供应链管理", 6),
        ("共享制造服务", 7),
        ("产品全生命周期管理", 8),
        ("总集成总承包服务", 9),
        ("定制化服务", 10),
        ("信息增值服务", 11),
    ]
    for mode in modes:
        assert articles[mode["article_number"]] == f"{mode['name']}。{mode['description']}"


def test_section_c_is_complete():
    """GB/T 4754-2017 section C counts 31 divisions, 179 groups and 609 classes."""
    industries = rows("30_industries.json", "policy.industry")
    assert Counter(row["level"] for row in industries) == {"DIVISION": 31, "GROUP": 179, "CLASS": 609}
    codes = {row["pk"]: row for row in industries}
    assert sorted(code for code in codes if len(code) == 2) == [str(number) for number in range(13, 44)]
    for code, row in codes.items():
        assert row["parent"] == (code[:-1] if len(code) > 2 else None)
        assert row["parent"] is None or row["parent"] in codes
        assert row["name"] == row["name"].strip() != ""
    for group in (code for code in codes if len(code) == 3):
        classes = [code for code in codes if len(code) == 4 and code.startswith(group)]
        assert classes
        if f"{group}0" in classes:
            assert classes == [f"{group}0"]
            assert codes[f"{group}0"]["name"] == codes[group]["name"]
    assert codes["3464"]["name"] == "制冷、空调设备制造"


def test_the_calendar_knows_every_day_from_2021_to_2026_as_the_library_does():
    days = calendar().days
    assert sorted(days) == [date(2021, 1, 1) + timedelta(n) for n in range(2191)]
    for year in range(2021, 2027):
        known = library_days(year)
        assert known is not None
        assert {day.date: day.is_working for day in known}.items() <= days.items()
    assert library_days(2003) is None
    assert {row["source"] for row in rows("40_calendar.json", "policy.calendarday")} == {"LIBRARY"}
    names = {row["pk"]: row["name"] for row in rows("40_calendar.json", "policy.calendarday")}
    assert (names["2026-10-01"], names["2026-10-10"], names["2026-10-12"]) == ("国庆节", "国庆节调休上班", "")


@pytest.mark.django_db
def test_rows_read_as_people_write_them():
    assert str(Industry.objects.get(pk="3464")) == "C3464 制冷、空调设备制造"
    assert str(ServiceMode.objects.get(article_number=6)) == "供应链管理"
    assert str(Measure.objects.get(pk=1)) == "威海市服务型制造示范企业认定管理办法（威工信发〔2021〕34号）"
    assert str(CalendarDay.objects.get(pk=date(2026, 10, 10))) == "2026-10-10 班"
