"""Two hundred wrong PINs at once while the database goes away and comes back: still ten looks, and none for free."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from tests.postgres import Cluster
from tests.sharing_town import MIGRATIONS, Town, wrong

from beeldpas.database.engine import migrate, open_engine
from beeldpas.domain.errors import BeeldpasError, Refused, Unavailable
from beeldpas.portal.actions import redeem_share as redeeming
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.store.tables import share


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that this test takes away; the others keep theirs."""
    cluster = Cluster.start()
    yield cluster
    cluster.stop()


async def test_two_hundred_wrong_pins_at_once_get_ten_looks_also_when_the_database_fails_in_between(
    own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_cluster.create("guessed")
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    engine = open_engine(url)
    town = Town.build(engine)
    made = await town.share(await town.patient())
    looks = 0
    gone = asyncio.Event()

    async def look(*_arguments: object) -> bool:
        """A wrong PIN is looked at; at the fourth the database is taken away, before anything of it is recorded."""
        nonlocal looks
        looks += 1
        if looks == 4:
            await asyncio.to_thread(own_cluster.pause)
            gone.set()
        elif looks < 4:
            await gone.wait()
        return False

    monkeypatch.setattr(redeeming, "is_pin", look)

    async def guess_all() -> list[BaseException | object]:
        asked = [redeem_share(town.house, town.provider(), made.code, wrong(made.pin)) for _ in range(200)]
        return await asyncio.gather(*asked, return_exceptions=True)

    try:
        first = await guess_all()
    finally:
        await asyncio.to_thread(own_cluster.resume)
    assert {type(answer) for answer in first} <= {Refused, Unavailable}
    assert any(isinstance(answer, Unavailable) for answer in first)
    second = await guess_all()
    assert {type(answer) for answer in second} == {Refused}
    (row,) = await town.rows(share, share.c.share_id == made.share_id)
    assert (looks <= 10, row.attempts_spent) == (True, 10)
    with pytest.raises(BeeldpasError, match="share_locked"):
        await town.redeem(town.provider(), made)
    await engine.dispose()
