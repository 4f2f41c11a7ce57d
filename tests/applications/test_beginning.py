"""Who may begin, through which channel, and what is carried forward."""

from datetime import date
from decimal import Decimal

import pytest

from applications import beginning
from applications.models import Application, AttachmentKind, Round, Section
from core import clock
from core.models import Event
from core.workflow import NotPossible
from tests import factories
from tests.applications.scenes import june, page_of, sections_url, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with june():
        yield


def start(client, round_, channel):
    return client.post(f"/applications/start/{round_.pk}/", {"channel": channel.pk})


def text_of(response) -> str:
    return response.content.decode()


def test_an_enterprise_begins_through_its_district():
    round_, enterprise = factories.make_round(), factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise))
    answer = start(client, round_, enterprise.district)
    application = Application.objects.get()
    assert answer.url == f"/applications/{application.pk}/"
    assert (application.enterprise, application.channel, application.state) == (
        enterprise, enterprise.district, "DRAFT",
    )  # fmt: skip


def test_scenario_7_a_second_channel_is_refused_naming_the_first():
    round_, enterprise = factories.make_round(), factories.make_enterprise()
    association = factories.make_association()
    client = signed_in(factories.make_member(enterprise))
    start(client, round_, enterprise.district)
    refused = text_of(start(client, round_, association))
    assert "本企业已通过荣成市工业和信息化局申报“2026年度认定”" in refused
    assert "第十四条" in refused
    assert Application.objects.count() == 1


def test_after_a_withdrawal_another_channel_may_be_chosen():
    round_, enterprise = factories.make_round(), factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise))
    start(client, round_, enterprise.district)
    first = Application.objects.get()
    client.post(f"/applications/{first.pk}/withdraw/", {"reason": "改由行业协会推荐"})
    association = factories.make_association()
    start(client, round_, association)
    assert set(Application.objects.values_list("channel", "state")) == {
        (enterprise.district_id, "WITHDRAWN"),
        (association.pk, "DRAFT"),
    }


def test_another_district_is_no_channel():
    round_, enterprise = factories.make_round(), factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise))
    refused = text_of(start(client, round_, factories.an_agency("371002")))
    assert "请选择申报渠道：所在区市主管部门，或一家行业协会（第十四条），只能选一个。" in refused
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("fields", "kind", "sentence"),
    [
        ({"standing": "HOLDER"}, "RECOGNITION", "不需要再次申报认定；请按期参加复核（第十八条）"),
        ({}, "RE_REVIEW", "复核只面向已认定的示范企业（第十八条）"),
        ({"standing": "REVOKED", "barred_until": date(2028, 3, 1)}, "RECOGNITION", "三年内不得重新申请（第二十条），限制至2028年3月1日（含）"),
    ],
)  # fmt: skip
def test_a_round_that_is_not_for_the_enterprise_is_refused_with_its_clause(fields, kind, sentence):
    round_, enterprise = factories.make_round(kind=kind), factories.make_enterprise(**fields)
    client = signed_in(factories.make_member(enterprise))
    assert sentence in text_of(start(client, round_, enterprise.district))
    assert not Application.objects.exists()
    home = client.get("/enterprise/").context
    shown = [sentence in "".join(one["reasons"]) for one in home["offers"]]
    assert (home["tasks"], shown) == ([], [True] if "barred_until" in fields else [])


def test_the_last_day_of_a_bar_is_over_the_day_after():
    round_ = factories.make_round()
    enterprise = factories.make_enterprise(standing="REVOKED", barred_until=date(2026, 6, 11))
    client = signed_in(factories.make_member(enterprise))
    start(client, round_, enterprise.district)
    assert Application.objects.count() == 1


def test_after_the_deadline_nobody_begins():
    round_, enterprise = factories.make_round(), factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise))
    with clock.stopped_at(round_.enterprise_deadline):
        refused = text_of(start(client, round_, enterprise.district))
    assert "2026年度认定的申报已于6月30日17:00截止，可在下一批次申报。" in refused


def test_what_was_told_before_is_carried_forward_and_has_to_be_confirmed():
    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise)
    earlier = factories.make_round(
        year=2025,
        title="2025年度认定",
        latest_year=2024,
        state=Round.State.CLOSED,
        opens_at=clock.instant(date(2025, 5, 6)),
        enterprise_deadline=clock.instant(date(2025, 6, 30), 17),
        district_deadline=clock.instant(date(2025, 7, 15), 17),
    )
    factories.make_application(round=earlier, enterprise=enterprise, state="NOT_SELECTED")
    client = signed_in(member)
    start(client, factories.make_round(), enterprise.district)
    application = Application.objects.get(round__year=2026)
    assert application.contact_name == "林晓雯"
    assert dict(application.figures.values_list("year", "main_revenue")) == {
        2023: Decimal("13450.00"),
        2024: Decimal("14960.00"),
    }
    page = text_of(client.get(f"/applications/{application.pk}/"))
    assert "核对沿用自2025年度认定的内容" in page
    client.post(
        sections_url(application, Section.FIGURES),
        page_of(application, Section.FIGURES) | {"confirmed": "on"},
    )
    assert application.section_saves.get(section=Section.FIGURES).carried_from == ""


def test_the_contact_of_the_profile_goes_before_that_of_the_last_application():
    enterprise = factories.make_enterprise(contact_name="宋青禾")
    member = factories.make_member(enterprise)
    earlier = factories.make_round(year=2025, title="2025年度认定", state=Round.State.CLOSED)
    factories.make_application(round=earlier, enterprise=enterprise, state="NOT_SELECTED")
    start(signed_in(member), factories.make_round(), enterprise.district)
    application = Application.objects.get(round__year=2026)
    assert (application.contact_name, application.contact_mobile) == ("宋青禾", "13100002046")


@pytest.mark.parametrize(
    ("standing", "words"),
    [("NONE", "开始申报"), ("HOLDER", "参加复核，提交复核材料"), ("REVOKED", "开始申报")],
)
def test_the_home_offers_what_the_enterprise_may_begin(standing, words):
    rounds = {
        "RECOGNITION": factories.make_round(),
        "RE_REVIEW": factories.make_round(kind="RE_REVIEW", title="复核"),
    }
    enterprise = factories.make_enterprise(standing=standing)
    task = signed_in(factories.make_member(enterprise)).get("/enterprise/").context["tasks"]
    round_ = rounds["RE_REVIEW" if standing == "HOLDER" else "RECOGNITION"]
    url = f"/applications/start/{round_.pk}/?enterprise={enterprise.pk}"
    assert [(one["words"], one["url"], one["until"]) for one in task] == [
        (words, url, round_.enterprise_deadline)
    ]


def test_the_second_page_of_the_list_offers_no_round_that_was_begun_on_the_first():
    enterprise = factories.make_enterprise()
    client = signed_in(factories.make_member(enterprise))
    factories.make_application(enterprise=enterprise, round=factories.make_round())
    for year in range(2000, 2025):
        past = factories.make_round(year=year, title=f"{year}年度认定", state=Round.State.CLOSED)
        factories.make_application(enterprise=enterprise, round=past)
    page = client.get("/applications/?page=2")
    assert [one.application.round.year for one in page.context["cases"]] == [2000]
    assert page.context["offers"] == []


def test_the_home_names_who_asks_to_join_to_those_who_may_confirm():
    enterprise = factories.make_enterprise()
    factories.make_applicant(enterprise, name="谷承泽")
    waiting = factories.make_member(enterprise, confirmed=False)
    page = signed_in(factories.make_member(enterprise)).get("/enterprise/").content.decode()
    assert f"确认谷承泽、{waiting.name}的加入申请" in page


def test_a_re_review_is_taken_part_in(client):
    round_ = factories.make_round(kind="RE_REVIEW", title="2026年度复核")
    client = signed_in(factories.make_member(factories.make_enterprise(standing="HOLDER")))
    offers = client.get("/applications/").context["offers"]
    assert [(one["round"], one["words"]) for one in offers] == [(round_, "参加复核")]
    assert "<h1>参加2026年度复核</h1>" in client.get(f"/applications/start/{round_.pk}/").content.decode()


def move(client, application, channel):
    return client.post(f"/applications/{application.pk}/channel/", {"channel": channel}, follow=True)


def test_a_draft_moves_to_another_channel_and_its_commitment_is_given_anew():
    member = factories.make_member(factories.make_enterprise())
    application = factories.make_application(complete=True, enterprise=member.memberships.get().enterprise)
    association, client = factories.make_association(), signed_in(member)
    assert application.committed_by is not None
    signed = factories.attach(application, AttachmentKind.COMMITMENT, by=member)
    page = move(client, application, association.pk)
    told = [str(one) for one in page.context["messages"]]
    assert told == [f"已改由{association}审核、推荐。真实性承诺写给申报渠道，请重新确认。"]
    application = Application.objects.get(pk=application.pk)
    assert (application.channel, application.committed_by, application.committed_at) == (
        association,
        None,
        None,
    )
    assert list(application.attachments.exclude(removed_at=None)) == [signed]
    event = Event.objects.filter(action="move_channel").get()
    assert (event.actor, event.note) == (member, f"由荣成市工业和信息化局改为{association}")
    assert move(client, application, association.pk).redirect_chain == [
        (f"/applications/{application.pk}/", 302)
    ]
    assert Event.objects.filter(action="move_channel").count() == 1


def test_a_draft_moves_nowhere_but_to_its_district_or_an_association():
    member = factories.make_member(factories.make_enterprise())
    application = factories.make_application(complete=True, enterprise=member.memberships.get().enterprise)
    client = signed_in(member)
    for channel in ("", "x", factories.an_agency("371002").pk, factories.an_agency("371000").pk, 10**30):
        page = move(client, application, channel)
        told = [str(one) for one in page.context["messages"]]
        assert told == ["请选择申报渠道：所在区市主管部门，或一家行业协会（第十四条），只能选一个。"]
    with pytest.raises(NotPossible, match="申报渠道应为企业所在地的荣成市工业和信息化局"):
        beginning.move_channel(application, factories.an_agency("371002"), by=member)
    application = Application.objects.get(pk=application.pk)
    assert application.channel == application.enterprise.district


@pytest.mark.parametrize("state", ["SUBMITTED", "RETURNED", "WITHDRAWN"])
def test_what_was_submitted_moves_no_more(state):
    member = factories.make_member(factories.make_enterprise())
    enterprise = member.memberships.get().enterprise
    application = factories.make_application(state=state, enterprise=enterprise)
    association = factories.make_association()
    for page in (
        move(signed_in(member), application, association.pk),
        signed_in(member).get(f"/applications/{application.pk}/channel/", follow=True),
    ):
        assert "不能更换渠道（第十四条）" in str(next(iter(page.context["messages"])))
    application = Application.objects.get(pk=application.pk)
    assert application.channel == enterprise.district
    assert f"/applications/{application.pk}/channel/" not in text_of(page)
