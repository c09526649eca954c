"""What this hospital remembers of the logs that it watches, and what becomes of that: growth, alarm, acceptance.

An alarm and its end are events of the hospital's own log, on the transaction that makes them true.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.checkpoint import Checkpoint, read_checkpoint
from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Upkeep
from beeldpas.audit.leaf import Json
from beeldpas.audit.log import append
from beeldpas.audit.note import Note, read_note
from beeldpas.database.once import insert_once
from beeldpas.gateway.store.tables import witnessed

Alarm = Literal["forked", "shrunk", "unproven"]


@dataclass(frozen=True, slots=True)
class Last:
    """The largest tree of a log that was cosigned here, 0 before the first. `alarm` is "" while all is well."""

    origin: str
    size: int
    root: bytes
    at: datetime | None
    alarm: str
    alarm_note: str


async def last(connection: AsyncConnection, origin: str) -> Last:
    """Return what was seen of a log last."""
    row = (await connection.execute(select(witnessed).where(witnessed.c.origin == origin))).first()
    return _read(row) if row is not None else Last(origin, 0, b"", None, "", "")


async def all_logs(connection: AsyncConnection) -> tuple[Last, ...]:
    """Return what was seen of every log."""
    return tuple(_read(row) for row in await connection.execute(select(witnessed).order_by(witnessed.c.origin)))


def _read(row: Row[Any]) -> Last:
    root = read_checkpoint(read_note(row.note).text).root if row.note else b""
    return Last(row.origin, row.size, root, row.at, row.alarm, row.alarm_note)


async def keep(connection: AsyncConnection, before: Last, new: Checkpoint, note: Note, now: datetime) -> bool:
    """Remember a larger tree before any word is given over it; False when somebody else was faster."""
    values = {"size": new.size, "note": str(note), "at": now, "alarm": "", "alarm_note": ""}
    if before.at is None:
        return await insert_once(connection, witnessed, {"origin": new.origin, **values}, ["origin"])
    still = (witnessed.c.origin == new.origin, witnessed.c.size == before.size, witnessed.c.alarm == "")
    return (await connection.execute(update(witnessed).where(*still).values(values))).rowcount == 1


async def stop(
    connection: AsyncConnection, why: Alarm, before: Last, new: Checkpoint, note: Note, source: str, now: datetime
) -> None:
    """Note the alarm, with the checkpoint that gave rise to it: with the one before, it is the proof."""
    changed = update(witnessed).where(witnessed.c.origin == new.origin, witnessed.c.alarm == "")
    if (await connection.execute(changed.values(alarm=why, alarm_note=str(note)))).rowcount == 1:
        details: dict[str, Json] = {"log": new.origin, "size": new.size, "seen_size": before.size}
        await append(connection, _event(Upkeep.WITNESS_ALARM, "refused", why, source, details, now))


async def accept(connection: AsyncConnection, origin: str, why: str, source: str, now: datetime) -> bool:
    """Begin anew with a log whose alarm an administrator has looked into; False when there is none."""
    before = await last(connection, origin)
    if not before.alarm:
        return False
    values = {"size": 0, "note": "", "at": now, "alarm": "", "alarm_note": ""}
    await connection.execute(update(witnessed).where(witnessed.c.origin == origin).values(values))
    details: dict[str, Json] = {"log": origin, "seen_size": before.size, "why": why}
    await append(connection, _event(Upkeep.WITNESS_ACCEPTED, "done", before.alarm, source, details, now))
    return True


def _event(kind: Upkeep, outcome: str, reason: str, source: str, details: dict[str, Json], now: datetime) -> Event:
    actor = Actor(kind="administrator" if kind is Upkeep.WITNESS_ACCEPTED else "program", subject=source)
    return Event(str(uuid4()), now, kind, outcome, actor, reason=reason, source=source, details=details)
