"""Writes the letter as PDF/UA-1, in the reader's language, without fetching anything.

It never holds the PIN, the BSN or a birth date: who finds it has a key without its lock.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from beeldpas.portal.actions.print_letter import LetterFacts
from beeldpas.portal.letter.pdf import write_pdf
from beeldpas.portal.letter.qr import qr_svg
from beeldpas.portal.letter.reading_aloud import reads_spans_as, spelled
from beeldpas.portal.pages.pages import Pages
from beeldpas.portal.words.voice import Voice

_MOST_HOSPITALS, _MOST_STUDIES = 6, 4


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that stands in one letter. `typed_name` is the patient's own words, or "" for a line to write on.

    `names_hospitals` and `names_studies`: whether the patient wants them named; whoever finds the letter reads them.
    """

    facts: LetterFacts
    link: str
    grouped_code: str
    typed_name: str
    pin_until: datetime
    printed_at: datetime
    names_hospitals: bool = True
    names_studies: bool = False


async def write_letter(pages: Pages, letter: Letter) -> bytes:
    """Return the PDF."""
    voice = pages.voices[letter.facts.language]
    qr = "data:image/svg+xml;base64," + b64encode(qr_svg(letter.link).encode()).decode()
    hospitals = letter.facts.hospitals
    context = {
        "letter": letter,
        "facts": letter.facts,
        "qr": qr,
        "hospitals": hospitals[:_MOST_HOSPITALS] if letter.names_hospitals else (),
        "more_hospitals": max(0, len(hospitals) - _MOST_HOSPITALS) if letter.names_hospitals else 0,
        "studies": sum(hospital.studies for hospital in hospitals),
        "reports": sum(hospital.reports for hospital in hospitals),
        "titles": _titles(voice, letter) if letter.names_studies else (),
        "title": voice.t("letter.title"),
    }
    read_as = [*filter(None, (letter.typed_name, letter.facts.for_whom)), spelled(letter.grouped_code)]
    return await write_pdf(pages, "letter/letter.html", voice, context, reads_spans_as(read_as))


def _titles(voice: Voice, letter: Letter) -> list[str]:
    """Name the newest examinations in words; the rest is counted, since the page is full."""
    newest = sorted(letter.facts.titled, key=lambda study: str(study.started or ""), reverse=True)
    named = [f"{voice.title(study)} ({voice.date(study.started)})" for study in newest[:_MOST_STUDIES]]
    rest = len(newest) - len(named)
    return [*named, voice.count("letter.more_studies", rest)] if rest else named
