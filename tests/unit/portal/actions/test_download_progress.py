"""How downloads go, for who started them: the newest word by hospital, and not a line in the log for asking."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from tests.sharing_town import HEAD_CT, Town, evers

from beeldpas.audit.events import Use
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.download_progress import download_progress
from beeldpas.portal.actions.record_use import UseReport, record_use
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.actions.view_share import view_share


async def reported(town: Town, grant: str, outcome: str, size: int = 0, **changes: Any) -> None:
    """Noord reports a download of the head, a second later."""
    town.clock.pass_by(seconds=1)
    phase = "started" if outcome == "running" else "ended"
    facts = (str(uuid4()), grant, changes.get("use", Use.DOWNLOAD), phase, (HEAD_CT,), size, outcome, town.clock.now)
    await record_use(town.house, town.house.directory.by_id("noord"), [UseReport(*facts)])


async def opened(town: Town, asker: Asker) -> tuple[str, str, str]:
    """Anna shares and this provider opens: the share, its reference, and the grant at Noord."""
    made = await town.share(await town.patient())
    (noord,) = (one for one in (await town.redeem(asker, made)).share.hospitals if one.hospital.gateway_id == "noord")
    return made.share_id, made.reference, noord.grant_handle


async def test_the_newest_word_counts_and_nothing_is_known_before_there_is_one(town: Town) -> None:
    dekker = town.provider()
    share_id, _, grant = await opened(town, dekker)
    assert await download_progress(town.house, dekker, share_id) == {}
    seen = []
    for outcome, size in (("running", 0), ("cut", 2_000_000), ("running", 0), ("completed", 6_000_000)):
        await reported(town, grant, outcome, size)
        told = (await download_progress(town.house, dekker, share_id))[grant]
        seen.append((told.hospital, told.outcome, told.bytes, told.at == town.clock.now))
    assert seen == [
        ("Ziekenhuis Noord", "running", 0, True),
        ("Ziekenhuis Noord", "cut", 2_000_000, True),
        ("Ziekenhuis Noord", "running", 0, True),
        ("Ziekenhuis Noord", "completed", 6_000_000, True),
    ]
    part = next(one for one in (await view_share(town.house, dekker, share_id)).hospitals if one.progress)
    assert part.progress == told


async def test_looking_at_images_is_no_download(town: Town) -> None:
    dekker = town.provider()
    share_id, _, grant = await opened(town, dekker)
    await reported(town, grant, "completed", 5, use=Use.RETRIEVE)
    assert await download_progress(town.house, dekker, share_id) == {}


async def test_nobody_is_told_of_the_downloads_of_somebody_else(town: Town) -> None:
    dekker = town.provider()
    share_id, _, grant = await opened(town, dekker)
    await reported(town, grant, "running")
    colleague = town.provider(("Dr. C. Collega", dekker.organisation, None))
    for stranger in (evers(town), colleague, await town.patient(), town.agent()):
        with pytest.raises(NotFound):
            await download_progress(town.house, stranger, share_id)
    with pytest.raises(NotFound):
        await download_progress(town.house, dekker, "no-share")


async def test_nothing_is_told_of_a_share_that_is_paused_stopped_or_over(town: Town) -> None:
    dekker, anna = town.provider(), await town.patient()
    share_id, reference, grant = await opened(town, dekker)
    await reported(town, grant, "running")
    await suspend_share(town.house, town.agent(), reference, why="lost")
    with pytest.raises(Refused) as paused:
        await download_progress(town.house, dekker, share_id)
    assert (paused.value.reason, paused.value.detail) == ("share_suspended", {"paused": "caller"})
    await revoke_share(town.house, anna, share_id=share_id, why="")
    with pytest.raises(Refused, match="share_revoked"):
        await download_progress(town.house, dekker, share_id)
    other, _, _ = await opened(town, dekker)
    town.clock.pass_by(days=15)
    with pytest.raises(Refused, match="share_expired"):
        await download_progress(town.house, dekker, other)


async def test_asking_again_is_no_line_in_the_patients_log(town: Town) -> None:
    dekker, anna = town.provider(), await town.patient()
    share_id, _, _ = await opened(town, dekker)
    before = len(await view_log(town.house, anna))
    for _ in range(3):
        await download_progress(town.house, dekker, share_id)
    assert len(await view_log(town.house, anna)) == before + 1, "one line: that the log itself was read"
