"""Every run brings its own PostgreSQL and Valkey, so that several runs can go on at once and nothing is left behind.

The database starts with the fixtures of the project loaded. Tests with `transactional_db` (and so `live_server`) find it
in the same state: it is put back after each of them, triggers asleep, because a flush would be refused by the events' trigger
and would lose the fixtures.
"""

import os
from pathlib import Path

import django.conf
import pytest
from hypothesis import HealthCheck, settings

from tests.pristine import clone, make_data_folder, restore
from weihai_sm.embedded import Postgres, PrivateFolder, Valkey

pytest_plugins = ["tests.browser", "tests.background"]

# The same examples each time, so that what has passed here passes elsewhere; HYPOTHESIS_PROFILE=searching looks for new ones.
# Machines that run many things at once are slow now and then; a slow example is no wrong one.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("portal", settings.get_profile("searching"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "portal"))

SERVERS = pytest.StashKey[list[Postgres | Valkey]]()
FOLDER = pytest.StashKey[PrivateFolder]()

LONGEST = (
    "tests/demo/",
    "tests/test_journey.py",
    "tests/test_hostile_addresses.py",
    "tests/test_query_counts.py",
    "tests/applications/test_association_in_browser.py",
    "tests/decisions/test_browser.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests come first, whatever the shuffled order of the others, so that no process ends alone with one."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts PostgreSQL; whoever runs tests, controller or worker, has a Valkey and a state folder of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    config.stash[SERVERS] = servers = []
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        if django.conf.settings.configured:
            pytest.exit("The tests choose their own settings: unset DJANGO_SETTINGS_MODULE.")
        folder = config.stash[FOLDER] = PrivateFolder("weihai-sm-test-")
        os.environ["TEST_FOLDER"] = str(folder.path)
        log = folder.path / "postgres.log"
        postgres = Postgres(folder.path / "postgres", folder.path, log, disposable=True)
        make_data_folder(postgres.data)
        postgres.start()
        servers.append(postgres)
        os.environ["DATABASE_SERVER"] = postgres.url.rpartition("/")[0]
    own = Path(os.environ["TEST_FOLDER"]) / (worker or "main")
    (own / "staticfiles").mkdir(parents=True)
    valkey = Valkey(own / "valkey.sock", own / "valkey.log")
    valkey.start()
    servers.append(valkey)
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in reversed(config.stash.get(SERVERS, [])):
        server.stop()
    if folder := config.stash.get(FOLDER, None):
        folder.remove()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Instead of pytest-django's: a copy of the pristine database, to which transactional tests return."""
    from django.db import connection
    from django.test import TransactionTestCase

    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: restore()
    with django_db_blocker.unblock():
        clone()
        yield
        connection.close()
    TransactionTestCase._fixture_teardown = original


@pytest.fixture(autouse=True)
def empty_cache():
    """Sessions, cached pages and rate limits of one test are not seen by the next; waiting tasks are left alone."""
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        if keys := client.keys(f"{settings.CACHES['default']['KEY_PREFIX']}:*"):
            client.delete(*keys)
