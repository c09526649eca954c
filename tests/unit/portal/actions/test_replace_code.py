"""A new code and PIN kill the old ones; what was redeemed before goes on."""

import asyncio

import pytest
from tests.cast import BRAM
from tests.sharing_town import Town

from beeldpas.domain.errors import Conflict, NotFound, Refused
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_share import view_share


async def test_the_old_code_and_pin_open_nothing_any_more(town: Town) -> None:
    anna = await town.patient()
    old = await town.share(anna)
    new = await replace_code(town.house, anna, old.share_id)
    assert (new.reference, new.expires_at) == (old.reference, old.expires_at)
    for code, pin, reason in ((old.code, old.pin, "code_unknown"), (old.code, new.pin, "code_unknown")):
        with pytest.raises(Refused) as refusal:
            await redeem_share(town.house, town.provider(), code, pin)
        assert refusal.value.reason == reason
    await town.redeem(town.provider(), new)


async def test_who_redeemed_before_keeps_what_they_were_given(town: Town) -> None:
    anna, dekker = await town.patient(), town.provider()
    made = await town.share(anna)
    await town.redeem(dekker, made)
    await replace_code(town.house, anna, made.share_id)
    assert (await view_share(town.house, dekker, made.share_id)).reference == made.reference


async def test_two_tabs_do_not_both_get_a_code(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    answers = await asyncio.gather(
        *(replace_code(town.house, anna, made.share_id) for _ in range(4)), return_exceptions=True
    )
    given = [one for one in answers if not isinstance(one, Exception)]
    assert all(isinstance(one, Conflict) for one in answers if isinstance(one, Exception))
    live = []
    for new in given:
        try:
            live.append(await town.redeem(town.provider(visit="same"), new))
        except Refused as refusal:
            assert refusal.reason == "code_unknown"
    assert len(live) == 1


async def test_ended_and_stopped_shares_get_no_new_code(town: Town) -> None:
    anna = await town.patient()
    stopped, ended = await town.share(anna), await town.share(anna)
    await revoke_share(town.house, anna, share_id=stopped.share_id, why="")
    with pytest.raises(Refused) as refusal:
        await replace_code(town.house, anna, stopped.share_id)
    assert refusal.value.reason == "share_revoked"
    town.clock.now = ended.expires_at
    with pytest.raises(Refused) as refusal:
        await replace_code(town.house, anna, ended.share_id)
    assert refusal.value.reason == "share_expired"


async def test_nobody_else_gets_a_code(town: Town) -> None:
    made = await town.share(await town.patient())
    for asker in (await town.patient(BRAM), town.provider(verified=True), town.agent()):
        with pytest.raises((NotFound, Refused)):
            await replace_code(town.house, asker, made.share_id)
