"""Which entry a hospital's identifier is: at which version, under whose name, and what it said, as a digest.

A transaction that is going to write entries holds their places first, always in the same order, so that two messages
of one hospital wait for each other instead of mixing. *Source:* FHIR R4 §3.1.0.4.3 (conditional update).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store.tables import entry_place

DELETED = "deleted"
_PLACE = entry_place.c


@dataclass(frozen=True, slots=True)
class Place:
    """Where one entry stands; `pseudonym` is None of an entry that was taken out (`status` DELETED)."""

    key: str
    entry_id: str
    pseudonym: str | None
    status: str
    version: int
    updated_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an entry is going to be, before it is known whether it is new."""

    key: str
    pseudonym: str | None
    status: str
    digest: bytes


async def hold(connection: AsyncConnection, gateway_id: str, kind: str, keys: Sequence[str]) -> dict[str, Place]:
    """Return the places of these keys, as far as there are any, and keep others from writing them."""
    wanted = (
        select(entry_place)
        .where(_PLACE.gateway_id == gateway_id, _PLACE.kind == kind, _PLACE.key.in_(keys))
        .order_by(_PLACE.key)
        .with_for_update()
    )
    return {row.key: place_of(row) for row in await connection.execute(wanted)}


async def claim(
    connection: AsyncConnection, gateway_id: str, kind: str, wanted: Sequence[Wanted], now: datetime
) -> dict[str, Place]:
    """Make places for entries that are new, at version 1; left out is what another message made at this moment."""
    if not wanted:
        return {}
    made = [Place(one.key, str(uuid4()), one.pseudonym, one.status, 1, now, one.digest) for one in wanted]
    rows = [{**_columns(place), "gateway_id": gateway_id, "kind": kind} for place in made]
    insert_new = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(entry_place)
    statement = insert_new.on_conflict_do_nothing(index_elements=["gateway_id", "kind", "key"]).returning(_PLACE.key)
    written = set((await connection.execute(statement, rows)).scalars())
    return {place.key: place for place in made if place.key in written}


async def move(connection: AsyncConnection, gateway_id: str, kind: str, places: Sequence[Place]) -> None:
    """Write down what became of places that are held."""
    if not places:
        return
    statement = (
        update(entry_place)
        .where(_PLACE.gateway_id == gateway_id, _PLACE.kind == kind, _PLACE.key == bindparam("own_key"))
        .values(
            {name: bindparam(f"new_{name}") for name in ("pseudonym", "status", "version", "updated_at", "digest")}
        )
    )
    rows = [{f"new_{name}": value for name, value in _columns(place).items()} for place in places]
    used = ("new_pseudonym", "new_status", "new_version", "new_updated_at", "new_digest")
    await connection.execute(
        statement,
        [{**{name: row[name] for name in used}, "own_key": row["new_key"]} for row in rows],
    )


async def of_id(connection: AsyncConnection, gateway_id: str, kind: str, entry_id: str) -> Place | None:
    """Return one hospital's place with this logical id; None when it is another's, or none."""
    wanted = select(entry_place).where(
        _PLACE.entry_id == entry_id, _PLACE.gateway_id == gateway_id, _PLACE.kind == kind
    )
    row = (await connection.execute(wanted)).first()
    return place_of(row) if row is not None else None


def place_of(row: Row[Any]) -> Place:
    """Read one row of the table."""
    return Place(row.key, row.entry_id, row.pseudonym, row.status, row.version, row.updated_at, row.digest)


def _columns(place: Place) -> Mapping[str, Any]:
    return {
        "key": place.key,
        "entry_id": place.entry_id,
        "pseudonym": place.pseudonym,
        "status": place.status,
        "version": place.version,
        "updated_at": place.updated_at,
        "digest": place.digest,
    }
