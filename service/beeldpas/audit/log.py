"""The rows of the access log: added on the caller's own connection, so that what is not recorded did not happen.

Nothing here changes or removes a row, and the database refuses it too (the migration that makes the table).
Each row holds its salt and leaf hash; which place it gets in the tree is decided later, by one sequencer. A row that
is past its term holds an empty record (`erasure.py`), and is nobody's any more.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from secrets import token_bytes
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.event import Event, as_record
from beeldpas.audit.events import CATALOGUE, Reader
from beeldpas.audit.leaf import SALT_BYTES, Json, make_leaf
from beeldpas.database.instant import Instant
from beeldpas.database.once import insert_once

Record = Mapping[str, Json]
# The execution option of an engine that names what else is done with an event: a function of connection and event.
ALSO = "beeldpas_also"


def access_log_table(metadata: MetaData) -> Table:
    """Describe the table; what stands beside `record` repeats it, so that rows can be found."""
    return Table(
        "access_log",
        metadata,
        Column("row_id", Integer, primary_key=True, autoincrement=True),
        Column("event_id", String(64), nullable=False),
        Column("at", Instant, nullable=False),
        Column("kind", String(32), nullable=False),
        Column("source", String(64), nullable=False),
        Column("patient", String(96)),
        Column("share_id", String(32)),
        Column("record", Text, nullable=False),
        Column("salt", LargeBinary, nullable=False),
        Column("leaf_hash", LargeBinary, nullable=False),
        UniqueConstraint("event_id", name="access_log_event_id"),
        Index("access_log_patient", "patient", "at"),
        Index("access_log_share", "share_id", "at"),
        sqlite_autoincrement=True,
    )


_TABLE = access_log_table(MetaData())


async def append(connection: AsyncConnection, event: Event) -> bool:
    """Add the event; False when an event of that id was there already (and stays as it was).

    What the connection's `ALSO` option names is called as well, in the same transaction.

    Raises: ValueError for a kind or detail that the catalogue does not have.
    """
    kind = CATALOGUE.get(event.kind)
    if kind is None or not kind.details >= event.details.keys():
        raise ValueError("the catalogue of events does not have this")
    leaf = make_leaf(as_record(event), token_bytes(SALT_BYTES))
    values = {
        "event_id": event.event_id,
        "at": event.at,
        "kind": event.kind,
        "source": event.source,
        "patient": event.patient,
        "share_id": event.share_id,
        "record": leaf.text,
        "salt": leaf.salt,
        "leaf_hash": leaf.leaf_hash,
    }
    is_new = await insert_once(connection, _TABLE, values, ["event_id"])
    within = connection.sync_connection
    also = within.get_execution_options().get(ALSO) if within is not None else None
    if is_new and also is not None:
        await also(connection, event)
    return is_new


async def of_patient(
    connection: AsyncConnection,
    reader: Reader,
    names: Collection[str],
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Record, ...]:
    """Return the rows about one patient (by any of these names), newest first, as this reader may see them.

    `until` is exclusive.
    """
    wanted: list[Any] = [_TABLE.c.patient.in_(names)]
    if since is not None:
        wanted.append(_TABLE.c.at >= since)
    if until is not None:
        wanted.append(_TABLE.c.at < until)
    return await _read(connection, reader, *wanted)


async def of_shares(connection: AsyncConnection, reader: Reader, share_ids: tuple[str, ...]) -> tuple[Record, ...]:
    """Return the rows about these shares, newest first; each also holds its `share_id`."""
    return await _read(connection, reader, _TABLE.c.share_id.in_(share_ids), keep=frozenset({"share_id"}))


async def of_share_and_kind(
    connection: AsyncConnection, reader: Reader, share_id: str, kind: str
) -> tuple[Record, ...]:
    """Return the rows of one kind about one share, newest first."""
    return await _read(connection, reader, _TABLE.c.share_id == share_id, _TABLE.c.kind == kind)


async def count_done(connection: AsyncConnection, names: Collection[str], kind: str, since: datetime) -> int:
    """Return how often a verb was carried out about one patient (by any of these names) since then."""
    done = _TABLE.c.record.contains('"outcome":"done"')  # there is one way to write it (`leaf.canonical`)
    wanted = select(func.count()).where(_TABLE.c.patient.in_(names), _TABLE.c.kind == kind, _TABLE.c.at > since, done)
    return (await connection.execute(wanted)).scalar_one()


async def with_id(connection: AsyncConnection, event_id: str) -> Record | None:
    """Return the whole record of an event, to compare with; None when there is none, or none any more."""
    row = await connection.execute(select(_TABLE.c.record).where(_TABLE.c.event_id == event_id))
    text = row.scalar_one_or_none()
    return json.loads(text) if text else None


async def _read(
    connection: AsyncConnection, reader: Reader, *wanted: Any, keep: frozenset[str] = frozenset()
) -> tuple[Record, ...]:
    newest_first = (
        select(_TABLE.c.record)
        .where(*wanted, _TABLE.c.record != "")
        .order_by(_TABLE.c.at.desc(), _TABLE.c.row_id.desc())
    )
    rows = (await connection.execute(newest_first)).scalars()
    seen = (visible(json.loads(text), reader, keep) for text in rows)
    return tuple(record for record in seen if record.keys() > keep)


def visible(record: Record, reader: Reader, keep: frozenset[str] = frozenset()) -> Record:
    """Leave of a record only what the reader may see (and `keep`)."""
    allowed = CATALOGUE[str(record["kind"])].readable[reader] | keep
    return {name: value for name, value in record.items() if name in allowed}
