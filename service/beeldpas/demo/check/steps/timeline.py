"""The timeline: exactly the studies that the source files hold for this patient, each once, and a late one named."""

import time
from typing import Final

from beeldpas.demo.check import patient_door
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.curation import OOST, WEST
from beeldpas.demo.people import ANNA, Patient

_SLOWEST_SECONDS: Final = 8.0


def expected_studies(stage: Stage, patient: Patient) -> dict[str, set[str]]:
    """What the source files say: study → the hospitals that hold it for this patient."""
    found: dict[str, set[str]] = {}
    for hospital in stage.floor.hospitals:
        number = patient.numbers.get(hospital.gateway_id)
        studies = stage.sources[hospital.gateway_id].studies_of(number) if number else frozenset()
        for uid in studies:
            found.setdefault(uid, set()).add(hospital.gateway_id)
    return found


async def check_timeline(stage: Stage, timeline: Page) -> None:
    """Compare the page with the sources."""
    wanted = expected_studies(stage, ANNA)
    shown = {uid: set(where) for uid, where in patient_door.shown_studies(timeline).items()}
    for hospital in stage.floor.hospitals:
        here = {uid for uid, where in wanted.items() if hospital.gateway_id in where}
        seen = {uid for uid, where in shown.items() if hospital.gateway_id in where}
        stage.expect(f"{hospital.name}: the studies of its source files, no others", here == seen, len(seen))
    twice = [uid for uid, where in wanted.items() if len(where) > 1]
    chosen = patient_door.preselected(timeline, twice[0])
    stage.expect("a study at two hospitals is shown once, the origin preselected", chosen == "noord", chosen)


async def check_late_timeline(stage: Stage, patient: Browser) -> None:
    """Make one hospital late and look again."""
    stage.late.add(WEST.gateway_id)
    begun = time.monotonic()
    page = await patient.open(f"{stage.portal}/timeline")
    took = time.monotonic() - begun
    stage.late.discard(WEST.gateway_id)
    named = WEST.name in page.marked("attention")
    stage.expect("a late hospital is named", named, WEST.name if named else page.place)
    shown = patient_door.shown_studies(page)
    stage.expect("its studies stay on the page", len(shown) == len(expected_studies(stage, ANNA)), len(shown))
    stage.expect("and the page does not wait for it", took < _SLOWEST_SECONDS, f"{took:.1f} s")


async def check_late_registry(stage: Stage, patient: Browser) -> None:
    """Make the hospital late that the index names: what it alone knows is missing, and nothing else."""
    stage.late.add(OOST.gateway_id)
    page = await patient.open(f"{stage.portal}/timeline")
    stage.late.discard(OOST.gateway_id)
    stage.expect("a hospital that the index names and that is late is named", OOST.name in page.marked("attention"))
    wanted = expected_studies(stage, ANNA)
    others = {uid for uid, where in wanted.items() if where != {OOST.gateway_id}}
    shown = set(patient_door.shown_studies(page))
    stage.expect("what the other registries know is on the page", shown == others, f"{len(shown)} of {len(wanted)}")
    page = await patient.open(f"{stage.portal}/timeline")
    again = set(patient_door.shown_studies(page))
    stage.expect("and all of it once it answers in time", again == set(wanted), len(again))
