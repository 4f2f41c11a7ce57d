"""Run the portal on one machine: database, broker, web, worker and beat as children of this process.

A child that ends by itself is started again. When this process ends, however it ends, all of them do.
"""

import fcntl
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from messages import Unable, failing_with, say
from port import bind_address, check_port, chosen_port

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from weihai_sm.embedded import Postgres, PrivateFolder, Server, ServerFailed, Valkey, die_with_parent  # noqa: E402

PATIENCE = 120
LONGEST_PAUSE = 30
STEADY = 60


class Stopped(BaseException):
    """Somebody wants the portal to stop."""


class Program(Server):
    """Web, worker or beat. They are known to be ready from outside, or need not be."""

    quit_signal = signal.SIGTERM

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        super().__init__(log)
        self.name = name
        self.arguments = [sys.executable, "-m", *arguments]

    def command(self) -> list[str]:
        return self.arguments

    def start(self) -> None:
        self._spawn(self.command(), cwd=ROOT)


class Watched:
    """A server and how long to wait before it is started again."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.started = time.monotonic()
        self.pause = 0.5
        self.again_at: float | None = None

    def look(self) -> None:
        now = time.monotonic()
        if self.server.is_running():
            if now - self.started > STEADY:
                self.pause = 0.5
        elif self.again_at is None:
            say(
                f"{self.server.name} 意外停止，正在重新启动…",
                f"{self.server.name} stopped; starting it again…",
            )
            self.again_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self.again_at:
            self.again_at = None
            self.started = now
            try:
                self.server.start()
            except ServerFailed as error:
                print(error, file=sys.stderr)


def main() -> None:
    state = Path(os.environ["STATE_DIR"])
    port = chosen_port()
    lock = hold(state / "server.lock")
    check_port(port)
    running: list[Server] = []
    private = PrivateFolder("weihai-sm-")
    try:
        on_signals(stop)
        set_environment(state, port, private.path)
        for server in storage(state, private.path):
            running.append(server)
            server.start()
            os.environ.setdefault("DATABASE_URL" if isinstance(server, Postgres) else "REDIS_URL", server.url)
        prepare()
        web, *others = programs(state, port)
        running.append(web)
        web.start()
        wait_until_it_answers(port, running)
        for program in others:
            running.append(program)
            program.start()
        announce(state, port)
        watched = [Watched(server) for server in running]
        while True:
            for each in watched:
                each.look()
            time.sleep(0.5)
    except ServerFailed as error:
        raise Unable("服务未能启动。", f"{error}.") from None
    except Stopped:
        say("正在停止…", "Stopping…")
    finally:
        on_signals(signal.SIG_IGN)
        for server in reversed(running):
            server.stop()
        private.remove()
        lock.close()


def on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, handler)


def stop(_signal: int, _frame: FrameType | None) -> None:
    """An impatient second Ctrl-C does not interrupt the stopping."""
    on_signals(signal.SIG_IGN)
    raise Stopped


def hold(path: Path):
    """A lock that ends with this process; two starts of one state folder would spoil each other's data."""
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "?"
        lock.close()
        raise Unable(
            f"此目录的平台已在运行（进程 {owner}）。",
            f"The portal of this folder is already running (process {owner}).",
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def set_environment(state: Path, port: int, temporary: Path) -> None:
    key = state / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(50))
    defaults = {
        "DEMO_MODE": "1",
        "DJANGO_SETTINGS_MODULE": "weihai_sm.settings",
        "SECRET_KEY": key.read_text(),
        "SITE_URL": f"http://localhost:{port}",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    # What a killed worker leaves in its temporary folder vanishes with this process, too.
    os.environ["TMPDIR"] = str(temporary)


def storage(state: Path, sockets: Path) -> list[Server]:
    """The servers that nobody has named one of their own for."""
    servers: list[Server] = []
    if not os.environ.get("DATABASE_URL"):
        os.environ.pop("DATABASE_URL", None)
        servers.append(Postgres(state / "postgres", sockets, state / "log" / "postgres.log"))
    if not os.environ.get("REDIS_URL"):
        os.environ.pop("REDIS_URL", None)
        servers.append(Valkey(sockets / "valkey.sock", state / "log" / "valkey.log", data=state / "valkey"))
    return servers


def prepare() -> None:
    command = [sys.executable, "-u", str(ROOT / "script" / "prepare.py"), "--static"]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 (there are no threads here)
    )
    try:
        if child.wait():
            raise Unable(
                "数据库未能准备好，原因见上面的信息。",
                "The database could not be prepared; the reason stands above.",
            )
    finally:
        child.kill()
        child.wait()


def programs(state: Path, port: int) -> list[Program]:
    logs = state / "log"
    address = f"{bind_address()}:{port}"
    celery = ["celery", "-A", "weihai_sm", "--quiet"]
    beat = ["beat", "--loglevel", "WARNING", "--pidfile="]
    return [
        Program("web", logs / "web.log", "gunicorn", "weihai_sm.wsgi", "--bind", address),
        Program("worker", logs / "worker.log", *celery, "worker", "--loglevel", "INFO", "--concurrency", "2"),
        Program("beat", logs / "beat.log", *celery, *beat),
    ]


def wait_until_it_answers(port: int, running: list[Server]) -> None:
    say("正在启动网站…", "Starting the web server…")
    deadline = time.monotonic() + PATIENCE
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz/", headers={"Host": "localhost"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        ended = [server for server in running if not server.is_running()]
        if ended:
            raise ServerFailed(f"{ended[0].name} ended; its log is {ended[0].log}")
        try:
            direct.open(request, timeout=5).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise ServerFailed(
        f"The portal did not answer within {PATIENCE} seconds; logs are in {running[0].log.parent}"
    )


def announce(state: Path, port: int) -> None:
    accounts = state / "demo-accounts.txt"
    if accounts.exists():
        print("\n" + accounts.read_text(), flush=True)
    say(f"平台已启动：http://localhost:{port}/（按 Ctrl-C 停止）", "The portal is running; Ctrl-C stops it.")


if __name__ == "__main__":
    with failing_with(1):
        main()
