"""The desk of a district: its queue, one file, its verdicts, and the way through."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import casework, materials, progress, recommending, versions
from applications.models import (
    Application,
    ApplicationVersion,
    CorrectionItem,
    Recommendation,
    SeenMaterial,
    VettingOpinion,
)
from applications.outlines import outline_of
from core import clock, workflow
from core.models import Event
from tests.factories import (
    an_agency,
    fill_in,
    make_application,
    make_association,
    make_member,
    make_officer,
    make_round,
)

pytestmark = pytest.mark.django_db
State = Application.State
JULY = clock.instant(date(2026, 7, 13), 10, 20)
PASSED = {
    "authenticity": "PASS",
    "authenticity_note": "已比对审计报告第 7 页与验证码，金额一致",
    "compliance": "PASS",
    "compliance_note": "",
    "validity": "PASS",
    "validity_note": "",
}


@pytest.fixture(autouse=True)
def july():
    with clock.stopped_at(JULY):
        yield


@pytest.fixture
def officer():
    return make_officer(Role.CHANNEL_HANDLER, name="于晓岚")


@pytest.fixture
def desk(officer, client) -> Client:
    client.force_login(officer, backend="accounts.backends.PortalBackend")
    return client


@pytest.fixture
def case():
    return make_application(state=State.SUBMITTED)


def another_desk(role: str = Role.CHANNEL_HANDLER, **fields) -> Client:
    client = Client()
    client.force_login(make_officer(role, **fields), backend="accounts.backends.PortalBackend")
    return client


def opinion_of(case: Application, revision: int = 0, **verdicts) -> dict:
    return {"version": case.current_version_id, "revision": revision, **PASSED, **verdicts}


def words(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def state_of(case: Application) -> str:
    return Application.objects.get(pk=case.pk).state


def flag(case: Application, by, item: str = "FIGURES", reason: str = "请附审计报告验证码。") -> None:
    CorrectionItem.objects.flag(case.current_version, item, label="三年指标", reason=reason, seen="", by=by)


# The queue


def test_the_queue_shows_its_own_first_and_the_days_left(desk):
    late = make_application(state=State.SUBMITTED)
    returned = make_application(state=State.RETURNED, correction_due=JULY + timedelta(days=1))
    ended = make_application(state=State.NOT_RECOMMENDED)
    page = desk.get(reverse("vetting-queue"))
    assert [row.application for row in page.context["rows"]] == [late, returned]
    assert [row.badge[0] for row in page.context["rows"]] == ["待审核", "退回补正"]
    assert [(word, number) for _, word, number in page.context["tabs"]] == [
        ("办理中", 2),
        ("已报送", 0),
        ("已终止", 1),
        ("全部", 3),
    ]
    text = page.content.decode()
    assert "剩 1 天" in text
    assert "剩 4 天" in text
    assert str(ended.enterprise) not in text


def test_the_queue_counts_conditions_with_the_three_limbs_as_one(desk, case):
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (
        sum(row.counts.values())
        == len([one for one in case.current_version.findings if not one["group"]]) + 1
    )
    assert row.counts == {"MET": 11, "ATTENTION": 1}
    assert (row.parts_done, row.parts) == (13, 13)
    assert row.problem is None


def test_a_flagged_item_lowers_what_is_complete(desk, officer, case):
    flag(case, officer)
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (row.parts_done, row.parts) == (12, 13)


def test_a_case_sent_back_says_why(desk):
    case = make_application(state=State.FORWARDED)
    workflow.perform(case, "send_back", by=make_officer(Role.MUNICIPAL_HANDLER), note="项目二验收单缺盖章页")
    row = desk.get(reverse("vetting-queue")).context["rows"][0]
    assert (row.problem.text, row.until_word, row.next_step) == (
        "市局退回：项目二验收单缺盖章页",
        "重报",
        "重新审核",
    )


def test_filters_stand_in_the_address(desk, officer, case):
    other = make_application(state=State.VETTED)
    casework.take(case, by=officer)

    def found(**asked) -> list[Application]:
        return [row.application for row in desk.get(reverse("vetting-queue"), asked).context["rows"]]

    assert found(q=case.enterprise.credit_code.lower()) == [case]
    assert found(q=other.enterprise.name) == [other]
    assert found(state="VETTED") == [other]
    assert found(officer=officer.pk) == [case]
    assert found(mode=case.main_mode_id) == [case, other]
    assert found(finding="unmet") == []
    assert found(finding="attention") == []
    assert found(finding="clear") == [case, other]
    at_a_loss = "；2025 年利润总额为负"
    doubtful = [one | {"measured": one["measured"] + at_a_loss} for one in case.current_version.findings]
    outline = outline_of(case.current_version.snapshot, doubtful)
    ApplicationVersion.objects.filter(pk=case.current_version_id).update(outline=outline)
    assert found(finding="attention") == [case]
    assert found(finding="clear") == [other]
    assert found(tab="reported") == []
    assert found(round=case.round_id, tab="all") == [case, other]


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "x"},
        {"page": "999"},
        {"mode": "９"},
        {"mode": "9" * 40},
        {"officer": "-1"},
        {"round": "'"},
        {"tab": "nothing"},
        {"state": "DRAFT"},
        {"finding": "x"},
        {"q": "\x00%_"},
    ],
)
def test_an_address_nobody_offered_is_no_error(desk, case, asked):
    assert desk.get(reverse("vetting-queue"), asked).status_code == 200


def test_a_draft_is_not_in_the_queue(desk):
    make_application(state=State.DRAFT)
    page = desk.get(reverse("vetting-queue"), {"tab": "all"})
    assert page.context["rows"] == []
    assert "这里还没有申报" in page.content.decode()


def test_a_case_withdrawn_as_a_draft_was_never_here(desk):
    case = make_application(state=State.WITHDRAWN)
    assert desk.get(reverse("vetting-queue"), {"tab": "all"}).context["rows"] == []
    assert desk.get(reverse("vetting", args=[case.pk])).status_code == 404


# One agency never sees another's cases


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("vetting", "get"),
        ("vetting-save", "post"),
        ("vetting-flag", "post"),
        ("vetting-return", "get"),
        ("vetting-return", "post"),
        ("vetting-refuse", "post"),
        ("vetting-pass", "post"),
    ],
)
def test_another_agencys_case_does_not_exist(case, name, method):
    stranger = another_desk(agency=an_agency("371002"))
    answer = getattr(stranger, method)(
        reverse(name, args=[case.pk]), opinion_of(case) if method == "post" else {}
    )
    assert answer.status_code == 404
    assert state_of(case) == State.SUBMITTED
    assert not VettingOpinion.objects.exists()


def test_the_district_does_not_see_a_case_that_came_through_an_association(desk):
    association = make_association()
    case = make_application(state=State.SUBMITTED, channel=association)
    assert desk.get(reverse("vetting", args=[case.pk])).status_code == 404
    assert another_desk(agency=association).get(reverse("vetting", args=[case.pk])).status_code == 200


def test_a_draft_cannot_be_opened(desk):
    draft = make_application()
    assert desk.get(reverse("vetting", args=[draft.pk])).status_code == 404


# The file


def test_the_file_shows_its_materials_findings_and_figures(desk, case):
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    text = re.sub(r"\s+", " ", page.content.decode())
    assert "14,960.00" in text
    assert "2,512.60" in text
    (_, sections), (heading, files) = page.context["rail"]
    assert [one.code for one, *_ in sections] == [
        "BASIC",
        "FIGURES",
        "SERVICE_UNIT",
        "PROJECTS",
        "CAPABILITY",
        "NARRATIVE",
        "COMMITMENT",
    ]
    assert (heading, len(files)) == ("附件 8", 8)
    form = page.context["form"]
    verdicts = ("authenticity", "compliance", "validity")
    assert [form[one].label for one in verdicts] == ["真实性", "合规性", "有效性"]


def test_an_attachment_is_shown_beside_the_figures_it_proves(desk, case):
    attachment = case.attachments.filter(kind="AUDIT_REPORT").first()
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": f"a{attachment.pk}"})
    assert f'<iframe src="{reverse("attachment-file", args=[attachment.pk])}' in page.content.decode()
    assert page.context["key_figures"] == [
        ("主营业务收入 2025", "14,960.00"),
        ("主营业务收入 2024", "13,450.00"),
        ("利润总额 2025", "1,706.40"),
        ("利润总额 2024", "1,580.00"),
        ("服务性收入 2025", "2,512.60"),
    ]


def test_what_a_colleague_opened_is_marked_as_seen_and_the_rest_is_named(desk, officer, case):
    first_file = case.attachments.order_by("pk").first()
    desk.get(reverse("vetting", args=[case.pk]))
    another_desk(name="毕文舟").get(reverse("vetting", args=[case.pk]), {"show": f"a{first_file.pk}"})
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    assert page.context["seen"] == {"BASIC", "FIGURES", f"a{first_file.pk}"}
    assert len(page.context["unseen"]) == 7 + 8 - 3
    keys = {key: one.label for _, group in page.context["rail"] for one, _, key in group if key}
    assert keys == {"p": "企业基本信息", "here": "三年指标", "n": "服务部门或服务公司"}
    marks = SeenMaterial.objects.order_by("pk").values_list("material", "seen_by__name")
    assert list(marks) == [("BASIC", "于晓岚"), (f"a{first_file.pk}", "毕文舟"), ("FIGURES", "于晓岚")]
    assert "还没有打开看过" not in page.content.decode()  # not before passing is possible
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case))
    bar = " ".join(
        re.sub(r"<[^>]+>", "", desk.get(reverse("vetting", args=[case.pk])).content.decode()).split()
    )
    assert "还没有打开看过：服务部门或服务公司、服务型制造项目、数字化和知识产权 等 12 份" in bar


def test_passing_what_nobody_has_opened_is_asked_about_and_does_not_bar(desk, case):
    url = reverse("vetting-pass", args=[case.pk])
    page = desk.post(url, opinion_of(case))
    question = (
        "15 份材料中还有 15 份没有人打开看过（第十五条要求审核材料的真实性、合规性、有效性）。"
        "已用其他方式核对过的，再点一次“仍然审核通过”；没有核对的，请先打开。"
    )
    assert (page.status_code, words(page), state_of(case)) == (200, [question], State.SUBMITTED)
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    assert 'name="unseen" value="14"' in page.content.decode()  # the page has shown the first
    again = desk.get(
        reverse("vetting", args=[case.pk]), {"asked": "1"}
    )  # as the buttons are renewed after a save
    assert 'name="unseen" value="14"' in again.content.decode()
    answered = opinion_of(case) | {"revision": "1"}
    assert desk.post(url, answered | {"unseen": "15"}).status_code == 200
    assert desk.post(url, answered | {"unseen": "14"}).status_code == 302
    assert state_of(case) == State.VETTED


def test_once_most_of_it_has_been_opened_nothing_is_asked(desk, officer, case):
    files = [f"a{one.pk}" for one in case.attachments.all()]
    for shown in files[:7]:
        SeenMaterial.objects.see(case.current_version, shown, by=officer)
    url = reverse("vetting-pass", args=[case.pk])
    page = desk.post(url, opinion_of(case))
    assert (page.status_code, state_of(case)) == (200, State.SUBMITTED)
    assert words(page)[0].startswith("15 份材料中还有 8 份")
    assert (
        desk.post(url, opinion_of(case) | {"revision": "1"}).status_code == 302
    )  # the page has shown one more
    assert state_of(case) == State.VETTED


def test_a_resubmission_is_read_again_except_for_the_same_files(desk, officer, case):
    file = case.attachments.order_by("pk").first()
    for shown in ("BASIC", f"a{file.pk}"):
        desk.get(reverse("vetting", args=[case.pk]), {"show": shown})
    case.current_version = versions.freeze(case, by=officer)
    case.save()
    page = desk.get(reverse("vetting", args=[case.pk]), {"show": "FIGURES"})
    assert page.context["seen"] == {"FIGURES", f"a{file.pk}"}


def test_after_vetting_opening_a_file_leaves_no_mark(desk):
    passed = make_application(state=State.VETTED)
    page = desk.get(reverse("vetting", args=[passed.pk]))
    assert (page.context["seen"], "未看" in page.content.decode()) == (set(), False)
    assert SeenMaterial.objects.count() == 0


def test_next_and_previous_follow_the_queue(desk):
    cases = [make_application(state=State.SUBMITTED) for _ in range(3)]
    neighbours = desk.get(reverse("vetting", args=[cases[1].pk])).context["neighbours"]
    assert (neighbours["place"], neighbours["total"]) == (2, 3)
    assert neighbours["previous"][0] == cases[0].pk
    assert neighbours["following"][0] == cases[2].pk


# Verdicts


def test_verdicts_are_saved_as_one_types(desk, officer, case):
    answer = desk.post(
        reverse("vetting-save", args=[case.pk]),
        opinion_of(case, validity="", validity_note="验收单无盖章"),
        headers={"X-Autosave": "1"},
    )
    assert (answer.status_code, answer["X-Revision"]) == (204, "1")
    opinion = VettingOpinion.objects.get()
    assert (opinion.authenticity, opinion.validity, opinion.validity_note, opinion.vetted_by) == (
        "PASS",
        "",
        "验收单无盖章",
        officer,
    )
    assert (
        desk.post(
            reverse("vetting-save", args=[case.pk]), opinion_of(case, revision=1), headers={"X-Autosave": "1"}
        )["X-Revision"]
        == "2"
    )


def test_two_colleagues_never_overwrite_each_other_silently(desk, case):
    colleague = another_desk(name="毕文舟")
    colleague.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, compliance="DOUBT"))
    stale = desk.post(
        reverse("vetting-save", args=[case.pk]),
        opinion_of(case, authenticity_note="我看过原件"),
        headers={"X-Autosave": "1"},
    )
    assert stale.status_code == 409
    assert stale.content.decode().startswith("毕文舟在10:20已保存过这件的审核意见")
    assert VettingOpinion.objects.get().compliance == "DOUBT"
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, authenticity_note="我看过原件")
    )
    assert page.status_code == 409
    assert "我看过原件" in page.content.decode()
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    # Shown what stands, the officer may decide to save over it.
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, 1, authenticity_note="我看过原件"))
    assert VettingOpinion.objects.get().authenticity_note == "我看过原件"


def test_the_same_save_twice_is_harmless(desk, case):
    for _ in range(2):
        assert desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case)).status_code == 302
    assert VettingOpinion.objects.get().revision == 1


def test_an_opinion_on_an_older_version_is_refused(desk, case):
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case) | {"version": case.current_version_id + 99}
    )
    assert page.status_code == 409
    assert not VettingOpinion.objects.exists()


def test_nothing_is_saved_once_vetting_is_over(desk):
    case = make_application(state=State.VETTED)
    answer = desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case), headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.content.decode()) == (
        409,
        "这件申报已不在审核中（现为“审核通过”），没有保存。请查看最新进展。",
    )
    assert not VettingOpinion.objects.exists()


def test_a_verdict_that_is_none_is_refused_and_what_was_typed_stays(desk, case):
    page = desk.post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, authenticity="MAYBE", validity_note="已看")
    )
    assert page.status_code == 409
    assert "已看" in page.content.decode()
    assert not VettingOpinion.objects.exists()


def test_save_and_next_opens_the_next_file(desk):
    first, second = (make_application(state=State.SUBMITTED) for _ in range(2))
    answer = desk.post(reverse("vetting-save", args=[first.pk]), opinion_of(first) | {"next": "1"})
    assert answer.url == reverse("vetting", args=[second.pk])


# Passing


def test_passing_saves_what_was_just_typed(desk, officer, case):
    answer = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case) | {"unseen": "15"})
    assert answer.status_code == 302
    assert state_of(case) == State.VETTED
    assert VettingOpinion.objects.get().authenticity_note == PASSED["authenticity_note"]
    event = Event.objects.get(action="pass_vetting")
    assert (event.actor, event.from_state, event.to_state) == (officer, "SUBMITTED", "VETTED")


def test_a_case_in_doubt_cannot_pass(desk, case):
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case, validity="DOUBT"), follow=True)
    assert state_of(case) == State.SUBMITTED
    assert words(page) == ["不能通过：有效性未审核为“通过”。"]


def test_a_doubt_without_a_reason_says_why_the_case_cannot_be_refused(desk, case):
    desk.post(reverse("vetting-save", args=[case.pk]), opinion_of(case, validity="DOUBT", validity_note=""))
    page = desk.get(reverse("vetting", args=[case.pk])).content.decode()
    bare = "审核为“存疑”“不通过”的，请在核对栏写明理由：有效性（第十五条）。"
    assert re.search('disabled aria-describedby="why-refuse">不予推荐<', page)
    assert re.search(f'id="why-refuse">.*?<span>不予推荐：{bare}</span>', page)


def test_open_verdicts_are_named(desk, case):
    page = desk.post(reverse("vetting-pass", args=[case.pk]), follow=True)
    assert words(page) == ["第十五条要求审核真实性、合规性、有效性，尚未审核：真实性、合规性、有效性。"]


def test_a_case_with_flagged_items_cannot_pass(desk, officer, case):
    flag(case, officer)
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case), follow=True)
    assert words(page) == ["不能通过：还有 1 项要退回补正，请退回或先撤下。"]
    assert state_of(case) == State.SUBMITTED


def test_passing_over_a_colleagues_opinion_is_refused(desk, case):
    another_desk(name="毕文舟").post(
        reverse("vetting-save", args=[case.pk]), opinion_of(case, compliance="FAIL")
    )
    page = desk.post(reverse("vetting-pass", args=[case.pk]), opinion_of(case))
    assert page.status_code == 409
    assert state_of(case) == State.SUBMITTED


# District enterprises


def test_the_districts_enterprises_are_listed_with_their_last_case(desk, case):
    page = desk.get(reverse("district-enterprises"))
    assert [(row[0], row[2]) for row in page.context["rows"]] == [(case.enterprise, case)]


def test_an_association_lists_those_that_came_through_it(case):
    association = make_association()
    through = make_application(state=State.SUBMITTED, channel=association)
    page = another_desk(agency=association).get(reverse("district-enterprises"))
    assert [row[0] for row in page.context["rows"]] == [through.enterprise]


@pytest.mark.parametrize("role", [Role.MUNICIPAL_HANDLER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_other_roles_have_no_such_desk(case, role):
    client = another_desk(role)
    assert client.get(reverse("vetting-queue")).status_code == 404
    assert client.get(reverse("vetting", args=[case.pk])).status_code == 404


def test_what_has_ended_says_when_how_and_by_which_clause(desk, officer):
    refused, withdrawn = (make_application(state=State.SUBMITTED) for _ in range(2))
    reason = "第十二条第3项：服务性收入占比按审计报告为 12.40%，低于 15%，三项指标均未达到。"
    workflow.perform(refused, "refuse_recommendation", by=officer, note=reason)
    person = make_member(withdrawn.enterprise)
    workflow.perform(withdrawn, "withdraw", by=person, note="改由行业协会推荐")
    page = desk.get(reverse("vetting-queue") + "?tab=ended")
    told = [
        (one.enterprise, one.badge[0], one.days, one.problem.clause, one.problem.article, one.problem.text)
        for one in page.context["rows"]
    ]
    why = "服务性收入占比按审计报告为 12.40%，低于 15%，三项指标均未达到。"
    assert told == [
        (refused.enterprise.name, "不予推荐", None, "第十二条第3项", 12, why),
        (withdrawn.enterprise.name, "已撤回", None, "", "", "改由行业协会推荐"),
    ]
    text = page.content.decode()
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', text)[:5] == [
        "终止",
        "企业",
        "状态",
        "条件核验",
        "终止原因",
    ]
    assert ("2026年7月13日" in text, why in text, page.context["order"]) == (True, True, "最早终止的在前")


def test_the_rows_of_several_rounds_say_which_is_theirs(desk, case):
    assert "2026年度认定</span>" not in desk.get(reverse("vetting-queue")).content.decode()
    earlier = make_round(year=2025, title="2025年度认定")
    make_application(state=State.AWARDED, round=earlier)
    assert "2026年度认定</span>" not in desk.get(reverse("vetting-queue")).content.decode()
    text = desk.get(reverse("vetting-queue") + "?tab=all").content.decode()
    assert re.findall(r'"sub-fact">(20\d\d年度认定)</span>', text) == ["2026年度认定", "2025年度认定"]
    chosen = desk.get(reverse("vetting-queue") + f"?tab=all&round={earlier.pk}").content.decode()
    assert '"sub-fact">2025年度认定' not in chosen


def test_an_associations_pages_speak_of_no_district():
    association = make_association()
    case = make_application(state=State.SUBMITTED, channel=association)
    client = another_desk(agency=association)
    page = client.get(reverse("district-enterprises"))
    places = [one.label for one in page.context["frame"].places]
    assert places == ["审核申报", "推荐上报", "申报企业", "确认账号"]
    assert "辖区" not in page.content.decode()
    assert reverse("policy-desk") not in page.content.decode()
    assert progress.step_labels(case)[1] == "协会审核"
    district = another_desk().get(reverse("district-enterprises"))
    assert district.context["frame"].places[2].label == "辖区企业"
    assert f'href="{reverse("policy-desk")}"' in district.content.decode()


def test_a_visitor_is_asked_to_sign_in(client, case):
    answer = client.get(reverse("vetting", args=[case.pk]))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


def test_what_every_enterprise_declares_alike_is_not_its_main_problem(desk, case, officer):
    findings = case.current_version.findings
    assert any(one["measured"] == "企业自述具备" for one in findings)
    (row,) = desk.get(reverse("vetting-queue")).context["rows"]
    assert row.problem is None
    flag(case, officer)
    (row,) = desk.get(reverse("vetting-queue")).context["rows"]
    assert row.problem.text == "列为退回 1 项"


def test_an_enterprise_that_applied_through_an_association_is_not_called_idle(desk, case):
    association = make_association()
    elsewhere = make_application(state=State.SUBMITTED, channel=association)
    text = desk.get(reverse("district-enterprises")).content.decode()
    assert f"{elsewhere.round.year}年度经{association.short_name}申报" in text
    assert "未申报" not in text


def test_who_looks_into_a_case_sees_the_verdicts_and_everything_done_to_it(case, officer):
    VettingOpinion.objects.record(case.current_version, by=officer, revision=0, **PASSED)
    workflow.perform(case, "pass_vetting", by=officer)
    url = reverse("application-version", args=[case.pk, 1])
    for role in (Role.AUDITOR, Role.MUNICIPAL_HANDLER, Role.CHANNEL_HANDLER):
        page = another_desk(role).get(url)
        assert [(one["title"], one["who"]) for one in page.context["history"]] == [
            ("审核通过", officer.signature())
        ]
        assert PASSED["authenticity_note"] in page.content.decode()
    own = Client()
    own.force_login(make_member(case.enterprise), backend="accounts.backends.PortalBackend")
    page = own.get(url)
    assert (page.context["history"], page.context["opinion"]) == ([], None)
    assert PASSED["authenticity_note"] not in page.content.decode()


def test_a_case_in_a_letter_is_not_to_be_listed_again(desk, case, officer):
    passed = make_application(state=State.VETTED)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "列入推荐"}
    letter = Recommendation(
        agency=passed.channel, round=passed.round, letter_number="荣工信函〔2026〕3号", prepared_by=officer
    )
    recommending.prepare(letter, [(passed, "")], by=officer)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "待签发"}
    leader = make_officer(Role.CHANNEL_LEADER)
    workflow.perform(letter, "sign", by=leader, signer=leader)
    row = desk.get(reverse("vetting-queue")).context["rows"]
    assert {one.application.pk: one.next_step for one in row} == {case.pk: "审核", passed.pk: "待盖章报送"}


def test_ratios_are_told_as_the_conditions_judge_them(desk, officer):
    application = make_application(complete=False)
    fill_in(application, by=officer)
    latest = application.figures.get(year=application.round.latest_year)
    latest.main_revenue, latest.service_revenue = Decimal("100000.00"), Decimal("14996.00")
    latest.save()
    application.figures.filter(year=latest.year - 1).update(total_profit=Decimal("-3.00"))
    version = versions.freeze(application, by=officer)
    computed = materials.computed_of(version, application.round.measure.condition_specs())
    assert {label: values[-1] for label, values in computed} == {
        "资产负债率": "47.40%",
        "主营业务收入增长率": "643.49%",
        "服务性收入占比": "14.996%",
        "利润总额增长率": "扭亏",
        "研发费用占营业收入比重": "4.54%",
    }
