"""A patient's log on paper, to take along or to keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from beeldpas.portal.letter.pdf import write_pdf
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.words.voice import Voice


@dataclass(frozen=True, slots=True)
class PrintedLog:
    """What is printed: lines newest first, of which days, when; `cut_at` is how many when there are more, or 0."""

    lines: Sequence[Any]
    first: date
    last: date
    printed_at: datetime
    cut_at: int


async def write_log(pages: Pages, voice: Voice, printed: PrintedLog) -> bytes:
    """Return the PDF in the reader's language."""
    return await write_pdf(pages, "letter/log.html", voice, {"log": printed, "title": voice.t("log.pdf.title")})
