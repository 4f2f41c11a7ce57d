"""Checked, submitted once, returned, corrected, compared, withdrawn: scenarios 5 to 8 as an enterprise meets them."""

import pytest

from accounts.models import Membership
from applications.completeness import section_statuses
from applications.models import Application, CorrectionItem, Section
from core import clock
from core.models import Event
from tests import factories
from tests.applications.scenes import june, page_of, returned, sections_url, signed_in, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def application():
    return factories.make_application(complete=True)


@pytest.fixture
def member(application):
    return application.enterprise.memberships.get().user


@pytest.fixture
def client(member):
    return signed_in(member)


def fresh(application):
    return Application.objects.get(pk=application.pk)


def submit(client, application, *, after=0, **data):
    return client.post(
        f"/applications/{application.pk}/submit/", {"after": after, "confirmed": "on"} | data, follow=True
    )


def text_of(response) -> str:
    return response.content.decode()


def test_a_complete_application_is_submitted_and_gets_its_receipt(client, application):
    page = text_of(submit(client, application))
    now = fresh(application)
    assert (now.state, now.receipt_number, now.current_version.number) == ("SUBMITTED", "SL-2026-0001", 1)
    assert "申报书已提交，回执如下" in page
    assert "SL-2026-0001" in page
    assert "2026年6月12日（周五）09:00" in page


def test_a_second_click_a_replay_and_a_reload_change_nothing(client, application):
    submit(client, application)
    assert "先前已提交，没有重复提交" in text_of(submit(client, application))
    assert fresh(application).versions.count() == 1
    assert Event.objects.filter(subject_id=application.pk, action="submit").count() == 1


def test_an_old_post_replayed_after_a_return_does_not_submit_the_correction(client, application):
    submit(client, application)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(fresh(application), items={"NARRATIVE": "写清"}, by=officer)
    CorrectionItem.objects.update(answer="已写清")
    submit(client, application, after=0)
    assert fresh(application).state == "RETURNED"


def test_without_the_authorisation_ticked_nothing_is_submitted(client, application):
    page = text_of(client.post(f"/applications/{application.pk}/submit/", {"after": 0}, follow=True))
    assert "请先勾选“我已逐项核对以上内容，并获本单位授权提交”" in page
    assert fresh(application).state == "DRAFT"


def test_scenario_5_one_project_cannot_be_submitted_two_can(client, application):
    second = application.projects.last()
    second.delete()
    page = text_of(submit(client, application))
    assert fresh(application).state == "DRAFT"
    assert "第十二条第3项" in page
    assert "还差1个。请补充近三年内实施的项目及其合同、验收等证明材料。" in page


def test_a_project_without_evidence_does_not_count(client, application):
    application.attachments.filter(kind="PROJECT_EVIDENCE").update(project=application.projects.first())
    page = text_of(client.get(f"/applications/{application.pk}/check/"))
    assert "“水产冷库全生命周期托管”缺证明材料" in page
    assert "还不能提交" in page


def test_what_blocks_is_listed_in_words_before_one_tries(client):
    draft = factories.make_application(enterprise=factories.make_enterprise())
    member = draft.enterprise.memberships.get().user
    page = text_of(signed_in(member).get(f"/applications/{draft.pk}/check/"))
    assert (
        "个部分未完成：企业基本信息、三年指标、服务部门或服务公司、服务型制造项目、申报正文、附件、封面与真实性承诺。"
        in page
    )
    assert "缺少必备材料：营业执照、审计报告（至少两年）还差 2 份" in page


def test_missing_copies_of_the_commitment_are_told_where_they_are_uploaded():
    draft = factories.make_application()
    draft.round.attachment_requirements.create(kind="COMMITMENT", minimum=2)
    missing = {one.section: one.missing for one in section_statuses(draft)}
    assert missing[Section.COMMITMENT] == ("确认真实性承诺", "上传真实性承诺（签字盖章）还差 2 份")
    assert missing[Section.ATTACHMENTS] == (
        "营业执照",
        "审计报告（至少两年）还差 2 份",
        "服务性收入专项审计或说明",
        "公共信用报告",
        "服务部门或服务公司设立文件",
        "项目合同或验收材料还差 2 份",
    )


def test_at_the_deadline_sharp_the_draft_is_kept_and_the_channel_is_named(client, application):
    with clock.stopped_at(application.round.enterprise_deadline):
        page = text_of(submit(client, application))
    assert "申报截止时间为6月30日17:00，已过。草稿已保留。如需补报请联系荣成市工业和信息化局。" in page
    assert fresh(application).state == "DRAFT"


def test_an_unconfirmed_account_may_write_but_not_submit(client, application):
    Membership.objects.filter(enterprise=application.enterprise).delete()
    member = factories.make_member(application.enterprise, confirmed=False)
    page = text_of(submit(signed_in(member), application))
    assert "企业账号待荣成市工业和信息化局确认，确认后即可提交，已填内容都会保留。" in page
    assert fresh(application).state == "DRAFT"


def test_scenario_8_return_correct_resubmit_compare(client, application, member):
    submit(client, application)
    officer = factories.make_officer("CHANNEL_HANDLER", name="于海峰")
    returned(
        fresh(application),
        items={"NARRATIVE": "写清增长来自哪些服务", "ATTACHMENTS:CREDIT_REPORT": "换成带验证码的 PDF"},
        by=officer,
    )
    page = text_of(client.get(f"/applications/{application.pk}/"))
    assert "只改退回的 2 项，其余内容原样保留，不能修改" in page
    assert "写清增长来自哪些服务" in page
    assert "于海峰" not in page
    client.post(
        sections_url(application, Section.NARRATIVE),
        page_of(application, Section.NARRATIVE)
        | {"narrative_results": "服务收入逐年提高，新增来自运维服务。"},
    )
    assert "请逐项写明补正情况" in text_of(submit(client, application, after=1))
    items = list(CorrectionItem.objects.order_by("pk"))
    empty = {f"was-{one.pk}": "e3b0c44298" for one in items}
    client.post(
        f"/applications/{application.pk}/answers/", {f"answer-{one.pk}": "已补正" for one in items} | empty
    )
    submit(client, application, after=1)
    now = fresh(application)
    assert (now.state, now.current_version.number) == ("SUBMITTED", 2)
    first, second = now.versions.order_by("number")
    assert first.snapshot["basic"] == second.snapshot["basic"]
    assert first.snapshot["figures"] == second.snapshot["figures"]
    assert "带动主营业务收入增长。" in text_of(client.get(f"/applications/{application.pk}/versions/1/"))
    compared = client.get(f"/applications/{application.pk}/compare/")
    (part,) = compared.context["parts"]
    (change,) = part.changes
    assert (part.section, change.label) == (Section.NARRATIVE, "成效")
    assert change.old == [("服务收入逐年提高，", False), ("带动主营业务收入增长。", True)]
    assert change.new == [("服务收入逐年提高，", False), ("新增来自运维服务。", True)]


def test_an_answer_that_a_colleague_changed_is_not_overwritten(client, application):
    submit(client, application)
    returned(fresh(application), items={"NARRATIVE": "写清"}, by=factories.make_officer("CHANNEL_HANDLER"))
    item = CorrectionItem.objects.get()
    CorrectionItem.objects.update(answer="同事写的")
    answer = client.post(
        f"/applications/{application.pk}/answers/",
        {f"answer-{item.pk}": "我写的", f"was-{item.pk}": "e3b0c44298"},
        follow=True,
    )
    assert "的补正说明同事已改为：同事写的。您写的是：我写的。没有覆盖，请商定后再填写。" in text_of(answer)
    item.refresh_from_db()
    assert item.answer == "同事写的"


def test_withdrawing_needs_a_reason_and_happens_once(client, application):
    submit(client, application)
    url = f"/applications/{application.pk}/withdraw/"
    assert "请写明撤回原因，至少 4 个字，审核单位会看到。" in text_of(client.post(url, {"reason": "无"}))
    client.post(url, {"reason": "本年度不再申报"})
    client.post(url, {"reason": "本年度不再申报"})
    assert fresh(application).state == "WITHDRAWN"
    assert Event.objects.get(action="withdraw").note == "本年度不再申报"


def test_the_timeline_tells_what_happened_without_internal_names_and_notes(client, application):
    from core import events

    submit(client, application)
    officer = factories.make_officer("CHANNEL_HANDLER", name="于海峰")
    events.record(fresh(application), "save_opinion", by=officer, label="保存审核意见", note="内部：存疑")
    returned(fresh(application), items={"NARRATIVE": "写清"}, by=officer)
    client.post(f"/applications/{application.pk}/withdraw/", {"reason": "本年度不再申报"})
    page = client.get(f"/applications/{application.pk}/")
    told = [(one.title, one.who, one.note) for one in page.context["events"]]
    assert told == [
        ("撤回申报", "本企业", "本年度不再申报"),
        ("退回补正", "荣成市工业和信息化局", ""),
        ("提交申报书", "本企业", ""),
    ]
    assert "于海峰" not in text_of(page)
    assert "存疑" not in text_of(page)


def test_a_stranger_can_do_nothing_with_a_case(application):
    stranger = signed_in(factories.make_member(factories.make_enterprise()))
    pk = application.pk
    posts = [f"/applications/{pk}/{one}/" for one in ("submit", "withdraw", "answers", "pdf", "attachments")]
    gets = [f"/applications/{pk}/{one}" for one in ("", "check/", "receipt/", "withdraw/", "compare/")]
    assert {stranger.post(url, {"reason": "捣乱捣乱"}).status_code for url in posts} == {404}
    assert {stranger.get(url).status_code for url in gets} == {404}
    assert fresh(application).state == "DRAFT"


def test_the_district_reads_versions_but_has_no_part_in_the_writing(client, application, member):
    submitted(application, by=member)
    officer = signed_in(factories.make_officer("CHANNEL_HANDLER"))
    assert officer.get(f"/applications/{application.pk}/versions/1/").status_code == 200
    assert officer.get(f"/applications/{application.pk}/").status_code == 404


def test_saving_a_section_stays_lean(client, application, django_assert_max_num_queries):
    page = page_of(application, Section.NARRATIVE) | {"narrative_plan": "改", "autosave": "1"}
    with django_assert_max_num_queries(14):
        assert client.post(sections_url(application, Section.NARRATIVE), page).status_code == 204


def test_the_check_leads_to_what_is_missing(client, application):
    application.attachments.all().delete()
    page = text_of(client.get(f"/applications/{application.pk}/check/"))
    assert "填写附件</a>" in page
    type(application.enterprise).objects.update(confirmed_year=None)
    page = text_of(client.get(f"/applications/{application.pk}/check/"))
    assert f"核对并确认{clock.today().year}年度企业信息</a>" in page


def test_a_returned_case_shows_what_is_left_to_correct(client, application):
    submit(client, application)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(fresh(application), items={"NARRATIVE": "写清", "FIGURES": "核对"}, by=officer)
    CorrectionItem.objects.filter(item="FIGURES").update(answer="已核对")
    context = client.get(f"/applications/{application.pk}/").context
    assert [one["badge"][0] for one in context["tasks"]] == [
        "已锁定",
        "已完成",
        "已锁定",
        "已锁定",
        "已锁定",
        "待补正",
        "已锁定",
        "已锁定",
    ]
    assert [one.label for one in context["case"].steps][:2] == ["补正", "区市审核"]
    told = "改好退回的项目后，写明补正说明。"
    assert told in text_of(client.get(sections_url(application, Section.NARRATIVE)))
    assert told not in text_of(client.get(sections_url(application, Section.FIGURES)))
