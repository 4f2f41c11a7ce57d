"""The whole path, from an empty form to a plaque on the wall and the reminder two years later.

It is walked twice by people of the right roles: over plain HTTP, and by clicks in Chromium. PostgreSQL, Redis and the
Celery worker are real; the demonstration's clock is moved as a visitor would move it.
"""

from datetime import date
from functools import partial

import pytest
from pypdf import PdfReader

from accounts.models import EfficiencyRating, Enterprise
from accounts.roles import Role
from applications.models import Application, Recommendation
from core import clock, events
from core.models import DemoMail, Document, Event, Notification
from decisions.models import Meeting, Objection, PublicNotice, Recognition
from policy.models import Criterion, ServiceMode
from review.models import Assignment, Panel
from supervision.tasks import remind_due_re_reviews
from tests import factories
from tests.background import wait_until
from tests.filling import fill_in_whole, fill_section, vet
from tests.hands import BrowserHands, HttpHands

PASSWORD = "calm-sea-by-weihai"


@pytest.fixture(params=["http", "chromium"])
def hands(request, celery_worker):
    """A function that gives a person's hands: over HTTP, or a window of Chromium of their own."""
    if request.param == "http":
        return HttpHands
    open_browser = request.getfixturevalue("open_browser")
    sign_in_as = request.getfixturevalue("sign_in_as")

    def in_browser(user=None) -> BrowserHands:
        page = open_browser()
        if user:
            sign_in_as(page, user)
        return BrowserHands(page)

    return in_browser


@pytest.fixture
def files(tmp_path):
    """A function that writes a real PDF under a name."""

    def write(name: str):
        path = tmp_path / name
        path.write_bytes(factories.a_pdf())
        return path

    return write


def move_clock(month: int, day: int, hour: int = 9, *, year: int = 2026) -> None:
    clock.move_to(clock.instant(date(year, month, day), hour))


def document_of(kind: str, subject) -> PdfReader:
    """The document once the worker has made it."""
    found = partial(Document.objects.filter(kind=kind, subject_id=subject.pk, status="READY").first)
    wait_until(found, seconds=90, what=f"The document {kind}")
    document = found()
    assert document is not None
    return PdfReader(document.file.path)


@pytest.mark.django_db(transaction=True)
def test_from_an_empty_form_to_a_plaque_and_the_reminder_two_years_later(hands, files):
    move_clock(6, 12)
    round_ = factories.make_round(panel_size=3, quota=5)
    district_handler = factories.make_officer(Role.CHANNEL_HANDLER, name="于晓岚")
    district_leader = factories.make_officer(Role.CHANNEL_LEADER, name="毕文舟")
    municipal_handler = factories.make_officer(Role.MUNICIPAL_HANDLER, name="宋知远")
    municipal_leader = factories.make_officer(Role.MUNICIPAL_LEADER, name="姜予安")
    experts = [factories.make_expert(unit=f"第{number}研究所") for number in range(1, 5)]
    for one in experts:
        one.modes.set(ServiceMode.objects.all())
    other = factories.make_application(round=round_, state="SUBMITTED")

    enterprise_hands = hands()
    application = register_and_fill_in(enterprise_hands, hands(district_handler), round_, files)
    submit(enterprise_hands, application)
    move_clock(6, 15)
    return_and_correct(hands(district_handler), enterprise_hands, application)
    move_clock(6, 17)
    recommend(hands(district_handler), hands(district_leader), [application, other], files)
    move_clock(6, 18)
    accept(hands(municipal_handler), [application, other])
    EfficiencyRating.objects.create(
        credit_code=application.enterprise.credit_code, year=2025, category="B", source="虚构名单"
    )
    move_clock(7, 28)
    review(hands, hands(municipal_handler), round_, experts)
    move_clock(8, 17)
    decide(hands(municipal_handler), round_, files)
    publicity = publicise(hands(municipal_handler), hands(municipal_leader), round_)
    move_clock(8, 18)
    object_and_dismiss(hands(), hands(municipal_handler), publicity, application)
    move_clock(8, 25)
    announce(hands(municipal_handler), hands(municipal_leader), publicity)
    award_and_verify(hands(municipal_handler), enterprise_hands, hands(), application)
    remind_in_two_years(enterprise_hands, application)

    moves = [one.action for one in events.about(application) if one.from_state != one.to_state]
    assert moves == [
        "begin",
        "submit",
        "return_for_correction",
        "submit",
        "pass_vetting",
        "forward",
        "accept",
        "start_review",
        "conclude_review",
        "propose",
        "approve",
        "publicize",
        "contest",
        "dismiss_objection",
        "recognize",
        "award",
    ]
    assert not Event.objects.filter(outcome=Event.Outcome.REFUSED).exists()
    events.seal()
    assert events.broken_seals() == []


def register_and_fill_in(enterprise, district, round_, files) -> Application:
    enterprise.go("/accounts/register/")
    for name, value in {
        "credit_code": "91371082ma3t 000179",
        "enterprise_name": "荣成澜港冷链装备有限公司",
        "legal_form": "LIMITED_LIABILITY",
        "founded_on": "2018-05-18",
        "district": str(factories.an_agency().pk),
        "industry": "3464",
        "name": "林晓雯",
        "mobile": "13100002046",
        "email": "lin@example.com",
        "login": "lin",
        "password": PASSWORD,
        "password_again": PASSWORD,
    }.items():
        enterprise.fill(name, value)
    enterprise.press("登记企业")
    company = Enterprise.objects.get(credit_code="91371082MA3T000179")

    district.go("/district/accounts/")
    district.press("确认账号", within="main")
    confirm_profile(enterprise)
    enterprise.go(f"/applications/start/{round_.pk}/")
    enterprise.press("建立申报书")
    application = Application.objects.get(enterprise=company)
    fill_in_whole(enterprise, application, files)
    return application


def confirm_profile(enterprise) -> None:
    """The year's confirmation, after what registering did not ask for."""
    enterprise.go("/enterprise/profile/")
    for name, value in {
        "legal_representative": "丛海宁",
        "address": "荣成市虚构路 1 号",
        "employees": "210",
    }.items():
        enterprise.fill(name, value)
    enterprise.press("保存企业信息")
    enterprise.press("核对并确认2026年度信息")
    enterprise.press("确认以上信息无误")


def submit(enterprise, application: Application) -> None:
    enterprise.go(f"/applications/{application.pk}/check/")
    enterprise.keep("journey-check")
    enterprise.tick("confirmed")
    enterprise.press("提交申报书")
    submitted = Application.objects.get(pk=application.pk)
    assert submitted.state == "SUBMITTED"
    enterprise.go(f"/applications/{application.pk}/receipt/")
    assert submitted.receipt_number in enterprise.text()
    enterprise.press("下载回执 PDF")
    assert submitted.receipt_number in document_of("receipt", application).pages[0].extract_text()
    enterprise.go(f"/applications/{application.pk}/")
    enterprise.press("下载申报书 PDF")
    assert len(document_of("application", application).pages) > 8


def return_and_correct(district, enterprise, application: Application) -> None:
    address = f"/vetting/{application.pk}/"
    for item, reason in (
        ("CAPABILITY", "请写明平台接入的设备数量。"),
        ("NARRATIVE", "“成效”请写明增长来自服务型制造。"),
    ):
        district.go(address)
        district.fill("item", item)
        district.fill("reason", reason)
        district.press("列为退回")
    district.go(f"{address}return/")
    district.press("退回补正（2 项）")
    enterprise.go(f"/applications/{application.pk}/")
    assert "请写明平台接入的设备数量。" in enterprise.text()
    fill_section(
        enterprise,
        f"/applications/{application.pk}/sections/capability/",
        {"digitalisation": "云运维平台接入机组 1,860 台。"},
    )
    fill_section(
        enterprise,
        f"/applications/{application.pk}/sections/narrative/",
        {"narrative_results": "服务收入带动主营业务收入增长 11.23%，增量来自运维合同。"},
    )
    request = application.correction_requests.get()
    for item in request.items.all():
        section = item.item.split(":")[0].lower()
        enterprise.go(f"/applications/{application.pk}/sections/{section}/")
        enterprise.fill(f"answer-{item.pk}", "已按要求补充。")
        enterprise.press("保存补正说明")
    enterprise.go(f"/applications/{application.pk}/check/")
    enterprise.tick("confirmed")
    enterprise.press("提交申报书")
    assert [one.number for one in application.versions.order_by("number")] == [1, 2]
    enterprise.go(f"/applications/{application.pk}/compare/")
    assert "1,860" in enterprise.text()


def recommend(district, leader, applications: list[Application], files) -> None:
    for application in applications:
        vet(district, application)
        assert Application.objects.get(pk=application.pk).state == "VETTED"
    district.go(f"/recommendations/new/?round={applications[0].round_id}")
    district.fill("letter_number", "荣工信函〔2026〕18号")
    for application in applications:
        district.tick(f"case-{application.pk}-chosen")
    district.press("保存拟稿")
    batch = Recommendation.objects.get()
    leader.go(f"/recommendations/{batch.pk}/")
    leader.press("签发推荐函")
    district.go(f"/recommendations/{batch.pk}/")
    district.press("推荐函 PDF")
    assert "荣工信函" in document_of("recommendation-letter", batch).pages[0].extract_text()
    district.go(f"/recommendations/{batch.pk}/")
    district.attach("letter", files("盖章推荐函.pdf"))
    district.press("上传扫描件")
    district.go(f"/recommendations/{batch.pk}/")
    district.press("报送市局（2 家）")
    assert Recommendation.objects.get().state == "FORWARDED"


def accept(municipal, applications: list[Application]) -> None:
    municipal.go(f"/acceptance/{Recommendation.objects.get().pk}/")
    municipal.keep("journey-acceptance")
    municipal.press("全部受理（2 家）")
    assert {one.state for one in Application.objects.all()} == {"ACCEPTED"}


def review(hands, municipal, round_, experts) -> None:
    municipal.go(f"/panels/create/?round={round_.pk}")
    municipal.fill("name", "第一组")
    municipal.fill("due_at", "2026-08-14T17:00")
    municipal.press("组建专家组")
    panel = Panel.objects.get()
    municipal.fill("witness", "局机关纪委 监督员")
    municipal.press("抽取专家.*")
    municipal.fill("member", str(panel.members.order_by("id")[0].pk))
    municipal.press("指定为组长")
    municipal.press("组成专家组")

    recused = panel.members.order_by("id")[0].expert
    first_case = panel.cases.order_by("id")[0]
    person = hands(recused.user)
    assignment = Assignment.objects.get(case=first_case, expert=recused)
    person.go(f"/review/{assignment.pk}/declaration/")
    person.keep("journey-declaration")
    person.fill("answer", "recuse")
    person.tick_value("grounds", "CONSULTING")
    person.fill("explanation", "曾为该企业提供有偿咨询。")
    person.press("提交声明")
    assert Assignment.objects.get(pk=assignment.pk).state == "RECUSED"
    municipal.go(f"/panels/{panel.pk}/")
    municipal.press("由候补递补")

    for one in Assignment.objects.filter(state=Assignment.State.AWAITING).select_related("expert__user"):
        person = hands(one.expert.user)
        person.go(f"/review/{one.pk}/declaration/")
        person.fill("answer", "none")
        person.press("提交声明")
    municipal.go(f"/panels/{panel.pk}/")
    municipal.press("开始评审（2 件）")

    points = ("14", "21", "17", "21", "13")
    for one in Assignment.objects.filter(state=Assignment.State.CLEAR).select_related("expert__user"):
        person = hands(one.expert.user)
        person.go(f"/review/{one.pk}/")
        for criterion, value in zip(Criterion.objects.order_by("position"), points, strict=True):
            person.fill(f"points_{criterion.key}", value)
            person.fill_hidden(f"reason_{criterion.key}", "材料已核对。")
        person.keep("journey-sheet")
        person.press("提交评分")
        person.press("确认提交")
        assert one.sheet.__class__.objects.get(assignment=one).state == "SUBMITTED"

    for case in panel.cases.all():
        municipal.go(f"/site-visits/{case.application_id}/")
        municipal.fill("is_needed", "no")
        municipal.fill("reason", "材料足以判断，不需要现场考察。")
        municipal.press("保存考察记录")
    municipal.go(f"/rounds/{round_.pk}/scores/")
    municipal.keep("journey-scores")
    municipal.press("结束本组评审")
    municipal.go(f"/panels/{panel.pk}/")
    municipal.fill("unsigned", "各位专家已在评审会上签署纸质意见，原件存档。")
    municipal.press("结束评审")
    scored = {(one.state, str(one.score)) for one in Application.objects.all()}
    assert scored == {("REVIEWED", "86.00")}, municipal.text()
    municipal.go(f"/rounds/{round_.pk}/ranking/")
    municipal.press("冻结排序")
    municipal.keep("journey-ranking")
    municipal.press("提出拟认定名单")
    assert {one.state for one in Application.objects.all()} == {"PROPOSED"}


def decide(municipal, round_, files) -> None:
    municipal.go("/meetings/create/")
    municipal.fill("round", str(round_.pk))
    municipal.fill("number", "2026年第14次局党组会议")
    municipal.press("建立会议记录")
    meeting = Meeting.objects.get()
    municipal.go(f"/meetings/{meeting.pk}/")
    municipal.attach("minutes", files("会议纪要.pdf"))
    municipal.press("上传纪要")
    municipal.go(f"/meetings/{meeting.pk}/")
    for name, value in {
        "held_on": "2026-08-17",
        "place": "局机关 301 会议室",
        "chaired_by": "姜予安",
        "recorded_by": "毕清和",
        "attendance": "应到 7 人，实到 6 人。",
    }.items():
        municipal.fill(name, value)
    municipal.press("全部列为通过")
    municipal.go(f"/meetings/{meeting.pk}/")
    municipal.keep("journey-meeting")
    municipal.press("核对并确认会议决定")
    municipal.press("确认会议决定")
    assert {one.state for one in Application.objects.all()} == {"APPROVED"}


def publicise(municipal, leader, round_) -> PublicNotice:
    municipal.go(f"/meetings/{Meeting.objects.get().pk}/")
    municipal.press("起草公示")
    notice = PublicNotice.objects.get(kind="PUBLICITY")
    municipal.go(f"/notice-desk/{notice.pk}/")
    municipal.fill("number", "威工信公示〔2026〕3号")
    municipal.fill("starts_on", "2026-08-18")
    municipal.press("保存草稿")
    municipal.go(f"/notice-desk/{notice.pk}/")
    municipal.press("按最新情况重新起草")
    municipal.press("送市局负责人签发")
    leader.go(f"/notice-desk/{notice.pk}/release/")
    leader.press("发布公示.*")
    notice = PublicNotice.objects.get(pk=notice.pk)
    assert (notice.state, notice.ends_on) == ("RELEASED", date(2026, 8, 24))
    municipal.go(f"/notice-desk/{notice.pk}/")
    municipal.press("公示文件")
    assert "公示" in document_of("notice", notice).pages[0].extract_text()
    return notice


def object_and_dismiss(visitor, municipal, publicity: PublicNotice, application: Application) -> None:
    visitor.go(f"/notices/{publicity.pk}/")
    assert application.enterprise.name in visitor.text()
    visitor.keep("journey-public-notice")
    visitor.go(f"/notices/{publicity.pk}/objections/{application.pk}/")
    visitor.fill("kind", "PERSON")
    visitor.fill("name", "虚构反映人")
    visitor.fill("mobile", "13100009999")
    visitor.fill("facts", "项目二的验收时间与实际不符。")
    visitor.press("提交异议")
    objection = Objection.objects.get()
    assert objection.receipt_number in visitor.text()
    municipal.go(f"/objection-desk/{objection.pk}/")
    municipal.press("受理异议")
    assert Application.objects.get(pk=application.pk).state == "CONTESTED"
    municipal.go(f"/objection-desk/{objection.pk}/")
    municipal.fill("answer", "经核对验收单原件和银行回单，验收时间属实。")
    municipal.press("保存")
    municipal.press("异议不成立")
    assert Application.objects.get(pk=application.pk).state == "PUBLICIZED"


def announce(municipal, leader, publicity: PublicNotice) -> None:
    municipal.go(f"/notice-desk/{publicity.pk}/")
    municipal.keep("journey-publicity")
    municipal.press("起草公布通知（2 家）")
    notice = PublicNotice.objects.get(kind="ANNOUNCEMENT")
    municipal.go(f"/notice-desk/{notice.pk}/")
    municipal.fill("number", "威工信发〔2026〕40号")
    municipal.press("送市局负责人签发")
    leader.go(f"/notice-desk/{notice.pk}/release/")
    leader.press("发布公布.*")
    assert {one.state for one in Application.objects.all()} == {"RECOGNIZED"}


def award_and_verify(municipal, enterprise, visitor, application: Application) -> None:
    municipal.go(f"/notice-desk/{PublicNotice.objects.get(kind='ANNOUNCEMENT').pk}/")
    municipal.press("记录所选企业授牌")
    recognition = Recognition.objects.get(application=application)
    serial = recognition.plaque.serial
    assert (recognition.state, recognition.re_review_due_on) == ("AWARDED", date(2028, 8, 25))
    visitor.go(f"/verify/{serial.lower()}/")
    visitor.keep("journey-verify")
    assert application.enterprise.name in visitor.text()
    enterprise.go("/enterprise/titles/")
    enterprise.keep("journey-titles")
    assert serial in enterprise.text()
    assert "2028年8月25日" in enterprise.text().replace(" ", "")
    enterprise.press("牌匾图样（PDF）")
    box = document_of("plaque", recognition.plaque).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (600, 400)


def remind_in_two_years(enterprise, application: Application) -> None:
    move_clock(7, 28, year=2028)
    remind_due_re_reviews.delay()
    subject = f"{application.enterprise}的复核即将到期：2028年8月25日"
    wait_until(Notification.objects.filter(subject=subject, mail_status="SENT").exists, what="The reminder")
    remind_due_re_reviews.delay()
    enterprise.go("/inbox/")
    enterprise.keep("journey-inbox")
    assert subject in enterprise.text()
    assert [mail.recipients for mail in DemoMail.objects.filter(subject=subject)] == ["lin@example.com"]
