"""Conflicts of interest: worked out before anybody is invited, dismissed with a reason or not at all, found late."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ExpertTie
from accounts.roles import Role
from applications.models import Application
from core import clock, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible
from review import course, draw
from review.conflicts import Screening, applications_of, dismiss, experts_to_screen
from review.models import Assignment, Recusal, SuspicionDismissal
from tests.factories import (
    a_tie,
    add_member,
    make_application,
    make_enterprise,
    make_expert,
    make_officer,
    make_round,
)
from tests.review import scenes
from tests.review.scenes import texts
from tests.test_matrices import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
BACKEND = "accounts.backends.PortalBackend"


def screened(panel, expert) -> list[tuple[str, str, bool]]:
    """Ground, evidence and whether it is real, of the panel's only case."""
    (application,) = applications_of(panel.cases)
    found = Screening([application], on=clock.today()).of(experts_to_screen().get(pk=expert.pk), application)
    return [(one.ground.value, one.evidence, one.is_real) for one in found]


@pytest.fixture
def panel():
    round_ = make_round(panel_size=3)
    enterprise = make_enterprise(
        name="威海澄泰数控机床有限公司", industry_id="3421", legal_representative="宋知远"
    )
    cases = scenes.accepted(round_, enterprise=enterprise)
    Application.objects.update(contact_name="毕清和")
    return scenes.compose(round_, cases)


def applicant(round_, **fields):
    """Another enterprise that applies in the same round."""
    return scenes.accepted(round_, enterprise=make_enterprise(**fields))[0].enterprise


@pytest.mark.parametrize(
    ("kind", "post", "ended_on", "is_found"),
    [
        ("EMPLOYMENT", "技术中心副总工程师", date(2023, 8, 4), True),
        ("EMPLOYMENT", "技术中心副总工程师", date(2023, 8, 3), False),
        ("DIRECTORSHIP", "独立董事", None, True),
        ("SHAREHOLDING", "持股 2%", None, True),
        ("KINSHIP", "配偶任财务总监", None, True),
        ("CONSULTING", "2024年精益改善咨询", date(2024, 12, 31), True),
        ("OTHER", "同一课题组", None, True),
    ],
)
def test_every_kind_of_tie_within_three_years_is_real_and_shows_its_evidence(
    panel, kind, post, ended_on, is_found
):
    expert = make_expert(unit="第一研究所")
    enterprise = panel.cases.get().application.enterprise
    a_tie(expert, enterprise, kind=kind, post=post, started_on=date(2021, 4, 1), ended_on=ended_on)
    until = f"{ended_on.year}年{ended_on.month}月{ended_on.day}日" if ended_on else "今"
    words = (
        "与申报企业威海澄泰数控机床有限公司有三年之内的关系："
        f"2021年4月1日至{until}，威海澄泰数控机床有限公司，{post}"
    )
    assert screened(panel, expert) == ([(kind, words, True)] if is_found else [])


def test_a_place_in_a_competing_applicant_counts_by_its_industry(panel):
    """Of the same division it is real; of another one it is a suspicion that they vie for the same seats."""
    rival = applicant(panel.round, name="乳山启明机床有限公司", industry_id="3425")
    other = applicant(panel.round, name="文登恒信纺织有限公司", industry_id="1711")
    by_unit, by_tie, by_account = (
        make_expert(unit=rival.name),
        make_expert(unit="甲所"),
        make_expert(unit="乙所"),
    )
    a_tie(by_tie, other, ended_on=None)
    add_member(rival, by_account.user)
    words = "工作单位乳山启明机床有限公司也在本批次申报，与威海澄泰数控机床有限公司同属34大类，为竞争企业"
    assert screened(panel, by_unit) == screened(panel, by_account) == [("OTHER", words, True)]
    assert screened(panel, by_tie) == [
        ("OTHER", "工作单位文登恒信纺织有限公司也在本批次申报，与威海澄泰数控机床有限公司争同一批名额", False)
    ]


def test_an_applicant_that_withdrew_in_another_year_is_a_rival_still(panel):
    rival = applicant(panel.round, name="乳山启明机床有限公司", industry_id="3425")
    make_application(round=make_round(year=2025), enterprise=rival, state=Application.State.WITHDRAWN)
    words = "工作单位乳山启明机床有限公司也在本批次申报，与威海澄泰数控机床有限公司同属34大类，为竞争企业"
    assert screened(panel, make_expert(unit=rival.name)) == [("OTHER", words, True)]


def test_a_case_that_was_never_submitted_is_not_told(panel):
    rival = make_enterprise(name="乳山启明机床有限公司", industry_id="3425")
    make_application(round=panel.round, enterprise=rival)
    assert screened(panel, make_expert(unit=rival.name)) == []


@pytest.mark.parametrize("state", ["WITHDRAWN", "NOT_RECOMMENDED", "DECLINED"])
def test_whose_case_ended_before_the_review_is_no_rival(panel, state):
    rival = applicant(panel.round, name="乳山启明机床有限公司", industry_id="3425")
    put(Application.objects.get(enterprise=rival), state)
    assert screened(panel, make_expert(unit=rival.name)) == []


def test_a_dismissal_counts_for_the_firm_alone_that_it_was_about(panel):
    """The expert moves to another applicant: the same kind of suspicion, another evidence."""
    first = applicant(panel.round, name="文登恒信纺织有限公司", industry_id="1711")
    second = applicant(panel.round, name="荣成海昌食品有限公司", industry_id="1361")
    officer, expert = scenes.handler(), make_expert(unit=first.name)
    case = panel.cases.get().application

    def kept_out() -> list[str]:
        (one,) = applications_of(panel.cases)
        screening = Screening([one], on=clock.today())
        found = screening.keeping_out(experts_to_screen().get(pk=expert.pk), one)
        return [conflict.evidence for conflict in found]

    (seen,) = kept_out()
    dismiss(panel, expert, case, "rival", seen=seen, by=officer, reason="已调离，只是退休返聘。")
    assert kept_out() == []
    expert.unit = second.name
    expert.save()
    assert kept_out() == [
        "工作单位荣成海昌食品有限公司也在本批次申报，与威海澄泰数控机床有限公司争同一批名额"
    ]
    with pytest.raises(NotPossible, match="依据已有变化"):  # the page was read before
        dismiss(panel, expert, case, "rival", seen=seen, by=officer, reason="已核实不在该企业任职。")
    (now,) = kept_out()
    dismiss(panel, expert, case, "rival", seen=now, by=officer, reason="已核实不在该企业任职。")
    assert kept_out() == []
    assert SuspicionDismissal.objects.count() == 2


def test_names_that_agree_are_suspicions(panel):
    by_name, by_contact, by_unit, by_tie = (make_expert(unit=f"第{one}所") for one in "甲乙丙丁")
    for expert, name in ((by_name, "宋知远"), (by_contact, "毕清和")):
        expert.user.name = name
        expert.user.save()
    by_unit.unit = "威海澄泰数控机床有限公司技术中心"
    by_unit.save()
    ExpertTie.objects.create(
        expert=by_tie,
        kind="SHAREHOLDING",
        credit_code="91371083MA3T00017U",
        organisation="威海澄泰数控机床有限公司",
        started_on=date(2024, 1, 1),
    )
    firm = "威海澄泰数控机床有限公司"
    assert screened(panel, by_name) == [("DIRECTORSHIP", f"与申报企业{firm}的法定代表人同名", False)]
    assert screened(panel, by_contact) == [("EMPLOYMENT", f"与申报企业{firm}的联系人同名", False)]
    assert screened(panel, by_unit) == [
        ("EMPLOYMENT", f"工作单位“{firm}技术中心”含有申报企业名称{firm}", False)
    ]
    assert screened(panel, by_tie) == [
        ("SHAREHOLDING", f"登记的关系单位{firm}与申报企业同名，代码不同（91371083MA3T00017U）", False)
    ]


def suspected(panel):
    expert = make_expert(unit="海洋装备研究所")
    expert.user.name = "宋知远"
    expert.user.save()
    return expert


def test_a_suspicion_keeps_out_of_the_draw_until_it_is_dismissed_with_a_reason(panel):
    officer, expert = scenes.handler(), suspected(panel)
    case = panel.cases.get()
    scenes.pool(2)
    words = "与申报企业威海澄泰数控机床有限公司的法定代表人同名"
    assert [one["reason"] for one in draw.panel_candidates(panel).excluded] == [
        f"疑似利害关系未排除：{words}"
    ]
    with pytest.raises(NotPossible, match="请写明排除的理由"):
        dismiss(panel, expert, case.application, "representative", seen=words, by=officer, reason="")
    with pytest.raises(NotPossible, match="依据已有变化，或已经更正"):
        dismiss(panel, expert, case.application, "contact", seen=words, by=officer, reason="核实过")
    with pytest.raises(NotPermitted):
        dismiss(
            panel,
            expert,
            case.application,
            "representative",
            seen=words,
            by=make_officer(Role.MUNICIPAL_LEADER),
            reason="核实过",
        )
    because = {"by": officer, "reason": "身份信息核对为两人。"}
    dismiss(panel, expert, case.application, "representative", seen=words, **because)
    assert draw.panel_candidates(panel).excluded == []
    kept = SuspicionDismissal.objects.get()
    assert (kept.evidence, kept.reason, kept.dismissed_by) == (words, "身份信息核对为两人。", officer)
    event = Event.objects.get(action="dismiss_suspicion", outcome="DONE")
    assert event.note == f"宋知远：{words}。理由：身份信息核对为两人。"
    with pytest.raises(NotPossible, match="没有重复记录"):
        dismiss(panel, expert, case.application, "representative", seen=words, by=officer, reason="再核实")
    assert expert.pk in draw.draw_panel(panel, by=officer, witness=scenes.WITNESS).outcome


def test_a_real_conflict_cannot_be_dismissed_on_the_page_or_by_a_crafted_post(client, panel):
    officer, expert = scenes.handler(), make_expert(unit="第一研究所")
    application = panel.cases.get().application
    tie = a_tie(expert, application.enterprise, ended_on=None)
    client.force_login(officer, backend=BACKEND)
    address = reverse("panel-conflicts", args=[panel.pk])
    content = client.get(address).content.decode()
    assert "有三年之内的关系：2012年3月1日至今，威海澄泰数控机床有限公司，工程师" in content
    assert "核实后排除" not in content
    posted = {
        "action": "dismiss",
        "expert": expert.pk,
        "application": application.pk,
        "code": f"tie-{tie.pk}",
        "reason": "本人说明无碍",
    }
    refused = client.post(address, posted)
    assert refused.status_code == 422
    assert "必须回避，不能排除（第十六条）" in texts(refused)[0]
    assert not SuspicionDismissal.objects.exists()


def test_a_suspicion_is_dismissed_on_the_page_and_a_refused_reason_stays(client, panel):
    officer, expert = scenes.handler(), suspected(panel)
    client.force_login(officer, backend=BACKEND)
    address = reverse("panel-conflicts", args=[panel.pk])
    assert "1 条疑似待核实" in client.get(address).content.decode()
    posted = {
        "action": "dismiss",
        "expert": expert.pk,
        "application": panel.cases.get().application_id,
        "code": "representative",
        "evidence": "与申报企业威海澄泰数控机床有限公司的法定代表人同名",
        "reason": "查" * 301,
    }
    refused = client.post(address, posted)
    assert refused.status_code == 422
    assert texts(refused) == ["排除的理由最多 300 字，现为 301 字，请删减 1 字。"]
    assert "查" * 301 in refused.content.decode()
    shown = client.post(address, posted | {"reason": "身份信息核对为两人。"}, follow=True)
    assert texts(shown) == ["已排除宋知远的这条疑似，理由留存。"]
    content = shown.content.decode()
    assert "身份信息核对为两人。" in content
    assert "没有待核实的疑似" in content
    for code in ("unit", "representative"):  # one that is gone, one that a colleague has dismissed
        late = client.post(address, posted | {"code": code, "reason": "打了很久的理由，不能丢。"})
        assert (late.status_code, late.context["given_back"]) == (422, "打了很久的理由，不能丢。")
        assert "打了很久的理由，不能丢。</textarea>" in late.content.decode()
    auditor = Client()
    auditor.force_login(make_officer(Role.AUDITOR), backend=BACKEND)
    assert "身份信息核对为两人。" in auditor.get(address).content.decode()
    assert auditor.post(address, posted).status_code == 403


def test_what_the_register_learns_after_the_declaration_is_found_and_removes_the_sheet(client):
    """The file closes at once, the sheet counts no more, the panel is short until another takes the seat."""
    officer = scenes.handler()
    panel = scenes.panel_at_work(experts=3, by=officer)
    scenes.score_all(panel)
    case = panel.cases.get()
    assignment = case.assignments.order_by("id")[0]
    a_tie(assignment.expert, case.application.enterprise, kind="SHAREHOLDING", post="持股 2%", ended_on=None)
    client.force_login(officer, backend=BACKEND)
    address = reverse("panel-conflicts", args=[panel.pk])
    assert "已指派的有 1 处利害关系" in client.get(address).content.decode()
    posted = {
        "action": "exclude",
        "expert": assignment.expert_id,
        "case": case.pk,
        "grounds": ["SHAREHOLDING"],
        "explanation": "工商登记显示其持有该企业 2% 的股份。",
    }
    other = Client()
    other.force_login(make_officer(Role.MUNICIPAL_LEADER), backend=BACKEND)
    assert other.post(address, posted).status_code == 403
    empty = client.post(address, posted | {"grounds": [], "explanation": "持股"})
    assert empty.status_code == 422
    assert empty.context["exclusion"].errors == {
        "grounds": ["请选择至少一种回避情形。"],
        "explanation": ["事实和依据至少写 10 个字，现为 2 个字，请写清事实和依据。"],
    }
    stranger = client.post(address, posted | {"expert": make_expert(unit="别所").pk})
    assert stranger.context["exclusion"].errors == {"expert": ["专家中没有这一项，请重新选择。"]}
    client.force_login(assignment.expert.user, backend=BACKEND)
    sheet = reverse("review-sheet", args=[assignment.pk])
    assert client.get(sheet).status_code == 200

    client.force_login(officer, backend=BACKEND)
    done = client.post(address, posted, follow=True)
    assert texts(done) == [
        f"已认定{assignment.expert}须回避，材料不再开放，本人已收到通知。"
        "已提交的评分表不再计入，原件留存。请在专家组页面补人。"
    ]
    recusal = Recusal.objects.get()
    assert (recusal.assignment, recusal.grounds, recusal.found_by) == (assignment, ["SHAREHOLDING"], officer)
    told = Notification.objects.get(key=f"assignment-{assignment.pk}-excluded")
    assert "已提交的评分表不再计入，原件留存备查。" in told.body
    assert len(course.counted_totals(case)) == 2
    scenes.not_visited(case.application, by=officer)
    with pytest.raises(NotPossible, match="还有 1 位专家未提交评分"):
        course.conclude(case.application, by=officer)
    page = client.get(reverse("panel-detail", args=[panel.pk])).content.decode()
    assert "由市局认定须回避" in page
    assert "已提交的评分表不再计入" in page
    assert "缺 1 人" in page
    client.force_login(assignment.expert.user, backend=BACKEND)
    assert client.get(sheet).status_code == 404


@pytest.mark.parametrize("action", ["exclude", "release"])
def test_after_the_review_the_bureau_is_told_to_open_it_again_and_not_to_ask_itself(action):
    panel = scenes.panel_at_work(experts=3)
    put(panel.cases.get().application, Application.State.REVIEWED)
    sentence = "该件现为“已评审”。评审已结束的，请先在评分矩阵重开这一件的评审，再办理。"
    assert workflow.why_not(Assignment.objects.order_by("id")[0], action) == [sentence]


def test_what_the_portal_itself_found_is_not_called_a_registration(panel):
    expert = make_expert(unit="威海澄泰数控机床有限公司")
    assignment = Assignment.objects.create(case=panel.cases.get(), expert=expert)
    assert workflow.why_not(assignment, "declare_no_conflict") == [
        "平台核查：工作单位即申报企业威海澄泰数控机床有限公司。须回避，请选择“有利害关系”并注明情形；"
        "所据登记有误的，请联系市工业和信息化局更正后再声明。"
    ]


def test_the_bureau_is_told_that_a_late_recusal_removed_a_sheet():
    panel = scenes.panel_at_work(experts=3)
    scenes.score_all(panel)
    assignment = Assignment.objects.order_by("id")[0]
    workflow.perform(
        assignment, "recuse", by=assignment.expert.user, note="配偶上月入职该企业。", grounds=["KINSHIP"]
    )
    told = Notification.objects.get(key=f"assignment-{assignment.pk}-recused")
    assert told.body == (
        f"{assignment.expert}声明回避，专家组在这一件上缺 1 人，补齐前不能开始评审。"
        "已提交的评分表不再计入，原件留存备查。"
    )
    assert Recusal.objects.get().found_by is None


def test_who_is_tied_between_draw_and_seat_is_not_assigned_and_leaves_the_case_short():
    officer, round_ = scenes.handler(), make_round(panel_size=3)
    first, second = scenes.accepted(round_, 2)
    experts = scenes.pool(3)
    panel = scenes.compose(round_, [first, second])
    a_tie(experts[1], first.enterprise, kind="CONSULTING", ended_on=None)
    scenes.seat(panel, experts, by=officer)
    assigned = Assignment.objects.values_list("case__application", "expert")
    pairs = {(first.pk, experts[0].pk), (first.pk, experts[2].pk)}
    assert set(assigned) == pairs | {(second.pk, one.pk) for one in experts}
    assert draw.seats_short(panel.cases.get(application=first)) == 1
