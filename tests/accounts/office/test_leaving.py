"""Somebody leaves an agency without anything left behind."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import staff
from accounts.models import Membership
from accounts.roles import Role
from applications import casework
from applications.models import Application, CaseNote, CorrectionItem, Recommendation, VettingOpinion
from core import clock, events, notify
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from decisions.models import PublicNotice
from tests import factories, who
from tests.accounts.office.scenes import State, a_case, a_letter, at_june, end, hat_of, said, text_of, told
from tests.applications.scenes import signed_in
from tests.applications.vetting.scenes import opinion_of
from tests.factories import an_agency, make_application, make_association, make_officer


def test_everything_in_hand_goes_where_the_leader_says(leader, officer, colleague):
    first, second, third = (a_case(officer) for _ in range(3))
    draft = a_letter(officer, make_application(state=State.VETTED, officer=officer))
    passed = draft.entries.get().application
    page = end(leader, officer, everything=str(colleague.pk), **{f"case-{second.pk}": "queue"})
    assert said(page) == ["于晓岚的任职已结束。5 项手上的事项已移交。"]
    held = dict(Application.objects.values_list("pk", "officer__name"))
    assert held == {first.pk: "冷思远", second.pk: None, third.pk: "冷思远", passed.pk: "冷思远"}
    assert Recommendation.objects.get(pk=draft.pk).prepared_by == colleague
    assert [one.note for one in events.about(draft)] == ["于晓岚转交冷思远"]
    assert [(one.action_label, one.note) for one in events.about(second)] == [("放回待分工", "")]
    hat = hat_of(officer)
    assert (hat.state, hat.is_active) == ("WITHDRAWN", False)
    assert [(one.action, one.actor, one.note) for one in events.about(hat)] == [
        ("end_service", leader, "调离本单位")
    ]
    ((subject, body),) = told(colleague)
    assert subject == "于晓岚手上的 4 项转交您办理"
    assert body.count("\n· ") == 4
    assert f"· 经办的申报：{first.enterprise}（待审核）" in body
    assert told(officer)[0][0] == "您在荣成市工业和信息化局的任职已结束"


def test_the_page_says_what_is_in_hand_and_asks_until_everything_has_a_receiver(leader, officer, colleague):
    case = a_case(officer)
    CorrectionItem.objects.flag(
        case.current_version, "FIGURES", label="年度指标", reason="请附审计报告验证码。", seen="", by=officer
    )
    draft = a_letter(officer, make_application(state=State.VETTED), handed_back_at=factories.JUNE)
    shown = text_of(signed_in(leader).get(reverse("staff-end", args=[hat_of(officer).pk])))
    assert "待审核，已列退回 1 项尚未发出" in shown
    assert "退回拟稿，待修改，接手的人即为拟稿人，不能再签发" in shown
    page = end(leader, officer)
    assert page.status_code == 422
    assert "请选择全部交给谁，或者为每一项各选一位。" in text_of(page)
    assert "调离本单位" in text_of(page)
    page = end(leader, officer, everything="queue")
    assert "荣工信函〔2026〕9号交给：推荐函拟稿不能放回，请选择接手的同事。" in text_of(page)
    page = end(leader, officer, **{f"letter-{draft.pk}": str(colleague.pk)})
    assert f"{case.enterprise}交给：请选择交给谁。" in text_of(page)
    page = end(leader, officer, reason="")
    assert "有 2 处需要更正" in text_of(page)
    page = end(leader, officer, everything=str(colleague.pk), reason="  ")
    assert (page.status_code, "请写明结束任职的原因，原因会告知本人并记录。" in text_of(page)) == (422, True)
    assert hat_of(officer).state == "CONFIRMED"
    assert Recommendation.objects.get(pk=draft.pk).prepared_by == officer
    assert not Event.objects.exclude(outcome="REFUSED").exists()


@pytest.mark.parametrize("who_takes", ["who leaves", "who left", "an outsider", "nobody there is"])
def test_nothing_is_handed_to_somebody_who_is_not_there(leader, officer, colleague, who_takes):
    case = a_case(officer)
    Membership.objects.filter(user=colleague).update(is_active=False)
    outsider = make_officer(Role.CHANNEL_HANDLER, make_association())
    to = {"who leaves": officer, "who left": colleague, "an outsider": outsider}.get(who_takes)
    page = end(leader, officer, everything=str(to.pk) if to else "x")
    assert (page.status_code, "所选的人已不在本单位任职，请另选一位。" in text_of(page)) == (422, True)
    if to:
        with pytest.raises(NotPossible, match="已不在荣成市工业和信息化局任职，不能接手"):
            staff.end_service(hat_of(officer), "end_service", {f"case-{case.pk}": to}, by=leader, note="调离")
    assert hat_of(officer).state == "CONFIRMED"
    assert Application.objects.get().officer == officer


def test_what_was_taken_up_meanwhile_is_shown_before_anything_is_done(leader, officer, colleague):
    a_case(officer)
    client, url = signed_in(leader), reverse("staff-end", args=[hat_of(officer).pk])
    seen = client.get(url).context["form"].initial["seen"]
    new = a_case(officer)
    page = client.post(url, {"seen": seen, "everything": str(colleague.pk), "reason": "调离"})
    assert page.status_code == 422
    assert f"您打开这一页之后，于晓岚又接手了{new.enterprise}，没有办理。" in text_of(page)
    assert hat_of(officer).state == "CONFIRMED"
    shown = re.findall(r'name="seen" value="([^"]*)"', text_of(page))[0]
    page = client.post(url, {"seen": shown, "everything": str(colleague.pk), "reason": "调离"}, follow=True)
    assert said(page) == ["于晓岚的任职已结束。2 项手上的事项已移交。"]


def test_who_left_reads_no_more_what_the_office_was_told(leader, officer):
    with clock.stopped_at(factories.JUNE - timedelta(days=1)):
        notify.enqueue([notify.Message([officer], "case-1", "荣成试验公司已提交", "请审核。", "/vetting/1/")])
    end(leader, officer)
    client = signed_in(officer)
    page = client.get("/inbox/")
    assert [one.subject for one in page.context["page"]] == ["您在荣成市工业和信息化局的任职已结束"]
    assert page.context["frame"].unread == 1
    old = Notification.objects.get(key="case-1")
    assert client.post(reverse("inbox-open", args=[old.pk])).status_code == 404
    assert told(officer)[0] == ("荣成试验公司已提交", "请审核。")


def test_a_second_click_does_nothing_more(leader, officer, colleague):
    case = a_case(officer)
    end(leader, officer, everything=str(colleague.pk))
    page = signed_in(leader).post(
        reverse("staff-end", args=[hat_of(officer).pk]),
        {"everything": str(leader.pk), "reason": "x"},
        follow=True,
    )
    assert said(page) == ["于晓岚的授权先前已收回，没有重复办理。"]
    assert Application.objects.get(pk=case.pk).officer == colleague
    assert events.about(hat_of(officer)).count() == 1


def test_who_keeps_another_role_in_the_agency_keeps_the_work(leader, officer, colleague):
    case = a_case(officer)
    Membership.objects.create(user=officer, role=Role.CHANNEL_LEADER, agency=an_agency(), state="CONFIRMED")
    assert said(end(leader, officer))[-1] == "于晓岚的任职已结束。"
    assert Application.objects.get(pk=case.pk).officer == officer
    assert signed_in(officer).get("/vetting/").status_code == 200


def test_the_administrator_hands_over_too_and_may_leave_an_agency_without_people(officer):
    administrator = make_officer(Role.ADMINISTRATOR)
    case, letter = a_case(officer), a_letter(officer, make_application(state=State.VETTED))
    client, url = signed_in(administrator), reverse("authority-withdraw", args=[hat_of(officer).pk])
    seen = client.get(url).context["form"].initial["seen"]
    page = client.post(url, {"seen": seen, "everything": "queue", "reason": "来函"}, follow=True)
    assert said(page) == ["已收回于晓岚的授权，并已告知本人。2 项手上的事项已移交。"]
    assert Application.objects.get(pk=case.pk).officer is None
    assert Recommendation.objects.get(pk=letter.pk).prepared_by == officer
    newcomer = signed_in(make_officer(Role.CHANNEL_HANDLER))
    assert newcomer.get(reverse("recommendation-edit", args=[letter.pk])).status_code == 200


def test_the_bureaus_drafts_of_notices_go_to_a_colleague_too(db):
    world = who.make_world()
    leader, drafter = world.people["municipal leader"], world.people["municipal leader who drafted"]
    notice = who.a_notice(world)
    handler = world.people["municipal handler"]
    page = end(leader, drafter, everything="queue")
    assert "所选的人已不在本单位任职，请另选一位。" in text_of(page)
    end(leader, drafter, everything=str(handler.pk))
    assert PublicNotice.objects.get(pk=notice.pk).drafted_by == handler
    assert [one.action_label for one in events.about(notice)] == ["转交拟稿"]
    assert hat_of(drafter).state == "WITHDRAWN"


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_two_leaders_who_end_each_other_at_the_same_moment_do_not_leave_nobody():
    one, other = (make_officer(Role.CHANNEL_LEADER) for _ in range(2))
    hats = {user: hat_of(user) for user in (one, other)}
    other.hats()
    with at_june(lambda: staff.end_service(hats[one], "end_service", {}, by=other, note="调离")) as second:
        staff.end_service(hats[other], "end_service", {}, by=one, note="调离")
        second.begins()
    assert isinstance(second.refusal, NotPermitted)
    assert (hat_of(one).state, hat_of(other).state) == ("CONFIRMED", "WITHDRAWN")


@pytest.mark.django_db(transaction=True)
def test_a_case_handed_over_at_the_moment_of_leaving_stays_with_somebody_who_is_there():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER)
    case = make_application(state=State.SUBMITTED)
    with at_june(lambda: casework.hand_over(case, leaver, by=leader)) as other:
        staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
        other.begins()
    assert other.refusal.reasons == [f"{leaver}不是荣成市工业和信息化局现有的经办人或负责人，请另选一位。"]
    assert Application.objects.get().officer is None


@pytest.mark.django_db(transaction=True)
def test_a_case_taken_at_the_moment_of_leaving_is_found_by_who_ends_the_service():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    case = make_application(state=State.SUBMITTED)
    with at_june(
        lambda: staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
    ) as other:
        casework.take(case, by=leaver)
        other.begins()
    assert other.refusal.reasons == [
        f"于晓岚刚又接手了“{case.enterprise}”，没有办理。请核对下面的清单后再办。"
    ]
    assert hat_of(leaver).state == "CONFIRMED"


# An old page of somebody who has left


@pytest.mark.parametrize("autosave", [True, False])
def test_a_reviewer_who_left_changes_nothing_and_loses_nothing_typed(leader, officer, colleague, autosave):
    case = make_application(state=State.SUBMITTED)
    client = signed_in(officer)
    client.get(reverse("vetting", args=[case.pk]))
    end(leader, officer)
    told = (
        "您在荣成市工业和信息化局的任职或授权已于2026年6月12日（周五）09:00结束，"
        "这次操作没有办理，什么也没有改动。"
    )
    typed = "审计报告验证码与原件一致"
    headers = {"x-autosave": "1"} if autosave else {}
    for name, data in (
        ("vetting-save", opinion_of(case) | {"authenticity_note": typed}),
        ("vetting-flag", {"item": "FIGURES", "reason": typed, "seen": ""}),
        ("vetting-note", {"text": typed}),
        ("vetting-officer", {"officer": "take"}),
        ("vetting-return", {"due": "2026-06-20T17:00"}),
        ("vetting-refuse", {"clause": "12.1", "reason": typed}),
        ("vetting-pass", opinion_of(case)),
        ("recommendation-create", {"letter_number": typed}),
    ):
        url = reverse(name) if name == "recommendation-create" else reverse(name, args=[case.pk])
        answer = client.post(url, data, headers=headers)
        assert (answer.status_code, told in text_of(answer)) == (409 if autosave else 403, True), name
        if not autosave and typed in data.values():
            assert typed in text_of(answer)
    now = Application.objects.get(pk=case.pk)
    assert (now.state, now.officer) == (State.SUBMITTED, None)
    for model in (VettingOpinion, CorrectionItem, CaseNote):
        assert not model.objects.exists()
    assert not Recommendation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_that_was_on_its_way_when_the_service_ended_is_refused_in_words():
    leader, leaver = make_officer(Role.CHANNEL_LEADER), make_officer(Role.CHANNEL_HANDLER)
    case = make_application(state=State.SUBMITTED)
    client, url = signed_in(leaver), reverse("vetting-save", args=[case.pk])
    answers = []
    with at_june(lambda: answers.append(client.post(url, opinion_of(case)))) as saving:
        staff.end_service(hat_of(leaver), "end_service", {}, by=leader, note="调离")
        saving.begins()
    assert answers[0].status_code == 403
    assert "您在荣成市工业和信息化局的任职刚刚结束，没有保存。" in text_of(answers[0])
    assert not VettingOpinion.objects.exists()
    assert Application.objects.get().officer is None
