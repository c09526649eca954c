"""What each hospital must be told to keep ready, until it knows it; and what it last said of it.

One row is one hold at one hospital: of a share, or of a visit in which the patient looks at own images.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Column, Index, Integer, Row, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.instant import Instant
from beeldpas.portal.store.tables import metadata

# `basis_id` is the share or the visit. `told`: what the hospital said of each study. `next_at` is empty when there
# is nothing to tell or to ask any more.
table = Table(
    "staging",
    metadata,
    Column("hold", String(32), primary_key=True),
    Column("gateway_id", String(64), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("basis_id", String(64), nullable=False),
    Column("subject", String(96), nullable=False),
    Column("studies", JSON, nullable=False),
    Column("until", Instant, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("told", JSON, nullable=False),
    Index("staging_basis", "basis", "basis_id"),
    Index("staging_next", "next_at"),
)
_LONGEST_WAIT = timedelta(minutes=5)
_KEPT_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold that is to be told."""

    hold: str
    gateway_id: str
    basis: str
    subject: str
    studies: tuple[str, ...]
    until: datetime
    made_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class HowFar:
    """How far a hospital is: fetching or failed, with so many instances of `instances` (None: nobody knows)."""

    state: str
    fetched: int
    instances: int | None


async def want(
    connection: AsyncConnection,
    *,
    basis: str,
    basis_id: str,
    subject: str,
    studies: Mapping[str, Sequence[str]],
    until: datetime,
    now: datetime,
) -> None:
    """Have each hospital (by id) keep these studies ready until then."""
    rows = [
        {
            "hold": uuid4().hex,
            "gateway_id": gateway_id,
            "basis": basis,
            "basis_id": basis_id,
            "subject": subject,
            "studies": sorted(uids),
            "until": until,
            "made_at": now,
            "attempts": 0,
            "next_at": now,
            "told": {},
        }
        for gateway_id, uids in studies.items()
    ]
    if rows:
        await connection.execute(insert(table), rows)


async def keep_until(connection: AsyncConnection, basis: str, basis_id: str, until: datetime, now: datetime) -> None:
    """Move the end of what rests on a share or a visit; to now lets go of it."""
    mine = (table.c.basis == basis, table.c.basis_id == basis_id)
    await connection.execute(update(table).where(*mine).values(until=until, next_at=now, attempts=0))


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Hold]:
    """Return what is to be told or asked now, the longest waiting first; forget what ended long ago."""
    await connection.execute(delete(table).where(table.c.until < now - _KEPT_AFTER))
    rows = await connection.execute(
        select(table).where(table.c.next_at <= now).order_by(table.c.next_at).limit(limit)
    )
    return [_hold(row) for row in rows]


async def note(
    connection: AsyncConnection, hold: Hold, told: Mapping[str, Mapping[str, Any]], next_at: datetime | None
) -> None:
    """Keep what a hospital said. What was let go of in the meantime stays to be told."""
    same = (table.c.hold == hold.hold, table.c.until == hold.until)
    await connection.execute(update(table).where(*same).values(told=dict(told), attempts=0, next_at=next_at))


async def postpone(connection: AsyncConnection, holds: Iterable[Hold], now: datetime) -> None:
    """Wait twice as long each time that a hospital does not answer, up to five minutes."""
    for hold in holds:
        wait = min(timedelta(seconds=2 ** min(hold.attempts, 10)), _LONGEST_WAIT)
        values = {"attempts": hold.attempts + 1, "next_at": now + wait}
        await connection.execute(update(table).where(table.c.hold == hold.hold).values(**values))


async def how_far(connection: AsyncConnection, basis: str, basis_ids: Sequence[str]) -> dict[str, dict[str, HowFar]]:
    """Return which hospitals (by id) are not ready with what rests on these shares or visits."""
    rows = await connection.execute(select(table).where(table.c.basis == basis, table.c.basis_id.in_(basis_ids)))
    found: dict[str, dict[str, HowFar]] = {}
    for row in rows:
        if (state := _how_far(row.told.values())) is not None:
            found.setdefault(row.basis_id, {})[row.gateway_id] = state
    return found


def _how_far(told: Iterable[Mapping[str, Any]]) -> HowFar | None:
    late = [one for one in told if one["state"] not in ("held", "missing")]
    if not late:
        return None
    counts = [one["instances"] for one in late]
    total = None if None in counts else sum(counts)
    state = "failed" if any(one["state"] == "failed" for one in late) else "fetching"
    return HowFar(state, sum(one["fetched"] for one in late), total)


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        hold=row.hold,
        gateway_id=row.gateway_id,
        basis=row.basis,
        subject=row.subject,
        studies=tuple(row.studies),
        until=row.until,
        made_at=row.made_at,
        attempts=row.attempts,
    )
