"""What the bureau hands out with a round and answers in public; and what everybody may read and download."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Agency
from accounts.roles import Role
from applications.models import Round, RoundFile, RoundQuestion
from core import clock
from core.models import Event
from tests.factories import a_pdf, an_agency, make_enterprise, make_member, make_officer, make_round

pytestmark = pytest.mark.django_db
SPRING = clock.instant(date(2026, 4, 20), 9)


@pytest.fixture(autouse=True)
def spring():
    with clock.stopped_at(SPRING):
        yield


def signed_in(role: str = Role.MUNICIPAL_HANDLER) -> Client:
    client = Client()
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


@pytest.fixture
def bureau() -> Client:
    return signed_in()


def a_workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def a_package(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for part in parts:
            package.writestr(part, "<x/>")
    return out.getvalue()


DOCX = a_package("[Content_Types].xml", "word/document.xml")


def upload(client: Client, round_: Round, kind: str, name: str, content: bytes, title: str = "申报书模板"):
    form = kind.lower()
    values = {"kind": kind, f"{form}-title": title, f"{form}-file": SimpleUploadedFile(name, content)}
    return client.post(reverse("round-pages", args=[round_.pk]), values, follow=True)


def downloaded(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


def said(page) -> list[str]:
    return [str(one) for one in page.context["messages"]]


def preparing(**fields) -> Round:
    return make_round(state=Round.State.PREPARING, **fields)


def publish(client: Client, round_: Round) -> None:
    seen = client.get(reverse("round-board", args=[round_.pk])).context["seen"]
    client.post(reverse("round-open", args=[round_.pk]), {"seen": seen})


# Files


def test_the_call_is_published_with_its_documents(bureau):
    round_, anybody = preparing(), Client()
    first, second = a_pdf(), a_pdf(2)
    assert said(upload(bureau, round_, "CALL", "初稿.pdf", first)) == ["“初稿.pdf”已上传。"]
    upload(bureau, round_, "CALL", "威工信字〔2026〕12号.pdf", second)
    upload(bureau, round_, "TEMPLATE", "申报书模板.docx", DOCX)
    current = {one.kind: one for one in round_.files.current()}
    assert {kind: one.name for kind, one in current.items()} == {
        "CALL": "威工信字〔2026〕12号.pdf",
        "TEMPLATE": "申报书模板.docx",
    }
    address = reverse("call-file", args=[round_.pk, current["CALL"].pk])
    assert anybody.get(address).status_code == 404
    assert downloaded(signed_in(Role.AUDITOR), address) == second
    publish(bureau, round_)
    assert Round.objects.get().state == "OPEN"
    assert downloaded(anybody, address) == second
    page = anybody.get(reverse("call", args=[round_.pk])).content.decode()
    assert 0 < page.index("企业申报截止</span>") < page.index("一、申报对象")
    for one in current.values():
        assert reverse("call-file", args=[round_.pk, one.pk]) in page
    replaced = RoundFile.objects.exclude(removed_at=None).get()
    assert (replaced.name, anybody.get(reverse("call-file", args=[round_.pk, replaced.pk])).status_code) == (
        "初稿.pdf",
        404,
    )
    assert [
        (one.action_label, one.note) for one in Event.objects.filter(action="add_file").order_by("id")
    ] == [
        ("上传通知文件", "申报通知"),
        ("上传通知文件", "申报通知"),
        ("上传模板", "申报书模板"),
    ]


def test_once_published_the_call_stays_and_templates_come_and_go_on_record(bureau):
    round_ = preparing()
    upload(bureau, round_, "CALL", "通知.pdf", a_pdf())
    publish(bureau, round_)
    call = round_.files.get()
    stays = ["通知已经发布，通知文件不能再更换或撤下。有差错的，请另发更正通知；模板可以随时增补。"]
    assert said(upload(bureau, round_, "CALL", "另一份.pdf", a_pdf()))[-1:] == stays
    remove = reverse("round-file-remove", args=[round_.pk, call.pk])
    assert said(bureau.post(remove, follow=True)) == stays
    upload(bureau, round_, "TEMPLATE", "指标表.xlsx", a_workbook(), title="三年指标表")
    template = round_.files.current().get(kind="TEMPLATE")
    listed = reverse("call-templates", args=[round_.pk])
    assert [one.title for one in Client().get(listed).context["templates"]] == ["三年指标表"]
    remove = reverse("round-file-remove", args=[round_.pk, template.pk])
    assert said(bureau.post(remove, follow=True)) == ["“三年指标表”已撤下。"]
    assert said(bureau.post(remove, follow=True)) == ["“三年指标表”已经撤下。"]
    assert list(Client().get(listed).context["templates"]) == []
    actions = Event.objects.filter(action__in=["add_file", "remove_file"]).order_by("id")
    assert [one.action_label for one in actions] == ["上传通知文件", "上传模板", "撤下模板"]


def test_a_second_click_uploads_nothing_twice(bureau):
    round_ = preparing()
    for _ in range(2):
        page = upload(bureau, round_, "TEMPLATE", "模板.docx", DOCX)
    assert said(page)[-1] == "“申报书模板”已经上传过同一份文件，不必重复上传。"
    assert RoundFile.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "name", "content", "title", "sentence"),
    [
        (
            "CALL",
            "通知.docx",
            DOCX,
            "",
            "“通知.docx”内容是 DOCX 格式，没有保存。可以上传 PDF，每份不超过 20 MB",
        ),
        ("TEMPLATE", "模板.pdf", DOCX, "模板", "“模板.pdf”的内容是 Word 文件，与文件名不符，没有保存。"),
        ("TEMPLATE", "模板.docx", b"", "模板", "“模板.docx”是空文件（0 字节），没有保存。"),
        ("TEMPLATE", "模板.docx", b"MZ" + b"0" * 90, "模板", "可以上传 PDF、DOCX、XLSX，每份不超过 20 MB"),
        ("TEMPLATE", "模板.docx", DOCX[:-60] + b"x", "模板", "“模板.docx”已损坏，打不开，没有保存。"),
        (
            "TEMPLATE",
            "模板.docx",
            a_package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "模板",
            "“模板.docx”带有宏，没有保存。请去掉宏，另存后重新上传。",
        ),
        ("TEMPLATE", "包.zip", a_package("a.exe"), "模板", "没有保存"),
        ("TEMPLATE", "模板.docx", DOCX, "", "请填写模板名称。"),
        ("TEMPLATE", "模板.docx", DOCX, "长" * 61, "模板名称最多 60 字，现为 61 字，请删减 1 字。"),
    ],
)
def test_a_file_is_judged_by_its_content(bureau, kind, name, content, title, sentence):
    round_ = preparing()
    page = upload(bureau, round_, kind, name, content, title)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not RoundFile.objects.exists()


@pytest.mark.parametrize("values", [{}, {"kind": "x"}, {"kind": "CALL"}, {"kind": "TEMPLATE"}])
def test_a_crafted_upload_changes_nothing(bureau, values):
    assert bureau.post(reverse("round-pages", args=[preparing().pk]), values).status_code == 422
    assert not RoundFile.objects.exists()


def test_a_file_added_after_the_preview_was_read_is_not_published_unseen(bureau):
    round_ = preparing()
    seen = bureau.get(reverse("round-board", args=[round_.pk])).context["seen"]
    upload(signed_in(), round_, "CALL", "通知.pdf", a_pdf())
    page = bureau.post(reverse("round-open", args=[round_.pk]), {"seen": seen}, follow=True)
    assert said(page) == ["批次在您查看之后又有改动，尚未发布。请重新核对下面的内容。"]


# Questions and answers


def write(client: Client, round_: Round, entry: RoundQuestion | None = None, **values):
    address = (
        reverse("round-question-edit", args=[round_.pk, entry.pk])
        if entry
        else reverse("round-question-create", args=[round_.pk])
    )
    revision = client.get(address).context["revision"]
    defaults = {"question": "两年以上从哪一天算？", "answer": "到基准日满两年（第十二条第1项）。"}
    return client.post(address, defaults | {"revision": revision} | values, follow=True)


def public_questions(round_: Round) -> list[str]:
    page = Client().get(reverse("call-questions", args=[round_.pk]))
    return [one.question for one in page.context["questions"]]


def test_an_answer_is_written_published_changed_and_taken_back(bureau):
    round_ = make_round()
    assert said(write(bureau, round_)) == ["问答已保存，公众还看不到。"]
    assert public_questions(round_) == []
    entry = RoundQuestion.objects.get()
    assert said(write(bureau, round_, entry, action="publish")) == ["问答已发布。"]
    assert public_questions(round_) == ["两年以上从哪一天算？"]
    write(bureau, round_, entry, question="经营两年从哪一天算？")
    assert public_questions(round_) == ["经营两年从哪一天算？"]
    write(bureau, round_, entry, question="经营两年从哪一天算？", action="withdraw")
    assert public_questions(round_) == []
    assert [one.action_label for one in Event.objects.filter(action="answer").order_by("id")] == [
        "编写问答",
        "发布问答",
        "修改问答",
        "撤下问答",
    ]


def test_an_answer_prepared_early_is_public_with_the_call(bureau):
    round_ = preparing()
    write(bureau, round_, action="publish")
    address = reverse("call-questions", args=[round_.pk])
    assert Client().get(address).status_code == 404
    publish(bureau, round_)
    assert public_questions(round_) == ["两年以上从哪一天算？"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"question": ""}, "请填写问题。"),
        ({"answer": " \n"}, "请填写答复。"),
        ({"question": "长" * 201}, "问题最多 200 字，现为 201 字，请删减 1 字。"),
        ({"answer": "长" * 2001}, "答复最多 2000 字，现为 2001 字，请删减 1 字。"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(bureau, values, sentence):
    page = write(bureau, make_round(), **values)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not RoundQuestion.objects.exists()


def test_of_two_writers_the_later_is_told(bureau):
    round_ = make_round()
    write(bureau, round_, action="publish")
    entry = RoundQuestion.objects.get()
    revision = bureau.get(reverse("round-question-edit", args=[round_.pk, entry.pk])).context["revision"]
    write(signed_in(), round_, entry, answer="以基准日为准。")
    page = write(bureau, round_, entry, answer="另一种说法。", revision=revision)
    assert page.status_code == 409
    assert [tuple(one) for one in page.context["differences"]] == [("答复", "以基准日为准。", "另一种说法。")]
    assert RoundQuestion.objects.get().answer == "以基准日为准。"


def test_what_somebody_writes_is_shown_as_text(bureau):
    round_ = make_round()
    write(bureau, round_, answer="<script>alert(1)</script>", action="publish")
    page = Client().get(reverse("call-questions", args=[round_.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


# Whom to ask, and where the pages are found


def test_offices_are_named_with_their_telephone_and_no_personal_mobile():
    round_ = make_round()
    for code, phone in (("371000", "0631-5200000"), ("371082", "13812341234"), ("371003", "0631 8450000")):
        Agency.objects.filter(code=code).update(phone=phone)
    Agency.objects.filter(code="371083").update(is_active=False)
    page = Client().get(reverse("call-contacts", args=[round_.pk]))
    found = {agency.code: phone for agency, phone in page.context["contacts"]}
    assert next(iter(found)) == "371000"
    assert {code: found[code] for code in ("371000", "371082", "371003")} == {
        "371000": "0631-5200000",
        "371082": "",
        "371003": "0631 8450000",
    }
    assert "371083" not in found
    assert "13812341234" not in page.content.decode()


def test_the_pages_of_a_round_are_linked_from_both_homes():
    round_ = make_round()
    make_round(year=2025, title="2025年度认定", state="CLOSED")
    preparing(year=2027, title="2027年度认定")
    member = make_member(make_enterprise(district=an_agency()))
    enterprise = Client()
    enterprise.force_login(member, backend="accounts.backends.PortalBackend")
    with clock.stopped_at(clock.instant(date(2026, 6, 12), 9)):
        pages = [Client().get("/"), enterprise.get(reverse("enterprise-home"))]
    for page in pages:
        for name in ("call", "call-templates", "call-questions", "call-contacts"):
            assert reverse(name, args=[round_.pk]) in page.content.decode()
    listed = Client().get(reverse("call-list")).context["rows"]
    assert [row[0].year for row in listed] == [2026, 2025]


def test_the_leader_and_the_auditor_write_nothing():
    round_ = make_round()
    for role in (Role.MUNICIPAL_LEADER, Role.AUDITOR, Role.CHANNEL_HANDLER):
        client = signed_in(role)
        for name in ("round-pages", "round-question-create"):
            assert client.post(reverse(name, args=[round_.pk]), {}).status_code == 404
    assert not RoundQuestion.objects.exists()
