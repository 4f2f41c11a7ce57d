"""Experts are reminded of their date, once before it and once after it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock, workflow
from core.models import Notification
from review import reminders
from review.models import Assignment
from tests.review import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]


def told() -> list[tuple[str, str]]:
    mine = Notification.objects.filter(key__contains="-due-") | Notification.objects.filter(
        key__contains="-overdue-"
    )
    return [(one.recipient.name, one.subject) for one in mine.order_by("id")]


def test_experts_are_reminded_once_before_and_once_after_their_date():
    panel = scenes.panel_at_work(2, experts=3)
    first, second, third = [one.expert for one in panel.members.order_by("id")]
    for one in Assignment.objects.filter(expert=first):
        workflow.perform(scenes.fill(one), "submit", by=first.user)
    one = Assignment.objects.filter(expert=second).order_by("id")[0]
    workflow.perform(scenes.fill(one), "submit", by=second.user)
    reminders.remind_experts()
    assert told() == []
    near = panel.due_at - timedelta(days=2)
    with clock.stopped_at(near):
        reminders.remind_experts()
        reminders.remind_experts()
    due = told()[0][1]
    assert told() == [(second.user.name, due), (third.user.name, due)]
    assert due.startswith(f"{panel}：将于")
    with clock.stopped_at(panel.due_at + timedelta(hours=1)):
        reminders.remind_experts()
        reminders.remind_experts()
    late = f"{panel}：评分已逾期"
    assert told()[2:] == [(second.user.name, late), (third.user.name, late)]


def test_who_stepped_aside_or_was_released_is_not_reminded():
    panel = scenes.panel_at_work(1, experts=3)
    first, second, third = Assignment.objects.order_by("id")
    workflow.perform(first, "recuse", by=first.expert.user, note="亲属入职。", grounds=["KINSHIP"])
    workflow.perform(scenes.fill(second), "submit", by=second.expert.user)
    assert list(reminders.behind(panel)) == [third.expert.user]


def test_the_handler_reminds_one_expert_once_a_day(client):
    with clock.stopped_at(scenes.AUGUST):
        officer = scenes.handler()
        panel = scenes.panel_at_work(2, by=officer)
        idle, *_, busy = (one.expert for one in panel.members.order_by("id"))
        for one in busy.assignments.all():
            workflow.perform(scenes.fill(one, scenes.points_for(88)), "submit", by=busy.user)
        client.force_login(officer, backend="accounts.backends.PortalBackend")
        url = reverse("panel-remind", args=[panel.pk])
        before = {
            one.expert: one for one in client.get(reverse("panel-detail", args=[panel.pk])).context["people"]
        }
        assert (before[idle].submitted, before[idle].given, before[idle].is_behind) == (0, 2, True)
        assert (before[busy].submitted, before[busy].is_behind, before[idle].is_reminded) == (2, False, False)

        def press(expert) -> list[str]:
            page = client.post(url, {"expert": expert.pk}, follow=True)
            return [str(one) for one in page.context["messages"]]

        assert press(idle) == [f"已提醒{idle}。"]
        told = Notification.objects.get(recipient=idle.user, subject=f"{panel}：请办理")
        assert told.body.startswith(
            "市工业和信息化局提醒：您有评审件尚未声明、尚未提交评分，或审核意见尚未起草、签署，截止8月14日17:00。"
        )
        assert press(idle) == [f"今天已经提醒过{idle}，每人每天只提醒一次。"]
        assert press(busy) == [f"{busy}在{panel.name}没有要办的，不用提醒。"]
        assert client.post(url, {"expert": "0"}).status_code == 404
        after = client.get(reverse("panel-detail", args=[panel.pk])).context["people"]
        assert [one.is_reminded for one in after if one.expert == idle] == [True]
    with clock.stopped_at(scenes.AUGUST + timedelta(days=1)):
        assert press(idle) == [f"已提醒{idle}。"]
