"""Measure one bound 申报书: `python -m benchmarks.book --pages 200`. Seconds and peak memory of the process that makes it."""

import argparse
import io
import os
import resource
import subprocess
import sys
import time

import django
from PIL import Image

from benchmarks.run import ROOT, storage
from weihai_sm.embedded import PrivateFolder

FILES = 10


def scanned(pages: int) -> bytes:
    """Pages as a scanner makes them: each a grey picture of A4 at 100 dots an inch that does not compress well."""
    sheets = [Image.effect_noise((827, 1169), 40) for _ in range(pages)]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=100)
    return out.getvalue()


def prepare(pages: int) -> None:
    """A submitted application with so many scanned pages, by a process of its own: its memory is not the worker's."""
    from django.core.files.base import ContentFile
    from django.db import transaction

    from tests import factories

    with transaction.atomic():
        application = factories.make_application(state="SUBMITTED")
    for attachment in application.attachments.all()[:FILES]:
        attachment.file.save("scan.pdf", ContentFile(scanned(pages // FILES)))


def make(pages: int) -> None:
    from applications.documents import make_application_book
    from applications.models import Application

    application = Application.objects.get()
    began, worked = time.perf_counter(), time.process_time()
    made = make_application_book(application, application.submitted_version.digest[:32], lambda percent: None)
    spent, busy = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with made.opened() as file:
        size = file.size / 1e6
    print(
        f"{pages} pages of attachments: {spent:.1f} s ({busy:.1f} s of CPU), peak {peak:.0f} MB, file {size:.1f} MB"
    )


STEPS = {"prepare": prepare, "make": make}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        django.setup()
        STEPS[options.step](options.pages)
        return
    place = PrivateFolder("wsm-book-")
    try:
        with storage(place.path):
            subprocess.run([sys.executable, ROOT / "script" / "prepare.py"], check=True)
            command = [sys.executable, "-m", "benchmarks.book", "--pages", str(options.pages), "--step"]
            for step in STEPS:
                subprocess.run([*command, step], check=True, env=os.environ)
    finally:
        place.remove()


if __name__ == "__main__":
    main()
