"""Two pairs of hands for one journey: plain HTTP with the forms a page really has, and a person's clicks in Chromium.

Both go to addresses, fill fields by name, press buttons by their words, attach files and look for words. Nothing is posted
that the page does not offer: a missing field or button fails the test.
"""

import re
from pathlib import Path

from django.test import Client
from lxml import html
from playwright.sync_api import Error

from tests.browser import keep_screenshots

BACKEND = "accounts.backends.PortalBackend"


class HttpHands:
    """A visitor's or user's session over HTTP."""

    def __init__(self, user=None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if user:
            self.client.force_login(user, backend=BACKEND)
        self.address, self.page = "", None
        self.typed: dict = {}

    def go(self, address: str) -> None:
        self._receive(self.client.get(address, follow=True))

    def fill(self, name: str, value: str) -> None:
        """Fill, choose or tick the first field of this name."""
        fields = self.page.xpath(f'//*[@name="{name}"]')
        assert fields, f"no field {name} on {self.address}"
        if fields[0].get("type") == "radio":
            assert value in {one.get("value") for one in fields}, f"no choice {value} of {name}"
        self.typed[name] = value

    def attach(self, name: str, file: Path) -> None:
        self.typed[name] = file

    def tick(self, name: str) -> None:
        box = self.page.xpath(f'//input[@name="{name}"]')[0]
        self.typed[name] = box.get("value") or "on"

    def tick_value(self, name: str, value: str) -> None:
        self.typed[name] = value

    def fill_hidden(self, name: str, value: str) -> None:
        """Fill a field that may be folded away and unfolds when one comes to it."""
        self.fill(name, value)

    def attach_in(self, kind: str, file: Path) -> None:
        """Add a file to the checklist under its kind."""
        form = self.page.xpath(f'//section[@id="{kind}"]//form[contains(@class, "upload")]')[0]
        self.typed = {"files": file}
        self._send(form, form.get("action"), self._fields_of(form) | {"files": [file]})

    def last_row(self) -> str:
        """The key of the last row of a table of rows."""
        return self.page.xpath('//*[starts-with(@name, "row-")]')[-1].get("name").split("-")[1]

    def press(self, words: str, within: str = "") -> None:
        """Press the button, or follow the link, with these words."""
        for button in self.page.xpath(f"//{within or 'body'}//button|//{within or 'body'}//a[@href]"):
            if _words(button) == words or re.fullmatch(words, _words(button)):
                break
        else:
            raise AssertionError(f"no button {words} on {self.address}: {self.text()[:1500]}")
        assert button.get("disabled") is None, (
            f"button {words} is disabled on {self.address}: {self.text()[-1500:]}"
        )
        if button.tag == "a":
            return self.go(button.get("href"))
        form = self._form_of(button)
        fields = self._fields_of(form)
        if button.get("name"):
            fields[button.get("name")] = [button.get("value") or ""]
        self._send(form, button.get("formaction") or form.get("action"), fields)
        return None

    def _send(self, form, action: str | None, fields: dict[str, list]) -> None:
        action = (action or self.address).split("#")[0]
        files = [value for values in fields.values() for value in values if isinstance(value, Path)]
        opened = {path: path.open("rb") for path in files}
        data = {
            name: [opened[value] if isinstance(value, Path) else value for value in values]
            for name, values in fields.items()
        }
        self._receive(self.client.post(action, data, follow=True))
        for file in opened.values():
            file.close()

    def text(self) -> str:
        return " ".join(self.page.text_content().split())

    def keep(self, name: str) -> None:
        """Pictures are kept by the other hands."""

    def _form_of(self, button):
        if name := button.get("form"):
            return self.page.xpath(f'//form[@id="{name}"]')[0]
        return next(button.iterancestors("form"))

    def _fields_of(self, form) -> dict[str, list]:
        inside = form.xpath(".//input|.//select|.//textarea")
        inside += self.page.xpath(
            f'//*[@form="{form.get("id")}"][self::input or self::select or self::textarea]'
        )
        fields: dict[str, list] = {}
        for field in inside:
            name = field.get("name")
            if not name or field.get("disabled") is not None:
                continue
            if name in self.typed:
                fields[name] = [self.typed[name]]
            elif field.tag == "select":
                fields[name] = [one.get("value") or "" for one in field.xpath(".//option[@selected]")] or [""]
            elif field.get("type") in ("checkbox", "radio"):
                if field.get("checked") is not None:
                    fields.setdefault(name, []).append(field.get("value") or "on")
            elif field.get("type") not in ("file", "submit", "button"):
                fields[name] = [field.value if field.tag == "input" else field.text_content().lstrip("\n")]
        return {name: [value for value in values if value is not None] for name, values in fields.items()}

    def _receive(self, response) -> None:
        assert response.status_code < 400, f"{response.status_code} at {response.request['PATH_INFO']}"
        if response.streaming:  # a file that was ready at once; the page stays open beside it
            b"".join(response.streaming_content)
            response.close()
            return
        self.address = response.request["PATH_INFO"]
        if query := response.request.get("QUERY_STRING"):
            self.address += f"?{query}"
        self.page = html.fromstring(response.content.decode())
        self.typed = {}


class BrowserHands:
    """A person at a browser; keeps a picture of the pages named."""

    def __init__(self, page) -> None:
        self.browser = page
        page.on("dialog", lambda dialog: dialog.accept())

    @property
    def address(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.browser.url)

    def go(self, address: str) -> None:
        # A file that the page before has fetched by itself may come in between, and nobody leaves that page then.
        response = self.browser.goto(address) or self.browser.goto(address)
        assert response.status < 400, f"{response.status} at {address}"

    def fill(self, name: str, value: str) -> None:
        field = self.browser.locator(f'[name="{name}"]').first
        kind = field.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "radio":
            self._click_label(f'[name="{name}"][value="{value}"]')
        else:
            field.fill(value)

    def attach(self, name: str, file: Path) -> None:
        self.browser.locator(f'[name="{name}"]').first.set_input_files(file)

    def tick(self, name: str) -> None:
        self._click_label(f'[name="{name}"]')

    def tick_value(self, name: str, value: str) -> None:
        self._click_label(f'[name="{name}"][value="{value}"]')

    def fill_hidden(self, name: str, value: str) -> None:
        self.browser.locator(f'[name="{name}"]').first.evaluate(
            "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', {bubbles: true})) }",
            value,
        )

    def _click_label(self, selector: str) -> None:
        """Choose by the label, as people do; the control itself may be drawn differently."""
        control = self.browser.locator(selector).first
        if not control.is_checked():
            label = self.browser.locator(f'label[for="{control.get_attribute("id")}"]').first
            (label if label.count() else control).click()

    def attach_in(self, kind: str, file: Path) -> None:
        """Choose a file under its kind; it is taken up at once."""
        self.browser.locator(f'section#{kind} form.upload [name="files"]').set_input_files(file)
        self.browser.locator("#messages").get_by_text(file.name).wait_for()

    def last_row(self) -> str:
        return self.browser.locator('[name^="row-"]').last.get_attribute("name").split("-")[1]

    def press(self, words: str, within: str = "") -> None:
        place = self.browser.locator(f"xpath=//{within}") if within else self.browser
        exact = re.compile(rf"^\s*(?:{words})\s*(?:Ctrl.*)?$")
        button = place.get_by_role("button", name=exact).or_(place.get_by_role("link", name=exact)).first
        try:
            with self.browser.expect_navigation():
                button.click()
        except Error as aborted:  # a file that is ready is downloaded, and the page stays
            if "ERR_ABORTED" not in str(aborted):
                raise

    def text(self) -> str:
        return " ".join(self.browser.locator("body").inner_text().split())

    def keep(self, name: str) -> None:
        keep_screenshots(self.browser, name, always=True)


class KeyboardHands(BrowserHands):
    """A person without a mouse: goes by Tab, chooses by arrows, presses by Enter."""

    MOST_STOPS = 250

    def _reach(self, selector: str) -> None:
        """Tab until the control has the focus; a control that Tab never reaches fails the test."""
        for _ in range(self.MOST_STOPS):
            if self.browser.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.browser.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {selector} on {self.address}: {self.text()[:1500]}")

    def fill(self, name: str, value: str) -> None:
        kind = self.browser.locator(f'[name="{name}"]').first.evaluate(
            "one => one.tagName === 'SELECT' ? 'select' : one.type"
        )
        self._reach(f'[name="{name}"]')
        if kind in ("select", "radio"):
            self._choose(name, value, "Space" if kind == "radio" else "ArrowDown")
        elif kind == "date":
            year, month, day = value.split("-")
            self.browser.keyboard.type(month + day + year)  # in the order of Chromium's own language
            assert self.browser.locator(f'[name="{name}"]').input_value() == value
        else:
            self.browser.keyboard.press("Control+a")
            self.browser.keyboard.insert_text(value)

    def _choose(self, name: str, value: str, first: str) -> None:
        chosen = f'() => (document.querySelector(\'[name="{name}"]:checked, select[name="{name}"]\') || {{}}).value'
        self.browser.keyboard.press(first)
        for _ in range(30):
            if self.browser.evaluate(chosen) == value:
                return
            self.browser.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} of {name}")

    def tick(self, name: str) -> None:
        self._reach(f'[name="{name}"]')
        if not self.browser.locator(f'[name="{name}"]').first.is_checked():
            self.browser.keyboard.press("Space")

    def attach_in(self, kind: str, file: Path) -> None:
        """Reach the field by Tab; the dialog that it opens is the system's own."""
        self._reach(f'section#{kind} form.upload [name="files"]')
        super().attach_in(kind, file)

    def press(self, words: str, within: str = "") -> None:
        place = self.browser.locator(f"xpath=//{within}") if within else self.browser
        exact = re.compile(rf"^\s*(?:{words})\s*(?:Ctrl.*)?$")
        button = place.get_by_role("button", name=exact).or_(place.get_by_role("link", name=exact)).first
        button.evaluate("one => one.setAttribute('data-wanted', '1')")
        self._reach("[data-wanted]")
        with self.browser.expect_navigation():
            self.browser.keyboard.press("Enter")


class ThumbHands(BrowserHands):
    """A person at a phone: everything is tapped, and has to be in reach of the thumb."""

    def fill(self, name: str, value: str) -> None:
        field = self.browser.locator(f'[name="{name}"]').first
        if field.evaluate("one => one.type") == "radio":
            self._click_label(f'[name="{name}"][value="{value}"]')
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.tap()
            field.fill(value)

    def _click_label(self, selector: str) -> None:
        control = self.browser.locator(selector).first
        if not control.is_checked():
            self.browser.locator(f'label[for="{control.get_attribute("id")}"]').first.tap()

    def press(self, words: str, within: str = "") -> None:
        exact = re.compile(rf"^\s*(?:{words})\s*(?:Ctrl.*)?$")
        button = self.browser.get_by_role("button", name=exact).or_(
            self.browser.get_by_role("link", name=exact)
        )
        with self.browser.expect_navigation():
            button.first.tap()


def _words(element) -> str:
    shown = "".join(element.xpath(".//text()[not(ancestor::*[local-name()='svg' or local-name()='kbd'])]"))
    return " ".join(shown.split())
