"""Rows get their place in the tree one after the other, whoever writes and whoever places, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from joserfc.jwk import KeySet
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.cast import NOW
from tests.sharing_town import MIGRATIONS

from beeldpas.audit import log
from beeldpas.audit.checkpoint import LogKeys
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.sequencer import Sequencer, waiting
from beeldpas.audit.tree import root_of
from beeldpas.audit.tree_tables import log_checkpoint, log_node, log_place, log_tree
from beeldpas.database.engine import migrate, open_engine, transaction
from beeldpas.domain.errors import Conflict
from beeldpas.formats.jose import new_key
from beeldpas.portal.store.tables import access_log, metadata

DEKKER = Actor("provider", "visit:1", "Dr. D. Dekker", "Kliniek De Linde")
KEYS = LogKeys.of("https://portal.example", KeySet([new_key("portal-1")]))


def event(patient: str = "p1.anna") -> Event:
    return Event(str(uuid4()), NOW, "view_share", "done", DEKKER, patient=patient, share_id="s1")


@dataclass
class Log:
    """A portal's log with nobody but the test working on it."""

    engine: AsyncEngine

    def sequencer(self, at_once: int = 5000) -> Sequencer:
        return Sequencer(self.engine, KEYS, lambda: NOW, at_once)

    async def write(self, count: int) -> None:
        async with transaction(self.engine) as connection:
            for _ in range(count):
                await log.append(connection, event())

    async def waits(self) -> int:
        async with transaction(self.engine) as connection:
            return await waiting(connection)

    async def check(self) -> int:
        """Every place is there once, in one row, and every checkpoint is over the beginning of the same leaves."""
        async with transaction(self.engine) as connection:
            placed = (await connection.execute(select(log_place).order_by(log_place.c.place))).all()
            kept = dict((await connection.execute(select(access_log.c.row_id, access_log.c.leaf_hash))).all())
            notes = (await connection.execute(select(log_checkpoint.c.note))).scalars().all()
            nodes = (await connection.execute(select(log_node))).all()
            assert await waiting(connection) == len(kept) - len(placed)
        leaves = [bytes(row.leaf_hash) for row in placed]
        assert [row.place for row in placed] == list(range(len(placed)))
        assert len({row.row_id for row in placed}) == len(placed)
        assert all(bytes(kept[row.row_id]) == row.leaf_hash for row in placed)
        for note in notes:
            checkpoint, _ = KEYS.read(note)
            assert checkpoint.root == root_of(leaves[: checkpoint.size])
        for row in nodes:
            assert row.hash == root_of(leaves[row.position << row.height : row.position + 1 << row.height])
        assert len([row for row in nodes if row.height == 8]) == len(leaves) // 256
        return len(placed)


@pytest.fixture
async def portal_log(new_database, request: pytest.FixtureRequest) -> AsyncIterator[Log]:
    url = new_database(request.param)
    await asyncio.to_thread(migrate, url, MIGRATIONS)
    engine = open_engine(url)
    yield Log(engine)
    await engine.dispose()


both = pytest.mark.parametrize("portal_log", ["sqlite", "postgresql"], indirect=True)
real = pytest.mark.parametrize("portal_log", ["postgresql"], indirect=True)


@both
async def test_what_waits_gets_a_place_in_batches(portal_log: Log) -> None:
    sequencer = portal_log.sequencer(at_once=300)
    assert await sequencer.place_waiting() == 0
    await portal_log.write(700)
    assert [await sequencer.place_waiting() for _ in range(4)] == [300, 300, 100, 0]
    await portal_log.write(1)
    assert await portal_log.sequencer().place_waiting() == 1
    assert await portal_log.check() == 701


@both
async def test_two_sequencers_and_many_writers_make_one_tree(portal_log: Log) -> None:
    done = asyncio.Event()

    async def place() -> None:
        sequencer = portal_log.sequencer(at_once=7)
        while not done.is_set():
            await sequencer.place_waiting()
            await asyncio.sleep(0)

    placing = [asyncio.create_task(place()) for _ in range(2)]
    await asyncio.gather(*(portal_log.write(5) for _ in range(40)))
    done.set()
    await asyncio.gather(*placing)
    while await portal_log.sequencer().place_waiting():
        pass
    assert await portal_log.check() == 200


@real
async def test_a_row_that_is_committed_late_is_not_lost(portal_log: Log) -> None:
    """The early transaction has the lower number and comes last: its row gets the next place, and there is no gap."""
    async with portal_log.engine.connect() as slow:
        late = event("p1.late")
        assert await log.append(slow, late)
        await portal_log.write(3)
        assert await portal_log.sequencer().place_waiting() == 3
        await slow.commit()
    assert await portal_log.sequencer().place_waiting() == 1
    async with transaction(portal_log.engine) as connection:
        places = select(log_place.c.place).order_by(log_place.c.row_id)
        assert (await connection.execute(places)).scalars().all() == [3, 0, 1, 2]
    assert await portal_log.check() == 4


@both
async def test_what_was_rolled_back_leaves_no_gap(portal_log: Log) -> None:
    with pytest.raises(RuntimeError, match="undo"):
        async with transaction(portal_log.engine) as connection:
            await log.append(connection, event())
            raise RuntimeError("undo")
    await portal_log.write(2)
    assert await portal_log.sequencer().place_waiting() == 2
    assert await portal_log.check() == 2


@both
async def test_nothing_is_signed_that_does_not_follow_what_was_signed_before(portal_log: Log) -> None:
    await portal_log.write(3)
    await portal_log.sequencer().place_waiting()
    async with transaction(portal_log.engine) as connection:
        await connection.execute(update(log_tree).values(size=2, frontier=b"x" * 32))
    await portal_log.write(1)
    with pytest.raises(Conflict, match="tree_broken"):
        await portal_log.sequencer().place_waiting()
    async with transaction(portal_log.engine) as connection:
        assert await waiting(connection) == 1


@both
@pytest.mark.parametrize("table", ["log_place", "log_node", "log_checkpoint", "log_cosignature"])
async def test_nobody_changes_what_was_placed_or_signed(portal_log: Log, table: str) -> None:
    await portal_log.write(256)
    await portal_log.sequencer().place_waiting()
    async with transaction(portal_log.engine) as connection:
        await connection.execute(
            text("INSERT INTO log_cosignature (size, witness, at, line) VALUES (1, 'noord', :at, '—')"), {"at": NOW}
        )
    changed = metadata.tables[table]
    number = next(column for column in changed.c if column.name in ("place", "position", "size"))
    for statement in (update(changed).values({number: 0}), delete(changed)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with transaction(portal_log.engine) as connection:
                await connection.execute(statement)


@both
async def test_a_sequencer_that_met_with_a_fault_goes_on_when_it_is_mended(portal_log: Log) -> None:
    await portal_log.write(300)
    async with transaction(portal_log.engine) as connection:
        await connection.execute(text("ALTER TABLE log_node RENAME TO log_node_away"))
    sequencer = portal_log.sequencer()
    running = asyncio.create_task(sequencer.run())
    async with asyncio.timeout(20):
        while not sequencer._said:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with transaction(portal_log.engine) as connection:
        await connection.execute(text("ALTER TABLE log_node_away RENAME TO log_node"))
    async with asyncio.timeout(20):
        while await portal_log.waits():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await portal_log.check() == 300
