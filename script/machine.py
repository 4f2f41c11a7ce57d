"""Libraries, fonts and the browser that pip and npm cannot give.

As root they are installed with apt-get. Anybody else gets them unpacked into the state folder, for this checkout only, and
reaches them through LD_LIBRARY_PATH and a fontconfig file.
"""

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from messages import Unable, say

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# Playwright's driver, which is a Node.js, needs this one.
BROWSER_LIBRARIES = {"libatomic.so.1": "libatomic1"}
NOTO = "opentype/noto/NotoSerifCJK-Regular.ttc"
FANDOL = "texlive-lang-chinese"
LIBERATION = "fonts-liberation"
OFFICIAL_FONTS = (
    "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol[!B]*.otf",
    "usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
)
FONTS_NEEDED = ("FandolFang-Regular.otf", "LiberationSerif-Regular.ttf")
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <dir>{system}/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """apt-get waits for another installation to end, but not for another renewal of its lists: two checkouts take turns."""
    folder = os.open("/var/lib/apt", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


class Machine:
    def __init__(self, state: Path, log: Path) -> None:
        self.log = log
        self.system = state / "system"
        self.fonts = Path(os.environ.get("FONT_DIR") or state / "fonts")
        self.configuration = state / "fontconfig"

    def provide(self, *, browser: bool) -> dict[str, str]:
        """Install what is missing and return the variables that lead to it."""
        if missing := self._missing(browser=browser):
            self._install(missing)
        if not all((self.fonts / font).exists() for font in FONTS_NEEDED):
            self._fetch_fonts()
        return self._environment(browser=browser)

    def pip_wheel(self) -> Path:
        """A pip to begin with, where Python has come without one."""
        self._unpack(["python3-pip-whl"])
        return next(self.system.glob("usr/share/python-wheels/pip-*.whl"))

    def _missing(self, *, browser: bool) -> list[str]:
        libraries = LIBRARIES | (BROWSER_LIBRARIES if browser else {})
        missing = [package for library, package in libraries.items() if not self._loads(library)]
        if not any(
            (base / NOTO).exists() for base in (Path("/usr/share/fonts"), self.system / "usr/share/fonts")
        ):
            missing.append("fonts-noto-cjk")
        if browser and self._chromium() is None:
            missing.append("chromium")
        return missing

    def _loads(self, library: str) -> bool:
        if any((folder / library).exists() for folder in self._library_folders()):
            return True
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    def _library_folders(self) -> list[Path]:
        # PulseAudio, which Chromium is linked with, keeps a library in a folder of its own.
        places = ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/pulseaudio")
        return [folder for place in places for folder in self.system.glob(place)]

    def _chromium(self) -> str | None:
        own = self.system / "usr/lib/chromium/chromium"
        named = os.environ.get("CHROMIUM") or shutil.which("chromium")
        return named or (str(own) if own.exists() else None)

    def _install(self, packages: list[str]) -> None:
        names = " ".join(packages)
        if shutil.which("apt-get") is None:
            self._do_without(names)
        elif os.geteuid() == 0:
            say(f"正在安装系统软件包 {names}…", f"Installing system packages {names}…")
            install = [
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "-o",
                "DPkg::Lock::Timeout=300",
                *packages,
            ]
            with one_at_a_time():
                if self._call(install):
                    self._call(["apt-get", "update"])
                    if self._call(install):
                        self._do_without(names)
        else:
            say(
                f"没有安装系统软件包的权限，改为解包到 {self.system}（仅供本目录使用）：{names}…",
                f"System packages may not be installed by this user; unpacking them for this checkout only: {names}…",
            )
            try:
                self._unpack(packages)
            except Unable:
                self._do_without(names)

    def _do_without(self, names: str) -> None:
        say(
            f"未能安装 {names}，PDF 或浏览器测试将不可用；请管理员执行 apt-get install {names}。详情见 {self.log}。",
            f"Could not be installed; PDF files or browser tests will not work. An administrator can run: apt-get install {names}",
        )

    def _fetch_fonts(self) -> None:
        say("正在下载公文字体（约 50 MB）…", "Fetching the fonts of official documents (about 50 MB)…")
        unpacked = self.system.with_name("fonts.unpacked")
        try:
            self._unpack([FANDOL, LIBERATION], into=unpacked, with_needed=False)
            self.fonts.mkdir(parents=True, exist_ok=True)
            for pattern in OFFICIAL_FONTS:
                for font in unpacked.glob(pattern):
                    shutil.copy(font, self.fonts)
        except Unable:
            say(
                "公文字体未能下载，PDF 将使用后备字体；下次启动时再试。",
                "They could not be fetched; PDF files will use other fonts, and the next start tries again.",
            )
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)

    def _unpack(self, packages: list[str], *, into: Path | None = None, with_needed: bool = True) -> None:
        """Download packages, with those they need and the machine lacks, and unpack them. Needs no rights. Raises Unable."""
        folder = self.system.with_name("packages")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        options: list[str] = []
        names = packages
        try:
            if not self._known(packages, options):
                options = self._own_lists()
                if self._call(["apt-get", *options, "update"]) or not self._known(packages, options):
                    raise self._unobtainable(packages)
            if with_needed:
                names = self._with_needed(packages, options)
            if self._call(["apt-get", *options, "download", *names], cwd=folder):
                raise self._unobtainable(packages)
            for file in sorted(folder.glob("*.deb")):
                if self._call(["dpkg-deb", "-x", file, into or self.system]):
                    raise Unable(f"无法解包 {file.name}。", f"{file.name} could not be unpacked.")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _unobtainable(self, packages: list[str]) -> Unable:
        names = " ".join(packages)
        return Unable(
            f"无法下载系统软件包 {names}：请检查网络，或请管理员安装；详情见 {self.log}。",
            f"System packages {names} could not be downloaded: check the network or let an administrator install them; "
            f"details are in {self.log}.",
        )

    def _known(self, packages: list[str], options: list[str]) -> bool:
        return not self._call(["apt-get", *options, "download", "--print-uris", *packages])

    def _own_lists(self) -> list[str]:
        lists = self.system.with_name("apt")
        (lists / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        return [
            "-o",
            f"Dir::State::lists={lists}/lists",
            "-o",
            f"Dir::Cache={lists}",
            "-o",
            "APT::Sandbox::User=",
        ]

    def _with_needed(self, packages: list[str], options: list[str]) -> list[str]:
        command = ["apt-get", *options, "install", "--simulate", "--no-install-recommends", *packages]
        plan = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C"}
        ).stdout
        # "Inst name (version …" is new here; "Inst name [version] (…" would be an upgrade and is left alone.
        return re.findall(r"^Inst (\S+) \(", plan, re.MULTILINE) or packages

    def _environment(self, *, browser: bool) -> dict[str, str]:
        self.configuration.mkdir(parents=True, exist_ok=True)
        file = self.configuration / "fonts.conf"
        places = {"fonts": self.fonts, "system": self.system, "cache": self.configuration / "cache"}
        escaped = {
            name: str(path).replace("&", "&amp;").replace("<", "&lt;") for name, path in places.items()
        }
        file.write_text(FONTCONFIG.format_map(escaped))
        found = {"FONTCONFIG_FILE": str(file), "FONT_DIR": str(self.fonts)}
        if folders := self._library_folders():
            inherited = os.environ.get("LD_LIBRARY_PATH")
            found["LD_LIBRARY_PATH"] = os.pathsep.join(
                [*map(str, folders), *([inherited] if inherited else [])]
            )
        if browser and (chromium := self._chromium()):
            found["CHROMIUM"] = chromium
        return found

    def _call(self, command: list[str | Path], cwd: Path | None = None) -> int:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        with self.log.open("a") as log:
            try:
                return subprocess.call(
                    command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            except OSError as error:
                print(error, file=log)
                return 1
