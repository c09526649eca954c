"""People who use a browser with the keyboard only, and what is true of every page that they come to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
_MOST_TABS = 150
# What has the focus, as a screen reader would name it: its label, its words, or what it is called.
_NAME_OF_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return '';
  const labels = one.labels ? [...one.labels].map((label) => label.innerText) : [];
  return [...labels, one.innerText, one.getAttribute('aria-label'), one.id].filter(Boolean).join(' | ');
}"""
_FOCUS_IS_SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  const box = document.activeElement.getBoundingClientRect();
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0
    && box.top < innerHeight && box.bottom > 0;
}"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Person:
    """One person with one browser window. Nothing is clicked: everything is done with Tab, Enter, Space, arrows."""

    name: str
    page: Page
    portal: str
    pictures: Path
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Type an address of the portal."""
        self.page.goto(path if "://" in path else self.portal + path)

    def focus(self, name: str) -> None:
        """Press Tab until the focus is on what has this name, and see that it shows."""
        for _ in range(_MOST_TABS):
            self.page.keyboard.press("Tab")
            if re.search(name, self.page.evaluate(_NAME_OF_FOCUS)):
                assert self.page.evaluate(_FOCUS_IS_SEEN), f"the focus on {name} cannot be seen"
                return
        raise AssertionError(f"{name} cannot be reached with Tab at {self.title}")

    def press(self, name: str, key: str = "Enter", *, stays: bool = False) -> None:
        """Go to a link or button and use it, and wait for the page that it leads to (unless it `stays`)."""
        self.focus(name)
        self.strike(key, stays=stays)

    def strike(self, key: str = "Enter", *, stays: bool = False) -> None:
        """Strike a key where the focus is, and wait for the next page (unless it `stays`)."""
        if stays:
            self.page.keyboard.press(key)
            return
        self.page.evaluate("window.before = true")
        self.page.keyboard.press(key)
        self.page.wait_for_function("() => !window.before && document.readyState === 'complete'", timeout=60_000)

    def fill(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.focus(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    @property
    def title(self) -> str:
        """The heading of the page; it must be the title of the window too."""
        heading = self.page.locator("h1").inner_text()
        assert re.sub(r"^(Fout|Error): ", "", self.page.title()) == heading
        return heading

    @property
    def text(self) -> str:
        """The words on the page."""
        return self.page.locator("body").inner_text()

    def look(self, name: str) -> None:
        """Take a picture, and see that the page fits its window."""
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        assert self.page.evaluate(_SIDEWAYS) <= 0, f"{name} scrolls sideways"


@dataclass
class Stage:
    """A running demo and the browsers of the people in it."""

    portal: str
    chromium: Browser
    pictures: Path
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def person(self, name: str, size: dict[str, int] = DESKTOP, **options: Any) -> Person:
        """Give somebody a browser; what it complains about (the security policy, scripts) is an error of ours."""
        context = self.chromium.new_context(viewport=size, **options)  # type: ignore[arg-type]
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.contexts.append(context)
        return Person(name, context.new_page(), self.portal, self.pictures)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        """Close the browsers."""
        for context in self.contexts:
            context.close()
        assert self.complaints == []


def sign_in(person: Person, name: str = "Anna Jansen") -> None:
    """Sign in as a patient."""
    person.go("/")
    person.press("Inloggen met DigiD")
    person.press(name)
    assert person.title == "Mijn onderzoeken"


def share(person: Person, *studies: int) -> str:
    """Choose the studies at these places of the list, share them for a fortnight; returns the share's address."""
    boxes = person.page.locator("input[name=study]")
    for place in studies:
        person.press(f"{boxes.nth(place).get_attribute('id')}$", "Space", stays=True)
    person.press("^Toegang geven")
    assert person.title == "Voor wie en hoe lang?"
    person.fill("Voor wie is het", "Dr. D. Dekker, Kliniek De Linde")
    person.fill("Uw bericht", "Graag een tweede mening.")
    person.press("^Verder")
    assert person.title == "Controleer wat u deelt"
    person.press("^Toegang geven")
    assert person.title == "U heeft toegang gegeven"
    return person.page.url.removesuffix("/code")


def handed_over(person: Person) -> tuple[str, str, str, str]:
    """Read what there is to hand over on the result page: link, code, PIN, reference."""
    page = person.page
    link = page.locator("#share-link").text_content() or ""
    code, pin = (page.locator(mark).text_content() or "" for mark in (".secret:not(.pin)", ".secret.pin"))
    return link.strip(), code.strip(), pin.strip(), (page.locator(".notice .code").text_content() or "").strip()
