"""An enterprise applies through an association, from its appointment to the passed case, in Chromium."""

from datetime import date

from accounts.models import Agency
from accounts.roles import Role
from applications.models import Application
from core import clock, events
from tests import factories
from tests.browser import accessibility_violations
from tests.filling import fill_in_whole, vet
from tests.hands import BrowserHands


def test_from_the_appointment_of_the_association_to_the_passed_case(
    open_browser, sign_in_as, tmp_path, transactional_db
):
    clock.move_to(factories.JUNE)
    round_ = factories.make_round(review_starts_on=date(2026, 7, 27))
    association = factories.make_association()
    Agency.objects.filter(pk=association.pk).update(industries=[], appointed_from=None)
    enterprise = factories.make_enterprise(name="荣成澜港冷链装备有限公司")
    district = enterprise.district
    member = factories.make_member(enterprise, name="林晓雯")
    factories.confirm_profile(enterprise, by=member)

    def person(user) -> BrowserHands:
        page = open_browser()
        sign_in_as(page, user)
        return BrowserHands(page)

    def looks_right(one: BrowserHands) -> bool:
        return accessibility_violations(one.browser) == []

    def file(name: str):
        path = tmp_path / name
        path.write_bytes(factories.a_pdf())
        return path

    def choose_channel(one: BrowserHands, channel: Agency, button: str) -> None:
        one.tick_value("channel", str(channel.pk))
        one.press(button)

    lin, colleague = person(member), person(factories.make_member(enterprise, name="连知夏"))
    for one in (lin, colleague):
        one.go("/enterprise/")
        one.press("开始申报")
    lin.browser.get_by_text("为什么没有其他协会").click()
    assert f"尚未指定{association}办理推荐申报（第五条）" in lin.text()

    bureau = person(factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远"))
    bureau.go("/directory-desk/associations/")
    bureau.press("指定")
    bureau.fill("appointed_from", "2026-06-01")
    bureau.fill("appointed_until", "2028-05-31")
    bureau.tick_value("industries", "34")
    bureau.fill("ground", "关于指定协会办理推荐申报的通知，威工信字〔2026〕8号。")
    bureau.press("保存指定")

    lin.go(f"/applications/start/{round_.pk}/")
    assert looks_right(lin)
    choose_channel(lin, association, "建立申报书")
    assert f"已建立申报书，渠道为{association}。" in lin.text()
    choose_channel(colleague, district, "建立申报书")  # on a page opened before
    held = f"本企业已通过{association}申报“{round_}”"
    assert held in colleague.text()
    application = Application.objects.get()

    lin.press("更换")
    assert looks_right(lin)
    choose_channel(lin, district, "更换申报渠道")
    fill_in_whole(lin, application, file)
    lin.go(f"/applications/{application.pk}/")
    lin.press("更换")
    choose_channel(lin, association, "更换申报渠道")
    assert f"已改由{association}审核、推荐。真实性承诺写给申报渠道，请重新确认。" in lin.text()
    lin.go(f"/applications/{application.pk}/sections/commitment/")
    lin.tick("commit")
    lin.press("确认承诺")
    lin.press("检查申报书|检查并提交申报书")
    lin.tick("confirmed")
    lin.press("提交申报书")
    lin.go(f"/applications/{application.pk}/")
    assert f"由{association}改为{district}" in lin.text()
    assert f"由{district}改为{association}" in lin.text()
    assert looks_right(lin)
    lin.go(f"/applications/start/{round_.pk}/")
    assert held in lin.text()

    reviewer = person(factories.make_officer(Role.CHANNEL_HANDLER, association, name="孙静禾"))
    officer = person(factories.make_officer(Role.CHANNEL_HANDLER, district, name="于晓岚"))
    officer.go("/vetting/")
    assert enterprise.name not in officer.text()
    reviewer.go("/vetting/")
    assert enterprise.name in reviewer.text()
    vet(reviewer, application)
    passed = Application.objects.get()
    assert (passed.state, passed.channel) == ("VETTED", association)
    moves = [one.note for one in events.about(passed).filter(action="move_channel")]
    assert moves == [f"由{association}改为{district}", f"由{district}改为{association}"]
