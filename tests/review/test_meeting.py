"""The panel's meeting: discussion in words, own scores changed with a reason, the opinion drafted, edited and signed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.roles import Role
from core import clock, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from review import course, documents, draw, meeting, opinions, ranking_freeze, reminders
from review.composing import name_chair
from review.models import Assignment, OpinionSignature, Panel, PanelCase, ScoreSheet
from review.scores import unlock
from tests.applications.scenes import signed_in
from tests.factories import make_officer
from tests.meanwhile import meanwhile
from tests.review import scenes
from tests.review.scenes import texts
from tests.test_matrices import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"
WHY = "讨论后认为项目二的证明充分。"


@pytest.fixture
def officer():
    return scenes.handler()


@pytest.fixture
def panel(officer):
    """Three experts on one case; the third is far from the others."""
    panel = scenes.panel_at_work(experts=3, by=officer)
    scenes.score_all(panel, {panel.cases.get().application_id: [88, 86, 62]})
    return panel


def on(case) -> list[Assignment]:
    return list(case.assignments.select_related("expert__user", "sheet").order_by("id"))


def as_(expert) -> Client:
    return signed_in(expert.user)


def test_the_chair_learns_in_words_how_far_apart_the_sheets_are_and_opens_the_discussion(panel):
    chair, second, third = on(panel.cases.get())
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
    chair = on(panel.cases.get())[0]
    workflow.perform(scenes.fill(chair), "submit", by=chair.expert.user)
    with pytest.raises(NotPossible, match="还有 2 位专家未提交评分"):
        meeting.open_discussion(panel.cases.get(), by=officer)
    assert "主持合议" not in as_(chair.expert).get(reverse("review-sheet", args=[chair.pk])).content.decode()


def test_after_discussion_an_expert_changes_the_own_score_and_old_and_new_are_kept(panel, officer):
    chair, _, third = on(panel.cases.get())
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
    client.post(reopen, {"reason": WHY})
    assert ScoreSheet.objects.get(assignment=third).state == ScoreSheet.State.DRAFT
    with clock.stopped_at(scenes.DUE):  # also once the date is over
        workflow.perform(scenes.fill(third, scenes.points_for(78)), "submit", by=third.expert.user)
    event = Event.objects.get(action="reopen", outcome="DONE")
    assert (event.note, event.details["was"]["total"], event.actor) == (WHY, "62.00", third.expert.user)
    assert ScoreSheet.objects.get(assignment=third).total == 78
    assert "已提交并锁定" in client.get(page).content.decode()
    bureau = Client()
    bureau.force_login(officer, backend=BACKEND)
    matrix = bureau.get(reverse("score-matrix", args=[panel.round_id])).content.decode()
    assert "合议后修改本人评分" in matrix
    assert "62.00" in matrix


def test_the_opinion_is_drafted_from_the_sheets_edited_and_signed_by_each(panel, officer):
    case = panel.cases.get()
    chair, second, third = on(case)
    client, page = as_(chair.expert), reverse("review-sheet", args=[chair.pk])
    drafted = client.get(page + "?draft=1").context["opinion"]
    assert drafted.splitlines()[0] == "经 3 位专家独立评分，等次为良好。"
    assert "专家意见：材料齐全。" in drafted
    write = reverse("review-opinion", args=[chair.pk])
    assert texts(client.post(write, {"opinion": " "}))[-1] == "请写明专家组的审核意见。"
    long = client.post(write, {"opinion": "长" * 2001})
    assert (long.status_code, "长" * 2001 in long.content.decode()) == (422, True)
    other = as_(second.expert).post(reverse("review-opinion", args=[second.pk]), {"opinion": "好"})
    assert (other.status_code, texts(other)) == (
        422,
        ["提请签署审核意见由专家组组长（组长回避的，由本件资历在先的专家）办理，您没有这项权限。"],
    )
    assert Event.objects.filter(action="write_opinion", outcome=Event.Outcome.REFUSED).count() == 1
    client.post(write, {"opinion": "材料真实，建议认定。"})
    seen = opinions.opinion_digest(PanelCase.objects.get())
    for one in (chair, second):
        shown = as_(one.expert).get(reverse("review-sheet", args=[one.pk]))
        assert "材料真实，建议认定。" in shown.content.decode()
        as_(one.expert).post(reverse("review-sign", args=[one.pk]), {"seen": seen})
    as_(second.expert).post(reverse("review-sign", args=[second.pk]), {"seen": seen})
    assert [one.expert for one in opinions.signatures_of(PanelCase.objects.get())] == [
        chair.expert,
        second.expert,
    ]

    client.post(write, {"opinion": "材料真实，服务收入核算有待加强，建议认定。"})
    assert opinions.signatures_of(PanelCase.objects.get()) == []
    stale = as_(third.expert).post(reverse("review-sign", args=[third.pk]), {"seen": seen}, follow=True)
    assert texts(stale) == ["审核意见在您打开这一页之后改过，请看过新的意见再签署。"]
    case = PanelCase.objects.get()
    for one in (chair, second, third):
        opinions.sign_opinion(one, by=one.expert.user, seen=opinions.opinion_digest(case))
    with pytest.raises(NotPermitted):
        opinions.sign_opinion(third, by=officer, seen=opinions.opinion_digest(case))
    assert OpinionSignature.objects.count() == 5

    bureau = Client()
    bureau.force_login(officer, backend=BACKEND)
    assert "已签署 3/3" in bureau.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    assert bureau.post(reverse("case-opinion", args=[case.pk])).status_code == 302
    case = PanelCase.objects.get()
    made = documents.make_opinion(case, documents.opinion_key(case), lambda percent: None)
    with made.opened() as content:
        text = "".join("".join(one.extract_text() for one in PdfReader(content).pages).split())
    assert "服务收入核算有待加强，建议认定。" in text
    assert f"{chair.expert.user.name}（组长）" in text
    assert text.count("2026年8月3日09:00") == 3
    assert "未签署" not in text


@pytest.fixture
def reviewed(panel, officer):
    """The case of the panel, its review ended, the panel not."""
    case = panel.cases.get()
    ScoreSheet.objects.update(explanation="项目二只有口头证明。")
    scenes.not_visited(case.application, by=officer)
    course.conclude(case.application, by=officer)
    return case


def test_the_opinion_stands_once_the_panel_has_ended(panel, reviewed, officer):
    chair = on(reviewed)[0]
    meeting_open = opinions.write_opinion(reviewed, "材料真实，建议予以认定。", by=chair.expert.user)
    assert meeting_open.opinion == "材料真实，建议予以认定。"
    assert course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER) == (0, {})
    over = "专家组已结束评审，合议和意见都不再改动。确需更正的，由市局先重开这一件的评审。"
    for act in (
        lambda: opinions.write_opinion(PanelCase.objects.get(), "不建议。", by=chair.expert.user),
        lambda: opinions.sign_opinion(chair, by=chair.expert.user, seen=""),
    ):
        with pytest.raises(NotPossible) as refused:
            act()
        assert refused.value.reasons == [over]
    course.reopen(reviewed.application, by=officer, reason="补做现场考察后再作结论。")
    assert Panel.objects.get().unsigned == ""


def test_words_of_an_opinion_outlive_the_reopening_and_the_experts_are_told(panel, reviewed, officer):
    chair, second, _ = on(reviewed)
    words = "材料真实，服务收入核算有待加强，建议认定。"
    opinions.write_opinion(reviewed, words, by=chair.expert.user)
    seen = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(second, by=second.expert.user, seen=seen)
    course.reopen(reviewed.application, by=officer, reason="补做现场考察后再作结论。")
    told = Notification.objects.filter(subject__contains="评审已重开")
    assert {one.recipient for one in told} == {one.expert.user for one in on(reviewed)}
    assert told[0].body.startswith("原因：补做现场考察后再作结论。原来的审核意见和签署不再有效")
    own = reverse("review-sheet", args=[chair.pk])
    shown = as_(chair.expert).get(own)
    assert (shown.context["last_opinion"], shown.context["opinion"]) == (words, "")
    again = as_(chair.expert).get(own + "?draft=last")
    assert again.context["opinion"] == words
    assert as_(chair.expert).get(own + "?draft=1").context["opinion"].startswith("经 3 位专家独立评分")
    refused = as_(chair.expert).post(reverse("review-opinion", args=[chair.pk]), {"opinion": "好"})
    assert (refused.status_code, texts(refused), refused.context["opinion"]) == (
        422,
        ["专家组的审核意见至少写 10 个字，现为 1 个字，请写清事实和依据。"],
        "好",
    )
    assert not OpinionSignature.objects.filter(digest=opinions.opinion_digest(PanelCase.objects.get()))


def test_a_channel_reads_that_the_review_ended_but_neither_who_reviewed_nor_how_far_apart(
    panel, reviewed, officer
):
    chair = on(reviewed)[0]
    opinions.write_opinion(reviewed, "材料真实，建议认定。", by=chair.expert.user)
    seen = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(chair, by=chair.expert.user, seen=seen)
    application = reviewed.application
    url = reverse("application-version", args=[application.pk, application.current_version.number])

    def told(person) -> list[tuple[str, str]]:
        return [(one["action"], one["note"]) for one in signed_in(person).get(url).context["history"]]

    ended = ("conclude_review", "最高最低相差 26.00 分，没有合议")
    assert told(officer)[-3:] == [ended, ("write_opinion", ""), ("sign_opinion", "")]
    channel = make_officer(Role.CHANNEL_HANDLER, application.channel)
    assert told(channel)[-1] == ("conclude_review", "")
    page = signed_in(channel).get(url).content.decode()
    assert [one.expert.user.name in page for one in on(reviewed)] == [False, False, False]


def test_a_panel_ends_once_every_opinion_is_signed_as_it_reads_now(panel, reviewed, officer):
    opinions.write_opinion(reviewed, "材料不实，建议不予认定。", by=on(reviewed)[0].expert.user)
    first = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(on(reviewed)[1], by=on(reviewed)[1].expert.user, seen=first)
    with clock.stopped_at(scenes.AUGUST + timedelta(hours=1)):
        opinions.write_opinion(reviewed, "材料真实，建议认定。", by=on(reviewed)[0].expert.user)
        seen = opinions.opinion_digest(PanelCase.objects.get())
        signed = []
        for one in on(reviewed):
            found = opinions.unsigned_of(panel)
            waiting = list(reminders.behind(panel))
            signed.append([(open_.case, open_.signed, open_.wanted, len(waiting)) for open_ in found])
            opinions.sign_opinion(one, by=one.expert.user, seen=seen)
    assert signed == [[(reviewed, 0, 3, 3)], [(reviewed, 1, 3, 2)], [(reviewed, 2, 3, 1)]]
    assert (opinions.unsigned_of(panel), list(reminders.behind(panel))) == ([], [])
    assert course.conclude_panel(panel, by=officer, unsigned="") == (0, {})
    event = Event.objects.get(action="conclude")
    assert (Panel.objects.get().unsigned, event.note, event.details["unsigned"]) == ("", "", [])
    assert ranking_freeze.freeze(panel.round, by=officer).number == 1


def test_who_has_an_opinion_to_sign_is_told_so_in_the_list_and_reminded(panel, reviewed, officer):
    chair, second, _ = on(reviewed)
    opinions.write_opinion(reviewed, "材料真实，建议认定。", by=chair.expert.user)
    rows = as_(second.expert).get(reverse("review-list")).context["page"]
    assert [(one.note, one.action, one.is_urgent) for one in rows] == [
        ("请签署专家组审核意见", "签署意见", True)
    ]
    url = reverse("panel-remind", args=[panel.pk])
    seen = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(second, by=second.expert.user, seen=seen)
    answers = [
        texts(signed_in(officer).post(url, {"expert": one.expert.pk}, follow=True)) for one in (chair, second)
    ]
    assert answers == [[f"已提醒{chair.expert}。"], [f"{second.expert}在{panel.name}没有要办的，不用提醒。"]]
    rows = as_(second.expert).get(reverse("review-list")).context["page"]
    assert [(one.action, one.is_urgent) for one in rows] == [("查看", False)]


def test_who_moderates_is_told_that_the_sheets_are_in_and_reminded_to_draft(panel, officer):
    chair, second, third = on(panel.cases.get())
    drafting = ("评分已交齐，请主持合议、起草审核意见", "起草意见", True)

    def told(assignment) -> list[tuple]:
        rows = as_(assignment.expert).get(reverse("review-list")).context["page"]
        return [(one.note, one.action, one.is_urgent) for one in rows]

    assert (told(chair), told(second)[0][1:]) == ([drafting], ("查看", False))
    assert list(reminders.behind(panel)) == [chair.expert.user]
    shown = signed_in(officer).get(reverse("panel-detail", args=[panel.pk]))
    people = [(one.to_draft, one.is_behind) for one in shown.context["people"]]
    assert people == [(1, True), (0, False), (0, False)]
    assert "待起草意见 1" in shown.content.decode()
    member = panel.members.get(expert=third.expert)
    name_chair(panel, member, by=officer, reason="原组长因病不能主持合议。")
    assert (told(chair)[0][1], told(third)) == ("查看", [drafting])
    for state in ("REVIEWED", "UNDER_REVIEW"):
        put(panel.cases.get().application, state)
        assert told(third) == [drafting]
    put(panel, "CONCLUDED")
    assert as_(third.expert).get(reverse("review-list") + "?past=1").context["page"][0].action == "查看"
    put(panel, "SEATED")
    unlocked = unlock(second.sheet, by=officer, reason="来电说明两项分数填反。")
    assert (told(third)[0][1], list(reminders.behind(panel))) == ("查看", [second.expert.user])
    workflow.perform(unlocked, "submit", by=second.expert.user)
    opinions.write_opinion(panel.cases.get(), "材料真实，建议认定。", by=third.expert.user)
    assert told(third)[0][1] == "签署意见"


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
    first = on(panel.cases.get())[0].sheet
    unlock(first, by=officer, reason="来电说明两项分数填反。")
    assert course.undiscussed_of(panel) == []


@pytest.mark.django_db(transaction=True)
def test_who_is_losing_the_chair_at_this_moment_puts_no_opinion(panel, officer):
    case = panel.cases.get()
    chair, second, _ = on(case)

    def putting():
        return opinions.write_opinion(case, "材料真实，建议认定。", by=chair.expert.user)

    with meanwhile(putting, at=scenes.AUGUST) as other:
        member = panel.members.get(expert=second.expert)
        name_chair(panel, member, by=officer, reason="原组长因病不能主持合议。")
        other.begins()
    assert (other.result, str(other.refusal)[:12]) == (None, "提请签署审核意见由专家组")
    assert PanelCase.objects.get().opinion == ""


def test_why_opinions_are_unsigned_is_said_of_those_that_were_seen(panel, reviewed, officer):
    bureau, url = signed_in(officer), reverse("conclude", args=[panel.pk])
    page = bureau.get(reverse("panel-detail", args=[panel.pk]))
    seen = page.context["unsigned_seen"]
    assert "还没有提请签署" in page.content.decode()
    name = panel.name
    open_one = "还有 1 件的审核意见没有由专家全部签署。请先提醒签署；已有纸质签署等情形的，写明原因后结束。"
    assert texts(bureau.post(url, follow=True)) == [f"{name}：{open_one}"]
    opinions.write_opinion(reviewed, "材料真实，建议认定。", by=on(reviewed)[0].expert.user)
    digest = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(on(reviewed)[1], by=on(reviewed)[1].expert.user, seen=digest)
    for typed, sentence in (
        ("已签", f"{name}：审核意见未全部签署的原因至少写 10 个字，现为 2 个字，请写清事实和依据。"),
        (scenes.ON_PAPER, f"{name}：签署情况在您打开这一页之后又有变化，请核对后再结束。"),
        ("长" * 1001, "未全部签署的原因最多 1000 字，现为 1001 字，请删减 1 字。"),
    ):
        refused = bureau.post(url, {"unsigned": typed, "unsigned_seen": seen})
        assert (refused.status_code, texts(refused)) == (422, [sentence])
        assert refused.context["typed"]["unsigned"] == typed
        assert typed in refused.content.decode()
    seen = opinions.unsigned_digest(opinions.unsigned_of(panel))
    done = bureau.post(url, {"unsigned": scenes.ON_PAPER, "unsigned_seen": seen}, follow=True)
    assert f"审核意见未全部签署：{scenes.ON_PAPER}" in done.content.decode()
    event = Event.objects.get(action="conclude", subject_id=panel.pk, outcome="DONE")
    assert (event.note, event.details["unsigned"]) == (scenes.ON_PAPER, [[reviewed.pk, 1, 3]])


def test_where_the_chair_steps_aside_another_expert_moderates(panel):
    case = panel.cases.get()
    chair, second, _ = on(case)
    workflow.perform(chair, "recuse", by=chair.expert.user, note="亲属入职该企业。", grounds=["KINSHIP"])
    assert meeting.moderator_of(case) == second


def test_another_chair_is_named_with_a_reason_told_so_and_moderates(panel, officer):
    case = panel.cases.get()
    chair, second, third = on(case)
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
    chair, second, third = on(case)
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
    workflow.perform(on(case)[2].sheet, "ask_explanation", by=officer)
    ScoreSheet.objects.filter(assignment=on(case)[2]).update(explanation="项目二只有口头证明。")
    scenes.not_visited(case.application, by=officer)
    course.conclude(case.application, by=officer)
    course.reopen(case.application, by=officer, reason="补做现场考察后再作结论。")
    assert PanelCase.objects.get().discussed_from is None


def test_the_draft_repeats_no_name_and_no_score_of_a_comment(panel):
    case = panel.cases.get()
    chair, second, third = on(case)
    words = {
        chair: "模式清楚。",
        second: f"同意{third.expert.user.name}的看法。",
        third: "我给 62 分，依据不足。",
    }
    for one, comment in words.items():
        ScoreSheet.objects.filter(assignment=one).update(comment=comment)
    draft = opinions.draft_opinion(case, panel.round.scheme.spec())
    assert "专家意见：同意专家的看法；模式清楚。" in draft.splitlines()
