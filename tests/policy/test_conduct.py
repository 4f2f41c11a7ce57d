from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.facts import AccidentLevel, Answer, Incident
from policy.findings import Verdict
from tests.policy.cases import applicant, findings

DAY = date(2025, 5, 1)
FIRST_DAY_OF_WINDOW, DAY_BEFORE = date(2024, 7, 1), date(2024, 6, 30)


@pytest.mark.parametrize(
    ("incident", "verdict", "measured"),
    [
        (Incident(Answer.NONE), Verdict.MET, "没有"),
        (Incident(Answer.PENDING), Verdict.ATTENTION, "有事故尚未结论"),
        (Incident(Answer.HAPPENED, AccidentLevel.MAJOR, DAY), Verdict.UNMET, "2025年5月1日发生重大事故"),
        (
            Incident(Answer.HAPPENED, AccidentLevel.EXCEPTIONAL, DAY),
            Verdict.UNMET,
            "2025年5月1日发生特别重大事故",
        ),
        (
            Incident(Answer.HAPPENED, AccidentLevel.CONSIDERABLE, DAY),
            Verdict.ATTENTION,
            "2025年5月1日发生较大事故",
        ),
        (
            Incident(Answer.HAPPENED, AccidentLevel.GENERAL, DAY),
            Verdict.ATTENTION,
            "2025年5月1日发生一般事故",
        ),
        (Incident(Answer.HAPPENED, "", DAY), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (Incident(Answer.HAPPENED, AccidentLevel.MAJOR), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (Incident(), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (
            Incident(Answer.HAPPENED, AccidentLevel.MAJOR, FIRST_DAY_OF_WINDOW),
            Verdict.UNMET,
            "2024年7月1日发生重大事故",
        ),
        (
            Incident(Answer.HAPPENED, AccidentLevel.MAJOR, DAY_BEFORE),
            Verdict.MET,
            "2024年6月30日发生重大事故，不在近两年内",
        ),
        (
            Incident(Answer.HAPPENED, "", DAY_BEFORE),
            Verdict.MET,
            "2024年6月30日发生等级未填的事故，不在近两年内",
        ),
    ],
)
def test_major_accidents_of_two_years_stand_in_the_way(incident, verdict, measured):
    found = findings(applicant(accidents=incident))["no_major_accident"]
    assert (found.verdict, found.measured, found.threshold) == (
        verdict,
        measured,
        "2024年7月1日至2026年6月30日未发生重大质量、环保或安全等事故",
    )


@pytest.mark.parametrize(
    ("incident", "verdict", "measured"),
    [
        (Incident(Answer.NONE), Verdict.MET, "没有"),
        (Incident(Answer.PENDING), Verdict.UNMET, "涉嫌违法，尚未结论"),
        (Incident(Answer.HAPPENED, "", FIRST_DAY_OF_WINDOW), Verdict.UNMET, "2024年7月1日有违法行为"),
        (Incident(Answer.HAPPENED, "", DAY_BEFORE), Verdict.MET, "2024年6月30日有违法行为，不在近两年内"),
        (Incident(Answer.HAPPENED), Verdict.NOT_COMPUTABLE, "尚未填写"),
        (Incident(), Verdict.NOT_COMPUTABLE, "尚未填写"),
    ],
)
def test_a_violation_of_two_years_stands_in_the_way(incident, verdict, measured):
    found = findings(applicant(violations=incident))["no_violation"]
    assert (found.clause, found.verdict, found.measured) == ("第十二条第2项", verdict, measured)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer.NONE, Verdict.MET),
        (Answer.HAPPENED, Verdict.UNMET),
        (Answer.PENDING, Verdict.UNMET),
        ("", Verdict.NOT_COMPUTABLE),
    ],
)
def test_an_open_investigation_stands_in_the_way(answer, verdict):
    assert findings(applicant(investigation=Incident(answer)))["not_under_investigation"].verdict is verdict


@pytest.mark.parametrize(
    ("until", "applied_on", "verdict"),
    [
        (None, date(2026, 6, 1), Verdict.MET),
        (date(2026, 6, 30), None, Verdict.UNMET),
        (date(2026, 6, 29), None, Verdict.MET),
        (date(2026, 6, 1), date(2026, 6, 1), Verdict.UNMET),
        (date(2026, 6, 1), date(2026, 6, 2), Verdict.MET),
        (date.max, date(2026, 6, 2), Verdict.UNMET),
    ],
)
def test_the_bar_holds_on_its_last_day_and_is_gone_the_next(until, applied_on, verdict):
    found = findings(applicant(barred_until=until), applied_on=applied_on)["not_barred"]
    assert (found.verdict, found.article, found.blocks) == (verdict, 20, verdict is Verdict.UNMET)


incidents = st.builds(
    Incident,
    st.sampled_from([*Answer, "", "nonsense"]),
    st.sampled_from([*AccidentLevel, "", "nonsense"]),
    st.none() | st.dates(),
)


@given(incidents, incidents, incidents, st.none() | st.dates(), st.dates())
def test_any_answers_give_findings(accidents, violations, investigation, barred_until, base_date):
    facts = applicant(
        accidents=accidents, violations=violations, investigation=investigation, barred_until=barred_until
    )
    found = findings(facts, base_date=base_date)
    assert all(finding.clause and finding.title and finding.threshold for finding in found.values())
    assert all(finding.advice for finding in found.values() if finding.blocks)
