"""A district's supporting policies (第二十三条): prepared by one person, published by another, read by everybody."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import staff
from accounts.models import Membership
from accounts.roles import Role
from core import clock, events
from core.models import Notification
from supervision.models import SupportingPolicy
from tests.applications.scenes import signed_in
from tests.browser import DESKTOP, PHONE, accessibility_violations
from tests.factories import JUNE, a_pdf, an_agency, make_association, make_officer

TITLE = "荣成市支持服务型制造若干措施"
LINK = "https://zc.example.org/col/123.html"


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def officer(db):
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def leader(db):
    return make_officer(Role.CHANNEL_LEADER, name="毕文舟")


def typed(**changes) -> dict:
    return {
        "title": TITLE,
        "document_number": "荣政办发[2026]12号",
        "issued_on": "2026年3月2日",
        "valid_from": "2026-04-01",
        "valid_until": "2028-03-31",
        "summary": "对首次认定的企业奖补。",
        "support": "一次性奖补。",
        "enterprises": "本市示范企业。",
        "link": LINK,
    } | changes


def prepare(by, **changes) -> SupportingPolicy:
    answer = signed_in(by).post(reverse("policy-create"), typed(**changes), follow=True)
    assert answer.status_code == 200, answer.context["form"].errors
    return SupportingPolicy.objects.latest("id")


def page(by, policy):
    return signed_in(by).get(reverse("policy", args=[policy.pk]))


def publish(by, policy, digest: str = ""):
    digest = digest or SupportingPolicy.objects.get(pk=policy.pk).digest()
    return signed_in(by).post(reverse("policy-publish", args=[policy.pk]), {"digest": digest}, follow=True)


def withdraw(by, policy, act: str = "withdraw", reason: str = "市里另有新的规定，本措施停止执行。"):
    url = reverse("policy-withdraw", args=[policy.pk])
    return signed_in(by).post(url, {"act": act, "reason": reason}, follow=True)


def words(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def text_of(answer) -> str:
    return answer.content.decode()


def public(**asked) -> list[tuple[str, str]]:
    """Title and badge of what everybody sees."""
    answer = Client().get(reverse("policy-list"), asked)
    return [(row["policy"].title, row["badge"][0]) for row in answer.context["rows"]]


def status(client: Client, url: str) -> int:
    answer = client.get(url)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def state_of(policy) -> str:
    return SupportingPolicy.objects.get(pk=policy.pk).state


def test_an_officer_prepares_and_the_leader_publishes(officer, leader):
    policy = prepare(officer)
    assert (policy.document_number, policy.issued_on) == ("荣政办发〔2026〕12号", date(2026, 3, 2))
    assert public() == []
    assert Notification.objects.get().recipient == leader
    assert words(publish(leader, policy)) == [f"已发布“{TITLE}”，公众现在可以看到。"]
    assert public() == [(TITLE, "有效")]
    shown = text_of(Client().get(reverse("policy-list")))
    for part in ("荣政办发〔2026〕12号", "2026年4月1日起施行", "有效期至2028年3月31日", f'href="{LINK}"'):
        assert part in shown
    assert [(one.action_label, one.actor.name) for one in events.about(policy)] == [
        ("拟配套政策", "于晓岚"),
        ("发布政策", "毕文舟"),
    ]
    assert Notification.objects.filter(read_at=None).get().recipient == officer


def test_who_prepared_it_does_not_publish_it_and_no_handler_does(officer, leader):
    own = prepare(leader)
    other = prepare(officer, document_number="荣政办发〔2026〕13号")
    for person, policy in ((leader, own), (officer, own), (officer, other)):
        assert "发布须由本单位负责人办理，且不能是拟稿人本人。" in text_of(page(person, policy))
        answer = publish(person, policy)
        assert (answer.status_code, "不能是拟稿人本人" in text_of(answer)) == (403, True)
    assert public() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "请填写政策名称。"),
        ({"title": "长" * 101}, "政策名称最多 100 字，现为 101 字"),
        ({"document_number": "荣政办发第12号"}, "文号应为“机关代字〔年份〕序号号”"),
        ({"issued_on": ""}, "请填写印发日期。"),
        ({"issued_on": "2026-06-13"}, "印发日期2026年6月13日还没有到，不能填将来的日期"),
        ({"issued_on": "昨天"}, "印发日期“昨天”不是有效日期"),
        ({"valid_from": ""}, "请填写施行日期。"),
        ({"valid_from": "2026-02-30"}, "施行日期应为日期，例如 2026-06-30。"),
        ({"valid_until": "2026-03-31"}, "有效期至的日期早于施行日期，请核对。"),
        ({"summary": "长" * 501}, "内容摘要最多 500 字，现为 501 字，请删减 1 字。"),
        ({"support": ""}, "请填写支持内容。"),
        ({"enterprises": "\x00\u202e"}, "请填写适用企业。"),
        ({"link": ""}, "请填写原文链接，或者上传原文 PDF，公众要能看到原文。"),
        ({"link": "http://zc.example.org/"}, "原文链接应为完整的网址，以 https:// 开头"),
        ({"link": "javascript:alert(1)"}, "原文链接应为完整的网址，以 https:// 开头"),
        ({"link": "https://x" + "a" * 300 + ".cn/"}, "原文链接最多 300 字"),
    ],
)
def test_what_cannot_stand_is_refused_in_words_and_stays_in_its_field(officer, changes, sentence):
    answer = signed_in(officer).post(reverse("policy-create"), typed(**changes))
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert "一次性奖补。" in text_of(answer) or "support" in changes
    assert not SupportingPolicy.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("原文.pdf", b"", "是空文件（0 字节）"),
        ("原文.pdf", b"<html><script>alert(1)</script>", "内容不是 PDF 文件"),
        ("原文.docx", None, "的内容是 PDF 文件，与文件名不符"),
    ],
)
def test_a_file_that_is_no_pdf_is_refused(officer, name, content, sentence):
    file = SimpleUploadedFile(name, a_pdf() if content is None else content)
    answer = signed_in(officer).post(reverse("policy-create"), typed(upload=file))
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert not SupportingPolicy.objects.exists()


def test_the_original_is_public_with_the_policy_and_no_longer(officer, leader):
    policy = prepare(officer, link="", upload=SimpleUploadedFile("若干措施.pdf", a_pdf()))
    url = reverse("policy-file", args=[policy.pk])
    stranger, foreign = Client(), signed_in(make_officer(Role.CHANNEL_LEADER, an_agency("371083")))
    own = signed_in(officer)
    assert [status(one, url) for one in (stranger, foreign, own)] == [404, 404, 200]
    publish(leader, policy)
    answer = stranger.get(url)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    withdraw(leader, policy)
    assert [status(one, url) for one in (stranger, foreign, own)] == [404, 404, 200]


def test_validity_is_told_by_the_day_and_districts_are_filtered(officer, leader):
    publish(leader, prepare(officer, valid_until="2026-06-12"))
    publish(
        leader, prepare(officer, title="下月施行", document_number="荣办〔2026〕1号", valid_from="2026-07-01")
    )
    neighbours = [
        make_officer(role, an_agency("371083")) for role in (Role.CHANNEL_HANDLER, Role.CHANNEL_LEADER)
    ]
    publish(neighbours[1], prepare(neighbours[0], title="乳山的", valid_from="2020-01-01", valid_until=""))
    assert public(district="371082") == [("下月施行", "尚未施行"), (TITLE, "有效")]
    with clock.stopped_at(clock.instant(date(2026, 6, 13), 0)):
        assert public(district="371082", standing="over") == [(TITLE, "已过有效期")]
        assert public(standing="valid") == [("下月施行", "尚未施行"), ("乳山的", "有效")]
    assert public(district="371083") == [("乳山的", "有效")]
    for asked in ({"district": "x" * 99}, {"district": "371002"}, {"standing": "x", "district": "'"}):
        assert public(**asked) == []


def test_a_published_policy_is_withdrawn_with_a_reason_and_stays_on_record(officer, leader):
    policy = prepare(officer)
    publish(leader, policy)
    assert withdraw(officer, policy).status_code == 403
    short = withdraw(leader, policy, reason="不用了")
    assert (short.status_code, "至少写 10 个字" in text_of(short)) == (422, True)
    assert public() == [(TITLE, "有效")]
    assert words(withdraw(leader, policy)) == [f"“{TITLE}”已撤下，原因已记录。"]
    assert public() == []
    assert "市里另有新的规定" in text_of(page(officer, policy))
    assert "当前状态为“已撤下”" in words(withdraw(leader, policy))[0]
    again = prepare(officer)
    assert (again.document_number, state_of(policy)) == (policy.document_number, "WITHDRAWN")


def test_a_draft_is_given_up_but_not_by_a_page_older_than_its_publication(officer, leader):
    policy = prepare(officer)
    publish(leader, policy)
    assert "当前状态为“已发布”，不能作废拟稿" in words(withdraw(leader, policy, "discard"))[0]
    assert state_of(policy) == "PUBLISHED"
    other = prepare(officer, document_number="荣办〔2026〕2号")
    assert words(withdraw(officer, other, "discard")) == [f"“{TITLE}”已作废，原因已记录。"]


def test_what_is_published_is_what_was_seen_and_is_not_changed_any_more(officer, leader):
    policy = prepare(officer)
    seen = policy.digest()
    url = reverse("policy", args=[policy.pk])
    revision = page(officer, policy).context["revision"]
    signed_in(officer).post(url, typed(support="改过的。", revision=revision))
    assert words(publish(leader, policy, seen)) == [
        "拟稿刚有改动，与您看到的不同，没有发布。请核对现在的内容后再发布。"
    ]
    publish(leader, policy)
    assert "当前状态为“已发布”" in words(publish(leader, policy))[0]
    answer = signed_in(officer).post(url, typed(support="再改。", revision=revision))
    assert (answer.status_code, answer.context["told"]) == (
        409,
        "这项政策现为“已发布”，不能再改，您填写的没有保存。",
    )
    assert "再改。" in answer.context["typed"]
    assert SupportingPolicy.objects.get().support == "改过的。"


def test_two_who_write_at_once_see_both_texts(officer, leader):
    policy = prepare(officer)
    url, revision = reverse("policy", args=[policy.pk]), page(officer, policy).context["revision"]
    signed_in(leader).post(url, typed(support="负责人改的。", revision=revision))
    answer = signed_in(officer).post(url, typed(support="经办人改的。", revision=revision))
    assert answer.status_code == 409
    assert "负责人改的。" in text_of(answer)
    assert "经办人改的。" in text_of(answer)
    assert SupportingPolicy.objects.get().support == "负责人改的。"


def test_the_same_document_is_listed_once(officer):
    prepare(officer)
    answer = signed_in(officer).post(reverse("policy-create"), typed())
    assert answer.status_code == 422
    assert words(answer) == ["文号荣政办发〔2026〕12号的政策已经有了，不必重复填写；要更换的请先撤下原来的。"]
    assert SupportingPolicy.objects.count() == 1


def test_another_districts_policy_does_not_exist_and_an_association_has_none(officer, leader):
    policy = prepare(officer)
    foreign = make_officer(Role.CHANNEL_LEADER, an_agency("371083"))
    assert page(foreign, policy).status_code == 404
    assert publish(foreign, policy).status_code == withdraw(foreign, policy, "discard").status_code == 404
    answer = signed_in(foreign).post(reverse("policy", args=[policy.pk]), typed())
    assert (answer.status_code, state_of(policy)) == (404, "DRAFT")
    association = signed_in(make_officer(Role.CHANNEL_HANDLER, make_association()))
    assert "协会不用填写" in text_of(association.get(reverse("policy-desk")))
    answer = association.post(reverse("policy-create"), typed())
    assert (answer.status_code, "配套政策由各区市主管部门出台并公布（第二十三条）" in text_of(answer)) == (
        403,
        True,
    )
    assert SupportingPolicy.objects.count() == 1


def test_a_draft_goes_to_a_colleague_when_its_preparer_leaves(officer, leader):
    policy, hat = prepare(officer), Membership.objects.get(user=officer)
    assert [one.key for one in staff.in_hand(hat)] == [f"policy-{policy.pk}"]
    colleague = make_officer(Role.CHANNEL_HANDLER)
    staff.end_service(hat, "end_service", {f"policy-{policy.pk}": colleague}, by=leader, note="调离")
    assert SupportingPolicy.objects.get().prepared_by == colleague


def asked_to_publish(*leaders) -> list[int]:
    """How many unread messages each has that ask for it."""
    waiting = Notification.objects.unread().filter(subject__startswith="配套政策待发布")
    return [waiting.filter(recipient=one).count() for one in leaders]


def test_who_takes_a_draft_over_is_not_asked_to_publish_it_and_the_other_leaders_are(officer, leader):
    policy, other = prepare(officer), make_officer(Role.CHANNEL_LEADER)
    assert asked_to_publish(leader, other) == [1, 0]
    (piece,) = staff.in_hand(Membership.objects.get(user=officer))
    piece.give(leader, by=other)
    assert asked_to_publish(leader, other) == [0, 1]
    withdraw(officer, policy, "discard")
    assert state_of(policy) == "WITHDRAWN"
    assert asked_to_publish(leader, other) == [0, 0]


def test_a_draft_that_a_colleague_has_changed_meanwhile_stays_with_the_colleague(officer, leader):
    policy, colleague = prepare(officer), make_officer(Role.CHANNEL_HANDLER)
    (piece,) = staff.in_hand(Membership.objects.get(user=officer))
    SupportingPolicy.objects.filter(pk=policy.pk).update(prepared_by=colleague)
    piece.give(leader, by=leader)
    assert SupportingPolicy.objects.get().prepared_by == colleague
    assert events.about(policy).filter(action="hand_over_draft").count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/measure/", "/measure/articles/23/"])
def test_the_home_and_the_article_lead_to_the_list(address):
    assert 'href="/policies/"' in text_of(Client().get(address))


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_from_the_draft_to_the_public_page(open_browser, sign_in_as, transactional_db, size):
    clock.move_to(JUNE)
    officer, leader = make_officer(Role.CHANNEL_HANDLER), make_officer(Role.CHANNEL_LEADER)
    page = open_browser(size)
    sign_in_as(page, officer)
    page.goto("/district/policies/")
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="拟一项政策").first.click()
    for label, text in (
        ("政策名称", TITLE),
        ("文号", "荣政办发〔2026〕12号"),
        ("印发日期", "2026-03-02"),
        ("施行日期", "2026-04-01"),
        ("内容摘要", "对首次认定的企业奖补。"),
        ("支持内容", "一次性奖补。"),
        ("适用企业", "本市示范企业。"),
        ("原文链接", LINK),
    ):
        page.get_by_label(label).first.fill(text)
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="保存拟稿").click()
    page.get_by_text("公众还看不到。请由本单位负责人发布。").wait_for()
    address = page.url
    other = open_browser(size)
    sign_in_as(other, leader)
    other.goto(address)
    other.get_by_role("button", name="发布政策").click()
    other.get_by_text("公众现在可以看到。").wait_for()
    assert accessibility_violations(other) == []
    reader = open_browser(size)
    reader.goto("/")
    reader.get_by_role("link", name="各区市配套政策").click()
    reader.get_by_role("heading", name=TITLE).wait_for()
    assert accessibility_violations(reader) == []
    assert reader.evaluate("document.documentElement.scrollWidth") == size[0]
