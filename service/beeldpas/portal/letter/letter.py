"""Writes the letter as PDF/UA-1, in the reader's language, without fetching anything.

It never holds the PIN, the BSN or a birth date: who finds it has a key without its lock.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from beeldpas.portal.actions.print_letter import LetterFacts
from beeldpas.portal.letter.pdf import write_pdf
from beeldpas.portal.letter.qr import qr_svg
from beeldpas.portal.pages.pages import Pages

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
    """Return the PDF."""
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
    return await write_pdf(pages, "letter/letter.html", voice, context)
