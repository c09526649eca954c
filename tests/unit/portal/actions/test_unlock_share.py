"""Three more attempts, once per code, for the patient on the line: thirteen looks at most in the life of a code."""

import asyncio

import pytest
from tests.sharing_town import Town, wrong

from beeldpas.domain.errors import BeeldpasError, NotFound, Refused
from beeldpas.portal.actions.asker import Asker
from beeldpas.portal.actions.made_share import MadeShare
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.replace_code import replace_code
from beeldpas.portal.actions.suspend_share import suspend_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.unlock_share import unlock_share
from beeldpas.portal.actions.view_log import view_log
from beeldpas.portal.store.tables import share


async def guess(town: Town, made: MadeShare) -> tuple[str, object]:
    with pytest.raises(Refused) as refusal:
        await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    return refusal.value.reason, refusal.value.detail.get("n")


async def locked(town: Town) -> tuple[Asker, MadeShare]:
    """Anna's share, locked, and Anna on the line."""
    anna = await town.patient()
    made = await town.share(anna)
    for _ in range(10):
        await guess(town, made)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    return anna, made


async def test_three_more_wrong_pins_and_it_is_locked_for_good(town: Town) -> None:
    anna, made = await locked(town)
    assert (await unlock_share(town.house, town.agent(), made.reference)).attempts == 3
    said = [await guess(town, made) for _ in range(4)]
    assert said == [("pin_wrong", 2), ("pin_wrong", 1), ("share_locked", 13), ("share_locked", 13)]
    with pytest.raises(Refused, match="unlock_used"):
        await unlock_share(town.house, town.agent(), made.reference)
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].attempts_spent == 13
    newest = next(
        line for line in await view_log(town.house, anna) if line.action == "unlock_share" and not line.reason
    )
    assert (newest.who, newest.what["ground"]) == ("Fatima", "call_code")


async def test_the_right_pin_opens_it_again(town: Town) -> None:
    _, made = await locked(town)
    await unlock_share(town.house, town.agent(), made.reference)
    await town.redeem(town.provider(), made)


async def test_a_new_code_may_be_unlocked_once_too(town: Town) -> None:
    anna, made = await locked(town)
    await unlock_share(town.house, town.agent(), made.reference)
    new = await replace_code(town.house, anna, made.share_id)
    for _ in range(10):
        await guess(town, new)
    await unlock_share(town.house, town.agent(), made.reference)
    assert (await guess(town, new)) == ("pin_wrong", 2)


async def test_of_many_unlockings_at_once_one_counts(town: Town) -> None:
    _, made = await locked(town)
    asked = (unlock_share(town.house, town.agent(), made.reference) for _ in range(8))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len([one for one in answers if not isinstance(one, BeeldpasError)]) == 1
    assert (await town.rows(share, share.c.share_id == made.share_id))[0].extra_attempts == 3


async def test_only_what_is_locked_and_only_for_its_patient_on_the_line(town: Town) -> None:
    anna = await town.patient()
    made = await town.share(anna)
    with pytest.raises(Refused, match="call_code_needed"):
        await unlock_share(town.house, town.agent(), made.reference)
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    with pytest.raises(Refused, match="share_not_locked"):
        await unlock_share(town.house, town.agent(), made.reference)
    await suspend_share(town.house, town.agent(), made.reference, why="checking")
    with pytest.raises(Refused, match="share_paused"):
        await unlock_share(town.house, town.agent(), made.reference)
    for asker in (anna, town.provider(verified=True)):
        with pytest.raises(NotFound):
            await unlock_share(town.house, asker, made.reference)
