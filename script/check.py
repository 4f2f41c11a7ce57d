"""Every check of the project, in the order in which they are quickest to fail. With arguments: pytest with these arguments."""

import os
import subprocess
import sys
import time
from pathlib import Path

from messages import failing_with, say

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ["--settings", "tests.settings"]
CHECKS = [
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("djlint", ["djlint", "templates", "--lint", "--quiet"]),
    ("import-linter", ["lint-imports"]),
    ("makemigrations --check", ["python", "manage.py", "makemigrations", "--check", "--dry-run", *SETTINGS]),
    ("mypy", ["mypy"]),
    ("pytest", ["pytest", "-n", "auto", "--dist", "worksteal"]),
]


def main(arguments: list[str]) -> None:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    state = os.environ.pop("STATE_DIR")
    os.environ["RUFF_CACHE_DIR"] = f"{state}/ruff"
    if arguments:
        os.execvp("pytest", ["pytest", *arguments])
    failed = []
    for name, command in CHECKS:
        print(f"── {name}", flush=True)
        begun = time.monotonic()
        if subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL):
            failed.append(name)
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    if failed:
        say(f"未通过：{'、'.join(failed)}。", f"Failed: {', '.join(failed)}.")
        sys.exit(1)
    say("全部通过。", "Everything passed.")


if __name__ == "__main__":
    with failing_with(1):
        main(sys.argv[1:])
