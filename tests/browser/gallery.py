"""The gallery in build/screenshots: which looks there are, and the page on which all pictures stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from tests.browser.people import DESKTOP, PHONE
from tests.browser.walks import Walk


@dataclass(frozen=True, slots=True)
class Appearance:
    """One way of looking at pages. `sample`: only these walks; without it all of them."""

    name: str
    size: dict[str, int]
    language: str = "nl"
    options: dict[str, Any] = field(default_factory=dict)
    media: str = "screen"
    sample: tuple[str, ...] = ()


_SAMPLE = ("front doors", "a patient shares", "two organisations want the same share")
LOOKS = (
    Appearance("phone", PHONE),
    Appearance("desktop", DESKTOP),
    Appearance("dark", PHONE, "en", {"color_scheme": "dark"}, sample=_SAMPLE),
    Appearance("print", DESKTOP, media="print", sample=_SAMPLE),
    Appearance(
        "contrast", PHONE, options={"forced_colors": "active", "reduced_motion": "reduce"}, sample=_SAMPLE[:2]
    ),
    Appearance("long", PHONE, "xl", sample=_SAMPLE),
    Appearance("right-to-left", PHONE, "xr", sample=_SAMPLE),
)


def file_name(look: Appearance, stop: str) -> str:
    """Return the name of one picture."""
    return f"{stop.replace(',', '').replace(' ', '-').lower()}.{look.name}.png"


def write_index(folder: Path, walks: Iterable[Walk]) -> None:
    """Write the page with all pictures, as far as they were taken."""
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Gallery</title>",
        "<style>body{font:1rem system-ui;margin:2rem}figure{display:inline-block;margin:0 1rem 1rem 0;"
        "vertical-align:top}img{max-width:20rem;max-height:40rem;border:1px solid}</style><h1>Gallery</h1>",
    ]
    for walk in walks:
        parts.append(f"<h2>{escape(walk.name)}</h2>")
        for stop in walk.stops:
            files = [(look.name, file_name(look, stop.name)) for look in LOOKS]
            shown = "".join(
                f"<figure><a href='{file}'><img loading='lazy' src='{file}' alt=''></a>"
                f"<figcaption>{look}</figcaption></figure>"
                for look, file in files
                if (folder / file).exists()
            )
            parts.append(f"<h3>{escape(stop.name)}</h3>{shown}")
    (folder / "index.html").write_text("\n".join(parts), encoding="utf-8")
