"""Writing in a real browser: saved while typing, two windows, a phone, the keyboard, and axe on every page."""

from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from applications.documents import version_key
from applications.models import Application, Section
from core import clock, documents
from core.models import Event
from tests import factories
from tests.applications.scenes import returned, submitted
from tests.browser import (
    DESKTOP,
    NO_NETWORK,
    PHONE,
    REFUSED,
    SIGNED_OUT,
    accessibility_violations,
    keep_screenshots,
)


@pytest.fixture
def member(transactional_db):
    clock.move_to(factories.JUNE)
    enterprise = factories.make_enterprise(name="威海澜港冷链装备有限公司")
    return factories.make_member(enterprise, name="林晓雯")


@pytest.fixture
def draft(member):
    factories.make_round(review_starts_on=date(2026, 7, 27))
    return factories.make_application(enterprise=member.hats()[0].enterprise, member=member)


def section_url(application, section) -> str:
    return reverse("application-section", args=[application.pk, section.lower()])


def fresh(application):
    return Application.objects.get(pk=application.pk)


def test_figures_are_saved_and_judged_while_one_types(page, sign_in_as, draft, member):
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.FIGURES))
    page.get_by_label("2025年主营业务收入").fill("10,000")
    page.get_by_label("2025年服务性收入").fill("1499.60")
    page.locator("#computed-service_revenue_share").get_by_text("14.996%").wait_for()
    page.get_by_label("2025年服务性收入").fill("1500")
    page.locator("#computed-service_revenue_share").get_by_text("15.00%").wait_for()
    page.locator("#live").get_by_text("已满足1项").wait_for()
    row = draft.figures.get(year=2025)
    assert (str(row.main_revenue), str(row.service_revenue)) == ("10000.00", "1500.00")
    service = page.get_by_label("2025年服务性收入")
    service.fill("15000")
    page.get_by_role("cell", name="2025年服务性收入15,000.00大于主营业务收入10,000.00").wait_for()
    page.wait_for_function("() => document.activeElement.getAttribute('aria-invalid') === 'true'")
    service.fill("1500")
    page.wait_for_function("() => !document.querySelector('[aria-invalid]')")
    keep_screenshots(page, "section-figures")


def test_text_typed_in_two_windows_is_shown_side_by_side(open_browser, sign_in_as, draft, member):
    open_browser.allow(REFUSED)
    first, second = open_browser(), open_browser()
    for window in (first, second):
        sign_in_as(window, member)
        window.goto(section_url(draft, Section.NARRATIVE))
    first.get_by_label("下一步计划").fill("第一个窗口写的")
    first.get_by_text("已自动保存").wait_for()
    second.get_by_label("下一步计划").fill("第二个窗口写的")
    second.get_by_text("也改了“下一步计划”").wait_for()
    second.get_by_role("button", name="保存", exact=True).click()
    second.get_by_role("heading", name="已保存的内容").wait_for()
    assert second.get_by_label("下一步计划").input_value() == "第二个窗口写的"
    second.get_by_role("button", name="用已保存的").click()
    assert second.get_by_label("下一步计划").input_value() == "第一个窗口写的"
    keep_screenshots(second, "section-conflict")
    second.get_by_role("button", name="保存", exact=True).click()
    second.get_by_text("申报正文已保存。").wait_for()
    assert fresh(draft).narrative_plan == "第一个窗口写的"


def expire_session(page) -> None:
    page.context.clear_cookies(name="sessionid")


def sign_in_again(page, member) -> None:
    member.set_password("calm-sea-by-weihai")
    member.save()
    page.get_by_label("登录名").fill(member.login)
    page.get_by_label("密码").fill("calm-sea-by-weihai")
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_session_that_ran_out_in_mid_sentence_loses_nothing(page, open_browser, sign_in_as, draft, member):
    open_browser.allow(SIGNED_OUT)
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.NARRATIVE))
    expire_session(page)
    page.get_by_label("创新点").fill("按可用时长计费，故障由")
    page.get_by_role("link", name="重新登录").click()
    sign_in_again(page, member)
    page.get_by_text("已补存上次没有保存的内容").wait_for()
    assert page.get_by_label("创新点").input_value() == "按可用时长计费，故障由"
    assert page.evaluate("document.activeElement.id") == "id_narrative_innovation"
    page.keyboard.type("远程平台先行判断。")
    page.get_by_text("已自动保存").wait_for()
    assert fresh(draft).narrative_innovation == "按可用时长计费，故障由远程平台先行判断。"
    assert page.evaluate("localStorage.length") == 0


def test_what_was_sent_with_the_button_after_the_session_ended_is_saved_too(
    page, open_browser, sign_in_as, draft, member
):
    open_browser.allow(SIGNED_OUT)
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.NARRATIVE))
    expire_session(page)
    page.get_by_label("创新点").fill("故障由远程平台先行判断。")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("link", name="重新登录").click()
    sign_in_again(page, member)
    page.get_by_text("已补存上次没有保存的内容").wait_for()
    assert page.get_by_label("创新点").input_value() == "故障由远程平台先行判断。"
    assert fresh(draft).narrative_innovation == "故障由远程平台先行判断。"


def test_a_cut_network_keeps_the_text_here_and_sends_it_when_it_is_back(
    page, open_browser, sign_in_as, draft, member
):
    open_browser.allow(NO_NETWORK)
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.NARRATIVE))
    page.context.set_offline(True)
    page.get_by_label("成效").fill("服务收入逐年提高。")
    page.get_by_text("网络不通，尚未保存；填写的内容留在本机").wait_for()
    page.get_by_role("button", name="保存并填写下一部分").click()
    page.wait_for_function("!document.querySelector('[data-flushing]')")  # else it would leave once online
    assert page.get_by_label("成效").input_value() == "服务收入逐年提高。"
    assert fresh(draft).narrative_results != "服务收入逐年提高。"
    page.context.set_offline(False)
    page.get_by_text("已自动保存").wait_for()
    assert fresh(draft).narrative_results == "服务收入逐年提高。"
    page.context.set_offline(True)
    page.get_by_label("成效").fill("服务收入逐年提高，利润增长。")
    page.get_by_text("网络不通").wait_for()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(section_url(draft, Section.NARRATIVE))
    page.get_by_text("已补存上次没有保存的内容").wait_for()
    assert page.get_by_label("成效").input_value() == "服务收入逐年提高，利润增长。"
    assert fresh(draft).narrative_results == "服务收入逐年提高，利润增长。"


def test_text_kept_here_does_not_overwrite_a_colleagues(page, open_browser, sign_in_as, draft, member):
    open_browser.allow(NO_NETWORK + REFUSED)
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.NARRATIVE))
    page.context.set_offline(True)
    page.get_by_label("下一步计划").fill("断网时写的")
    page.get_by_text("网络不通").wait_for()
    page.goto("about:blank")
    colleague = open_browser()
    sign_in_as(colleague, factories.make_member(draft.enterprise, name="连知夏"))
    colleague.goto(section_url(draft, Section.NARRATIVE))
    colleague.get_by_label("下一步计划").fill("同事写的")
    colleague.get_by_text("已自动保存").wait_for()
    page.context.set_offline(False)
    page.goto(section_url(draft, Section.NARRATIVE))
    page.get_by_role("heading", name="已保存的内容").wait_for()
    assert page.get_by_label("下一步计划").input_value() == "断网时写的"
    assert page.get_by_text("同事写的").count() == 1
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("申报正文已保存。").wait_for()
    assert fresh(draft).narrative_plan == "断网时写的"


def test_two_windows_of_one_person_are_told_of_each_other(page, sign_in_as, draft, member):
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.NARRATIVE))
    other = page.context.new_page()
    other.goto(section_url(draft, Section.NARRATIVE))
    page.get_by_text("这一部分还在另一个窗口打开着").wait_for()
    other.get_by_text("这一部分还在另一个窗口打开着").wait_for()
    other.close(run_before_unload=True)
    page.get_by_text("这一部分还在另一个窗口打开着").wait_for(state="hidden")


def test_files_are_taken_up_as_they_are_chosen_and_looked_at_in_place(
    page, sign_in_as, draft, member, tmp_path
):
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.ATTACHMENTS))
    for name in ("营业执照（副本）.pdf", "假的.pdf"):
        (tmp_path / name).write_bytes(factories.a_pdf() if "副本" in name else b"MZ not a PDF")
    page.get_by_label("选择营业执照的文件").set_input_files(
        [tmp_path / "营业执照（副本）.pdf", tmp_path / "假的.pdf"]
    )
    page.get_by_text("营业执照已上传：营业执照（副本）.pdf。").wait_for()
    page.get_by_text("“假的.pdf”").wait_for()
    page.get_by_role("link", name="营业执照（副本）.pdf").click()
    page.get_by_role("dialog").get_by_role("heading", name="营业执照（副本）.pdf").wait_for()
    keep_screenshots(page, "attachment-preview")
    page.get_by_role("button", name="关闭").click()
    assert draft.attachments.get().name == "营业执照（副本）.pdf"


def test_a_network_cut_in_the_middle_of_an_upload_is_told(
    page, open_browser, sign_in_as, draft, member, tmp_path
):
    open_browser.allow(NO_NETWORK)
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.ATTACHMENTS))
    (tmp_path / "执照.pdf").write_bytes(factories.a_pdf())
    page.context.set_offline(True)
    page.get_by_label("选择营业执照的文件").set_input_files(tmp_path / "执照.pdf")
    page.get_by_text("网络中断，没有上传。网络恢复后请再选择一次文件。").wait_for()
    page.context.set_offline(False)
    page.get_by_label("选择营业执照的文件").set_input_files(tmp_path / "执照.pdf")
    page.get_by_text("营业执照已上传：执照.pdf。").wait_for()
    assert draft.attachments.get().name == "执照.pdf"


def test_the_figures_go_out_as_a_workbook_and_come_back(page, sign_in_as, draft, member, tmp_path):
    sign_in_as(page, member)
    page.goto(section_url(draft, Section.FIGURES))
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载 XLSX 模板").click()
    template = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(template)
    book = load_workbook(template)
    book.active["D6"], book.active["C6"], book.active["D3"] = 14960, 13450, "一万"
    filled = tmp_path / "三年指标.xlsx"
    book.save(filled)
    page.get_by_label("填好的三年指标 XLSX").set_input_files(filled)
    page.get_by_role("button", name="上传表格").click()
    page.get_by_text("已从“三年指标.xlsx”读入 2 个数，其中 2 个与原来不同；空白单元格没有改动。").wait_for()
    page.get_by_text("D3：2025年资产总额").wait_for()
    assert page.get_by_label("2025年主营业务收入（万元）").input_value() == "14,960.00"
    assert fresh(draft).figures.get(year=2024).main_revenue == 13450


def test_a_double_click_submits_once(page, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    sign_in_as(page, member)
    page.goto(reverse("application-check", args=[draft.pk]))
    page.get_by_label("我已逐项核对以上内容，并获本单位授权提交").check()
    page.get_by_role("button", name="提交申报书").dblclick()
    page.get_by_role("heading", name="提交回执").wait_for()
    page.reload()
    page.go_back()
    page.go_forward()
    assert fresh(draft).versions.count() == 1
    assert Event.objects.filter(subject_id=draft.pk, action="submit").count() == 1


def test_from_start_to_receipt_on_a_phone(open_browser, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    page = open_browser(PHONE)
    sign_in_as(page, member)
    page.goto(reverse("enterprise-home"))
    page.get_by_role("link", name="填写并提交申报书").click()
    page.get_by_role("link", name="检查并提交申报书").click()
    page.get_by_label("我已逐项核对以上内容，并获本单位授权提交").check()
    page.get_by_role("button", name="提交申报书").click()
    page.get_by_role("heading", name="提交回执").wait_for()
    keep_screenshots(page, "receipt")
    assert fresh(draft).state == "SUBMITTED"


def test_every_page_is_accessible_and_none_overflows_a_phone(page, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    sign_in_as(page, member)
    addresses = {
        "home": reverse("enterprise-home"),
        "profile": reverse("enterprise-profile"),
        "list": reverse("application-list"),
        "start": reverse("application-start", args=[draft.round_id]),
        "tasks": reverse("application-detail", args=[draft.pk]),
        "check": reverse("application-check", args=[draft.pk]),
        "withdraw": reverse("application-withdraw", args=[draft.pk]),
        **{f"section-{one.lower()}": section_url(draft, one) for one in Section},
    }
    found = _look(page, addresses)
    submitted(fresh(draft), by=member)
    found |= _look(
        page, {"track": addresses["tasks"], "receipt": reverse("application-receipt", args=[draft.pk])}
    )
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(fresh(draft), items={"NARRATIVE": "写清增长来自哪些服务"}, by=officer)
    found |= _look(
        page,
        {
            "corrections": addresses["tasks"],
            "correction-narrative": addresses["section-narrative"],
            "version": reverse("application-version", args=[draft.pk, 1]),
            "compare": reverse("application-compare", args=[draft.pk]),
        },
    )
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_the_pages_around_an_application_are_accessible_too(page, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    factories.make_applicant(draft.enterprise)
    found = _look(
        page,
        {
            "login": reverse("login"),
            "measure": reverse("measure"),
            "article": reverse("measure-article", args=[12]),
            "receipt-check": reverse("receipt-check"),
        },
    )
    sign_in_as(page, member)
    submitted(fresh(draft), by=member)
    version = fresh(draft).current_version
    book = documents.request("application", draft, by=member, key=version_key(version))
    found |= _look(
        page,
        {
            "receipt-found": reverse(
                "receipt-check-answer", args=[fresh(draft).receipt_number, version.digest[:16]]
            ),
            "home-with-requests": reverse("enterprise-home"),
            "document-in-the-making": reverse("document", args=[book.pk]),
            "inbox": reverse("inbox"),
            "preferences": reverse("preferences"),
            "own-enterprises": reverse("own-enterprises"),
            "titles-none": reverse("enterprise-titles"),
        },
    )
    other = factories.make_round(kind="RE_REVIEW", title="2026年度复核")
    again = factories.make_application(enterprise=draft.enterprise, round=other, member=member)
    found |= _look(
        page,
        {
            "channel": reverse("application-channel", args=[again.pk]),
            "tasks-empty": reverse("application-detail", args=[again.pk]),
            "check-empty": reverse("application-check", args=[again.pk]),
        },
    )
    assert {name: problems for name, problems in found.items() if problems} == {}


STOP = """() => {
    const one = document.activeElement
    if (!one || one === document.body) return null
    const shown = one.classList.contains('visually-hidden') ? one.nextElementSibling || one : one
    const box = one.getBoundingClientRect(), ring = getComputedStyle(shown)
    return {
        name: one.name || one.innerText || one.tagName,
        isDate: one.type === 'date',
        isTypedInto: !!one.closest('main form') && one.matches('input, select, textarea'),
        bottom: Math.round(box.bottom + scrollY),
        left: Math.round(box.left),
        hasRing: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
    }
}"""


def tab_stops(page) -> list[dict]:
    """Where the Tab key leads on the page, from the first stop until it leaves the page or begins anew."""
    stops: list[dict] = []
    page.evaluate("document.activeElement.blur()")
    while len(stops) < 200:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or stop in stops[:1]:
            return stops
        stops.append(stop)
    raise AssertionError(f"no end of stops on {page.url}")


def test_the_tab_key_goes_in_reading_order_and_every_stop_has_a_ring(page, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    page.goto(reverse("register"))
    walks = {"register": tab_stops(page)}
    sign_in_as(page, member)
    addresses = {
        "profile": reverse("enterprise-profile"),
        "tasks": reverse("application-detail", args=[draft.pk]),
        **{
            one.lower(): section_url(draft, one)
            for one in (Section.BASIC, Section.FIGURES, Section.SERVICE_UNIT, Section.PROJECTS)
        },
    }
    for name, address in addresses.items():
        page.goto(address)
        walks[name] = tab_stops(page)
    for name, stops in walks.items():
        # The button of a date's calendar is a stop of its own, with the browser's ring.
        assert [one["name"] for one in stops if not one["hasRing"] and not one["isDate"]] == [], name
        places = [(one["bottom"], one["left"]) for one in stops if one["isTypedInto"]]
        assert places == sorted(places), name


def _look(page, addresses: dict[str, str]) -> dict[str, list[str]]:
    """What axe and the eye would find fault with on each page, at both sizes."""
    found: dict[str, list[str]] = {}
    for name, address in addresses.items():
        page.goto(address)
        keep_screenshots(page, f"enterprise-{name}")
        found[name] = []
        for width, height in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": height})
            found[name] += [f"at {width} px: {one}" for one in accessibility_violations(page)]
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                found[name].append(f"{wide} px wide at {width} px")
    return found


def test_on_a_phone_the_parts_that_are_done_fold_away(phone_page, sign_in_as, draft, member):
    factories.fill_in(draft, by=member)
    Application.objects.filter(pk=draft.pk).update(narrative_plan="")
    sign_in_as(phone_page, member)
    phone_page.goto(reverse("application-detail", args=[draft.pk]))
    names = phone_page.locator(".task-name")
    assert [one.inner_text() for one in names.all() if one.is_visible()] == ["申报正文"]
    phone_page.get_by_text("已完成 7 个部分").click()
    assert [one.is_visible() for one in names.all()] == [True] * 8
    assert accessibility_violations(phone_page) == []
