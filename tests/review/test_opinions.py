"""The opinion of a panel: drafted from the sheets, edited, signed by each, in force once the panel has ended."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.roles import Role
from applications.models import Round
from core import clock, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from review import course, documents, opinions, ranking_freeze, reminders
from review.composing import name_chair
from review.models import OpinionSignature, Panel, PanelCase, ScoreSheet
from review.scores import unlock
from tests.applications.scenes import signed_in
from tests.factories import make_officer
from tests.meanwhile import meanwhile
from tests.review import scenes
from tests.review.scenes import texts
from tests.test_matrices import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"


@pytest.fixture
def panel(officer):
    return scenes.far_apart(by=officer)


def as_(expert) -> Client:
    return signed_in(expert.user)


def test_the_opinion_is_drafted_from_the_sheets_edited_and_signed_by_each(panel, officer):
    case = panel.cases.get()
    chair, second, third = scenes.on(case)
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
    chair = scenes.on(reviewed)[0]
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
    chair, second, _ = scenes.on(reviewed)
    words = "材料真实，服务收入核算有待加强，建议认定。"
    opinions.write_opinion(reviewed, words, by=chair.expert.user)
    seen = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(second, by=second.expert.user, seen=seen)
    course.reopen(reviewed.application, by=officer, reason="补做现场考察后再作结论。")
    told = Notification.objects.filter(subject__contains="评审已重开")
    assert {one.recipient for one in told} == {one.expert.user for one in scenes.on(reviewed)}
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
    chair = scenes.on(reviewed)[0]
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
    assert [one.expert.user.name in page for one in scenes.on(reviewed)] == [False, False, False]


def test_a_panel_ends_once_every_opinion_is_signed_as_it_reads_now(panel, reviewed, officer):
    opinions.write_opinion(reviewed, "材料不实，建议不予认定。", by=scenes.on(reviewed)[0].expert.user)
    first = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(scenes.on(reviewed)[1], by=scenes.on(reviewed)[1].expert.user, seen=first)
    with clock.stopped_at(scenes.AUGUST + timedelta(hours=1)):
        opinions.write_opinion(reviewed, "材料真实，建议认定。", by=scenes.on(reviewed)[0].expert.user)
        seen = opinions.opinion_digest(PanelCase.objects.get())
        signed = []
        for one in scenes.on(reviewed):
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
    chair, second, _ = scenes.on(reviewed)
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
    chair, second, third = scenes.on(panel.cases.get())
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


@pytest.mark.django_db(transaction=True)
def test_who_is_losing_the_chair_at_this_moment_puts_no_opinion(panel, officer):
    case = panel.cases.get()
    chair, second, _ = scenes.on(case)

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
    opinions.write_opinion(reviewed, "材料真实，建议认定。", by=scenes.on(reviewed)[0].expert.user)
    digest = opinions.opinion_digest(PanelCase.objects.get())
    opinions.sign_opinion(scenes.on(reviewed)[1], by=scenes.on(reviewed)[1].expert.user, seen=digest)
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
    assert texts(done) == [f"{name}已结束评审。全部专家组结束后，在“择优排序”中冻结排序。"]
    assert f"审核意见未全部签署：{scenes.ON_PAPER}" in done.content.decode()
    event = Event.objects.get(action="conclude", subject_id=panel.pk, outcome="DONE")
    assert (event.note, event.details["unsigned"]) == (scenes.ON_PAPER, [[reviewed.pk, 1, 3]])


def test_the_end_of_a_re_review_leads_to_its_conclusions_not_to_an_order(panel, reviewed, officer):
    Round.objects.update(kind=Round.Kind.RE_REVIEW)
    seen = opinions.unsigned_digest(opinions.unsigned_of(panel))
    said = {"unsigned": scenes.ON_PAPER, "unsigned_seen": seen}
    done = signed_in(officer).post(reverse("conclude", args=[panel.pk]), said, follow=True)
    assert texts(done) == [f"{panel.name}已结束评审。接下来逐家作出复核结论。"]
