"""The helpdesk by keyboard: the field has the focus, each key means one thing, and no browser has it already."""

from __future__ import annotations

import re

from tests.portal_doors import Doors, Visitor

from beeldpas.demo.check.page import Page

BROWSERS_OWN = set("def")
KEY = re.compile(r'accesskey="([^"]*)"')


async def told(agent: Visitor, reference: str) -> list[Page]:
    """The agent's pages around one share, from the search to what was done."""
    path = f"/helpdesk/shares/{reference}"
    return [
        await agent.get("/helpdesk"),
        await agent.get(path),
        await agent.post(f"{path}/pause", {"why": "lost"}),
        await agent.get(path),
    ]


async def test_no_key_means_two_things_on_a_page_or_belongs_to_a_browser_and_each_is_written_down(
    doors: Doors,
) -> None:
    reference = (await (await doors.patient()).share())[3].marked("code")
    for page in await told(await doors.agent(), reference):
        keys = KEY.findall(page.html)
        assert keys
        assert len(keys) == len(set(keys))
        assert not BROWSERS_OWN & set(keys)
        named = {key.lower() for key in re.findall(r"<kbd>(.)</kbd>", page.html)}
        assert set(keys) <= named, "a key that the page does not name is a key that nobody knows"


async def test_the_search_comes_first_with_the_focus_in_it_and_stands_on_the_page_of_a_share_without_it(
    doors: Doors,
) -> None:
    reference = (await (await doors.patient()).share())[3].marked("code")
    start, share, done, paused = await told(await doors.agent(), reference)
    assert start.html.count("autofocus") == 1
    assert re.search(r'<input[^>]*name="reference"[^>]*autofocus', start.html)
    for page in (share, paused):
        assert "autofocus" not in page.html.replace("data-autofocus", "")
        assert page.form("/helpdesk/find")
    assert done.link(f"/helpdesk/shares/{reference}"), "the way back after a pause"


async def test_one_screen_tells_the_state_what_to_say_what_to_do_and_what_happened(doors: Doors) -> None:
    patient = await doors.patient()
    _, code, pin, page = await patient.share()
    await doors.visitor().redeem(code, pin)
    reference = page.marked("code")
    agent = await doors.agent()
    share = await agent.get(f"/helpdesk/shares/{reference}")
    for words in (
        "In gebruik",
        "Noem geen pincode.",
        "Do not tell me a PIN.",
        "Tijdelijk stopzetten",
        "Toegang stoppen",
        "Geopend met code en pincode",
        "Toegang gemaakt",
    ):
        assert words in share.text
    await agent.post(f"/helpdesk/shares/{reference}/pause", {"why": "checking"})
    paused = await agent.get(f"/helpdesk/shares/{reference}")
    assert "Wij controleren of alles klopt" in paused.text
    assert "Vraag de patiënt om een belcode" in paused.text


async def test_why_much_is_stopped_is_never_a_patients_reason(doors: Doors) -> None:
    page = await (await doors.agent()).get("/helpdesk/many")
    assert page.form("/helpdesk/many").options["why"] == [
        "account_misused",
        "organisation_asked",
        "checking",
        "hospital_asked",
    ]


async def test_a_reference_stands_in_one_piece_in_every_heading(doors: Doors) -> None:
    patient = await doors.patient()
    _, _, _, made = await patient.share()
    reference, agent = made.marked("code"), await doors.agent()
    for path in ("", "/pause", "/stop"):
        page = await agent.get(f"/helpdesk/shares/{reference}{path}")
        assert (page.status, f'<span class="whole">{reference}</span>' in page.html) == (200, True), path
    done = await agent.post(f"/helpdesk/shares/{reference}/pause", {"why": "asked"})
    assert f'<span class="whole">{reference}</span>' in done.html
