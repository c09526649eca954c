"""Sharing: what was chosen is what is previewed; the letter's QR is the link, and it holds neither PIN nor BSN."""

import re

from beeldpas.demo.check import patient_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.letter import read_letter
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.stage import MadeShare, Shared, Stage
from beeldpas.demo.check.steps.timeline import expected_studies
from beeldpas.demo.people import ANNA


def choice(stage: Stage) -> list[tuple[str, str]]:
    """The studies to share: the double one at its origin, the biggest of each other hospital."""
    wanted = expected_studies(stage, ANNA)
    twice = next(uid for uid, where in wanted.items() if len(where) > 1)
    chosen = [(twice, "noord")]
    for gateway in stage.floor.gateways[1:]:
        here = [uid for uid, where in wanted.items() if gateway in where and uid != twice]
        chosen.append((max(here, key=lambda uid: stage.sources[gateway].size(frozenset({uid}))), gateway))
    return chosen


async def check_sharing(stage: Stage, patient: Browser) -> Shared:
    """Make the share that the rest of the journey uses, and read its letter."""
    chosen = choice(stage)
    terms = await _choose(stage, patient, chosen)
    days = terms.form("/share/terms").values.get("days")
    stage.expect("a share is valid for 14 days unless the patient says otherwise", days == "14", days)
    preview = await patient_door.set_terms(patient, terms, "Dr. D. Dekker, Kliniek De Linde")
    named = [hospital.name for hospital in stage.floor.hospitals if hospital.name in preview.text]
    stage.expect("the preview names every hospital that will send", len(named) == len(chosen), ", ".join(named))
    stage.expect("and the name and number that leave with the images", ANNA.numbers["zuid"] in preview.text)
    made, page = await patient_door.make(patient, preview)
    remember(stage, made)
    stage.expect("a share is made", bool(made.link and made.code and made.pin), made.reference)
    await _check_letter(stage, patient, page, made)
    return Shared(made, _by_hospital(chosen))


async def make_share(stage: Stage, patient: Browser, for_whom: str, chosen: list[tuple[str, str]]) -> Shared:
    """Make one more share, without looking closer."""
    terms = await _choose(stage, patient, chosen)
    made, _ = await patient_door.make(patient, await patient_door.set_terms(patient, terms, for_whom))
    remember(stage, made)
    return Shared(made, _by_hospital(chosen))


async def _choose(stage: Stage, patient: Browser, chosen: list[tuple[str, str]]) -> Page:
    timeline = await patient.open(f"{stage.portal}/timeline")
    return await patient_door.choose(patient, timeline, chosen)


async def _check_letter(stage: Stage, patient: Browser, page: Page, made: MadeShare) -> None:
    answer = await patient_door.letter(patient, page)
    is_pdf = answer.headers.get("content-type") == "application/pdf" and answer.content.startswith(b"%PDF-")
    stage.expect("the letter is a PDF", is_pdf, f"{len(answer.content) / 1000:.0f} kB")
    letter = read_letter(answer.content)
    stage.expect(
        "its QR, read from a 150 dpi picture, is the link", letter.qr == (made.link,), f"{len(letter.qr)} QR"
    )
    text = re.sub(r"\s", "", letter.text)
    pin, bsn = re.sub(r"\D", "", made.pin), ANNA.bsn.reveal()
    stage.expect("it holds the code, to be typed", _bare(made.code) in re.sub(r"[^0-9A-Z]", "", letter.text))
    stage.expect("it holds no PIN", pin not in text and pin.encode() not in answer.content)
    stage.expect("it holds no BSN", bsn not in text and bsn.encode() not in answer.content)


def remember(stage: Stage, made: MadeShare) -> None:
    """Keep what must not stand in any log."""
    envelope = made.link.rpartition("#")[2]
    stage.keep_secret(made.code, _bare(made.code), envelope)
    stage.pins.add(re.sub(r"\D", "", made.pin))


def _bare(code: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", code)


def _by_hospital(chosen: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    return {where: frozenset(uid for uid, gateway in chosen if gateway == where) for _, where in chosen}
