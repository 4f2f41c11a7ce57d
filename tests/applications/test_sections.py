"""Sections are drafts: saved as they are written, by several people, and nothing that was typed is lost."""

from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.db import IntegrityError
from django.test import Client

from applications.corrections import answer_digest
from applications.models import Application, CorrectionItem, Section, ServiceProject
from core import workflow
from policy.models import ServiceMode
from tests import factories
from tests.applications.scenes import june, page_of, returned, sections_url, signed_in, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


@pytest.fixture
def draft():
    return factories.make_application()


@pytest.fixture
def member(draft):
    return draft.enterprise.memberships.get().user


@pytest.fixture
def client(member):
    return signed_in(member)


def fresh(application):
    return Application.objects.get(pk=application.pk)


def save(client, application, section, **changes):
    return client.post(sections_url(application, section), page_of(application, section) | changes)


def test_figures_are_read_as_people_write_them(client, draft):
    save(client, draft, Section.FIGURES, main_revenue_2025="１２,３４５.６", total_profit_2025="(500)")
    row = draft.figures.get(year=2025)
    assert (row.main_revenue, row.total_profit) == (Decimal("12345.60"), Decimal("-500.00"))


def test_what_is_no_amount_is_kept_and_shown_again_with_its_sentence(client, draft):
    answer = save(client, draft, Section.FIGURES, taxes_2025="abc", research_2025="12")
    assert answer.url == sections_url(draft, Section.FIGURES)
    assert draft.figures.get(year=2025).research == Decimal("12.00")
    page = client.get(answer.url).content.decode()
    assert 'value="abc"' in page
    assert "2025年上缴税金“abc”不是数字。请填数字，单位万元，例如1,234.50；亏损填负数。" in page


def test_a_negative_total_is_refused_in_words(client, draft):
    save(client, draft, Section.FIGURES, total_assets_2025="-3")
    page = client.get(sections_url(draft, Section.FIGURES)).content.decode()
    assert "2025年资产总额不能为负数，请核对。" in page
    assert draft.figures.get(year=2025).total_assets is None


def test_service_revenue_above_main_revenue_is_told_beside_its_row_and_blocks(client, draft):
    save(client, draft, Section.FIGURES, main_revenue_2025="1000", service_revenue_2025="1500")
    page = client.get(sections_url(draft, Section.FIGURES)).content.decode()
    assert "2025年服务性收入1,500.00大于主营业务收入1,000.00，请核对数据和单位（万元）。" in page
    assert "需更正" in client.get(f"/applications/{draft.pk}/").content.decode()


@pytest.mark.parametrize(
    "typed", ["99999999999999", "1e5", "=HYPERLINK(1)", "1,2,3", "1234.567", "🙂", "1,234.5万"]
)
def test_no_figure_breaks_the_page(client, draft, typed):
    save(client, draft, Section.FIGURES, main_revenue_2025=typed)
    assert client.get(sections_url(draft, Section.FIGURES)).status_code == 200
    assert draft.figures.get(year=2025).main_revenue is None


def test_a_date_in_the_future_is_refused_in_words(client, draft):
    save(
        client,
        draft,
        Section.SERVICE_UNIT,
        service_unit_kind="DEPARTMENT",
        service_unit_established_on="2027-01-01",
    )
    page = client.get(sections_url(draft, Section.SERVICE_UNIT)).content.decode()
    assert "成立日期2027年1月1日还没有到，不能填将来的日期，请核对。" in page


def test_a_code_with_a_wrong_check_digit_is_explained(client, draft):
    save(
        client,
        draft,
        Section.SERVICE_UNIT,
        service_unit_kind="COMPANY",
        service_unit_credit_code="91371002ma3t 002871",
    )
    page = client.get(sections_url(draft, Section.SERVICE_UNIT)).content.decode()
    assert "校验码（最后一位“1”）与前17位不符" in page


def test_too_long_a_text_is_kept_and_its_length_is_told(client, draft):
    save(client, draft, Section.NARRATIVE, narrative_plan="长" * 3001)
    page = client.get(sections_url(draft, Section.NARRATIVE)).content.decode()
    assert "下一步计划最多 3000 字，现为 3001 字，请删减 1 字。" in page
    assert "长" * 3001 in page


def test_conduct_answers_are_stored_with_level_date_and_document(client, draft):
    save(
        client, draft, Section.BASIC,
        ACCIDENTS_answer="HAPPENED", ACCIDENTS_level="GENERAL", ACCIDENTS_occurred_on="2025-03-01",
        ACCIDENTS_document="荣应急〔2025〕3号", VIOLATIONS_answer="NONE", INVESTIGATION_answer="NONE",
    )  # fmt: skip
    found = {one.question: (one.answer, one.level, one.occurred_on) for one in draft.conduct_answers.all()}
    assert found == {
        "ACCIDENTS": ("HAPPENED", "GENERAL", date(2025, 3, 1)),
        "VIOLATIONS": ("NONE", "", None),
        "INVESTIGATION": ("NONE", "", None),
    }


def test_a_project_is_added_changed_and_removed_without_a_script(client, draft):
    page = page_of(draft, Section.PROJECTS)
    key = next(name for name in page if name.endswith("-name")).split("-")[1]
    mode = str(factories.ServiceMode.objects.first().pk)
    row = {f"row-{key}-name": "冷库托管", f"row-{key}-mode": mode, f"row-{key}-started_on": "2024-02-01"}
    client.post(sections_url(draft, Section.PROJECTS), page | row)
    client.post(sections_url(draft, Section.PROJECTS), page | row)
    assert draft.projects.get().name == "冷库托管"
    save(client, draft, Section.PROJECTS, **{f"row-{key}-name": "冷库全托管"})
    assert draft.projects.get().name == "冷库全托管"
    save(client, draft, Section.PROJECTS, remove=key)
    assert not draft.projects.exists()


def test_a_project_that_ends_before_it_begins_is_kept_and_told(client, draft):
    mode = factories.ServiceMode.objects.first()
    project = ServiceProject.objects.create(
        application=draft, name="运维", mode=mode, started_on=date(2023, 1, 1), ended_on=date(2023, 6, 1)
    )
    save(client, draft, Section.PROJECTS, **{f"row-{project.row_key}-started_on": "2024-01-01"})
    page = client.get(sections_url(draft, Section.PROJECTS)).content.decode()
    assert "结束日期早于开始日期，请核对；还在实施的不填结束日期。" in page
    assert 'value="2023-06-01"' in page


def test_an_unfinished_project_row_is_kept_as_typed(client, draft):
    page = page_of(draft, Section.PROJECTS)
    key = next(name for name in page if name.endswith("-name")).split("-")[1]
    client.post(sections_url(draft, Section.PROJECTS), page | {f"row-{key}-client": "远海渔业公司"})
    again = client.get(sections_url(draft, Section.PROJECTS)).content.decode()
    assert "远海渔业公司" in again
    assert "第 1 个项目还没有填写项目名称。" in again


def test_two_people_writing_different_parts_both_keep_their_text(draft, member):
    colleague = factories.make_member(draft.enterprise)
    mine, theirs = page_of(draft, Section.NARRATIVE), page_of(draft, Section.NARRATIVE)
    signed_in(colleague).post(
        sections_url(draft, Section.NARRATIVE), theirs | {"narrative_plan": "同事写的计划", "autosave": "1"}
    )
    signed_in(member).post(
        sections_url(draft, Section.NARRATIVE), mine | {"narrative_results": "我写的成效", "autosave": "1"}
    )
    now = fresh(draft)
    assert (now.narrative_plan, now.narrative_results) == ("同事写的计划", "我写的成效")


def test_two_people_writing_the_same_part_are_shown_both_texts(draft, member):
    colleague = factories.make_member(draft.enterprise, name="丛小海")
    mine = page_of(draft, Section.NARRATIVE)
    save(signed_in(colleague), draft, Section.NARRATIVE, narrative_plan="同事写的计划")
    posted = mine | {"narrative_plan": "我写的计划"}
    told = signed_in(member).post(sections_url(draft, Section.NARRATIVE), posted | {"autosave": "1"})
    assert told.status_code == 409
    assert told.content.decode() == (
        "丛小海 09:00 也改了“下一步计划”，您填写的还在本页，尚未保存。请点“保存”，对照两份内容后选用。"
    )
    page = signed_in(member).post(sections_url(draft, Section.NARRATIVE), posted)
    text = page.content.decode()
    assert "同事写的计划" in text
    assert "我写的计划" in text
    assert fresh(draft).narrative_plan == "同事写的计划"
    chosen = posted | {
        "revision": str(page.context["save"].revision),
        "base": page.context["draft"].base_text,
    }
    signed_in(member).post(sections_url(draft, Section.NARRATIVE), chosen)
    assert fresh(draft).narrative_plan == "我写的计划"


def test_one_person_goes_on_typing_in_one_tab_without_meeting_oneself(client, draft):
    page = page_of(draft, Section.NARRATIVE)
    first = client.post(
        sections_url(draft, Section.NARRATIVE), page | {"narrative_plan": "一", "autosave": "1"}
    )
    rests_on = {"base": first["X-Base"], "revision": first["X-Revision"]}
    second = client.post(
        sections_url(draft, Section.NARRATIVE), page | {"narrative_plan": "一二", "autosave": "1"} | rests_on
    )
    assert (first.status_code, second.status_code) == (204, 204)
    assert fresh(draft).narrative_plan == "一二"


def test_an_amount_is_typed_on_after_it_was_stored_in_its_own_form(client, draft):
    page = page_of(draft, Section.FIGURES) | {"autosave": "1"}
    first = client.post(sections_url(draft, Section.FIGURES), page | {"taxes_2025": "1344.0"})
    rests_on = {"base": first["X-Base"], "revision": first["X-Revision"]}
    second = client.post(sections_url(draft, Section.FIGURES), page | rests_on | {"taxes_2025": "1344.02"})
    assert (first.status_code, second.status_code) == (204, 204)
    assert draft.figures.get(year=2025).taxes == Decimal("1344.02")


def test_a_page_that_saved_beside_a_colleague_does_not_take_the_colleagues_text_away(draft, member):
    url = sections_url(draft, Section.NARRATIVE)
    mine, theirs = page_of(draft, Section.NARRATIVE), page_of(draft, Section.NARRATIVE)
    colleague = signed_in(factories.make_member(draft.enterprise))
    colleague.post(url, theirs | {"narrative_plan": "同事写的计划", "autosave": "1"})
    typed = mine | {"narrative_results": "我写的", "autosave": "1"}
    first = signed_in(member).post(url, typed)
    rests_on = {"base": first["X-Base"], "revision": first["X-Revision"]}
    second = signed_in(member).post(url, typed | rests_on | {"narrative_results": "我写的成效"})
    now = fresh(draft)
    assert (first.status_code, second.status_code) == (204, 204)
    assert (now.narrative_plan, now.narrative_results) == ("同事写的计划", "我写的成效")


def test_what_is_by_far_too_long_is_not_cut_but_shown_again_and_the_rest_is_saved(client, draft):
    url, pasted = sections_url(draft, Section.NARRATIVE), "长" * 100_001
    posted = page_of(draft, Section.NARRATIVE) | {"narrative_plan": pasted, "narrative_results": "成效"}
    sentence = (
        "“下一步计划”有 100,001 字，超过每处 100,000 字的上限，这一处没有保存，还在本页。请删减后再保存。"
    )
    by_script = client.post(url, posted | {"autosave": "1"})
    by_hand = client.post(url, posted | {"base": by_script["X-Base"], "revision": by_script["X-Revision"]})
    page = by_hand.content.decode()
    assert (by_script.status_code, by_script.content.decode()) == (409, sentence)
    assert by_hand.status_code == 200
    assert [str(one) for one in by_hand.context["messages"]] == [sentence]
    assert "下一步计划最多 3000 字，现为 100001 字，请删减 97001 字。" in page
    assert pasted in page
    now = fresh(draft)
    assert (now.narrative_plan, now.narrative_results) == ("", "成效")


def test_the_thirty_first_project_is_kept_as_typed_and_told(client, draft):
    mode = ServiceMode.objects.first()
    ServiceProject.objects.bulk_create(
        [
            ServiceProject(application=draft, name=f"运维{number}", mode=mode, started_on=date(2024, 1, 1))
            for number in range(30)
        ]
    )
    row = {
        "row-abcdefgh-name": "第三十一个",
        "row-abcdefgh-mode": str(mode.pk),
        "row-abcdefgh-started_on": "2024-01-01",
    }
    client.post(sections_url(draft, Section.PROJECTS), page_of(draft, Section.PROJECTS) | row)
    page = client.get(sections_url(draft, Section.PROJECTS)).content.decode()
    assert 'value="第三十一个"' in page
    assert "最多填写 30 个项目，第 31 个没有采用。请移除不重要的项目后再填。" in page
    assert draft.projects.count() == 30


def test_a_submitted_application_cannot_be_edited(client):
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    page = page_of(application, Section.NARRATIVE)
    submitted(application, by=member)
    told = signed_in(member).post(
        sections_url(application, Section.NARRATIVE), page | {"narrative_plan": "偷改", "autosave": "1"}
    )
    assert told.status_code == 409
    assert "申报书当前为“待审核”，不能修改。" in told.content.decode()
    assert fresh(application).narrative_plan == "继续扩大远程运维。"


def test_after_a_return_only_the_returned_sections_are_open():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    submitted(application, by=member)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(fresh(application), items={"NARRATIVE": "写清增长来源"}, by=officer)
    client = signed_in(member)
    refused = save(client, application, Section.BASIC, contact_name="别人")
    assert "您刚才填写的内容没有保存，列在下面供复制。" in refused.content.decode()
    assert fresh(application).contact_name == "林晓雯"
    save(client, application, Section.NARRATIVE, narrative_results="写清了")
    assert fresh(application).narrative_results == "写清了"
    assert "写清增长来源" in client.get(sections_url(application, Section.NARRATIVE)).content.decode()


def test_no_answer_to_a_returned_item_is_cut_or_dropped_unsaid():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    submitted(application, by=member)
    officer = factories.make_officer("CHANNEL_HANDLER")
    returned(fresh(application), items={"NARRATIVE": "写清增长来源"}, by=officer)
    item = CorrectionItem.objects.get()
    client, url = signed_in(member), f"/applications/{application.pk}/answers/"
    field, was = f"answer-{item.pk}", {f"was-{item.pk}": answer_digest("")}
    long = client.post(url, was | {field: "长" * 501}, follow=True)
    told = "“NARRATIVE”的补正说明最多 500 字，现为 501 字，请删减 1 字。这一处没有保存，您写的是："
    assert [str(one) for one in long.context["messages"]] == [f"{told}{'长' * 501}。"]
    by_script = client.post(url, was | {field: "长" * 501, "autosave": "1"})
    assert (by_script.status_code, by_script.content.decode()) == (409, f"{told}{'长' * 501}。")
    workflow.perform(fresh(application), "withdraw", by=member, note="改走协会")
    late = client.post(url, was | {field: "已写清"}, follow=True)
    assert [str(one) for one in late.context["messages"]] == [
        "“NARRATIVE”的补正说明现在不能再改：申报书当前为“已撤回”。这一处没有保存，您写的是：已写清。"
    ]
    assert CorrectionItem.objects.get().answer == ""


def test_a_reason_for_withdrawing_is_not_cut():
    application = factories.make_application(complete=True)
    client = signed_in(application.enterprise.memberships.get().user)
    page = client.post(f"/applications/{application.pk}/withdraw/", {"reason": "长" * 501})
    assert page.context["error"] == "撤回原因最多 500 字，现为 501 字，请删减 1 字。"
    assert "长" * 501 in page.content.decode()
    assert fresh(application).state == "DRAFT"


def test_strangers_do_not_learn_of_a_draft(draft):
    stranger = factories.make_member(factories.make_enterprise())
    for section in Section:
        assert signed_in(stranger).get(sections_url(draft, section)).status_code == 404
        assert signed_in(stranger).post(sections_url(draft, section), {"main_mode": "1"}).status_code == 404


def test_an_unknown_section_is_a_404(client, draft):
    assert client.get(f"/applications/{draft.pk}/sections/secrets/").status_code == 404


def test_what_was_posted_after_the_session_ended_is_saved_after_signing_in_again(draft, member):
    stranger = Client(headers={"accept-language": "zh-CN"})
    url = sections_url(draft, Section.NARRATIVE)
    posted = page_of(draft, Section.NARRATIVE) | {"narrative_plan": "过期时写的"}
    answer = stranger.post(url, posted)
    assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={quote(url, safe='')}")
    stranger.force_login(member, backend="accounts.backends.PortalBackend")
    assert stranger.get(url, follow=True).redirect_chain == [(url, 302)]
    assert fresh(draft).narrative_plan == "过期时写的"
    assert stranger.get(url).status_code == 200


def test_what_is_too_long_to_be_held_after_the_session_ended_is_not_said_to_be(draft):
    url = sections_url(draft, Section.NARRATIVE)
    page = Client().post(url, {"narrative_plan": "长" * 200_001}, follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "登录已过期。您刚才填写的内容超过 200,000 字，无法代为保留。请先按浏览器的“后退”复制下来，登录后再填。"
    ]


def test_a_script_is_told_plainly_that_the_session_has_ended(draft):
    answer = Client().post(sections_url(draft, Section.NARRATIVE), headers={"x-autosave": "1"})
    assert (answer.status_code, answer.content.decode()) == (401, "登录已过期。")


def test_what_comes_after_submission_is_not_saved_but_shown(client, draft, member):
    posted = page_of(draft, Section.NARRATIVE) | {"narrative_plan": "提交之后写的"}
    factories.fill_in(draft, by=member)
    submitted(fresh(draft), by=member)
    answer = client.post(sections_url(draft, Section.NARRATIVE), posted)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "不能修改" in page
    assert "您刚才填写的内容没有保存，列在下面供复制。" in page
    assert "提交之后写的" in page
    assert fresh(draft).narrative_plan != "提交之后写的"


def test_the_same_amount_written_otherwise_is_no_conflict(client, draft):
    posted = page_of(draft, Section.FIGURES)
    client.post(sections_url(draft, Section.FIGURES), posted | {"taxes_2025": "1344.02", "autosave": "1"})
    answer = client.post(
        sections_url(draft, Section.FIGURES), posted | {"taxes_2025": "1344.02", "research_2025": "5"}
    )
    assert answer.status_code == 302
    row = draft.figures.get(year=2025)
    assert (row.taxes, row.research) == (Decimal("1344.02"), Decimal("5.00"))


def test_a_project_that_would_end_before_it_began_is_told_and_kept_as_typed(client, draft):
    mode = ServiceMode.objects.first()
    project = ServiceProject.objects.create(
        application=draft, name="远洋运维", mode=mode, started_on=date(2024, 6, 1)
    )
    row = f"row-{project.row_key}"
    typed = {f"{row}-started_on": "二〇二二", f"{row}-ended_on": "2023-01-01", "autosave": "1"}
    answer = client.post(sections_url(draft, Section.PROJECTS), page_of(draft, Section.PROJECTS) | typed)
    assert answer.status_code == 204
    project.refresh_from_db()
    assert (project.started_on, project.ended_on) == (date(2024, 6, 1), None)
    rejected = draft.section_saves.get(section=Section.PROJECTS).rejected
    assert {name: (one["typed"], one["why"]) for name, one in rejected.items()} == {
        f"{row}-started_on": (["二〇二二"], "开始日期“二〇二二”不是有效日期，请按 2021-09-06 的样子填写。"),
        f"{row}-ended_on": (["2023-01-01"], "结束日期早于开始日期，请核对；还在实施的不填结束日期。"),
    }


def test_a_row_of_the_project_table_has_a_key_that_the_form_can_name(draft):
    project = ServiceProject(
        application=draft, row_key="demo1", name="远洋运维", mode=ServiceMode.objects.first()
    )
    project.started_on = date(2024, 1, 1)
    with pytest.raises(IntegrityError, match="project_row_key"):
        project.save()


def test_each_block_of_the_figures_has_its_findings_beside_it(client, draft):
    page = client.get(sections_url(draft, "figures"))
    beside = {title: [one.key for one in found] for title, _, found in page.context["grid"]}
    assert beside == {
        "规模": ["sound_organisation"],
        "收入": ["service_revenue_share", "main_revenue_growth"],
        "效益": ["profit_growth"],
        "研发": [],
    }
    assert [one.title for one in page.context["summaries"]] == ["三项指标，满足其中一项即可"]


@pytest.mark.parametrize("complete", [False, True])
def test_the_task_list_takes_twelve_queries_at_most(django_assert_max_num_queries, complete):
    draft = factories.make_application(complete=complete)
    client = signed_in(draft.enterprise.memberships.get().user)
    with django_assert_max_num_queries(12):
        assert client.get(f"/applications/{draft.pk}/").status_code == 200


def test_no_browser_cuts_off_what_is_pasted(client, draft):
    for section in (Section.BASIC, Section.SERVICE_UNIT, Section.CAPABILITY, Section.NARRATIVE):
        assert "maxlength" not in client.get(sections_url(draft, section)).content.decode()
