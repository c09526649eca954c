"""The image viewer's scripts stay small enough for a slow line: all of them together, as they travel with gzip."""

from __future__ import annotations

import json
from gzip import compress

from tests.house.tree import ROOT

DIST = ROOT / "frontend" / "dist"
MOST_BYTES = 1_200_000


def viewer_scripts() -> set[str]:
    """What the viewer's page loads or may load, workers and codecs included; WebAssembly is not script."""
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text())
    waiting, known, files = ["viewer/main.ts"], set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        entry = manifest[name]
        files |= {file for file in (entry["file"], *entry.get("assets", ())) if file.endswith(".js")}
        waiting += [*entry.get("imports", ()), *entry.get("dynamicImports", ())]
    return files


def test_the_viewers_scripts_are_within_their_budget() -> None:
    sizes = {file: len(compress((DIST / file).read_bytes(), 9)) for file in viewer_scripts()}
    assert len(sizes) >= 3 and sum(sizes.values()) <= MOST_BYTES, sizes
