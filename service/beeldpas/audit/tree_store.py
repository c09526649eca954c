"""Reading a log's tree from its tables: checkpoints, and the hashes that a proof consists of.

A proof reads the hashes below a few nodes, at most 256 for each; nobody reads the whole log for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.checkpoint import read_checkpoint
from beeldpas.audit.note import Note, Signature, read_note, read_signature
from beeldpas.audit.tree import Node, Stretch, consistency_stretches, fold, inclusion_stretches, nodes_of, root_of
from beeldpas.audit.tree_tables import TILE_HEIGHT, log_checkpoint, log_cosignature, log_node, log_place
from beeldpas.database.once import insert_once
from beeldpas.domain.errors import Conflict, NotFound

# Witnesses who ask in the same stretch of time get the same checkpoint, so that their words stand together below it.
PUBLISHED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far one witness has come: the largest checkpoint below which its word stands, and when it gave it."""

    size: int
    at: datetime


async def newest(connection: AsyncConnection) -> Note | None:
    """Return the checkpoint that was signed last, with the witnesses' words below it; None before the first."""
    return await _one(connection, select(log_checkpoint).order_by(log_checkpoint.c.size.desc()).limit(1))


async def published(connection: AsyncConnection, now: datetime) -> Note | None:
    """Return the newest checkpoint of before this stretch of seconds; in the very first one, what there is."""
    begun = datetime.fromtimestamp(now.timestamp() // PUBLISHED_EVERY.total_seconds() * 5, now.tzinfo)
    before = select(log_checkpoint).where(log_checkpoint.c.at < begun).order_by(log_checkpoint.c.size.desc()).limit(1)
    return await _one(connection, before) or await newest(connection)


async def at_size(connection: AsyncConnection, size: int) -> Note | None:
    """Return the checkpoint of a tree of this size, if one was signed."""
    return await _one(connection, select(log_checkpoint).where(log_checkpoint.c.size == size))


async def best_over(connection: AsyncConnection, place: int) -> Note | None:
    """Return the smallest of the checkpoints over this place that most witnesses stand below; None without any."""
    votes = func.count().label("votes")
    counted = (
        select(log_cosignature.c.size, votes)
        .where(log_cosignature.c.size > place)
        .group_by(log_cosignature.c.size)
        .order_by(votes.desc(), log_cosignature.c.size)
        .limit(1)
    )
    row = (await connection.execute(counted)).first()
    if row is not None:
        return await at_size(connection, row.size)
    over = select(log_checkpoint).where(log_checkpoint.c.size > place).order_by(log_checkpoint.c.size).limit(1)
    return await _one(connection, over)


async def _one(connection: AsyncConnection, wanted: Any) -> Note | None:
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    note = read_note(row.note)
    lines = (
        select(log_cosignature.c.line).where(log_cosignature.c.size == row.size).order_by(log_cosignature.c.witness)
    )
    given = (await connection.execute(lines)).scalars()
    return Note(note.text, (*note.signatures, *(read_signature(line) for line in given)))


async def keep_cosignature(connection: AsyncConnection, size: int, line: Signature, at: datetime) -> bool:
    """Keep a witness's word, which was checked; False when it is there already."""
    values = {"size": size, "witness": line.name, "at": at, "line": str(line)}
    return await insert_once(connection, log_cosignature, values, ["size", "witness"])


async def seen_by(connection: AsyncConnection, witness: str) -> Seen | None:
    """Return how far a witness has come; None when it never said anything."""
    own = select(log_cosignature.c.size, log_cosignature.c.at).where(log_cosignature.c.witness == witness)
    row = (await connection.execute(own.order_by(log_cosignature.c.size.desc()).limit(1))).first()
    return None if row is None else Seen(row.size, row.at)


async def consistency(connection: AsyncConnection, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` events grew out of that of `old`. Raises: NotFound when it has not."""
    latest = await newest(connection)
    if latest is None or not 0 < old <= new <= read_checkpoint(latest.text).size:
        raise NotFound
    return await _hashes(connection, consistency_stretches(old, new))


async def inclusion(connection: AsyncConnection, place: int, size: int) -> list[bytes]:
    """Return the proof that the event at this place is in the tree of this size."""
    return await _hashes(connection, inclusion_stretches(place, size))


async def _hashes(connection: AsyncConnection, stretches: Sequence[Stretch]) -> list[bytes]:
    return [fold([await _node(connection, node) for node in nodes_of(stretch)]) for stretch in stretches]


async def _node(connection: AsyncConnection, node: Node) -> bytes:
    """Make the hash of a node of what is kept below it. Raises: Conflict("tree_broken") when some of that is gone."""
    height, index = node
    low = height - height % TILE_HEIGHT
    count = 1 << height - low
    begin, end = index * count, (index + 1) * count
    if low == 0:
        column, at = log_place.c.leaf_hash, log_place.c.place
        wanted = select(column)
    else:
        column, at = log_node.c.hash, log_node.c.position
        wanted = select(column).where(log_node.c.height == low)
    rows = (await connection.execute(wanted.where(at >= begin, at < end).order_by(at))).scalars().all()
    if len(rows) != count:
        raise Conflict("tree_broken")
    return root_of(rows)
