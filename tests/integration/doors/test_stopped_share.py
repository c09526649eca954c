"""A share that was stopped says by whom and why; one that was switched on again says so."""

from __future__ import annotations

from tests.portal_doors import Doors

from beeldpas.domain.stopping import INCIDENT, Ground
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.store.tables import share


async def test_the_patient_reads_that_it_was_their_own_wish(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    assert "op uw eigen verzoek" not in (await patient.get(f"/shares/{share_id}")).text
    await patient.post(f"/shares/{share_id}/stop")
    await patient.post(f"/shares/{share_id}/stop")  # pressing again is no second stop
    text = (await patient.get(f"/shares/{share_id}")).text
    assert "op uw eigen verzoek" in text
    assert "Toegang stoppen" not in text


async def test_two_clicks_stop_it_from_the_list(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    shares = await patient.get("/shares")
    assert f"https://portal.example/shares/{share_id}/stop" in shares.links
    stopped = await patient.post(f"/shares/{share_id}/stop")
    assert "<h1>U heeft de toegang gestopt</h1>" in stopped.html


async def reference_of(doors: Doors, share_id: str) -> str:
    (row,) = await doors.town.rows(share.c.reference, share.c.share_id == share_id)
    return str(row.reference)


async def test_what_the_helpdesk_stopped_says_why_and_what_it_wrote(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    ground = Ground(INCIDENT, incident="INC-2026-0417")
    reference = await reference_of(doors, share_id)
    agent = doors.town.agent()
    await revoke_share(
        doors.town.house, agent, reference=reference, why="lost", ground=ground, note="<b>in de bus</b>"
    )
    page = await patient.get(f"/shares/{share_id}")
    assert "De helpdesk stopte deze toegang op" in page.text
    assert "&lt;b&gt;in de bus&lt;/b&gt;" in page.html
    assert agent.name not in page.html.partition("<main")[2].partition("<h2>")[0]


async def test_switching_on_again_is_confirmed_once_it_is_true(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, *_ = await patient.share()
    await suspend_share(doors.town.house, doors.town.agent(), await reference_of(doors, share_id), why="checking")
    assert "De toegang staat weer aan" not in (await patient.get(f"/shares/{share_id}?resumed")).text
    page = await patient.post(f"/shares/{share_id}/resume")
    assert "De toegang staat weer aan" in page.text
    assert "De toegang staat weer aan" not in (await patient.get(f"/shares/{share_id}")).text
