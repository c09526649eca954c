"""Staging: a study that lies in a hospital's PACS is shared, fetched, and arrives as the source files are.

Another patient lives through it, after the logs were compared: this is about the images.
"""

import asyncio
from pathlib import Path
from typing import Final

from beeldpas.demo.check import patient_door, provider_door, transfer
from beeldpas.demo.check.archive import read_archive
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Page
from beeldpas.demo.check.provider_door import Declared
from beeldpas.demo.check.sources import Sources
from beeldpas.demo.check.stage import Stage
from beeldpas.demo.check.steps import sharing
from beeldpas.demo.check.transfer import Transfer
from beeldpas.demo.curation import IN_PACS
from beeldpas.demo.samples import PACS_FOLDER

_DOCTOR: Final = Declared("Dr. S. Anders", "Kliniek De Linde", "radioloog")
_HOSPITAL: Final = IN_PACS.hospital.gateway_id
_PATIENCE_SECONDS: Final = 60.0
_WORD: Final = "archief"


async def check_staging(stage: Stage) -> None:
    """Share the study of the PACS and download it; without a PACS, say so."""
    if stage.launcher.pacs is None:
        stage.findings.not_run("a study of a PACS is fetched when it is shared", stage.launcher.without_pacs)
        return
    sources = Sources.read(stage.floor.samples / PACS_FOLDER)
    (uid,) = {one.study for one in sources.instances}
    async with stage.browser() as patient, stage.browser(narrow=True) as doctor:
        overview = await _share(stage, patient, doctor, uid)
        [form] = provider_door.downloads(overview)
        done = await transfer.press(doctor, overview, form, stage.work / "staged.zip")
        done, waited = await _when_it_is_here(doctor, done, stage.work / "staged.zip")
        stage.expect("the download waits until it is fetched, and then begins", done.status == 200, f"{waited} looks")
        if stage.expect("it has the length that was promised", done.is_whole, done.received):
            archive, wanted = read_archive(done.file), sources.digests(frozenset({uid}))
            right = sum(1 for one, digest in wanted.items() if archive.digests.get(one) == digest)
            measured = f"{right} of {len(wanted)}"
            stage.expect("every SHA-256 is that of the file in the PACS", archive.digests == wanted, measured)


async def _share(stage: Stage, patient: Browser, doctor: Browser, uid: str) -> Page:
    timeline = await patient_door.sign_in(patient, stage.portal, IN_PACS.patient.id)
    shown = patient_door.shown_studies(timeline)
    stage.expect("the patient sees the study though its images are in the PACS", uid in shown, len(shown))
    terms = await patient_door.choose(patient, timeline, [(uid, _HOSPITAL)])
    preview = await patient_door.set_terms(patient, terms, _DOCTOR.organisation)
    stage.expect("the preview says that it will be fetched", _WORD in preview.text)
    made, _ = await patient_door.make(patient, preview)
    sharing.remember(stage, made)
    return await provider_door.redeem(doctor, stage.portal, made.code, made.pin, _DOCTOR)


async def _when_it_is_here(doctor: Browser, first: Transfer, file: Path) -> tuple[Transfer, int]:
    """Look again as the page does that says how far the hospital is; returns how often it took."""
    done, looks = first, 1
    end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while done.status == 503 and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.5)
        done, looks = await transfer.get(doctor, first.url, file), looks + 1
    return done, looks
