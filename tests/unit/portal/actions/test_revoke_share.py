"""Stopping a share ends it and every grant of it in one transaction, and the status lists say so at once."""

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Malformed, NotFound, Refused
from beeldpas.domain.secret import OneTimeCode
from beeldpas.domain.stopping import Ground
from beeldpas.portal.actions import view_shares
from beeldpas.portal.actions.exchange_code import exchange_code
from beeldpas.portal.actions.find_share import find_share
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.start_download import Download, start_download
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.view_images import view_images
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.actions.view_share import view_share
from beeldpas.portal.directory import Hospital
from beeldpas.portal.store import statuses
from beeldpas.portal.store.tables import issued_grant

INCIDENT = Ground("incident", incident="INC-14")


async def test_a_patient_stops_their_share_and_its_grants(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    opened = await town.redeem(dekker, made)
    handle = opened.share.hospitals[0].grant_handle
    download = await start_download(town.house, dekker, handle, "nl")
    stopped = await revoke_share(town.house, anna, share_id=made.share_id, why="")
    assert (stopped.reference, stopped.already) == (made.reference, False)
    for attempt in (
        lambda: redeem_share(town.house, dekker, made.code, made.pin),
        lambda: view_share(town.house, dekker, made.share_id),
        lambda: start_download(town.house, dekker, handle, "nl"),
        lambda: view_images(town.house, dekker, handle),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt()
        assert refusal.value.reason == "share_revoked"
    with pytest.raises(Refused) as refusal:
        await exchange_code(town.house, *code_of(town, download))
    assert refusal.value.reason == "invalid_grant"


def code_of(town: Town, download: Download) -> tuple[Hospital, OneTimeCode, str]:

    code = parse_qs(urlsplit(download.redirect_url).query)["code"][0]
    noord = town.house.directory.by_id("noord")
    return noord, OneTimeCode(code), f"{noord.base_url}/download"


async def test_the_status_lists_change_with_the_revocation_and_only_where_grants_were(town: Town) -> None:
    anna = await town.patient()
    made, other = await town.share(anna), await town.share(anna)
    await town.redeem(town.provider(), made)
    await town.redeem(town.provider(), other)
    async with transaction(town.house.engine) as connection:
        before = {one: await statuses.read(connection, one) for one in ("noord", "west", "zuid")}
    await revoke_share(town.house, anna, share_id=made.share_id, why="")
    async with transaction(town.house.engine) as connection:
        after = {one: await statuses.read(connection, one) for one in ("noord", "west", "zuid")}
    mine = {
        row.gateway_id: row.status_index
        for row in await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
    }
    for gateway_id in ("noord", "west"):
        assert after[gateway_id].version == before[gateway_id].version + 1
        assert set(after[gateway_id].invalid) - set(before[gateway_id].invalid) == {mine[gateway_id]}
    assert after["zuid"] == before["zuid"]


async def test_stopping_twice_says_when_it_was_stopped(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    first = await revoke_share(town.house, anna, share_id=made.share_id, why="")
    town.clock.pass_by(minutes=5)
    second = await revoke_share(town.house, anna, share_id=made.share_id, why="")
    assert (second.already, second.at) == (True, first.at)


async def test_the_helpdesk_stops_by_reference_with_a_reason(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    spoken = made.reference.lower().replace("-", " ")
    stopped = await revoke_share(town.house, town.agent(), reference=spoken, why="lost", ground=INCIDENT)
    assert (stopped.reference, stopped.already) == (made.reference, False)
    seen = await find_share(town.house, town.agent(), made.reference)
    assert [one.why for one in seen.revocations] == ["lost"]
    assert (await view_shares.one(town.house, anna, made.share_id)).revoked_at == town.clock.now


@pytest.mark.parametrize("why", ["", "   ", "\n"])
async def test_the_helpdesk_stops_nothing_without_a_reason(town: Town, why: str) -> None:
    made = await town.share(await town.patient())
    with pytest.raises(Refused) as refusal:
        await revoke_share(town.house, town.agent(), reference=made.reference, why=why, ground=INCIDENT)
    assert refusal.value.reason == "revoke_reason_missing"


@pytest.mark.parametrize("claimed", [Ground(), Ground("own"), Ground("call_code")], ids=lambda one: one.kind)
async def test_the_helpdesk_stops_nothing_without_a_ground_and_a_call_code_is_not_just_claimed(
    town: Town, claimed: Ground
) -> None:
    made = await town.share(await town.patient())
    bram = await make_call_code(town.house, await town.patient(BRAM))
    await take_call(town.house, town.agent(), bram.code)
    with pytest.raises(Refused) as refusal:
        await revoke_share(town.house, town.agent(), reference=made.reference, why="lost", ground=claimed)
    assert refusal.value.reason == "revoke_ground_missing"


async def test_with_the_patient_on_the_line_the_call_code_is_the_ground(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    await revoke_share(
        town.house, town.agent(), reference=made.reference, why="lost", ground=Ground("call_code"), note="in de trein"
    )
    newest = (await view_log(town.house, anna))[0]
    assert (newest.action, newest.what["ground"], newest.what["note"]) == ("revoke_share", "call_code", "in de trein")


async def test_whoever_signed_in_six_minutes_ago_shows_anew_who_they_are(town: Town) -> None:
    made = await town.share(await town.patient())
    for agent in (town.agent(signed_in_ago=301), replace(town.agent(), authenticated_at=None)):
        with pytest.raises(Refused) as refusal:
            await revoke_share(town.house, agent, reference=made.reference, why="lost", ground=INCIDENT)
        assert refusal.value.reason == "step_up_needed"
    await revoke_share(
        town.house, town.agent(signed_in_ago=299), reference=made.reference, why="lost", ground=INCIDENT
    )


async def test_staff_without_the_role_and_strangers_stop_nothing(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    for attempt in (
        lambda: revoke_share(town.house, town.agent("cleaning"), reference=made.reference, why="x", ground=INCIDENT),
        lambda: revoke_share(town.house, town.agent(), share_id=made.share_id, why="x", ground=INCIDENT),
        lambda: revoke_share(town.house, town.provider(verified=True), reference=made.reference, why="x"),
        lambda: revoke_share(town.house, town.provider(verified=True), share_id=made.share_id, why="x"),
    ):
        with pytest.raises(NotFound):
            await attempt()
    with pytest.raises(NotFound):
        await revoke_share(town.house, await town.patient(BRAM), share_id=made.share_id, why="x")
    with pytest.raises(NotFound):
        await revoke_share(town.house, anna, reference=made.reference, why="x")
    assert (await view_shares.one(town.house, anna, made.share_id)).revoked_at is None


async def test_an_unreadable_reference_is_no_reference(town: Town) -> None:
    with pytest.raises(Malformed):
        await revoke_share(town.house, town.agent(), reference="K7P", why="lost", ground=INCIDENT)


async def test_no_grant_survives_a_redemption_at_the_same_moment(town: Town) -> None:
    anna = await town.patient()
    for _ in range(5):
        made = await town.share(anna)
        redeeming = [town.redeem(town.provider(verified=False), made) for _ in range(4)]
        stopping = revoke_share(town.house, anna, share_id=made.share_id, why="")
        await asyncio.gather(*redeeming[:2], stopping, *redeeming[2:], return_exceptions=True)
        rows = await town.rows(issued_grant, issued_grant.c.share_id == made.share_id)
        assert [row for row in rows if row.revoked_at is None] == []
