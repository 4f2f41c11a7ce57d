"""Measure the workbooks of a round: `python -m benchmarks.tables --applications 10000`. Seconds and peak memory of the process.

Each is made by a process of its own, as a worker does it; "nothing" is what such a process takes by itself.
"""

import argparse
import os
import resource
import subprocess
import sys
import time

import django

from benchmarks.run import ROOT, storage
from weihai_sm.embedded import PrivateFolder

NOTHING, STEPS = "nothing", ("prepare", "nothing", "cases", "board")
OF_ALL = 5 / 3  # of what is seeded three fifths are submitted cases of the open round


def prepare(applications: int) -> None:
    from benchmarks.seeding import seed

    seed(round(applications * OF_ALL))


def make(kind: str) -> None:
    from accounts.models import User
    from accounts.roles import Role
    from applications import case_tables
    from applications.models import Round
    from core.models import Event

    round_ = Round.objects.filter(state=Round.State.OPEN).latest("year")
    handler = User.objects.filter(memberships__role=Role.MUNICIPAL_HANDLER).earliest("pk")
    said = ""
    began, worked = time.perf_counter(), time.process_time()
    if kind != NOTHING:
        name, makes = {
            "cases": (case_tables.CASES, case_tables.make_cases),
            "board": (case_tables.BOARD, case_tables.make_board),
        }[kind]
        document = case_tables.ask(name, round_, asked={}, what=kind, by=handler)
        with makes(round_, document.key, lambda percent: None).opened() as file:
            said = f"{Event.objects.get(pk=document.key).details['rows']} cases, {file.size / 1e6:.1f} MB, "
    spent, busy = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{kind}: {said}{spent:.1f} s ({busy:.1f} s of CPU), peak {peak:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        django.setup()
        prepare(options.applications) if options.step == "prepare" else make(options.step)
        return
    place = PrivateFolder("wsm-tables-")
    try:
        with storage(place.path):
            subprocess.run([sys.executable, ROOT / "script" / "prepare.py"], check=True)
            command = [sys.executable, "-m", "benchmarks.tables", "--applications", str(options.applications)]
            for step in STEPS:
                subprocess.run([*command, "--step", step], check=True, env=os.environ)
    finally:
        place.remove()


if __name__ == "__main__":
    main()
