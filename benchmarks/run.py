"""Measure every list, board and detail page and the two saves against the floor page: `python -m benchmarks.run --applications 10000`.

Starts a PostgreSQL and a Valkey of its own in a temporary folder and gunicorn with two workers, seeds, and asks for each page in
turn with the floor page, warm. What counts is the ratio: page and floor are slowed alike by whatever else the machine does.
"""

import argparse
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from weihai_sm.embedded import Postgres, PrivateFolder, Server, Valkey

ROOT = Path(__file__).resolve().parent.parent
LIST_QUERIES, DETAIL_QUERIES, WEIGHT = 12, 15, 60 * 1024
RATIO, PUBLIC_RATIO, SAVE_RATIO = 3.0, 1.0, 2.0
LISTS = [
    "enterprise-home/member",
    "application-list/member",
    "enterprise-titles/member",
    "vetting-queue/district",
    "district-enterprises/district",
    "recommendation-list/district",
    "account-approvals/district",
    "round-list/handler",
    "round-board/handler",
    "round-charts/handler",
    "round-cases/handler",
    "acceptance-list/handler",
    "panel-list/handler",
    "score-matrix/handler",
    "score-matrix:large/handler",
    "ranking/handler",
    "review-list/expert",
    "meeting-list/handler",
    "notice-desk/leader",
    "objection-desk/handler",
    "directory-desk/handler",
    "supervision-board/handler",
    "event-log/auditor",
    "administration/administrator",
    "inbox/handler",
]
DETAILS = [
    "application-detail/member",
    "application-check/member",
    "vetting/district",
    "application-version/district",
    "recommendation-detail/district",
    "acceptance/handler",
    "panel-detail/handler",
    "site-visit/handler",
    "review-sheet/expert",
    "notice-edit/leader",
]
PUBLIC = ["public-home", "notice-list", "notice", "directory", "measure", "verify"]
# What scripts post while somebody types; the revision is added, and goes on with each answer.
SAVES = {
    "application-section/member": {"autosave": "1", "narrative_overview": "第 {} 次保存的基本情况。"},
    "review-save/expert": {"points_foundation": "14", "reason_foundation": "第 {} 次保存的理由。"},
}
CSRF = "c" * 32


def quick(times: list[float]) -> float:
    """The lower quartile."""
    return statistics.quantiles(times, n=4)[0]


@dataclass
class Page:
    """One address, who asks for it, and what was seen."""

    name: str
    url: str
    cookie: str
    most_queries: int
    most_ratio: float = RATIO
    typed: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    times: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)
    status: int = 0
    queries: int = 0
    in_database: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    weight: int = 0

    @property
    def ratio(self) -> float:
        """The quicker quarter of each, because other work on the machine only ever adds."""
        return quick(self.times) / quick(self.floors)

    @property
    def faults(self) -> str:
        found = {
            f"status {self.status}": self.status != (204 if self.typed else 200),
            "slow": self.ratio > self.most_ratio,
            "queries": self.queries > self.most_queries,
            "weight": self.weight > WEIGHT,
        }
        return ", ".join(name for name, is_so in found.items() if is_so)


class Gunicorn(Server):
    name = "gunicorn"

    def __init__(self, socket: Path, log: Path) -> None:
        super().__init__(log)
        self.quit_signal = signal.SIGTERM
        self.socket = socket

    def command(self) -> list[str]:
        return [sys.executable, "-m", "gunicorn", "weihai_sm.wsgi", "--bind", f"unix:{self.socket}"]

    def answers(self) -> bool:
        try:
            return self.ask("/healthz/").status == 200
        except OSError:
            return False

    def ask(self, url: str, cookie: str = "", typed: dict[str, str] | None = None) -> "Answer":
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = _connected(self.socket)
        headers = {"Cookie": cookie, "Host": "localhost"}
        if typed:
            headers["Cookie"] += f"; csrftoken={CSRF}"
            headers |= {
                "X-CSRFToken": CSRF,
                "X-Autosave": "1",
                "Content-Type": "application/x-www-form-urlencoded",
            }
        began = time.perf_counter()
        connection.request("POST" if typed else "GET", url, urlencode(typed) if typed else None, headers)
        response = connection.getresponse()
        body = response.read()
        took = (time.perf_counter() - began) * 1000
        connection.close()
        told = {
            name: response.headers.get(name, "0")
            for name in ("X-Queries", "X-Database-Ms", "X-Worked-Ms", "X-Revision")
        }
        return Answer(
            response.status,
            took,
            int(told["X-Queries"]),
            float(told["X-Database-Ms"]),
            float(told["X-Worked-Ms"]),
            len(body),
            int(told["X-Revision"]),
        )


@dataclass(frozen=True)
class Answer:
    """``took``, ``in_database`` and ``worked`` in milliseconds, ``weight`` in bytes before compression."""

    status: int
    took: float
    queries: int
    in_database: float
    worked: float
    weight: int
    revision: int


def _connected(path: Path):
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(60)
    found.connect(str(path))
    return found


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """A database and a cache, named in the environment as the portal expects."""
    servers: list[Server] = []
    try:
        postgres = Postgres(folder / "postgres", folder, folder / "postgres.log")
        valkey = Valkey(folder / "valkey.sock", folder / "valkey.log")
        started: tuple[Server, ...] = (postgres, valkey)
        for server in started:
            servers.append(server)
            server.start()
        os.environ.update(
            DATABASE_URL=postgres.url,
            REDIS_URL=valkey.url,
            STATE_DIR=str(folder),
            SECRET_KEY="only-for-benchmarks",
            DJANGO_SETTINGS_MODULE="benchmarks.settings",
            DEMO_MODE="",
            WEB_CONCURRENCY="2",
        )
        yield
    finally:
        for server in reversed(servers):
            server.stop()


@contextmanager
def seeded_portal(applications: int) -> Iterator[tuple[Path, Any]]:
    """A folder with the servers of a portal and so many applications in it, and what ``benchmarks.seeding`` tells of them."""
    place = PrivateFolder("wsm-bench-")
    try:
        with storage(place.path):
            subprocess.run([sys.executable, ROOT / "script" / "prepare.py", "--static"], check=True)
            import django

            django.setup()
            from django.db import connection

            from benchmarks.seeding import seed
            from core import events

            seeded = seed(applications)
            events.seal()  # as beat does every quarter of an hour
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            connection.close()
            yield place.path, seeded
    finally:
        place.remove()


def pages_of(seeded) -> list[Page]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    cookies = {"": ""}
    for name, user in seeded.people.items():
        client = Client()
        client.force_login(user, backend="accounts.backends.PortalBackend")
        cookies[name] = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    pages = [Page("floor", reverse("floor"), cookies["handler"], 4)]
    groups: list[tuple[Iterable[str], int, float]] = [
        (LISTS, LIST_QUERIES, RATIO),
        (DETAILS, DETAIL_QUERIES, RATIO),
        (PUBLIC, LIST_QUERIES, PUBLIC_RATIO),
        (SAVES, DETAIL_QUERIES, SAVE_RATIO),
    ]
    for group, queries, ratio in groups:
        for one in group:
            name, _, person = one.partition("/")
            url = reverse(name.partition(":")[0], kwargs=seeded.kwargs.get(name)) + seeded.queries.get(
                name, ""
            )
            pages.append(Page(name, url, cookies[person], queries, ratio, SAVES.get(one, {})))
    return pages


def ask(server: Gunicorn, page: Page) -> Answer:
    typed = {name: text.format(page.revision + 1) for name, text in page.typed.items()}
    if typed:
        typed["revision"] = str(page.revision)
    answer = server.ask(page.url, page.cookie, typed)
    page.revision = answer.revision
    return answer


def measure(server: Gunicorn, pages: list[Page], repeats: int) -> None:
    floor = pages[0]
    for page in pages:
        for _ in range(4):  # both workers warm
            ask(server, page)
    for _ in range(repeats):
        for page in pages:
            page.floors.append(ask(server, floor).took)
            answer = ask(server, page)
            page.status, page.queries, page.weight = answer.status, answer.queries, answer.weight
            page.times.append(answer.took)
            page.in_database.append(answer.in_database)
            page.worked.append(answer.worked)


def show(pages: list[Page]) -> None:
    print(f"{'page':22}{'ms':>8}{'× floor':>9}{'in SQL':>8}{'× work':>8}{'queries':>9}{'KB':>7}  over target")
    least = quick(pages[0].worked)
    for page in pages:
        figures = f"{quick(page.times):8.1f}{page.ratio:9.2f}{quick(page.in_database):8.1f}"
        figures += f"{quick(page.worked) / least:8.2f}{page.queries:9}{page.weight / 1024:7.1f}"
        print(f"{page.name:22}{figures}  {page.faults}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    began = time.perf_counter()
    with seeded_portal(options.applications) as (folder, seeded):
        pages = pages_of(seeded)
        print(f"{options.applications} applications seeded in {time.perf_counter() - began:.0f} s")
        server = Gunicorn(folder / "web.sock", folder / "web.log")
        try:
            server.start()
            measure(server, pages, options.repeats)
        finally:
            server.stop()
        show(pages)
        log = (folder / "web.log").read_text()
        if "Traceback" in log:
            print(log[log.index("Traceback") :][:4000], file=sys.stderr)
    sys.exit(any(page.faults for page in pages))


if __name__ == "__main__":
    main()
