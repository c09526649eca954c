"""Reads the letter as a scanner and a reader do: the QR from a picture at 150 dpi, the words of the text layer."""

from dataclasses import dataclass
from typing import Final

import pypdfium2
import zxingcpp

_DPI: Final = 150
_POINTS_PER_INCH: Final = 72


@dataclass(frozen=True, slots=True)
class Letter:
    """What is found: the texts of its QR codes, and its words."""

    qr: tuple[str, ...]
    text: str
    pages: int


def read_letter(pdf: bytes) -> Letter:
    """Render each page, decode its codes and take out its text."""
    document = pypdfium2.PdfDocument(pdf)
    codes: list[str] = []
    words: list[str] = []
    for page in document:
        picture = page.render(scale=_DPI / _POINTS_PER_INCH).to_pil()
        codes += [found.text for found in zxingcpp.read_barcodes(picture)]
        words.append(page.get_textpage().get_text_bounded())
    return Letter(tuple(codes), "\n".join(words), len(document))
