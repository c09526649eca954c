"""Everything of a patient is paused by number, blind: whether there was anything, nobody at the helpdesk learns."""

import asyncio
import json
import time

import pytest
from structlog.testing import capture_logs
from tests.cast import ANNA, BRAM, CEES
from tests.sharing_town import Town

from beeldpas.domain.bsn import BSN
from beeldpas.domain.errors import NotFound, Refused, Unavailable
from beeldpas.domain.share import ShareState
from beeldpas.portal.actions import suspend_all as suspending
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.resume_share import resume_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.suspend_all import suspend_all
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.store.tables import access_log


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test about the time of an answer waits for it."""
    monkeypatch.setattr(suspending, "ANSWER_SECONDS", 0.0)


async def pause(town: Town, bsn: BSN, number_from: str = "gp") -> None:
    await suspend_all(town.house, town.agent(), bsn, number_from=number_from)


async def test_every_open_share_is_paused_and_the_patient_lifts_them_one_by_one(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    first, second, stopped = [await town.share(anna) for _ in range(3)]
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    handle = (await town.redeem(dekker, first)).share.hospitals[0].grant_handle
    await pause(town, ANNA.bsn)
    states = {one.share_id: one.state for one in await view_shares.view_shares(town.house, anna)}
    assert states[first.share_id] is states[second.share_id] is ShareState.SUSPENDED
    assert states[stopped.share_id] is ShareState.REVOKED
    with pytest.raises(Refused, match="share_suspended"):
        await start_download(town.house, dekker, handle, "nl")
    await resume_share(town.house, anna, share_id=first.share_id)
    await start_download(town.house, dekker, handle, "nl")


async def test_shares_under_an_older_name_of_the_patient_are_paused_too(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    town.house.pseudonyms.rotate()
    await pause(town, ANNA.bsn)
    assert (await view_shares.one(town.house, anna, made.share_id)).state is ShareState.SUSPENDED


async def test_nothing_is_said_to_be_done_when_nobody_can_say_whose_number_it_is(town: Town) -> None:
    town.house.pseudonyms.down = True
    with pytest.raises(Unavailable):
        await pause(town, ANNA.bsn)


async def test_somebody_elses_shares_go_on(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await pause(town, BRAM.bsn)
    assert (await view_shares.one(town.house, anna, made.share_id)).state is ShareState.LIVE


async def test_the_answer_says_nothing_and_the_patient_reads_who_asked(town: Town) -> None:
    anna, cees = await town.patient(), await town.patient(CEES)
    await town.share(anna)
    assert await suspend_all(town.house, town.agent(), ANNA.bsn, number_from="hospital") is None  # type: ignore[func-returns-value]
    assert await suspend_all(town.house, town.agent(), CEES.bsn, number_from="caller") is None  # type: ignore[func-returns-value]
    for asker, number_from in ((anna, "hospital"), (cees, "caller")):
        line = next(line for line in await view_log(town.house, asker) if line.action == "suspend_all")
        assert (line.who, line.what["number_from"]) == ("Fatima", number_from)


async def test_the_number_stands_in_no_row_and_in_no_log(town: Town) -> None:
    with capture_logs() as lines:
        await pause(town, BRAM.bsn)
    rows = await town.rows(access_log, access_log.c.kind == "suspend_all")
    assert rows
    told = json.dumps([row.record for row in rows]) + repr(lines)
    assert BRAM.bsn.reveal() not in told


async def test_it_takes_the_same_time_with_and_without_shares(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspending, "ANSWER_SECONDS", 1.0)
    anna = await town.patient()
    await asyncio.gather(*(town.share(anna) for _ in range(10)))
    took = []
    for bsn in (ANNA.bsn, CEES.bsn):
        begun = time.monotonic()
        await pause(town, bsn)
        took.append(time.monotonic() - begun)
    assert min(took) >= 0.99  # no answer comes before the time at which every answer comes


async def test_it_needs_a_call_back_a_fresh_sign_in_and_the_helpdesk(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    for number_from in ("", "a friend"):
        with pytest.raises(Refused, match="call_back_missing"):
            await pause(town, ANNA.bsn, number_from)
    with pytest.raises(Refused, match="step_up_needed"):
        await suspend_all(town.house, town.agent(signed_in_ago=301), ANNA.bsn, number_from="gp")
    for asker in (anna, town.provider(verified=True), town.agent("cleaning"), town.agent("security")):
        with pytest.raises(NotFound):
            await suspend_all(town.house, asker, ANNA.bsn, number_from="gp")
    assert (await view_shares.one(town.house, anna, made.share_id)).state is ShareState.LIVE


async def test_trying_numbers_is_bounded(town: Town) -> None:
    reasons = []
    for _ in range(22):
        try:
            await pause(town, CEES.bsn)
        except Refused as refusal:
            reasons.append(refusal.reason)
    assert reasons == ["too_many_lookups"] * 2
