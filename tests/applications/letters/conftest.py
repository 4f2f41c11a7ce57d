"""A leader and a handler of one district, two of its cases that have passed, four days before the report is due."""

import pytest

# Imports stand inside: the conftest of a folder can be read before Django is set up.


@pytest.fixture(autouse=True)
def july():
    from core import clock
    from tests.applications.letters.scenes import JULY

    with clock.stopped_at(JULY):
        yield


@pytest.fixture
def handler():
    from tests.factories import make_officer

    return make_officer("CHANNEL_HANDLER", name="于晓岚")


@pytest.fixture
def leader():
    from tests.factories import make_officer

    return make_officer("CHANNEL_LEADER", name="宋建国")


@pytest.fixture
def cases():
    from tests.factories import make_application

    return [make_application(state="VETTED") for _ in range(2)]
