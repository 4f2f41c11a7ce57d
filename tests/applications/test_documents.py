"""The documents as files: what they say, how they are bound, who may read them."""

import io

import pytest
from guardian.shortcuts import assign_perm
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from accounts.roles import Role
from applications.documents import commitment_key, draft_key, letter_key, version_key
from applications.models import (
    Application,
    ApplicationVersion,
    Attachment,
    AttachmentKind,
    Recommendation,
    RecommendationEntry,
)
from core import clock, documents, tasks
from core.models import Document
from tests import factories
from tests.applications import scenes
from tests.factories import JUNE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(JUNE):
        yield


def key_of(kind: str, subject) -> str:
    subject = type(subject).objects.get(pk=subject.pk)
    if kind == "recommendation-letter":
        return letter_key(subject)
    if kind == "draft":
        return draft_key(subject)
    if kind == "commitment":
        return commitment_key(subject)
    return version_key(subject.current_version) if subject.current_version else draft_key(subject)


def made(kind: str, subject, key: str = "") -> tuple[Document, PdfReader]:
    document = documents.request(kind, subject, by=None, key=key or key_of(kind, subject))
    tasks.make_document(document.pk)
    document = Document.objects.get(pk=document.pk)
    assert document.error == ""
    with document.file.open() as file:
        return document, PdfReader(io.BytesIO(file.read()))


def text_of(reader: PdfReader) -> str:
    return "".join("".join(page.extract_text() for page in reader.pages).split())


def test_the_receipt_names_number_version_and_digest():
    application = factories.make_application(state="SUBMITTED")
    document, reader = made("receipt", application)

    assert document.filename == f"提交回执_{application.receipt_number}.pdf"
    text = text_of(reader)
    assert application.receipt_number in text
    assert application.enterprise.credit_code in text
    assert application.current_version.digest in text.replace(" ", "")
    assert f"校验码{application.current_version.digest[:16]}" in text
    assert len(reader.pages) == 1


def test_the_commitment_can_be_printed_and_signed():
    application = factories.make_application()
    document, reader = made("commitment", application)
    assert document.filename == f"真实性承诺书_{application.enterprise}.pdf"
    text = text_of(reader)
    assert application.enterprise.credit_code in text
    assert "知悉将被撤销称号（第十九条第（五）项），三年内不得重新申请（第二十条）。" in text
    assert "法定代表人（签字）" in text
    assert len(reader.pages) == 1


def test_the_application_is_bound_with_every_attachment_bookmarked_and_numbered():
    application = factories.make_application(state="SUBMITTED")
    attachments = application.attachments.count()
    _, reader = made("application", application)

    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    bound = next(one for one in reader.outline if isinstance(one, list) and len(one) == attachments)
    assert titles[-1] == "附件"
    assert len(bound) == attachments
    total = len(reader.pages)
    assert f"第{total}页共{total}页" in "".join(reader.pages[-1].extract_text().split())
    text = text_of(reader)
    assert "三、服务部门或服务公司" in text
    assert "2023年10月1日至今" in "".join(text.split())
    assert "2024年6月1日至2026年3月31日" in "".join(text.split())


def test_an_attachment_that_cannot_be_bound_is_named_and_the_rest_is_bound():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    locked = factories.attach(application, AttachmentKind.OTHER, by=member, name="加密合同.pdf")
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.encrypt("secret")
    with open(locked.file.path, "wb") as file:
        writer.write(file)
    odd = factories.attach(application, AttachmentKind.OTHER, by=member, name="怪文件.pdf")
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)[NameObject("/Rotate")] = NameObject("/upside-down")
    with open(odd.file.path, "wb") as file:
        writer.write(file)
    broken = factories.attach(application, AttachmentKind.OTHER, by=member, name="坏文件.pdf")
    with open(broken.file.path, "wb") as file:
        file.write(b"%PDF-1.7 broken")

    _, reader = made("application", application)

    assert "加密合同.pdf（文件已加密）" in text_of(reader)
    assert "坏文件.pdf（文件已损坏或无法打开）" in text_of(reader)
    assert "怪文件.pdf（文件已损坏或无法打开）" in text_of(reader)
    bound = next(one for one in reader.outline if isinstance(one, list) and len(one) > 5)
    assert len(bound) == Attachment.objects.current().count() - 3


def a_batch(**fields) -> Recommendation:
    application = factories.make_application(state="VETTED")
    batch = Recommendation.objects.create(
        agency=application.channel,
        round=application.round,
        letter_number="荣工信函〔2026〕18号",
        prepared_by=factories.make_officer(Role.CHANNEL_HANDLER),
        **fields,
    )
    RecommendationEntry.objects.create(recommendation=batch, application=application, position=1)
    return batch


def test_the_letter_recommends_by_name_and_carries_the_summary_table():
    batch = a_batch()
    _, reader = made("recommendation-letter", batch)

    text = text_of(reader)
    assert "荣工信函〔2026〕18号" in text
    assert "第十五条" in text
    assert batch.entries.get().application.enterprise.credit_code in text
    assert reader.pages[-1].mediabox.width > reader.pages[-1].mediabox.height


def test_an_empty_batch_gives_a_sentence_and_no_file():
    batch = a_batch()
    batch.entries.all().delete()
    document = documents.request("recommendation-letter", batch, by=None, key=letter_key(batch))
    tasks.make_document(document.pk)
    document = Document.objects.get(pk=document.pk)
    assert (document.status, document.error) == ("FAILED", "本批还没有企业，不能生成推荐函。")


def status_of(client, document: Document) -> int:
    response = client.get(f"/documents/{document.pk}/")
    assert response.getvalue()  # reading to the end closes the file
    return response.status_code


def test_a_document_is_read_by_those_who_may_see_its_subject(client):
    application = factories.make_application(state="SUBMITTED")
    document, _ = made("receipt", application)
    member = application.enterprise.memberships.get().user
    reviewing = factories.make_expert().user
    assign_perm("applications.review_application", reviewing, application)
    outcomes = {}
    for name, user in {
        "enterprise": member,
        "its district": factories.make_officer(Role.CHANNEL_HANDLER),
        "another district": factories.make_officer(Role.CHANNEL_HANDLER, factories.an_agency("371003")),
        "another enterprise": factories.make_member(factories.make_enterprise()),
        "expert": factories.make_expert().user,
        "expert who reviews the case": reviewing,
        "administrator": factories.make_officer(Role.ADMINISTRATOR),
    }.items():
        client.force_login(user)
        outcomes[name] = status_of(client, document)
    client.logout()
    outcomes["visitor"] = status_of(client, document)

    assert outcomes == {
        "enterprise": 200,
        "its district": 200,
        "another district": 404,
        "another enterprise": 404,
        "expert": 404,
        "expert who reviews the case": 404,
        "administrator": 404,
        "visitor": 404,
    }


def test_asking_twice_gives_the_same_document_and_a_second_worker_leaves_it_alone():
    application = factories.make_application(state="SUBMITTED")
    first, second = (
        documents.request("receipt", application, by=None, key=key_of("receipt", application))
        for _ in range(2)
    )
    assert first == second
    tasks.make_document(first.pk)
    digest = Document.objects.get().sha256
    tasks.make_document(first.pk)
    tasks.make_waiting_documents()
    assert Document.objects.get().sha256 == digest


def readers_of(client, document: Document, application) -> set[str]:
    people = {
        "enterprise": application.enterprise.memberships.get().user,
        "its district": factories.make_officer(Role.CHANNEL_HANDLER),
        "bureau": factories.make_officer(Role.MUNICIPAL_HANDLER),
        "auditor": factories.make_officer(Role.AUDITOR),
    }
    found = set()
    for name, user in people.items():
        client.force_login(user)
        if status_of(client, document) == 200:
            found.add(name)
    return found


def a_correction() -> Application:
    application = factories.make_application(state="SUBMITTED")
    handler = factories.make_officer(Role.CHANNEL_HANDLER)
    application = scenes.returned(application, items={"capability": "请写明"}, by=handler)
    application.digitalisation = "尚未提交的补正内容"
    application.save(update_fields=["digitalisation"])
    return application


def test_an_unsubmitted_correction_is_read_by_the_enterprise_alone_also_after_it_was_submitted(client):
    application = a_correction()
    member = application.enterprise.memberships.get().user
    asked = scenes.signed_in(member).post(f"/applications/{application.pk}/pdf/")
    draft = Document.objects.get()
    assert asked["Location"] == f"/documents/{draft.pk}/?progress"
    draft, reader = made("application", application, draft.key)
    submitted, old = made("application", application, version_key(application.current_version))

    assert "尚未提交的补正内容" in text_of(reader)
    assert "草稿" in text_of(reader)
    assert "尚未提交的补正内容" not in text_of(old)
    assert "第1版" in text_of(old)
    assert readers_of(client, draft, application) == {"enterprise"}
    assert readers_of(client, submitted, application) == {"enterprise", "its district", "bureau", "auditor"}


def test_what_was_changed_before_the_worker_came_is_not_made_under_the_old_name():
    application = a_correction()
    document = documents.request("application", application, by=None, key=key_of("draft", application))
    application.digitalisation = "又改了一次"
    application.save(update_fields=["digitalisation"])
    tasks.make_document(document.pk)
    document = Document.objects.get(pk=document.pk)
    assert (document.status, document.error) == (
        "FAILED",
        "草稿在文件生成之前又有改动，没有生成。请返回原页面重新生成。",
    )


def test_a_receipt_tells_of_the_version_it_was_asked_for():
    application = factories.make_application(state="SUBMITTED")
    first = application.current_version
    document = documents.request("receipt", application, by=None, key=version_key(first))
    later = ApplicationVersion.objects.create(
        application=application,
        number=2,
        snapshot=first.snapshot,
        findings=first.findings,
        outline=first.outline,
        digest="f" * 64,
        submitted_by=first.submitted_by,
        submitted_at=clock.now(),
    )
    Application.objects.filter(pk=application.pk).update(current_version=later)
    tasks.make_document(document.pk)
    with Document.objects.get(pk=document.pk).file.open() as file:
        text = text_of(PdfReader(io.BytesIO(file.read())))
    assert first.digest in text
    assert later.digest not in text


def test_the_bureau_reads_the_letter_that_was_forwarded_and_no_list_before_it(client):
    batch = a_batch(state="FORWARDED")
    application = batch.entries.get().application
    earlier, _ = made("recommendation-letter", batch)
    batch.entries.update(remark="绿色工厂")
    forwarded, _ = made("recommendation-letter", batch)

    assert readers_of(client, earlier, application) == {"its district"}
    assert readers_of(client, forwarded, application) == {"its district", "bureau", "auditor"}
