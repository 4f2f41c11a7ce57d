"""A leader and two handlers of one district, in June."""

import pytest

# Imports stand inside: the conftest of a folder can be read before Django is set up.


@pytest.fixture(autouse=True)
def in_june():
    from core import clock
    from tests.factories import JUNE

    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def leader(db):
    from tests.factories import make_officer

    return make_officer("CHANNEL_LEADER", name="毕文舟", mobile="13100000001")


@pytest.fixture
def officer(db):
    from tests.factories import make_officer

    return make_officer("CHANNEL_HANDLER", name="于晓岚")


@pytest.fixture
def colleague(db):
    from tests.factories import make_officer

    return make_officer("CHANNEL_HANDLER", name="冷思远")
