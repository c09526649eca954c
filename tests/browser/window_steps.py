"""What somebody does with the browser itself, and what they wait for: a second tab, a picture, a mail."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as TooLate
from tests.browser.steps import pressable

if TYPE_CHECKING:
    from tests.browser.scene import Scene

_LOADS, _LOOK_MS = 60, 1_000
_SLOW_MS = 60_000
_MAILBOX = 20  # so many ports after the portal's
# Something is drawn that is not one grey.
_DRAWN = """() => {
  const canvas = document.querySelector('#viewer canvas');
  if (!canvas || !canvas.width) return false;
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [64, 64];
  const paper = copy.getContext('2d');
  paper.drawImage(canvas, 0, 0, 64, 64);
  return new Set(paper.getImageData(0, 0, 64, 64).data).size > 8;
}"""


@dataclass(frozen=True, slots=True)
class Tab:
    """Open what is shown once more, in a second tab, and go on there."""

    def take(self, scene: Scene) -> None:
        scene.second_tab()


@dataclass(frozen=True, slots=True)
class CloseTab:
    """Close the second tab and go on in the first, which shows what it showed."""

    def take(self, scene: Scene) -> None:
        scene.first_tab()


@dataclass(frozen=True, slots=True)
class LoadUntil:
    """Load the page again until these words stand on it; a minute at most."""

    words: str

    def take(self, scene: Scene) -> None:
        wanted = scene.page.get_by_text(scene.pattern(f"~{self.words}"))
        for _ in range(_LOADS):
            scene.page.reload()
            try:
                wanted.first.wait_for(timeout=_LOOK_MS)
            except TooLate:
                continue
            return
        raise AssertionError(f"{self.words} never stood on the page")


@dataclass(frozen=True, slots=True)
class See:
    """Wait until something of the page is seen: a selector."""

    place: str

    def take(self, scene: Scene) -> None:
        scene.page.locator(self.place).locator("visible=true").first.wait_for(timeout=_SLOW_MS)


@dataclass(frozen=True, slots=True)
class SeePicture:
    """Wait until the image viewer has drawn a picture."""

    def take(self, scene: Scene) -> None:
        scene.page.wait_for_function(_DRAWN, timeout=_SLOW_MS)


@dataclass(frozen=True, slots=True)
class PressUntil:
    """Press what has these words, one after the other, until something is seen: a selector."""

    words: str
    place: str

    def take(self, scene: Scene) -> None:
        wanted = scene.page.locator(self.place).first
        buttons = pressable(scene.page, scene.pattern(self.words))
        for turn in range(_LOADS):
            if wanted.is_visible():
                break
            buttons.nth(turn % buttons.count()).click()
            with suppress(TooLate):
                wanted.wait_for(timeout=_LOOK_MS)
        wanted.wait_for(timeout=_LOOK_MS)
        scene.stage.complaints.clear()  # the browser tells of each picture that did not come


@dataclass(frozen=True, slots=True)
class LoseHospitals:
    """From now on nothing of any hospital reaches this browser."""

    def take(self, scene: Scene) -> None:
        scene.page.route("**/dicom-web/**", lambda route: route.abort())


@dataclass(frozen=True, slots=True)
class NoteAddress:
    """Remember where one is under a name."""

    name: str

    def take(self, scene: Scene) -> None:
        scene.noted[self.name] = scene.page.url


@dataclass(frozen=True, slots=True)
class ReadMail:
    """Open the demo's mailbox and remember the newest link that leads to this path, to be opened in any language."""

    path: str
    name: str

    def take(self, scene: Scene) -> None:
        host, _, port = scene.stage.portal.rpartition(":")
        mailbox = scene.page.context.new_page()
        mailbox.goto(f"{host.replace('portal.', 'mail.')}:{int(port) + _MAILBOX}")
        link = mailbox.locator(f"a[href*='{self.path}']").first
        for _ in range(_LOADS):
            with suppress(TooLate):
                link.wait_for(timeout=_LOOK_MS)
                break
            mailbox.reload()
        address = link.get_attribute("href") or ""
        mailbox.close()
        scene.noted[self.name] = address[address.index(self.path) :]
