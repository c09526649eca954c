"""Pausing and stopping: the helpdesk pauses a share by its reference, and its running download breaks while its
neighbour's goes on; lifted, it can be resumed; stopped for good, it breaks again and never comes back.
"""

import asyncio
import time
from pathlib import Path
from typing import Final

from beeldpas.demo.check import helpdesk_door, patient_door, provider_door, transfer
from beeldpas.demo.check.archive import is_broken
from beeldpas.demo.check.browser import Browser
from beeldpas.demo.check.page import Form, Page
from beeldpas.demo.check.stage import Opened, Stage
from beeldpas.demo.check.steps.downloading import LARGE, compare, note_use
from beeldpas.demo.check.transfer import Pace, Transfer
from beeldpas.demo.people import ANNA, FATIMA

_SLOW: Final = 2_000_000.0
_RUN_UP_SECONDS: Final = 1.5
_LIMIT_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 15.0
_MEGABYTE: Final = 1_000_000


async def check_revoking(stage: Stage, patient: Browser, revoked: Opened, kept: Opened) -> None:
    """Pause, lift and stop one of two shares while both are being downloaded from one hospital."""
    pace = Pace(_SLOW)
    unlucky, lucky = Transfer(stage.work / "revoked.zip"), Transfer(stage.work / "kept.zip")
    running = [
        asyncio.create_task(transfer.press_into(one, opened.browser, opened.overview, _large(stage, opened), pace))
        for one, opened in ((unlucky, revoked), (lucky, kept))
    ]
    await asyncio.gather(unlucky.began.wait(), lucky.began.wait())
    await asyncio.sleep(_RUN_UP_SECONDS)
    async with stage.browser() as helpdesk:
        share = await _found(stage, helpdesk, revoked)
        await _check_pause(stage, helpdesk, share, unlucky, running[0])
        stage.expect("while another one on the same hospital goes on", not running[1].done(), _progress(lucky))
        await _check_nothing_more(stage, revoked, unlucky, "while it is paused")
        resumed, task = await _lifted(stage, patient, revoked, unlucky, pace)
        await _check_stop(stage, helpdesk, patient, revoked, resumed, task)
    stage.expect("the neighbour never noticed", not running[1].done(), _progress(lucky))
    pace.free.set()
    await asyncio.gather(*running)
    note_use(stage, LARGE, lucky, "completed")
    stage.expect("what was cut is visibly broken", is_broken(unlucky.file), unlucky.broken or _progress(unlucky))
    compare(stage, LARGE, lucky, kept.share.studies[LARGE])
    await _check_nothing_more(stage, revoked, unlucky, "")


async def _found(stage: Stage, helpdesk: Browser, opened: Opened) -> Page:
    reference = opened.share.made.reference
    await helpdesk_door.sign_in(helpdesk, stage.portal, FATIMA.id)
    share = await helpdesk_door.find(helpdesk, stage.portal, reference)
    stage.expect("the helpdesk finds the share by its reference", reference in share.text, reference)
    hidden = [ANNA.name, ANNA.family, ANNA.bsn.reveal(), opened.share.made.code]
    stage.expect("and sees no patient, study, code or BSN", not any(word in share.html for word in hidden))
    return share


async def _check_pause(
    stage: Stage, helpdesk: Browser, share: Page, running: Transfer, task: asyncio.Task[None]
) -> None:
    page = await helpdesk_door.ask_to_pause(helpdesk, share)
    asked_at = time.monotonic()
    await helpdesk_door.pause(helpdesk, page)
    await _check_cut(stage, "the running download is cut within 2 s", running, task, asked_at)
    note_use(stage, LARGE, running, "cut")


async def _lifted(
    stage: Stage, patient: Browser, opened: Opened, broken: Transfer, pace: Pace
) -> tuple[Transfer, asyncio.Task[None]]:
    """Let the patient lift the pause, and resume; the hospital hears of it a moment later."""
    page = await patient_door.share_page(patient, stage.portal, opened.share.made.share_id)
    stage.expect("the patient reads that it is paused", "tijdelijk stopgezet" in page.text)
    await patient_door.resume(patient, stage.portal, opened.share.made.share_id)
    asked_at = time.monotonic()
    rest = {"Range": f"bytes={broken.received}-"}
    while True:
        resumed = Transfer(broken.file)
        task = asyncio.create_task(transfer.get_into(resumed, opened.browser, broken.url, rest, pace))
        began = asyncio.create_task(resumed.began.wait())
        await asyncio.wait({task, began}, timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        took = time.monotonic() - asked_at
        if resumed.status == 206 or took > _PATIENCE_SECONDS:
            break
        await task
        began.cancel()
        await asyncio.sleep(0.2)
    goes_on = resumed.headers.get("content-range", "").startswith(f"bytes {broken.received}-")
    stage.expect("lifted by the patient, the broken download goes on", goes_on, f"after {took:.2f} s")
    await asyncio.sleep(_RUN_UP_SECONDS)
    return resumed, task


async def _check_stop(
    stage: Stage,
    helpdesk: Browser,
    patient: Browser,
    opened: Opened,
    running: Transfer,
    task: asyncio.Task[None],
) -> None:
    """Stop it for good, with the patient on the line."""
    reference = opened.share.made.reference
    code = await patient_door.call_code(patient, stage.portal)
    stage.keep_secret(code.replace(" ", ""))
    callers = await helpdesk_door.find(helpdesk, stage.portal, code)
    stage.expect("a call code shows the caller's shares by reference", reference in callers.text)
    share = await helpdesk_door.find(helpdesk, stage.portal, reference)
    page = await helpdesk_door.ask_to_stop(helpdesk, share, FATIMA.id)
    asked_at = time.monotonic()
    await helpdesk_door.stop(helpdesk, page)
    await _check_cut(stage, "stopped for good, it is cut again within 2 s", running, task, asked_at)
    note_use(stage, LARGE, running, "revoked")


async def _check_cut(stage: Stage, what: str, running: Transfer, task: asyncio.Task[None], asked_at: float) -> None:
    await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
    took = running.last_byte_at - asked_at
    was_cut = task.done() and not running.is_whole
    stage.expect(what, was_cut and took < _LIMIT_SECONDS, f"last byte {took:.2f} s")


async def _check_nothing_more(stage: Stage, revoked: Opened, unlucky: Transfer, when: str) -> None:
    again = await transfer.press(
        revoked.browser, revoked.overview, _large(stage, revoked), stage.work / "refused.zip"
    )
    stage.expect(f"a new download is refused {when}".strip(), not _is_archive(again), again.status)
    rest = {"Range": f"bytes={unlucky.received}-"}
    file = Path(stage.work / "refused-too.zip")
    resumed = await transfer.get(revoked.browser, unlucky.url, file, rest)
    stage.expect(f"and so is resuming the broken one {when}".strip(), not _is_archive(resumed), resumed.status)


def _large(stage: Stage, opened: Opened) -> Form:
    """The button of the hospital with the large study: the buttons stand in the order of the hospitals."""
    forms = provider_door.downloads(opened.overview)
    place = sorted(opened.share.studies).index(LARGE)
    return forms[place]


def _is_archive(done: Transfer) -> bool:
    return done.status in (200, 206) and done.headers.get("content-type", "").startswith("application/zip")


def _progress(one: Transfer) -> str:
    return f"{one.received / _MEGABYTE:.1f} of {one.length / _MEGABYTE:.0f} MB"
