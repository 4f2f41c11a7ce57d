"""The review in Chromium, by the people who do it: the gate, the sheet by keyboard and on a phone, the bureau's screens."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from accounts.models import EfficiencyRating, ExpertTie, User
from applications.models import Attachment
from core import clock, documents, workflow
from demo.files import pdf
from review import course, planning, ranking_freeze
from review.models import Assignment, OpinionSignature, ScoreSheet
from tests.background import wait_until
from tests.browser import DESKTOP, PHONE, accessibility_violations, keep_screenshots
from tests.factories import a_tie, make_enterprise, make_expert, make_round
from tests.review import scenes

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = ("foundation", "innovation", "capability", "benefit", "demonstration")


@pytest.fixture(autouse=True)
def august():
    clock.move_to(scenes.AUGUST)


def own(panel) -> Assignment:
    return panel.cases.first().assignments.first()


def test_scenario_9_an_expert_employed_there_until_2024_recuses_at_the_gate(page, open_browser, sign_in_as):
    officer, round_ = scenes.handler(), make_round()
    application = scenes.accepted(round_)[0]
    experts = scenes.pool(5)
    panel = scenes.seat(scenes.compose(round_, [application]), experts, by=officer)
    make_expert(unit="候补研究所")
    ExpertTie.objects.create(
        expert=experts[0],
        kind="EMPLOYMENT",
        credit_code=application.enterprise.credit_code,
        organisation=application.enterprise.name,
        post="技术中心副总工程师",
        started_on=date(2019, 4, 1),
        ended_on=date(2024, 2, 29),
    )
    sign_in_as(page, experts[0].user)
    page.goto(reverse("review-list"))
    keep_screenshots(page, "review-list-awaiting")
    page.get_by_role("link", name="填写声明").click()
    keep_screenshots(page, "review-gate")
    assert accessibility_violations(page) == []
    assert page.get_by_label("三年内在该企业任职").is_checked()
    page.get_by_role("button", name="提交声明").click()
    page.get_by_text("，这一件的材料不再开放。").wait_for()

    bureau = open_browser()
    sign_in_as(bureau, officer)
    bureau.goto(reverse("panel-detail", args=[panel.pk]))
    keep_screenshots(bureau, "review-panel-short")
    assert accessibility_violations(bureau) == []
    bureau.locator("summary", has_text="补抽 1 人").click()
    bureau.get_by_label("监督人").fill("局机关纪委 监督员")
    bureau.get_by_role("button", name="补抽 1 人").click()
    bureau.get_by_text("已补抽").wait_for()
    assert panel.cases.get().assignments.standing().count() == 5


def test_an_expert_scores_by_keyboard_and_what_is_typed_is_saved(page, sign_in_as):
    panel = scenes.panel_at_work(2)
    assignment = own(panel)
    sign_in_as(page, assignment.expert.user)
    page.goto(reverse("review-sheet", args=[assignment.pk]))
    page.keyboard.press("1")
    for points in ("13", "21", "17", "21", "13"):
        page.keyboard.type(points)
        page.keyboard.press("Enter")
    page.keyboard.type("示范作用明显。")
    assert page.locator("[data-total]").inner_text() == "85"
    assert page.locator("[data-grade]").inner_text().strip() == "良好"
    wait_until(lambda: ScoreSheet.objects.get(assignment=assignment).comment == "示范作用明显。")
    page.get_by_text("已自动保存").wait_for()
    page.locator("input[name=points_foundation]").focus()
    keep_screenshots(page, "review-sheet-filled")
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="服务型制造项目").click()
    page.get_by_text("水产冷库全生命周期托管").wait_for()
    assert page.locator("input[name=points_benefit]").input_value() == "21"
    page.locator("input[name=points_innovation]").fill("20.5")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="提交后会发生什么").wait_for()
    page.keyboard.press("Control+Enter")
    page.get_by_text("的评分已提交。").wait_for()
    sheet = ScoreSheet.objects.get(assignment=assignment)
    assert (sheet.state, sheet.total) == (ScoreSheet.State.SUBMITTED, Decimal("84.50"))
    assert page.url.endswith(reverse("review-sheet", args=[panel.cases.last().assignments.first().pk]))


def test_a_wrong_score_is_told_while_it_is_typed(page, sign_in_as):
    assignment = own(scenes.panel_at_work())
    sign_in_as(page, assignment.expert.user)
    page.goto(reverse("review-sheet", args=[assignment.pk]))
    page.locator("input[name=points_foundation]").fill("16")
    page.get_by_text("超出范围，应为0至15分，每0.5分一档。").wait_for()
    page.locator("input[name=points_foundation]").fill("13.3")
    page.get_by_text("不在档上，应为0至15分，每0.5分一档。").wait_for()
    page.locator("input[name=points_foundation]").fill("13.5")
    assert page.locator("[data-criterion]").first.locator("[data-band]").inner_text() == "优秀档，须写理由"
    wait_until(lambda: ScoreSheet.objects.get(assignment=assignment).scores.first().points == Decimal("13.5"))


def test_a_sheet_is_taken_home_as_a_workbook_and_read_in_again(page, open_browser, sign_in_as, tmp_path):
    open_browser.allow(["422 (Unprocessable"])
    assignment = own(scenes.panel_at_work())
    sign_in_as(page, assignment.expert.user)
    page.goto(reverse("review-sheet", args=[assignment.pk]))
    page.get_by_text("离线填写").click()
    assert accessibility_violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="导出评分表（XLSX）").click()
    path = tmp_path / "评分表.xlsx"
    download.value.save_as(path)
    book = load_workbook(path)
    for points, verdict in (("16", "评分表没有读入，原有内容没有改动"), ("13.5", "已读入评分表，尚未提交。")):
        book["评分表"]["D5"] = points
        book.save(path)
        page.get_by_label("填好的评分表").set_input_files(path)
        page.get_by_role("button", name="读入", exact=True).click()
        page.get_by_text(verdict).wait_for()
        assert accessibility_violations(page) == []
    assert page.locator("input[name=points_foundation]").input_value() == "13.5"


@pytest.fixture
def undeclared() -> Assignment:
    """Of a panel whose other experts have declared: the review begins once this one has."""
    officer, round_ = scenes.handler(), make_round(panel_size=3)
    panel = scenes.seat(scenes.compose(round_, scenes.accepted(round_)), scenes.pool(3), by=officer)
    mine, *others = panel.cases.get().assignments.order_by("id")
    for one in others:
        workflow.perform(one, "declare_no_conflict", by=one.expert.user)
    return mine


def begin(assignment: Assignment, page) -> None:
    """The bureau begins the review when the last expert has declared, who looks at the sheet again."""
    page.wait_for_url(reverse("review-sheet", args=[assignment.pk]))
    assert course.start_panel(assignment.case.panel, by=User.objects.get(name="市局经办人"))[0] == 1
    page.reload()


def submitted(assignment: Assignment) -> tuple[str, Decimal]:
    sheet = ScoreSheet.objects.get(assignment=assignment)
    return sheet.state, sheet.total


def test_an_expert_declares_scores_and_submits_by_keyboard_alone(page, sign_in_as, undeclared):
    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
            ).startswith(name):
                return
        raise AssertionError(f"{name} cannot be reached by Tab on {page.url}")

    sign_in_as(page, undeclared.expert.user)
    page.goto(reverse("review-list"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="提交声明").first.wait_for()
    tab_to("有利害关系")
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("没有利害关系").is_checked()
    tab_to("提交声明")
    page.keyboard.press("Enter")
    begin(undeclared, page)
    page.keyboard.press("1")
    for points in ("13", "21", "17", "21", "13"):
        page.keyboard.type(points)
        page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="提交后会发生什么").wait_for()
    page.keyboard.press("Control+Enter")
    page.get_by_text("的评分已提交。").wait_for()
    assert submitted(undeclared) == ("SUBMITTED", 85)


def test_an_expert_declares_scores_and_submits_on_a_phone(open_browser, sign_in_as, undeclared):
    phone = open_browser(PHONE, has_touch=True, is_mobile=True)

    def fits() -> None:
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert accessibility_violations(phone) == []

    sign_in_as(phone, undeclared.expert.user)
    phone.goto(reverse("review-list"))
    fits()
    phone.get_by_role("link", name="填写声明").tap()
    phone.get_by_label("没有利害关系").tap()
    fits()
    phone.get_by_role("button", name="提交声明", exact=True).tap()
    begin(undeclared, phone)
    phone.get_by_role("link", name="评分 0/5").tap()
    plus = phone.get_by_role("button", name="基础条件加一档")
    plus.tap()
    plus.tap()
    assert phone.locator("input[name=points_foundation]").input_value() == "1"
    for key, points in zip(KEYS, ("13", "21", "17", "21", "13"), strict=True):
        phone.locator(f"input[name=points_{key}]").fill(points)
    keep_screenshots(phone, "review-sheet-phone")
    fits()
    phone.get_by_role("button", name="提交评分").tap()
    phone.get_by_role("heading", name="提交后会发生什么").wait_for()
    fits()
    phone.get_by_role("button", name="确认提交").tap()
    phone.get_by_text("的评分已提交。").wait_for()
    fits()
    assert submitted(undeclared) == ("SUBMITTED", 85)


def test_the_bureau_reads_matrix_and_ranking_and_decides_a_tie(page, sign_in_as):
    officer = scenes.handler()
    round_ = make_round(quota=3)
    cases = scenes.accepted(round_, 5)
    for one, rating in zip(cases, ("A", "", "B", "", "C"), strict=True):
        if rating:
            code = one.enterprise.credit_code
            EfficiencyRating.objects.create(credit_code=code, year=2025, category=rating, source="名单")
    panel = scenes.seat(scenes.compose(round_, cases), scenes.pool(5), by=officer)
    scenes.declare_all(panel)
    course.start_panel(panel, by=officer)
    given = (
        [93, 91, 92, 94, 89],
        [88, 86, 90, 70, 87],
        [88, 88, 88, 88, 88],
        [87, 87, 87, 87, 87],
        [81, 80, 79, 85, 80],
    )
    scenes.score_all(panel, {one.pk: list(totals) for one, totals in zip(cases, given, strict=True)})
    far = Assignment.objects.filter(case__application=cases[1]).order_by("id")[3]
    sign_in_as(page, officer)
    page.goto(f"{reverse('score-matrix', args=[round_.pk])}?cell={far.pk}")
    keep_screenshots(page, "review-matrix")
    assert accessibility_violations(page) == []
    page.goto(reverse("site-visit", args=[cases[0].pk]))
    keep_screenshots(page, "review-site-visit")
    assert accessibility_violations(page) == []
    for one in cases:
        scenes.not_visited(one, by=officer)
    course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER)
    ranking_freeze.freeze(round_, by=officer)
    page.goto(reverse("ranking", args=[round_.pk]))
    keep_screenshots(page, "review-ranking")
    assert accessibility_violations(page) == []
    assert page.get_by_role("button", name="提出拟认定名单").is_disabled()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("集体研究的时间、方式和理由").fill("8月3日集体研究。")
    page.get_by_role("button", name="录入集体研究结果").click()
    page.get_by_role("button", name="提出拟认定名单").click()
    page.get_by_text("拟认定名单已提出：3 家列入，2 家未列入。").wait_for()
    keep_screenshots(page, "review-ranking-proposed")
    page.goto(reverse("panel-list") + "?tab=all")
    keep_screenshots(page, "review-panel-list")
    assert accessibility_violations(page) == []


def test_a_panel_is_composed_and_drawn_in_the_browser(page, sign_in_as):
    officer, round_ = scenes.handler(), make_round()
    scenes.accepted(round_, 3)
    scenes.pool(7)
    make_expert(unit="暂停所", suspended_from=date(2026, 7, 1), suspension_reason="出国访学一年。")
    sign_in_as(page, officer)
    page.goto(reverse("panel-list"))
    keep_screenshots(page, "review-panel-list-waiting")
    page.get_by_role("link", name="组建专家组").click()
    page.get_by_label("名称").fill("第一组")
    page.get_by_label("声明和评分截止").fill("2026-08-14T17:00")
    keep_screenshots(page, "review-panel-create")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="组建专家组").click()
    keep_screenshots(page, "review-panel-forming")
    assert accessibility_violations(page) == []
    page.get_by_label("监督人").fill(scenes.WITNESS)
    page.get_by_label("每种主要模式至少抽到一名熟悉的专家").uncheck()
    page.get_by_role("button", name="抽取专家").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="指定为组长").click()
    keep_screenshots(page, "review-panel-drawn")
    page.locator("a[href^='/draws/']").click()
    page.get_by_text("重放结果相同").wait_for()
    keep_screenshots(page, "review-draw")
    assert accessibility_violations(page) == []
    page.go_back()
    page.get_by_role("button", name="组成专家组").click()
    page.get_by_text("专家组已组成").wait_for()
    assert Assignment.objects.count() == 15
    assert workflow.why_not(Assignment.objects.first(), "declare_no_conflict") == []


def test_conflicts_are_screened_before_anybody_is_invited_and_found_late(page, sign_in_as):
    officer, round_ = scenes.handler(), make_round(panel_size=3)
    enterprise = make_enterprise(legal_representative="宋知远")
    panel = scenes.compose(round_, scenes.accepted(round_, enterprise=enterprise))
    experts = scenes.pool(4)
    experts[3].user.name = "宋知远"
    experts[3].user.save()
    tied = make_expert(unit="有关所")
    a_tie(tied, enterprise, kind="CONSULTING", post="2025年精益改善咨询", ended_on=None)
    sign_in_as(page, officer)
    page.goto(reverse("panel-detail", args=[panel.pk]))
    page.get_by_role("link", name="利害关系筛查").click()
    page.get_by_text("1 条疑似待核实").wait_for()
    page.get_by_text("核实后排除").click()
    keep_screenshots(page, "review-conflicts")
    assert accessibility_violations(page) == []
    page.get_by_label("理由和依据").fill("经人事档案核对，为同名不同人。")
    page.get_by_role("button", name="不构成利害关系").click()
    page.get_by_text("没有待核实的疑似").wait_for()
    scenes.seat(panel, experts[:3], by=officer)
    a_tie(experts[0], enterprise, kind="SHAREHOLDING", post="持股 2%", ended_on=None)
    page.reload()
    page.get_by_text("已指派的有 1 处利害关系").wait_for()
    page.get_by_text("事后发现利害关系").click()
    keep_screenshots(page, "review-conflicts-late")
    assert accessibility_violations(page) == []
    page.get_by_label("专家", exact=True).select_option(label=experts[0].user.name)
    page.get_by_label("评审件").select_option(label=enterprise.name)
    page.get_by_label("持有股份或出资").check()
    page.get_by_label("事实和依据").fill("工商登记显示其持有该企业 2% 的股份。")
    page.get_by_role("button", name="认定须回避").click()
    page.get_by_text("已认定").wait_for()
    page.goto(reverse("panel-detail", args=[panel.pk]))
    page.get_by_text("由市局认定须回避").wait_for()


def test_the_plan_of_a_large_panel_is_read_and_changed(page, sign_in_as):
    officer = scenes.handler()
    panel = scenes.large_panel(4, size=5, by=officer)
    documents.make(planning.ask_plan(panel, by=officer).pk)
    sign_in_as(page, officer)
    page.goto(reverse("panel-detail", args=[panel.pk]))
    page.get_by_role("link", name="分配申报").click()
    page.get_by_text("调整", exact=True).first.click()
    keep_screenshots(page, "review-plan")
    assert accessibility_violations(page) == []
    case = panel.cases.order_by("id")[0]
    free = panel.members.exclude(expert__in=case.planned.values("expert")).order_by("id")[0].expert
    page.get_by_label("改为").first.select_option(str(free.pk))
    page.get_by_label("原因").first.fill("更熟悉该领域")
    page.get_by_role("button", name="调整").first.click()
    page.get_by_text(f"已改由{free}评审，原因留存。").wait_for()


def test_a_panel_discusses_a_case_and_signs_its_opinion(page, open_browser, sign_in_as):
    officer = scenes.handler()
    panel = scenes.panel_at_work(experts=3, by=officer)
    case = panel.cases.get()
    scenes.score_all(panel, {case.application_id: [88, 86, 62]})
    scenes.not_visited(case.application, by=officer)
    open_browser.allow(["422 (Unprocessable"])
    sign_in_as(page, officer)
    page.goto(reverse("panel-detail", args=[panel.pk]))
    page.get_by_role("button", name="结束评审（1 件）").click()
    page.get_by_role("heading", name="评分差距较大，还没有合议").wait_for()
    keep_screenshots(page, "review-undiscussed")
    assert accessibility_violations(page) == []
    chair = own(panel)
    sign_in_as(page, chair.expert.user)
    page.goto(reverse("review-sheet", args=[chair.pk]))
    page.get_by_role("button", name="开始合议").click()
    page.get_by_text("合议已开始，评审这一件的专家都已收到通知。").wait_for()
    page.get_by_role("link", name="修改本人评分").click()
    page.get_by_label("修改的理由").wait_for()
    page.get_by_role("link", name="由评分表起草审核意见").click()
    page.get_by_label("专家组审核意见").wait_for()
    keep_screenshots(page, "review-meeting")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="提请各位专家签署").click()
    page.get_by_role("button", name="签署", exact=True).click()
    page.get_by_text("您已签署专家组审核意见。").wait_for()
    keep_screenshots(page, "review-signed")
    assert accessibility_violations(page) == []
    assert OpinionSignature.objects.count() == 1


def test_a_visit_is_planned_photographed_and_signed_on_a_phone(phone_page, sign_in_as):
    officer = scenes.handler()
    case = scenes.panel_at_work(experts=3, by=officer).cases.get()
    sign_in_as(phone_page, officer)
    phone_page.goto(reverse("site-visit", args=[case.application_id]))
    phone_page.get_by_text("需要考察", exact=True).first.click()
    phone_page.get_by_label("需要或不需要的理由").fill("核实总承包项目")
    phone_page.get_by_label("计划考察时间").fill("2026-08-03T08:30")
    phone_page.get_by_label(f"{officer.name}（市局）").check()
    phone_page.get_by_label(case.assignments.first().expert.user.name).check()
    phone_page.get_by_label("考察日期").fill("2026-08-03")
    phone_page.get_by_label("考察内容").fill("冷库")
    phone_page.get_by_label("核对原件").fill("合同台账一致")
    phone_page.get_by_text("属实", exact=True).first.click()
    phone_page.get_by_role("button", name="保存考察记录").click()
    phone_page.get_by_text("考察记录已保存。").wait_for()
    phone_page.get_by_role("link", name="核对依据").or_(
        phone_page.get_by_role("button", name="核对依据")
    ).first.click()
    phone_page.get_by_role("button", name="在记录上签字").click()
    phone_page.get_by_text("您已在考察记录上签字。").wait_for()
    keep_screenshots(phone_page, "review-visit-signed")
    assert accessibility_violations(phone_page) == []


def test_a_material_is_turned_enlarged_and_searched_in_place(page, open_browser, sign_in_as):
    assignment = own(scenes.panel_at_work())
    readable, scanned = list(Attachment.objects.filter(application=assignment.case.application)[:2])
    lines = ("服务性收入 7,206.12 万元", "服务性收入占比 18.60%")
    Path(readable.file.path).write_bytes(pdf("审计报告", "某企业", lines, pages=3))
    for size in (DESKTOP, PHONE):
        tab = open_browser(size)
        sign_in_as(tab, assignment.expert.user)
        tab.goto(f"{reverse('review-sheet', args=[assignment.pk])}?tab=files&file={readable.pk}")
        viewer = tab.frame_locator("iframe")
        viewer.get_by_text("/ 3 页").wait_for()
        found = viewer.get_by_role("status")
        tab.keyboard.press("/")
        expect(viewer.get_by_label("在文件中查找")).to_be_focused()
        tab.keyboard.type("服务性收入")
        expect(found).to_have_text("第 1 处，共 6 处")
        viewer.get_by_label("在文件中查找").press("Enter")
        expect(found).to_have_text("第 2 处，共 6 处")
        viewer.get_by_role("button", name="上一处").click()
        expect(found).to_have_text("第 1 处，共 6 处")
        viewer.get_by_label("在文件中查找").fill("技术合同")
        expect(found).to_have_text("没有找到")
        viewer.get_by_label("页码").fill("3")
        viewer.get_by_label("页码").press("Enter")
        expect(viewer.get_by_role("region", name="第 3 页").locator("canvas")).to_be_in_viewport()
        viewer.get_by_role("button", name="上一页").click()
        expect(viewer.get_by_label("页码")).to_have_value("2")
        second = viewer.get_by_role("region", name="第 2 页")
        narrow = second.evaluate("page => page.clientWidth")
        viewer.get_by_role("button", name="放大").click()
        expect(second).not_to_have_css("width", f"{narrow}px")
        assert second.evaluate("page => page.clientWidth") > narrow
    keep_screenshots(tab, "review-material")
    sign_in_as(page, assignment.expert.user)
    page.goto(reverse("attachment-view", args=[readable.pk]))
    page.get_by_role("region", name="第 1 页").wait_for()
    assert accessibility_violations(page) == []
    page.goto(reverse("attachment-view", args=[scanned.pk]))
    page.get_by_text("/ 1 页").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("收入")
    expect(page.get_by_role("status")).to_have_text("这是扫描件，没有可查找的文字")
    Path(scanned.file.path).write_bytes(b"%PDF-1.7 damaged")
    fresh = open_browser()  # the other one has kept the whole file
    sign_in_as(fresh, assignment.expert.user)
    fresh.goto(reverse("attachment-view", args=[scanned.pk]))
    fresh.get_by_role("link", name="下载").wait_for()
    assert accessibility_violations(fresh) == []


def test_what_is_no_score_keeps_nothing_else_from_being_saved(page, open_browser, sign_in_as):
    open_browser.allow(("422 (Unprocessable",))
    assignment = own(scenes.panel_at_work())
    sign_in_as(page, assignment.expert.user)
    page.goto(reverse("review-sheet", args=[assignment.pk]))
    page.get_by_label("基础条件", exact=True).fill("99")
    page.get_by_label("模式创新", exact=True).fill("21")
    page.get_by_label("总体意见").fill("服务模式清晰，核算有待加强。")
    page.get_by_text("标出的没有保存，请更正；其余已自动保存").wait_for()
    page.get_by_role("link", name="返回清单").click()
    page.get_by_role("link", name="继续评分").click()
    expect(page.get_by_label("总体意见")).to_have_value("服务模式清晰，核算有待加强。")
    expect(page.get_by_label("模式创新", exact=True)).to_have_value("21")
    expect(page.get_by_label("基础条件", exact=True)).to_have_value("")
