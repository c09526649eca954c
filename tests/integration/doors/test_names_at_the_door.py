"""Names are asked for at the door and nowhere else; where nobody gives them, nobody gets in."""

from __future__ import annotations

import json

import pytest
from tests.cast import ANNA
from tests.portal_doors import Doors, digid_says

from beeldpas.portal.store.tables import access_log, session


async def test_no_names_no_sign_in_and_the_log_says_why(doors: Doors) -> None:
    doors.town.house.pseudonyms.down = True
    before = len(await doors.town.rows(session))
    visitor = doors.visitor()
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert page.status == 503
    assert ANNA.bsn.reveal() not in page.html
    assert "/timeline" not in (await visitor.get("/timeline")).url
    rows = await doors.town.rows(access_log, access_log.c.kind == "sign_in")
    told = json.loads(max(rows, key=lambda row: row.row_id).record)
    assert (told["outcome"], told["reason"], told["patient"]) == ("refused", "login_outage", None)
    assert len(await doors.town.rows(session)) <= before + 1, "but for the sign-in that was under way"


async def test_a_visit_asks_once_whatever_is_looked_at(doors: Doors) -> None:
    patient = await doors.patient()
    asked = doors.town.house.pseudonyms.asked
    doors.town.house.pseudonyms.down = True
    for path in ("/timeline", "/shares", "/log"):
        assert (await patient.get(path)).status == 200
    await patient.share()
    assert doors.town.house.pseudonyms.asked == asked


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_who_cannot_sign_in_reads_that_there_is_an_outage(doors: Doors, language: str) -> None:
    doors.town.house.pseudonyms.down = True
    visitor = doors.visitor(language)
    doors.parties["patient"].says = digid_says(ANNA.bsn.reveal())
    page = await visitor.sign_in("/sign-in", "/callback/digid")
    assert page.status == 503
    assert ("storing" in page.text.lower()) == (language == "nl")
