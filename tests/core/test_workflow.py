"""The door: permission, guards, events, messages and the lock, all or nothing."""

import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.roles import Role
from applications.models import Application
from core import clock, events, workflow
from core.models import Event, Notification
from core.workflow import NotPermitted, NotPossible, perform
from tests import factories
from tests.factories import JUNE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_june():
    with clock.stopped_at(JUNE):
        yield


def event_facts(subject) -> list[tuple]:
    return [(one.action, one.from_state, one.to_state, one.outcome) for one in events.about(subject)]


def test_submitting_freezes_a_version_writes_one_event_and_tells_both_sides():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    handler = factories.make_officer(Role.CHANNEL_HANDLER)

    application = perform(application, "submit", by=member)

    assert (application.state, application.receipt_number) == ("SUBMITTED", "SL-2026-0001")
    assert application.current_version.number == 1
    assert event_facts(application) == [("submit", "DRAFT", "SUBMITTED", "DONE")]
    assert {(one.recipient, one.subject) for one in Notification.objects.all()} == {
        (member, "申报书已提交，回执编号 SL-2026-0001"),
        (handler, f"{application.enterprise}的申报书待审核"),
    }


def test_a_stranger_is_refused_and_the_refusal_is_an_event():
    application = factories.make_application(complete=True)
    stranger = factories.make_member(factories.make_enterprise())

    with pytest.raises(NotPermitted, match="您没有“提交申报书”的权限。"):
        perform(application, "submit", by=stranger)

    assert Application.objects.get().state == "DRAFT"
    assert event_facts(application) == [("submit", "DRAFT", "", "REFUSED")]


def test_an_action_that_the_state_does_not_allow_says_so():
    application = factories.make_application(state="VETTED")
    member = application.enterprise.memberships.get().user

    with pytest.raises(NotPossible) as refusal:
        perform(application, "submit", by=member)

    assert refusal.value.reasons == ["当前状态为“审核通过”，不能提交申报书。请刷新页面查看最新进展。"]


def test_guards_give_their_reasons_and_nothing_changes():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    application.projects.all()[1].delete()

    with pytest.raises(NotPossible) as refusal:
        perform(application, "submit", by=member)

    assert len(refusal.value.reasons) == 1
    assert refusal.value.reasons[0].startswith("第十二条第3项 ")
    assert not events.about(application).exists()


def test_a_stale_copy_cannot_be_acted_on_twice():
    application = factories.make_application(complete=True)
    member = application.enterprise.memberships.get().user
    perform(application, "submit", by=member)

    with pytest.raises(NotPossible):
        perform(application, "submit", by=member)

    assert application.versions.count() == 1


def test_options_agree_with_the_door():
    application = factories.make_application(state="SUBMITTED")
    handler = factories.make_officer(Role.CHANNEL_HANDLER)
    stranger = factories.make_officer(Role.CHANNEL_HANDLER, factories.an_agency("371003"))

    offered = workflow.options(application, handler, "pass_vetting", "accept")
    assert offered["pass_vetting"].shown
    assert offered["pass_vetting"].reasons == (
        "第十五条要求审核真实性、合规性、有效性，尚未审核：真实性、合规性、有效性。",
    )
    assert not offered["accept"].shown
    assert not workflow.options(application, stranger, "pass_vetting")["pass_vetting"].shown


def test_a_state_assigned_directly_is_refused_by_the_model():
    application = factories.make_application()
    with pytest.raises(AttributeError, match="Direct state modification is not allowed"):
        application.state = "VETTED"


def test_a_state_written_by_update_is_refused_by_the_database():
    application = factories.make_application()
    with pytest.raises(ProgrammingError, match="only through"), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(state="VETTED")


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_a_state_written_by_sql_is_refused_by_the_database():
    factories.make_application()
    with pytest.raises(ProgrammingError, match="only through"):
        run("UPDATE applications_application SET state = 'VETTED'")


@pytest.mark.parametrize(
    "statement", ["UPDATE core_event SET note = 'x'", "DELETE FROM core_event", "TRUNCATE core_event"]
)
def test_events_can_only_be_appended(statement):
    events.record(factories.make_application(), "test", by=None)
    with pytest.raises(ProgrammingError, match=r"append-only|Cannot"):
        run(statement)


def test_an_action_without_a_permission_is_refused_to_everybody():
    application = factories.make_application()
    for role in Role:
        if role not in (Role.ENTERPRISE, Role.EXPERT):
            assert not workflow.can(factories.make_officer(role), "no_such_action", application)


@pytest.mark.django_db(transaction=True)
def test_two_officers_press_at_once_one_succeeds_and_the_other_is_told():
    application = factories.make_application(state="FORWARDED")
    officers = [factories.make_officer(Role.MUNICIPAL_HANDLER) for _ in range(2)]
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press(officer) -> None:
        try:
            with clock.stopped_at(JUNE):
                barrier.wait()
                perform(application, "send_back", by=officer)
            outcomes.append("done")
        except NotPossible as refusal:
            outcomes.append(refusal.reasons[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[officer]) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = "当前状态为“市局退回”，不能退回重新审核。请刷新页面查看最新进展。"
    assert sorted(outcomes) == ["done", told]
    assert event_facts(application) == [("send_back", "FORWARDED", "SENT_BACK", "DONE")]
    assert Event.objects.filter(action="send_back").count() == 1
