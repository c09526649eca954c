"""Ten looks at a PIN in a code's life, thirteen if it was unlocked: however many ask at once, whatever fails."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.sharing_town import Town, wrong

from beeldpas.audit import log
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.portal.actions import redeem_share as redeeming
from beeldpas.portal.actions.make_call_code import make_call_code
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.take_call import take_call
from beeldpas.portal.actions.unlock_share import unlock_share
from beeldpas.portal.pin import is_pin
from beeldpas.portal.store.tables import access_log, issued_grant, share

Looks = list[bool]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Every real comparison of a PIN, as it is made."""
    made: Looks = []

    async def counted(*args: object) -> bool:
        right = await is_pin(*args)  # type: ignore[arg-type]
        made.append(right)
        return right

    monkeypatch.setattr(redeeming, "is_pin", counted)
    return made


async def spent(town: Town, share_id: str) -> int:
    return int((await town.rows(share, share.c.share_id == share_id))[0].attempts_spent)


@pytest.mark.parametrize("guesses", [50, 200])
async def test_of_many_wrong_pins_at_once_exactly_ten_are_looked_at(town: Town, looks: Looks, guesses: int) -> None:
    made = await town.share(await town.patient())
    guess = wrong(made.pin)
    asked = [redeem_share(town.house, town.provider(), made.code, guess) for _ in range(guesses)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert looks == [False] * 10
    assert {type(answer) for answer in answers} == {Refused}
    reasons = [answer.reason for answer in answers if isinstance(answer, Refused)]
    assert (reasons.count("pin_wrong"), reasons.count("share_locked")) == (9, guesses - 9)
    assert await spent(town, made.share_id) == 10
    logged = await town.rows(access_log, access_log.c.share_id == made.share_id, access_log.c.kind == "redeem_share")
    assert len(logged) == guesses
    with pytest.raises(Refused):
        await town.redeem(town.provider(), made)
    assert await town.rows(issued_grant, issued_grant.c.share_id == made.share_id) == []


async def test_right_pins_at_once_all_get_in_and_cost_nothing(town: Town, looks: Looks) -> None:
    made = await town.share(await town.patient())
    opened = await asyncio.gather(*(town.redeem(town.provider(), made) for _ in range(8)))
    assert {one.share_id for one in opened} == {made.share_id}
    assert looks == [True] * 8
    assert await spent(town, made.share_id) == 0


async def test_nobody_can_keep_a_right_pin_from_counting_the_wrong_ones(town: Town, looks: Looks) -> None:
    made = await town.share(await town.patient())
    guess = wrong(made.pin)
    dekker = town.provider(visit="one")
    asked = [
        redeem_share(town.house, dekker, made.code, made.pin if number % 4 == 0 else guess) for number in range(40)
    ]
    await asyncio.gather(*asked, return_exceptions=True)
    assert looks.count(False) <= 10
    assert await spent(town, made.share_id) == looks.count(False)


async def test_a_rollback_after_a_wrong_pin_keeps_the_attempt_spent(
    town: Town, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await town.share(await town.patient())

    async def broken(*_: object) -> bool:
        raise RuntimeError("the log could not be written")

    monkeypatch.setattr(log, "append", broken)
    for _ in range(10):
        with pytest.raises(RuntimeError):
            await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    monkeypatch.undo()
    assert await spent(town, made.share_id) == 10
    with pytest.raises(Refused) as refusal:
        await redeem_share(town.house, town.provider(), made.code, made.pin)
    assert refusal.value.reason == "share_locked"


async def test_a_right_pin_that_cannot_be_recorded_gives_no_grant_and_stays_spent(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await town.share(await town.patient())

    async def full(*_: object) -> bool:
        raise Unavailable("database")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(Unavailable):
        await town.redeem(town.provider(), made)
    monkeypatch.undo()
    assert await town.rows(issued_grant, issued_grant.c.share_id == made.share_id) == []
    assert await spent(town, made.share_id) == 1


async def test_the_attempt_is_committed_before_the_pin_is_looked_at(
    town: Town, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await town.share(await town.patient())
    seen: list[int] = []

    async def watching(*_: object) -> bool:
        seen.append(await spent(town, made.share_id))  # another connection sees only what is committed
        return False

    monkeypatch.setattr(redeeming, "is_pin", watching)
    for _ in range(3):
        with pytest.raises(Refused):
            await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("unlockings", [1, 8])
async def test_unlocked_in_a_storm_of_guesses_a_code_gets_thirteen_looks_and_no_more(
    town: Town, looks: Looks, unlockings: int
) -> None:
    """Unlocked while two hundred wrong PINs come in, once or often at once: three looks are added, once."""
    anna = await town.patient()
    made = await town.share(anna)
    guess = wrong(made.pin)
    first = [redeem_share(town.house, town.provider(), made.code, guess) for _ in range(20)]
    await asyncio.gather(*first, return_exceptions=True)
    assert len(looks) == 10
    await take_call(town.house, town.agent(), (await make_call_code(town.house, anna)).code)
    storm = [redeem_share(town.house, town.provider(), made.code, guess) for _ in range(200)]
    unlocking = [unlock_share(town.house, town.agent(), made.reference) for _ in range(unlockings)]
    await asyncio.gather(*storm[:100], *unlocking, *storm[100:], return_exceptions=True)
    rest = [redeem_share(town.house, town.provider(), made.code, guess) for _ in range(20)]
    await asyncio.gather(*rest, return_exceptions=True)
    assert looks == [False] * 13
    assert await spent(town, made.share_id) == 13
