"""A handler of one district at the desk, with one submitted case, four days before the report is due."""

import pytest

# Imports stand inside: the conftest of a folder can be read before Django is set up.


@pytest.fixture(autouse=True)
def july():
    from core import clock
    from tests.applications.vetting.scenes import JULY

    with clock.stopped_at(JULY):
        yield


@pytest.fixture
def officer():
    from tests.factories import make_officer

    return make_officer("CHANNEL_HANDLER", name="于晓岚")


@pytest.fixture
def desk(officer):
    from tests.applications.scenes import signed_in

    return signed_in(officer)


@pytest.fixture
def case():
    from tests.factories import make_application

    return make_application(state="SUBMITTED")
