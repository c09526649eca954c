"""The letter: a tagged PDF whose QR code is the link, and that is a key without its lock."""

from __future__ import annotations

import re

import pytest
from tests.cast import ANNA
from tests.letter_paper import catalog, printed, words_of, zxing_reads
from tests.portal_doors import Doors


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_letter_opens_the_share_with_the_pin_and_holds_neither_pin_nor_bsn(
    doors: Doors, language: str
) -> None:
    patient = await doors.patient()
    share_id, code, pin, page = await patient.share(language=language)
    answer = await patient.post(f"/shares/{share_id}/letter.pdf", {"patient_name": "A. <Jansen>"})
    assert answer.headers["content-type"] == "application/pdf"
    assert zxing_reads(printed(answer.content)) == page.marked("share-link")
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


async def test_who_asks_for_the_letter_says_what_it_names(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, _, _, page = await patient.share()
    offered = page.form("/letter.pdf")
    assert offered.values["hospitals"] == "yes", "hospitals are named unless the patient takes the tick away"
    assert "studies" not in offered.values, "studies are named only when the patient ticks it"
    named = (await patient.post(f"/shares/{share_id}/letter.pdf", {"hospitals": "yes", "studies": "yes"})).content
    silent = (await patient.post(f"/shares/{share_id}/letter.pdf")).content
    assert "Ziekenhuis Noord" in words_of(named)[0]
    assert "CT-scan" in words_of(named)[0]
    assert "Ziekenhuis Noord" not in words_of(silent)[0]
    assert "CT-scan" not in words_of(silent)[0]
    assert catalog(silent)["lang"] == "nl"


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
