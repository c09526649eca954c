"""The letter: a tagged PDF whose QR code is the link, and that is a key without its lock."""

from __future__ import annotations

import re
import zlib

import pypdfium2
import pytest
import zxingcpp
from tests.cast import ANNA
from tests.portal_doors import Doors

DOTS_PER_INCH, FOLDS_MM = 150, (99.0, 198.0)


def words_of(pdf: bytes) -> list[str]:
    """The text of each page, white space squeezed."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            " ".join(document[number].get_textpage().get_text_bounded().split()) for number in range(len(document))
        ]


def qr_of(pdf: bytes) -> tuple[str, float, float]:
    """What the QR code says, in a grey rendering, and where it begins and ends, in mm from the top."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    top, bottom = (point.y * 25.4 / DOTS_PER_INCH for point in (code.position.top_left, code.position.bottom_left))
    return code.text, top, bottom


def structure_of(pdf: bytes) -> bytes:
    """The PDF with its compressed objects opened."""
    opened = pdf
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            opened += zlib.decompress(stream)
        except zlib.error:
            continue
    return opened


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_letter_opens_the_share_with_the_pin_and_holds_neither_pin_nor_bsn(
    doors: Doors, language: str
) -> None:
    patient = await doors.patient()
    share_id, code, pin, page = await patient.share(language=language)
    answer = await patient.post(f"/shares/{share_id}/letter.pdf", {"patient_name": "A. <Jansen>"})
    assert answer.headers["content-type"] == "application/pdf"
    link, top, bottom = qr_of(answer.content)
    assert link == page.marked("share-link")
    assert bottom - top >= 25
    assert not any(top < fold < bottom for fold in FOLDS_MM)
    first, second = words_of(answer.content)
    assert code.grouped().replace(" ", " · ") in first
    assert "A. <Jansen>" in first
    assert "portal.example/s" in first
    assert page.marked("code") in first
    assert page.marked("code") in second
    assert ("Geldig tot en met 8 december 2026" if language == "nl" else "Valid until 8 December 2026") in first
    for text in (first, second):
        assert pin.reveal() not in re.sub(r"\s", "", text)
        assert ANNA.bsn.reveal() not in re.sub(r"\D", "", text)
        assert "1952" not in text
    assert code.reveal()[:4] not in second


async def test_the_letter_is_tagged_and_says_its_language_title_and_what_the_code_is(doors: Doors) -> None:
    patient = await doors.patient()
    share_id = (await patient.share())[0]
    structure = structure_of((await patient.get(f"/shares/{share_id}/letter.pdf")).content)
    assert b"/Lang (nl)" in structure
    assert b"/Marked true" in structure
    assert b'pdfuaid:part="1"' in structure
    assert b"/Alt (QR-code met de link" in structure
    for tag in (b"/H1", b"/H2", b"/L", b"/LI", b"/Figure"):
        assert b"/S " + tag in structure


async def test_the_letter_fits_its_page_with_long_names_and_many_hospitals(doors: Doors) -> None:
    patient = await doors.patient()
    whom = "Dr. Maximiliaan van der Hoogenband-Wolfeschlegelsteinhausen, afdeling Radiologie"
    share_id = (await patient.share(for_whom=whom))[0]
    answer = await patient.post(f"/shares/{share_id}/letter.pdf", {"patient_name": "Q" * 200})
    assert len(words_of(answer.content)) == 2
    assert whom in words_of(answer.content)[0]


async def test_there_is_no_letter_when_the_code_is_gone_or_the_share_stopped(doors: Doors) -> None:
    patient = await doors.patient()
    share_id = (await patient.share())[0]
    doors.town.clock.pass_by(minutes=10)
    await patient.get("/shares")
    doors.town.clock.pass_by(minutes=10)
    assert "De code en pincode zijn niet meer te zien" in (await patient.get(f"/shares/{share_id}/letter.pdf")).text
    await patient.post(f"/shares/{share_id}/new-code")
    await patient.post(f"/shares/{share_id}/stop")
    assert (await patient.get(f"/shares/{share_id}/letter.pdf")).status == 403
