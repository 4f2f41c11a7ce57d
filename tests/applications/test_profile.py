"""The enterprise's facts: corrected with a record, confirmed once a year, asked for before an application is submitted."""

import re
from datetime import date

import pytest

from accounts import profile
from accounts.models import Enterprise, ProfileConfirmation
from accounts.roles import Role
from applications.models import Application
from core import clock, events, workflow
from core.models import Notification
from tests import factories
from tests.applications.scenes import june, signed_in, submitted

pytestmark = pytest.mark.django_db
PAGE, CONFIRM = "/enterprise/profile/", "/enterprise/profile/confirm/"


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def enterprise():
    return factories.make_enterprise(
        name="荣成甲装备有限公司",
        legal_representative="丛海宁",
        contact_name="王海",
        contact_mobile="13800012345",
    )


@pytest.fixture
def member(enterprise):
    return factories.make_member(enterprise, name="林晓雯")


@pytest.fixture
def client(member):
    return signed_in(member)


def fresh(enterprise) -> Enterprise:
    return Enterprise.objects.get(pk=enterprise.pk)


def text_of(response) -> str:
    return response.content.decode()


def typed(enterprise, **changes) -> dict:
    """The form as the page gives it, with what somebody changes."""
    now = fresh(enterprise)
    return {
        "seen": profile.digest_of(profile.facts_of(now)),
        "name": now.name,
        "legal_form": now.legal_form,
        "founded_on": str(now.founded_on),
        "industry": str(now.industry_id),
        "district": now.district_id,
        "address": now.address,
        "production_address": now.production_address,
        "legal_representative": now.legal_representative,
        "employees": now.employees or "",
        "contact_name": now.contact_name,
        "contact_mobile": now.contact_mobile,
        "contact_email": now.contact_email,
    } | changes


def save(client, enterprise, **changes):
    return client.post(PAGE, typed(enterprise, **changes), follow=True)


def confirm(client, enterprise, **data):
    seen = profile.digest_of(profile.facts_of(fresh(enterprise)))
    return client.post(CONFIRM, {"seen": seen} | data, follow=True)


# Correcting


def test_what_changes_is_saved_and_recorded_and_what_does_not_is_not(client, enterprise, member):
    page = save(
        client, enterprise, production_address="荣成市虚构路 88 号", employees="1,210", industry="泵及真空"
    )
    assert "已保存：行业、生产经营地址、职工人数。" in text_of(page)
    now = fresh(enterprise)
    assert (now.production_address, now.employees, now.industry_id) == ("荣成市虚构路 88 号", 1210, "3441")
    (event,) = events.about(enterprise)
    assert (event.action, event.actor, event.note) == (
        "edit_profile",
        member,
        "行业：C3464 制冷、空调设备制造 → C3441 泵及真空设备制造；生产经营地址：未填写 → 荣成市虚构路 88 号；"
        "职工人数：210 → 1210",
    )
    assert "没有改动。" in text_of(save(client, enterprise))
    assert events.about(enterprise).count() == 1


def test_a_name_is_corrected_and_the_former_one_kept(client, enterprise):
    save(client, enterprise, name="荣成甲装备制造有限公司")
    now = fresh(enterprise)
    assert (now.name, now.former_names) == ("荣成甲装备制造有限公司", ["荣成甲装备有限公司"])
    assert "曾用名" in text_of(client.get(PAGE))


def test_a_holders_name_belongs_to_a_change_filing(client, enterprise):
    Enterprise.objects.update(standing="HOLDER")
    page = text_of(client.get(PAGE))
    assert "更名、重组等重大调整应在办理相关手续后30个工作日内" in page
    assert 'name="name"' not in page
    save(client, enterprise, name="荣成乙装备有限公司")
    assert fresh(enterprise).name == "荣成甲装备有限公司"


@pytest.mark.parametrize("state", ["SUBMITTED", "ACCEPTED", "PUBLICIZED"])
def test_the_facts_of_the_licence_stand_still_while_a_case_is_with_others(client, enterprise, member, state):
    factories.make_application(enterprise=enterprise, member=member, state=state)
    page = text_of(client.get(PAGE))
    assert "2026年度认定的申报已提交、正在办理，企业名称、类型、成立日期、行业和区市以提交的为准" in page
    save(
        client,
        enterprise,
        name="别的",
        founded_on="2001-01-01",
        industry="3441",
        legal_form="BRANCH",
        address="新址",
    )
    now = fresh(enterprise)
    assert (now.name, now.founded_on, now.industry_id, now.legal_form, now.address) == (
        "荣成甲装备有限公司", date(2015, 3, 2), "3464", "LIMITED_LIABILITY", "新址",
    )  # fmt: skip


def test_a_move_is_told_to_both_districts_and_waits_for_a_case_that_was_begun(client, enterprise, member):
    old = factories.make_officer(Role.CHANNEL_HANDLER)
    new = factories.make_officer(Role.CHANNEL_HANDLER, factories.an_agency("371002"))
    application = factories.make_application(enterprise=enterprise, member=member)
    page = save(client, enterprise, district=factories.an_agency("371002").pk)
    assert "2026年度认定的申报正通过荣成市工业和信息化局办理，改区市前请先提交或撤回这件申报。" in text_of(
        page
    )
    workflow.perform(application, "withdraw", by=member, note="迁址")
    save(client, enterprise, district=factories.an_agency("371002").pk)
    assert fresh(enterprise).district.code == "371002"
    moved = Notification.objects.filter(subject__contains="所在区市改为")
    assert set(moved.values_list("recipient", flat=True)) == {old.pk, new.pk}


def test_what_a_colleague_saved_meanwhile_is_shown_and_not_overwritten(client, enterprise):
    mine = typed(enterprise, employees="300")
    save(signed_in(factories.make_member(enterprise)), enterprise, employees="250")
    page = text_of(client.post(PAGE, mine))
    assert "同事已改动企业信息" in page
    assert "<dt>职工人数</dt><dd>250</dd>" in page
    assert 'value="300"' in page
    assert fresh(enterprise).employees == 250
    save(client, enterprise, employees="300")
    assert fresh(enterprise).employees == 300


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "请填写企业名称。"),
        ({"name": "长" * 101}, "企业名称最多 100 字"),
        ({"founded_on": "2199-01-01"}, "不能填将来的日期"),
        ({"founded_on": ""}, "成立日期"),
        ({"industry": "0111"}, "不在 GB/T 4754—2017 制造业（门类 C）之内"),
        ({"employees": "-3"}, "应为整数"),
        ({"contact_mobile": "12345"}, "手机号码应为11位数字，以13至19开头，请核对。"),
        ({"contact_mobile": ""}, "请填写联系手机，11 位数字。"),
        ({"contact_name": ""}, "请填写联系人姓名。"),
        ({"contact_email": "不是邮箱"}, "联系邮箱"),
        ({"district": "999999"}, "所在区市"),
    ],
)
def test_bad_input_is_named_and_everything_else_stays_typed(client, enterprise, changes, sentence):
    page = text_of(save(client, enterprise, **({"address": "荣成市新路 9 号"} | changes)))
    assert sentence in page
    assert 'value="荣成市新路 9 号"' in page
    assert fresh(enterprise).address == "荣成市虚构路 1 号"
    assert not events.about(enterprise).exists()


def test_scripts_and_formulas_are_text(client, enterprise):
    save(client, enterprise, address="<script>alert(1)</script>", legal_representative="=HYPERLINK(1)")
    page = text_of(client.get(PAGE))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# Confirming


def test_before_confirming_one_sees_what_changed_since_the_last_time(client, enterprise, member):
    with clock.stopped_at(clock.instant(date(2025, 6, 3), 10)):
        profile.confirm(enterprise, seen=profile.digest_of(profile.facts_of(enterprise)), by=member)
    save(client, enterprise, employees="236", contact_email="wang@example.com")
    page = text_of(client.get(CONFIRM))
    assert "2025年6月3日，林晓雯确认" in page
    assert re.findall('<del class="diff-removed">([^<]*)</del>', page) == ["210"]
    assert re.findall('<ins class="diff-added">([^<]*)</ins>', page) == ["236", "wang@example.com"]
    assert "企业信息已确认，下一次在明年。" in text_of(confirm(client, enterprise))
    last = ProfileConfirmation.objects.first()
    assert (last.year, last.confirmed_by, last.facts["employees"]) == (2026, member, "236")
    assert events.about(enterprise).last().note == "2026年度，与上次确认相比变化：职工人数、联系邮箱"


def test_a_second_click_confirms_once_and_a_later_change_may_be_confirmed_again(client, enterprise):
    confirm(client, enterprise)
    assert "今年先前已确认，没有重复办理。" in text_of(confirm(client, enterprise))
    assert ProfileConfirmation.objects.count() == 1
    save(client, enterprise, employees="236")
    confirm(client, enterprise)
    assert ProfileConfirmation.objects.count() == 2


def test_nobody_confirms_what_a_colleague_has_changed_since_the_page_was_opened(client, enterprise):
    seen = profile.digest_of(profile.facts_of(enterprise))
    save(client, enterprise, employees="236")
    assert "请核对现在的内容后再确认" in text_of(client.post(CONFIRM, {"seen": seen}))
    assert not ProfileConfirmation.objects.exists()


def test_gaps_are_named_before_confirming(client, enterprise):
    save(client, enterprise, employees="", legal_representative="")
    sentence = "还没有填写：法定代表人、职工人数。请补全并保存后再确认。"
    assert sentence in text_of(client.get(CONFIRM))
    assert sentence in text_of(confirm(client, enterprise))
    assert not ProfileConfirmation.objects.exists()


def test_who_is_not_confirmed_confirms_nothing():
    enterprise = factories.make_enterprise(
        legal_representative="丛海宁", contact_name="王海", contact_mobile="13800012345"
    )
    waiting = signed_in(factories.make_member(enterprise, confirmed=False))
    assert "荣成市工业和信息化局确认您的账号后，才能确认企业信息。" in text_of(waiting.get(CONFIRM))
    assert confirm(waiting, enterprise).status_code == 403
    assert not ProfileConfirmation.objects.exists()


def test_home_and_start_ask_for_it_and_a_draft_is_not_blocked(client, enterprise):
    round_ = factories.make_round()
    assert "核对并确认2026年度企业信息" in text_of(client.get("/enterprise/"))
    start = f"/applications/start/{round_.pk}/"
    assert "2026年度企业信息还没有确认" in text_of(client.get(start))
    client.post(start, {"channel": enterprise.district_id})
    assert Application.objects.get().state == "DRAFT"
    assert confirm(client, enterprise, next=start).redirect_chain == [(start, 302)]
    assert "还没有确认" not in text_of(client.get(start))
    assert "核对并确认2026年度企业信息" not in text_of(client.get("/enterprise/"))


def test_one_is_not_led_off_the_portal(client, enterprise):
    assert (
        confirm(client, enterprise, next="https://elsewhere.example/").redirect_chain[0][0].startswith(PAGE)
    )


def test_an_application_is_submitted_only_after_this_years_confirmation(enterprise, member):
    application = factories.make_application(enterprise=enterprise, member=member, complete=True)
    Enterprise.objects.update(confirmed_year=2025)
    ProfileConfirmation.objects.update(year=2025)
    with pytest.raises(workflow.NotPossible) as refusal:
        submitted(application, by=member)
    assert refusal.value.reasons == [
        "本企业的2026年度企业信息还没有确认。请到“企业信息”页核对并确认后提交，已填内容都会保留。"
    ]
    profile.confirm(enterprise, seen=profile.digest_of(profile.facts_of(enterprise)), by=member)
    assert submitted(application, by=member).state == "SUBMITTED"


def test_a_failed_address_is_shown_to_the_enterprise_and_its_district(client, enterprise, member):
    member.email = "lin@example.com"
    member.save()
    officer = signed_in(factories.make_officer(Role.CHANNEL_HANDLER))
    letter = Notification.objects.create(
        recipient=member, key="k", subject="提醒", body="内容", created_at=factories.JUNE,
        mail_status="FAILED", address="lin@example.com",
    )  # fmt: skip
    pages = [
        (client, PAGE), (client, "/enterprise/profile/people/"), (client, "/accounts/preferences/"),
        (officer, "/district/accounts/?tab=all"),
    ]  # fmt: skip
    told = ("邮件未送达", "邮件没有送达")
    for one, page in pages:
        assert any(words in text_of(one.get(page)) for words in told), page
    member.email = "new@example.com"
    member.save()
    for one, page in pages:
        assert not any(words in text_of(one.get(page)) for words in told), page
    Notification.objects.filter(pk=letter.pk).update(address="new@example.com")
    Notification.objects.create(
        recipient=member, key="later", subject="提醒", body="内容", created_at=factories.JUNE,
        mail_status="SENT", address="new@example.com",
    )  # fmt: skip
    for one, page in pages:
        assert not any(words in text_of(one.get(page)) for words in told), page
