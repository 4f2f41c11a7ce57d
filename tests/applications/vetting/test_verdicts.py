"""Three verdicts saved as one types, and a case that passes on them (第十五条)."""

import re

import pytest
from django.urls import reverse

from applications.models import Application, SeenMaterial, VettingOpinion
from core.models import Event
from tests.applications.vetting.scenes import PASSED, another_desk, flag, opinion_of, state_of, words
from tests.factories import make_application

pytestmark = pytest.mark.django_db
State = Application.State


def test_verdicts_are_saved_as_one_types(desk, officer, case):
    answer = desk.post(
        reverse("vetting-save", args=[case.pk]),
        opinion_of(case, validity="", validity_note="验收单无盖章"),
        headers={"X-Autosave": "1"},
    )
    assert (answer.status_code, answer["X-Revision"]) == (204, "1")
    opinion = VettingOpinion.objects.get()
    assert (opinion.authenticity, opinion.validity, opinion.validity_note, opinion.vetted_by) == (
        "PASS",
        "",
        "验收单无盖章",
        officer,
    )
    assert (
        desk.post(
            reverse("vetting-save", args=[case.pk]), opinion_of(case, revision=1), headers={"X-Autosave": "1"}
        )["X-Revision"]
        == "2"
    )


def test_two_colleagues_never_overwrite_each_other_silently(desk, case):
    colleague = another_desk(name="毕文舟")
    colleague.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, compliance="DOUBT"))
    stale = desk.post(
        reverse("vetting-save", args=[case.pk]),
        opinion_of(case, authenticity_note="我看过原件"),
        headers={"X-Autosave": "1"},
    )
    assert stale.status_code == 409
    assert stale.content.decode().startswith("毕文舟在10:20已保存过这件的审核意见")
    assert VettingOpinion.objects.get().compliance == "DOUBT"
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, authenticity_note="我看过原件")
    )
    assert page.status_code == 409
    assert "我看过原件" in page.content.decode()
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    # Shown what stands, the officer may decide to save over it.
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, 1, authenticity_note="我看过原件"))
    assert VettingOpinion.objects.get().authenticity_note == "我看过原件"


def test_the_same_save_twice_is_harmless(desk, case):
    for _ in range(2):
        assert desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case)).status_code == 302
    assert VettingOpinion.objects.get().revision == 1


def test_an_opinion_on_an_older_version_is_refused(desk, case):
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case) | {"version": case.current_version_id + 99}
    )
    assert page.status_code == 409
    assert not VettingOpinion.objects.exists()


def test_nothing_is_saved_once_vetting_is_over(desk):
    case = make_application(state=State.VETTED)
    answer = desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case), headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.content.decode()) == (
        409,
        "这件申报已不在审核中（现为“审核通过”），没有保存。请查看最新进展。",
    )
    assert not VettingOpinion.objects.exists()


def test_a_verdict_that_is_none_is_refused_and_what_was_typed_stays(desk, case):
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, authenticity="MAYBE", validity_note="已看")
    )
    assert page.status_code == 409
    assert "已看" in page.content.decode()
    assert not VettingOpinion.objects.exists()


def test_save_and_next_opens_the_next_file(desk):
    first, second = (make_application(state=State.SUBMITTED) for _ in range(2))
    answer = desk.post(reverse("vetting-save", args=[first.pk]), opinion_of(first) | {"next": "1"})
    assert answer.url == reverse("vetting", args=[second.pk])


def test_passing_saves_what_was_just_typed(desk, officer, case):
    answer = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case) | {"unseen": "15"})
    assert answer.status_code == 302
    assert state_of(case) == State.VETTED
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    event = Event.objects.get(action="pass_vetting")
    assert (event.actor, event.from_state, event.to_state) == (officer, "SUBMITTED", "VETTED")


def test_a_case_in_doubt_cannot_pass(desk, case):
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case, validity="DOUBT"), follow=True)
    assert state_of(case) == State.SUBMITTED
    assert words(page) == ["不能通过：有效性未审核为“通过”。"]


def test_a_doubt_without_a_reason_says_why_the_case_cannot_be_refused(desk, case):
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, validity="DOUBT", validity_note=""))
    page = desk.get(reverse("vetting", args=[case.pk])).content.decode()
    bare = "审核为“存疑”“不通过”的，请在核对栏写明理由：有效性（第十五条）。"
    assert re.search('disabled aria-describedby="why-refuse">不予推荐<', page)
    assert re.search(f'id="why-refuse">.*?<span>不予推荐：{bare}</span>', page)


def test_open_verdicts_are_named(desk, case):
    page = desk.post(reverse("vetting-pass", args=[case.pk]), follow=True)
    assert words(page) == ["第十五条要求审核真实性、合规性、有效性，尚未审核：真实性、合规性、有效性。"]


def test_a_case_with_flagged_items_cannot_pass(desk, officer, case):
    flag(case, officer)
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case), follow=True)
    assert words(page) == ["不能通过：还有 1 项要退回补正，请退回或先撤下。"]
    assert state_of(case) == State.SUBMITTED


def test_passing_over_a_colleagues_opinion_is_refused(desk, case):
    another_desk(name="毕文舟").post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, compliance="FAIL")
    )
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case))
    assert page.status_code == 409
    assert state_of(case) == State.SUBMITTED


def test_passing_what_nobody_has_opened_is_asked_about_and_does_not_bar(desk, case):
    url = reverse("vetting-pass", args=[case.pk])
    page = desk.post(url, opinion_of(case))
    question = (
        "15 份材料中还有 15 份没有人打开看过（第十五条要求审核材料的真实性、合规性、有效性）。"
        "已用其他方式核对过的，再点一次“仍然审核通过”；没有核对的，请先打开。"
    )
    assert (page.status_code, words(page), state_of(case)) == (200, [question], State.SUBMITTED)
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    assert 'name="unseen" value="14"' in page.content.decode()  # the page has shown the first
    again = desk.get(
        reverse("vetting", args=[case.pk]), {"asked": "1"}
    )  # as the buttons are renewed after a save
    assert 'name="unseen" value="14"' in again.content.decode()
    answered = opinion_of(case) | {"revision": "1"}
    assert desk.post(url, answered | {"unseen": "15"}).status_code == 200
    assert desk.post(url, answered | {"unseen": "14"}).status_code == 302
    assert state_of(case) == State.VETTED


def test_once_most_of_it_has_been_opened_nothing_is_asked(desk, officer, case):
    files = [f"a{one.pk}" for one in case.attachments.all()]
    for shown in files[:7]:
        SeenMaterial.objects.see(case.current_version, shown, by=officer)
    url = reverse("vetting-pass", args=[case.pk])
    page = desk.post(url, opinion_of(case))
    assert (page.status_code, state_of(case)) == (200, State.SUBMITTED)
    assert words(page)[0].startswith("15 份材料中还有 8 份")
    assert (
        desk.post(url, opinion_of(case) | {"revision": "1"}).status_code == 302
    )  # the page has shown one more
    assert state_of(case) == State.VETTED
