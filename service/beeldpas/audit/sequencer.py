"""Giving every row of the log its place in the tree: one at a time, whoever else runs, and again after any crash.

A row is written on the transaction of what happened and waits; which transactions commit first, nobody knows. The
places are given afterwards, in batches, each in one transaction that holds the tree's only row: places, subtrees, the
new right edge and the signed checkpoint are there together or not at all, so that there is no gap and no fork.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, delete, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from beeldpas.audit.checkpoint import Checkpoint, LogKeys, read_checkpoint
from beeldpas.audit.log import access_log_table
from beeldpas.audit.note import read_note
from beeldpas.audit.tree import HASH_BYTES, Frontier
from beeldpas.audit.tree_tables import TILE_HEIGHT, log_checkpoint, log_node, log_place, log_tree, log_waiting
from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Conflict

PAUSE_SECONDS = 0.5
_AT_ONCE = 5000
_LOG = access_log_table(log_waiting.metadata)
log = structlog.get_logger()


class Sequencer:
    """Places what waits in one program's log; any number may run on the same database."""

    def __init__(
        self, engine: AsyncEngine, keys: LogKeys, clock: Callable[[], datetime], at_once: int = _AT_ONCE
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._at_once = at_once
        self._said = ""

    async def run(self) -> None:
        """Place what waits, every half second, until cancelled."""
        while True:
            try:
                while await self.place_waiting() >= self._at_once:
                    pass
                self._said = ""
            except (BeeldpasError, SQLAlchemyError) as error:
                reason = error.reason if isinstance(error, BeeldpasError) else type(error).__name__
                if reason != self._said:
                    log.error("log_not_sequenced", reason=reason)
                self._said = reason
            await asyncio.sleep(PAUSE_SECONDS)

    async def place_waiting(self) -> int:
        """Place one batch; return how many rows got a place.

        Raises: Unavailable("database"); Conflict("tree_broken") when the tree is not the one that was signed last.
        """
        async with transaction(self._engine) as connection:
            if (await connection.execute(select(log_waiting.c.row_id).limit(1))).first() is None:
                return 0
            frontier = await _locked(connection)
            begin = frontier.size
            await _give_places(connection, begin, self._at_once)
            placed = select(log_place.c.leaf_hash).where(log_place.c.place >= begin).order_by(log_place.c.place)
            leaves = (await connection.execute(placed)).scalars().all()
            if leaves:
                await self._grow(connection, frontier, leaves)
            return len(leaves)

    async def _grow(self, connection: AsyncConnection, frontier: Frontier, leaves: Sequence[bytes]) -> None:
        begin = frontier.size
        whole = [
            {"height": height, "position": position, "hash": found}
            for leaf in leaves
            for (height, position), found in frontier.append(leaf)
            if height and height % TILE_HEIGHT == 0
        ]
        if whole:
            await connection.execute(insert(log_node), whole)
        placed = select(log_place.c.row_id).where(log_place.c.place >= begin)
        await connection.execute(delete(log_waiting).where(log_waiting.c.row_id.in_(placed)))
        await connection.execute(update(log_tree).values(size=frontier.size, frontier=b"".join(frontier.hashes)))
        note = self._keys.sign(Checkpoint(self._keys.origin, frontier.size, frontier.root))
        values = {"size": frontier.size, "at": self._clock(), "note": str(note)}
        await connection.execute(insert(log_checkpoint).values(values))


async def _locked(connection: AsyncConnection) -> Frontier:
    """Hold the tree until the transaction ends, and compare it with what was signed last."""
    # SQLite needs no word for it: its transactions that may write come one after the other.
    row = (await connection.execute(select(log_tree).with_for_update())).one()
    signed = select(log_checkpoint.c.note).order_by(log_checkpoint.c.size.desc()).limit(1)
    note = (await connection.execute(signed)).scalar_one_or_none()
    frontier = _frontier(row)
    last = Checkpoint("", 0, Frontier().root) if note is None else read_checkpoint(read_note(note).text)
    if (last.size, last.root) != (frontier.size, frontier.root):
        raise Conflict("tree_broken")
    return frontier


def _frontier(row: Row[Any]) -> Frontier:
    edge: bytes = row.frontier
    try:
        return Frontier(row.size, [edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES)])
    except ValueError as error:
        raise Conflict("tree_broken") from error


async def _give_places(connection: AsyncConnection, begin: int, at_once: int) -> None:
    """Give the oldest rows that wait the next places."""
    waiting = select(log_waiting.c.row_id).order_by(log_waiting.c.row_id).limit(at_once).subquery()
    place = literal(begin - 1) + func.row_number().over(order_by=_LOG.c.row_id)
    rows = select(place, _LOG.c.row_id, _LOG.c.leaf_hash).join(waiting, waiting.c.row_id == _LOG.c.row_id)
    await connection.execute(insert(log_place).from_select(["place", "row_id", "leaf_hash"], rows))


async def waiting(connection: AsyncConnection) -> int:
    """Return how many rows have no place yet."""
    return int((await connection.execute(select(func.count()).select_from(log_waiting))).scalar_one())
