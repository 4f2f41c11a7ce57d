"""What the queue of a district or association shows, in which order, and what never stands in it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications import casework, materials, recommending, versions
from applications.models import Application, ApplicationVersion, Recommendation
from applications.outlines import outline_of
from core import workflow
from tests.applications.vetting.scenes import JULY, flag
from tests.factories import fill_in, make_application, make_member, make_officer, make_round

pytestmark = pytest.mark.django_db
State = Application.State


def test_the_queue_shows_its_own_first_and_the_days_left(desk):
    late = make_application(state=State.SUBMITTED)
    returned = make_application(state=State.RETURNED, correction_due=JULY + timedelta(days=1))
    ended = make_application(state=State.NOT_RECOMMENDED)
    page = desk.get(reverse("vetting-queue"))
    assert [row.application for row in page.context["rows"]] == [late, returned]
    assert [row.badge[0] for row in page.context["rows"]] == ["待审核", "退回补正"]
    assert [(word, number) for _, word, number in page.context["tabs"]] == [
        ("办理中", 2),
        ("已报送", 0),
        ("已终止", 1),
        ("全部", 3),
    ]
    text = page.content.decode()
    assert "剩 1 天" in text
    assert "剩 4 天" in text
    assert str(ended.enterprise) not in text


def test_the_queue_counts_conditions_with_the_three_limbs_as_one(desk, case):
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (
        sum(row.counts.values())
        == len([one for one in case.current_version.findings if not one["group"]]) + 1
    )
    assert row.counts == {"MET": 11, "ATTENTION": 1}
    assert (row.parts_done, row.parts) == (13, 13)
    assert row.problem is None


def test_a_flagged_item_lowers_what_is_complete(desk, officer, case):
    flag(case, officer)
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (row.parts_done, row.parts) == (12, 13)


def test_a_case_sent_back_says_why(desk):
    case = make_application(state=State.FORWARDED)
    workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="项目二验收单缺盖章页")
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (row.problem.text, row.until_word, row.next_step) == (
        "市局退回：项目二验收单缺盖章页",
        "重报",
        "重新审核",
    )


def test_filters_stand_in_the_address(desk, officer, case):
    other = make_application(state=State.VETTED)
    casework.take(case, by=officer)

    def found(**asked) -> list[Application]:
        return [row.application for row in desk.get(reverse("vetting-queue"), asked).context["rows"]]

    assert found(q=case.enterprise.credit_code.lower()) == [case]
    assert found(q=other.enterprise.name) == [other]
    assert found(state="VETTED") == [other]
    assert found(officer=officer.pk) == [case]
    assert found(mode=case.main_mode_id) == [case, other]
    assert found(finding="unmet") == []
    assert found(finding="attention") == []
    assert found(finding="clear") == [case, other]
    at_a_loss = "；2025 年利润总额为负"
    doubtful = [one | {"measured": one["measured"] + at_a_loss} for one in case.current_version.findings]
    outline = outline_of(case.current_version.snapshot, doubtful)
    ApplicationVersion.objects.filter(pk=case.current_version_id).update(outline=outline)
    assert found(finding="attention") == [case]
    assert found(finding="clear") == [other]
    assert found(tab="reported") == []
    assert found(round=case.round_id, tab="all") == [case, other]


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "x"},
        {"page": "999"},
        {"mode": "９"},
        {"mode": "9" * 40},
        {"officer": "-1"},
        {"round": "'"},
        {"tab": "nothing"},
        {"state": "DRAFT"},
        {"finding": "x"},
        {"q": "\x00%_"},
    ],
)
def test_an_address_nobody_offered_is_no_error(desk, case, asked):
    assert desk.get(reverse("vetting-queue"), asked).status_code == 200


def test_a_draft_is_not_in_the_queue(desk):
    make_application(state=State.DRAFT)
    page = desk.get(reverse("vetting-queue"), {"tab": "all"})
    assert page.context["rows"] == []
    assert "这里还没有申报" in page.content.decode()


def test_a_case_withdrawn_as_a_draft_was_never_here(desk):
    case = make_application(state=State.WITHDRAWN)
    assert desk.get(reverse("vetting-queue"), {"tab": "all"}).context["rows"] == []
    assert desk.get(reverse("vetting", args=[case.pk])).status_code == 404


def test_the_rows_of_several_rounds_say_which_is_theirs(desk, case):
    assert "2026年度认定</span>" not in desk.get(reverse("vetting-queue")).content.decode()
    earlier = make_round(year=2025, title="2025年度认定")
    make_application(state=State.AWARDED, round=earlier)
    assert "2026年度认定</span>" not in desk.get(reverse("vetting-queue")).content.decode()
    text = desk.get(reverse("vetting-queue") + "?tab=all").content.decode()
    assert re.findall(r'"sub-fact">(20\d\d年度认定)</span>', text) == ["2026年度认定", "2025年度认定"]
    chosen = desk.get(reverse("vetting-queue") + f"?tab=all&round={earlier.pk}").content.decode()
    assert '"sub-fact">2025年度认定' not in chosen


def test_what_has_ended_says_when_how_and_by_which_clause(desk, officer):
    refused, withdrawn = (make_application(state=State.SUBMITTED) for _ in range(2))
    reason = "第十二条第3项：服务性收入占比按审计报告为 12.40%，低于 15%，三项指标均未达到。"
    workflow.perform(refused, "refuse_recommendation", by=officer, note=reason)
    person = make_member(withdrawn.enterprise)
    workflow.perform(withdrawn, "withdraw", by=person, note="改由行业协会推荐")
    page = desk.get(reverse("vetting-queue") + "?tab=ended")
    told = [
        (one.enterprise, one.badge[0], one.days, one.problem.clause, one.problem.article, one.problem.text)
        for one in page.context["rows"]
    ]
    why = "服务性收入占比按审计报告为 12.40%，低于 15%，三项指标均未达到。"
    assert told == [
        (refused.enterprise.name, "不予推荐", None, "第十二条第3项", 12, why),
        (withdrawn.enterprise.name, "已撤回", None, "", "", "改由行业协会推荐"),
    ]
    text = page.content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', text)[:5] == [
        "终止",
        "企业",
        "状态",
        "条件核验",
        "终止原因",
    ]
    assert ("2026年7月13日" in text, why in text, page.context["order"]) == (True, True, "最早终止的在前")


def test_what_every_enterprise_declares_alike_is_not_its_main_problem(desk, case, officer):
    findings = case.current_version.findings
    assert any(one["measured"] == "企业自述具备" for one in findings)
    (row,) = desk.get(reverse("vetting-queue")).context["rows"]
    assert row.problem is None
    flag(case, officer)
    (row,) = desk.get(reverse("vetting-queue")).context["rows"]
    assert row.problem.text == "列为退回 1 项"


def test_a_case_in_a_letter_is_not_to_be_listed_again(desk, case, officer):
    passed = make_application(state=State.VETTED)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "列入推荐"}
    letter = Recommendation(
        agency=passed.channel, round=passed.round, letter_number="荣工信函〔2026〕3号", prepared_by=officer
    )
    recommending.prepare(letter, [(passed, "")], by=officer)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "待签发"}
    leader = make_officer(Role.CHANNEL_LEADER)
    workflow.perform(letter, "sign", by=leader, signer=leader)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "待盖章报送"}


def test_ratios_are_told_as_the_conditions_judge_them(desk, officer):
    application = make_application(complete=False)
    fill_in(application, by=officer)
    latest = application.figures.get(year=application.round.latest_year)
    latest.main_revenue, latest.service_revenue = Decimal("100000.00"), Decimal("14996.00")
    latest.save()
    application.figures.filter(year=latest.year - 1).update(total_profit=Decimal("-3.00"))
    version = versions.freeze(application, by=officer)
    computed = materials.computed_of(version, application.round.measure.condition_specs())
    assert {label: values[-1] for label, values in computed} == {
        "资产负债率": "47.40%",
        "主营业务收入增长率": "643.49%",
        "服务性收入占比": "14.996%",
        "利润总额增长率": "扭亏",
        "研发费用占营业收入比重": "4.54%",
    }
