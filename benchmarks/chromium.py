"""Chromium over its debugging pipe, as far as a page that is made ready ahead of time needs it.

Playwright keeps Chromium from prerendering (it speaks to the frames of a tab, not to the tab), so that what a person with a
plain browser gets can only be seen past it.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

HANDS_OVER = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
Message = dict[str, Any]


class Tab:
    """One tab. ``evaluate`` speaks to the page that is shown; a page made ready ahead becomes that when it is gone to."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests, self._answers = requests, answers
        self._number, self._buffer = 0, b""
        self._gone: set[str] = set()  # sessions of pages that were left
        self._pages: dict[str, str] = {}  # session → target

    def open(self) -> None:
        created = self.send("Target.createTarget", {"url": "about:blank", "forTab": True})
        tab = self.send("Target.attachToTarget", {"targetId": created["targetId"], "flatten": True})
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self.send("Target.setAutoAttach", attach, tab["sessionId"])
        self.wait_until(lambda: self.evaluate("true"))

    def send(self, method: str, params: Message | None = None, session: str = "") -> Message:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params or {}}
        os.write(
            self._requests, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0"
        )
        while (answer := self._read()).get("id") != message["id"]:
            if session in self._gone:
                raise RuntimeError(f"{method}: the page is gone")
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def ahead(self) -> str:
        """The session of the page that is made ready ahead; empty when there is none."""
        return next((one for one, target in self._pages.items() if target not in self._listed()), "")

    def shown(self) -> str:
        """The session of the page that is shown. Raises RuntimeError while there is none."""
        listed = self._listed()
        for session, target in self._pages.items():
            if target in listed:
                return session
        raise RuntimeError("the page is changing")

    def _listed(self) -> set[str]:
        """The targets a person can see; one that is made ready ahead is not among them."""
        found = self.send("Target.getTargets", {"filter": [{"type": "page"}]})["targetInfos"]
        return {one["targetId"] for one in found}

    def go(self, address: str) -> None:
        self.send("Page.navigate", {"url": address}, self.shown())
        self.wait_until(
            lambda: self.evaluate("document.readyState === 'complete' && location.href !== 'about:blank'")
        )

    def press(self, key: str) -> None:
        """The page may be gone before the key comes up."""
        self.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, "text": key}, self.shown())

    def evaluate(self, script: str, session: str = "") -> Any:
        """The value of an expression; of a promise, what it comes to. None while the page is changing."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        try:
            return self.send("Runtime.evaluate", asked, session or self.shown())["result"].get("value")
        except RuntimeError:
            return None

    def wait_until(self, holds: Callable[[], Any], seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                raise TimeoutError(self.send("Target.getTargets"))
            time.sleep(0.02)

    def _read(self) -> Message:
        while b"\0" not in self._buffer:
            self._buffer += os.read(self._answers, 1 << 16)
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(raw)
        self._notice(message.get("method", ""), message.get("params", {}))
        return message

    def _notice(self, method: str, params: Message) -> None:
        if method == "Target.attachedToTarget" and params["targetInfo"]["type"] == "page":
            self._pages[params["sessionId"]] = params["targetInfo"]["targetId"]
        if method == "Target.detachedFromTarget":
            self._pages.pop(params["sessionId"], None)
            self._gone.add(params["sessionId"])


def session_of(user, address: str) -> Message:
    """The cookie of somebody who is signed in at this address."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="accounts.backends.PortalBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": address}


@contextmanager
def a_tab(*cookies: Message) -> Iterator[Tab]:
    """A tab of a Chromium of its own, with these cookies (``name``, ``value``, ``url``)."""
    (to_read, requests), (answers, to_write) = os.pipe(), os.pipe()
    # Chromium reads from 3 and writes to 4, which may be in use here by the other.
    handed = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, to_write)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chromium = subprocess.Popen(
            [
                *(sys.executable, "-c", HANDS_OVER, *map(str, handed)),
                os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
                "--headless=new",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                "--no-first-run",
                "--window-size=1366,768",
            ],
            pass_fds=handed,
            stderr=subprocess.DEVNULL,
        )
        for one in (to_read, to_write, *handed):
            os.close(one)
        try:
            tab = Tab(requests, answers)
            tab.open()
            for one in cookies:
                tab.send("Network.setCookie", one, tab.shown())
            yield tab
        finally:
            chromium.terminate()
            chromium.wait()
            os.close(requests)
            os.close(answers)
