"""The desk in Chromium: a file vetted from the keyboard, verdicts saved as one types, a colleague who was faster."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications import presence
from applications.conditions import moment_text
from applications.models import Application, CorrectionItem, SeenMaterial, VettingOpinion
from benchmarks.chromium import a_tab, session_of
from core import clock, documents
from core.models import Document
from tests.applications.test_in_browser import expire_session, sign_in_again
from tests.browser import DESKTOP, PHONE, REFUSED, accessibility_violations, keep_screenshots
from tests.factories import make_application, make_enterprise, make_member, make_officer, make_round

pytestmark = pytest.mark.django_db(transaction=True)
State = Application.State


@pytest.fixture
def cases() -> list[Application]:
    """Two submitted cases of a round that runs now, whatever day it is."""
    now = clock.now()
    round_ = make_round(
        opens_at=now - timedelta(days=30),
        enterprise_deadline=now + timedelta(days=5),
        district_deadline=now + timedelta(days=20),
    )
    return [make_application(state=State.SUBMITTED, round=round_) for _ in range(2)]


def test_a_file_is_vetted_from_the_keyboard(page, sign_in_as, cases):
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    sign_in_as(page, officer)
    page.goto(reverse("vetting-queue"))
    assert accessibility_violations(page) == []
    keep_screenshots(page, "queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('vetting', args=[cases[0].pk])}")
    assert accessibility_violations(page) == []
    for key in ("1", "4"):
        page.keyboard.press(key)
    page.get_by_placeholder("看了哪些证照、签章和期限").fill("证照均在有效期内")
    page.locator("[data-saved=vet]", has_text="已自动保存").wait_for()
    page.get_by_text("尚未审核：有效性").wait_for()
    page.locator("h1").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("7")
    passing = page.get_by_role("button", name="审核通过")
    page.wait_for_function("() => !document.querySelector('#vetting-actions [formaction]').disabled")
    keep_screenshots(page, "vetting")
    passing.click()
    page.get_by_text("没有人打开看过（第十五条").wait_for()
    assert Application.objects.get(pk=cases[0].pk).state == State.SUBMITTED
    page.get_by_role("button", name="仍然审核通过").click()
    page.wait_for_url(f"**{reverse('vetting', args=[cases[1].pk])}")
    assert Application.objects.get(pk=cases[0].pk).state == State.VETTED
    opinion = VettingOpinion.objects.get()
    assert (opinion.authenticity, opinion.compliance, opinion.validity) == ("PASS", "PASS", "PASS")
    assert opinion.validity_note == "证照均在有效期内"


def test_an_exported_list_comes_by_itself_when_it_is_made(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER))
    page.goto(f"{reverse('vetting-queue')}?state=SUBMITTED")
    page.get_by_role("button", name="导出 XLSX").click()
    page.get_by_text("正在生成，完成后自动下载。").wait_for()
    assert accessibility_violations(page) == []
    document = Document.objects.get()
    with page.expect_download() as downloading:
        documents.make(document.pk)
    document.refresh_from_db()
    assert downloading.value.suggested_filename == document.filename
    assert page.get_by_role("link", name="下载审核列表（XLSX）").is_visible()
    assert accessibility_violations(page) == []
    keep_screenshots(page, "export-made")
    page.get_by_role("link", name="返回").click()
    page.wait_for_url(f"**{reverse('vetting-queue')}?state=SUBMITTED")


def test_five_files_are_vetted_by_keyboard_alone(page, sign_in_as, cases):
    cases += [make_application(state=State.SUBMITTED, round=cases[0].round) for _ in range(3)]
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    page.goto(reverse("vetting-queue"))

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def arrive_at(case: Application) -> None:
        page.wait_for_url(f"**{reverse('vetting', args=[case.pk])}**")
        page.wait_for_load_state()

    def judge_as(*keys: str) -> None:
        for key in keys:
            with page.expect_response(lambda answer: answer.url.endswith("/opinion/")):
                page.keyboard.press(key)

    def pass_it() -> None:
        judge_as("1", "4", "7")
        page.wait_for_function("() => !document.querySelector('#vetting-actions [formaction]').disabled")
        press("a", "Enter")
        page.get_by_role("button", name="仍然审核通过").wait_for()
        press("a", "Enter")

    press("j", "Enter")
    arrive_at(cases[0])
    press("n")
    page.wait_for_url("**show=FIGURES")
    press("p")
    page.wait_for_url("**show=BASIC")
    press("?")
    page.get_by_text("到“审核通过”，再按 Enter").wait_for()
    assert accessibility_violations(page) == []
    press("Escape")
    pass_it()

    arrive_at(cases[1])
    judge_as("1", "7", "5")
    press("Tab")
    page.keyboard.type("信用报告待补")
    press("Escape")
    press("f")
    page.keyboard.type("请附 2025 年度审计报告验证码页。")
    press("Escape", "n")  # what is typed waits while another material is looked at
    page.wait_for_url("**show=FIGURES")
    press("f", "Control+Enter")
    page.get_by_text("已将“企业基本信息”列为退回。").wait_for()
    page.wait_for_function("() => document.querySelector('a[data-key=r]')")
    press("r", "Enter")
    page.wait_for_url(f"**{reverse('vetting-return', args=[cases[1].pk])}")
    press("Control+Enter")
    page.wait_for_url(f"**{reverse('vetting-queue')}")
    press("j", "Enter")
    arrive_at(cases[2])
    judge_as("2")
    press("Control+Enter")

    for case in cases[3:]:
        arrive_at(case)
        pass_it()
    arrive_at(cases[2])  # the one that was left for later
    states = Application.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.VETTED, State.RETURNED, State.SUBMITTED, State.VETTED, State.VETTED]
    item = CorrectionItem.objects.get()
    assert (item.item, item.reason) == ("BASIC", "请附 2025 年度审计报告验证码页。")
    doubted = VettingOpinion.objects.get(version__application=cases[2])
    assert (doubted.authenticity, doubted.compliance, doubted.validity) == ("DOUBT", "", "")


def test_a_running_correction_is_given_more_time_and_the_enterprise_reads_why(
    open_browser, sign_in_as, cases
):
    open_browser.allow(("422 (Unprocessable Entity)",))
    round_ = cases[0].round
    member = make_member(enterprise := make_enterprise(), name="林晓雯")
    case = make_application(
        state=State.RETURNED,
        round=round_,
        enterprise=enterprise,
        member=member,
        correction_due=clock.now() + timedelta(days=2),
    )
    officer, other = open_browser(), open_browser(PHONE)
    sign_in_as(officer, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    sign_in_as(other, member)
    officer.goto(reverse("vetting", args=[case.pk]))
    officer.get_by_role("link", name="延长补正截止").click()
    until = clock.local(clock.now() + timedelta(days=30)).replace(second=0, microsecond=0)
    officer.get_by_label("延长至").fill(f"{until:%Y-%m-%dT%H:%M}")
    officer.get_by_label("原因").fill("审计机构说明下周才能出具报告。")
    officer.get_by_role("button", name="延长并通知企业").click()
    officer.get_by_role("heading", name="有 1 处需要更正").wait_for()
    assert accessibility_violations(officer) == []
    until -= timedelta(days=20)
    officer.get_by_label("延长至").fill(f"{until:%Y-%m-%dT%H:%M}")
    officer.get_by_role("button", name="延长并通知企业").click()
    officer.get_by_text(f"补正截止已延长至{moment_text(until)}，{enterprise}已收到通知和原因。").wait_for()
    assert Application.objects.get(pk=case.pk).correction_due == until
    other.goto(reverse("application-detail", args=[case.pk]))
    other.get_by_text("原因：审计机构说明下周才能出具报告。").wait_for()
    assert accessibility_violations(other) == []


def test_two_colleagues_in_one_file(open_browser, sign_in_as, cases):
    open_browser.allow(REFUSED)
    first, second = open_browser(), open_browser()
    sign_in_as(first, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    sign_in_as(second, make_officer(Role.CHANNEL_HANDLER, name="毕文舟"))
    url = reverse("vetting", args=[cases[0].pk])
    for one in (first, second):
        one.goto(url)
    first.get_by_placeholder("核对了什么：原件、登记信息、验证码").fill("已比对审计报告原件")
    first.locator("[data-saved=vet]", has_text="已自动保存").wait_for()
    first.get_by_text("毕文舟也开着这件").wait_for()
    second.get_by_placeholder("核对了什么：原件、登记信息、验证码").fill("登记信息不符")
    second.get_by_text("于晓岚在").wait_for()
    assert VettingOpinion.objects.get().authenticity_note == "已比对审计报告原件"
    assert second.get_by_placeholder("核对了什么：原件、登记信息、验证码").input_value() == "登记信息不符"


def test_a_press_is_not_lost_when_the_save_before_it_renews_the_buttons(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    page.goto(reverse("vetting", args=[cases[0].pk]))
    page.evaluate(
        """() => {
            const real = window.fetch
            window.fetch = async (...asked) => {
                const answer = await real(...asked)
                const bar = document.querySelector("#vetting-actions")
                bar.replaceWith(bar.cloneNode(true))
                return answer
            }
        }"""
    )
    page.get_by_placeholder("看了哪些证照、签章和期限").fill("证照均在有效期内")
    page.get_by_role("button", name="保存并看下一件").click()
    page.wait_for_url(f"**{reverse('vetting', args=[cases[1].pk])}")
    assert VettingOpinion.objects.get().validity_note == "证照均在有效期内"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_filter_is_saved_under_a_name_and_found_again(open_browser, sign_in_as, cases, size):
    page = open_browser(size)
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    page.goto(f"{reverse('vetting-queue')}?state=SUBMITTED")
    page.get_by_text("保存这组筛选").click()
    page.get_by_label("名称", exact=True).fill("待我审核")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存为常用筛选“待我审核”。").wait_for()
    assert accessibility_violations(page) == []
    page.goto(reverse("vetting-queue"))
    page.get_by_role("link", name="待我审核").click()
    page.wait_for_url("**state=SUBMITTED**")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_a_note_written_as_the_session_ended_is_back_after_signing_in_and_forgotten_once_kept(
    page, sign_in_as, cases
):
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    sign_in_as(page, officer)
    last = cases[1]  # no file to fetch ahead, whose answer would renew the session
    page.goto(reverse("vetting", args=[last.pk]))
    note = page.get_by_placeholder("告诉同事的话，例如：已电话核实，等原件")
    note.fill("已电话核实，等原件")
    expire_session(page)
    page.get_by_role("button", name="写备注").click()
    sign_in_again(page, officer)
    page.get_by_text("已填回您上次填写、还没有保存的内容。").wait_for()
    assert note.input_value() == "已电话核实，等原件"
    assert accessibility_violations(page) == []
    keep_screenshots(page, "vetting-note-back")
    page.get_by_role("button", name="写备注").click()
    page.get_by_text("备注已记下。").wait_for()
    page.reload()
    assert note.input_value() == ""
    assert [one.text for one in last.notes.all()] == ["已电话核实，等原件"]


def test_a_kept_note_can_be_dropped(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER))
    page.goto(reverse("vetting", args=[cases[0].pk]))
    note = page.get_by_placeholder("告诉同事的话，例如：已电话核实，等原件")
    note.fill("已电话核实，等原件")
    for _ in range(2):
        page.reload()
        assert note.input_value() == "已电话核实，等原件"
    page.get_by_role("button", name="不要了").click()
    assert note.input_value() == ""
    page.reload()
    assert note.input_value() == ""


def test_a_refused_form_keeps_focus_material_and_what_is_typed_and_leads_back_to_its_case(
    open_browser, sign_in_as, cases
):
    """No figure of the reason is taken for a verdict, and no address of a form is a dead end."""
    open_browser.allow(("422 (Unprocessable Entity)",))
    page = open_browser(DESKTOP)
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER))
    case = reverse("vetting", args=[cases[0].pk])
    page.goto(f"{case}?show=PROJECTS")
    page.keyboard.press("f")
    page.keyboard.press("Control+Enter")
    page.get_by_role("alert").get_by_text("请写明退回原因，企业要照此补正。").wait_for()
    page.wait_for_function("() => document.activeElement.name === 'reason'")
    assert page.locator(".rail a[aria-current]").get_attribute("href") == f"{case}?show=PROJECTS"
    assert accessibility_violations(page) == []
    page.keyboard.type("2025年度项目二缺验收单")
    assert page.locator("[name=reason]").input_value() == "2025年度项目二缺验收单"
    page.get_by_role("alert").focus()
    for key in ("1", "4", "Control+Enter"):
        page.keyboard.press(key)
    assert page.locator("#vet :checked").count() == 0
    page.goto(f"{reverse('vetting-flag', args=[cases[0].pk])}?show=FIGURES")
    page.wait_for_url(f"**{case}?show=FIGURES")
    assert page.locator("[name=reason]").input_value() == "2025年度项目二缺验收单"
    page.keyboard.press("f")
    page.keyboard.press("Control+Enter")
    page.get_by_text("列为退回。", exact=False).wait_for()
    assert [one.reason for one in CorrectionItem.objects.all()] == ["2025年度项目二缺验收单"]
    assert not VettingOpinion.objects.exists()


def seen_in(case: Application) -> list[str]:
    return list(SeenMaterial.objects.filter(version=case.current_version).values_list("material", flat=True))


def go_on_from(page, case: Application, following: Application, *, meanwhile) -> None:
    """Open a case, wait until the one that follows has been fetched ahead, and go there by its key."""
    address = reverse("vetting", args=[following.pk])
    with page.context.expect_event("requestfinished", lambda one: one.url.endswith(address)):
        page.goto(reverse("vetting", args=[case.pk]))
    meanwhile()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        page.keyboard.press("j")
    page.wait_for_url(f"**{address}")


def test_the_next_file_is_fetched_ahead_and_not_taken_for_seen(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    seen = []
    go_on_from(page, *cases, meanwhile=lambda: seen.append(seen_in(cases[1])))
    how = "performance.getEntriesByType('navigation')[0].deliveryType"
    assert page.evaluate(how) == "navigational-prefetch"
    assert (seen, seen_in(cases[1])) == ([[]], ["BASIC"])
    assert presence.come(cases[1].pk, make_officer(Role.CHANNEL_HANDLER, name="毕文舟")) == ["于晓岚"]


def test_a_file_made_ready_ahead_is_opened_only_when_it_is_shown(live_server, cases):
    """Playwright keeps Chromium from making whole pages ready, so this browser is driven without it."""
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    first, second = (f"{live_server.url}{reverse('vetting', args=[one.pk])}" for one in cases)
    colleague = make_officer(Role.CHANNEL_HANDLER, name="毕文舟")
    with a_tab(session_of(officer, live_server.url)) as tab:
        tab.go(first)
        ready = "document.readyState === 'complete' && document.prerendering && location.href"
        tab.wait_until(lambda: tab.ahead() and tab.evaluate(ready, tab.ahead()) == second)
        assert (seen_in(cases[1]), presence.come(cases[1].pk, colleague)) == ([], [])
        tab.press("j")
        tab.wait_until(lambda: tab.evaluate("location.href") == second)
        colleagues = "document.querySelector('#others').textContent.trim()"
        tab.wait_until(lambda: tab.evaluate(colleagues) == "毕文舟也开着这件")
        began = tab.evaluate("performance.getEntriesByType('navigation')[0].activationStart")
        assert (began > 0, seen_in(cases[1])) == (True, ["BASIC"])
        assert presence.come(cases[1].pk, colleague) == ["于晓岚"]


def test_what_a_colleague_wrote_after_it_was_fetched_ahead_is_shown(page, sign_in_as, cases):
    sign_in_as(page, make_officer(Role.CHANNEL_HANDLER, name="于晓岚"))
    colleague = make_officer(Role.CHANNEL_HANDLER, name="毕文舟")

    def judge() -> None:
        words = {"authenticity": "DOUBT", "authenticity_note": "登记信息不符"}
        VettingOpinion.objects.record(cases[1].current_version, by=colleague, revision=0, **words)

    go_on_from(page, *cases, meanwhile=judge)
    page.get_by_text("毕文舟").first.wait_for()
    assert page.get_by_placeholder("核对了什么：原件、登记信息、验证码").input_value() == "登记信息不符"


def test_who_has_left_the_office_does_not_keep_a_file_fetched_ahead(page, sign_in_as, open_browser, cases):
    open_browser.allow(("403 (Forbidden)", "Error Code 403", "404 (Not Found)", "Error Code 404"))
    officer = make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    sign_in_as(page, officer)
    address = reverse("vetting", args=[cases[1].pk])
    with page.context.expect_event("requestfinished", lambda one: one.url.endswith(address)):
        page.goto(reverse("vetting", args=[cases[0].pk]))
    officer.memberships.update(is_active=False)
    page.keyboard.press("j")
    page.wait_for_url(f"**{address}")
    page.wait_for_function("() => !document.querySelector('#vet')")
    assert cases[1].enterprise.name not in page.content()
