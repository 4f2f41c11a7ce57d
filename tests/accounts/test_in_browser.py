"""Joining, inviting, switching and taking authority back in Chromium, at both sizes, with axe on every page."""

import pytest

from accounts import profile
from accounts.models import Enterprise, Membership
from accounts.roles import Role
from core import clock
from tests import factories
from tests.browser import PHONE, accessibility_violations, keep_screenshots

CODE = "91371082MA3U00017U"
PASSWORD = "calm-sea-by-weihai"


@pytest.fixture
def member(transactional_db):
    clock.move_to(factories.JUNE)
    enterprise = factories.make_enterprise(credit_code=CODE, name="荣成鲸湾冷链装备有限公司")
    return factories.make_member(enterprise, name="林晓雯", mobile="13100002046", email="lin@example.com")


def inspect(page, name: str) -> None:
    assert accessibility_violations(page) == [], name
    keep_screenshots(page, name)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, name


def fill_person(page, name: str, login: str) -> None:
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机").fill("131 0000 9999")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次密码").fill(PASSWORD)


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_a_registered_code_leads_to_a_request_that_a_colleague_confirms(
    open_browser, sign_in_as, member, size
):
    page = open_browser(size)
    page.goto("/accounts/register/")
    page.get_by_label("统一社会信用代码").fill(CODE)
    page.get_by_label("行业").press_sequentially("制冷")
    page.get_by_role("button", name="3464 制冷、空调设备制造").click()
    assert page.get_by_label("行业").input_value() == "3464 制冷、空调设备制造"
    fill_person(page, "宋青禾", "song")
    page.get_by_role("button", name="登记企业").click()
    page.get_by_text("荣成鲸湾冷链装备有限公司已经登记").wait_for()
    inspect(page, "register")
    page.get_by_role("button", name="申请加入荣成鲸湾冷链装备有限公司").click()
    page.get_by_text("该企业已确认的经办人").wait_for()
    inspect(page, "waiting")

    colleague = open_browser(size)
    sign_in_as(colleague, member)
    colleague.goto("/enterprise/profile/people/")
    inspect(colleague, "colleagues")
    colleague.get_by_role("button", name="确认账号").click()
    colleague.get_by_text("已确认宋青禾可以代表荣成鲸湾冷链装备有限公司。").wait_for()

    page.goto("/enterprise/")
    page.get_by_role("heading", name="要办的事").wait_for()


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_an_invited_person_accepts_and_later_loses_the_authority_at_once(
    open_browser, sign_in_as, member, size
):
    page = open_browser(size)
    sign_in_as(page, member)
    page.goto("/enterprise/profile/people/")
    page.get_by_label("姓名").fill("宋青禾")
    page.get_by_label("手机").fill("13100009999")
    page.get_by_role("button", name="生成邀请链接").dblclick()
    link = page.get_by_label("给宋青禾的邀请链接").input_value()
    inspect(page, "invited")

    guest = open_browser(size)
    guest.goto(link)
    inspect(guest, "invitation")
    guest.get_by_label("登录名").fill("song")
    guest.get_by_label("密码", exact=True).fill(PASSWORD)
    guest.get_by_label("再输一次密码").fill(PASSWORD)
    guest.get_by_role("button", name="建立账号并接受邀请").click()
    guest.get_by_text("您已可以代表荣成鲸湾冷链装备有限公司办理。").wait_for()

    page.reload()
    page.get_by_role("link", name="收回授权").click()
    page.get_by_text("收回授权后会发生什么").wait_for()
    inspect(page, "withdraw")
    page.get_by_label("原因").fill("已离职")
    page.get_by_role("button", name="收回授权").click()
    page.get_by_text("已收回宋青禾的授权，并已告知本人。").wait_for()

    open_browser.allow(["403 (Forbidden)"])
    assert guest.goto("/applications/").status == 403
    inspect(guest, "service-over")
    guest.goto("/home/")
    guest.get_by_text("原因：已离职").wait_for()
    assert Membership.objects.get(user__login="song").state == "WITHDRAWN"


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_one_person_switches_between_two_enterprises(open_browser, sign_in_as, member, size):
    other = factories.make_enterprise(name="荣成望岬船舶配套有限公司")
    factories.add_member(other, member)
    application = factories.make_application(enterprise=other, member=member)
    page = open_browser(size)
    sign_in_as(page, member)
    page.goto(f"/applications/{application.pk}/")
    page.get_by_text("这一页是荣成望岬船舶配套有限公司的。").wait_for()
    inspect(page, "page-of-another")
    page.locator(".menu > summary, .switch > summary").locator("visible=true").click()
    inspect(page, "switch")
    page.get_by_role("button", name="荣成望岬船舶配套有限公司", exact=True).locator("visible=true").click()
    page.get_by_text("现在办理荣成望岬船舶配套有限公司的事项。").wait_for()
    assert page.locator(".crumb-line").inner_text().endswith("荣成望岬船舶配套有限公司")


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_the_district_confirms_and_takes_back(open_browser, sign_in_as, member, size):
    factories.make_member(factories.make_enterprise(), confirmed=False, name="容一鸣")
    page = open_browser(size)
    sign_in_as(page, factories.make_officer(Role.CHANNEL_HANDLER))
    page.goto("/district/accounts/")
    inspect(page, "approvals")
    page.get_by_role("button", name="确认账号").click()
    page.get_by_text("已确认容一鸣可以代表").wait_for()
    page.get_by_role("link", name="全部经办人").click()
    page.locator("[aria-current=page]", has_text="全部经办人").wait_for()
    inspect(page, "approvals-all")
    page.get_by_role("link", name="收回授权").first.click()
    page.get_by_text("收回授权后会发生什么").wait_for()


def test_without_javascript_everything_is_a_plain_form(open_browser, member):
    page = open_browser(java_script_enabled=False)
    page.goto("/accounts/register/")
    page.get_by_label("行业").fill("水产")
    page.get_by_role("button", name="登记企业").click()
    page.get_by_text("符合“水产”的小类不止一个").first.wait_for()


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_facts_are_corrected_and_confirmed_with_what_changed(open_browser, sign_in_as, member, size):
    enterprise = Enterprise.objects.get(memberships__user=member)
    for name, value in {
        "legal_representative": "丛海宁",
        "contact_name": "林晓雯",
        "contact_mobile": "13100002046",
    }.items():
        setattr(enterprise, name, value)
    enterprise.save()
    profile.confirm(enterprise, seen=profile.digest_of(profile.facts_of(enterprise)), by=member)
    page = open_browser(size)
    sign_in_as(page, member)
    page.goto("/enterprise/profile/")
    inspect(page, "profile")
    page.get_by_label("行业").fill("泵及")
    page.get_by_role("button", name="3441 泵及真空设备制造").click()
    page.get_by_label("生产经营地址").fill("荣成市虚构路 88 号")
    page.get_by_role("button", name="保存企业信息").click()
    page.get_by_text("已保存：行业、生产经营地址。").wait_for()
    page.get_by_role("link", name="查看变化，再次确认").click()
    page.get_by_text("C3441 泵及真空设备制造").first.wait_for()
    inspect(page, "profile-confirm")
    page.get_by_role("button", name="确认以上信息无误").click()
    page.get_by_text("企业信息已确认，下一次在明年。").wait_for()


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_the_pages_of_official_lists_and_organisations_are_accessible(
    open_browser, sign_in_as, transactional_db, size
):
    clock.move_to(factories.JUNE)
    association = factories.make_association()
    colleague = factories.make_officer(Role.CHANNEL_HANDLER)
    enterprise = factories.make_enterprise()
    pages = {
        Role.CHANNEL_LEADER: (
            f"/agency/people/{colleague.memberships.get().pk}/role/",
            f"/enterprises/{enterprise.pk}/",
        ),
        Role.MUNICIPAL_HANDLER: (
            "/directory-desk/associations/",
            "/directory-desk/associations/new/",
            f"/directory-desk/associations/{association.pk}/",
            "/directory-desk/ratings/",
            "/imports/ratings/",
        ),
        Role.ADMINISTRATOR: (
            "/imports/agencies/",
            "/imports/people/",
            "/administration/agencies/new/",
            f"/administration/agencies/{association.pk}/",
        ),
    }
    for role, addresses in pages.items():
        page = open_browser(size)
        sign_in_as(page, factories.make_officer(role))
        for address in addresses:
            assert page.goto(address).status == 200
            inspect(page, f"list{address.replace('/', '-')}")


@pytest.mark.parametrize("size", [(1366, 768), PHONE])
def test_a_leader_invites_a_colleague_who_takes_over_from_one_who_leaves(
    open_browser, sign_in_as, transactional_db, size
):
    clock.move_to(factories.JUNE)
    leader = factories.make_officer(Role.CHANNEL_LEADER, name="毕文舟")
    leaver = factories.make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    case = factories.make_application(state="SUBMITTED", officer=leaver)
    old = open_browser(size)
    sign_in_as(old, leaver)
    old.goto(f"/vetting/{case.pk}/")

    page = open_browser(size)
    sign_in_as(page, leader)
    page.goto("/agency/people/")
    page.get_by_label("姓名").fill("柳青")
    page.get_by_label("手机").fill("13100009999")
    page.get_by_role("button", name="生成邀请链接").click()
    link = page.get_by_label("给柳青的邀请链接").input_value()
    inspect(page, "agency-people")
    guest = open_browser(size)
    guest.goto(link)
    inspect(guest, "invitation-to-work")
    guest.get_by_label("登录名").fill("liuqing")
    guest.get_by_label("密码", exact=True).fill(PASSWORD)
    guest.get_by_label("再输一次密码").fill(PASSWORD)
    guest.get_by_role("button", name="建立账号并接受邀请").click()
    guest.get_by_text("您已到荣成市工业和信息化局任职。").wait_for()

    page.reload()
    open_browser.allow(["422 (Unprocessable"])
    page.get_by_role("row", name="于晓岚").get_by_role("link", name="结束任职").click()
    page.get_by_label("原因").fill("调离本单位")
    page.get_by_role("button", name="结束任职").click()
    page.get_by_role("link", name="请选择全部交给谁，或者为每一项各选一位。").wait_for()
    inspect(page, "end-service")
    page.get_by_label("全部交给").select_option("柳青（经办人）")
    assert page.get_by_label("原因").input_value() == "调离本单位"
    page.get_by_role("button", name="结束任职").click()
    page.get_by_text("于晓岚的任职已结束。1 项手上的事项已移交。").wait_for()

    open_browser.allow(["409 (Conflict"])
    typed = old.get_by_placeholder("核对了什么：原件、登记信息、验证码")
    typed.fill("已比对审计报告原件")
    old.get_by_text("的任职或授权已于").first.wait_for()
    assert typed.input_value() == "已比对审计报告原件"
    guest.goto(f"/vetting/{case.pk}/")
    guest.get_by_text("由 柳青 经办").wait_for()
