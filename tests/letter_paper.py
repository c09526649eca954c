"""Looking at a letter as others do: its text, its pages as a printer and a camera give them, its structure."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import cv2
import numpy
import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image

DOTS_PER_INCH = 150
MM = 25.4 / DOTS_PER_INCH
PAPER = 235  # the grey of the paper around a page that lies askew


def words_of(pdf: bytes) -> list[str]:
    """The text of each page, white space squeezed."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            " ".join(document[number].get_textpage().get_text_bounded().split()) for number in range(len(document))
        ]


def printed(pdf: bytes, askew: float = 0) -> Image.Image:
    """The first page as a grey print of 150 dots per inch, turned by some degrees."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    return page.rotate(askew, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER) if askew else page


def zxing_reads(picture: Image.Image) -> str:
    """What zxing-cpp sees; it finds several codes, and here is one."""
    (code,) = zxingcpp.read_barcodes(picture)
    return code.text


def opencv_reads(picture: Image.Image) -> str:
    """What OpenCV sees, which has a detector and a decoder of its own."""
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(numpy.asarray(picture))
    return text


def qr_box(pdf: bytes) -> tuple[float, float, float, float]:
    """Where the modules begin and end, in mm from the left and the top: left, top, right, bottom."""
    (code,) = zxingcpp.read_barcodes(printed(pdf))
    first, last = code.position.top_left, code.position.bottom_right
    return first.x * MM, first.y * MM, last.x * MM, last.y * MM


def elements(pdf: bytes) -> list[tuple[str, str, str]]:
    """The structure tree in reading order: tag, alternative of a picture, and what is read instead of the text."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return list(_walk(document.Root.StructTreeRoot.K))


def catalog(pdf: bytes) -> dict[str, str]:
    """What the document says of itself."""
    with pikepdf.open(BytesIO(pdf)) as document, document.open_metadata() as metadata:
        return {
            "lang": str(document.Root.Lang),
            "marked": str(document.Root.MarkInfo.Marked),
            "shows_title": str(document.Root.ViewerPreferences.DisplayDocTitle),
            "title": str(metadata["dc:title"]),
            "part": str(metadata["pdfuaid:part"]),
        }


def _walk(kids: pikepdf.Object) -> Iterator[tuple[str, str, str]]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S)[1:], str(kid.get("/Alt", "")), str(kid.get("/ActualText", ""))
            yield from _walk(kid.get("/K", pikepdf.Array()))
