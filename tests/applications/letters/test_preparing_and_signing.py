"""A letter is prepared by one person and signed by another of the same agency; nobody else sees it before."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, Recommendation
from core.duties import Duty, duties_of
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
from tests.factories import an_agency, make_application, make_officer

pytestmark = pytest.mark.django_db
State = Application.State

# Preparing


def test_passed_cases_are_chosen_ordered_and_remarked(handler, cases):
    first, second = cases
    batch = prepare(
        handler,
        cases,
        **{
            f"case-{first.pk}-position": "2",
            f"case-{second.pk}-position": "1",
            f"case-{first.pk}-remark": "=重点培育",
        },
    )
    listed = [(one.position, one.application, one.remark) for one in batch.entries.all()]
    assert listed == [(1, second, ""), (2, first, "=重点培育")]
    assert (batch.letter_number, batch.prepared_by, batch.state) == (NUMBER, handler, "DRAFT")
    assert Event.objects.get(action="prepare").actor == handler


def test_the_leader_is_told_that_a_batch_waits(handler, leader, cases):
    prepare(handler, cases)
    message = Notification.objects.get(recipient=leader)
    assert message.subject == f"{NUMBER}待签发，2 家"


def test_the_number_is_written_with_the_brackets_of_official_documents(handler, cases):
    assert prepare(handler, cases, letter_number="荣工信 [2026] 15号").letter_number == NUMBER


@pytest.mark.parametrize(
    "typed", ["", "15号", "荣工信〔2026〕第15号", "荣工信〔2026〕015号", "荣工信〔26〕1号"]
)
def test_a_wrong_number_is_refused_and_what_was_typed_stays(handler, cases, typed):
    page = signed_in(handler).post(
        reverse("recommendation-create"),
        batch_of(cases, letter_number=typed, **{f"case-{cases[0].pk}-remark": "重点培育"}),
    )
    assert page.status_code == 422
    assert "重点培育" in page.content.decode()
    assert not Recommendation.objects.exists()


def test_a_number_serves_one_letter_of_an_agency(handler, cases):
    first, second = cases
    batch = prepare(handler, [first])
    page = signed_in(handler).post(reverse("recommendation-create"), batch_of([second]))
    assert page.context["form"].errors == {
        "letter_number": [f"文号“{NUMBER}”已用于{batch.round}的推荐函（拟稿），一个文号只用一次，请核对。"]
    }
    assert Recommendation.objects.get() == batch
    help_text = page.context["form"].fields["letter_number"].help_text
    assert help_text == f"上一份是 {NUMBER}"
    url = reverse("recommendation-edit", args=[batch.pk])
    assert signed_in(handler).post(url, batch_of([first, second])).status_code == 302
    elsewhere = make_application(state="VETTED", channel=an_agency("371083"))
    stranger = make_officer(Role.CHANNEL_HANDLER, elsewhere.channel)
    assert (
        signed_in(stranger).post(reverse("recommendation-create"), batch_of([elsewhere])).status_code == 302
    )
    assert Recommendation.objects.filter(letter_number=NUMBER).count() == 2


def test_only_the_row_of_a_case_that_goes_with_the_letter_must_be_right(handler, cases):
    going, staying = cases
    wrong = {f"case-{one.pk}-position": "0" for one in cases}
    posted = batch_of([going], letter_number=NUMBER, **wrong)
    page = signed_in(handler).post(reverse("recommendation-create"), posted)
    assert page.status_code == 422
    assert f"{going.enterprise}的序号不能小于 1，请核对。" in page.content.decode()
    assert f"{staying.enterprise}的序号" not in page.content.decode()
    posted[f"case-{going.pk}-position"] = "1"
    signed_in(handler).post(reverse("recommendation-create"), posted)
    assert [one.application for one in Recommendation.objects.get().entries.all()] == [going]


def test_an_empty_batch_is_refused(handler, cases):
    page = signed_in(handler).post(reverse("recommendation-create"), {"letter_number": NUMBER})
    assert page.status_code == 422
    assert "请至少列入一家企业。" in page.content.decode()
    assert not Recommendation.objects.exists()


def test_only_passed_cases_of_the_agency_can_be_listed(handler, cases):
    waiting = make_application(state=State.SUBMITTED)
    page = signed_in(handler).get(reverse("recommendation-create"))
    assert [row.application for row in page.context["rows"]] == cases
    batch = prepare(handler, [*cases, waiting])
    assert [one.application for one in batch.entries.all()] == cases


def test_a_case_stands_in_one_batch_at_a_time(handler, cases):
    prepare(handler, cases)
    page = signed_in(handler).get(reverse("recommendation-create"), follow=True)
    assert words(page) == ["现在没有审核通过且尚未列入推荐文件的企业。请先审核申报。"]


# Two people


def test_the_person_who_prepared_the_batch_cannot_sign_it(leader, cases):
    batch = prepare(leader, cases)
    page = signed_in(leader).get(reverse("recommendation-detail", args=[batch.pk]))
    assert "签发须由本单位负责人办理，且不能是拟稿人本人。" in page.content.decode()
    assert sign(leader, batch).status_code == 403
    assert state_of(batch) == "DRAFT"
    assert Event.objects.get(action="sign").outcome == Event.Outcome.REFUSED


def test_a_handler_cannot_sign(handler, cases):
    batch = prepare(handler, cases)
    assert sign(make_officer(Role.CHANNEL_HANDLER), batch).status_code == 403
    assert state_of(batch) == "DRAFT"


def test_who_changes_the_draft_has_prepared_it(handler, leader, cases):
    batch = prepare(handler, cases)
    signed_in(leader).post(reverse("recommendation-edit", args=[batch.pk]), batch_of(cases[:1]))
    changed = Recommendation.objects.get()
    assert (changed.prepared_by, changed.entries.count()) == (leader, 1)
    assert sign(leader, batch).status_code == 403
    assert sign(make_officer(Role.CHANNEL_LEADER), batch).status_code == 200
    assert state_of(batch) == "SIGNED"


def test_the_leader_signs_and_the_list_is_frozen_with_its_digest(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    signed = Recommendation.objects.get()
    assert (signed.state, signed.signed_by, len(signed.digest)) == ("SIGNED", leader, 64)
    page = signed_in(handler).post(
        reverse("recommendation-edit", args=[batch.pk]), batch_of(cases[:1]), follow=True
    )
    assert words(page) == ["推荐函已签发，名单和文号不能再改。"]
    assert Recommendation.objects.get().entries.count() == 2


def test_a_draft_changed_under_the_leaders_eyes_is_not_signed(handler, leader, cases):
    batch = prepare(handler, cases)
    seen = signed_in(leader).get(reverse("recommendation-detail", args=[batch.pk])).context["digest"]
    signed_in(handler).post(reverse("recommendation-edit", args=[batch.pk]), batch_of(cases[:1]))
    page = sign(leader, batch, seen)
    assert words(page) == ["拟稿刚有改动，与您看到的名单不同，没有签发。请核对现在的名单后再签发。"]
    assert state_of(batch) == "DRAFT"


def test_signing_twice_finds_the_first(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    page = sign(leader, batch)
    assert words(page) == ["当前状态为“已签发”，不能签发推荐函。请刷新页面查看最新进展。"]
    assert Event.objects.filter(action="sign", outcome=Event.Outcome.DONE).count() == 1


# The leader's desk


def test_a_letter_to_sign_stands_first_and_its_message_is_settled_when_it_is_signed(handler, leader, cases):
    batch = prepare(handler, cases)
    waits = [Duty("推荐函待我签发", 1, f"/recommendations/{batch.pk}/", "7月17日 17:00前报送")]
    assert duties_of(leader) == waits
    assert duties_of(handler) == []
    assert signed_in(leader).get(reverse("vetting-queue")).context["duties"] == waits
    sign(leader, batch)
    assert not Notification.objects.of(leader).unread().exists()
    assert [one.label for one in duties_of(leader)] == ["推荐函已签发，待盖章报送"]
    upload(handler, batch)
    forward(handler, batch)
    assert duties_of(leader) == []
    assert not Notification.objects.of(handler).unread().exists()


def test_a_letter_is_handed_back_with_a_reason_and_waits_for_who_prepared_it(handler, leader, cases):
    batch = prepare(handler, cases)
    url = reverse("recommendation-hand-back", args=[batch.pk])
    refused = signed_in(leader).post(url, {"reason": "不签"})
    assert refused.context["hand_back_form"].errors == {
        "reason": ["原因至少写 10 个字，现为 2 个字，请写清事实和依据。"]
    }
    signed_in(leader).post(url, {"reason": "名单次序请按综合情况重新排列"})
    assert duties_of(leader) == []
    back = Notification.objects.of(handler).get()
    assert (back.subject, back.url) == (f"退回拟稿：{NUMBER}", f"/recommendations/{batch.pk}/edit/")
    said = "名单次序请按综合情况重新排列。修改保存后再请负责人签发。"
    assert back.body == f"{leader.signature()}退回，原因：{said}"
    assert words(sign(leader, batch)) == ["已退回拟稿人，修改保存后再签发。"]
    signed_in(handler).post(reverse("recommendation-edit", args=[batch.pk]), batch_of(cases))
    sign(leader, batch)
    assert state_of(batch) == "SIGNED"


# Strangers


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("recommendation-detail", "get"),
        ("recommendation-edit", "get"),
        ("recommendation-sign", "post"),
        ("recommendation-letter-upload", "post"),
        ("recommendation-letter", "get"),
        ("recommendation-forward", "post"),
        ("recommendation-xlsx", "get"),
        ("recommendation-make", "post"),
    ],
)
def test_another_agencys_batch_does_not_exist(handler, cases, name, method):
    batch = prepare(handler, cases)
    stranger = signed_in(make_officer(Role.CHANNEL_LEADER, agency=an_agency("371002")))
    url = reverse(name, args=[batch.pk, *(["docx"] if name == "recommendation-make" else [])])
    assert getattr(stranger, method)(url).status_code == 404
    assert state_of(batch) == "DRAFT"


def test_the_bureau_sees_a_batch_once_it_is_signed(handler, leader, cases):
    batch = prepare(handler, cases)
    bureau = signed_in(make_officer(Role.MUNICIPAL_HANDLER))
    url = reverse("recommendation-detail", args=[batch.pk])
    assert bureau.get(url).status_code == 404
    sign(leader, batch)
    page = bureau.get(url)
    assert page.status_code == 200
    assert reverse("recommendation-forward", args=[batch.pk]) not in page.content.decode()
    assert bureau.post(reverse("recommendation-forward", args=[batch.pk])).status_code == 404
