"""Revoking: the helpdesk stops a share by its reference; its running download breaks, its neighbour's does not."""

import asyncio
import time
from pathlib import Path
from typing import Final

from beeldpas.demo.check import helpdesk_door, provider_door, transfer
from beeldpas.demo.check.archive import is_broken
from beeldpas.demo.check.page import Form
from beeldpas.demo.check.stage import Opened, Stage
from beeldpas.demo.check.steps.downloading import LARGE, compare, note_use
from beeldpas.demo.check.transfer import Pace, Transfer
from beeldpas.demo.people import ANNA, FATIMA

_SLOW: Final = 4_000_000.0
_RUN_UP_SECONDS: Final = 1.5
_LIMIT_SECONDS: Final = 2.0
_PATIENCE_SECONDS: Final = 15.0
_MEGABYTE: Final = 1_000_000


async def check_revoking(stage: Stage, revoked: Opened, kept: Opened) -> None:
    """Stop one of two shares while both are being downloaded from one hospital."""
    pace = Pace(_SLOW)
    unlucky, lucky = Transfer(stage.work / "revoked.zip"), Transfer(stage.work / "kept.zip")
    running = [
        asyncio.create_task(transfer.press_into(one, opened.browser, opened.overview, _large(stage, opened), pace))
        for one, opened in ((unlucky, revoked), (lucky, kept))
    ]
    await asyncio.gather(unlucky.began.wait(), lucky.began.wait())
    await asyncio.sleep(_RUN_UP_SECONDS)
    asked_at = await _stop_by_helpdesk(stage, revoked)
    await asyncio.wait({running[0]}, timeout=_PATIENCE_SECONDS)
    took = unlucky.last_byte_at - asked_at
    was_cut = running[0].done() and not unlucky.is_whole
    stage.expect(
        "the running download is cut within 2 s", was_cut and took < _LIMIT_SECONDS, f"last byte {took:.2f} s"
    )
    stage.expect("while another one on the same hospital goes on", not running[1].done(), _progress(lucky))
    pace.free.set()
    await asyncio.gather(*running)
    note_use(stage, LARGE, unlucky, "revoked")
    note_use(stage, LARGE, lucky, "completed")
    stage.expect("what was cut is visibly broken", is_broken(unlucky.file), unlucky.broken or _progress(unlucky))
    compare(stage, LARGE, lucky, kept.share.studies[LARGE])
    await _check_nothing_more(stage, revoked, unlucky)


async def _stop_by_helpdesk(stage: Stage, opened: Opened) -> float:
    """Stop the share at the helpdesk; returns when that was asked."""
    reference = opened.share.made.reference
    async with stage.browser() as helpdesk:
        await helpdesk_door.sign_in(helpdesk, stage.portal, FATIMA.id)
        share = await helpdesk_door.find(helpdesk, stage.portal, reference)
        stage.expect("the helpdesk finds the share by its reference", reference in share.text, reference)
        hidden = [ANNA.name, ANNA.family, ANNA.bsn.reveal(), opened.share.made.code]
        stage.expect("and sees no patient, study, code or BSN", not any(word in share.html for word in hidden))
        page = await helpdesk_door.ask_to_stop(helpdesk, share)
        asked_at = time.monotonic()
        await helpdesk_door.stop(helpdesk, page)
        return asked_at


async def _check_nothing_more(stage: Stage, revoked: Opened, unlucky: Transfer) -> None:
    again = await transfer.press(
        revoked.browser, revoked.overview, _large(stage, revoked), stage.work / "refused.zip"
    )
    stage.expect("a new download is refused", not _is_archive(again), again.status)
    rest = {"Range": f"bytes={unlucky.received}-"}
    file = Path(stage.work / "refused-too.zip")
    resumed = await transfer.get(revoked.browser, unlucky.url, file, rest)
    stage.expect("and so is resuming the broken one", not _is_archive(resumed), resumed.status)


def _large(stage: Stage, opened: Opened) -> Form:
    """The button of the hospital with the large study: the buttons stand in the order of the hospitals."""
    forms = provider_door.downloads(opened.overview)
    place = sorted(opened.share.studies).index(LARGE)
    return forms[place]


def _is_archive(done: Transfer) -> bool:
    return done.status in (200, 206) and done.headers.get("content-type", "").startswith("application/zip")


def _progress(one: Transfer) -> str:
    return f"{one.received / _MEGABYTE:.1f} of {one.length / _MEGABYTE:.0f} MB"
