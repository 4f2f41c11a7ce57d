"""Authority taken back or given up ends at the next request; one person, several enterprises."""

import threading

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Membership
from accounts.roles import Role
from core import clock, events, workflow
from core.models import Notification
from tests import factories

BACKEND = "accounts.backends.PortalBackend"


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(factories.JUNE):
        yield


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text_of(response) -> str:
    return response.content.decode()


def withdraw(user, membership, **data):
    return signed_in(user).post(f"/accounts/memberships/{membership.pk}/withdraw/", data, follow=True)


def membership_of(user) -> Membership:
    return Membership.objects.get(user=user)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["a colleague", "oneself", "the district", "the association"])
def test_the_next_request_of_an_open_session_is_told_that_it_is_over(who):
    association = factories.make_association()
    enterprise = factories.make_enterprise(association=association)
    gone, colleague = factories.make_member(enterprise, name="丛海宁"), factories.make_member(enterprise)
    application = factories.make_application(enterprise=enterprise, member=gone)
    by, action = {
        "a colleague": (colleague, "remove"),
        "oneself": (gone, "leave"),
        "the district": (factories.make_officer(Role.CHANNEL_LEADER), "withdraw"),
        "the association": (factories.make_officer(Role.CHANNEL_HANDLER, association), "withdraw"),
    }[who]
    session = signed_in(gone)
    section = f"/applications/{application.pk}/sections/narrative/"
    assert session.get(section).status_code == 200

    page = withdraw(by, membership_of(gone), reason="已离职")
    assert page.status_code == 200

    told = (
        f"您在{enterprise}的任职或授权已于2026年6月12日（周五）09:00结束，这次操作没有办理，什么也没有改动。"
    )
    for status, response in (
        (403, session.get(section)),
        (409, session.post(section, {"narrative_plan": "还想改", "autosave": "1"})),
        (403, session.post(section, {"narrative_plan": "还想改", "revision": "3"})),
        (403, session.get("/enterprise/")),
        (403, session.get("/enterprise/profile/people/")),
        (403, session.post("/enterprise/switch/", {"enterprise": enterprise.pk})),
    ):
        assert (response.status_code, told in text_of(response)) == (status, True)
    now = membership_of(gone)
    assert (now.state, now.is_active) == ("WITHDRAWN", False)
    note = "" if who == "oneself" else "已离职"  # who leaves is not asked why
    assert [(one.action, one.actor, one.note) for one in events.about(now)] == [(action, by, note)]
    told = set(Notification.objects.values_list("recipient", flat=True))
    assert told == {gone.pk, colleague.pk} - {by.pk}
    assert signed_in(colleague).get(section).status_code == 200


@pytest.mark.django_db
def test_the_page_says_first_what_will_happen_and_wants_a_reason():
    enterprise = factories.make_enterprise()
    gone, colleague = factories.make_member(enterprise, name="丛海宁"), factories.make_member(enterprise)
    address = f"/accounts/memberships/{membership_of(gone).pk}/withdraw/"
    page = text_of(signed_in(colleague).get(address))
    assert "丛海宁立即看不到" in page
    assert "请写明收回的原因" in text_of(signed_in(colleague).post(address, {"reason": "　"}))
    assert membership_of(gone).state == "CONFIRMED"
    assert "您立即看不到" in text_of(signed_in(gone).get(address))


@pytest.mark.django_db
def test_the_last_confirmed_person_cannot_leave_but_the_district_can_take_the_authority_back():
    enterprise = factories.make_enterprise(name="荣成鲸湾冷链装备有限公司")
    last = factories.make_member(enterprise, name="林晓雯")
    factories.make_applicant(enterprise)
    refusal = (
        "林晓雯是荣成鲸湾冷链装备有限公司唯一已确认的经办人，收回后企业就没有人可以办理。"
        "请先邀请同事并等其接受；确需现在收回的，请联系荣成市工业和信息化局。"
    )
    membership = membership_of(last)
    assert refusal in text_of(signed_in(last).get(f"/accounts/memberships/{membership.pk}/withdraw/"))
    assert refusal in text_of(withdraw(last, membership))
    assert membership_of(last).state == "CONFIRMED"
    withdraw(factories.make_officer(Role.CHANNEL_HANDLER), membership, reason="企业来函")
    assert membership_of(last).state == "WITHDRAWN"


@pytest.mark.django_db
def test_a_second_click_changes_nothing_and_strangers_find_no_page():
    enterprise = factories.make_enterprise()
    gone, colleague = factories.make_member(enterprise), factories.make_member(enterprise)
    membership = membership_of(gone)
    withdraw(colleague, membership, reason="已离职")
    assert "先前已收回，没有重复办理。" in text_of(withdraw(colleague, membership, reason="已离职"))
    assert events.about(membership).count() == 1
    stranger = factories.make_member(factories.make_enterprise())
    officer = factories.make_officer(Role.CHANNEL_HANDLER, factories.an_agency("371083"))
    for person in (stranger, officer, factories.make_officer(Role.ADMINISTRATOR)):
        assert withdraw(person, membership_of(colleague), reason="x").status_code == 404
    assert membership_of(colleague).state == "CONFIRMED"


@pytest.mark.django_db(transaction=True)
def test_two_who_remove_each_other_at_the_same_moment_do_not_leave_nobody():
    enterprise = factories.make_enterprise()
    people = [factories.make_member(enterprise) for _ in range(2)]
    pairs = [(people[0], membership_of(people[1])), (people[1], membership_of(people[0]))]
    for person in people:
        person.hats()
    start = threading.Barrier(2)
    refused = []

    def remove(by, membership) -> None:
        start.wait()
        try:
            workflow.perform(membership, "remove", by=by, note="离职")
        except workflow.NotPossible as refusal:
            refused.append(refusal.reasons)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert enterprise.memberships.confirmed().count() == 1


@pytest.mark.django_db
def test_what_is_told_of_an_enterprise_reaches_nobody_who_only_asked_to_join():
    from accounts.people import members_of_enterprise

    enterprise = factories.make_enterprise()
    member = factories.make_member(enterprise)
    factories.make_applicant(enterprise)
    assert members_of_enterprise(enterprise) == [member]


# One person, several enterprises


@pytest.fixture
def two(db):
    person = factories.make_user(name="林晓雯")
    first = factories.make_enterprise(name="荣成甲装备有限公司")
    second = factories.make_enterprise(name="荣成乙装备有限公司")
    for enterprise in (first, second):
        factories.add_member(enterprise, person)
    return person, first, second


def test_home_list_profile_and_titles_show_the_chosen_enterprise(two):
    person, first, second = two
    mine = {one: factories.make_application(enterprise=one, member=person) for one in (first, second)}
    client = signed_in(person)

    def shown() -> list[tuple[bool, bool]]:
        pages = (
            "/enterprise/",
            "/applications/",
            "/enterprise/profile/",
            "/enterprise/titles/",
            "/enterprise/profile/people/",
        )
        found = []
        for page in pages:
            main = text_of(client.get(page)).split("<main")[1]
            found.append((str(first) in main, str(second) in main))
        return found

    assert set(shown()) == {(True, False)}
    client.post("/enterprise/switch/", {"enterprise": second.pk})
    assert set(shown()) == {(False, True)}
    page = text_of(client.get("/enterprise/"))
    assert f'href="/applications/{mine[second].pk}/"' in page
    assert f'href="/applications/{mine[first].pk}/"' not in page


def test_a_page_of_the_other_enterprise_works_and_says_whose_it_is(two):
    person, first, second = two
    application = factories.make_application(enterprise=second, member=person)
    client = signed_in(person)
    for address in (
        f"/applications/{application.pk}/",
        f"/enterprise/profile/?enterprise={second.pk}",
        f"/applications/start/{application.round_id}/?enterprise={second.pk}",
        f"/enterprise/profile/people/?enterprise={second.pk}",
    ):
        page = text_of(client.get(address))
        assert "这一页是<b>荣成乙装备有限公司</b>的。现在选择办理的是荣成甲装备有限公司。" in page, address
    assert "这一页是" not in text_of(client.get("/enterprise/profile/"))


def test_one_switches_only_to_an_enterprise_one_acts_for(two):
    person, first, _ = two
    foreign = factories.make_enterprise()
    client = signed_in(person)
    for wanted in (str(foreign.pk), "", "x", "9" * 30):
        assert client.post("/enterprise/switch/", {"enterprise": wanted}).status_code == 404
        assert client.get("/enterprise/profile/", {"enterprise": foreign.pk}).status_code == 404
    assert str(first) in text_of(client.get("/enterprise/")).split("<main")[1]


def test_a_chosen_enterprise_that_was_taken_away_gives_way_to_the_next(two):
    person, first, second = two
    factories.make_member(second)
    client = signed_in(person)
    client.post("/enterprise/switch/", {"enterprise": second.pk})
    withdraw(
        factories.make_officer(Role.CHANNEL_HANDLER), person.memberships.get(enterprise=second), reason="离职"
    )
    assert str(first) in text_of(client.get("/enterprise/")).split("<main")[1]
    assert "切换企业" not in text_of(client.get("/enterprise/"))


def test_the_header_offers_a_switch_only_to_who_has_several(two):
    person, *_ = two
    assert (
        text_of(signed_in(person).get("/enterprise/")).count("切换企业</p>") == 2
    )  # header and menu of the phone
    alone = factories.make_member(factories.make_enterprise())
    assert "切换企业" not in text_of(signed_in(alone).get("/enterprise/"))
