"""Lists of cases and the board of a round as workbooks: exactly the rows a person may see and has filtered, and who took them out."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, User
from accounts.roles import Role
from applications import case_tables
from applications.models import Application, Extension, Round
from core import clock, documents
from core.models import Document, Event
from tests.factories import (
    JUNE,
    an_agency,
    make_application,
    make_enterprise,
    make_expert,
    make_officer,
    make_round,
)

pytestmark = pytest.mark.django_db
State = Application.State
HEADS = [
    "序号",
    "企业名称",
    "统一社会信用代码",
    "主要模式",
    "推荐单位",
    "批次",
    "回执编号",
    "状态",
    "现在由谁办理",
    "时限",
    "停留（天）",
    "符合（条）",
    "需留意（条）",
    "未达到（条）",
    "亩产类别",
]


@pytest.fixture(autouse=True)
def june():
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def round_() -> Round:
    return make_round()


def case(
    round_: Round, name: str, state: str = State.SUBMITTED, code: str = "371082", **fields
) -> Application:
    enterprise = make_enterprise(name=name, district=an_agency(code))
    since = fields.pop("state_since", JUNE - timedelta(days=1))
    return make_application(state=state, round=round_, enterprise=enterprise, state_since=since, **fields)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    return client


def export(user: User, url: str) -> Document:
    """Ask for it as the page does, and be the worker."""
    answer = browser(user).post(url)
    assert answer.status_code == 302
    document = Document.objects.latest("pk")
    assert answer.url == reverse("document", args=[document.pk])
    documents.make(document.pk)
    document.refresh_from_db()
    assert (document.status, document.error) == (Document.Status.READY, "")
    return document


def sheets(user: User, document: Document) -> dict[str, list[list]]:
    """The whole workbook as the person downloads it."""
    answer = browser(user).get(reverse("document", args=[document.pk]))
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    return {
        page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book.worksheets
    }


def row_of(number: int, application: Application, *rest) -> list:
    return [
        number,
        application.enterprise.name,
        application.enterprise.credit_code,
        application.main_mode.name if application.main_mode else None,
        application.channel.name,
        application.round.title,
        application.receipt_number,
        *rest,
    ]


def counted(application: Application) -> list[int]:
    verdicts = [
        one["verdict"]
        for one in application.current_version.findings
        if one["is_summary"] or not one["group"]
    ]
    return [
        verdicts.count("MET"),
        verdicts.count("ATTENTION"),
        verdicts.count("UNMET") + verdicts.count("NOT_COMPUTABLE"),
    ]


def test_the_queue_as_filtered_and_nothing_of_another_district(round_):
    officer = make_officer(Role.CHANNEL_HANDLER)
    wanted = case(round_, "=1+1鲸湾装备有限公司")
    case(round_, "鲸湾退回有限公司", State.RETURNED)
    case(round_, "沛屿船舶有限公司")
    case(round_, "文登鲸湾有限公司", code="371003")
    document = export(officer, f"{reverse('vetting-export')}?q=鲸湾&state=SUBMITTED")
    title = "荣成市工业和信息化局审核列表 1 件；筛选：范围 办理中，状态 待审核，企业 鲸湾"
    assert sheets(officer, document) == {
        "申报": [
            [title, *[None] * 18],
            [*HEADS, "主要问题", "材料", "经办", "下一步"],
            [
                *row_of(1, wanted, "待审核", "荣成市工业和信息化局"),
                clock.local(round_.district_deadline).replace(tzinfo=None),
                1,
                *counted(wanted),
                "未评价",
                None,
                "13/13",
                None,
                "审核",
            ],
        ]
    }
    assert document.filename == "审核列表_荣成市工信局_20260612-0900.xlsx"
    event = Event.objects.get(action="export")
    assert (event.actor, event.subject_label, event.action_label, event.note, event.details) == (
        officer,
        "荣成市工业和信息化局",
        "导出",
        title,
        {
            "kind": "queue-table",
            "asked": {"tab": "", "state": "SUBMITTED", "q": "鲸湾"},
            "agencies": [an_agency().pk],
            "rows": 1,
        },
    )


NAMES = sorted({name for names in case_tables.FILTERS.values() for name in names})


def test_a_round_with_drafts_alone_narrows_the_list_and_its_workbook_alike(round_):
    case(round_, "甲有限公司")
    early = make_round(year=2025, title="2025年度认定")
    case(early, "乙有限公司", State.DRAFT)
    officer = make_officer(Role.CHANNEL_HANDLER)
    officer.memberships.create(role=Role.EXPERT, expert=make_expert(), state=Membership.State.CONFIRMED)
    page = browser(officer).get(reverse("vetting-queue"), {"round": early.pk})
    assert (page.context["chosen"], page.context["rows"]) == (early, [])
    rows = sheets(officer, export(officer, f"{reverse('vetting-export')}?round={early.pk}"))["申报"]
    assert [row[0] for row in rows[:1]] == [
        f"荣成市工业和信息化局审核列表 0 件；筛选：范围 办理中，批次 {early}"
    ]
    whole = browser(officer).get(reverse("vetting-queue"))
    assert [one.enterprise for one in whole.context["rows"]] == ["甲有限公司"]


@pytest.mark.parametrize("name", ["vetting-export", "round-cases-export"])
def test_what_nobody_offered_is_neither_kept_nor_told_and_filters_nothing(round_, name):
    case(round_, "甲有限公司")
    stranger, other = (
        make_expert().user,
        make_round(year=2027, state="PREPARING", title="未公开批次"),
    )
    crafted = f"officer={stranger.pk}&round={other.pk}&channel={an_agency('371000').pk}&mode=99999&"
    role = Role.CHANNEL_HANDLER if name == "vetting-export" else Role.MUNICIPAL_HANDLER
    url = reverse(name) if name == "vetting-export" else reverse(name, args=[round_.pk])
    hostile = [
        "&".join(f"{one}={value}" for one in NAMES if (one, value[0]) != ("q", "x"))
        for value in ("%00", "x" * 10_000)
    ]
    event_of = []
    for query in (crafted, *hostile, "day=2026-13-01"):
        export(make_officer(role), f"{url}?{query}")
        event = Event.objects.filter(action="export").latest("pk")
        event_of.append((event.note.partition("列表")[2], event.details["asked"], event.details["rows"]))
    usual = ("范围 办理中", {"tab": ""}) if name == "vetting-export" else ("没有", {})
    assert event_of == [(f" 1 件；筛选：{usual[0]}", usual[1], 1)] * 4


def test_what_begins_like_a_formula_stays_text(round_):
    officer = make_officer(Role.CHANNEL_HANDLER)
    names = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)"]
    for name in names:
        case(round_, name)
    document = export(officer, reverse("vetting-export"))
    with document.file.open("rb") as file:
        page = openpyxl.load_workbook(file).active
    cells = {cell.value: cell.data_type for (cell,) in page.iter_rows(min_row=3, min_col=2, max_col=2)}
    assert cells == dict.fromkeys(names, "s")
    assert {cell.data_type for (cell,) in page.iter_rows(min_row=3, min_col=3, max_col=3)} == {"s"}


def test_the_list_behind_a_number_of_the_board(round_):
    handler = make_officer(Role.MUNICIPAL_HANDLER)
    case(round_, "甲有限公司", State.SUBMITTED)
    wanted = case(round_, "乙有限公司", State.RETURNED, correction_due=JUNE + timedelta(days=3))
    case(round_, "丙有限公司", State.RETURNED, code="371003")
    case(make_round(year=2025, title="2025年度认定", latest_year=2024), "丁有限公司", State.RETURNED)
    channel = an_agency()
    url = reverse("round-cases-export", args=[round_.pk])
    document = export(handler, f"{url}?channel={channel.pk}&holder=enterprise&finding=nonsense")
    title = "申报列表 1 件；筛选：去向 企业补正，推荐单位 荣成市工业和信息化局"
    until = clock.local(JUNE + timedelta(days=3)).replace(tzinfo=None)
    assert sheets(handler, document) == {
        "申报": [
            [title, *[None] * 14],
            HEADS,
            [*row_of(1, wanted, "退回补正", "企业", until, 1), *counted(wanted), "未评价"],
        ]
    }


def test_the_board_of_a_round_as_a_workbook(round_):
    handler = make_officer(Role.MUNICIPAL_HANDLER)
    first = case(round_, "甲有限公司", state_since=JUNE - timedelta(days=6))
    second = case(round_, "乙有限公司", State.ACCEPTED, code="371003")
    case(round_, "丙有限公司", State.DRAFT)
    Extension.objects.create(
        round=round_,
        deadline=Extension.Deadline.ENTERPRISE,
        agency=an_agency(),
        before=round_.enterprise_deadline,
        until=round_.enterprise_deadline + timedelta(days=1),
        reason="审计报告尚未出具。",
        extended_by=handler,
    )
    book = sheets(handler, export(handler, reverse("round-export", args=[round_.pk])))
    deadline = clock.local(round_.district_deadline).replace(tzinfo=None)
    assert list(book) == ["各单位进展", "日期", "在谁手上", "图表", "卡点"]
    funnel = {row[0]: row[1:] for row in book["各单位进展"][1:]}
    assert funnel["推荐单位"] == [
        "申报（件）",
        "企业补正（件）",
        "区市办理（件）",
        "已报市局（件）",
        "终止（件）",
        "最久停留（天）",
    ]
    assert funnel["荣成市工业和信息化局"] == [1, 0, 1, 0, 0, 6]
    assert funnel["文登区工业和信息化局"] == [1, 0, 0, 1, 0, 1]
    assert funnel["合计"] == [2, 0, 1, 1, 0, 6]
    assert len(funnel) == 11
    assert book["日期"] == [
        ["2026年度认定日期", None, None, None],
        ["事项", "日期", "情况", "说明"],
        ["组织申报", "6月30日 17:00", "进行中", "剩 18 天"],
        ["区市审核推荐", "7月17日 17:00", "未到", None],
        ["受理", "预计 7月27日", "未到", None],
        ["专家评审", "预计 8月14日", "未到", None],
        ["党组会议审议", "预计 8月24日前", "未到", None],
        ["公示", "8月24日至8月28日", "未到", None],
        ["公布授牌", "最早 8月29日", "未到", None],
        [
            "企业申报截止延长",
            "7月1日 17:00",
            "荣成市工业和信息化局",
            "原为 6月30日 17:00。审计报告尚未出具。",
        ],
    ]
    assert book["在谁手上"] == [
        ["2026年度认定申报", *[None] * 14],
        HEADS,
        [*row_of(1, first, "待审核", "荣成市工业和信息化局", deadline, 6), *counted(first), "未评价"],
        [*row_of(2, second, "已受理", "市工业和信息化局", None, 1), *counted(second), "未评价"],
    ]
    assert book["图表"][:2] == [
        ["2026年度认定图表的数据", None, None, None],
        ["图表", "项目", "系列", "件数"],
    ]
    assert ["各单位漏斗", "文登区工信局", "报送市局", 1] in book["图表"]
    assert ["停留时间", "6 至 10 天", "区市办理", 1] in book["图表"]
    assert book["卡点"] == [
        ["停留超过 2 天或 3 天内到期", None, None, None, None],
        ["事项", "情况", "在谁手上", "时限", "今天已提醒"],
        ["甲有限公司", "待审核 6 天", "荣成市工信局", deadline, None],
    ]
    assert Event.objects.get(action="export").note == "批次总览 2 件；筛选：没有"


def test_only_who_asked_may_read_it_and_only_while_the_list_is_theirs(round_):
    case(round_, "甲有限公司")
    officer, colleague = make_officer(Role.CHANNEL_HANDLER), make_officer(Role.CHANNEL_HANDLER)
    document = export(officer, reverse("vetting-export"))
    address = reverse("document", args=[document.pk])
    assert browser(colleague).get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert list(sheets(officer, document)) == ["申报"]
    officer.memberships.all().delete()
    assert browser(User.objects.get(pk=officer.pk)).get(address).status_code == 404


def test_who_exports_for_two_agencies_reads_it_while_both_are_theirs(round_):
    officer = make_officer(Role.CHANNEL_HANDLER)
    second = an_agency("371003")
    membership = officer.memberships.create(
        agency=second, role=Role.CHANNEL_HANDLER, state=Membership.State.CONFIRMED
    )
    case(round_, "甲有限公司")
    case(round_, "乙有限公司", code="371003")
    document = export(officer, reverse("vetting-export"))
    assert document.filename.startswith("审核列表_文登区工信局等_")
    (title, *_), _, *rows = sheets(officer, document)["申报"]
    assert title == "文登区工业和信息化局、荣成市工业和信息化局审核列表 2 件；筛选：范围 办理中"
    assert {row[1] for row in rows} == {"甲有限公司", "乙有限公司"}
    membership.delete()
    address = reverse("document", args=[document.pk])
    assert browser(User.objects.get(pk=officer.pk)).get(address).status_code == 404


def test_a_round_in_preparation_has_no_board_to_export():
    round_ = make_round(state=Round.State.PREPARING)
    handler = make_officer(Role.MUNICIPAL_HANDLER)
    assert browser(handler).post(reverse("round-export", args=[round_.pk])).status_code == 404
    assert not Event.objects.filter(action="export").exists()


@pytest.mark.parametrize("name", ["round-export", "round-cases-export", "vetting-export"])
def test_a_workbook_takes_a_fixed_number_of_queries(round_, name):
    role = Role.CHANNEL_HANDLER if name == "vetting-export" else Role.MUNICIPAL_HANDLER
    officer = make_officer(role)
    url = reverse(name) if name == "vetting-export" else reverse(name, args=[round_.pk])
    taken = []
    for more in (1, 2, 9):
        for number in range(more):
            case(
                round_,
                f"第{len(taken)}批{number}号有限公司",
                State.SENT_BACK,
                state_since=JUNE - timedelta(9),
            )
        browser(officer).post(url)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            documents.make(Document.objects.latest("pk").pk)
        taken.append(len(seen))
    assert taken == [taken[0]] * 3
