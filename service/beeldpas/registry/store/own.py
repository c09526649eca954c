"""What one hospital published: its places in order, and every version of one entry, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store import places
from beeldpas.registry.store.entries import TABLES
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.places import DELETED, Place
from beeldpas.registry.store.tables import entry_history, entry_place


@dataclass(frozen=True, slots=True)
class Span:
    """When something changed last: from inclusive, to exclusive; None is open."""

    begin: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, begin: str | None, end: str | None) -> Self:
        """Read both from ISO 8601."""
        return cls(*(datetime.fromisoformat(moment) if moment else None for moment in (begin, end)))


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry said from one moment on; of a version that took it out, nothing (`status` DELETED)."""

    version: int
    status: str
    kept: Kept


async def places_after(
    connection: AsyncConnection, whose: tuple[str, str], after: str, most: int, changed: Span
) -> Sequence[Place]:
    """Return the next places of a hospital's entries of one kind (`whose`: both), in the order of their keys."""
    table, (gateway_id, kind) = entry_place.c, whose
    wanted = select(entry_place).where(
        table.gateway_id == gateway_id, table.kind == kind, table.key > after, table.status != DELETED
    )
    if changed.begin is not None:
        wanted = wanted.where(table.updated_at >= changed.begin)
    if changed.end is not None:
        wanted = wanted.where(table.updated_at < changed.end)
    rows = await connection.execute(wanted.order_by(table.key).limit(most))
    return [places.place_of(row) for row in rows]


async def versions(connection: AsyncConnection, gateway_id: str, kind: str, entry_id: str) -> Sequence[Version]:
    """Return every version of one hospital's entry, newest first; none of another's."""
    place = await places.of_id(connection, gateway_id, kind, entry_id)
    if place is None:
        return ()
    resource = await _now(connection, kind, place)
    newest = Kept(entry_id, gateway_id, place.key, place.version, place.updated_at, resource)
    table = entry_history
    earlier = await connection.execute(
        select(table).where(table.c.entry_id == entry_id).order_by(table.c.version.desc())
    )
    return [
        Version(place.version, place.status, newest),
        *(
            Version(
                row.version,
                "" if row.resource else DELETED,
                Kept(entry_id, gateway_id, place.key, row.version, row.updated_at, row.resource),
            )
            for row in earlier
        ),
    ]


async def _now(connection: AsyncConnection, kind: str, place: Place) -> str:
    if place.pseudonym is None:
        return ""
    table = TABLES[kind]
    row = await connection.execute(
        select(table.c.resource).where(table.c.pseudonym == place.pseudonym, table.c.entry_id == place.entry_id)
    )
    return str(row.scalar_one())
