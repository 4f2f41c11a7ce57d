from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.facts import ProjectFacts, ServiceUnitFacts, ServiceUnitKind
from policy.findings import Verdict
from tests.policy.cases import BASE_DATE, applicant, findings, project

DEPARTMENT = ServiceUnitFacts(ServiceUnitKind.DEPARTMENT, "运维服务中心", date(2021, 9, 6), 46, True)
COMPANY = ServiceUnitFacts(
    ServiceUnitKind.COMPANY,
    "运维服务公司",
    date(2021, 9, 6),
    46,
    True,
    "91371082MA3T000179",
    Decimal("51.00"),
)


@pytest.mark.parametrize(
    ("unit", "verdict", "measured"),
    [
        (DEPARTMENT, Verdict.MET, "专门的服务性部门：运维服务中心"),
        (COMPANY, Verdict.MET, "独立的服务性公司：运维服务公司"),
        (ServiceUnitFacts(ServiceUnitKind.DEPARTMENT), Verdict.MET, "已设立专门的服务性部门"),
        (ServiceUnitFacts(ServiceUnitKind.NONE), Verdict.UNMET, "尚未设立"),
        (None, Verdict.NOT_COMPUTABLE, "尚未填写"),
        (ServiceUnitFacts(""), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (replace(DEPARTMENT, name=" "), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (replace(COMPANY, uscc=""), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (replace(COMPANY, share_percent=None), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (replace(DEPARTMENT, established_on=BASE_DATE), Verdict.MET, "专门的服务性部门：运维服务中心"),
        (
            replace(DEPARTMENT, established_on=date(2026, 7, 1)),
            Verdict.UNMET,
            "2026年7月1日设立，晚于基准日",
        ),
        (replace(DEPARTMENT, headcount=0), Verdict.UNMET, "专门的服务性部门人数为0"),
        (replace(DEPARTMENT, headcount=1), Verdict.MET, "专门的服务性部门：运维服务中心"),
        (replace(COMPANY, uscc="91371082MA3T000178"), Verdict.UNMET, "服务性公司的代码有误"),
        (replace(COMPANY, share_percent=Decimal(0)), Verdict.UNMET, "持股比例不在0—100%之内"),
        (replace(COMPANY, share_percent=Decimal("0.01")), Verdict.MET, "独立的服务性公司：运维服务公司"),
        (replace(COMPANY, share_percent=Decimal(100)), Verdict.MET, "独立的服务性公司：运维服务公司"),
        (replace(COMPANY, share_percent=Decimal("100.01")), Verdict.UNMET, "持股比例不在0—100%之内"),
        (replace(DEPARTMENT, has_document=False), Verdict.UNMET, "专门的服务性部门已填写，缺设立文件"),
    ],
)
def test_a_department_or_a_company_supports_the_services(unit, verdict, measured):
    found = findings(applicant(service_unit=unit))["service_unit"]
    assert (found.verdict, found.measured) == (verdict, measured)


def test_what_a_company_still_lacks_is_named():
    bare = ServiceUnitFacts(ServiceUnitKind.COMPANY, has_document=False)
    assert findings(applicant(service_unit=bare))["service_unit"].advice == (
        "独立的服务性公司还缺：名称、设立日期、人数、公司的统一社会信用代码、持股比例。请补填。"
    )


@pytest.mark.parametrize(
    ("started_on", "ended_on", "counts"),
    [
        (date(2023, 7, 1), date(2023, 7, 1), True),
        (date(2020, 1, 1), date(2023, 7, 1), True),
        (date(2020, 1, 1), date(2023, 6, 30), False),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
        (date(2010, 1, 1), date(2030, 1, 1), True),
        (date(2010, 1, 1), None, True),
        (date(2025, 1, 2), date(2025, 1, 1), False),
        (None, date(2025, 1, 1), False),
    ],
)
def test_a_project_counts_when_its_period_overlaps_the_window(started_on, ended_on, counts):
    sure = project("始终计入", date(2025, 1, 1))
    tried = ProjectFacts("试验", started_on, ended_on, True)
    found = findings(applicant(projects=(sure, tried)))["projects_in_window"]
    assert (found.verdict is Verdict.MET) is counts


@pytest.mark.parametrize(
    ("count", "verdict"),
    [
        (None, Verdict.NOT_COMPUTABLE),
        (0, Verdict.UNMET),
        (1, Verdict.UNMET),
        (2, Verdict.MET),
        (9, Verdict.MET),
    ],
)
def test_the_self_check_counts_projects_without_listing_them(count, verdict):
    found = findings(applicant(projects=(), declared_project_count=count))["projects_in_window"]
    assert found.verdict is verdict


def test_listed_projects_outweigh_a_declared_count():
    one = applicant(projects=(project("一", date(2025, 1, 1)),), declared_project_count=5)
    assert findings(one)["projects_in_window"].measured == "1个"


projects = st.builds(
    ProjectFacts,
    st.text(max_size=5),
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.sampled_from([None, True, False]),
)
units = st.builds(
    ServiceUnitFacts,
    st.sampled_from([*ServiceUnitKind, "", "nonsense"]),
    st.text(max_size=5),
    st.none() | st.dates(),
    st.none() | st.integers(),
    st.sampled_from([None, True, False]),
    st.text(max_size=20),
    st.none() | st.decimals(),
)


@given(units, st.lists(projects, max_size=4), st.none() | st.integers(), st.dates())
def test_any_support_gives_findings(unit, listed, count, base_date):
    facts = applicant(service_unit=unit, projects=tuple(listed), declared_project_count=count)
    found = findings(facts, base_date=base_date)
    for key in ("service_unit", "projects_in_window"):
        assert found[key].advice or found[key].is_met
