"""Measure how soon the next file appears while vetting: `python -m benchmarks.next_file --applications 10000`.

In Chromium, from going to a page to its first paint, in turns with the floor page, which has neither styles nor scripts.
"""

import argparse
import sys
import time

from benchmarks.chromium import Tab, a_tab, session_of
from benchmarks.run import Gunicorn, quick, seeded_portal

MOST = 2.0
# A page that was made ready ahead begins when it is gone to; what it had painted before appears then.
APPEARED = """new Promise(done => {
    const [went] = performance.getEntriesByType("navigation")
    const tell = entry => done(Math.max(entry.startTime - went.activationStart, 0))
    new PerformanceObserver(list => list.getEntriesByName("first-contentful-paint").forEach(tell))
        .observe({ type: "paint", buffered: true })
})"""


class OnAPort(Gunicorn):
    port = 8199
    address = f"http://localhost:{port}"

    def command(self) -> list[str]:
        return [*super().command(), "--bind", f"localhost:{self.port}"]


def measure(tab: Tab, repeats: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the floor page, and of the next file."""
    floors, files = [], []
    tab.go(f"{OnAPort.address}/vetting/")
    file = tab.evaluate("document.querySelector('[data-rows] .row-link').href")
    for _ in range(repeats):
        tab.go(f"{OnAPort.address}/floor/")
        floors.append(tab.evaluate(APPEARED))
        tab.go(file)
        time.sleep(2)  # somebody reads
        tab.press("j")
        tab.wait_until(lambda left=file: tab.evaluate("location.href") not in (None, left))
        files.append(tab.evaluate(APPEARED))
        file = tab.evaluate("location.href")
    return floors, files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--applications", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    with seeded_portal(options.applications) as (folder, seeded):
        cookie = session_of(seeded.people["district"], OnAPort.address)
        server = OnAPort(folder / "web.sock", folder / "web.log")
        try:
            server.start()
            with a_tab(cookie) as tab:
                floors, files = measure(tab, options.repeats)
        finally:
            server.stop()
    ratio = quick(files) / quick(floors)
    print(
        f"floor painted after {quick(floors):.0f} ms, the next file after {quick(files):.0f} ms: {ratio:.2f} ×"
    )
    sys.exit(ratio > MOST)


if __name__ == "__main__":
    main()
