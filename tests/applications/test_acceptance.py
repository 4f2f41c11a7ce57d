"""The bureau takes up what was recommended: accept, send back, decline, or all at once."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications.models import Application, Attachment, Recommendation, RecommendationEntry
from core import clock, events
from core.models import Event, Notification
from tests.factories import a_pdf, an_agency, make_application, make_officer

pytestmark = pytest.mark.django_db
State = Application.State
JULY = clock.instant(date(2026, 7, 20), 9)


@pytest.fixture(autouse=True)
def july():
    with clock.stopped_at(JULY):
        yield


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


@pytest.fixture
def bureau() -> Client:
    return signed_in(Role.MUNICIPAL_HANDLER)


def forwarded_batch(number: int = 1, size: int = 2) -> Recommendation:
    """A forwarded batch as rows."""
    cases = [make_application(state=State.FORWARDED) for _ in range(size)]
    batch = Recommendation.objects.create(
        agency=cases[0].channel,
        round=cases[0].round,
        letter_number=f"荣工信〔2026〕{number}号",
        state="FORWARDED",
        prepared_by=make_officer(Role.CHANNEL_HANDLER),
        signed_by=make_officer(Role.CHANNEL_LEADER),
        signed_at=JULY,
        forwarded_at=JULY,
        receipt_number=f"TJ-2026-{number:04d}",
    )
    batch.sealed_letter.save("letter.pdf", ContentFile(a_pdf()))
    for position, case in enumerate(cases, start=1):
        RecommendationEntry.objects.create(recommendation=batch, application=case, position=position)
    return batch


def states(batch: Recommendation) -> list[str]:
    return [
        Application.objects.get(pk=one.application_id).state for one in batch.entries.order_by("position")
    ]


def url(name: str, batch: Recommendation, position: int | None = None) -> str:
    args = [batch.pk] if position is None else [batch.pk, batch.entries.get(position=position).pk]
    return reverse(name, args=args)


def words(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_batch_stands_beside_its_letter(bureau):
    batch = forwarded_batch()
    text = bureau.get(url("acceptance", batch)).content.decode()
    assert f'<iframe src="{reverse("recommendation-letter", args=[batch.pk])}#navpanes=0' in text
    for entry in batch.entries.all():
        assert entry.application.enterprise.name in text
    assert "全部受理（2 家）" in text


def test_one_case_is_accepted(bureau):
    batch = forwarded_batch()
    bureau.post(url("acceptance-accept", batch, 1))
    assert states(batch) == [State.ACCEPTED, State.FORWARDED]
    assert Event.objects.get(action="accept").to_state == "ACCEPTED"


def test_all_are_accepted_in_one_go(bureau):
    batch = forwarded_batch(size=3)
    page = bureau.post(url("acceptance-accept-all", batch), follow=True)
    assert states(batch) == [State.ACCEPTED] * 3
    assert words(page) == ["已受理 3 家，区市和企业会收到通知。"]
    again = bureau.post(url("acceptance-accept-all", batch), follow=True)
    assert words(again) == ["本批没有待受理的企业，可能已由同事受理。"]
    assert Event.objects.filter(action="accept").count() == 3


def test_a_case_sent_back_leaves_the_batch_with_a_trace(bureau):
    batch = forwarded_batch()
    bureau.post(url("acceptance-send-back", batch, 1), {"reason": "项目二验收单缺盖章页"})
    assert states(batch) == [State.SENT_BACK, State.FORWARDED]
    assert [one.withdrawn_at for one in batch.entries.order_by("position")] == [JULY, None]
    told = Notification.objects.filter(body__contains="项目二验收单缺盖章页")
    assert {one.recipient.hats()[0].role for one in told} == {Role.ENTERPRISE, Role.CHANNEL_HANDLER}
    page = bureau.get(url("acceptance", batch))
    text = page.content.decode()
    assert "不再属于本批" in text
    assert "签发后有申报退回或撤回" in text
    departed = [one["departure"] for one in page.context["rows"]]
    sender = Event.objects.get(action="send_back").actor_label
    assert (departed[0].actor_label, departed[0].note) == (sender, "项目二验收单缺盖章页")
    assert departed[1] is None
    assert "项目二验收单缺盖章页" in text
    assert "还可以更正的，请退回推荐单位重新审核。" in text


def test_a_case_is_declined_with_its_clause(bureau):
    batch = forwarded_batch()
    bureau.post(
        url("acceptance-decline", batch, 2), {"clause": "第十二条第2项", "reason": "环保处罚决定在近两年内。"}
    )
    assert states(batch) == [State.FORWARDED, State.DECLINED]
    assert Event.objects.get(action="decline").note == "第十二条第2项：环保处罚决定在近两年内。"


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("acceptance-send-back", {"reason": " "}, "请写明退回原因，推荐单位要照此重新审核。"),
        ("acceptance-decline", {"reason": "项目数不足两个，不符合"}, "不予受理须写明依据的条款。"),
        ("acceptance-decline", {"clause": "第十五条", "reason": ""}, "请写明不予受理的原因，企业会看到。"),
        (
            "acceptance-decline",
            {"clause": "第九十九条", "reason": "不符合"},
            "依据条款中没有这一项，请重新选择。",
        ),
    ],
)
def test_no_case_goes_without_its_reason(bureau, name, typed, sentence):
    batch = forwarded_batch()
    page = bureau.post(url(name, batch, 1), typed)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert states(batch) == [State.FORWARDED] * 2


def test_a_second_decision_finds_the_first(bureau):
    batch = forwarded_batch()
    bureau.post(url("acceptance-accept", batch, 1))
    page = bureau.post(
        url("acceptance-decline", batch, 1),
        {"clause": "第十五条", "reason": "材料逾期且不齐，不再受理"},
        follow=True,
    )
    assert words(page)[-1] == "当前状态为“已受理”，不能不予受理。请刷新页面查看最新进展。"
    assert states(batch)[0] == State.ACCEPTED


def test_only_forwarded_batches_are_shown(bureau):
    batch = forwarded_batch()
    signed = Recommendation.objects.create(
        agency=batch.agency,
        round=batch.round,
        letter_number="荣工信〔2026〕9号",
        state="SIGNED",
        prepared_by=batch.prepared_by,
    )
    page = bureau.get(reverse("acceptance-list"))
    assert list(page.context["page"]) == [batch]
    assert bureau.get(reverse("acceptance", args=[signed.pk])).status_code == 404


def test_a_finished_batch_moves_to_all(bureau):
    batch = forwarded_batch()
    bureau.post(url("acceptance-accept-all", batch))
    page = bureau.get(reverse("acceptance-list"))
    assert list(page.context["page"]) == []
    assert (page.context["open_count"], page.context["all_count"]) == (0, 1)
    assert list(bureau.get(reverse("acceptance-list"), {"tab": "all"}).context["page"]) == [batch]


def test_the_leader_reads_but_the_handler_decides():
    batch = forwarded_batch()
    leader = signed_in(Role.MUNICIPAL_LEADER)
    assert leader.get(url("acceptance", batch)).status_code == 200
    assert leader.post(url("acceptance-accept", batch, 1)).status_code == 403
    assert leader.post(url("acceptance-accept-all", batch)).status_code == 403
    assert states(batch) == [State.FORWARDED] * 2
    tried = Event.objects.values_list("action", "subject_id", "outcome", "address")
    assert list(tried) == [("accept", batch.entries.first().application_id, "REFUSED", "127.0.0.1")] * 2


@pytest.mark.parametrize("role", [Role.CHANNEL_LEADER, Role.ADMINISTRATOR])
def test_others_have_no_acceptance(role):
    batch = forwarded_batch()
    client = signed_in(role)
    assert client.get(url("acceptance", batch)).status_code == 404
    assert client.post(url("acceptance-accept", batch, 1)).status_code == 404


def test_an_entry_of_another_batch_is_not_found(bureau):
    first, second = forwarded_batch(1), forwarded_batch(2)
    crafted = reverse("acceptance-accept", args=[first.pk, second.entries.first().pk])
    assert bureau.post(crafted).status_code == 404
    assert states(second) == [State.FORWARDED] * 2


def test_a_long_batch_comes_in_pages_and_leads_back_to_the_entry_dealt_with(bureau):
    batch = forwarded_batch(size=14)
    first = bureau.get(url("acceptance", batch))
    assert [row["entry"].position for row in first.context["rows"]] == list(range(1, 9))
    assert first.context["left"] == 14
    answer = bureau.post(url("acceptance-accept", batch, 14), follow=True)
    assert [row["entry"].position for row in answer.context["rows"]] == [9, 10, 11, 12, 13, 14]
    assert answer.context["left"] == 13
    refused = bureau.post(url("acceptance-send-back", batch, 13), {"reason": ""})
    assert [row["entry"].position for row in refused.context["rows"]] == [9, 10, 11, 12, 13, 14]


def test_a_case_in_another_rounds_or_channels_letter_is_not_taken_up(bureau):
    batch = forwarded_batch()
    stray = batch.entries.get(position=2).application
    Application.objects.filter(pk=stray.pk).update(channel=an_agency("371002"))
    reason = f"列在{batch}里，与本件的批次或申报渠道不符（第十五条），请退回推荐单位更正。"
    page = bureau.get(url("acceptance", batch))
    assert [row["options"]["accept"].reasons for row in page.context["rows"]] == [(), (reason,)]
    all_at_once = bureau.post(url("acceptance-accept-all", batch), follow=True)
    assert words(all_at_once) == [f"整批都没有受理：{reason}请逐件办理。"]
    bureau.post(url("acceptance-accept", batch, 1))
    bureau.post(url("acceptance-accept", batch, 2))
    assert states(batch) == ["ACCEPTED", "FORWARDED"]
    bureau.post(url("acceptance-send-back", batch, 2), {"reason": "渠道与推荐函不符，请更正后重新报送。"})
    assert states(batch) == ["ACCEPTED", "SENT_BACK"]


def test_a_batch_without_its_sealed_letter_is_not_taken_up(bureau):
    batch = forwarded_batch()
    Recommendation.objects.filter(pk=batch.pk).update(sealed_letter="")
    refused = bureau.post(url("acceptance-accept", batch, 1), follow=True)
    assert words(refused) == [f"{batch}没有签发人或盖章扫描件（第十五条），请退回推荐单位补齐。"]
    assert states(batch) == ["FORWARDED"] * 2


def test_the_same_number_scan_or_file_twice_is_noticed_and_blocks_nothing(bureau):
    first, second = forwarded_batch(1, 1), forwarded_batch(2, 1)
    Recommendation.objects.filter(pk=second.pk).update(letter_number=first.letter_number)
    officer = first.prepared_by
    for batch in (first, second):
        events.record(batch, "upload_sealed_letter", by=officer, sha256="a" * 64)
    copied, original = (batch.entries.get().application for batch in (second, first))
    digest = original.attachments.filter(kind="AUDIT_REPORT").first().sha256
    audit = copied.attachments.filter(kind="AUDIT_REPORT").first()
    copied.attachments.update(sha256="b" * 64)
    Attachment.objects.filter(pk=audit.pk).update(sha256=digest)
    page = bureau.get(url("acceptance", second))
    assert page.context["doubts"] == [
        "文号与本单位在2026年度认定的另一批推荐文件相同，请核对是否重复报送。",
        f"盖章扫描件与“{first}”的是同一个文件，请核对是否传错。",
    ]
    assert page.context["rows"][0]["doubts"] == [
        f"审计报告（至少两年）“{audit.name}”与{original.enterprise}的附件是同一个文件，请核对。"
    ]
    assert bureau.get(url("acceptance", first)).context["rows"][0]["doubts"] == [
        f"审计报告（至少两年）“{one.name}”与{copied.enterprise}的附件是同一个文件，请核对。"
        for one in original.attachments.filter(sha256=digest).exclude(kind="OTHER")
    ]
    bureau.post(url("acceptance-accept", second, 1))
    assert states(second) == ["ACCEPTED"]


def test_two_cases_of_one_batch_with_the_same_file_are_both_noticed(bureau):
    batch = forwarded_batch()
    Attachment.objects.exclude(kind="CREDIT_REPORT").delete()
    Attachment.objects.update(sha256="c" * 64)
    rows = bureau.get(url("acceptance", batch)).context["rows"]
    names = [row["application"].enterprise.name for row in rows]
    assert [[names[1 - number] in told for told in row["doubts"]] for number, row in enumerate(rows)] == [
        [True],
        [True],
    ]


def test_a_file_that_many_handed_in_is_told_with_three_names_and_the_number(bureau):
    batch = forwarded_batch(size=1)
    for _ in range(5):
        make_application(state=State.SUBMITTED)
    Attachment.objects.exclude(kind="CREDIT_REPORT").delete()
    Attachment.objects.update(sha256="c" * 64)
    (told,) = bureau.get(url("acceptance", batch)).context["rows"][0]["doubts"]
    assert (told.count("公司"), told.count("、")) == (3, 2)
    assert told.endswith(" 等 5 家的附件是同一个文件，请核对。")


def test_an_enterprises_own_earlier_case_in_the_round_raises_no_doubt(bureau):
    batch = forwarded_batch(size=1)
    case = batch.entries.get().application
    before = make_application(state=State.WITHDRAWN, enterprise=case.enterprise, complete=True)
    Attachment.objects.exclude(kind="CREDIT_REPORT").delete()
    Attachment.objects.update(sha256="c" * 64)
    assert before.round == case.round
    assert bureau.get(url("acceptance", batch)).context["rows"][0]["doubts"] == []
