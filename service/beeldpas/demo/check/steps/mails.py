"""Mails: a patient gives an address and is told of what happens, once each, and nothing that is nobody's business.

They are read where the demo's mail server shows them.
"""

import asyncio
from typing import Final

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Missing, Page
from beeldpas.demo.check.stage import Shared, Stage
from beeldpas.demo.people import PROVIDERS

_ADDRESS: Final = "anna.jansen@post.example"
_POLL_SECONDS: Final = 0.5
_POLLS: Final = 60


async def give_address(stage: Stage, patient: Browser) -> None:
    """Ask for mails and follow the link of the first one."""
    stage.keep_secret(_ADDRESS)
    page = await patient.open(f"{stage.portal}/notices")
    await patient.submit(page, page.form("/notices", having="email"), email=_ADDRESS)
    mails = await _mails(stage, patient, "Bevestig uw e-mailadres", 1)
    asking = await patient.open(mails.links_with("/mail/confirm")[0])
    before = await patient.open(f"{stage.portal}/notices")
    stage.expect("opening the link of a mail confirms nothing", "U krijgt bericht op" not in before.text)
    confirmed = await patient.submit(asking, asking.form("/mail/confirm"))
    stage.expect("its button does", f"U krijgt bericht op {_ADDRESS}" in confirmed.text)


async def check_mails(
    stage: Stage, patient: Browser, used: tuple[Shared, ...], locked: Shared, stopped: Shared
) -> None:
    """Read what was told on the way."""
    subjects = {f"Uw toegang {share.made.reference} is gebruikt": 1 for share in used}
    subjects[f"Verkeerde pincode bij {locked.made.reference}"] = 2
    subjects[f"{locked.made.reference} is op slot"] = 1
    subjects[f"{stopped.made.reference} is gestopt"] = 1
    for subject, times in subjects.items():
        told = (await _mails(stage, patient, subject, times)).text.count(subject)
        stage.expect(f"mailed as often as it happened: {subject}", told == times, told)
    text = (await _mails(stage, patient, "", 0)).text
    names = [hospital.name for hospital in stage.floor.hospitals]
    names += [relation.entity_name for provider in PROVIDERS for relation in provider.relations]
    said = [name for name in names if name in text]
    stage.expect("no mail names a hospital or an organisation", not said, ", ".join(said))


async def _mails(stage: Stage, browser: Browser, subject: str, times: int) -> Page:
    """Look at the page until it holds a subject so often. Raises: Missing."""
    for _ in range(_POLLS):
        page = await browser.open(stage.floor.mails)
        if page.text.count(subject) >= times:
            return page
        await asyncio.sleep(_POLL_SECONDS)
    raise Missing(f"no mail: {subject}")
