"""A draft is given up by whoever works on it, a signed letter by a leader; its cases wait for another letter."""

import pytest
from django.urls import reverse

from applications import board
from applications.models import Recommendation
from core import workflow
from core.duties import duties_of
from core.models import Event, Notification
from tests.applications.letters.scenes import (
    NUMBER,
    batch_of,
    forward,
    prepare,
    sign,
    state_of,
    upload,
    words,
)
from tests.applications.scenes import signed_in

pytestmark = pytest.mark.django_db
WHY = "一家企业要求重新核对材料，名单重排。"


def give_up(user, batch: Recommendation, reason: str = WHY, action: str = ""):
    url = reverse("recommendation-discard", args=[batch.pk])
    action = action or ("discard" if state_of(batch) == "DRAFT" else "void")
    return signed_in(user).post(url, {"discard-reason": reason, "action": action}, follow=True)


def test_a_draft_is_given_up_and_its_cases_and_number_serve_again(handler, leader, cases):
    batch = prepare(handler, cases)
    assert [one.label for one in duties_of(leader)] == ["推荐函待我签发"]
    assert words(give_up(handler, batch)) == [f"{NUMBER}已作废，名单里的企业可以另列推荐函。"]
    assert state_of(batch) == "VOID"
    assert [one.withdrawn_at is not None for one in batch.entries.all()] == [True, True]
    assert duties_of(leader) == []
    client = signed_in(handler)
    assert "推荐函 PDF" not in client.get(reverse("recommendation-detail", args=[batch.pk])).content.decode()
    assert client.post(reverse("recommendation-make", args=[batch.pk, "letter"])).status_code == 404
    assert client.get(reverse("recommendation-xlsx", args=[batch.pk])).status_code == 404
    assert not Notification.objects.unread().filter(recipient=leader).exists()
    assert board.stuck(batch.round) == []
    event = Event.objects.get(action="discard")
    assert (event.actor, event.note, event.to_state) == (handler, WHY, "VOID")
    signed_in(handler).post(reverse("recommendation-create"), batch_of(cases))
    second = Recommendation.objects.exclude(pk=batch.pk).get()
    assert (second.letter_number, second.entries.count(), second.state) == (NUMBER, 2, "DRAFT")


def test_a_signed_letter_is_given_up_by_a_leader_alone_and_keeps_its_number_and_digest(
    handler, leader, cases
):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    digest = Recommendation.objects.get(pk=batch.pk).digest
    assert give_up(handler, batch).status_code == 403
    assert state_of(batch) == "SIGNED"
    give_up(leader, batch)
    given_up = Recommendation.objects.get(pk=batch.pk)
    assert (given_up.state, given_up.digest, given_up.signed_by) == ("VOID", digest, leader)
    told = Notification.objects.get(recipient=handler, subject=f"{NUMBER}已作废")
    assert (
        told.body
        == f"{leader.signature()}作废，原因：一家企业要求重新核对材料，名单重排。名单里的企业可以另列推荐函。"
    )
    assert words(forward(handler, batch)) == ["当前状态为“已作废”，不能报送市局。请刷新页面查看最新进展。"]
    page = signed_in(handler).post(reverse("recommendation-create"), batch_of(cases))
    assert page.context["form"].errors == {
        "letter_number": [f"文号“{NUMBER}”已用于{batch.round}的推荐函（已作废），一个文号只用一次，请核对。"]
    }


def test_a_reason_is_asked_for_and_what_went_to_the_bureau_stays(handler, leader, cases):
    batch = prepare(handler, cases)
    page = give_up(handler, batch, reason="")
    assert (page.status_code, page.context["discard_form"].errors) == (
        422,
        {"reason": ["请写明作废的原因，会留在办理记录里。"]},
    )
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    assert words(give_up(leader, batch)) == ["当前状态为“已报送”，不能作废推荐函。请刷新页面查看最新进展。"]
    assert state_of(batch) == "FORWARDED"


def test_a_pass_can_be_taken_back_once_the_letter_is_given_up(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    assert workflow.why_not(cases[0], "take_back_pass") == [
        f"已列入推荐函{NUMBER}（已签发），请先由本单位负责人作废这份推荐函。"
    ]
    give_up(leader, batch)
    assert workflow.why_not(cases[0], "take_back_pass") == []


def test_giving_a_draft_up_does_not_void_what_was_signed_meanwhile(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    page = give_up(leader, batch, action="discard")
    assert words(page) == ["当前状态为“已签发”，不能作废拟稿。请刷新页面查看最新进展。"]
    assert state_of(batch) == "SIGNED"
