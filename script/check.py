"""Every check of the project, in the order in which they are quickest to fail. With arguments: pytest with these arguments.

The order of the tests is shuffled by one seed, so that a failure can be repeated. A test that failed is run once more by itself,
and if it passes then it is named as unsteady: its cause has to be found, but a busy machine does not hold up everybody's work.
"""

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
    ("pytest", ["pytest", "-n", "auto", "--dist", "worksteal", "--randomly-seed=202134"]),
]
AGAIN = ["pytest", "--last-failed", "--last-failed-no-failures", "none"]
SOME_FAILED = 1


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
        status = subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        if name == "pytest" and status == SOME_FAILED:
            say("没有通过的测试再单独运行一次…", "The tests that failed are run once more by themselves…")
            status = subprocess.call(AGAIN, cwd=ROOT, stdin=subprocess.DEVNULL)
            if not status:
                say(
                    "以上测试第二次才通过，请查明原因。",
                    "The tests above passed only the second time: find out why.",
                )
        if status:
            failed.append(name)
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    if failed:
        say(f"未通过：{'、'.join(failed)}。", f"Failed: {', '.join(failed)}.")
        sys.exit(1)
    say("全部通过。", "Everything passed.")


if __name__ == "__main__":
    with failing_with(1):
        main(sys.argv[1:])
