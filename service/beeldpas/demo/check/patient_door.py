"""What the patient does in the browser: sign in, choose, share, print, look at the log, stop."""

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Missing, Page
from beeldpas.demo.check.stage import MadeShare
from beeldpas.demo.issuers import SUBSTANTIAL

_HOSPITAL: Final = "hospital."


async def sign_in(browser: Browser, portal: str, person: str, level: str = SUBSTANTIAL) -> Page:
    """Sign in with DigiD's stand-in; returns the page that this leads to."""
    chooser = await browser.open(f"{portal}/sign-in")
    return await browser.submit(chooser, chooser.form(having="person"), person=person, level=level)


def shown_studies(timeline: Page) -> dict[str, tuple[str, ...]]:
    """The studies on a timeline: UID → the hospitals offered for it."""
    form = timeline.form("/share/choose")
    found = {}
    for uid in form.options.get("study", []):
        name = _HOSPITAL + uid
        offered = form.options.get(name) or [str(form.values[name])]
        found[uid] = tuple(offered)
    return found


def preselected(timeline: Page, uid: str) -> str:
    """The hospital that is chosen for a study if the patient changes nothing."""
    return str(timeline.form("/share/choose").values[_HOSPITAL + uid])


async def open_study(browser: Browser, timeline: Page, uid: str) -> Page:
    """Open a study's page; the links stand in the order of the choices."""
    place = list(shown_studies(timeline)).index(uid)
    return await browser.click(timeline, timeline.links_with("/studies/")[place])


async def choose(browser: Browser, timeline: Page, chosen: Iterable[tuple[str, str]]) -> Page:
    """Choose studies (UID, hospital) and go on to the terms."""
    pairs = list(chosen)
    where = {_HOSPITAL + uid: gateway for uid, gateway in pairs}
    form = timeline.form("/share/choose")
    return await browser.submit(timeline, form, study=[uid for uid, _ in pairs], **where)


async def set_terms(browser: Browser, terms: Page, for_whom: str, **fields: str) -> Page:
    """Say for whom; returns the page that shows exactly what leaves."""
    form = terms.form("/share/terms")
    return await browser.submit(terms, form, for_whom=for_whom, **fields)


async def make(browser: Browser, preview: Page) -> tuple[MadeShare, Page]:
    """Say yes; returns what there is to hand over and the page that shows it."""
    page = await browser.submit(preview, preview.form("/share/make"))
    path = urlsplit(page.url).path
    if "/shares/" not in path:
        raise Missing(f"no share was made: {page.place}")
    share_id = path.partition("/shares/")[2].partition("/")[0]
    link, code, pin = page.marked("share-link"), page.marked("secret"), page.marked("pin")
    return MadeShare(share_id, page.marked("code"), link, code, pin), page


async def letter(browser: Browser, page: Page) -> Page:
    """Ask for the letter."""
    return await browser.submit(page, page.form("/letter.pdf"), patient_name="A. Jansen")


async def share_page(browser: Browser, portal: str, share_id: str) -> Page:
    """Look at one share."""
    return await browser.open(f"{portal}/shares/{share_id}")


async def read_log(browser: Browser, portal: str) -> list[dict[str, Any]]:
    """Download the patient's own log."""
    page = await browser.open(f"{portal}/log.json")
    content = json.loads(page.html)
    lines = content if isinstance(content, list) else content["lines"]
    return list(lines)


async def resume(browser: Browser, portal: str, share_id: str) -> Page:
    """Lift the pause of a share."""
    page = await share_page(browser, portal, share_id)
    return await browser.submit(page, page.form("/resume"))


async def call_code(browser: Browser, portal: str) -> str:
    """Make a call code and read it from the page."""
    page = await browser.open(f"{portal}/call")
    return (await browser.submit(page, page.form("/call/code"))).marked("pin")
