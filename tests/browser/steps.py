"""What a walk through the pages is made of: somebody finds things by what they are and what stands on them.

Words are keys of the catalogue, so that a walk is the same in every language. `~` before a key: the text may stand
anywhere, not at the beginning only. What begins with `=` is a pattern instead, for what stands there in all of them.
What is between braces in a value was noted earlier in the walk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from playwright.sync_api import Locator, Page

if TYPE_CHECKING:
    from tests.browser.scene import Scene

_PLACE = re.compile(r"\\{[^}]*\\}")


class Step(Protocol):
    """Something that somebody does."""

    def take(self, scene: Scene) -> None:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Who:
    """From here on this person's browser is used; `alone` has nothing in it yet."""

    name: str
    door: str

    def take(self, scene: Scene) -> None:
        scene.turn_to(self.name, self.door)


@dataclass(frozen=True, slots=True)
class Open:
    """Type an address."""

    address: str

    def take(self, scene: Scene) -> None:
        scene.open(scene.fill_in(self.address))


@dataclass(frozen=True, slots=True)
class Press:
    """Use the button or link (or what unfolds something) that begins with these words; the `nth` of them."""

    words: str
    nth: int = 0
    stays: bool = False

    def take(self, scene: Scene) -> None:
        found = pressable(scene.page, scene.pattern(self.words)).nth(self.nth)
        if self.stays:
            found.click()
        else:
            scene.follow(found)


@dataclass(frozen=True, slots=True)
class Fill:
    """Type into the field with this label."""

    label: str
    text: str

    def take(self, scene: Scene) -> None:
        scene.page.get_by_label(scene.pattern(self.label)).first.fill(scene.fill_in(self.text))


@dataclass(frozen=True, slots=True)
class Tick:
    """Choose the `nth` box or radio whose label begins with these words."""

    label: str
    nth: int = 0

    def take(self, scene: Scene) -> None:
        scene.page.get_by_label(scene.pattern(self.label)).nth(self.nth).check()


@dataclass(frozen=True, slots=True)
class Choose:
    """Choose from the list with this label, by place: 0 is the first, -1 the last."""

    label: str
    place: int

    def take(self, scene: Scene) -> None:
        found = scene.page.get_by_label(scene.pattern(self.label)).first
        values = found.evaluate("(list) => [...list.options].map((one) => one.value)")
        found.select_option(values[self.place])


@dataclass(frozen=True, slots=True)
class Note:
    """Remember what stands in one place of the page under a name."""

    name: str
    place: str

    def take(self, scene: Scene) -> None:
        scene.noted[self.name] = (scene.page.locator(self.place).first.text_content() or "").strip()


@dataclass(frozen=True, slots=True)
class Look:
    """Stop and look at a page: its name, the key of its title, the state of people.md §3.8 that it shows.

    `errors`: a form came back. `part`: by which of its texts the state is known.
    """

    name: str
    title: str
    state: str = ""
    errors: bool = False
    part: str = "title"

    def take(self, scene: Scene) -> None:
        scene.look(self)


def pressable(page: Page, words: re.Pattern[str]) -> Locator:
    """Find visible links, buttons and summaries by their words."""
    by_role = page.get_by_role("button", name=words).or_(page.get_by_role("link", name=words))
    return by_role.or_(page.locator("summary").filter(has_text=words)).locator("visible=true")


def pattern_of(text: str) -> re.Pattern[str]:
    """Match what begins with a text of the catalogue; anything may stand where it has `{names}`."""
    return re.compile(r"^\s*(← )?" + _PLACE.sub(".*", re.escape(text)).replace(r"\ ", r"\s+"))


def anywhere(text: str) -> re.Pattern[str]:
    """Match what has a text of the catalogue somewhere."""
    return re.compile(pattern_of(text).pattern.removeprefix(r"^\s*(← )?"))
