"""The municipal handler, and a spring day on which the year's round can still be set up."""

import pytest

# Imports stand inside: the conftest of a folder can be read before Django is set up.


@pytest.fixture
def bureau():
    from tests.applications.round_setup.scenes import signed_in

    return signed_in(name="宋知远")


@pytest.fixture
def spring():
    from core import clock
    from tests.applications.round_setup.scenes import SPRING

    with clock.stopped_at(SPRING):
        yield
