"""The security officer's door: the log of a period as a table, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import ANNA, NOW
from tests.portal_doors import Doors

from beeldpas.domain.share import HERE

TODAY = NOW.astimezone(HERE).date()
PERIOD = f"since={TODAY - timedelta(days=1)}&until={TODAY + timedelta(days=1)}"


async def test_the_officer_chooses_a_period_and_takes_the_table_away(doors: Doors) -> None:
    patient = await doors.patient()
    _, code, pin, _ = await patient.share(note="Over mijn knie")
    await doors.visitor().redeem(code, pin)
    officer = await doors.agent("nl", "sem", "security")
    page = await officer.get("/helpdesk/log")
    assert str(TODAY) in page.html
    got = await officer.client.get(f"/helpdesk/log.csv?{PERIOD}")
    assert (got.status_code, got.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert (got.headers["cache-control"], got.content[:3]) == ("no-store", b"\xef\xbb\xbf")
    assert "attachment" in got.headers["content-disposition"]
    lines = got.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("EventDateTime,EventID,EventTypeCode,")
    assert any("redeem_share" in line for line in lines)
    for secret in (ANNA.bsn.reveal(), code.reveal(), pin.reveal(), "knie", "CT"):
        assert secret not in got.text


@pytest.mark.parametrize("query", ["", "since=2026-01-01", "since=x&until=y", "since=2024-01-01&until=2026-01-01"])
async def test_without_a_good_period_the_page_asks_again(doors: Doors, query: str) -> None:
    officer = await doors.agent("nl", "sem", "security")
    page = await officer.get(f"/helpdesk/log.csv?{query}")
    assert (page.status, "Kies een periode" in page.text) == (400, True)


async def test_nobody_else_gets_to_it(doors: Doors) -> None:
    for visitor in (doors.visitor(), await doors.patient(), await doors.provider(), await doors.agent()):
        for path in ("/helpdesk/log", f"/helpdesk/log.csv?{PERIOD}"):
            page = await visitor.get(path)
            assert "EventDateTime" not in page.html
            assert "Tabel downloaden" not in page.html
