"""A picture of every page and state: on a phone and a desk, and a sample in the dark, on paper, long, right to left.

`make screenshots` takes them all; `build/screenshots/index.html` shows them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.browser import gallery
from tests.browser.pages import WALKS
from tests.browser.people import Stage
from tests.browser.scene import Scene
from tests.browser.steps import Look
from tests.browser.walks import Walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TAKEN = [(look, walk) for look in gallery.LOOKS for walk in WALKS if not look.sample or walk.name in look.sample]


@pytest.mark.parametrize(("look", "walk"), TAKEN, ids=lambda one: one.name)
def test_every_page_fits_and_is_kept_as_a_picture(seen_by: Stage, look: gallery.Appearance, walk: Walk) -> None:
    too_wide = []

    def at_stop(scene: Scene, stop: Look) -> None:
        if look.media == "print":
            scene.page.emulate_media(media="print")
        elif scene.page.evaluate(_SIDEWAYS) > 0:
            too_wide.append(stop.name)
        scene.page.screenshot(path=seen_by.pictures / gallery.file_name(look, stop.name), full_page=True)
        scene.page.emulate_media(media="screen")

    options = dict(look.options) | ({} if walk.scripts else {"java_script_enabled": False})
    Scene(seen_by, look.language, at_stop, look.size, options).walk(walk.steps)
    assert too_wide == []


def test_they_stand_on_one_page(pictures: Path) -> None:
    gallery.write_index(pictures, WALKS)
