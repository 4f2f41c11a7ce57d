"""Scenario 10 through the door: the frozen order, its digest, ties that people decide, the proposed list."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import EfficiencyRating
from accounts.roles import Role
from applications.models import Application, ChannelQuota, Round
from core import workflow
from core.models import Event
from core.workflow import NotPermitted, NotPossible
from review import course, ranking_freeze, scores
from review.models import Panel, PanelCase, Ranking, RankingEntry, ScoreSheet, TieDecision, Unfreezing
from tests.applications.scenes import signed_in
from tests.factories import an_agency, make_application, make_enterprise, make_officer, make_round
from tests.review import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
State = Application.State


def reviewed_round(totals: dict[str, tuple], *, quota: int | None, officer) -> Round:
    """A round all of whose cases have been reviewed by three; name → (three totals, rating)."""
    round_ = make_round(panel_size=3, quota=quota)
    cases = {}
    for name, (_, rating) in totals.items():
        enterprise = make_enterprise(name=name)
        cases[name] = scenes.accepted(round_, enterprise=enterprise)[0]
        if rating:
            EfficiencyRating.objects.create(
                credit_code=enterprise.credit_code, year=2025, category=rating, source="2025年名单"
            )
    panel = scenes.seat(scenes.compose(round_, list(cases.values())), scenes.pool(3), by=officer)
    scenes.declare_all(panel)
    course.start_panel(panel, by=officer)
    scenes.score_all(panel, {cases[name].pk: list(given) for name, (given, _) in totals.items()})
    for one in cases.values():
        scenes.not_visited(one, by=officer)
    assert course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER) == (len(totals), {})
    return round_


SCENARIO_10 = {
    "甲公司": ((88, 88, 88), "C"),
    "乙公司": ((86.5, 86.5, 86.5), "D"),
    "丙公司": ((86.5, 86.5, 86.5), "B"),
    "丁公司": ((86, 86.5, 87), "A"),
}


def states() -> dict[str, str]:
    return dict(Application.objects.values_list("enterprise__name", "state"))


def test_scenario_10_the_quota_of_three_takes_the_first_and_the_two_preferred():
    officer = scenes.handler()
    round_ = reviewed_round(SCENARIO_10, quota=3, officer=officer)
    ranking = ranking_freeze.freeze(round_, by=officer)
    rows = ranking.entries.order_by("rank", "-category").values_list(
        "application__enterprise__name",
        "rank",
        "is_tied",
        "is_within_quota",
        "score",
        "category",
        "explanation",
    )
    both = "2家并列第2，A、B类同等优先，不分先后"
    assert list(rows) == [
        ("甲公司", 1, False, True, Decimal("88.00"), "C", ""),
        ("丙公司", 2, True, True, Decimal("86.50"), "B", f"第十三条：3家同分，B类优先；{both}"),
        ("丁公司", 2, True, True, Decimal("86.50"), "A", f"第十三条：3家同分，A类优先；{both}"),
        ("乙公司", 4, False, False, Decimal("86.50"), "D", "第十三条：3家同分，D类不优先"),
    ]
    assert ranking_freeze.propose_list(ranking, by=officer) == (3, 1)
    assert states() == {
        "甲公司": State.PROPOSED,
        "乙公司": State.NOT_SELECTED,
        "丙公司": State.PROPOSED,
        "丁公司": State.PROPOSED,
    }
    with pytest.raises(NotPossible, match="拟认定名单已经提出"):
        ranking_freeze.propose_list(ranking, by=officer)


def test_a_hundredth_more_beats_any_rating():
    officer = scenes.handler()
    round_ = reviewed_round(
        {"低分A类": ((86, 86, 86), "A"), "高分D类": ((86.5, 86.5, 86.5), "D")}, quota=1, officer=officer
    )
    ranking = ranking_freeze.freeze(round_, by=officer)
    assert [one.application.enterprise.name for one in ranking.entries.all()] == ["高分D类", "低分A类"]
    assert ranking.entries.get(is_within_quota=True).application.enterprise.name == "高分D类"


def test_a_tie_at_the_line_waits_for_people_and_their_reason():
    officer = scenes.handler()
    round_ = reviewed_round(
        {"甲": ((90, 90, 90), None), "乙": ((84, 84, 84), None), "丙": ((84, 84, 84), "C")},
        quota=2,
        officer=officer,
    )
    ranking = ranking_freeze.freeze(round_, by=officer)
    tied = {one.application.enterprise.name: one for one in ranking.entries.filter(is_on_quota_line=True)}
    assert sorted(tied) == ["丙", "乙"]
    assert ranking.seats_left == 1
    with pytest.raises(NotPossible, match="额度线上还有并列未决定"):
        ranking_freeze.propose_list(ranking, by=officer)
    with pytest.raises(NotPossible, match="须先录入集体研究结果"):
        workflow.perform(tied["丙"].application, "propose", by=officer)
    with pytest.raises(NotPossible) as refusal:
        ranking_freeze.decide_tie(ranking, list(tied.values()), by=officer, reason=" ")
    assert refusal.value.reasons == [
        "余 1 个名额，选定了 2 家，请减少。",
        "请写明集体研究的时间、方式和取舍理由。",
    ]
    ranking_freeze.decide_tie(ranking, [tied["乙"]], by=officer, reason="8月3日集体研究：乙的示范带动更广。")
    with pytest.raises(DatabaseError), transaction.atomic():
        TieDecision.objects.update(chosen=[tied["丙"].pk])
    assert TieDecision.objects.get().chosen == [tied["乙"].pk]
    ranking = Ranking.objects.get()
    assert ranking_freeze.propose_list(ranking, by=officer) == (2, 1)
    assert states() == {"甲": State.PROPOSED, "乙": State.PROPOSED, "丙": State.NOT_SELECTED}
    assert (
        Event.objects.get(action="propose", subject_id=tied["乙"].application_id).note
        == "排序第 2= 名，均分 84.00。并列取舍：8月3日集体研究：乙的示范带动更广。"
    )


def test_below_the_minimum_nobody_takes_a_seat():
    officer = scenes.handler()
    round_ = reviewed_round(
        {"够": ((60, 60, 60), None), "不够": ((59, 60, 59.5), "A")}, quota=5, officer=officer
    )
    ranking = ranking_freeze.freeze(round_, by=officer)
    assert ranking_freeze.propose_list(ranking, by=officer) == (1, 1)
    assert states() == {"够": State.PROPOSED, "不够": State.NOT_SELECTED}


def test_the_digest_covers_every_input_and_comes_out_the_same_again():
    officer = scenes.handler()
    round_ = reviewed_round(SCENARIO_10, quota=3, officer=officer)
    ranking = ranking_freeze.freeze(round_, by=officer)
    ranking_freeze.propose_list(ranking, by=officer)
    out = StringIO()
    call_command("verify_ranking", str(round_.pk), stdout=out)
    assert out.getvalue() == f"2026年度认定 排序：{ranking.digest} 相符\n"

    EfficiencyRating.objects.filter(category="D").update(category="A")
    again = ranking_freeze.verify(Ranking.objects.get())
    assert again.digest != ranking.digest
    assert again.faults[0] == "依据的摘要与冻结时不符。"
    assert "'efficiency': 'D'" in again.faults[1]
    with pytest.raises(CommandError, match="有排序与其依据不符"):
        call_command("verify_ranking", stdout=StringIO())


def test_a_score_changed_behind_the_frozen_ranking_is_found():
    officer = scenes.handler()
    round_ = reviewed_round(SCENARIO_10, quota=3, officer=officer)
    ranking = ranking_freeze.freeze(round_, by=officer)
    auditor = signed_in(make_officer(Role.AUDITOR))

    def page() -> str:
        return auditor.get(reverse("ranking", args=[round_.pk]), {"verify": "1"}).content.decode()

    assert "重新计算的摘要和各家名次都与冻结时相同" in page()
    ScoreSheet.objects.filter(assignment__case__application__enterprise__name="甲公司").update(total=80)
    assert "重新计算的结果与冻结时不符" in page()
    faults = ranking_freeze.verify(ranking).faults
    assert faults[0] == "依据的摘要与冻结时不符。"
    assert any(one.endswith("各份评分平均为 80.00，记载为 88.00。") for one in faults)


def test_what_is_frozen_cannot_be_changed_or_frozen_again():
    officer = scenes.handler()
    round_ = reviewed_round(SCENARIO_10, quota=3, officer=officer)
    ranking = ranking_freeze.freeze(round_, by=officer)
    with pytest.raises(NotPossible, match="排序已经冻结"):
        ranking_freeze.freeze(round_, by=officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingEntry.objects.filter(ranking=ranking).update(rank=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ranking.objects.update(digest="0" * 64)


def test_nothing_is_frozen_before_every_review_has_ended_and_only_by_the_handler():
    officer = scenes.handler()
    panel = scenes.panel_at_work(by=officer)
    make_application(round=panel.round, state="SUBMITTED")
    with pytest.raises(NotPossible, match="还有 2 件未评审结束"):
        ranking_freeze.freeze(panel.round, by=officer)
    url = reverse("ranking", args=[panel.round_id])
    page = signed_in(officer).get(url)
    assert page.context["waiting"] == [("SUBMITTED", "待审核", 1), ("UNDER_REVIEW", "评审中", 1)]
    assert (
        f'<a href="{reverse("round-cases", args=[panel.round_id])}?state=SUBMITTED">' in page.content.decode()
    )
    with pytest.raises(NotPermitted):
        ranking_freeze.freeze(panel.round, by=make_officer(Role.AUDITOR))
    re_review = make_round(kind=Round.Kind.RE_REVIEW, title="2026年度复核")
    with pytest.raises(NotPossible, match="只有合格、不合格两种结论"):
        ranking_freeze.freeze(re_review, by=officer)


def test_nobody_is_proposed_without_a_frozen_ranking():
    officer = scenes.handler()
    reviewed_round({"甲": ((90, 90, 90), None)}, quota=2, officer=officer)
    application = Application.objects.get()
    for action in ("propose", "leave_out"):
        with pytest.raises(NotPossible, match="排序尚未冻结，不能提出名单（第十六条）"):
            workflow.perform(application, action, by=officer)


def test_the_seats_of_a_channel_bound_the_list_and_its_ties():
    officer = scenes.handler()
    round_ = reviewed_round(
        {
            "甲": ((90, 90, 90), None),
            "乙": ((84, 84, 84), None),
            "丙": ((84, 84, 84), "C"),
            "丁": ((80, 80, 80), None),
        },
        quota=4,
        officer=officer,
    )
    other = an_agency("371083")
    Application.objects.filter(enterprise__name="丁").update(channel=other)
    ChannelQuota.objects.create(round=round_, agency=an_agency("371082"), number=2)
    ranking = ranking_freeze.freeze(round_, by=officer)
    assert ranking.inputs["shares"] == {"371082": 2}
    entries = {one.application.enterprise.name: one for one in ranking.entries.all()}
    assert {name: (one.rank, one.is_within_quota, one.is_on_quota_line) for name, one in entries.items()} == {
        "甲": (1, True, False),
        "乙": (2, False, True),
        "丙": (2, False, True),
        "丁": (4, True, False),
    }
    assert ranking_freeze.verify(ranking).faults == []
    with pytest.raises(NotPossible) as refusal:
        ranking_freeze.decide_tie(ranking, [entries["乙"], entries["丙"]], by=officer, reason="集体研究。")
    assert refusal.value.reasons == ["荣成市工业和信息化局余 1 个名额，选定了 2 家，请减少。"]
    ranking_freeze.decide_tie(ranking, [entries["丙"]], by=officer, reason="集体研究。")
    assert ranking_freeze.propose_list(Ranking.objects.get(), by=officer) == (3, 1)
    assert states() == {
        "甲": State.PROPOSED,
        "乙": State.NOT_SELECTED,
        "丙": State.PROPOSED,
        "丁": State.PROPOSED,
    }


def test_the_page_of_the_order_shows_the_seats_of_the_channels(client):
    officer = scenes.handler()
    round_ = reviewed_round(
        {"甲": ((90, 90, 90), None), "乙": ((84, 84, 84), None)}, quota=2, officer=officer
    )
    ChannelQuota.objects.create(round=round_, agency=an_agency("371082"), number=1)
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    page = client.get(reverse("ranking", args=[round_.pk]))
    assert [
        (one["agency"].code, one["number"], one["within"], one["tied"]) for one in page.context["shares"]
    ] == [("371082", 1, 1, 0)]
    assert [(one.application.enterprise.name, str(one.outcome)) for one in page.context["page"]] == [
        ("甲", "WITHIN"),
        ("乙", "BEYOND"),
    ]


# Unfreezing

WHY = "复核发现丙公司一位专家的总分录入有误。"


def test_a_frozen_order_is_given_up_with_a_reason_corrected_and_frozen_anew():
    officer = scenes.handler()
    round_ = reviewed_round(
        {"甲": ((90, 90, 90), None), "乙": ((84, 84, 84), None)}, quota=1, officer=officer
    )
    first = ranking_freeze.freeze(round_, by=officer)
    case = Application.objects.get(enterprise__name="乙")
    refusal = "排序已经冻结，评分不再改动。确需更正的，请先在排序页写明原因、解除冻结。"
    assert workflow.why_not(case, "reopen_review") == [refusal]

    ranking_freeze.unfreeze(first, by=officer, reason=WHY)
    assert list(Ranking.objects.standing()) == []
    event = Event.objects.get(action="unfreeze_ranking")
    assert (event.actor, event.note, event.details["digest"]) == (officer, WHY, first.digest)
    with pytest.raises(NotPossible, match="排序尚未冻结"):
        workflow.perform(case, "propose", by=officer)

    PanelCase.objects.filter(application=case).update(opinion="模式清楚，等次为良好。")
    course.reopen(case, by=officer, reason=WHY)
    again = Application.objects.get(pk=case.pk)
    assert (again.state, again.score, again.panel_case.panel.state, again.panel_case.opinion) == (
        State.UNDER_REVIEW,
        None,
        "SEATED",
        "",
    )
    with pytest.raises(NotPossible, match="还有 1 件未评审结束"):
        ranking_freeze.freeze(round_, by=officer)
    for sheet in ScoreSheet.objects.filter(assignment__case__application=case):
        scores.unlock(sheet, by=officer, reason=WHY)
    for one in again.panel_case.assignments.standing():
        workflow.perform(scenes.fill(one, scenes.points_for(95)), "submit", by=one.expert.user)
    assert course.conclude_panel(Panel.objects.get(), by=officer, unsigned=scenes.ON_PAPER) == (1, {})

    second = ranking_freeze.freeze(round_, by=officer)
    assert (second.number, second.digest == first.digest) == (2, False)
    assert [one.application.enterprise.name for one in second.entries.all()] == ["乙", "甲"]
    assert [one.application.enterprise.name for one in first.entries.all()] == ["甲", "乙"]
    assert ranking_freeze.verify(first) == ranking_freeze.Verification(first.digest, [])
    assert ranking_freeze.verify(second) == ranking_freeze.Verification(second.digest, [])
    assert ranking_freeze.propose_list(second, by=officer) == (1, 1)
    assert states() == {"甲": State.NOT_SELECTED, "乙": State.PROPOSED}
    reasons = ["拟认定名单已经提出，排序不能再解除冻结；有异议的按公示异议办理（第十七条）。"]
    with pytest.raises(NotPossible) as refused:
        ranking_freeze.unfreeze(second, by=officer, reason=WHY)
    assert refused.value.reasons == reasons


def test_what_was_given_up_meanwhile_decides_nothing():
    officer = scenes.handler()
    round_ = reviewed_round(SCENARIO_10, quota=2, officer=officer)
    ranking = ranking_freeze.freeze(round_, by=officer)
    ranking_freeze.unfreeze(ranking, by=officer, reason=WHY)
    for act in (
        lambda: ranking_freeze.decide_tie(ranking, [], by=officer, reason="集体研究。"),
        lambda: ranking_freeze.propose_list(ranking, by=officer),
    ):
        with pytest.raises(NotPossible) as refused:
            act()
        assert "这次排序刚被解除冻结，请刷新页面。" in refused.value.reasons
    with pytest.raises(NotPossible, match="这次排序已经解除冻结"):
        ranking_freeze.unfreeze(ranking, by=officer, reason=WHY)
    with pytest.raises(DatabaseError), transaction.atomic():
        Unfreezing.objects.update(reason="改写")
    assert set(states().values()) == {State.REVIEWED}


def test_the_handler_gives_the_order_up_on_its_page_and_opens_a_case_again(client):
    officer = scenes.handler()
    round_ = reviewed_round({"甲": ((90, 90, 90), None)}, quota=1, officer=officer)
    digest = ranking_freeze.freeze(round_, by=officer).digest
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    url = reverse("ranking-unfreeze", args=[round_.pk])
    refused = client.post(url, {"unfreeze-reason": "错了"})
    assert (refused.status_code, refused.context["unfreeze_form"].errors) == (
        422,
        {"reason": ["原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]},
    )
    assert [str(one) for one in refused.context["messages"]] == [
        "没有解除冻结：原因至少写 10 个字，现为 2 个字，请写清事实和依据。"
    ]
    page = client.post(url, {"unfreeze-reason": WHY}, follow=True)
    assert page.context["frozen"] is None
    assert [(one.digest, one.unfreezing.reason) for one in page.context["given_up"]] == [(digest, WHY)]
    assert client.post(url, {"unfreeze-reason": WHY}).status_code == 404

    assignment = ScoreSheet.objects.first().assignment
    matrix = client.get(reverse("score-matrix", args=[round_.pk]), {"cell": assignment.pk})
    case_url = reverse("case-reopen", args=[assignment.case_id])
    assert f'action="{case_url}"' in matrix.content.decode()
    refused = client.post(case_url, {"reason": "错了", "cell": assignment.pk})
    assert (refused.status_code, refused.context["typed"]) == (422, "错了")
    answer = client.post(case_url, {"reason": WHY, "cell": assignment.pk}, follow=True)
    assert [str(one) for one in answer.context["messages"]] == ["已重开甲的评审，评分表可以解锁改正。"]
    assert answer.context["unlock"].allowed
    assert states() == {"甲": State.UNDER_REVIEW}
