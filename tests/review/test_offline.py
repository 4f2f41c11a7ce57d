"""The score sheet as a workbook: out with what stands, back in with every cell checked, nothing changed when it is refused."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from core import workflow
from review import scores
from review.models import Assignment, ScoreSheet
from tests.factories import make_round
from tests.review import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"


@pytest.fixture
def own(client):
    """The first case of an expert who has two of them and is signed in."""
    scenes.panel_at_work(2, experts=3)
    assignment = Assignment.objects.order_by("id")[0]
    client.force_login(assignment.expert.user, backend=BACKEND)
    return assignment


def exported(client, assignment):
    answer = client.get(reverse("review-workbook", args=[assignment.pk]))
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def filled(book, **cells):
    for name, value in cells.items():
        book["评分表"][name] = value
    return book


def upload(client, assignment, book, **more):
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("评分表.xlsx", out.getvalue())
    return client.post(reverse("review-upload", args=[assignment.pk]), {"workbook": file} | more)


def marks(assignment) -> list:
    scores_ = ScoreSheet.objects.get(assignment=assignment).scores.order_by("criterion__position")
    return list(scores_.values_list("points", "reason"))


GOOD = {"D5": 14, "E5": "三年财务稳健。", "D6": 21.5, "D7": 16, "D8": 20, "D9": 12, "E10": "同意推荐。"}


def test_goes_out_with_what_stands_and_comes_back_with_what_was_filled_in(client, own):
    sheet = scenes.fill(own, (12, 20, 15, 19, 11), comment="先看一遍。")
    book = exported(client, own)
    page = book["评分表"]
    assert [page.cell(4, column).value for column in range(1, 6)] == [
        "评分项",
        "满分",
        "看什么",
        "得分",
        "理由",
    ]
    assert [page.cell(row, 4).value for row in range(5, 10)] == [12, 20, 15, 19, 11]
    assert page["E10"].value == "先看一遍。"
    assert page.protection.sheet
    assert not page["D5"].protection.locked
    assert page["A5"].protection.locked
    done = upload(client, own, filled(book, **GOOD))
    assert done.url == reverse("review-sheet", args=[own.pk])
    assert marks(own) == [
        (Decimal(14), "三年财务稳健。"),
        (Decimal("21.5"), "已在材料中核对。"),
        (Decimal(16), "已在材料中核对。"),
        (Decimal(20), "已在材料中核对。"),
        (Decimal(12), "已在材料中核对。"),
    ]
    again = ScoreSheet.objects.get(pk=sheet.pk)
    assert (again.comment, again.state, again.revision) == ("同意推荐。", "DRAFT", sheet.revision + 1)
    shown = client.get(done.url).content.decode()
    assert "已读入评分表，尚未提交" in shown


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"D5": 15.5}, "D5：“基础条件”的评分超出范围，应为0至15分，每0.5分一档。"),
        ({"D6": -1}, "D6：“模式创新”的评分超出范围，应为0至25分，每0.5分一档。"),
        ({"D6": 20.25}, "D6：“模式创新”的评分20.25不在档上，应为0至25分，每0.5分一档。"),
        ({"D7": "优"}, "D7：“服务能力与组织保障”填的“优”不是分数，应为0至20分，每0.5分一档。"),
        ({"D7": "=10+6"}, "D7 是公式，请复制后“选择性粘贴为数值”再上传。"),
        ({"E5": "长" * 501}, "D5：“基础条件”的理由有 501 字，请不超过 500 字。"),
        ({"B6": 30}, "B6 应为“25”，不要改动；请重新导出后只填黄色的格。"),
        ({"A8": "别的"}, "A8 应为“经济社会效益”，不要改动；请重新导出后只填黄色的格。"),
        ({"F7": 16}, "F7 不是要填的格，写有“16”；请移到黄色的格里。"),
        ({"B2": "1-0:abc"}, "B2 的校验码不对或已被改动，认不出是哪一张评分表。请重新导出后填写。"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_changed(client, own, change, sentence):
    before = marks(own)
    refused = upload(client, own, filled(exported(client, own), **GOOD | change))
    assert refused.status_code == 422
    assert refused.context["upload_problems"] == [sentence]
    assert sentence in refused.content.decode()
    assert marks(own) == before


def test_another_cases_another_rounds_and_another_experts_sheet_are_refused(client, own):
    second = own.expert.assignments.order_by("id")[1]
    name = second.case.application.enterprise.name
    refused = upload(client, own, filled(exported(client, second), **GOOD))
    assert refused.context["upload_problems"] == [f"这张评分表是{name}的，请到那一家的评分页上传。"]

    earlier = make_round(panel_size=3, year=2025, title="2025年度认定")
    panel = scenes.compose(earlier, scenes.accepted(earlier))
    members = [own.expert, *scenes.pool(2)]
    scenes.seat(panel, members, by=scenes.handler())
    scenes.declare_all(panel)
    old = panel.cases.get().assignments.get(expert=own.expert)
    refused = upload(client, own, filled(exported(client, old), **GOOD))
    assert refused.context["upload_problems"] == [f"这张评分表属于{earlier}，不是本批次的，没有读入。"]

    other = own.case.assignments.exclude(pk=own.pk).order_by("id")[0]
    client.force_login(other.expert.user, backend=BACKEND)
    book = exported(client, other)
    client.force_login(own.expert.user, backend=BACKEND)
    refused = upload(client, own, filled(book, **GOOD))
    assert refused.context["upload_problems"] == [
        "这张评分表是为另一位专家导出的，没有读入。请上传您自己导出的评分表。"
    ]
    assert other.expert.user.name not in refused.content.decode()
    assert upload(client, other, book).status_code == 404
    assert client.get(reverse("review-workbook", args=[other.pk])).status_code == 404


def test_what_was_typed_since_is_overwritten_only_when_asked(client, own):
    book = filled(exported(client, own), **GOOD)
    scenes.fill(own, (10, 18, 14, 18, 10))
    refused = upload(client, own, book)
    assert refused.status_code == 422
    assert "导出之后您在网页上改过这张评分表" in refused.context["upload_problems"][0]
    assert marks(own)[0][0] == 10
    assert upload(client, own, book, overwrites="on").status_code == 302
    assert marks(own)[0][0] == 14


def test_a_locked_sheet_takes_nothing(client, own):
    book = filled(exported(client, own), **GOOD)
    workflow.perform(scenes.fill(own), "submit", by=own.expert.user)
    refused = upload(client, own, book, overwrites="on", follow=True)
    assert refused.url == reverse("review-sheet", args=[own.pk])
    assert "评分已提交并锁定，不能再改" in client.get(refused.url).content.decode()
    assert marks(own)[0][0] == 14
    assert ScoreSheet.objects.get(assignment=own).total == 86


def test_what_is_no_workbook_is_told(client, own):
    address = reverse("review-upload", args=[own.pk])
    nothing = client.post(address, {})
    assert nothing.context["upload_problems"] == ["请选择填好的评分表（.xlsx）。"]
    junk = client.post(address, {"workbook": SimpleUploadedFile("评分表.xlsx", b"%PDF-1.7")})
    assert junk.status_code == 422
    assert "不是 XLSX 工作簿" in junk.context["upload_problems"][0]


def test_what_begins_like_a_formula_stays_text(client, own):
    scheme = own.case.panel.round.scheme.spec()
    typed = scores.Typed({"基础": ("", "")}, '=HYPERLINK("http://x","y")')
    scores.save(own.sheet, typed, revision=0, scheme=scheme)
    cell = exported(client, own)["评分表"]["E10"]
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://x","y")')
