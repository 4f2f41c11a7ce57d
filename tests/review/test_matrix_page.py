"""The score matrix: what counts, what is far off, what is unlocked, and the workbook of it."""

import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.models import Application
from core import workflow
from review import course
from review.models import ScoreSheet
from tests.applications.scenes import signed_in
from tests.review import scenes
from tests.review.scenes import texts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
State = Application.State


def test_the_matrix_shows_totals_means_spread_and_what_is_far_off(client, officer):
    panel = scenes.panel_at_work(by=officer)
    case = panel.cases.get()
    assignments = list(case.assignments.all())
    for one, total in zip(assignments, (88, 86, 90, 70, 87), strict=True):
        workflow.perform(scenes.fill(one, scenes.points_for(total), comment=""), "submit", by=one.expert.user)
    page = client.get(reverse("score-matrix", args=[panel.round_id]), {"cell": assignments[3].pk})
    row = page.context["matrix"].rows[0]
    assert (row.mean, row.spread, row.grade) == (Decimal("87.00"), Decimal("20.00"), "良好")
    assert [(cell.total, cell.mark, cell.is_outlier) for cell in row.cells] == [
        (Decimal("88.00"), "", False),
        (Decimal("86.00"), "", False),
        (Decimal("90.00"), "high", False),
        (Decimal("70.00"), "low", True),
        (Decimal("87.00"), "", False),
    ]
    assert row.cells[3].distance == Decimal("-17.75")
    assert page.context["missing_count"] == 1
    lines = page.context["detail"].lines
    assert [(one.name, one.own, one.others) for one in lines][3:] == [
        ("经济社会效益", Decimal("10.00"), Decimal("25.00")),
        ("示范带动", Decimal("0.00"), Decimal("2.75")),
    ]
    client.post(reverse("sheet-ask", args=[assignments[3].sheet.pk]))
    assert assignments[3].expert.user.notifications.filter(subject__endswith="请补充评分说明").exists()


def test_an_open_visit_keeps_the_matrix_from_ending_the_review(client, officer):
    panel = scenes.panel_at_work(by=officer)
    scenes.score_all(panel)
    url = reverse("score-matrix", args=[panel.round_id])
    before = client.get(url)
    assert (before.context["unsettled"], before.context["to_end"]) == (1, False)
    assert "评分已齐，1 件的现场考察未定" in before.content.decode()
    scenes.not_visited(panel.cases.get().application, by=officer)
    after = client.get(url)
    assert (after.context["unsettled"], after.context["to_end"]) == (0, True)
    assert "现场考察未定" not in after.content.decode()


def test_a_sheet_is_unlocked_with_a_reason_and_what_it_was_is_kept(client, officer):
    panel = scenes.panel_at_work(by=officer)
    scenes.score_all(panel)
    assignment = panel.cases.get().assignments.first()
    sheet = ScoreSheet.objects.get(assignment=assignment)
    url = reverse("sheet-unlock", args=[sheet.pk])
    for typed, sentence in (
        ("错", "解锁的原因至少写 10 个字，现为 1 个字，请写清事实和依据。例如“专家来电说明两项分数填反”。"),
        ("长" * 301, "解锁的原因最多 300 字，现为 301 字，请删减 1 字。"),
    ):
        refused = client.post(url, {"reason": typed})
        assert (refused.status_code, texts(refused)) == (422, [sentence])
        assert refused.context["typed"] == typed.strip()
    assert ScoreSheet.objects.get(pk=sheet.pk).state == "SUBMITTED"

    done = client.post(url, {"reason": "来电说明两项分数填反"}, follow=True)
    assert texts(done) == [f"{assignment.expert}的评分表已解锁，本人已收到通知；重新提交前这一件的均分待定。"]
    (kept,) = done.context["unlocked"]
    assert (kept.expert, kept.enterprise, kept.event.note) == (
        str(assignment.expert),
        assignment.case.application.enterprise.name,
        "来电说明两项分数填反",
    )
    assert kept.was["total"] == "86.00"
    assert kept.was["scores"][0] == ["基础条件", "15.00", "已在材料中核对。"]
    assert done.context["matrix"].rows[0].mean is None
    told = assignment.expert.user.notifications.get(subject__contains="评分表已解锁")
    expert = signed_in(assignment.expert.user)
    (row,) = expert.get(reverse("review-list")).context["page"]
    assert (row.note, row.action) == ("提交过的评分表已重新打开，改好后请重新提交", "继续评分")
    own = expert.get(reverse("review-sheet", args=[assignment.pk]))
    words = " ".join(re.sub(r"<[^>]+>", " ", own.content.decode()).split())
    assert "评分表已由市局解锁" in words
    assert "来电说明两项分数填反 原来提交的 86.00 分和理由留存" in words
    assert told.body.startswith("原因：来电说明两项分数填反。")
    again = client.post(url, {"reason": "专家又来电说明填反了一项"})
    assert texts(again) == ["当前状态为“填写中”，不能解锁评分表。请刷新页面查看最新进展。"]

    workflow.perform(scenes.fill(assignment, scenes.points_for(80)), "submit", by=assignment.expert.user)
    sheet = ScoreSheet.objects.get(pk=sheet.pk)
    assert (sheet.state, sheet.total) == ("SUBMITTED", Decimal("80.00"))


def test_a_sheet_stays_locked_once_its_review_has_ended(client, officer):
    panel = scenes.panel_at_work(by=officer)
    scenes.score_all(panel)
    application = panel.cases.get().application
    scenes.not_visited(application, by=officer)
    course.conclude(application, by=officer)
    sheet = ScoreSheet.objects.earliest("pk")
    refused = client.post(reverse("sheet-unlock", args=[sheet.pk]), {"reason": "专家来电说明两项分数填反"})
    assert texts(refused) == ["该件现为“已评审”，评审已结束，评分和说明都不再改动。"]
    assert not refused.context["unlock"].allowed


def test_a_cell_is_shown_on_the_page_of_its_case(client, officer):
    panel = scenes.panel_at_work(26, experts=3, by=officer)
    cases = list(panel.cases.order_by("id"))
    scenes.score_all(panel, {one.application_id: [90 - n, 88 - n, 86 - n] for n, one in enumerate(cases)})
    url = reverse("score-matrix", args=[panel.round_id])
    last = cases[-1].assignments.order_by("id").first()
    shown = client.get(url, {"cell": last.pk})
    assert (shown.context["page"].number, shown.context["detail"].row.case.pk) == (2, cases[-1].pk)
    assert shown.context["badge"][0] == "评审中"
    turned = client.get(url, {"cell": last.pk, "page": "1"})
    assert (turned.context["page"].number, turned.context["detail"].row.case.pk) == (1, cases[-1].pk)
    (link,) = re.findall(r'<a class="main-fact" href="([^"]+)"', shown.content.decode())
    assert client.get(link).status_code == 200
    assert client.get(url, {"cell": "x", "page": "1"}).context["page"].number == 1


def test_the_matrix_says_how_far_the_experts_agree(client, officer):
    panel = scenes.panel_at_work(3, by=officer)
    first, second, third = (case.application_id for case in panel.cases.all())
    scenes.score_all(
        panel, {first: [92, 91, 90, 93, 94], second: [85, 84, 83, 82, 81], third: [70, 71, 86, 73, 74]}
    )
    found = client.get(reverse("score-matrix", args=[panel.round_id])).context["matrix"]
    # Ranks 3 2 1 by four experts, 3 1 2 by the third: sums 15, 9, 6; S = 42 of 5² × 24 ÷ 12 = 50.
    assert (found.agreement.coefficient, found.agreement.experts, found.agreement.cases) == (
        Decimal("0.84"),
        5,
        3,
    )
    assert found.agreement.words == "各位专家排出的先后很一致"
    assert found.rows[2].cells[2].standing == Decimal("1.94")  # 11.2 above the mean, deviation √33.36


def test_with_more_experts_than_columns_each_case_names_its_own(client, officer):
    panel = scenes.panel_at_work(1, experts=11, by=officer)
    case = panel.cases.get()
    scenes.score_all(panel, {case.application_id: [92, *range(80, 90)]})
    page = client.get(reverse("score-matrix", args=[panel.round_id]))
    assert page.context["matrix"].is_wide
    row = page.context["matrix"].rows[0]
    assert [(cell.expert, cell.total) for cell in row.given] == [
        (str(one.expert), one.sheet.total) for one in case.assignments.order_by("id")
    ]
    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    first = case.assignments.order_by("id").first().expert
    assert f"{first} ↑ 92" in text
    assert "各专家评分倾向 仅供参考 专家 件 倾向" in text


def test_the_summary_carries_live_formulas_that_give_the_same_numbers(client, officer):
    panel = scenes.panel_at_work(2, by=officer)
    first, second = (case.application_id for case in panel.cases.all())
    scenes.score_all(panel, {first: [92, 88, 90, 85, 75], second: [86.5, 86, 87, 86.5, 86.5]})
    answer = client.get(reverse("score-xlsx", args=[panel.round_id]))
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]][:4] == ["序号", "企业名称", "统一社会信用代码", "所在区市"]
    assert [cell.value for cell in sheet[3]][4:9] == [92, 88, 90, 85, 75]
    assert [cell.value for cell in sheet[3]][9:15] == [
        "=COUNT(E3:I3)",
        '=IF(J3=0,"",MAX(E3:I3))',
        '=IF(J3=0,"",MIN(E3:I3))',
        '=IF(J3<5,"",ROUND((SUM(E3:I3)-LARGE(E3:I3,1)-SMALL(E3:I3,1))/(J3-2),2))',
        '=IF(J3=0,"",MAX(E3:I3)-MIN(E3:I3))',
        '=IF(M3="","",IF(M3>=90,"优秀",IF(M3>=75,"良好",IF(M3>=60,"合格","不合格"))))',
    ]
