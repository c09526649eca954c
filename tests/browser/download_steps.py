"""What somebody does with a download: begin it, and lose its connection; for what a page tells of it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.raw_download import RawDownload

if TYPE_CHECKING:
    from tests.browser.scene import Scene

_FIRST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin the first download of the page; its first megabyte arrives, and then nobody reads on."""

    def take(self, scene: Scene) -> None:
        scene.running = RawDownload(scene.page, "form.download")
        assert len(scene.running.read(_FIRST_BYTES)) == _FIRST_BYTES


@dataclass(frozen=True, slots=True)
class Break:
    """The connection of that download breaks."""

    def take(self, scene: Scene) -> None:
        assert scene.running is not None
        scene.running.cut()
        scene.running = None
