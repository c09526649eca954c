"""Which keys a program's names for people are made with; a change of them is an event of its log.

The program holds no such key. It sees a change in the answers that it gets, and notes it once, on the transaction of
whoever asked first. *Source:* NEN 7513 §6 (changes of the security settings are logged).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Column, MetaData, String, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.event import Actor, Event
from beeldpas.audit.events import Change
from beeldpas.audit.log import append
from beeldpas.database.instant import Instant
from beeldpas.database.once import insert_once


def name_key_table(metadata: MetaData) -> Table:
    """Describe the table: every key that names were ever seen of, and when it was last gone from the answers."""
    return Table(
        "name_key",
        metadata,
        Column("key_name", String(16), primary_key=True),
        Column("seen_at", Instant, nullable=False),
        Column("gone_at", Instant),
    )


_TABLE = name_key_table(MetaData())


def key_of(name: str) -> str:
    """Return the name of the key that a person's name is made with."""
    return name.partition(".")[0]


async def note_keys(connection: AsyncConnection, names: Sequence[str], source: str, now: datetime) -> bool:
    """Keep which keys a person's names are made with; say whether they changed, which is then in the log."""
    current = [key_of(name) for name in names]
    before = await known_keys(connection)
    if set(before) == set(current):
        return False
    if not await _keep(connection, current, now):
        return False  # somebody who signed in at the same moment noted it
    told, earlier = " ".join(current), " ".join(before)
    event = Event(
        event_id=str(uuid5(NAMESPACE_URL, f"{source} {now.isoformat()} {told}")),
        at=now,
        kind=Change.NAMES_CHANGED,
        outcome="done",
        actor=Actor(kind="program", subject=source),
        source=source,
        details={"fingerprint": told, "before": earlier},
    )
    return await append(connection, event)


async def _keep(connection: AsyncConnection, current: Sequence[str], now: datetime) -> bool:
    """Write down the keys that are new, back or gone; say whether there were any that nobody else wrote down."""
    changed = False
    for key in sorted(current):  # always in the same order, so that two cannot wait for each other
        row = {"key_name": key, "seen_at": now, "gone_at": None}
        changed |= await insert_once(connection, _TABLE, row, ["key_name"])
    back = _TABLE.c.key_name.in_(current) & _TABLE.c.gone_at.is_not(None)
    gone = _TABLE.c.key_name.not_in(current) & _TABLE.c.gone_at.is_(None)
    for rows, moment in ((back, None), (gone, now)):
        statement = update(_TABLE).where(rows).values(gone_at=moment).returning(_TABLE.c.key_name)
        changed |= bool((await connection.execute(statement)).all())
    return changed


async def every_key(connection: AsyncConnection) -> tuple[str, ...]:
    """Return every key that names were ever seen of, those that are gone too."""
    return tuple((await connection.execute(select(_TABLE.c.key_name).order_by(_TABLE.c.seen_at))).scalars())


async def known_keys(connection: AsyncConnection) -> tuple[str, ...]:
    """Return the keys of the last answer, the longest known first."""
    wanted = select(_TABLE.c.key_name).where(_TABLE.c.gone_at.is_(None)).order_by(_TABLE.c.seen_at, _TABLE.c.key_name)
    return tuple((await connection.execute(wanted)).scalars())
