"""What script/server says when it cannot start, and that nothing it starts outlives it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.background import wait_until

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "script"))

import machine  # noqa: E402
import messages  # noqa: E402
import serve  # noqa: E402
import setup  # noqa: E402


def run_server(**variables: str) -> tuple[int, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHON": sys.executable} | variables
    command = [ROOT / "script" / "server"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_a_taken_port_is_named_with_a_way_out():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert run_server(PORT=str(port)) == (
            1,
            f"端口 {port} 已被占用，请换一个，例如：PORT={port + 1} script/server\n"
            f"Port {port} is taken; choose another: PORT={port + 1} script/server\n",
        )


@pytest.mark.parametrize("port", ["eight", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(port):
    assert run_server(PORT=port) == (1, f"端口号 PORT={port} 无效。\nPORT={port} is not a port number.\n")


def test_another_python_is_refused(tmp_path):
    other = tmp_path / "other python"
    other.write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 3.9.2 && exit\nexit 1\n")
    other.chmod(0o755)
    status, said = run_server(PYTHON=str(other))
    assert (status, said.count("\n")) == (1, 2)
    assert said.startswith("需要 Python 3.11，这里是 Python 3.9.2；")


def test_a_python_that_is_missing_is_named():
    assert run_server(PYTHON="/no/python") == (
        1,
        "需要 Python 3.11，这里没有 /no/python；请安装 python3.11，或用环境变量 PYTHON 指明它的路径。\n"
        "Python 3.11 is needed, there is no /no/python here; install python3.11 or name its path in the variable PYTHON.\n",
    )


def test_packages_that_cannot_be_had_are_named_with_a_way_out(tmp_path, monkeypatch):
    nothing = tmp_path / "apt-get"
    nothing.write_text("#!/bin/sh\nexit 100\n")
    nothing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(messages.Unable) as unable:
        machine.Machine(tmp_path / "state", tmp_path / "log").pip_wheel()
    assert unable.value.args == (
        f"无法下载系统软件包 python3-pip-whl：请检查网络，或请管理员安装；详情见 {tmp_path}/log。",
        "System packages python3-pip-whl could not be downloaded: check the network or let an administrator install them; "
        f"details are in {tmp_path}/log.",
    )
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["apt"]


def test_checkouts_that_install_system_packages_at_once_take_turns(tmp_path, monkeypatch, capsys):
    """The package is not to be had until the lists are renewed, which fails halfway, as one of many sources may."""
    apt = tmp_path / "apt-get"
    apt.write_text(
        f"#!/bin/sh\ncd {tmp_path}\necho begin $1 >> log\nsleep 0.1\necho end $1 >> log\n"
        "[ $1 = update ] && touch lists && exit 100\n[ -e lists ] || exit 100\n"
    )
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    checkouts = [machine.Machine(tmp_path / name, tmp_path / f"{name}.log") for name in ("one", "other")]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda checkout: checkout._install(["libpango-1.0-0"]), checkouts))
    steps = [
        f"{edge} {step}" for step in ("install", "update", "install", "install") for edge in ("begin", "end")
    ]
    said = "正在安装系统软件包 libpango-1.0-0… Installing system packages libpango-1.0-0…\n"
    assert ((tmp_path / "log").read_text().splitlines(), capsys.readouterr().out) == (steps, said * 2)


def test_a_folder_that_cannot_be_written_to_is_named():
    assert run_server(PORT=free_port(), STATE_DIR="/proc/portal") == (
        1,
        "文件夹不可写：/proc/portal。\nThis folder cannot be written to: /proc/portal.\n",
    )


def test_one_state_folder_is_served_once(tmp_path):
    first = serve.hold(tmp_path / "lock")
    with pytest.raises(messages.Unable, match=f"进程 {os.getpid()}"):
        serve.hold(tmp_path / "lock")
    first.close()
    serve.hold(tmp_path / "lock").close()


def test_a_crashed_child_is_started_again_after_a_pause(tmp_path, capsys):
    child = serve.Program("sleeper", tmp_path / "log", "http.server", free_port())
    child.start()
    watched = serve.Watched(child)
    first = child.process
    assert first is not None
    first.kill()
    first.wait()
    watched.look()
    assert not child.is_running()
    wait_until(lambda: watched.look() or child.is_running(), what="A new child")
    child.stop()
    assert "sleeper 意外停止" in capsys.readouterr().out
    assert child.process is not first


SERVERS = """
import sys, time
from pathlib import Path
from weihai_sm.embedded import Postgres, PrivateFolder, Valkey
folder = PrivateFolder("weihai-sm-try-").path
postgres = Postgres(folder / "postgres", folder, folder / "log", disposable=True)
valkey = Valkey(folder / "valkey.sock", folder / "log")
for server in (postgres, valkey):
    server.start()
print(folder, postgres.process.pid, valkey.process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM])
def test_servers_and_their_folder_do_not_outlive_whoever_started_them(sig):
    with subprocess.Popen(
        [sys.executable, "-c", SERVERS], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        folder, *processes = parent.stdout.readline().split()
        parent.send_signal(sig)
    deadline = time.monotonic() + 20
    while (left := still_there(Path(folder), processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def still_there(folder: Path, processes: list[str]) -> list[str]:
    """What has ended but was not waited for, as in a container without an init, has no command line any more."""
    running = []
    for process in processes:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{process}/cmdline").read_bytes():
                running.append(process)
    return [*([str(folder)] if folder.exists() else []), *running]


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_interrupt_the_stopping(sig):
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    serve.on_signals(serve.stop)
    try:
        with pytest.raises(serve.Stopped):
            signal.raise_signal(sig)
        signal.raise_signal(sig)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def test_what_children_leave_in_their_temporary_folder_vanishes_with_the_server(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    serve.set_environment(tmp_path, 8000, tmp_path / "private")
    assert os.environ["TMPDIR"] == str(tmp_path / "private")


def test_image_and_containers_are_no_demonstration_and_hold_no_secrets():
    written = "".join((ROOT / name).read_text() for name in ("Dockerfile", "docker-compose.yml"))
    ignored = (ROOT / ".dockerignore").read_text().split()
    kept_out = {".env", ".git", "*.dump", "*.tar", "tests", "var"}
    assert ("DEMO" in written, kept_out - {*ignored}) == (False, set())


def test_assets_are_copied_without_the_names_of_source_maps(tmp_path):
    source = tmp_path / "source.js"
    source.write_text("one();\n//# sourceMappingURL=source.js.map\ntwo();\n")
    setup.copy_asset(source, tmp_path / "copy.js")
    assert (tmp_path / "copy.js").read_text() == "one();\ntwo();\n"


@pytest.mark.parametrize("name", ["base", "dev", "bootstrap", "node"])
def test_locked_requirements_have_hashes_and_no_addresses(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.findall(r"^(\S+)==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    unhashed = [e for e in re.split(r"\n(?=\S)", text) if "==" in e and "--hash=sha256:" not in e]
    assert (entries != [], unhashed, re.findall(r"\w+://|--\w*index\S*|--find-links", text)) == (True, [], [])


def test_locked_assets_have_digests_and_no_addresses():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert {
        name for name, entry in packages.items() if "resolved" in entry or "integrity" not in entry
    } == set()


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
