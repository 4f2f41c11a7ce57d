"""A real Celery worker on the test database."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from weihai_sm.embedded import die_with_parent

PATIENCE = 30


def wait_until(
    met: Callable[[], object], *, seconds: float = PATIENCE, what: str = "what was waited for"
) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def celery_worker_process(django_db_setup):
    from django.conf import settings

    from weihai_sm.celery import app

    app.control.purge()
    log = Path(settings.STATE_DIR) / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "weihai_sm",
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "2",
    ]
    with log.open("ab") as output:
        worker = subprocess.Popen(
            [*command, "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 (fixtures run in the main thread)
        )
    try:
        wait_until(
            lambda: " ready." in log.read_text() or worker.poll() is not None, seconds=60, what="A worker"
        )
        assert worker.poll() is None, log.read_text()
        yield worker
    finally:
        worker.terminate()
        try:
            worker.wait(10)
        except subprocess.TimeoutExpired:
            worker.kill()


@pytest.fixture
def celery_worker(transactional_db, celery_worker_process):
    """Tasks that the test sends are done by a worker process, which sees what has been committed.

    At the end of the test it is left idle, so that nothing it does reaches into the next one.
    """
    from weihai_sm.celery import app

    def idle() -> bool:
        look = app.control.inspect(timeout=2, limit=1)
        return not any((look.active() or {}).values()) and not any((look.reserved() or {}).values())

    yield celery_worker_process
    app.control.purge()
    wait_until(idle, what="An idle worker")
