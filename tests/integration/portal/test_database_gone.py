"""The database goes away in the middle of a journey: people may try later; nothing is lost or given away."""

from __future__ import annotations

import pytest
from tests.postgres import Cluster
from tests.sharing_town import MIGRATIONS, Town, wrong

from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.errors import Refused, Unavailable
from beeldpas.portal.actions import redeem_share as redeeming
from beeldpas.portal.actions.redeem_share import redeem_share
from beeldpas.portal.actions.revoke_share import revoke_share
from beeldpas.portal.actions.view_shares import view_shares
from beeldpas.portal.store.tables import share


@pytest.fixture(scope="module")
def database_that_goes(postgres_cluster: Cluster) -> str:
    """A database on the server that this test stops and starts again."""
    url = postgres_cluster.create("portal_gone")
    migrate(url, MIGRATIONS)
    return url


async def test_database_gone_while_a_pin_is_looked_at(
    database_that_goes: str, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(database_that_goes)
    town = Town.build(engine)
    anna = await town.patient()
    made = await town.share(anna)

    async def look(*_: object) -> bool:
        postgres_cluster.pause()
        return True  # even a right PIN opens nothing that cannot be recorded

    monkeypatch.setattr(redeeming, "is_pin", look)
    with pytest.raises(Unavailable) as error:
        await town.redeem(town.provider(), made)
    assert (error.value.source, error.value.retryable) == ("database", True)
    for attempt in (
        lambda: view_shares(town.house, anna),
        lambda: revoke_share(town.house, anna, share_id=made.share_id, why=""),
    ):
        with pytest.raises(Unavailable):
            await attempt()
    postgres_cluster.resume()
    monkeypatch.undo()
    stored = (await town.rows(share, share.c.share_id == made.share_id))[0]
    assert (stored.attempts_spent, stored.revoked_at, stored.organisation_key) == (1, None, None)
    with pytest.raises(Refused) as refusal:
        await redeem_share(town.house, town.provider(), made.code, wrong(made.pin))
    assert refusal.value.detail["n"] == 8
    await town.redeem(town.provider(), made)
    await engine.dispose()


async def test_a_database_that_is_too_busy_is_told_as_one_that_may_be_tried_later(
    database_that_goes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(database_that_goes)
    monkeypatch.setattr(engine.sync_engine.pool, "_timeout", 0.1)
    taken = [await engine.connect() for _ in range(20)]
    with pytest.raises(Unavailable) as error:
        async with transaction(engine):
            pass
    assert error.value.retryable
    for connection in taken:
        await connection.close()
    async with transaction(engine):
        pass
    await engine.dispose()
