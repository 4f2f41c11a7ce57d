import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.eligibility import RULES, ApplicantFacts, Conclusion, conclude, evaluate, verdict_sentence
from policy.findings import Finding, Verdict, blocking_findings, counts
from tests.policy.cases import BASE_DATE, LATEST_YEAR, applicant, blocking_keys, conditions, findings, year


def test_a_sound_applicant_is_blocked_by_nothing():
    found = evaluate(applicant(), conditions(), base_date=BASE_DATE, latest_year=LATEST_YEAR)
    assert [finding.key for finding in found] == [
        "registered_in_weihai",
        "manufacturing",
        "independent_legal_person",
        "years_in_operation",
        "sound_organisation",
        "no_major_accident",
        "no_violation",
        "not_under_investigation",
        "service_unit",
        "projects_in_window",
        "group:limbs",
        "service_revenue_share",
        "main_revenue_growth",
        "profit_growth",
        "not_barred",
    ]
    assert blocking_findings(found) == []
    assert counts(found) == {
        Verdict.MET: 11,
        Verdict.ATTENTION: 1,
        Verdict.UNMET: 1,
        Verdict.NOT_COMPUTABLE: 1,
    }
    assert verdict_sentence(found) == "按所填数据，符合申报基本条件；是否属实以审核和评审为准。"


def test_an_empty_form_says_what_to_fill_in_and_blocks():
    found = findings(ApplicantFacts())
    assert blocking_keys(found.values()) == set(found) - {
        *("service_revenue_share", "main_revenue_growth")
    } - {
        "profit_growth",
        "not_barred",
    }
    assert all(finding.missing for finding in found.values() if finding.blocks)
    assert all(
        finding.advice.startswith("请")
        for finding in found.values()
        if finding.blocks and not finding.is_summary
    )


@pytest.mark.parametrize(
    ("latest", "previous", "told"),
    [
        (year("10000", "1500", "100"), year("10000", None, "100"), "（1）"),
        (year("11000", "0", "100"), year("10000", None, "100"), "（2）"),
        (year("10000", "0", "110"), year("10000", None, "100"), "（3）"),
        (year("11000", "1650", "110"), year("10000", None, "100"), "（1）项、第（2）项、第（3）"),
    ],
)
def test_any_one_of_the_three_suffices(latest, previous, told):
    found = findings(applicant(figures={2024: previous, 2025: latest}))
    assert found["group:limbs"].verdict is Verdict.MET
    assert found["group:limbs"].advice == f"满足其中一项即可，您满足第{told}项。"
    assert blocking_keys(found.values()) == set()
    for key in ("service_revenue_share", "main_revenue_growth", "profit_growth"):
        assert found[key].advice.endswith("已有一项满足，不影响申报。") is not found[key].is_met


def test_a_missing_figure_leaves_the_group_open_rather_than_failed():
    found = findings(applicant(figures={2024: year("10000"), 2025: year("10000", "100")}))["group:limbs"]
    assert (found.verdict, found.blocks, found.missing) == (
        Verdict.NOT_COMPUTABLE,
        True,
        ("total_profit_2024", "total_profit_2025"),
    )


def test_a_blocked_applicant_is_told_the_clauses():
    found = findings(applicant(founded_on=date(2025, 1, 1), projects=()))
    assert verdict_sentence(found.values()) == (
        "按所填数据，暂不符合申报基本条件：第十二条第1项 正常经营两年（含）以上（未达到）；"
        "第十二条第3项 近三年服务型制造项目（待填写）。"
    )


@pytest.mark.parametrize(
    ("changes", "conclusion"),
    [
        (
            {},
            Conclusion(
                Verdict.MET,
                "按您填写的数据，符合申报基本条件",
                "11条符合，1条需留意；满足其中一项即可，您满足第（1）项。",
            ),
        ),
        (
            {"founded_on": date(2025, 1, 1), "projects": ()},
            Conclusion(
                Verdict.UNMET,
                "按您填写的数据，暂不符合申报基本条件",
                "1条未达到：第十二条第1项 正常经营两年（含）以上。另有1条待填写。",
            ),
        ),
        (
            {"figures": {}, "projects": ()},
            Conclusion(
                Verdict.NOT_COMPUTABLE, "还有2条待填写，填全后得出结论", "已填的各条中，9条符合，1条需留意。"
            ),
        ),
        (
            {"figures": {2024: year("10000", None, "-1"), 2025: year("10000", "0", "1")}},
            Conclusion(
                Verdict.UNMET,
                "按您填写的数据，暂不符合申报基本条件",
                "1条未达到：第十二条第3项 三项指标，满足其中一项即可。",
            ),
        ),
    ],
)
def test_all_findings_together_conclude_in_one_sentence(changes, conclusion):
    assert conclude(list(findings(applicant(**changes)).values())) == conclusion


def test_a_condition_that_does_not_block_is_still_told():
    relaxed = [spec for spec in conditions() if spec.rule == "years_in_operation"]
    loose = [type(spec)(**{**spec.__dict__, "blocking": False}) for spec in relaxed]
    (found,) = evaluate(
        applicant(founded_on=date(2026, 1, 1)), loose, base_date=BASE_DATE, latest_year=LATEST_YEAR
    )
    assert (found.verdict, found.blocks) == (Verdict.UNMET, False)


def test_the_numbers_of_the_measure_are_what_counts():
    stricter = {"years_in_operation": {"years": 12}, "projects_in_window": {"years": 3, "projects": 3}}
    stricter |= {"service_revenue_share": {"percent": "15.01"}, "main_revenue_growth": {"percent": "3.96"}}
    specs = [type(s)(**{**s.__dict__, "numbers": stricter.get(s.rule, s.numbers)}) for s in conditions()]
    found = evaluate(applicant(), specs, base_date=BASE_DATE, latest_year=LATEST_YEAR)
    assert blocking_keys(found) == {"years_in_operation", "projects_in_window", "group:limbs"}


def test_every_rule_is_used_by_the_measure_and_every_condition_has_a_rule():
    assert {spec.rule for spec in conditions()} == set(RULES)


def test_a_finding_survives_its_snapshot():
    for finding in findings(applicant()).values():
        assert Finding.from_dict(json.loads(json.dumps(finding.as_dict(), ensure_ascii=False))) == finding


def test_a_finding_reads_as_a_sentence():
    found = findings(applicant(founded_on=date(2024, 7, 1)))["years_in_operation"]
    assert found.sentence == (
        "第十二条第1项 正常经营两年（含）以上：未达到，2024年7月1日成立，至基准日1年11个月，"
        "要求至2026年6月30日满2年（含）。至2026年7月1日才满2年，晚于本批次基准日2026年6月30日。"
        "请核对日期；无误的，可在基准日不早于2026年7月1日的批次申报。"
    )


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("blocking", [True, False])
def test_only_a_blocking_finding_that_is_unmet_or_open_blocks(verdict, blocking):
    finding = Finding("k", "第十二条", 12, "题", verdict, "", "", "", blocking)
    assert finding.blocks is (blocking and verdict in {Verdict.UNMET, Verdict.NOT_COMPUTABLE})


@given(st.permutations(conditions()))
def test_the_order_of_conditions_changes_no_verdict(order):
    found = evaluate(applicant(), order, base_date=BASE_DATE, latest_year=LATEST_YEAR)
    assert {f.key: f.verdict for f in found} == {key: f.verdict for key, f in findings(applicant()).items()}
