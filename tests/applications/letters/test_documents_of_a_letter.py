"""The table and the documents of a letter, and its sealed scan."""

import io

import pytest
from django.urls import reverse
from docx import Document as Docx
from openpyxl import load_workbook
from pypdf import PdfReader

from applications.documents import letter_key
from applications.models import Recommendation
from core import documents
from core.models import Document
from tests.applications.letters.scenes import NUMBER, prepare, sign, upload
from tests.applications.scenes import signed_in

pytestmark = pytest.mark.django_db


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
    assert page.extract_text().endswith("— 1 —")  # on one line
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
