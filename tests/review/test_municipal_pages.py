"""The bureau's side over HTTP: compose, draw, name the chair, seat, replace, start, conclude, rank, propose; and who may not."""

import re

import pytest
from django.urls import reverse

from accounts.models import Enterprise
from accounts.roles import Role
from applications.models import Application, Round
from core import clock, workflow
from core.models import Event
from policy.models import ServiceMode
from review import course
from review import draw as drawing
from review.models import Assignment, Panel, PanelCase, PanelMember, Ranking, SiteVisit
from tests.factories import make_application, make_expert, make_officer, make_round
from tests.review import scenes
from tests.review.scenes import texts
from tests.test_matrices import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"
State = Application.State


def test_a_panel_goes_from_composition_to_the_proposed_list(client, officer):
    """The whole municipal path by its buttons."""
    round_ = make_round(panel_size=3, quota=1)
    cases = scenes.accepted(round_, 2)
    scenes.pool(5)
    form = {
        "round": round_.pk,
        "name": "第一组 装备制造",
        "due_at": "2026-08-14T17:00",
        "cases": [one.pk for one in cases],
    }
    answer = client.post(reverse("panel-create"), form)
    panel = Panel.objects.get()
    assert answer.url == reverse("panel-detail", args=[panel.pk])
    assert panel.due_at == scenes.DUE

    address, asked = reverse("panel-draw", args=[panel.pk]), {"witness": scenes.WITNESS, "reserves": "1"}
    refused = client.post(address, asked | {"witness": "", "reserves": "12", "most_a_year": "0"})
    assert (refused.status_code, refused.context["draw_form"].errors) == (
        422,
        {
            "witness": ["请填写监督人。"],
            "reserves": ["候补人数不能大于 9，请核对。"],
            "most_a_year": ["每年最多抽中不能小于 1，请核对。"],
        },
    )
    drawn = client.post(address, asked, follow=True)
    assert texts(drawn)[-1] == "已从 5 名合格专家中抽出 3 人、候补 1 人，记录可随时重放。请指定组长。"
    record = client.get(reverse("draw-record", args=[panel.draws.get().pk])).content.decode()
    assert "重放结果相同" in record
    assert scenes.WITNESS in record
    again = client.post(address, asked)
    assert again.status_code == 422
    assert "重新抽取须写明原因" in texts(again)[-1]

    page = client.get(reverse("panel-detail", args=[panel.pk]))
    assert page.context["options"]["seat"].reasons == ("请指定专家组组长。",)
    chair = PanelMember.objects.first()
    client.post(reverse("panel-chair", args=[panel.pk]), {"member": chair.pk})
    client.post(reverse("panel-seat", args=[panel.pk]))
    assert (PanelMember.objects.get(is_chair=True), Panel.objects.get().state) == (chair, Panel.State.SEATED)
    assert Assignment.objects.count() == 6

    gone = Assignment.objects.first()
    workflow.perform(gone, "recuse", by=gone.expert.user, note="曾任顾问", grounds=["CONSULTING"])
    assert "缺 1 人" in client.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    replace = reverse("case-replace", args=[gone.case_id])
    called = client.post(replace, {"reserve": "1"}, follow=True)
    assert texts(called)[-1].startswith("已由候补")
    record = client.get(reverse("draw-record", args=[panel.draws.get().pk]))
    words = f"{gone.case.application.enterprise}：候补"
    assert [[note.startswith(words) for note in one["called"]] for one in record.context["reserves"]] == [
        [True]
    ]
    gone = Assignment.objects.get(case=gone.case_id, expert__in=panel.draws.get().reserves)
    workflow.perform(gone, "recuse", by=gone.expert.user, note="曾任顾问", grounds=["CONSULTING"])
    nobody = client.post(replace, {"reserve": "1"}, follow=True)
    assert "候补都不能递补这一件" in texts(nobody)[-1]
    unwatched = client.post(replace, {"reason": "两位专家回避"})
    assert (unwatched.status_code, texts(unwatched)[-1]) == (
        422,
        "请写明监督人的姓名和单位，抽取须有监督人在场。",
    )
    assert 'value="两位专家回避"' in unwatched.content.decode()
    replaced = client.post(replace, {"witness": scenes.WITNESS}, follow=True)
    assert texts(replaced)[-1].startswith("已补抽 ")
    scenes.declare_all(panel)
    badges = [client.get(reverse("panel-list")).context["rows"][0][1][0]]
    started = client.post(reverse("panel-start", args=[panel.pk]), follow=True)
    assert texts(started)[-1] == "2 件开始评审。"
    badges += [started.context["badge"][0], client.get(reverse("panel-list")).context["rows"][0][1][0]]
    assert badges == ["已组成", "评审中", "评审中"]
    links = re.findall(r'<a class="main-fact" href="([^"]+)"', started.content.decode())
    assert [client.get(link).status_code for link in links] == [200, 200]

    scenes.score_all(panel, {cases[0].pk: [90, 88, 80], cases[1].pk: [70, 75, 72]})
    held = client.post(reverse("conclude", args=[panel.pk]), follow=True)
    assert all(
        one.endswith("请先确定是否需要现场考察；不需要的也要写明理由（第十六条）。") for one in texts(held)
    )
    for one in cases:
        client.post(reverse("site-visit", args=[one.pk]), {"is_needed": "no", "reason": "材料足以判断"})
    one = client.post(reverse("conclude", args=[panel.pk]), {"case": panel.cases.first().pk}, follow=True)
    assert texts(one)[-1] == f"{cases[0].enterprise}：综合得分 86.00。"
    rest = client.post(reverse("conclude", args=[panel.pk]), follow=True)
    assert texts(rest)[-2:] == [
        "1 件评审结束。",
        f"{panel.name}：还有 2 件的审核意见没有由专家全部签署。请先提醒签署；已有纸质签署等情形的，写明原因后结束。",
    ]

    def seen() -> str:
        return client.get(reverse("panel-detail", args=[panel.pk])).context["unsigned_seen"]

    before = client.get(reverse("ranking", args=[round_.pk]))
    assert [line.rank_text for line in before.context["page"]] == ["1", "2"]
    held = client.post(reverse("ranking-freeze", args=[round_.pk]), follow=True)
    assert texts(held)[-1] == f"{panel.name}还没有结束评审，请先在专家组页面结束（第十六条）。"
    client.post(reverse("conclude", args=[panel.pk]), {"unsigned": scenes.ON_PAPER, "unsigned_seen": seen()})
    assert Panel.objects.get().state == Panel.State.CONCLUDED
    client.post(reverse("ranking-freeze", args=[round_.pk]))
    after = client.get(reverse("ranking", args=[round_.pk])).content.decode()
    assert " ".join(Ranking.objects.get().digest[at : at + 4] for at in range(0, 64, 4)) in after
    proposed = client.post(reverse("proposal", args=[round_.pk]), follow=True)
    assert texts(proposed)[-1] == "拟认定名单已提出：1 家列入，1 家未列入。接下来提交局党组会议审议。"
    assert [one.state for one in Application.objects.order_by("id")] == [State.PROPOSED, State.NOT_SELECTED]
    again = client.post(reverse("proposal", args=[round_.pk]), follow=True)
    assert texts(again)[-1] == "拟认定名单已经提出。"


def test_a_tie_at_the_line_is_decided_on_the_page(client, officer):
    round_ = make_round(panel_size=3, quota=1)
    panel = scenes.seat(scenes.compose(round_, scenes.accepted(round_, 2)), scenes.pool(3), by=officer)
    scenes.declare_all(panel)
    course.start_panel(panel, by=officer)
    scenes.score_all(panel)
    for case in panel.cases.all():
        scenes.not_visited(case.application, by=officer)
    course.conclude_panel(panel, by=officer, unsigned=scenes.ON_PAPER)
    client.post(reverse("ranking-freeze", args=[round_.pk]))
    page = client.get(reverse("ranking", args=[round_.pk]))
    assert "落在下面 2 家的并列之中：以上 0 家确定，余 1 席由人决定" in page.content.decode()
    entry = Ranking.objects.get().entries.last()
    refused = client.post(
        reverse("ranking-tie", args=[round_.pk]), {"chosen": [entry.pk, "x"], "reason": ""}, follow=True
    )
    assert texts(refused)[-1] == "请写明集体研究的时间、方式和取舍理由。"
    long = {"chosen": [entry.pk], "reason": "长" * 1001}
    refused = client.post(reverse("ranking-tie", args=[round_.pk]), long)
    assert (refused.status_code, texts(refused)) == (
        422,
        ["集体研究的理由最多 1000 字，现为 1001 字，请删减 1 字。"],
    )
    assert f'id="chosen-{entry.pk}" checked>' in refused.content.decode()
    assert f">{'长' * 1001}</textarea>" in refused.content.decode()
    client.post(reverse("ranking-tie", args=[round_.pk]), {"chosen": [entry.pk], "reason": "8月3日集体研究"})
    client.post(reverse("proposal", args=[round_.pk]))
    assert Application.objects.get(state=State.PROPOSED) == entry.application


def test_what_ended_is_told_though_the_panel_has_a_case_that_has_not_begun(client, officer):
    round_ = make_round()
    panel = scenes.seat(scenes.compose(round_, scenes.accepted(round_, 2)), scenes.pool(5), by=officer)
    scenes.declare_all(panel)
    begun, short = panel.cases.order_by("id")
    one = short.assignments.first()
    workflow.perform(one, "recuse", by=one.expert.user, note="曾任职。", grounds=["EMPLOYMENT"])
    course.start_panel(panel, by=officer)
    for assignment in begun.assignments.all():
        workflow.perform(scenes.fill(assignment), "submit", by=assignment.expert.user)
    scenes.not_visited(begun.application, by=officer)
    told = client.post(reverse("conclude", args=[panel.pk]), follow=True)
    assert texts(told) == ["1 件评审结束。", "第一组：还有 1 件未评审结束。"]
    assert Panel.objects.get().state == Panel.State.SEATED


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": ""}, "name", "请填写名称。"),
        ({"due_at": "2026-08-01T17:00"}, "due_at", "声明和评分截止须晚于现在，请改为将来的时间。"),
        ({"cases": []}, "cases", "请至少选择一件已受理的申报。"),
        ({"name": "已有的组"}, "name", "本批次已有“已有的组”，请换一个名称。"),
    ],
)
def test_a_panel_that_cannot_be_is_refused_and_what_was_typed_stays(client, officer, change, field, sentence):
    round_ = make_round()
    scenes.compose(round_, [], name="已有的组")
    case = scenes.accepted(round_)[0]
    form = {"round": round_.pk, "name": "第九组", "due_at": "2026-08-14T17:00", "cases": [case.pk]} | change
    answer = client.post(reverse("panel-create"), form)
    assert answer.context["form"].errors[field] == [sentence]
    assert Panel.objects.count() == 1


def test_cases_are_chosen_by_mode_or_industry_and_what_was_typed_stays(client, officer):
    round_ = make_round()
    cases = scenes.accepted(round_, 3)
    chain, design = ServiceMode.objects.order_by("position")[:2]
    Application.objects.filter(pk=cases[0].pk).update(main_mode=chain)
    Application.objects.filter(pk__in=[one.pk for one in cases[1:]]).update(main_mode=design)
    Enterprise.objects.filter(applications=cases[2]).update(industry="3421")
    Enterprise.objects.filter(applications__in=cases[:2]).update(industry="1711")
    url = reverse("panel-create")
    shown = client.get(url)
    groups = [(one.name, len(one.cases)) for one in [*shown.context["modes"], *shown.context["industries"]]]
    assert groups == [(chain.name, 1), (design.name, 2), ("纺织业", 2), ("通用设备制造业", 1)]
    typed = {
        "round": round_.pk,
        "name": "",
        "size": "九",
        "due_at": "2026-08-15T17:00",
        "cases": [cases[0].pk],
    }
    by_mode = client.post(url, typed | {"only": f"mode-{design.pk}"})
    assert (by_mode.status_code, by_mode.context["chosen"]) == (200, {str(one.pk) for one in cases[1:]})
    words = by_mode.content.decode()
    assert f'value="{design.name}组"' in words
    assert ('value="九"' in words, 'value="2026-08-15T17:00"' in words) == (True, True)
    by_industry = client.post(url, typed | {"name": "纺织一组", "only": "industry-17"})
    assert by_industry.context["chosen"] == {str(one.pk) for one in cases[:2]}
    assert 'value="纺织一组"' in by_industry.content.decode()
    assert client.post(url, typed | {"only": "industry-99"}).status_code == 422
    assert not Panel.objects.exists()


def test_a_panel_due_on_a_rest_day_is_asked_about_before_it_is_composed(client, officer):
    round_ = make_round()
    case = scenes.accepted(round_)[0]
    form = {"round": round_.pk, "name": "第一组", "due_at": "2026-08-15T17:00", "cases": [case.pk]}
    asked = client.post(reverse("panel-create"), form)
    assert (asked.status_code, asked.context["hints"], Panel.objects.count()) == (
        422,
        ["声明和评分截止8月15日（周六）是休息日，请确认。"],
        0,
    )
    assert asked.context["chosen"] == {str(case.pk)}
    (meant,) = re.findall(r'name="rest_day" value="([^"]+)"', asked.content.decode())
    done = client.post(reverse("panel-create"), form | {"rest_day": meant}, follow=True)
    assert texts(done) == ["第一组已组建，接下来抽取专家。"]


def test_only_accepted_cases_without_a_panel_can_be_taken(client, officer):
    round_ = make_round()
    scenes.accepted(round_)
    other = make_application(round=round_, state=State.FORWARDED)
    form = {"round": round_.pk, "name": "第一组", "due_at": "2026-08-14T17:00", "cases": [other.pk]}
    assert "cases" in client.post(reverse("panel-create"), form).context["form"].errors


def test_an_expert_who_does_not_answer_is_released_with_a_reason(client, officer):
    round_ = make_round()
    panel = scenes.seat(scenes.compose(round_, scenes.accepted(round_)), scenes.pool(5), by=officer)
    silent = Assignment.objects.first()
    address = reverse("case-release", args=[silent.case_id])
    page = client.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    assert f'<option value="{silent.pk}">{silent.expert}</option>' in page
    assert texts(client.post(address, follow=True))[-1] == "请选定不回应的专家。"
    chosen = {"assignment": silent.pk}
    refused = client.post(address, chosen | {"reason": "长" * 301})
    assert (refused.status_code, texts(refused)) == (
        422,
        ["解除指派的原因最多 300 字，现为 301 字，请删减 1 字。"],
    )
    assert f'value="{"长" * 301}"' in refused.content.decode()
    assert Assignment.objects.get(pk=silent.pk).state == Assignment.State.AWAITING
    assert texts(client.post(address, chosen, follow=True))[-1] == "请写明解除指派的原因。"
    client.post(address, chosen | {"reason": "三次联系无回应"})
    assert Assignment.objects.get(pk=silent.pk).state == Assignment.State.RELEASED
    assert silent.expert.user.notifications.first().body == "原因：三次联系无回应。其余各件不受影响。"
    make_expert(unit="候补所")
    replace = reverse("case-replace", args=[silent.case_id])
    refused = client.post(replace, {"reason": "长" * 301})
    assert (refused.status_code, texts(refused)[1:]) == (
        422,
        ["补抽的原因最多 300 字，现为 301 字，请删减 1 字。"],
    )
    assert panel.cases.get().assignments.standing().count() == 4
    client.post(replace, {"witness": scenes.WITNESS})
    assert panel.cases.get().assignments.standing().count() == 5


def test_more_time_is_given_with_a_reason(client, officer):
    panel = scenes.panel_at_work(by=officer)
    address = reverse("panel-due", args=[panel.pk])
    refused = client.post(address, {"due_at": "2026-08-01T17:00", "reason": ""})
    assert (refused.status_code, refused.context["due_form"].errors) == (
        422,
        {"due_at": ["新的截止时间须晚于现在。"], "reason": ["请填写延期原因。"]},
    )
    client.post(address, {"due_at": "2026-08-20T17:00", "reason": "汛期"})
    assert clock.local(Panel.objects.get().due_at).day == 20


def test_a_panel_is_due_on_a_rest_day_only_when_that_is_meant(client, officer):
    panel = scenes.panel_at_work(by=officer)
    address, before = reverse("panel-due", args=[panel.pk]), panel.due_at
    typed = {"due_at": "2026-08-22T17:00", "reason": "汛期"}
    asked = client.post(address, typed)
    assert (asked.status_code, asked.context["hints"]) == (
        422,
        ["声明和评分截止8月22日（周六）是休息日，请确认。"],
    )
    text = asked.content.decode()
    meant = re.findall(r'name="rest_day" value="([^"]+)"', text)
    assert (len(meant), "汛期" in text, Panel.objects.get().due_at) == (1, True, before)
    other_day = typed | {"due_at": "2026-08-23T17:00", "rest_day": meant[0]}
    assert client.post(address, other_day).status_code == 422
    done = client.post(address, typed | {"rest_day": meant[0]}, follow=True)
    assert texts(done) == ["截止时间已改，本组专家已收到通知。"]
    assert clock.local(Panel.objects.get().due_at).day == 22


POSTS = ("panel-draw", "panel-chair", "panel-seat", "panel-start", "panel-due", "conclude")


REFUSED = {
    Role.AUDITOR: ["record_site_visit"],
    Role.MUNICIPAL_LEADER: [
        "draw",
        "name_chair",
        "seat",
        "start",
        "extend",
        "conclude",
        "freeze_ranking",
        "draw_replacement",
        "release",
        "record_site_visit",
    ],
}


@pytest.mark.parametrize(
    "role", [Role.MUNICIPAL_LEADER, Role.AUDITOR, Role.CHANNEL_LEADER, Role.ADMINISTRATOR]
)
def test_who_is_not_the_handler_changes_nothing(client, role):
    panel = scenes.panel_at_work()
    case = panel.cases.get()
    client.force_login(make_officer(role), backend=BACKEND)
    states = list(Assignment.objects.values_list("state", flat=True))
    addresses = [reverse(name, args=[panel.pk]) for name in POSTS]
    addresses += [
        reverse(name, args=[panel.round_id]) for name in ("ranking-freeze", "proposal", "ranking-tie")
    ]
    addresses += [
        reverse("case-replace", args=[case.pk]),
        reverse("case-release", args=[case.pk]),
        reverse("site-visit", args=[case.application_id]),
        reverse("panel-create"),
    ]
    first = Assignment.objects.order_by("id")[0].pk
    for address in addresses:
        data = {"reason": "x", "due_at": "2026-08-20T17:00", "member": "1", "assignment": first}
        assert client.post(address, data).status_code in (403, 404), address
    assert list(Assignment.objects.values_list("state", flat=True)) == states
    assert not SiteVisit.objects.exists()
    refused = Event.objects.filter(outcome="REFUSED").values_list("action", flat=True)
    assert list(refused) == REFUSED.get(role, [])


def test_the_auditor_reads_every_page(client):
    panel = scenes.panel_at_work()
    scenes.score_all(panel)
    client.force_login(make_officer(Role.AUDITOR), backend=BACKEND)
    for name, pk in (
        ("panel-detail", panel.pk),
        ("score-matrix", panel.round_id),
        ("score-xlsx", panel.round_id),
        ("ranking", panel.round_id),
        ("site-visit", panel.cases.get().application_id),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 200
    assert client.get(reverse("panel-list")).status_code == 200


@pytest.mark.parametrize("name", ["panel-detail", "score-matrix", "ranking", "site-visit", "draw-record"])
def test_what_does_not_exist_is_not_found(client, officer, name):
    assert client.get(reverse(name, args=[999_999])).status_code == 404


def test_ending_the_review_is_offered_for_the_cases_whose_sheets_are_all_in(client, officer):
    panel = scenes.panel_at_work(2, by=officer)
    first = panel.cases.first()
    for case in panel.cases.all():
        scenes.not_visited(case.application, by=officer)
    address = reverse("panel-detail", args=[panel.pk])
    shown = client.get(address)
    assert (shown.context["under_review"], shown.context["to_end"]) == (2, 0)
    assert "每件的评分交齐、现场考察确定后才能结束。" in shown.content.decode()
    for one in first.assignments.standing():
        workflow.perform(scenes.fill(one), "submit", by=one.expert.user)
    shown = client.get(address)
    assert shown.context["to_end"] == 1
    assert "结束评审（1 件）" in shown.content.decode()


def test_a_large_panel_is_turned_over_page_by_page_and_counted_whole(client, officer):
    round_ = make_round(panel_size=3)
    cases = scenes.accepted(round_, 27)
    panel = scenes.seat(scenes.compose(round_, cases), scenes.pool(3), by=officer)
    scenes.declare_all(panel)
    url = reverse("panel-detail", args=[panel.pk])
    first, second = client.get(url), client.get(url, {"page": "2"})
    assert [len(page.context["rows"]) for page in (first, second)] == [25, 2]
    assert [page.context["ready"] for page in (first, second)] == [27, 27]
    last = panel.cases.last()
    awaited = last.assignments.first()
    put(awaited, "AWAITING")
    refused = client.post(
        reverse("case-release", args=[last.pk]), {"assignment": awaited.pk, "reason": "两周" * 200}
    )
    assert (refused.status_code, refused.context["page"].number) == (422, 2)
    assert [(one.case, one.unanswered) for one in refused.context["rows"]][-1] == (last, [awaited])
    assert refused.context["ready"] == 26


def test_a_panel_nobody_was_drawn_for_is_given_up_and_its_cases_grouped_anew(client, officer):
    round_ = make_round(panel_size=3)
    scenes.pool(5)
    cases = scenes.accepted(round_, 2)
    typed = {
        "round": round_.pk,
        "name": "第一组",
        "due_at": "2026-08-14T17:00",
        "cases": [one.pk for one in cases],
    }
    for size, sentence in (
        ("0", "每件由 3 人评审，专家人数应在 3 至 99 之间。"),
        ("4", "专家人数应为单数，4 是双数，请改为 3 或 5。"),
        ("7", "每单位最多抽 1 人，专家库现有 5 个单位的专家，抽不到 7 人，请减少人数或先充实专家库。"),
    ):
        refused = client.post(reverse("panel-create"), typed | {"size": size})
        assert (refused.status_code, refused.context["form"].errors) == (422, {"size": [sentence]})
    client.post(reverse("panel-create"), typed | {"size": "5"})
    panel = Panel.objects.get()
    url = reverse("panel-dissolve", args=[panel.pk])
    assert f'formaction="{url}"' in client.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    done = client.post(url, follow=True)
    assert texts(done) == ["第一组已解散，其中的申报可以重新分组。"]
    assert (Panel.objects.exists(), PanelCase.objects.exists()) == (False, False)
    event = Event.objects.get(action="dissolve")
    assert (event.subject_id, event.note, event.details) == (
        round_.pk,
        "第一组，2 件",
        {"panel": panel.pk, "cases": [one.pk for one in cases]},
    )
    again = scenes.compose(round_, cases)
    drawing.draw_panel(again, by=officer, witness=scenes.WITNESS)
    kept = client.post(reverse("panel-dissolve", args=[again.pk]), follow=True)
    assert texts(kept) == ["第一组已经抽取过专家，不能解散；需要重来的，写明原因重新抽取。"]
    client.force_login(make_officer(Role.MUNICIPAL_LEADER), backend=BACKEND)
    assert client.post(reverse("panel-dissolve", args=[again.pk])).status_code == 403
    assert Panel.objects.get() == again


def test_the_matrix_of_a_panel_without_scores_says_that_none_are_in(client, officer):
    round_ = make_round(panel_size=3)
    panel = scenes.compose(round_, scenes.accepted(round_))
    page = client.get(reverse("score-matrix", args=[round_.pk]), {"panel": panel.pk}).content.decode()
    assert "评分已齐" not in page
    assert "专家到齐、开始评分之后，这里列出还没有交的评分和缺的说明。" in page


@pytest.mark.parametrize(("experts", "mean", "trimmed"), [(3, "86.00", False), (5, "88.00", True)])
def test_a_highest_and_a_lowest_score_fall_away_from_five_on(client, officer, experts, mean, trimmed):
    panel = scenes.panel_at_work(experts=experts, by=officer)
    totals = [90, 88, 80] if experts == 3 else [90, 88, 80, 95, 86]
    scenes.score_all(panel, {panel.cases.get().application_id: totals})
    page = client.get(reverse("score-matrix", args=[panel.round_id]))
    row = page.context["matrix"].rows[0]
    assert (f"{row.mean:.2f}", sorted(row.marks.values())) == (mean, ["high", "low"] if trimmed else [])
    assert ("去高去低" in page.content.decode()) == trimmed


def test_an_expert_on_two_panels_reads_which_case_belongs_to_which(client, officer):
    first = scenes.panel_at_work(by=officer)
    expert = first.members.order_by("id")[0].expert
    client.force_login(expert.user, backend=BACKEND)
    assert "分在几个专家组" not in client.get(reverse("review-list")).content.decode()
    round_ = make_round(panel_size=3, title="2026年度第二批", kind=Round.Kind.RE_REVIEW)
    panel = scenes.compose(round_, scenes.accepted(round_), "第二组")
    second = scenes.seat(panel, [expert, *scenes.pool(2)], by=officer)
    page = client.get(reverse("review-list")).content.decode()
    assert "分在几个专家组，各组截止时间见每一家" in page
    assert [page.count(f"{one}，") for one in (first, second)] == [1, 1]
