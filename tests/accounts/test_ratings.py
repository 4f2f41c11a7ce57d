"""The official 亩产效益 list of a year: tried, listed cell by cell, imported whole from the very same file."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import EfficiencyRating, TableImport
from accounts.roles import Role
from applications.facts import efficiency_category
from core import clock
from core.models import Event
from tests.factories import JUNE, a_credit_code, make_enterprise, make_officer

pytestmark = pytest.mark.django_db
HEADS = ["统一社会信用代码", "企业名称", "评价类别"]
DOCUMENT = {
    "year": "2025",
    "document_number": "威亩均办〔2026〕3号",
    "issued_on": "2026-05-08",
    "issuing_body": "威海市工业和信息化局",
}


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def handler() -> Client:
    return signed_in(Role.MUNICIPAL_HANDLER)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_officer(role), backend="accounts.backends.PortalBackend")
    return client


def a_table(*rows: list, heads: list[str] = HEADS) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [heads, *rows]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("名单.xlsx", out.getvalue())


def upload(client: Client, *rows: list, **said: str):
    return client.post(reverse("table-upload", args=["ratings"]), DOCUMENT | said | {"sheet": a_table(*rows)})


def dry_run(client: Client, *rows: list):
    return client.get(upload(client, *rows)["Location"])


def confirm(client: Client, page):
    address = reverse("table-import", args=[page.context["tried"].pk])
    return client.post(address, {"shown": page.context["reading"].digest})


def ratings() -> dict[str, str]:
    return dict(EfficiencyRating.objects.values_list("credit_code", "category"))


def test_a_dry_run_tells_what_would_be_new_changed_and_unchanged_and_changes_nothing(handler: Client) -> None:
    known, changed, same = (make_enterprise() for _ in range(3))
    stranger = a_credit_code()
    for one in (changed, same):
        EfficiencyRating.objects.create(credit_code=one.credit_code, year=2025, category="C", source="初评")
    page = dry_run(
        handler,
        [known.credit_code.lower(), known.name, "A"],
        [changed.credit_code, "另一名称", "ｂ 类"],
        [same.credit_code, "", "C类"],
        [stranger, "威海无名装备有限公司", "D"],
    )
    assert [
        (one.row, one.key, one.change, one.was, one.says, one.remark) for one in page.context["reading"].lines
    ] == [
        (2, known.credit_code, "NEW", "", "A 类", known.name),
        (
            3,
            changed.credit_code,
            "CHANGED",
            "C 类",
            "B 类",
            f"平台登记的名称是{changed.name}，名单上是另一名称",
        ),
        (4, same.credit_code, "SAME", "C 类", "C 类", same.name),
        (5, stranger, "NEW", "", "D 类", "威海无名装备有限公司尚未在平台登记，登记后按代码对上"),
    ]
    assert ratings() == {changed.credit_code: "C", same.credit_code: "C"}


def test_the_confirmed_list_keeps_its_document_and_ranking_takes_the_category(handler: Client) -> None:
    enterprise = make_enterprise()
    EfficiencyRating.objects.create(
        credit_code=enterprise.credit_code, year=2025, category="C", source="初评"
    )
    page = dry_run(handler, [enterprise.credit_code, enterprise.name, "A"])
    assert confirm(handler, page)["Location"] == reverse("ratings")
    rating = EfficiencyRating.objects.get()
    assert (rating.category, rating.source) == (
        "A",
        "威亩均办〔2026〕3号（威海市工业和信息化局，2026-05-08）",
    )
    assert efficiency_category(enterprise.credit_code, 2025) == "A"
    tried = TableImport.objects.get()
    assert tried.confirmed_at == JUNE
    event = Event.objects.get(action="import_table")
    assert event.details == {
        "digest": tried.digest,
        "said": DOCUMENT | {"year": 2025},
        "added": 0,
        "unchanged": 0,
        "changed": [[enterprise.credit_code, "C 类", "A 类"]],
    }


def test_every_error_is_named_by_its_cell_and_then_no_row_comes_in(handler: Client) -> None:
    good = make_enterprise().credit_code
    page = dry_run(
        handler,
        [good, "", "A"],
        [good[:-1] + ("0" if good[-1] != "0" else "1"), "", "A"],
        [good, "", "B"],
        [a_credit_code(), "", "优秀"],
        [a_credit_code(), "", ""],
        [913710020000000000, "", "A"],
        ["", "没有代码的企业", "A"],
    )
    problems = page.context["reading"].problems
    assert [one.split("：")[0] for one in problems] == ["A3", "A4", "C5", "C6", "A7", "A8"]
    assert problems[1:5] == [
        "A4：与 A2 是同一个代码，一家企业一年只有一个类别，请只保留一行。",
        "C5：“优秀”不是评价类别，应为 A、B、C 或 D。",
        "C6：没有填评价类别，应为 A、B、C 或 D。",
        "A7：是按数字存放的长编号，后几位已被表格软件改成 0，请把单元格格式改为文本后重填。",
    ]
    assert "确认导入" not in page.content.decode()
    refused = confirm(handler, page)
    assert refused.status_code == 422
    assert "表里还有错误，没有导入任何一行。" in refused.content.decode()
    assert ratings() == {}


def test_confirming_twice_imports_once(handler: Client) -> None:
    page = dry_run(handler, [a_credit_code(), "", "A"])
    confirm(handler, page)
    again = handler.post(
        reverse("table-import", args=[page.context["tried"].pk]),
        {"shown": page.context["reading"].digest},
        follow=True,
    )
    assert "这份表格先前已导入，没有重复办理。" in again.content.decode()
    assert Event.objects.filter(action="import_table").count() == 1


@pytest.mark.parametrize("shown", ["", "0" * 64])
def test_only_what_was_shown_can_be_confirmed(handler: Client, shown: str) -> None:
    page = dry_run(handler, [a_credit_code(), "", "A"])
    answer = handler.post(reverse("table-import", args=[page.context["tried"].pk]), {"shown": shown})
    assert answer.status_code == 422
    assert ratings() == {}


def test_what_changed_since_the_dry_run_is_shown_before_it_can_be_confirmed(handler: Client) -> None:
    code = a_credit_code()
    page = dry_run(handler, [code, "", "A"])
    EfficiencyRating.objects.create(credit_code=code, year=2025, category="D", source="别人先导入的")
    answer = confirm(handler, page)
    assert answer.status_code == 422
    assert "试读之后平台上的数据有变化，没有导入。" in answer.content.decode()
    assert [one.was for one in answer.context["reading"].lines] == ["D 类"]
    assert ratings() == {code: "D"}


@pytest.mark.parametrize(
    ("said", "field", "error"),
    [
        ({"year": "2027"}, "year", "评价年度应在 2015 至 2026 之间，请核对。"),
        ({"year": ""}, "year", "评价年度应在 2015 至 2026 之间，请核对。"),
        ({"document_number": ""}, "document_number", "请填写文号。"),
        ({"issued_on": "2026-12-01"}, "issued_on", "印发日期应在 2015 年至今天之间，请核对文件。"),
    ],
)
def test_a_list_needs_its_document(handler: Client, said: dict, field: str, error: str) -> None:
    page = upload(handler, [a_credit_code(), "", "A"], **said)
    assert page.status_code == 422
    assert page.context["form"].errors == {field: [error]}
    assert not TableImport.objects.exists()


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (
            lambda: a_table(["x"], heads=["代码"]),
            "“名单.xlsx”的表头缺少“统一社会信用代码”、“企业名称”、“评价类别”。请下载模板填写，不要改动表头。",
        ),
        (a_table, "“名单.xlsx”的表头下面没有内容。请从表头下一行开始填写。"),
        (
            lambda: SimpleUploadedFile("名单.xlsx", b"no workbook"),
            "“名单.xlsx”不是 XLSX 工作簿。请在表格软件里另存为“Excel 工作簿（.xlsx）”后重新上传。",
        ),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(handler: Client, file, error: str) -> None:
    page = handler.post(reverse("table-upload", args=["ratings"]), DOCUMENT | {"sheet": file()})
    assert page.status_code == 422
    assert page.context["form"].errors == {"sheet": [error]}
    assert DOCUMENT["document_number"] in page.content.decode()


def test_the_template_comes_back_as_it_is(handler: Client) -> None:
    content = b"".join(handler.get(reverse("table-template", args=["ratings"])))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == HEADS
    assert sheet["A2"].number_format == "@"


def test_the_list_is_filtered_by_year_category_and_words(handler: Client) -> None:
    enterprise = make_enterprise()
    for year, category in ((2024, "B"), (2025, "A")):
        EfficiencyRating.objects.create(
            credit_code=enterprise.credit_code, year=year, category=category, source="名单"
        )
    EfficiencyRating.objects.create(credit_code=a_credit_code(), year=2025, category="D", source="名单")

    def listed(query: str) -> list[tuple]:
        page = handler.get(reverse("ratings") + query).context["page"]
        return [(one.year, one.category, one.enterprise) for one in page]

    assert listed("") == [(2025, "A", enterprise.name), (2025, "D", None)]
    assert listed("?year=2024") == [(2024, "B", enterprise.name)]
    assert listed("?category=D") == [(2025, "D", None)]
    assert listed(f"?q={enterprise.name}") == [(2025, "A", enterprise.name)]


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MUNICIPAL_LEADER, Role.ADMINISTRATOR])
def test_only_the_bureaus_handler_imports_ratings(role: str) -> None:
    assert upload(signed_in(role), [a_credit_code(), "", "A"]).status_code == 404
    assert not TableImport.objects.exists()


def test_a_table_that_is_uploaded_anew_keeps_what_was_typed_beside_it(handler: Client) -> None:
    page = dry_run(handler, [a_credit_code(), "威海无名装备有限公司", "Z"])
    again = f"{reverse('table-upload', args=['ratings'])}?again={page.context['tried'].pk}"
    assert page.context["reading"].problems
    assert f'href="{again}"' in page.content.decode()
    form = handler.get(again).context["form"]
    assert {name: str(form[name].value()) for name in DOCUMENT} == DOCUMENT
    other = f"{reverse('table-upload', args=['experts'])}?again={page.context['tried'].pk}"
    assert handler.get(other).context["form"].initial == {}
    assert handler.get(reverse("table-upload", args=["ratings"]) + "?again=x").context["form"].initial == {}
