"""Redeeming: self-declared from the letter, signed in by the link; the first organisation keeps the share."""

from typing import Final

from beeldpas.demo.check import patient_door, provider_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.provider_door import Declared
from beeldpas.demo.check.stage import Shared, Stage
from beeldpas.demo.people import DEKKER

FIRST: Final = Declared("Dr. S. Anders", "Kliniek De Linde", "radioloog")
_SECOND: Final = Declared("Dr. T. Verder", "Praktijk Oost")


async def check_self_declared(stage: Stage, patient: Browser, doctor: Browser, share: Shared) -> Page:
    """Redeem with the code from the letter; returns the overview."""
    made = share.made
    overview = await provider_door.redeem(doctor, stage.portal, made.code, made.pin, FIRST)
    stage.expect("self-declared: code and PIN open the share", provider_door.is_open(overview), overview.place)
    offered = [hospital.name for hospital in stage.floor.hospitals if hospital.name in overview.text]
    buttons = len(provider_door.downloads(overview))
    stage.expect("with a download for each hospital", buttons == len(share.studies), ", ".join(offered))
    async with stage.browser() as another:
        page = await provider_door.redeem(another, stage.portal, made.code, made.pin, _SECOND)
        stage.expect("another organisation is not let in", not provider_door.is_open(page), page.place)
    page = await patient_door.share_page(patient, stage.portal, made.share_id)
    asks = [form for form in page.forms if form.action.endswith("/allow")]
    stage.expect("the patient is asked about it", len(asks) == 1 and _SECOND.organisation in page.text)
    stage.expect("and sees the first, marked as self-declared", FIRST.organisation in page.text)
    return overview


async def check_signed_in(stage: Stage, patient: Browser, doctor: Browser, share: Shared) -> Page:
    """Redeem by the link as a signed-in care provider; returns the overview."""
    made = share.made
    overview = await provider_door.redeem_signed_in(
        doctor, stage.portal, made.link.rpartition("#")[2], made.pin, DEKKER.id
    )
    stage.expect("signed in: link and PIN open the share", provider_door.is_open(overview), overview.place)
    lines = await patient_door.read_log(patient, stage.portal)
    opened = [line for line in lines if line["action"] == "redeem_share" and line["outcome"] == "done"]
    who = {(line["who"].startswith(DEKKER.name), line["verified"]) for line in opened}
    told = who == {(True, True), (False, False)}
    stage.expect("the patient reads who was verified and who only said so", told)
    return overview
