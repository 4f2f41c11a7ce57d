"""The panel's meeting: discussion in words, who moderates, own scores changed with a reason, cases that nobody met about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core import clock, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from review import course, draw, meeting, opinions
from review.composing import name_chair
from review.models import Assignment, PanelCase, ScoreSheet
from review.scores import unlock
from tests.applications.scenes import signed_in
from tests.factories import make_officer
from tests.review import scenes
from tests.review.scenes import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"
WHY = "讨论后认为项目二的证明充分。"


@pytest.fixture
def panel(officer):
    return scenes.far_apart(by=officer)


def as_(expert) -> Client:
    return signed_in(expert.user)


def test_the_chair_learns_in_words_how_far_apart_the_sheets_are_and_opens_the_discussion(panel):
    chair, second, third = scenes.on(panel.cases.get())
    sheet = reverse("review-sheet", args=[chair.pk])
    shown = as_(chair.expert).get(sheet)
    assert shown.context["discrepancy"] == meeting.Discrepancy(
        True, "有评分与其他专家相差 15 分及以上，请合议时说明理由", shown.context["discrepancy"].criterion
    )
    content = shown.content.decode()
    assert "主持合议" in content
    for one in (second, third):
        assert one.expert.user.name not in content
        assert "主持合议" not in as_(one.expert).get(reverse("review-sheet", args=[one.pk])).content.decode()
    refused = as_(second.expert).post(reverse("review-discuss", args=[second.pk]))
    assert refused.status_code == 403
    assert not PanelCase.objects.get().discussed_from
    done = as_(chair.expert).post(reverse("review-discuss", args=[chair.pk]), follow=True)
    assert texts(done) == ["合议已开始，评审这一件的专家都已收到通知。"]
    assert PanelCase.objects.get().discussed_from == scenes.AUGUST
    told = Notification.objects.filter(subject__contains="专家组开始合议")
    assert {one.recipient for one in told} == {one.expert.user for one in (chair, second, third)}
    with pytest.raises(NotPossible, match="已经开始合议"):
        meeting.open_discussion(panel.cases.get(), by=chair.expert.user)


def test_nobody_meets_before_every_sheet_is_in(officer):
    panel = scenes.panel_at_work(experts=3, by=officer)
    chair = scenes.on(panel.cases.get())[0]
    workflow.perform(scenes.fill(chair), "submit", by=chair.expert.user)
    with pytest.raises(NotPossible, match="还有 2 位专家未提交评分"):
        meeting.open_discussion(panel.cases.get(), by=officer)
    assert "主持合议" not in as_(chair.expert).get(reverse("review-sheet", args=[chair.pk])).content.decode()


def test_after_discussion_an_expert_changes_the_own_score_and_old_and_new_are_kept(panel, officer):
    chair, _, third = scenes.on(panel.cases.get())
    page, reopen = (reverse(name, args=[third.pk]) for name in ("review-sheet", "review-reopen"))
    client = as_(third.expert)
    early = client.post(reopen, {"reason": WHY})
    assert early.status_code == 422
    assert texts(early)[-1].startswith("这一件还没有开始合议")
    meeting.open_discussion(panel.cases.get(), by=chair.expert.user)
    short = client.post(reopen, {"reason": "改一下"})
    assert texts(short)[-1].startswith("合议后修改评分的理由至少写 10 个字")
    assert "改一下" in short.content.decode()
    assert as_(chair.expert).post(reopen, {"reason": WHY}).status_code == 404
    assert "可以在评分表里修改本人评分" in client.get(reverse("review-list")).content.decode()
    assert 'href="#reopen-reason"' in client.get(page).content.decode()
    client.post(reopen, {"reason": WHY})
    assert ScoreSheet.objects.get(assignment=third).state == ScoreSheet.State.DRAFT
    with clock.stopped_at(scenes.DUE):  # also once the date is over
        workflow.perform(scenes.fill(third, scenes.points_for(78)), "submit", by=third.expert.user)
    event = Event.objects.get(action="reopen", outcome="DONE")
    assert (event.note, event.details["was"]["total"], event.actor) == (WHY, "62.00", third.expert.user)
    assert ScoreSheet.objects.get(assignment=third).total == 78
    locked = client.get(page).content.decode()
    assert "已提交并锁定" in locked
    assert "reopen-reason" not in locked  # once each
    bureau = Client()
    bureau.force_login(officer, backend=BACKEND)
    matrix = bureau.get(reverse("score-matrix", args=[panel.round_id])).content.decode()
    assert "合议后修改本人评分" in matrix
    assert "62.00" in matrix


def test_far_apart_sheets_are_asked_about_before_a_review_ends_undiscussed(panel, officer):
    case = panel.cases.get()
    ScoreSheet.objects.update(explanation="项目二只有口头证明。")
    scenes.not_visited(case.application, by=officer)
    bureau, url = signed_in(officer), reverse("conclude", args=[panel.pk])
    pages = []
    for said in ({}, {"case": case.pk}, {"undiscussed": "x"}):
        asked = bureau.post(url, said)
        assert (asked.status_code, PanelCase.objects.get().application.state) == (422, "UNDER_REVIEW")
        assert "最高最低差 26 分" in asked.content.decode()
        pages.append(asked)
    assert 'name="case"' not in pages[0].content.decode().split("<h2>评分差距较大")[1].split("</form>")[0]
    assert f'name="case" value="{case.pk}"' in pages[1].content.decode()
    assert signed_in(make_officer(Role.MUNICIPAL_LEADER)).post(url).status_code == 403
    meant = {"undiscussed": pages[0].context["undiscussed_seen"], "next": "scores"}
    again = bureau.post(url, {"next": "scores", "unsigned": scenes.ON_PAPER})
    for kept in ('name="next" value="scores"', f'name="unsigned" value="{scenes.ON_PAPER}"'):
        assert kept in again.content.decode()
    done = bureau.post(url, meant, follow=True)
    assert texts(done)[0] == "1 件评审结束。"
    assert done.redirect_chain[0][0].endswith(f"?panel={panel.pk}")
    event = Event.objects.get(action="conclude_review", outcome="DONE")
    assert event.note == "最高最低相差 26.00 分，没有合议"
    assert course.undiscussed_of(panel) == []


def test_sheets_that_moved_after_the_answer_are_not_ended_on_it(panel, officer):
    case = panel.cases.get()
    ScoreSheet.objects.update(explanation="项目二只有口头证明。")
    scenes.not_visited(case.application, by=officer)
    with pytest.raises(NotPossible, match="在您确认之后又有变化，请重新核对后再结束"):
        course.conclude(case.application, by=officer, undiscussed={case.pk: Decimal(25)})
    done, held = course.conclude_panel(panel, by=officer, undiscussed={case.pk: Decimal(26)})
    assert (done, list(held)) == (1, [panel.name])


def test_a_far_apart_case_that_cannot_end_yet_is_told_its_own_reason(panel, officer):
    done = signed_in(officer).post(reverse("conclude", args=[panel.pk]), follow=True)
    (told,) = texts(done)
    assert "请先确定是否需要现场考察" in told
    assert "在您确认之后又有变化" not in told


def test_no_question_is_asked_where_the_panel_has_met_or_the_sheets_lie_close(panel, officer):
    ScoreSheet.objects.update(explanation="项目二只有口头证明。")
    assert course.undiscussed_of(panel) == []  # it cannot end before the visit is settled
    scenes.not_visited(panel.cases.get().application, by=officer)
    assert [(one.case, one.apart) for one in course.undiscussed_of(panel)] == [(panel.cases.get(), 26)]
    meeting.open_discussion(panel.cases.get(), by=officer)
    assert course.undiscussed_of(panel) == []
    PanelCase.objects.update(discussed_from=None)
    lowest = ScoreSheet.objects.filter(total=62)
    (sheet,) = lowest
    for total, apart in (("73", [15]), ("73.50", [])):
        ScoreSheet.objects.filter(pk=sheet.pk).update(total=Decimal(total))
        assert [one.apart for one in course.undiscussed_of(panel)] == apart
    ScoreSheet.objects.filter(pk=sheet.pk).update(total=62, explanation="", comment="")
    assert course.undiscussed_of(panel) == []  # it cannot end before the score is explained
    ScoreSheet.objects.filter(pk=sheet.pk).update(explanation="项目二只有口头证明。")
    assert len(course.undiscussed_of(panel)) == 1
    first = scenes.on(panel.cases.get())[0].sheet
    unlock(first, by=officer, reason="来电说明两项分数填反。")
    assert course.undiscussed_of(panel) == []


def test_where_the_chair_steps_aside_another_expert_moderates(panel):
    case = panel.cases.get()
    chair, second, _ = scenes.on(case)
    workflow.perform(chair, "recuse", by=chair.expert.user, note="亲属入职该企业。", grounds=["KINSHIP"])
    assert meeting.moderator_of(case) == second


def test_another_chair_is_named_with_a_reason_told_so_and_moderates(panel, officer):
    case = panel.cases.get()
    chair, second, third = scenes.on(case)
    scenes.pool(4)
    bureau = signed_in(officer)
    url = reverse("panel-chair", args=[panel.pk])
    other = panel.members.get(expert=second.expert)
    refused = bureau.post(url, {"member": other.pk, "reason": "生病"})
    assert (refused.status_code, texts(refused), refused.context["typed"]) == (
        422,
        ["更换组长的原因至少写 10 个字，现为 2 个字，请写清事实和依据。"],
        {"chair": other.pk, "chair_reason": "生病"},
    )
    assert meeting.moderator_of(case) == chair
    why = "原组长因病不能主持这次合议。"
    already = panel.members.get(expert=chair.expert)
    with pytest.raises(NotPossible, match="已是组长，请选另一位专家"):
        name_chair(panel, already, by=officer, reason=why)
    done = bureau.post(url, {"member": other.pk, "reason": why}, follow=True)
    assert texts(done) == [f"组长：{second.expert}。"]
    words = f"组长由{chair.expert}改为{second.expert}。原因：{why}"
    assert (meeting.moderator_of(case), Event.objects.get(action="name_chair").note) == (second, words)
    told = Notification.objects.filter(subject__contains="组长").order_by("subject")
    assert [(one.recipient, one.subject) for one in told] == [
        (chair.expert.user, f"{panel}：组长已更换"),
        (second.expert.user, f"{panel}：请您担任组长"),
    ]
    words = {"opinion": "原组长写到一半的意见。"}
    kept = as_(chair.expert).post(reverse("review-opinion", args=[chair.pk]), words)
    assert (kept.status_code, kept.context["given_back"]) == (422, words["opinion"])
    assert words["opinion"] in kept.content.decode()
    assert PanelCase.objects.get().opinion_at is None
    workflow.perform(second, "recuse", by=second.expert.user, note="亲属入职该企业。", grounds=["KINSHIP"])
    assert meeting.moderator_of(case) == third
    name_chair(panel, panel.members.get(expert=third.expert), by=officer, reason=why)
    with pytest.raises(NotPossible, match="已不评审本组的申报，不能任组长"):
        name_chair(panel, other, by=officer, reason=why)
    ScoreSheet.objects.update(explanation="项目二只有口头证明。")
    draw.draw_replacement(case, by=officer, witness=scenes.WITNESS, seed="0" * 64)
    fresh = Assignment.objects.get(state=Assignment.State.AWAITING)
    workflow.perform(fresh, "declare_no_conflict", by=fresh.expert.user)
    workflow.perform(scenes.fill(fresh, scenes.points_for(80)), "submit", by=fresh.expert.user)
    scenes.not_visited(case.application, by=officer)
    assert course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER) == (1, {})
    with pytest.raises(NotPossible, match="评审已结束，组长不再更换"):
        name_chair(panel, already, by=officer, reason=why)


def test_the_bureau_opens_a_discussion_and_others_do_not(panel, officer):
    case = panel.cases.get()
    with pytest.raises(NotPermitted):
        meeting.open_discussion(case, by=make_officer(Role.MUNICIPAL_LEADER))
    with pytest.raises(NotPermitted):
        opinions.write_opinion(case, "材料真实，建议认定。", by=officer)
    bureau = Client()
    bureau.force_login(officer, backend=BACKEND)
    url = reverse("case-discuss", args=[case.pk])
    assert f'formaction="{url}"' not in bureau.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    scenes.not_visited(case.application, by=officer)
    assert f'formaction="{url}"' in bureau.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    done = bureau.post(url, follow=True)
    assert texts(done) == [f"{case.application.enterprise}的合议已开始，评审这一件的专家都已收到通知。"]
    assert PanelCase.objects.get().discussed_from == scenes.AUGUST
    assert f'formaction="{url}"' not in done.content.decode()
    assert texts(bureau.post(url, follow=True)) == ["这一件已经开始合议，不必再开始。"]


def test_an_own_score_changes_once_and_the_opinion_that_rested_on_it_is_given_anew(panel, officer):
    case = panel.cases.get()
    chair, second, third = scenes.on(case)
    meeting.open_discussion(case, by=chair.expert.user)
    opinions.write_opinion(PanelCase.objects.get(), "材料真实，等次为良好。", by=chair.expert.user)
    seen = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(second, by=second.expert.user, seen=seen)

    meeting.reopen(third.sheet, by=third.expert.user, reason=WHY)
    found = PanelCase.objects.get()
    assert (found.opinion, found.opinion_by, found.opinion_at) == ("", None, None)
    assert opinions.signatures_of(found) == []
    refused = as_(second.expert).post(reverse("review-sign", args=[second.pk]), {"seen": seen}, follow=True)
    assert texts(refused) == ["专家组的审核意见还没有提请签署，或有改动、正在重拟。"]
    refused = as_(chair.expert).post(reverse("review-opinion", args=[chair.pk]), {"opinion": "良好。"})
    assert texts(refused)[-1] == "这一件的评分还没有交齐，或正在修改，交齐后再办理。"
    assert refused.content.decode().count("良好。</textarea>") == 1

    workflow.perform(scenes.fill(third, scenes.points_for(78)), "submit", by=third.expert.user)
    again = as_(third.expert).post(reverse("review-reopen", args=[third.pk]), {"reason": WHY})
    assert texts(again)[-1] == "合议后每人只能改一次评分。还需更正的，请联系市工业和信息化局解锁。"
    assert ScoreSheet.objects.get(assignment=third).state == ScoreSheet.State.SUBMITTED
    with clock.stopped_at(scenes.AUGUST + timedelta(hours=1)):  # in the same words as before
        opinions.write_opinion(PanelCase.objects.get(), "材料真实，等次为良好。", by=chair.expert.user)
    assert opinions.signatures_of(PanelCase.objects.get()) == []
    workflow.perform(second, "exclude", by=officer, note="持有该企业股份。", grounds=["SHAREHOLDING"])
    assert PanelCase.objects.get().opinion == ""


def test_a_discussion_ends_when_the_review_is_opened_again(panel, officer):
    case = panel.cases.get()
    meeting.open_discussion(case, by=officer)
    workflow.perform(scenes.on(case)[2].sheet, "ask_explanation", by=officer)
    ScoreSheet.objects.filter(assignment=scenes.on(case)[2]).update(explanation="项目二只有口头证明。")
    scenes.not_visited(case.application, by=officer)
    course.conclude(case.application, by=officer)
    course.reopen(case.application, by=officer, reason="补做现场考察后再作结论。")
    assert PanelCase.objects.get().discussed_from is None


def test_the_draft_repeats_no_name_and_no_score_of_a_comment(panel):
    case = panel.cases.get()
    chair, second, third = scenes.on(case)
    words = {
        chair: "模式清楚。",
        second: f"同意{third.expert.user.name}的看法。",
        third: "我给 62 分，依据不足。",
    }
    for one, comment in words.items():
        ScoreSheet.objects.filter(assignment=one).update(comment=comment)
    draft = opinions.draft_opinion(case, panel.round.scheme.spec())
    assert "专家意见：同意专家的看法；模式清楚。" in draft.splitlines()
