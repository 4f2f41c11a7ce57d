"""What an enterprise is told of the review of its case: as much as the round allows, after the announcement, without names."""

import pytest
from django.urls import reverse

from applications.feedback import Feedback, feedback_of
from applications.models import Application, Round
from applications.timeline import timeline_of
from core import clock, events
from review import course, opinions
from review.models import Assignment, PanelCase, PanelMember, ScoreSheet
from tests.applications.scenes import signed_in
from tests.factories import make_application, make_expert, make_member
from tests.review import scenes
from tests.test_matrices import put

pytestmark = pytest.mark.django_db
State = Application.State
OPINION = "总集成经验成熟，姜明远认为数字化投入可以再加强。"


@pytest.fixture
def case():
    """Reviewed by five, with an opinion of the panel and two comments, and left out of the list."""
    with clock.stopped_at(scenes.AUGUST):
        officer = scenes.handler()
        panel = scenes.panel_at_work(by=officer)
        found = panel.cases.get()
        first, *_, last = found.assignments.order_by("id")
        last.expert.user.name = "姜明远"
        last.expert.user.save()
        scenes.score_all(panel, {found.application_id: [92, 88, 90, 85, 75]})
        ScoreSheet.objects.update(comment="")
        for one, comment in ((first, "模式清楚。"), (last, "同意组长意见，姜明远。")):
            ScoreSheet.objects.filter(assignment=one).update(comment=comment)
        scenes.not_visited(found.application, by=officer)
        opinions.write_opinion(found, OPINION, by=first.expert.user)
        course.conclude(found.application, by=officer)
        yield put(found.application, State.NOT_SELECTED)


def allowed(case: Application, feedback: str) -> Application:
    Round.objects.filter(pk=case.round_id).update(feedback=feedback)
    return Application.objects.get(pk=case.pk)


def announced(case: Application) -> None:
    put(make_application(round=case.round), State.RECOGNIZED)


def test_nothing_is_told_before_the_announcement_nor_where_the_round_tells_nothing(case):
    assert feedback_of(allowed(case, "COMMENTS")) is None
    announced(case)
    assert feedback_of(allowed(case, "NONE")) is None
    assert feedback_of(put(allowed(case, "GRADE"), State.PROPOSED)) is None


def test_the_grade_alone_or_with_the_opinion_and_comments_without_names(case):
    announced(case)
    assert feedback_of(allowed(case, "GRADE")) == Feedback("良好")
    assert feedback_of(allowed(case, "COMMENTS")) == Feedback(
        "良好", "总集成经验成熟，专家认为数字化投入可以再加强。", ["同意组长意见，专家。", "模式清楚。"]
    )


def test_an_opinion_that_only_the_portal_drafted_is_not_told_because_it_names_the_score(case):
    announced(case)
    drafted = "经 5 位专家独立评分，去掉最高、最低各 1 份后平均 87.67 分，等次为良好。"
    PanelCase.objects.update(opinion=drafted, opinion_at=None)
    told = feedback_of(allowed(case, "COMMENTS"))
    assert told is not None
    assert (told.grade, told.opinion) == ("良好", "")


def test_the_comments_of_who_stepped_aside_are_not_told(case):
    announced(case)
    aside = Assignment.objects.get(case__application=case, expert__user__name="姜明远")
    put(aside, "RECUSED")
    told = feedback_of(allowed(case, "COMMENTS"))
    assert told is not None
    assert told.comments == ["模式清楚。"]


def test_the_names_of_the_whole_panel_are_left_out_and_the_longest_first(case):
    """王伟 is a part of 王伟强; 周成明 sits on the panel without this case."""
    announced(case)
    found = PanelCase.objects.get(application=case)
    *_, own, other = found.assignments.order_by("id")
    seated = make_expert(unit="第九研究所")
    for expert, name in ((own.expert, "王伟"), (other.expert, "王伟强"), (seated, "周成明")):
        expert.user.name = name
        expert.user.save()
    PanelMember.objects.create(panel=found.panel, expert=seated)
    PanelCase.objects.update(opinion="王伟强和王伟都认为方案成熟，周成明列席。")
    ScoreSheet.objects.filter(assignment=own).update(comment="王伟强说得对。")
    told = feedback_of(allowed(case, "COMMENTS"))
    assert told is not None
    assert told.opinion == "专家和专家都认为方案成熟，专家列席。"
    assert "专家说得对。" in told.comments


@pytest.mark.parametrize(("feedback", "is_told"), [("COMMENTS", True), ("GRADE", False), ("NONE", False)])
def test_an_expert_is_told_beside_the_comment_that_the_enterprise_will_read_it(case, feedback, is_told):
    allowed(case, feedback)
    own = Assignment.objects.filter(case__application=case).first()
    assert own is not None
    page = signed_in(own.expert.user).get(reverse("review-sheet", args=[own.pk])).content.decode()
    sentence = "本批次公布后，总体意见不署名反馈给企业，请不要写姓名和可以认出您的话。"
    assert (sentence in page, 'aria-describedby="comment-told"' in page) == (is_told, is_told)


def test_a_review_that_was_opened_again_is_told_in_neutral_words(case):
    put(case, State.REVIEWED)
    reopened = course.reopen(case, by=scenes.handler(), reason="一份评分表漏写理由，须由本人补齐。")
    newest = timeline_of(reopened, events.about(reopened))[0]
    assert (newest.title, newest.who, newest.note) == ("重开评审", "威海市工业和信息化局", "")


def test_the_enterprise_reads_it_on_the_page_of_its_case_and_no_score_of_anybody(case):
    announced(case)
    allowed(case, "COMMENTS")
    member = make_member(case.enterprise)
    page = signed_in(member).get(reverse("application-detail", args=[case.pk])).content.decode()
    assert "专家认为数字化投入可以再加强" in page
    assert "同意组长意见，专家。" in page
    for hidden in ("姜明远", "92.00", "85.00", "87.67"):
        assert hidden not in page
