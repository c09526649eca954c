"""A patient phones: a call code, pausing and lifting, unlocking; and everything at once for one who lost it all."""

from __future__ import annotations

import logging

import pytest
from tests.cast import ANNA, CEES
from tests.portal_doors import Doors, Visitor
from tests.sharing_town import wrong

from beeldpas.demo.check.page import Page
from beeldpas.portal.actions import suspend_all as suspending


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a blind answer takes is tested where it is made."""
    monkeypatch.setattr(suspending, "ANSWER_SECONDS", 0.0)


async def call_code(patient: Visitor) -> str:
    """Make a call code on the patient's own page and read it."""
    await patient.post("/call/code")
    return (await patient.get("/call")).marked("pin")


async def test_the_code_is_large_on_the_patients_page_and_leads_the_agent_to_their_shares(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    reference = (await patient.share(for_whom="dr. Dekker over mijn knie"))[3].marked("code")
    page = await patient.get("/call")
    assert "0800 0100" in page.text
    assert "Belcode maken" in page.text
    code = await call_code(patient)
    found = await agent.post("/helpdesk/find", {"reference": code.lower()})
    assert found.url.endswith("/helpdesk/call")
    assert reference in found.text
    for secret in ("Dekker", "knie", "Ziekenhuis", "CT-scan", "Anna", ANNA.bsn.reveal(), code):
        assert secret not in found.html
    assert "De patiënt is aan de lijn" in (await agent.get(f"/helpdesk/shares/{reference}")).text
    assert (
        "Deze belcode werkt niet"
        in (await (await doors.agent(subject="gerda")).post("/helpdesk/find", {"reference": code})).text
    )
    await agent.post("/helpdesk/call/end")
    assert "niemand aan de lijn" in (await agent.get("/helpdesk/call")).text


async def test_paused_by_a_finder_and_lifted_by_the_patient(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    share_id, code, pin, page = await patient.share()
    provider = doors.visitor()
    overview = await provider.redeem(code, pin)
    path = f"/helpdesk/shares/{page.marked('code')}"
    assert "Kies een reden" in (await agent.post(f"{path}/pause")).text
    assert (
        "nummer of een adres" in (await agent.post(f"{path}/pause", {"why": "lost", "note": "bel 0612345678"})).text
    )
    done = await agent.post(f"{path}/pause", {"why": "lost", "note": "gevonden in de trein"})
    assert "is tijdelijk stopgezet" in done.text
    assert "Nobody can open or download anything now" in done.text
    for opened in (await doors.visitor().redeem(code, pin), await provider.get(path_of(overview))):
        assert "Deze toegang is tijdelijk stopgezet" in opened.text
        assert "neem contact op met de patiënt" in opened.text
    seen = await patient.get(f"/shares/{share_id}")
    assert "De reden is: De brief of link is kwijt" in seen.text
    assert "Nieuwe code" not in seen.text
    assert f"{path}/resume" not in (await agent.get(path)).html
    assert "Dit kan alleen met een belcode" in (await agent.post(f"{path}/resume")).text
    lifted = await patient.post(f"/shares/{share_id}/resume")
    assert "Tijdelijk stopgezet" not in lifted.text
    assert "Beelden van uw patiënt" in (await provider.get(path_of(overview))).text


async def test_lifted_and_unlocked_with_the_patient_on_the_line(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    _, code, pin, page = await patient.share()
    path = f"/helpdesk/shares/{page.marked('code')}"
    await agent.post(f"{path}/pause", {"why": "checking"})
    await agent.post("/helpdesk/find", {"reference": await call_code(patient)})
    assert "staat weer aan" in (await agent.post(f"{path}/resume")).text
    for _ in range(10):
        await doors.visitor().redeem(code, wrong(pin))
    assert f"{path}/unlock" in (await agent.get(path)).html
    assert "is van slot" in (await agent.post(f"{path}/unlock")).text
    assert "10 van 13" in (await agent.get(path)).text
    assert "Beelden van uw patiënt" in (await doors.visitor().redeem(code, pin)).text


def path_of(page: Page) -> str:
    return page.url.removeprefix("https://portal.example")


EVERYTHING = {"birth_date": "8-3-1952", "number_from": "gp", "called_back": "yes"}


async def test_pausing_everything_says_the_same_with_and_without_shares(
    doors: Doors, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    patient, agent = await doors.patient(), await doors.agent()
    share_id = (await patient.share())[0]
    said = []
    for person in (CEES, ANNA, CEES):
        page = await agent.post("/helpdesk/everything", {"bsn": person.bsn.reveal(), **EVERYTHING})
        said.append((page.status, page.html, len(page.content), page.url))
    assert len(set(said)) == 1
    assert "Ik kan niet zien of er iets open stond" in said[0][1]
    assert ANNA.bsn.reveal() not in caplog.text + "".join(capfd.readouterr())
    seen = await patient.get("/shares")
    assert "Alle toegang is tijdelijk stopgezet" in seen.text
    assert "Iemand belde de helpdesk" in seen.text
    assert "Weer aanzetten" in (await patient.get(f"/shares/{share_id}")).text


async def test_whoever_signs_in_after_everything_was_paused_decides_about_that_first(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    share_id = (await patient.share())[0]
    await agent.post("/helpdesk/everything", {"bsn": ANNA.bsn.reveal(), **EVERYTHING})
    assert (await first_page(doors)).endswith("/shares")
    await patient.post(f"/shares/{share_id}/resume")
    assert (await first_page(doors)).endswith("/timeline")


async def first_page(doors: Doors) -> str:
    """Sign in as Anna; returns where she is sent."""
    anna = doors.visitor("nl")
    return (await anna.sign_in("/sign-in", "/callback/digid")).headers["location"]


async def test_pausing_everything_needs_a_number_a_date_and_a_call_back_and_shows_no_number_again(
    doors: Doors,
) -> None:
    agent = await doors.agent()
    whole = {"bsn": ANNA.bsn.reveal(), **EVERYTHING}
    for left_out, said in (
        ({"bsn": "999990018"}, "Dit nummer klopt niet"),
        ({"birth_date": "31-2-1952"}, "Deze datum klopt niet"),
        ({"birth_date": "1-1-2027"}, "Deze datum klopt niet"),
        ({"birth_date": "1-1-1"}, "Deze datum klopt niet"),
        ({"birth_date": f"1-1-{'9' * 30}"}, "Deze datum klopt niet"),
        ({"called_back": ""}, "Bel eerst terug"),
        ({"number_from": ""}, "Bel eerst terug"),
        ({"note": "bsn 999990019"}, "nummer of een adres"),
    ):
        page = await agent.post("/helpdesk/everything", whole | left_out)
        assert (page.status, said in page.text) == (400, True), left_out
        for number in (ANNA.bsn.reveal(), "999990018", "8-3-1952"):
            assert f'value="{number}"' not in page.html


async def test_who_signed_in_too_long_ago_signs_in_anew_and_comes_back_to_the_form(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    reference = (await patient.share())[3].marked("code")
    path = f"/helpdesk/shares/{reference}/stop"
    doors.town.clock.pass_by(minutes=6)
    for page in (
        await agent.get(path),
        await agent.post(path, {"why": "lost", "ground": "incident", "incident": "INC-14"}),
        await agent.get("/helpdesk/everything"),
        await agent.get("/helpdesk/many"),
    ):
        assert (page.status, "Log opnieuw in" in page.text) == (403, True)
    again = (await agent.get(path)).link("/helpdesk/step-up").removeprefix("https://portal.example")
    back = await agent.sign_in(again, "/callback/staff")
    assert back.headers["location"] == path
    assert "Waarop mag u stoppen?" in (await agent.get(path)).text
    other = await agent.get("/helpdesk/step-up?back=https://evil.example/helpdesk", follow=False)
    assert other.status == 303


async def test_many_are_stopped_with_four_eyes(doors: Doors) -> None:
    patient, agent = await doors.patient(), await doors.agent()
    lead = await doors.agent("nl", "ilse", "helpdesk_lead")
    _, code, pin, page = await patient.share()
    provider = await doors.provider()
    await provider.redeem(code, pin)
    asked = {"kind": "organisation", "target": "90000201", "incident": "inc-14", "why": "hospital_asked"}
    assert "Dit nummer klopt niet" in (await agent.post("/helpdesk/many", {**asked, "target": "x"})).text
    proposal = await agent.post("/helpdesk/many", asked)
    assert "Wacht op een collega" in proposal.text
    assert "Bevestigen en stoppen" not in proposal.text
    assert page.marked("code") not in proposal.text
    path = path_of(proposal)
    assert (
        "Een collega moet dit bevestigen" in (await agent.post(path)).text or (await agent.post(path)).status == 404
    )
    seen = await lead.post("/helpdesk/many/find", {"number": path.rpartition("/")[2].lower()})
    assert "INC-14" in seen.text
    assert "Alles is gestopt" in (await lead.post(path)).text
    assert "Deze toegang is gestopt" in (await doors.visitor().redeem(code, pin)).text
    assert "Bevestigd" in (await agent.get(path)).text
