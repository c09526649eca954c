"""A walk in one language: who is where in their browser, what was noted, and what happens at every stop."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error, Locator, Page
from tests.browser.people import Person, Stage
from tests.browser.raw_download import RawDownload
from tests.browser.steps import Look, Step, anywhere, pattern_of
from tests.house.tree import ROOT

from beeldpas.portal.words.catalogue import DEFAULT_LANGUAGE, Translator, load_translators
from beeldpas.portal.words.pseudo import load_pseudo_translators

_LOCALES = ROOT / "frontend" / "locales"
_NAMED = re.compile(r"\{(\w+)\}")
LANGUAGES = ("nl", "en", "xl", "xr")


def says(language: str) -> Translator:
    """Return what speaks a language, or a made-up one."""
    return {**load_translators(_LOCALES), **load_pseudo_translators(_LOCALES)}[language]


@dataclass
class Scene:
    """People walking; `at_stop` looks at the page wherever the walk says so."""

    stage: Stage
    language: str
    at_stop: Callable[[Scene, Look], None]
    size: dict[str, int]
    options: dict[str, Any] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    door: str = "patient"
    running: RawDownload | None = None
    _people: dict[str, Person] = field(default_factory=dict)
    _now: Person | None = None

    def walk(self, steps: tuple[Step, ...]) -> None:
        """Take the steps."""
        for step in steps:
            try:
                step.take(self)
            except (Error, AssertionError, LookupError) as error:
                where = f"{step} at {self.page.url if self._now else 'the beginning'} in {self.language}"
                self._leave()
                raise AssertionError(f"{where}: {error}") from error

    def _leave(self) -> None:
        """Sign out whoever came as a patient: nobody who comes after finds a share half made."""
        for person in self._people.values():
            person.page.goto(self.stage.portal)
            signed_in = person.page.locator("header form[action$='/sign-out'] button")
            if signed_in.count():
                with person.page.expect_navigation():
                    signed_in.click()

    @property
    def page(self) -> Page:
        """The page of whoever acts."""
        assert self._now is not None
        return self._now.page

    def turn_to(self, name: str, door: str) -> None:
        """Let somebody act, in a browser of their own."""
        if name not in self._people:
            self._people[name] = self.stage.person(name, self.size, **self.options)
        self._now, self.door = self._people[name], door

    def second_tab(self) -> None:
        """Open the address that is shown in one more tab, and go on there."""
        assert self._now is not None
        address = self.page.url
        self._now.page = self.page.context.new_page()
        self.page.goto(address)

    def first_tab(self) -> None:
        """Close the second tab and go on in the first."""
        assert self._now is not None
        first = self.page.context.pages[0]
        self.page.close()
        self._now.page = first

    def open(self, address: str) -> None:
        """Go to an address; one of the portal's own is taken in the walk's language."""
        prefix = "" if self.language == DEFAULT_LANGUAGE else f"/{self.language}"
        _, is_link, secret = address.partition("/s#")
        if is_link:  # whatever host the link names: this portal's
            address = f"{self.stage.portal}{prefix}/s#{secret}"
        elif "://" not in address:
            address = self.stage.portal + prefix + address
        self.page.goto("about:blank")  # only another fragment would load nothing
        self.page.goto(address)

    def follow(self, found: Locator) -> None:
        """Use a link or button and wait for the page that it leads to."""
        found.wait_for()
        if self.options.get("java_script_enabled") is False:
            with self.page.expect_navigation(wait_until="load", timeout=60_000):
                found.click()
            return
        self.page.evaluate("window.before = true")
        found.click()
        self.page.wait_for_function("() => !window.before && document.readyState === 'complete'", timeout=60_000)

    def fill_in(self, text: str) -> str:
        """Put what was noted where the text names it."""
        return _NAMED.sub(lambda found: self.noted.get(found[1], found[0]), text)

    def pattern(self, words: str) -> re.Pattern[str]:
        """Return what finds these words in the walk's language."""
        if words.startswith("="):
            return re.compile(f"^\\s*({self.fill_in(words[1:])})")
        if words.startswith("~"):
            return anywhere(says(self.language)(words[1:]))
        return pattern_of(says(self.language)(words))

    def look(self, stop: Look) -> None:
        """See that the page is the one that the walk names, and what it is to be looked at for."""
        heading = self.page.locator("h1").first.inner_text()
        assert self.pattern(stop.title).search(heading), f"{stop.name} has the heading {heading!r}"
        if stop.state:
            says_it = anywhere(says(self.language)(f"state.{stop.state}.{stop.part}"))
            found = self.page.get_by_text(says_it).first
            assert found.count() or says_it.search(heading), f"{stop.name} does not say {stop.state}"
        self.at_stop(self, stop)
