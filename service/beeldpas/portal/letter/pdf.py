"""Making a PDF/UA-1 of a template, with our own fonts and without fetching anything.

*Source:* ISO 14289-1 (PDF/UA-1); WeasyPrint.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from beeldpas.portal.pages.assets import STATIC_URL
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.words.voice import Voice

_AT_ONCE = CapacityLimiter(2)
_STYLES = "styles/letter.css"
_BASE = "https://letter.invalid/"


Finish = Callable[[Any, Any], None]


async def write_pdf(
    pages: Pages, template: str, voice: Voice, context: Mapping[str, Any], finish: Finish | None = None
) -> bytes:
    """Return the PDF; two are written at a time, each in a thread of its own, since it takes a while.

    `finish` may still change the document (WeasyPrint's) and its PDF (pydyf's) just before it is written.
    """
    return await to_thread.run_sync(_write, pages, template, voice, context, finish, limiter=_AT_ONCE)


def _write(pages: Pages, template: str, voice: Voice, context: Mapping[str, Any], finish: Finish | None) -> bytes:
    text = pages.text(template, voice, context)
    fetcher, fonts = _OwnFilesOnly(pages.assets.dist), FontConfiguration()
    styles = CSS(filename=pages.assets.file(_STYLES), url_fetcher=fetcher, font_config=fonts, base_url=_BASE)
    pdf: bytes = HTML(string=text, url_fetcher=fetcher, base_url=_BASE).write_pdf(
        stylesheets=[styles], font_config=fonts, finisher=finish, pdf_variant="pdf/ua-1"
    )
    return pdf


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
