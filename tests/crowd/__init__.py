"""A world whose rows can be multiplied: behind every page stands one of everything that it lists, then three, then fifty."""

from tests.crowd.applications import add_cases_of_the_round, add_own_cases, add_recommended
from tests.crowd.decisions import add_decided
from tests.crowd.people import add_people, add_told
from tests.crowd.review import add_reviewed
from tests.crowd.rows import Crowd
from tests.crowd.supervision import add_supervised

__all__ = ["Crowd", "make_crowd"]


def make_crowd() -> Crowd:
    """Beside the sites: the same in the other states in which pages show it."""
    crowd = Crowd()
    add_people(crowd)
    add_own_cases(crowd)
    add_cases_of_the_round(crowd)
    add_recommended(crowd)
    add_reviewed(crowd)
    add_decided(crowd)
    add_supervised(crowd)
    add_told(crowd)
    return crowd
