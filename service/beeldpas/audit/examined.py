"""A log that is examined or dumped where it is kept: in a program's database, on one transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TextIO

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.dump import line, row_line
from beeldpas.audit.examination import Examination, Report, Row
from beeldpas.audit.log import access_log_table
from beeldpas.audit.proof import Keys
from beeldpas.audit.sequencer import waiting
from beeldpas.audit.tree_tables import log_checkpoint, log_cosignature, log_place, log_waiting

_AT_ONCE = 20_000
_LOG = access_log_table(MetaData())
_FIELDS = Row._fields


async def examine_database(connection: AsyncConnection, origin: str, keys: Keys, now: datetime) -> Report:
    """Go through the log in a database, on one transaction."""
    examination = Examination(origin, keys, await signed(connection), now)
    async with asyncio.TaskGroup() as group:
        before = None
        async for rows in placed(connection):
            if before is not None:
                await before
            before = group.create_task(asyncio.to_thread(examination.take, rows))  # while the next rows come
    return examination.finish(await waiting(connection), await _lost(connection))


async def write_dump(connection: AsyncConnection, origin: str, out: TextIO) -> int:
    """Write the log as a dump; return how many rows."""
    count = 0
    out.write(line({"log": origin, "signed": await signed(connection)}))
    async for rows in placed(connection):
        count += len(rows)
        out.writelines(row_line(row) for row in rows)
    out.write(line({"waiting": await waiting(connection), "lost": await _lost(connection)}))
    return count


async def placed(connection: AsyncConnection) -> AsyncIterator[Sequence[Row]]:
    """Give every place with its row, some thousands at a time."""
    beside = [_LOG.c[name] for name in _FIELDS[2:]]
    joined = log_place.outerjoin(_LOG, _LOG.c.row_id == log_place.c.row_id)
    wanted = select(log_place.c.place, log_place.c.leaf_hash, *beside).select_from(joined).order_by(log_place.c.place)
    begin = 0
    while True:
        found = (await connection.execute(wanted.where(log_place.c.place >= begin).limit(_AT_ONCE))).all()
        if not found:
            return
        yield [Row._make(row) for row in found]
        begin = found[-1][0] + 1


async def signed(connection: AsyncConnection) -> list[str]:
    """Return all checkpoints by size, each with the witnesses' words below it."""
    words: dict[int, list[str]] = {}
    for row in await connection.execute(select(log_cosignature).order_by(log_cosignature.c.witness)):
        words.setdefault(row.size, []).append(row.line)
    notes = await connection.execute(select(log_checkpoint).order_by(log_checkpoint.c.size))
    return [row.note + "".join(f"{word}\n" for word in words.get(row.size, ())) for row in notes]


async def _lost(connection: AsyncConnection) -> list[str]:
    """Return events that have no place and do not wait for one: somebody took them out of the queue."""
    has = select(log_place.c.row_id).where(log_place.c.row_id == _LOG.c.row_id).exists()
    waits = select(log_waiting.c.row_id).where(log_waiting.c.row_id == _LOG.c.row_id).exists()
    return [*(await connection.execute(select(_LOG.c.event_id).where(~has, ~waits).limit(100))).scalars()]
