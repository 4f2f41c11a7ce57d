"""Measure how soon the next file appears while vetting: `python -m benchmarks.next_file --applications 10000`.

In Chromium, from the key to the first paint, in turns with the floor page, which has neither styles nor scripts.
"""

import argparse
import os
import sys

from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from benchmarks.run import Gunicorn, quick, seeded_portal

MOST = 2.0
PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    const found = list.getEntriesByName("first-contentful-paint")[0]
    if (found) done(found.startTime)
}).observe({ type: "paint", buffered: true }))"""


class OnAPort(Gunicorn):
    port = 8199

    def command(self) -> list[str]:
        return [*super().command(), "--bind", f"localhost:{self.port}"]


def measure(tab: Tab, repeats: int) -> tuple[list[float], list[float]]:
    floors, files = [], []
    tab.goto("/vetting/")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/vetting/*/")
    for _ in range(repeats):
        file = tab.url
        tab.goto("/floor/")
        floors.append(tab.evaluate(PAINTED))
        tab.goto(file)
        tab.wait_for_timeout(2000)  # somebody reads
        tab.keyboard.press("j")
        tab.wait_for_url(lambda url, left=file: url != left)
        files.append(tab.evaluate(PAINTED))
    return floors, files


def session_of(user) -> tuple[str, str]:
    """The name and the value of the cookie."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    return settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    with seeded_portal(options.applications) as (folder, seeded):
        name, value = session_of(seeded.people["district"])
        server = OnAPort(folder / "web.sock", folder / "web.log")
        address = f"http://localhost:{server.port}"
        try:
            server.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                    args=["--no-sandbox"] if os.geteuid() == 0 else [],
                )
                context = browser.new_context(base_url=address, viewport={"width": 1366, "height": 768})
                context.add_cookies([{"name": name, "value": value, "url": address}])
                floors, files = measure(context.new_page(), options.repeats)
                browser.close()
        finally:
            server.stop()
    ratio = quick(files) / quick(floors)
    print(
        f"floor painted after {quick(floors):.0f} ms, the next file after {quick(files):.0f} ms: {ratio:.2f} ×"
    )
    sys.exit(ratio > MOST)


if __name__ == "__main__":
    main()
