"""The conditions tried out by anybody: the findings are the rules' own, nothing typed breaks the page, nothing is stored."""

import logging
import re
from dataclasses import replace
from datetime import date
from html import escape, unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.forms.self_check import SelfCheckForm
from applications.models import Round
from core import clock
from policy.eligibility import (
    ApplicantFacts,
    Incident,
    LegalForm,
    ServiceUnitFacts,
    conclude,
    evaluate,
)
from policy.findings import Finding
from policy.models import MeasureRenewal
from tests import factories
from tests.applications.scenes import june, signed_in
from tests.policy.cases import BASE_DATE, LATEST_YEAR, NO, conditions, year

pytestmark = pytest.mark.django_db

URL = "/self-check/"
TYPED = {
    "is_registered_in_weihai": "yes",
    "is_sound": "yes",
    "founded_on": "2015-03-18",
    "legal_form": "LIMITED_LIABILITY",
    "industry_code": "34",
    "ACCIDENTS_answer": "NONE",
    "VIOLATIONS_answer": "NONE",
    "INVESTIGATION_answer": "NONE",
    "service_unit_kind": "DEPARTMENT",
    "project_count": "2",
    "main_revenue_2024": "9,620",
    "main_revenue_2025": "10,000.00",
    "service_revenue_2025": "1500",
    "total_profit_2024": "-500",
    "total_profit_2025": "300",
}
FACTS = ApplicantFacts(
    legal_form=LegalForm.LIMITED_LIABILITY,
    is_registered_in_weihai=True,
    industry_code="34",
    founded_on=date(2015, 3, 18),
    declared_sound=True,
    accidents=NO,
    violations=NO,
    investigation=NO,
    service_unit=ServiceUnitFacts(kind="DEPARTMENT"),
    declared_project_count=2,
    figures={2024: year("9620", None, "-500"), 2025: year("10000", "1500", "300")},
)


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def round_():
    return factories.make_round()


def post(client: Client | None = None, **changes: str) -> Any:
    return (client or Client()).post(URL, TYPED | changes)


def expected(**changes: Any) -> list[Finding]:
    return evaluate(replace(FACTS, **changes), conditions(), base_date=BASE_DATE, latest_year=LATEST_YEAR)


def words(page: Any) -> str:
    return re.sub(r"\s+", "", unescape(strip_tags(page.content.decode())))


def assert_told(page: Any, findings: list[Finding]) -> None:
    """The findings are these, whole, and each stands on the page with what was measured and what to do."""
    assert page.context["findings"] == findings
    said = words(page)
    conclusion = conclude(findings)
    assert conclusion.title in said
    assert re.sub(r"\s+", "", conclusion.sentence) in said
    for one in findings:
        assert one.title in said
        assert one.is_summary or re.sub(r"\s+", "", one.measured) in said
        assert one.is_met or one.missing or re.sub(r"\s+", "", one.advice) in said


@pytest.mark.parametrize(
    ("typed", "facts"),
    [
        ({}, {}),
        ({"service_revenue_2025": "1,499.60"}, {"figures": {2024: year("9620", None, "-500"), 2025: year("10000", "1499.60", "300")}}),
        ({"main_revenue_2024": "1011", "main_revenue_2025": "1112.10", "service_revenue_2025": "0"}, {"figures": {2024: year("1011", None, "-500"), 2025: year("1112.10", "0", "300")}}),
        ({"main_revenue_2024": "1011", "main_revenue_2025": "1112.09", "service_revenue_2025": "0"}, {"figures": {2024: year("1011", None, "-500"), 2025: year("1112.09", "0", "300")}}),
        ({"total_profit_2025": "−1,000"}, {"figures": {2024: year("9620", None, "-500"), 2025: year("10000", "1500", "-1000")}}),
        ({"founded_on": "2024-06-30"}, {"founded_on": date(2024, 6, 30)}),
        ({"founded_on": "2024-07-01"}, {"founded_on": date(2024, 7, 1)}),
        ({"project_count": "1个"}, {"declared_project_count": 1}),
        ({"credit_code": "91371002ma3t 002870"}, {"uscc": "91371002MA3T002870"}),
        ({"credit_code": "92371002MA3T00287W"}, {"uscc": "92371002MA3T00287W"}),
        ({"industry_code": "其他行业"}, {"industry_code": "其他行业"}),
        (
            {"ACCIDENTS_answer": "HAPPENED", "ACCIDENTS_level": "MAJOR", "ACCIDENTS_occurred_on": "2025-3-1"},
            {"accidents": Incident("HAPPENED", "MAJOR", date(2025, 3, 1))},
        ),
        ({"VIOLATIONS_answer": "PENDING", "INVESTIGATION_answer": "PENDING"}, {"violations": Incident("PENDING"), "investigation": Incident("PENDING")}),
        ({"barred_until": "2028-12-10"}, {"barred_until": date(2028, 12, 10)}),
        ({"operating_since": "2025-01-01"}, {"operating_since": date(2025, 1, 1)}),
        ({"service_unit_kind": ""}, {"service_unit": None}),
    ],
)  # fmt: skip
def test_scenarios_1_to_6_are_told_as_the_rules_tell_them(round_, typed, facts):
    assert_told(post(**typed), expected(**facts))


def test_14_996_percent_is_never_shown_as_met(round_):
    said = words(post(service_revenue_2025="1499.60"))
    assert "1,499.60÷10,000.00=14.996%" in said
    assert "15.00%" not in said
    assert "1条未达到：第十二条第3项三项指标，满足其中一项即可。" in said


def test_a_wrong_check_digit_is_explained_at_its_field_and_the_rest_is_judged(round_):
    page = post(credit_code="91371002ma3t 002871")
    assert page.context["form"].errors == {
        "credit_code": [
            "统一社会信用代码校验码（最后一位“1”）与前17位不符，通常是其中某一位写错，请对照营业执照逐位核对。"
        ]
    }
    assert_told(page, expected())
    assert 'value="91371002ma3t 002871"' in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("<script>alert(1)</script>", "2025年利润总额“<script>alert(1)</sc…”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("🙂", "2025年利润总额“🙂”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ('=HYPERLINK("a","b")', '2025年利润总额“=HYPERLINK("a","b")”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。'),
        ("1,234.5万", "2025年利润总额的单位已是万元，只填数字，例如1,234.50，不写“万”。"),
        ("100\n200", "2025年利润总额只填一个数，您填写的内容有换行。请每格填一个数，单位万元，例如1,234.50。"),
        ("九" * 3_400_000, f"2025年利润总额“{'九' * 20}…”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
        ("1e5", "2025年利润总额“1e5”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。"),
    ],
    ids=["script", "emoji", "formula", "unit", "two lines", "10 MB", "exponent"],
)  # fmt: skip
def test_what_is_no_amount_gets_its_sentence_and_everything_else_is_kept(round_, typed, sentence):
    page = post(total_profit_2025=typed)
    assert (page.status_code, page.context["form"].errors) == (200, {"total_profit_2025": [sentence]})
    text = page.content.decode()
    assert escape(sentence).replace("&#x27;", "&#39;") in text
    assert len(text) < 200_000
    for name, value in TYPED.items():
        if name.startswith(("main_", "service_revenue", "total_profit_2024")):
            assert f'value="{value}"' in text, name
    assert_told(page, expected(figures={2024: year("9620", None, "-500"), 2025: year("10000", "1500")}))


@pytest.mark.parametrize("typed", ["１５００", "1,500.00", " 1 500 ", "1500万元", "¥1500"])
def test_figures_are_read_as_people_write_them(round_, typed):
    assert_told(post(service_revenue_2025=typed), expected())


def test_figures_that_cannot_be_are_told_in_their_row_with_a_mend(round_):
    page = post(main_revenue_2025="-1", service_revenue_2025="15,000,000")
    assert page.context["form"].errors == {"main_revenue_2025": ["2025年主营业务收入不能为负数，请核对。"]}
    page = post(service_revenue_2025="15,000,000")
    assert "像是按“元”填写；换算成万元是1,500.00。" in words(page)
    assert 'data-text="1,500.00"' in page.content.decode()


def test_while_typing_only_what_changes_is_sent(round_):
    page = Client().post(URL, TYPED | {"founded_on": "2199-1-1"}, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "<html" not in text
    assert page.context["findings"] == expected(founded_on=None)
    assert '<div id="id_founded_on_live"><p class="field-error" id="id_founded_on_error">' in text
    assert 'id="filled">已填 14 项' in text
    assert len(text) < 30_000


def row_counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counts = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def test_nothing_is_stored_logged_or_put_into_an_address(round_, caplog):
    caplog.set_level(logging.DEBUG)
    before, client = row_counts(), Client()
    client.get(URL)
    page = post(client, main_revenue_2025="31415926.53", total_profit_2025="31415926")
    assert page["Cache-Control"] == "no-store, private"
    assert row_counts() == before
    assert set(client.cookies) == {"csrftoken"}
    logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert [line for line in logged if "31415926" in line] == []
    asked = Client().get(URL, {"main_revenue_2025": "31415926.53"}).content.decode()
    assert "31415926" not in asked
    assert 'method="post"' in asked


TEXTS = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"[-−+(（]?[0-9０-９,，. ]{0,20}(万|元|万元|%|个)?\)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?", fullmatch=True),
    st.sampled_from(
        ["NONE", "HAPPENED", "PENDING", "yes", "no", "BRANCH", "COMPANY", "13", "\x00", "\u202e1"]
    ),
)


def test_any_texts_give_a_page_and_nothing_is_stored(round_):
    before, names = row_counts(), list(SelfCheckForm((2024, 2025), {}).fields)

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(names), TEXTS), st.booleans())
    def try_it(texts, while_typing):
        headers = {"HX-Request": "true"} if while_typing else {}
        page = Client().post(URL, texts, headers=headers)
        assert page.status_code == 200
        assert len(page.context["findings"]) == 15

    try_it()
    assert row_counts() == before


@pytest.mark.parametrize(("rounds", "queries"), [(0, 5), (1, 4), (3, 4)])
def test_the_page_reads_a_fixed_number_of_rows(client, django_assert_num_queries, rounds, queries):
    for number in range(rounds):
        factories.make_round(year=2026 + number, title=f"{2026 + number}年度认定")
    client.get(URL)
    with django_assert_num_queries(queries):
        client.get(URL)
    with django_assert_num_queries(queries):
        post(client)


def test_without_an_open_round_the_days_are_assumed_and_told(client):
    factories.make_round(state=Round.State.CLOSED)
    page = client.get(URL)
    standard = page.context["standard"]
    assert (standard.round, standard.base_date, standard.latest_year) == (None, date(2026, 6, 12), 2025)
    said = words(page)
    assert "假定基准日为今天2026年6月12日，最近一年为2025年" in said
    assert "目前没有正在接受申报的批次" in said
    assert "带着这些数字开始申报" not in said


def test_a_round_that_has_been_announced_is_measured_with_before_it_opens(client, round_):
    with clock.stopped_at(clock.instant(date(2026, 5, 10))):
        page = client.get(URL)
    assert page.context["standard"].base_date == BASE_DATE
    said = words(page)
    assert "申报自5月18日（周一）9:00开始" in said or "申报自5月18日（周一）09:00开始" in said
    assert "带着这些数字开始申报" not in said


def test_an_expired_measure_is_said_plainly_until_its_renewal_is_recorded(client, round_):
    with clock.stopped_at(clock.instant(date(2026, 11, 24))):
        said = words(client.get(URL))
        assert "管理办法已不在有效期内，结论只供了解" in said
        assert (
            "威工信发〔2021〕34号有效期至2026年8月31日（第二十五条），已经到期，目前没有登记延续有效期的文件。"
        ) in said
        MeasureRenewal.objects.create(
            measure=round_.measure,
            document_number="威工信发〔2026〕21号",
            title="关于延续有效期的通知",
            issued_on=date(2026, 8, 28),
            valid_until=date(2031, 8, 31),
        )
        assert "已经到期" not in words(client.get(URL))


def test_only_people_of_enterprises_and_visitors_are_asked_to_begin(round_):
    member = factories.make_member(factories.make_enterprise())
    for client, may in ((Client(), True), (signed_in(member), True), (signed_in(factories.make_officer("AUDITOR")), False)):  # fmt: skip
        assert ("带着这些数字开始申报" in words(client.get(URL))) is may
    refused = signed_in(factories.make_officer("AUDITOR")).post(URL, TYPED | {"begin": "1"})
    assert refused.status_code == 200
    assert "您的账号不代表企业" in words(refused)


def test_the_page_is_linked_from_home_measure_and_sign_in(client, round_):
    for address in ("/", "/measure/", "/accounts/login/"):
        assert f'href="{URL}"' in client.get(address).content.decode().split("</header>")[1], address
