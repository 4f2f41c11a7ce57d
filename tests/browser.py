"""Chromium on the live server. Anything it complains of in its console, a breach of the CSP above all, fails the test.

What a test brings about on purpose (a refused save, a cut network) Chromium notes too, at its own time: the test names it
beforehand with `open_browser.allow(REFUSED)`.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error

from benchmarks.chromium import session_of

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "var" / "screenshots"
DESKTOP = (1366, 768)
PHONE = (390, 844)
# What Chromium and htmx note of a save that was refused, of one after the session ended, and of a cut network.
REFUSED = ("409 (Conflict)", "Error Code 409")
SIGNED_OUT = ("401 (Unauthorized)", "Error Code 401")
NO_NETWORK = ("net::ERR_", "htmx:sendError", "Failed to fetch")
# Chromium reads only the last list of features to do without, so Playwright's own are named again. The spare renderer stays: without
# one, Chromium 150 at times finds localStorage empty after the only page of a site was left and opened again.
WITHOUT = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
]
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(WITHOUT)}",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--in-process-gpu",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(browser, live_server):
    """A function that gives a page of a new person (cookies of their own) at a size; relative addresses work.

    The person prefers reduced motion, for whom nothing moves: each frame of a transition is painted by the processor here.
    """
    contexts, complaints, allowed = [], [], []

    def open_browser(size: tuple[int, int] = DESKTOP, **options):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on(
            "console", lambda m: complaints.append(f"{m.text} ({page.url})") if m.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(f"{error} ({page.url})"))
        return page

    open_browser.allow = allowed.extend
    yield open_browser
    for context in contexts:
        context.close()
    assert [one for one in complaints if not any(words in one for words in allowed)] == []


@pytest.fixture
def page(open_browser):
    return open_browser(DESKTOP)


@pytest.fixture
def phone_page(open_browser):
    return open_browser(PHONE)


@pytest.fixture
def sign_in_as(live_server) -> Callable[..., None]:
    """A function (page, user) that gives the page that user's session, without the sign-in form."""

    def sign_in_as(page, user) -> None:
        page.context.add_cookies([session_of(user, live_server.url)])

    return sign_in_as


def keep_screenshots(page, name: str, *, always: bool = False) -> None:
    """The page as it is now, at both sizes, in var/screenshots/, for people to look at: when they set SCREENSHOTS, or always."""
    if "SCREENSHOTS" not in os.environ and not always:
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    stem = re.sub(r"[^\w-]+", "-", name)
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SCREENSHOTS / f"{stem}-{width}.png", full_page=True)
    page.set_viewport_size(before)


def accessibility_violations(page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, one line per rule with the elements; on the next page if this one is being left.

    The window is made as tall as the page meanwhile: what the action bar happens to lie over is reached by scrolling.
    """
    size = page.viewport_size
    page.wait_for_load_state()
    try:
        return _violations(page)
    except Error as left:
        if "navigation" not in str(left):
            raise
        page.set_viewport_size(size)
        page.wait_for_load_state()
        return _violations(page)


def _violations(page) -> list[str]:
    before = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": before["width"], "height": max(height, before["height"])})
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    found = page.evaluate(
        f"() => {{ {axe}; return axe.run({{runOnly: {tags}, resultTypes: ['violations']}}).then(one => one.violations) }}"
    )
    page.set_viewport_size(before)
    return [f"{v['id']}: {v['help']}: {'; '.join(n['html'][:120] for n in v['nodes'][:3])}" for v in found]
