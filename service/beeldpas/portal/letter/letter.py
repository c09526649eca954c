"""Writes the letter as PDF/UA-1, in the reader's language, without fetching anything.

It never holds the PIN, the BSN or a birth date: who finds it has a key without its lock.
*Source:* ISO 14289-1 (PDF/UA-1); WeasyPrint.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from beeldpas.portal.actions.print_letter import LetterFacts
from beeldpas.portal.letter.qr import qr_svg
from beeldpas.portal.pages.assets import STATIC_URL
from beeldpas.portal.pages.pages import Pages

_AT_ONCE = CapacityLimiter(2)
_STYLES = "styles/letter.css"
_MOST_HOSPITALS = 6


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that stands in one letter. `typed_name` is the patient's own words, or "" for a line to write on."""

    facts: LetterFacts
    link: str
    grouped_code: str
    typed_name: str
    pin_until: datetime
    printed_at: datetime


async def write_letter(pages: Pages, letter: Letter) -> bytes:
    """Return the PDF; two are written at a time, each in a thread of its own, since it takes a while."""
    return await to_thread.run_sync(_write, pages, letter, limiter=_AT_ONCE)


def _write(pages: Pages, letter: Letter) -> bytes:
    voice = pages.voices[letter.facts.language]
    qr = "data:image/svg+xml;base64," + b64encode(qr_svg(letter.link).encode()).decode()
    shown = letter.facts.hospitals[:_MOST_HOSPITALS]
    context = {
        "letter": letter,
        "facts": letter.facts,
        "qr": qr,
        "hospitals": shown,
        "more_hospitals": len(letter.facts.hospitals) - len(shown),
        "title": voice.t("letter.title"),
    }
    text = pages.text("letter/letter.html", voice, context)
    fetcher, fonts = _OwnFilesOnly(pages.assets.dist), FontConfiguration()
    styles = CSS(filename=pages.assets.file(_STYLES), url_fetcher=fetcher, font_config=fonts, base_url=_BASE)
    pdf: bytes = HTML(string=text, url_fetcher=fetcher, base_url=_BASE).write_pdf(
        stylesheets=[styles], font_config=fonts, pdf_variant="pdf/ua-1"
    )
    return pdf


_BASE = "https://letter.invalid/"


class _OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Gives fonts that were built with the pages, and data that stands in the letter itself; nothing else."""

    def __init__(self, dist: Path) -> None:
        super().__init__(allowed_protocols={"data", "file"})
        self._dist = dist

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return what a URL stands for. Raises: ValueError for anything from elsewhere."""
        if url.startswith("data:"):
            return super().fetch(url, headers)
        if not url.startswith(_BASE):
            raise ValueError("a letter fetches nothing")
        name = url.removeprefix(_BASE.rstrip("/")).removeprefix(STATIC_URL)
        path = (self._dist / name).resolve()
        if not path.is_relative_to(self._dist.resolve()):
            raise ValueError("a letter fetches nothing")
        return super().fetch(path.as_uri(), headers)
