from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.dates import add_years, elapsed
from policy.facts import LegalForm
from policy.findings import Verdict
from policy.rules.company import division_of
from tests.policy.cases import BASE_DATE, applicant, findings, year


@pytest.mark.parametrize(
    ("registered", "verdict", "missing"),
    [
        (True, Verdict.MET, ()),
        (False, Verdict.UNMET, ()),
        (None, Verdict.NOT_COMPUTABLE, ("is_registered_in_weihai",)),
    ],
)
def test_registration_is_asked_and_never_read_from_the_code(registered, verdict, missing):
    found = findings(applicant(is_registered_in_weihai=registered, uscc="91371002MA3T002870"))
    assert (found["registered_in_weihai"].verdict, found["registered_in_weihai"].missing) == (
        verdict,
        missing,
    )


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("13", Verdict.MET),
        ("43", Verdict.MET),
        ("C3464", Verdict.MET),
        (" c346 ", Verdict.MET),
        ("12", Verdict.UNMET),
        ("44", Verdict.UNMET),
        ("4411", Verdict.UNMET),
        ("D3464", Verdict.UNMET),
        ("E47", Verdict.UNMET),
        ("制造", Verdict.UNMET),
        ("", Verdict.NOT_COMPUTABLE),
    ],
)
def test_manufacturing_is_divisions_13_to_43_of_section_c(code, verdict):
    assert findings(applicant(industry_code=code))["manufacturing"].verdict is verdict


def test_the_division_is_shown_in_words():
    assert findings(applicant(industry_code="C3464"))["manufacturing"].measured == "34大类，在13—43之内"
    assert findings(applicant(industry_code="0311"))["manufacturing"].measured == "03大类，不在13—43之内"


@given(st.text(max_size=8))
def test_any_text_has_a_division_or_none(code):
    division = division_of(code)
    assert division is None or 0 <= division <= 99


@pytest.mark.parametrize(
    ("form", "verdict"),
    [
        (LegalForm.LIMITED_LIABILITY, Verdict.MET),
        (LegalForm.JOINT_STOCK, Verdict.MET),
        (LegalForm.STATE_OWNED, Verdict.MET),
        (LegalForm.COLLECTIVE, Verdict.MET),
        (LegalForm.STOCK_COOPERATIVE, Verdict.MET),
        (LegalForm.OTHER_LEGAL_PERSON, Verdict.MET),
        (LegalForm.BRANCH, Verdict.UNMET),
        (LegalForm.PARTNERSHIP, Verdict.UNMET),
        (LegalForm.SOLE_PROPRIETORSHIP, Verdict.UNMET),
        (LegalForm.INDIVIDUAL_BUSINESS, Verdict.UNMET),
        ("", Verdict.NOT_COMPUTABLE),
        ("SOMETHING", Verdict.NOT_COMPUTABLE),
    ],
)
def test_a_91_code_alone_makes_no_legal_person(form, verdict):
    found = findings(applicant(uscc="91371002MA3T002870", legal_form=form))["independent_legal_person"]
    assert found.verdict is verdict
    assert found.blocks is (verdict is not Verdict.MET)


@pytest.mark.parametrize("code", ["92371002MA3T002874", "12371000MB28000000", "51371000MJE0000000"])
def test_a_code_that_is_no_enterprises_is_no_legal_person_whatever_the_form(code):
    assert findings(applicant(uscc=code))["independent_legal_person"].verdict is Verdict.UNMET


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(2024, 2, 28), date(2026, 2, 28)),
        (date(2022, 2, 28), date(2024, 2, 28)),
        (date(2024, 6, 30), date(2026, 6, 30)),
        (date(9998, 1, 1), date.max),
    ],
)
def test_two_years_after_a_day(start, expected):
    assert add_years(start, 2) == expected


def test_an_enterprise_of_29_february_is_two_years_old_on_28_february():
    facts = applicant(founded_on=date(2024, 2, 29))
    assert findings(facts, base_date=date(2026, 2, 27))["years_in_operation"].verdict is Verdict.UNMET
    assert findings(facts, base_date=date(2026, 2, 28))["years_in_operation"].verdict is Verdict.MET


def test_operation_that_began_later_than_founding_is_what_counts():
    facts = applicant(founded_on=date(2015, 1, 1), operating_since=date(2025, 1, 1))
    found = findings(facts)["years_in_operation"]
    assert (found.verdict, found.measured) == (
        Verdict.UNMET,
        "2025年1月1日正常经营起始，至基准日1年5个月",
    )
    early = applicant(founded_on=date(2025, 1, 1), operating_since=date(2015, 1, 1))
    assert findings(early)["years_in_operation"].verdict is Verdict.UNMET


def test_a_missing_founding_date_is_asked_for():
    found = findings(applicant(founded_on=None))["years_in_operation"]
    assert (found.verdict, found.label, found.missing, found.blocks) == (
        Verdict.NOT_COMPUTABLE,
        "待填写",
        ("founded_on",),
        True,
    )
    assert found.advice == "请填写成立日期，与营业执照一致。"


@given(st.dates())
def test_two_years_are_full_from_the_anniversary_on_and_not_a_day_before(founded):
    found = findings(applicant(founded_on=founded))["years_in_operation"]
    assert (found.verdict is Verdict.MET) is (add_years(founded, 2) <= BASE_DATE)


@given(st.dates(), st.dates())
def test_elapsed_years_and_months_never_promise_too_much(start, end):
    years, months = elapsed(start, end)
    assert 0 <= months <= 12
    assert (years, months) == (0, 0) or add_years(start, years) <= end
    if end >= start and start.year + years + 1 <= date.max.year:
        assert end < add_years(start, years + 1) + timedelta(days=1) if end < date.max else True


def test_a_declaration_is_never_proof():
    declared = findings(applicant())["sound_organisation"]
    assert (declared.verdict, declared.measured, declared.blocks) == (
        Verdict.ATTENTION,
        "企业自述具备；2024年利润总额为负",
        False,
    )
    healthy = applicant(figures={2024: year("1", "1", "0"), 2025: year("1", "1", "1")})
    assert findings(healthy)["sound_organisation"].measured == "企业自述具备"
    assert findings(applicant(declared_sound=False))["sound_organisation"].blocks
    assert findings(applicant(declared_sound=None))["sound_organisation"].missing == ("declared_sound",)
