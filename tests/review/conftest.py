"""What most tests of the review stand on: a day on which nothing is due yet, and the bureau's handler signed in."""

import pytest

# Imports stand inside: the conftest of a folder can be read before Django is set up.


@pytest.fixture
def august():
    from core import clock
    from tests.review import scenes

    with clock.stopped_at(scenes.AUGUST):
        yield


@pytest.fixture
def officer(client):
    from tests.review import scenes

    user = scenes.handler()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    return user
