"""The viewer gets a token like the gateway's, for the receiver's own live grants only."""

import pytest
from tests.sharing_town import HEAD_CT, PORTAL, Town, evers

from beeldpas.domain.errors import NotFound, Refused
from beeldpas.formats.jose import verify
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_images import view_images


async def test_the_token_is_for_one_hospital_and_five_minutes(town: Town) -> None:
    dekker = town.provider()
    opened = await town.redeem(dekker, await town.share(await town.patient()))
    token, expires_in, _ = await view_images(town.house, dekker, opened.share.hospitals[0].grant_handle)
    claims = verify(
        token.reveal(),
        typ="at+jwt",
        keys=town.house.keys,
        issuer=PORTAL,
        audience="https://noord.example",
        now=town.clock.now,
    )
    assert (expires_in, claims["exp"] - claims["iat"]) == (300, 300)
    assert claims["authorization_details"][0]["studies"] == [HEAD_CT]


async def test_nobody_else_gets_a_token(town: Town) -> None:
    anna = await town.patient()
    opened = await town.redeem(town.provider(), await town.share(anna))
    for asker in (anna, evers(town), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await view_images(town.house, asker, opened.share.hospitals[0].grant_handle)


async def test_nothing_is_viewed_after_the_end_or_a_revocation(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    stopped, ended = await town.share(anna), await town.share(anna)
    handles = [(await town.redeem(dekker, made)).share.hospitals[0].grant_handle for made in (stopped, ended)]
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    town.clock.now = ended.expires_at
    for handle, reason in zip(handles, ("share_revoked", "share_expired"), strict=True):
        with pytest.raises(Refused) as refusal:
            await view_images(town.house, dekker, handle)
        assert refusal.value.reason == reason
