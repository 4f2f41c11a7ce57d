"""The sealed chain: whole while nobody meddles, broken as soon as somebody does."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import events
from tests import factories

pytestmark = pytest.mark.django_db


def record_some(count: int) -> None:
    application = factories.make_application()
    for number in range(count):
        events.record(application, "test", by=None, note=f"第 {number} 条")


def meddle(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_seals_cover_every_event_once_and_the_command_says_the_chain_is_whole(capsys):
    record_some(3)
    first = events.seal()
    assert events.seal() is None
    record_some(2)
    second = events.seal()

    assert (first.event_count, second.event_count) == (3, 2)
    assert second.previous_digest == first.digest
    assert events.broken_seals() == []
    call_command("verify_events")
    assert capsys.readouterr().out == "封存链完整：2 个封存全部相符。\n"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE core_event SET note = '改过' WHERE id = (SELECT min(id) FROM core_event)", "摘要与记录不符"),
        ("DELETE FROM core_event WHERE id = (SELECT min(id) FROM core_event)", "应有 3 条记录，现有 2 条"),
    ],
)
def test_meddling_breaks_the_chain(statement, fault):
    record_some(3)
    seal = events.seal()
    meddle(statement)

    assert len(events.broken_seals()) == 1
    assert fault in events.broken_seals()[0]
    with pytest.raises(CommandError, match=f"封存 {seal.pk}"):
        call_command("verify_events")


def test_an_event_keeps_who_acted_for_whom_as_it_was_then():
    enterprise = factories.make_enterprise(name="荣成甲乙装备有限公司")
    member = factories.make_member(enterprise, name="林晓雯")
    event = events.record(enterprise, "test", by=member)
    assert event.actor_label == "林晓雯（荣成甲乙装备有限公司）"
