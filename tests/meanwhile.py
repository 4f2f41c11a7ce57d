"""Somebody else's act over a connection of its own, while the test's own transaction is still open."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from core import clock
from core.workflow import NotPermitted, NotPossible
from tests.background import wait_until

HELD_UP_BY_US = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
"""


class Other:
    """What the other person got: a result, or the exception that refused it."""

    result: Any = None
    refusal: NotPermitted | NotPossible | None = None

    def __init__(self, act: Callable[[], Any], at: datetime) -> None:
        self.act, self.at = act, at
        self.thread = threading.Thread(target=self._run)

    def begins(self) -> None:
        """From here on the other's act is done, or waits for a row that this transaction holds."""
        self.thread.start()
        wait_until(lambda: not self.thread.is_alive() or somebody_waits_for_us(), what="The other's act")

    def _run(self) -> None:
        try:
            with clock.stopped_at(self.at):
                self.result = self.act()
        except (NotPermitted, NotPossible) as refusal:
            self.refusal = refusal
        finally:
            connection.close()


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(HELD_UP_BY_US)
        (held_up,) = cursor.fetchone()
    return held_up


@contextmanager
def meanwhile(act: Callable[[], Any], *, at: datetime) -> Iterator[Other]:
    """Run the block in one transaction; ``begins()`` in it starts the other, who has ended when the block is left."""
    other = Other(act, at)
    try:
        with clock.stopped_at(at), transaction.atomic():
            yield other
    finally:
        other.thread.join()
