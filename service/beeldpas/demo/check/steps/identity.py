"""Whose a study is: what two hospitals contradict is nobody's to see, it is counted, and its hospital hears of it."""

from typing import Final

from beeldpas.demo.check import patient_door
from beeldpas.demo.check.sources import Sources
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.check.steps.logs import hospital_log
from beeldpas.demo.curation import COLLECTIONS, MISFILED
from beeldpas.demo.samples import study_uid

_COUNTED: Final = "niet lezen: 1"


async def check_identity(stage: Stage) -> None:
    """Sign in as the patient under whose number somebody else's scan lies; every gateway publishes fingerprints."""
    (one,) = MISFILED
    hospital = one.hospital.gateway_id
    (misfiled,) = Sources.read(stage.floor.samples / hospital).studies_of(one.number)
    here = [each for each in COLLECTIONS if each.patient == one.patient and each.hospital in stage.floor.hospitals]
    wanted = {study_uid(each) for each in here}
    async with stage.browser() as patient:
        timeline = await patient_door.sign_in(patient, stage.portal, one.patient.id)
        shown = set(patient_door.shown_studies(timeline))
        stage.expect("a study with another date of birth is not shown as the patient's", misfiled not in shown)
        stage.expect("what hospitals agree about is", shown == wanted, f"{len(shown)} of {len(wanted)}")
        stage.expect("the page counts what it leaves out", _COUNTED in timeline.text)
    told = [event for event in hospital_log(stage, hospital) if event["kind"] == "identity_doubted"]
    stage.expect("and the hospital has heard of it", [event["studies"] for event in told] == [[misfiled]], len(told))
