"""Scenario 9 and what stands around it: declaring, recusing, scoring, concluding, each through the door."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse

from accounts.models import ExpertTie
from applications.models import Application
from core import clock, workflow
from core.workflow import NotPermitted, NotPossible
from review import course, draw, meeting, scores
from review.models import Assignment, Panel, ScoreSheet
from tests.factories import make_expert, make_round
from tests.meanwhile import meanwhile
from tests.review import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
State = Application.State


def test_scenario_9_an_expert_employed_there_until_2024_is_recused_and_the_panel_waits_for_another():
    officer, round_ = scenes.handler(), make_round()
    application = scenes.accepted(round_)[0]
    experts = scenes.pool(5)
    panel = scenes.seat(scenes.compose(round_, [application]), experts, by=officer)
    employed = Assignment.objects.get(expert=experts[2])
    ExpertTie.objects.create(
        expert=experts[2],
        kind="EMPLOYMENT",
        credit_code=application.enterprise.credit_code,
        organisation=application.enterprise.name,
        post="副总工程师",
        started_on=date(2019, 4, 1),
        ended_on=date(2024, 2, 29),
    )

    with pytest.raises(NotPossible, match="有三年之内的关系"):
        workflow.perform(employed, "declare_no_conflict", by=experts[2].user)
    workflow.perform(employed, "recuse", by=experts[2].user, note="2024年2月前任职", grounds=["EMPLOYMENT"])
    scenes.declare_all(panel)

    assert [one.state for one in Assignment.objects.order_by("id")] == [
        "CLEAR",
        "CLEAR",
        "RECUSED",
        "CLEAR",
        "CLEAR",
    ]
    assert employed.recusal.grounds == ["EMPLOYMENT"]
    assert not Application.objects.visible_to(experts[2].user).exists()
    started, held = course.start_panel(panel, by=officer)
    assert started == 0
    assert held == {application.enterprise.name: ["专家组缺 1 人（有专家回避），补齐后才能开始评审。"]}
    assert officer.notifications.get().body.endswith("专家组在这一件上缺 1 人，补齐前不能开始评审。")

    another = make_expert(unit="替补研究所")
    assert draw.draw_replacement(panel.cases.get(), by=officer, witness=scenes.WITNESS).outcome == [
        another.pk
    ]
    started, held = course.start_panel(panel, by=officer)
    assert held == {application.enterprise.name: ["还有 1 位专家未作利害关系声明。"]}
    scenes.declare_all(panel)
    assert course.start_panel(panel, by=officer) == (1, {})
    assert Application.objects.get().state == State.UNDER_REVIEW


def test_a_case_on_which_everybody_recuses_waits_for_as_many_others(client):
    officer = scenes.handler()
    round_ = make_round(panel_size=3)
    panel = scenes.seat(scenes.compose(round_, scenes.accepted(round_)), scenes.pool(3), by=officer)
    case = panel.cases.get()
    for one in case.assignments.select_related("expert__user"):
        workflow.perform(one, "recuse", by=one.expert.user, note="共同持股。", grounds=["SHAREHOLDING"])
    name = case.application.enterprise.name
    assert course.start_panel(panel, by=officer) == (
        0,
        {name: ["专家组缺 3 人（有专家回避），补齐后才能开始评审。"]},
    )
    assert meeting.moderator_of(case) is None
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    assert "缺 3 人" in client.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    with pytest.raises(NotPossible, match="可抽的只有 0 个单位的专家，还缺 3 人"):
        draw.draw_replacement(case, by=officer, witness=scenes.WITNESS)
    others = [make_expert(unit=f"替补{number}所") for number in range(3)]
    drawn = draw.draw_replacement(case, by=officer, witness=scenes.WITNESS)
    assert sorted(drawn.outcome) == [one.pk for one in others]
    scenes.declare_all(panel)
    assert course.start_panel(panel, by=officer) == (1, {})


def test_a_tie_that_ended_three_years_ago_does_not_bind():
    officer, round_ = scenes.handler(), make_round()
    application = scenes.accepted(round_)[0]
    experts = scenes.pool(5)
    scenes.seat(scenes.compose(round_, [application]), experts, by=officer)
    tie = ExpertTie.objects.create(
        expert=experts[0],
        kind="EMPLOYMENT",
        credit_code=application.enterprise.credit_code,
        organisation="旧东家",
        started_on=date(2019, 4, 1),
        ended_on=date(2023, 8, 4),
    )
    assignment = Assignment.objects.get(expert=experts[0])
    assert not workflow.options(assignment, experts[0].user, "declare_no_conflict")[
        "declare_no_conflict"
    ].allowed
    ExpertTie.objects.filter(pk=tie.pk).update(ended_on=date(2023, 8, 3))
    assert workflow.options(assignment, experts[0].user, "declare_no_conflict")["declare_no_conflict"].allowed


def test_only_the_expert_declares_and_submits():
    panel = scenes.panel_at_work()
    first, second = Assignment.objects.order_by("id")[:2]
    with pytest.raises(NotPermitted):
        workflow.perform(first, "recuse", by=second.expert.user, grounds=["OTHER"])
    scenes.fill(first)
    with pytest.raises(NotPermitted):
        workflow.perform(first.sheet, "submit", by=second.expert.user)
    with pytest.raises(NotPermitted):
        workflow.perform(first.sheet, "submit", by=scenes.handler())
    assert panel.state == Panel.State.SEATED


def test_a_submitted_sheet_carries_its_total_and_is_locked():
    scenes.panel_at_work()
    assignment = Assignment.objects.first()
    sheet = workflow.perform(
        scenes.fill(assignment, (14, "21.5", 17, 21, 13)), "submit", by=assignment.expert.user
    )
    assert (sheet.state, sheet.total) == (ScoreSheet.State.SUBMITTED, Decimal("86.50"))
    with pytest.raises(scores.Stale, match="已提交并锁定"):
        scenes.fill(assignment)
    with pytest.raises(NotPossible):
        workflow.perform(sheet, "submit", by=assignment.expert.user)


def test_what_a_sheet_lacks_is_said_before_it_is_submitted():
    scenes.panel_at_work()
    assignment = Assignment.objects.first()
    scheme = assignment.case.panel.round.scheme.spec()
    typed = scores.Typed({"foundation": ("15", ""), "innovation": ("21", "")}, "")
    sheet = scores.save(assignment.sheet, typed, revision=0, scheme=scheme)
    with pytest.raises(NotPossible) as refusal:
        workflow.perform(sheet, "submit", by=assignment.expert.user)
    assert refusal.value.reasons == [
        "还有 3 项未评分：服务能力与组织保障、经济社会效益、示范带动。",
        "“基础条件”评15分，属最高档，请写明理由。",
    ]


def test_after_the_date_a_sheet_stays_and_the_bureau_can_give_more_time():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    assignment = Assignment.objects.first()
    sheet = scenes.fill(assignment)
    with clock.stopped_at(scenes.DUE):
        with pytest.raises(NotPossible, match="评分截止时间为8月14日17:00，已过，已填内容都保留"):
            workflow.perform(sheet, "submit", by=assignment.expert.user)
        scores.extend(panel, clock.instant(date(2026, 8, 20), 17), by=officer, reason="汛期")
        workflow.perform(sheet, "submit", by=assignment.expert.user)
    assert assignment.expert.user.notifications.filter(subject__endswith="截止延至8月20日17:00").count() == 1


def test_the_review_ends_with_the_trimmed_mean_of_the_regulation():
    """92, 88, 90, 85, 75 → 87.67 (the panel's opinion is drafted from it)."""
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    scenes.score_all(panel, {case.application_id: [92, 88, 90, 85, 75]})
    count, held = course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER)
    assert (count, list(held.values())) == (
        0,
        [["请先确定是否需要现场考察；不需要的也要写明理由（第十六条）。"]],
    )
    scenes.not_visited(case.application, by=officer)
    assert course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER) == (1, {})
    application = Application.objects.get()
    assert (application.state, application.score) == (State.REVIEWED, Decimal("87.67"))
    case.refresh_from_db()
    assert case.opinion == "经 5 位专家独立评分，去掉最高、最低各 1 份后平均 87.67 分，等次为良好。"
    assert Panel.objects.get().state == Panel.State.CONCLUDED


def test_no_review_ends_before_every_sheet_is_in():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    scenes.not_visited(case.application, by=officer)
    for one in list(case.assignments.all())[:4]:
        workflow.perform(scenes.fill(one), "submit", by=one.expert.user)
    with pytest.raises(NotPossible, match="还有 1 位专家未提交评分"):
        course.conclude(case.application, by=officer)


def test_a_score_far_from_the_others_waits_for_its_comment_and_stays_as_it_is():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    scenes.not_visited(case.application, by=officer)
    assignments = list(case.assignments.all())
    for one, total in zip(assignments, (88, 86, 90, 70, 87), strict=True):
        workflow.perform(scenes.fill(one, scenes.points_for(total), comment=""), "submit", by=one.expert.user)
    far = assignments[3]
    with pytest.raises(NotPossible, match=f"与其他专家相差较大的评分须写明理由：{far.expert.user.name}"):
        course.conclude(case.application, by=officer)
    sheet = ScoreSheet.objects.get(assignment=far)
    workflow.perform(sheet, "ask_explanation", by=officer)
    assert far.expert.user.notifications.filter(subject__endswith="请补充评分说明").count() == 1
    workflow.perform(sheet, "explain", by=far.expert.user, explanation="在线运维只有意向书。")
    sheet = ScoreSheet.objects.get(assignment=far)
    assert (sheet.total, sheet.explanation) == (Decimal("70.00"), "在线运维只有意向书。")
    assert course.conclude(case.application, by=officer).score == Decimal("87.00")
    ended = "该件现为“已评审”，评审已结束，评分和说明都不再改动。"
    assert workflow.why_not(ScoreSheet.objects.get(assignment=far), "explain") == [ended]
    untold = ScoreSheet.objects.get(assignment=assignments[0])
    assert workflow.why_not(untold, "ask_explanation") == [ended]
    assert workflow.why_not(untold, "explain") == [
        ended,
        "市局没有请您补充说明，评分表已提交，不必再写。",
    ]


def test_late_discovery_closes_the_file_and_the_sheet_no_longer_counts():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    scenes.score_all(panel)
    late = case.assignments.first()
    assert Application.objects.visible_to(late.expert.user).exists()
    workflow.perform(late, "recuse", by=late.expert.user, note="刚得知亲属任职", grounds=["KINSHIP"])
    assert not Application.objects.visible_to(late.expert.user).exists()
    assert len(course.counted_totals(case)) == 4
    scenes.not_visited(case.application, by=officer)
    with pytest.raises(NotPossible, match="还有 1 位专家未提交评分"):
        course.conclude(case.application, by=officer)


def test_a_panel_must_be_odd_full_and_have_a_chair():
    officer = scenes.handler()
    round_ = make_round(panel_size=4)
    panel = scenes.compose(round_, scenes.accepted(round_))
    assert workflow.why_not(panel, "seat") == ["专家组人数应为单数，现设为 4 人，请在批次设置中更正。"]
    round_.panel_size = 5
    round_.save(update_fields=["panel_size"])
    scenes.pool(5)
    panel = Panel.objects.get(pk=panel.pk)
    assert workflow.why_not(panel, "seat") == ["专家组应有 5 人，现有 0 人。"]
    draw.draw_panel(panel, by=officer, witness=scenes.WITNESS)
    assert workflow.why_not(panel, "seat") == ["请指定专家组组长。"]


@pytest.mark.django_db(transaction=True)
def test_a_sheet_submitted_while_the_review_is_being_concluded_counts():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    application = panel.cases.get().application
    scenes.not_visited(application, by=officer)
    *early, last = Assignment.objects.order_by("id").select_related("expert__user")
    for assignment in early:
        workflow.perform(scenes.fill(assignment, scenes.points_for(90)), "submit", by=assignment.expert.user)
    sheet = scenes.fill(last, scenes.points_for(80))
    concluding = partial(course.conclude, application, by=officer)
    with meanwhile(concluding, at=scenes.AUGUST) as bureau:
        Application.objects.select_for_update().get(pk=application.pk)
        bureau.begins()
        workflow.perform(sheet, "submit", by=last.expert.user)
    assert bureau.refusal is None
    assert Panel.objects.get().cases.get().opinion == (
        "经 5 位专家独立评分，去掉最高、最低各 1 份后平均 90.00 分，等次为优秀。"
    )


@pytest.mark.django_db(transaction=True)
def test_nobody_steps_aside_from_a_review_that_is_being_concluded():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    application = panel.cases.get().application
    scenes.not_visited(application, by=officer)
    scenes.score_all(panel)
    assignment = Assignment.objects.select_related("expert__user").order_by("id")[0]
    stepping = partial(workflow.perform, assignment, "recuse", by=assignment.expert.user, grounds=["OTHER"])
    with meanwhile(stepping, at=scenes.AUGUST) as expert:
        course.conclude(application, by=officer)
        expert.begins()
    assert str(expert.refusal) == "该件现为“已评审”，评审已结束。发现利害关系的请联系市工业和信息化局。"
    assert set(Assignment.objects.values_list("state", flat=True)) == {"CLEAR"}
