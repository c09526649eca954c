"""A task of people.md §6 as somebody does it: from the front page, by what is seen; its time is told, not judged."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser.people import DESKTOP, Stage
from tests.browser.scene import Scene, says
from tests.browser.steps import Look, Step, anywhere


class Task(Scene):
    """Steps, and what is seen on the way."""

    def do(self, *steps: Step) -> None:
        """Take some steps."""
        self.walk(steps)

    def sees(self, key: str, **values: object) -> None:
        """See a text of the catalogue on the page, whatever page that is by now."""
        self.sees_words(says(self.language)(key, **values) if values else says(self.language)(key))

    def sees_words(self, words: str) -> None:
        """See these words."""
        self.page.get_by_text(anywhere(words)).locator("visible=true").first.wait_for(timeout=15_000)

    def sees_no(self, words: str) -> None:
        """Do not see these words."""
        assert not self.page.get_by_text(anywhere(words)).locator("visible=true").count(), f"{words} is to be seen"

    def reads(self) -> str:
        """Return the words of the page, as somebody reads them."""
        return re.sub(r"\s+", " ", self.page.locator("main").inner_text())

    def fits(self) -> None:
        """See that nothing scrolls sideways."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@contextmanager
def task(
    name: str, stage: Stage, size: dict[str, int] = DESKTOP, language: str = "nl", **options: object
) -> Iterator[Task]:
    """Begin a task; its pictures are kept under its name."""
    began = time.monotonic()

    def at_stop(scene: Scene, stop: Look) -> None:
        scene.page.screenshot(path=stage.pictures / f"task-{name}-{stop.name}.png", full_page=True)

    yield Task(stage, language, at_stop, size, dict(options))
    sys.stdout.write(f"task {name}: {time.monotonic() - began:.0f} s by script\n")
