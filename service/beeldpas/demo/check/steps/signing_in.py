"""Sign-in: DigiD at substantial opens the timeline, at low it does not; who has no session sees nothing."""

from urllib.parse import urlsplit

from beeldpas.demo.check import patient_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.issuers import LOW
from beeldpas.demo.people import ANNA


async def check_sign_in(stage: Stage, patient: Browser) -> Page:
    """Sign the patient in; returns her timeline."""
    async with stage.browser() as stranger:
        page = await stranger.open(f"{stage.portal}/timeline")
        stage.expect("without signing in there is no timeline", not _is_timeline(page), page.place)
        page = await patient_door.sign_in(stranger, stage.portal, ANNA.id, LOW)
        stage.expect("DigiD at level low is refused", not _is_timeline(page), page.place)
        page = await stranger.open(f"{stage.portal}/timeline")
        stage.expect("and leaves no session behind", not _is_timeline(page), page.place)
    timeline = await patient_door.sign_in(patient, stage.portal, ANNA.id)
    stage.expect("DigiD at level substantial opens the timeline", _is_timeline(timeline), timeline.place)
    cookies = patient.cookies_of(urlsplit(stage.portal).hostname or "")
    kept = [name for name in cookies if not name.startswith("__Host-")]
    stage.expect("every cookie of the portal is a __Host- cookie", bool(cookies) and not kept, len(cookies))
    return timeline


def _is_timeline(page: Page) -> bool:
    return page.status == 200 and urlsplit(page.url).path.endswith("/timeline")
