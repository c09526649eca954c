"""A paused share opens nothing and its hospitals are told; only its patient gets it going again."""

import asyncio

import pytest
from tests.sharing_town import Town, wrong

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import NotFound, Refused
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.extend_share import extend_share
from beeldpas.portal.actions.print_letter import print_letter
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import start_download
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.store import statuses
from beeldpas.portal.store.tables import issued_grant, share


async def reason(attempt) -> str:
    with pytest.raises(Refused) as refusal:
        await attempt
    return refusal.value.reason


async def test_a_paused_share_opens_nothing_and_spends_no_attempt(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    handle = (await town.redeem(dekker, made)).share.hospitals[0].grant_handle
    paused = await suspend_share(town.house, town.agent(), made.reference.lower(), why="checking")
    assert (paused.reference, paused.already) == (made.reference, False)
    house = town.house
    for attempt in (
        redeem_share(house, dekker, made.code, made.pin),
        redeem_share(house, dekker, made.code, wrong(made.pin)),
        view_share(house, dekker, made.share_id),
        start_download(house, dekker, handle, "nl"),
        view_images(house, dekker, handle),
    ):
        assert await reason(attempt) == "share_suspended"
    for attempt in (
        print_letter(house, anna, made.share_id),
        replace_code(house, anna, made.share_id),
        extend_share(house, anna, made.share_id, 7),
    ):
        assert await reason(attempt) == "share_paused"
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].attempts_spent == 0


async def test_the_hospitals_lists_say_suspended_and_revoked_beats_it(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await town.redeem(town.provider(), made)
    rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    place = {row.gateway_id: row.status_index for row in rows}["noord"]
    before = await listed(town)
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    paused = await listed(town)
    assert paused.version == before.version + 1
    assert (place in paused.suspended, place in paused.invalid) == (True, False)
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    stopped = await listed(town)
    assert (place in stopped.suspended, place in stopped.invalid) == (False, True)


async def listed(town: Town) -> statuses.Statuses:
    async with transaction(town.house.engine) as connection:
        return await statuses.read(connection, "noord")


async def test_the_patient_reads_that_it_is_paused_why_and_by_whom(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await suspend_share(town.house, town.agent(), made.reference, why="lost", note="gevonden in bus 12")
    seen = await view_shares.one(town.house, anna, made.share_id)
    assert (seen.state, seen.suspended_at, seen.suspended_why) == ("suspended", town.clock.now, "lost")
    newest = next(line for line in await view_log(town.house, anna) if line.action == "suspend_share")
    assert (newest.who, newest.what["why"]) == ("Fatima", "lost")


async def test_a_pause_that_nobody_lifts_ends_with_the_share_and_opens_nothing(town: Town) -> None:
    made = await town.share(await town.patient())
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    town.clock.now = made.expires_at
    assert await reason(redeem_share(town.house, town.provider(), made.code, made.pin)) == "share_expired"


async def test_pausing_twice_or_what_is_over(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    first = await suspend_share(town.house, town.agent(), made.reference, why="checking")
    town.clock.pass_by(minutes=5)
    second = await suspend_share(town.house, town.agent(), made.reference, why="lost")
    assert (second.already, second.at) == (True, first.at)
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    stopped = suspend_share(town.house, town.agent(), made.reference, why="checking")
    assert await reason(stopped) == "share_revoked"
    ended = await town.share(anna)
    town.clock.now = ended.expires_at
    assert await reason(suspend_share(town.house, town.agent(), ended.reference, why="lost")) == "share_expired"


async def test_it_needs_a_reason_of_the_list_and_somebody_of_the_helpdesk(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    for why in ("", "because", "everything"):
        assert (
            await reason(suspend_share(town.house, town.agent(), made.reference, why=why)) == "revoke_reason_missing"
        )
    for asker in (anna, town.provider(verified=True), town.agent("cleaning"), town.agent("security")):
        with pytest.raises(NotFound):
            await suspend_share(town.house, asker, made.reference, why="checking")
    with pytest.raises(NotFound):
        await suspend_share(town.house, town.agent(), "K7P-4QX-92M", why="checking")


async def test_no_grant_is_live_after_a_pause_at_the_same_moment_as_a_redemption(town: Town) -> None:
    anna = await town.patient()
    for _ in range(5):
        made = await town.share(anna)
        redeeming = [town.redeem(town.provider(), made) for _ in range(4)]
        pausing = suspend_share(town.house, town.agent(), made.reference, why="checking")
        await asyncio.gather(*redeeming[:2], pausing, *redeeming[2:], return_exceptions=True)
        rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
        assert [row for row in rows if row.suspended_at is None] == []
