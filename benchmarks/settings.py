"""The portal's settings with the floor page and the counting of queries; used by benchmarks.run only."""

from weihai_sm.settings import *  # noqa: F403
from weihai_sm.settings import MIDDLEWARE

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.floor.CountingMiddleware", *MIDDLEWARE]
