"""Figures by XLSX: what goes out comes back the same, and whatever is wrong is named by its cell."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from applications.figures_sheet import read, template
from applications.models import AnnualFigures, Application, Section
from core.workbooks import NotReadable
from policy.figures import ROWS
from policy.models import ServiceMode
from tests import factories
from tests.applications.scenes import june, sections_url, signed_in, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def draft():
    application = factories.make_application()
    application.main_mode = ServiceMode.objects.first()
    application.save()
    return application


@pytest.fixture
def client(draft):
    return signed_in(draft.enterprise.memberships.get().user)


def a_sheet(content: bytes, name: str = "三年指标.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def written(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled_in(draft, **values) -> bytes:
    """The template with cells changed: ``B3="1,234.50"``."""
    book = load_workbook(io.BytesIO(template(draft)))
    for cell, value in values.items():
        book.active[cell] = value
    return written(book)


def upload(client, draft, content: bytes, name: str = "三年指标.xlsx") -> list[str]:
    """What the person is told on the page that follows."""
    answer = client.post(
        f"/applications/{draft.pk}/figures/upload/", {"sheet": a_sheet(content, name)}, follow=True
    )
    assert answer.redirect_chain == [(f"{sections_url(draft, Section.FIGURES)}#sheet", 302)]
    return [str(one) for one in answer.context["messages"]]


def test_the_template_has_the_rows_and_years_of_the_form(client, draft):
    AnnualFigures.objects.create(application=draft, year=2025, main_revenue=Decimal("10000"))
    answer = client.get(f"/applications/{draft.pk}/figures.xlsx")
    page = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[0][0] == f"{draft.enterprise} {draft.round}三年指标"
    assert rows[1] == ["指标（万元）", "2023年", "2024年", "2025年"]
    labels = [row.label for row in ROWS]
    labels.insert(5, f"其中：{draft.main_mode}")
    assert [row[0] for row in rows[2:]] == labels
    assert rows[5] == ["主营业务收入", None, None, 10000]


def test_a_filled_in_template_is_read_into_the_form(client, draft):
    told = upload(client, draft, filled_in(draft, D6=10000, D7="１,５00.00", D8=1500, C9=-500.5))
    assert told == ["已从“三年指标.xlsx”读入 4 个数，其中 4 个与原来不同；空白单元格没有改动。"]
    row = draft.figures.get(year=2025)
    assert (row.main_revenue, row.service_revenue) == (Decimal("10000.00"), Decimal("1500.00"))
    assert row.mode_revenues.get().amount == Decimal("1500.00")
    assert draft.figures.get(year=2024).total_profit == Decimal("-500.50")
    again = upload(client, draft, template(draft))
    assert again == ["已从“三年指标.xlsx”读入 4 个数，其中 0 个与原来不同；空白单元格没有改动。"]


def test_every_problem_is_named_by_its_cell_and_the_rest_is_read(client, draft):
    content = filled_in(
        draft,
        B3="abc",
        C3="1,234.5万",
        D3="=B3+1",
        B4=-3,
        C4=1.234,
        D4=date(2025, 1, 1),
        B6=900,
        E2="2026年",
        A10="奖金",
    )
    assert upload(client, draft, content) == [
        "E2 的表头是“2026年”，本批次填报2023年、2024年、2025年，这一列没有读入。",
        "B3：2023年资产总额“abc”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。",
        "C3：2024年资产总额的单位已是万元，只填数字，例如1,234.50，不写“万”。",
        "D3（2025年资产总额）是公式，请复制后“选择性粘贴为数值”再上传。",
        "C4：2024年负债总额最多两位小数，您填写的是“1.234”。请按万元保留两位小数。",
        "D4（2025年负债总额）是日期，请把单元格格式改为数值后重填。",
        "A10 的“奖金”不是本批次的指标，这一行没有读入。",
        "B4：2023年负债总额不能为负数，请核对。",
        "已从“三年指标.xlsx”读入 1 个数，其中 1 个与原来不同；空白单元格没有改动。",
    ]
    assert draft.figures.get(year=2023).main_revenue == Decimal("900.00")


def test_an_empty_cell_leaves_what_stands(client, draft):
    AnnualFigures.objects.create(application=draft, year=2025, main_revenue=Decimal("10000"))
    upload(client, draft, filled_in(draft, D6=None, D7=1600))
    row = draft.figures.get(year=2025)
    assert (row.main_revenue, row.service_revenue) == (Decimal("10000.00"), Decimal("1600.00"))


def merged(draft) -> bytes:
    book = load_workbook(io.BytesIO(template(draft)))
    book.active.merge_cells("B3:C3")
    return written(book)


def with_macros(draft) -> bytes:
    out = io.BytesIO(template(draft))
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macro")
    return out.getvalue()


def a_bomb(draft) -> bytes:
    out = io.BytesIO(template(draft))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet2.xml", b"0" * 50_000_000)
    return out.getvalue()


def other_sheets(draft) -> bytes:
    book = Workbook()
    book.active.title = "花名册"
    book.create_sheet("工资")
    return written(book)


def no_head(draft) -> bytes:
    book = Workbook()
    book.active.append(["随便", 1])
    return written(book)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (merged, "里 B3:C3 是合并单元格，无法对应到指标和年份。请取消合并，或下载模板重新填写。"),
        (with_macros, "带有宏，不能上传。请另存为不含宏的“Excel 工作簿（.xlsx）”。"),
        (a_bomb, "解开后过大，不像是填好的模板。请下载模板，只填数后上传。"),
        (other_sheets, "里没有名为“三年指标”的工作表（现有：花名册、工资）。请下载模板，不要改工作表名称。"),
        (no_head, "里没有“指标（万元）”和年份的表头。请下载模板填写，不要改动第一列和表头。"),
        (lambda draft: b"", "是空文件（0 字节）。请检查原文件能否打开，再重新上传。"),
        (
            lambda draft: b"x" * (2 * 1024 * 1024 + 1),
            "超过 2 MB，不像是填好的模板。请下载模板，只填数后上传。",
        ),
        (
            lambda draft: b"%PDF-1.7",
            "不是 XLSX 工作簿。请在表格软件里另存为“Excel 工作簿（.xlsx）”后重新上传。",
        ),
        (
            lambda draft: template(draft)[:900],
            "不是 XLSX 工作簿。请在表格软件里另存为“Excel 工作簿（.xlsx）”后重新上传。",
        ),
    ],
)
def test_what_is_no_filled_in_template_is_refused_in_words(client, draft, make, sentence):
    AnnualFigures.objects.create(application=draft, year=2025, main_revenue=Decimal("10000"))
    content = make(draft)
    name = "../../指标.xlsx"
    assert upload(client, draft, content, name) == [f"“指标.xlsx”{sentence}表中已填的内容没有改动。"]
    assert draft.figures.get().main_revenue == Decimal("10000.00")


def test_without_a_file_one_is_asked_for(client, draft):
    answer = client.post(f"/applications/{draft.pk}/figures/upload/", follow=True)
    assert [str(one) for one in answer.context["messages"]] == [
        "还没有选择文件。请先下载模板，填好后选择这份 XLSX 上传。"
    ]


def test_a_submitted_case_takes_no_sheet(client, draft):
    member = draft.enterprise.memberships.get().user
    content = filled_in(draft, D6=1)
    factories.fill_in(draft, by=member)
    submitted(Application.objects.get(pk=draft.pk), by=member)
    assert upload(client, draft, content)[0].startswith("申报书当前为“待审核”，不能修改。")


AMOUNTS = st.none() | st.decimals("-9999999.99", "9999999.99", places=2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(AMOUNTS, min_size=27, max_size=27))
def test_any_figures_come_back_from_the_template_as_they_went_out(draft, amounts):
    given_rows = iter(amounts)
    draft.figures.all().delete()
    for year in draft.round.years:
        values = {row.key: next(given_rows) for row in ROWS}
        values = {
            k: v if v is None or k in ("total_profit", "net_profit") else abs(v) for k, v in values.items()
        }
        AnnualFigures.objects.create(application=draft, year=year, **values)
    stored = {
        f"{row.key}_{figures.year}": value
        for figures in draft.figures.all()
        for row in ROWS
        if (value := getattr(figures, row.key)) is not None
    }
    found = read(a_sheet(template(Application.objects.get(pk=draft.pk))), draft)
    assert found.problems == []
    assert {name: Decimal(text) for name, text in found.texts.items()} == stored


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_no_bytes_cause_anything_but_a_sentence(draft, content):
    with pytest.raises(NotReadable):
        read(a_sheet(content), draft)
