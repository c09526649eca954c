"""The lines around a report that the gateway shows, in the reader's language. The report itself stays as written."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from beeldpas.formats.html_text import shown

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_STYLE = (
    "body{font:1.125rem/1.5 sans-serif;color:#1a1a1a;background:#fff;max-width:45rem;margin:0 auto;padding:1rem;"
    "overflow-wrap:anywhere}"
    ".frame{font:1.125rem/1.5 sans-serif;border-bottom:.125rem solid #c4c4c4;margin-bottom:1rem;padding-bottom:.5rem}"
    ".frame a,.open{display:inline-block;min-height:1.75rem;padding:.5rem 0;color:#154273}"
    ".frame a:focus-visible,.open:focus-visible{outline:.1875rem solid #154273;outline-offset:.125rem}"
    ".frame strong{display:block}"
    "@media print{.frame a{display:none}}"
)


@dataclass(frozen=True, slots=True)
class _Words:
    back: str
    for_doctor: str
    newer: str
    older: str
    is_old: str
    was_changed: str
    open_pdf: str
    why_pdf: str


_WORDS: Mapping[str, _Words] = {
    "nl": _Words(
        "Terug",
        "Dit verslag is geschreven voor uw arts.",
        "Lees het nieuwste verslag",
        "Lees de oude tekst",
        "Let op: dit is een oude tekst. De arts heeft het verslag later verbeterd of aangevuld.",
        "Dit is de nieuwste tekst. De arts heeft het verslag verbeterd of aangevuld.",
        "Open het verslag (pdf)",
        "Het verslag is een pdf-bestand. Uw telefoon of computer laat het zien.",
    ),
    "en": _Words(
        "Back",
        "This report was written for your doctor.",
        "Read the newest report",
        "Read the old text",
        "Note: this is an old text. The doctor corrected the report or added to it later.",
        "This is the newest text. The doctor corrected the report or added to it.",
        "Open the report (PDF)",
        "The report is a PDF file. Your phone or computer shows it.",
    ),
}
_FOR_PROVIDER: Mapping[str, str] = {
    "nl": "Verslag zoals {hospital} het bewaart.",
    "en": "Report as {hospital} keeps it.",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands above a report: addresses are None where there is nothing to go to."""

    language: str
    hospital: str
    is_patient: bool
    back: str | None
    newer: str | None
    older: str | None

    def above(self) -> str:
        """Return what stands above the report."""
        words = _WORDS[self.language]
        lines = [f'<p><a href="{escape(self.back)}">← {words.back}</a></p>'] if self.back else []
        own = words.for_doctor if self.is_patient else _FOR_PROVIDER[self.language].format(hospital=self.hospital)
        lines.append(f"<p><strong>{shown(own)}</strong></p>")
        if self.newer or self.older:
            which = f"<strong>{words.is_old}</strong>" if self.newer else words.was_changed
            # An old text leads to the newest one only: whoever reads back sees at each step that it is old.
            address, name = (self.newer, words.newer) if self.newer else (self.older, words.older)
            lines.append(f'<p>{which} <a href="{escape(address or "")}">{name}</a></p>')
        return (
            f'<style>{_STYLE}</style><header class="frame" lang="{self.language}" dir="ltr">{"".join(lines)}</header>'
        )

    def around_page(self, page: bytes) -> bytes:
        """Put the lines above the page of a structured report, which keeps every letter of its own."""
        before, body, after = page.partition(b"<body>")
        return before + body + self.above().encode() + after

    def page_of_pdf(self, title: str, address: str) -> bytes:
        """Return the page that leads to a report that is a PDF."""
        words = _WORDS[self.language]
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}"><head><meta charset="utf-8"><title>{shown(title)}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
            f'<body>{self.above()}<main><h1 dir="auto">{shown(title)}</h1><p>{words.why_pdf}</p>'
            f'<p><a class="open" href="{escape(address)}">{words.open_pdf}</a></p></main></body></html>\n'
        ).encode()
