"""The helpdesk finds and stops; it sees no patient, no study, no hospital, no code."""

from __future__ import annotations

import pytest
from tests.portal_doors import Doors
from tests.sharing_town import wrong


async def test_the_agent_sees_state_and_use_and_nothing_else(doors: Doors) -> None:
    patient = await doors.patient()
    share_id, code, pin, page = await patient.share(note="Over mijn knie")
    visitor = doors.visitor()
    await visitor.redeem(code, wrong(pin))
    await visitor.redeem(code, pin)
    found = await (await doors.agent()).post("/helpdesk/find", {"reference": f" {page.marked('code').lower()} "})
    assert "1 van 10" in found.text
    assert "Kliniek De Linde" in found.text
    assert "Geopend met code en pincode" in found.text
    for secret in (
        "Anna",
        "Jansen",
        "Ziekenhuis",
        "CT-scan",
        "MRI",
        "knie",
        "dr. Dekker",
        code.reveal()[:4],
        pin.reveal(),
        share_id,
    ):
        assert secret not in found.html


INCIDENT = {"ground": "incident", "incident": "INC-14"}


async def test_stopping_needs_a_reason_and_a_ground_and_is_final(doors: Doors) -> None:
    patient = await doors.patient()
    _, code, pin, page = await patient.share()
    agent = await doors.agent()
    path = f"/helpdesk/shares/{page.marked('code')}/stop"
    assert "Kies een reden" in (await agent.post(path, INCIDENT)).text
    assert "Kies een reden" in (await agent.post(path, {"why": "because", **INCIDENT})).text
    assert "Kies waarop u mag stoppen" in (await agent.post(path, {"why": "lost"})).text
    claimed = await agent.post(path, {"why": "lost", "ground": "call_code"})
    assert "Dit kan alleen met een belcode" in claimed.text
    assert "nummer of een adres" in (await agent.post(path, {"why": "lost", **INCIDENT, "note": "999990019"})).text
    stopped = await agent.post(path, {"why": "lost", **INCIDENT})
    assert "is gestopt" in stopped.text
    assert "Niemand kan nu iets openen" in stopped.text
    assert "Nobody can open or download anything now" in stopped.text
    assert "Deze toegang was al gestopt" in (await agent.post(path, {"why": "lost", **INCIDENT})).text
    assert "Deze toegang is gestopt" in (await doors.visitor().redeem(code, pin)).text
    assert "De brief of link is kwijt" in (await agent.get(path.removesuffix("/stop"))).text


@pytest.mark.parametrize(("language", "said"), [("nl", "U vroeg het zelf"), ("en", "You asked for it")])
async def test_the_patient_reads_why_the_helpdesk_stopped_or_paused_and_the_note(
    doors: Doors, language: str, said: str
) -> None:
    patient = await doors.patient(language=language)
    _, _, _, page = await patient.share()
    agent = await doors.agent()
    path = f"/helpdesk/shares/{page.marked('code')}"
    await agent.post(f"{path}/pause", {"why": "asked", "note": "Belde om tien uur."})
    await agent.post(f"{path}/stop", {"why": "lost", **INCIDENT, "note": "Brief lag in de trein."})
    log = (await patient.get("/log")).text
    for words in (said, "Belde om tien uur.", "Brief lag in de trein."):
        assert words in log


async def test_an_unknown_reference_is_said_and_a_strange_one_too(doors: Doors) -> None:
    agent = await doors.agent()
    for typed in ("K7P-4QX-92M", "K7P", ""):
        page = await agent.post("/helpdesk/find", {"reference": typed})
        assert "Geen toegang met dit kenmerk" in page.text
    assert (await agent.get("/helpdesk/shares/not-a-reference")).status == 404


async def test_nobody_but_staff_gets_past_the_first_page(doors: Doors) -> None:
    for visitor in (doors.visitor(), await doors.patient(), await doors.provider()):
        for path in (
            "/helpdesk/shares/K7P-4QX-92M",
            "/helpdesk/shares/K7P-4QX-92M/stop",
            "/helpdesk/shares/K7P-4QX-92M/pause",
            "/helpdesk/call",
            "/helpdesk/everything",
            "/helpdesk/many",
            "/helpdesk/many/7K3MQX",
        ):
            page = await visitor.get(path)
            assert page.url.endswith("/helpdesk")
        page = await visitor.post("/helpdesk/find", {"reference": "K7P-4QX-92M"})
        assert page.url.endswith("/helpdesk")


async def test_every_look_is_in_the_patients_log(doors: Doors) -> None:
    patient = await doors.patient()
    page = (await patient.share())[3]
    await (await doors.agent()).get(f"/helpdesk/shares/{page.marked('code')}")
    assert (await patient.get("/log")).text.count("De helpdesk zocht om") == 1
