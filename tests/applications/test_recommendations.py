"""A batch of passed cases: prepared by one person, signed by another, forwarded with its sealed letter."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document as Docx
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.roles import Role
from applications.conditions import moment_text
from applications.documents import letter_key
from applications.models import Application, CorrectionItem, Recommendation
from core import clock, documents, workflow
from core.duties import Duty, duties_of
from core.models import Document, Event, Notification
from tests.applications.scenes import signed_in
from tests.factories import a_pdf, an_agency, make_application, make_officer

pytestmark = pytest.mark.django_db
State = Application.State
JULY = clock.instant(date(2026, 7, 13), 10, 20)
NUMBER = "荣工信〔2026〕15号"


@pytest.fixture(autouse=True)
def july():
    with clock.stopped_at(JULY):
        yield


@pytest.fixture
def handler():
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def leader():
    return make_officer(Role.CHANNEL_LEADER, name="宋建国")


@pytest.fixture
def cases():
    return [make_application(state=State.VETTED) for _ in range(2)]


def batch_of(cases, **changes) -> dict:
    typed = {"letter_number": NUMBER}
    for position, case in enumerate(cases, start=1):
        typed |= {f"case-{case.pk}-chosen": "on", f"case-{case.pk}-position": str(position)}
    return typed | changes


def prepare(user, cases, **changes) -> Recommendation:
    signed_in(user).post(reverse("recommendation-create"), batch_of(cases, **changes))
    return Recommendation.objects.get()


def sign(user, batch: Recommendation, digest: str = ""):
    client = signed_in(user)
    url = reverse("recommendation-detail", args=[batch.pk])
    digest = digest or client.get(url).context["digest"]
    return client.post(reverse("recommendation-sign", args=[batch.pk]), {"digest": digest}, follow=True)


def upload(user, batch: Recommendation, name: str = "盖章推荐函.pdf", content: bytes | None = None):
    file = SimpleUploadedFile(name, a_pdf() if content is None else content)
    url = reverse("recommendation-letter-upload", args=[batch.pk])
    return signed_in(user).post(url, {"letter": file}, follow=True)


def forward(user, batch: Recommendation):
    return signed_in(user).post(reverse("recommendation-forward", args=[batch.pk]), follow=True)


def words(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def state_of(subject) -> str:
    return type(subject).objects.get(pk=subject.pk).state


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


# The sealed letter and forwarding


def test_the_batch_goes_to_the_bureau_with_its_sealed_letter(handler, leader, cases):
    bureau = make_officer(Role.MUNICIPAL_HANDLER)
    batch = prepare(handler, cases)
    sign(leader, batch)
    assert words(upload(handler, batch)) == ["已上传“盖章推荐函.pdf”，1 页。"]
    page = forward(handler, batch)
    done = Recommendation.objects.get()
    assert (done.state, done.receipt_number) == ("FORWARDED", f"TJ-2026-{batch.pk:04d}")
    assert [state_of(case) for case in cases] == [State.FORWARDED] * 2
    assert [Application.objects.get(pk=case.pk).recommended_on for case in cases] == [date(2026, 7, 13)] * 2
    assert done.receipt_number in page.content.decode()
    assert Notification.objects.filter(recipient=bureau).count() == 1
    assert Notification.objects.filter(subject__endswith="：已推荐").count() == 2


def test_without_the_sealed_letter_nothing_is_forwarded(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    assert words(forward(handler, batch)) == ["请先上传盖章的推荐函扫描件。"]
    assert state_of(batch) == "SIGNED"
    assert [state_of(case) for case in cases] == [State.VETTED] * 2


def test_an_unsigned_batch_takes_no_letter_and_is_not_forwarded(handler, cases):
    batch = prepare(handler, cases)
    assert words(upload(handler, batch)) == ["推荐文件现在是“拟稿”，只有签发后、报送前才能上传盖章扫描件。"]
    assert words(forward(handler, batch)) == ["当前状态为“拟稿”，不能报送市局。请刷新页面查看最新进展。"]
    assert state_of(batch) == "DRAFT"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("函.pdf", b"", "是空文件（0 字节）"),
        ("函.pdf", b"MZ not a pdf at all" * 20, "内容是 EXE 格式，没有保存。"),
        ("函.jpg", None, "的内容是 PDF 文件，与文件名不符"),
        ("函.pdf", b"%PDF-1.7\nbroken", "已损坏，打不开"),
        ("函.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "已损坏或尺寸过大，打不开"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(handler, leader, cases, name, content, sentence):
    batch = prepare(handler, cases)
    sign(leader, batch)
    page = upload(handler, batch, name, content)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not Recommendation.objects.get().sealed_letter


def test_forwarding_twice_changes_nothing(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    page = forward(handler, batch)
    assert words(page) == ["当前状态为“已报送”，不能报送市局。请刷新页面查看最新进展。"]
    assert Event.objects.filter(subject_type="applications.Application", action="forward").count() == 2


def test_at_the_districts_deadline_it_is_over(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    closing = batch.round.district_deadline
    with clock.stopped_at(closing):
        page = forward(handler, batch)
        assert words(page)[0].startswith("报送截止时间为7月17日17:00，已过，不能再报送：")
        assert state_of(batch) == "SIGNED"
    with clock.stopped_at(closing - timedelta(seconds=1)):
        forward(handler, batch)
        assert state_of(batch) == "FORWARDED"


def test_a_case_sent_back_may_follow_after_the_deadline(handler, leader, cases):
    batch = prepare(handler, cases[:1])
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    bureau = make_officer(Role.MUNICIPAL_HANDLER)
    workflow.perform(cases[0], "send_back", by=bureau, note="缺盖章页")
    with clock.stopped_at(batch.round.district_deadline + timedelta(days=3)):
        case = Application.objects.get(pk=cases[0].pk)
        signed_in(handler).post(
            reverse("vetting-pass", args=[case.pk]),
            {
                "version": case.current_version_id,
                "revision": 0,
                "authenticity": "PASS",
                "compliance": "PASS",
                "validity": "PASS",
                "validity_note": "盖章页已补齐，与原件一致。",
            },
        )
        assert state_of(case) == State.VETTED
        signed_in(handler).post(reverse("recommendation-create"), batch_of(cases[:1]))
        second = Recommendation.objects.exclude(pk=batch.pk).get()
        sign(leader, second)
        upload(handler, second)
        forward(handler, second)
        assert state_of(second) == "FORWARDED"
        assert state_of(case) == State.FORWARDED
    trace = batch.entries.get()
    assert trace.withdrawn_at == JULY


# Tables and documents


def test_the_summary_has_the_columns_of_the_form_and_keeps_text_as_text(handler, cases):
    batch = prepare(handler, cases, **{f"case-{cases[0].pk}-remark": "=1+1"})
    answer = signed_in(handler).get(reverse("recommendation-xlsx", args=[batch.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows[0] == (
        "序号",
        "推荐单位",
        "企业名称",
        "统一社会信用代码",
        "行业",
        "模式",
        "上年主营业务收入（万元）",
        "服务性收入（万元）",
        "占比",
        "增速",
        "亩产类别",
        "联系人",
        "手机",
        "备注",
    )
    enterprise = cases[0].enterprise
    assert rows[1][:4] == (1, "荣成市工业和信息化局", enterprise.name, enterprise.credit_code)
    assert rows[1][6:8] == (14960, 2512.6)
    assert rows[1][8:10] == ("16.80%", "11.23%")
    assert rows[1][10:] == ("未评价", "林晓雯", "13100002046", "=1+1")
    assert sheet.cell(3, 14).data_type == "s"
    assert sheet.cell(3, 4).data_type == "s"


def test_the_letter_is_asked_for_once_for_the_same_list(handler, cases):
    batch = prepare(handler, cases)
    client = signed_in(handler)
    for _ in range(2):
        answer = client.post(reverse("recommendation-make", args=[batch.pk, "letter"]))
    document = Document.objects.get(kind="recommendation-letter")
    assert answer.url == reverse("document", args=[document.pk])
    assert document.subject_id == batch.pk


def made(batch: Recommendation, kind: str) -> io.BytesIO:
    """The file that a worker makes of the batch as it stands."""
    document = documents.request(f"recommendation-{kind}", batch, by=batch.prepared_by, key=letter_key(batch))
    documents.make(document.pk)
    document.refresh_from_db()
    assert document.status == Document.Status.READY, document.error
    with document.file.open("rb") as file:
        return io.BytesIO(file.read())


def test_the_letter_comes_as_docx_in_the_measures_of_the_standard(handler, leader, cases):
    batch = prepare(handler, cases, **{f"case-{cases[1].pk}-remark": "省级专精特新"})
    sign(leader, batch)
    docx = Docx(made(Recommendation.objects.get(), "docx"))
    first, second = cases[0].enterprise.name, cases[1].enterprise.name
    assert [one.text for one in docx.paragraphs if one.text] == [
        "荣成市工业和信息化局",
        NUMBER,
        "荣成市工业和信息化局关于推荐",
        "2026年度威海市服务型制造示范企业的函",
        "威海市工业和信息化局：",
        "根据《威海市服务型制造示范企业认定管理办法》（威工信发〔2021〕34号）第十五条规定，我单位组织企业申报，"
        f"对申报资料的真实性、合规性、有效性进行了审核。经审核，{first}等2家企业符合申报条件，推荐顺序见附件。",
        "2家企业的申报材料已通过认定平台报送，请予受理。",
        "附件：2026年度威海市服务型制造示范企业推荐汇总表",
        "荣成市工业和信息化局",
        "2026年7月13日",
        "附件",
        "2026年度威海市服务型制造示范企业推荐汇总表",
        "推荐单位（盖章）：荣成市工业和信息化局　　填报日期：2026年7月13日",
        docx.paragraphs[-1].text,
    ]
    (table,) = docx.tables
    assert [[cell.text for cell in row.cells][2] for row in table.rows] == ["企业名称", first, second]
    assert [cell.text for cell in table.rows[2].cells][-1] == "省级专精特新"
    portrait, landscape = docx.sections
    margins = (portrait.top_margin, portrait.left_margin, portrait.right_margin)
    assert [round(one.mm) for one in margins] == [37, 28, 26]
    assert [round(landscape.page_width.mm), round(landscape.page_height.mm)] == [297, 210]


def test_the_table_comes_as_a_landscape_pdf_of_the_signed_list(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    (page,) = PdfReader(made(Recommendation.objects.get(), "summary")).pages
    assert page.mediabox.width > page.mediabox.height
    said = page.extract_text().replace("\n", "")
    for words in ("推荐汇总表", *(one.enterprise.credit_code for one in cases), "16.80%", "11.23%"):
        assert words in said


def test_no_other_document_is_made_of_a_batch(handler, cases):
    batch = prepare(handler, cases)
    assert signed_in(handler).post(reverse("recommendation-make", args=[batch.pk, "exe"])).status_code == 404
    assert not Document.objects.exists()


def test_the_sealed_letter_is_read_in_the_page(handler, leader, cases):
    batch = prepare(handler, cases)
    sign(leader, batch)
    upload(handler, batch)
    answer = signed_in(leader).get(reverse("recommendation-letter", args=[batch.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    answer.close()


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


def test_a_case_sent_back_after_the_deadline_goes_to_the_enterprise_until_the_eve_of_the_review(
    handler, leader, cases
):
    batch = prepare(handler, cases[:1])
    sign(leader, batch)
    upload(handler, batch)
    forward(handler, batch)
    round_, case = batch.round, cases[0]
    eve = clock.instant(round_.review_starts_on - timedelta(days=1), 17)
    address = reverse("vetting-return", args=[case.pk])
    with clock.stopped_at(round_.district_deadline + timedelta(days=3)):
        workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="缺盖章页")
        case = Application.objects.get(pk=case.pk)
        CorrectionItem.objects.flag(
            case.current_version, "PROJECTS", label="项目", reason="缺盖章页", seen="", by=handler
        )
        desk = signed_in(handler)
        late = desk.post(address, {"due": f"{clock.local(eve + timedelta(minutes=1)):%Y-%m-%dT%H:%M}"})
        assert late.context["form"].errors["due"] == [
            f"本单位审核至{moment_text(eve)}截止，补正截止不能晚于它。"
        ]
        desk.post(address, {"due": f"{clock.local(eve):%Y-%m-%dT%H:%M}", "rest_day": eve.isoformat()})
        case = Application.objects.get(pk=case.pk)
        assert (case.state, case.correction_due, case.vetting_until) == (State.RETURNED, eve, eve)
        assert workflow.why_not(case, "refuse_recommendation") == [
            f"企业可在{moment_text(eve)}前补正重报，届时仍未重报的，才能不予推荐。"
        ]
    with clock.stopped_at(eve):
        assert workflow.why_not(case, "submit")[0].startswith(f"补正截止时间为{moment_text(eve)}，已过。")
        signed_in(handler).post(
            reverse("vetting-refuse", args=[case.pk]),
            {"clause": "第十五条", "reason": "逾期未补正缺盖章页的验收单。"},
        )
        case = Application.objects.get(pk=case.pk)
        assert (case.state, case.correction_due) == (State.NOT_RECOMMENDED, None)


def test_a_case_sent_back_is_not_returned_any_more_when_the_review_begins(handler):
    case = make_application(state=State.FORWARDED)
    workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="缺盖章页")
    case = Application.objects.get(pk=case.pk)
    with clock.stopped_at(case.vetting_until):
        assert workflow.why_not(case, "return_for_correction") == [
            f"重新审核截止时间为{moment_text(case.vetting_until)}，已过，不能再退回补正。请审核通过或不予推荐。",
            "请先列出要补正的项目，并逐项写明原因。",
        ]


# What passed and was not reported in time

REFUSED = {"clause": "第十五条", "reason": "审核通过后未在规定时间内报送。"}
LATE = clock.instant(date(2026, 7, 17), 17)


def test_a_case_that_passed_is_given_up_only_when_it_can_no_longer_be_reported(handler, cases):
    case, sent_back = cases
    Application.objects.filter(pk=sent_back.pk).update(sent_back_until=LATE + timedelta(days=9))
    desk = signed_in(handler)
    desk.post(reverse("vetting-refuse", args=[case.pk]), REFUSED)
    assert workflow.why_not(Application.objects.get(pk=case.pk), "refuse_recommendation") == [
        "审核通过的可在7月17日17:00前报送，届时仍未报送的，才能不予推荐。"
    ]
    with clock.stopped_at(LATE):
        page = desk.get(reverse("vetting", args=[case.pk])).content.decode()
        assert "已审核通过，报送截止时间已过没有报送，可以不予推荐。" in page
        for one in (case, sent_back):
            desk.post(reverse("vetting-refuse", args=[one.pk]), REFUSED)
    assert [Application.objects.get(pk=one.pk).state for one in cases] == [
        State.NOT_RECOMMENDED,
        State.VETTED,
    ]
    assert workflow.why_not(Application.objects.get(pk=sent_back.pk), "refuse_recommendation") == [
        "市局退回重新审核的，报送截止后也可以补报，请列入推荐函报送。"
    ]


def test_what_is_given_up_leaves_a_draft_unseen_and_a_signed_batch_with_a_trace(handler, leader, cases):
    batch = prepare(handler, cases)
    desk = signed_in(handler)
    with clock.stopped_at(LATE):
        desk.post(reverse("vetting-refuse", args=[cases[0].pk]), REFUSED)
        assert list(batch.entries.values_list("application", "withdrawn_at")) == [(cases[1].pk, None)]
        sign(leader, batch)
        desk.post(reverse("vetting-refuse", args=[cases[1].pk]), REFUSED)
        assert list(batch.entries.values_list("application", "withdrawn_at")) == [(cases[1].pk, LATE)]
        page = desk.get(reverse("recommendation-detail", args=[batch.pk])).content.decode()
    assert "不予推荐，7月17日 17:00退出" in page


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
