"""What each hospital's status list says, and whether it has changed since it was last signed.

Every grant has a random place in the list of its hospital, so that the list tells nobody how many there are or
which belong together. *Source:* docs/wire.md §5.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import issued_grant
from beeldpas.portal.store.tables import status_list as table

LIST_SIZE = 2**20


@dataclass(frozen=True, slots=True)
class Statuses:
    """The places in a hospital's list that are not valid, for good or for now; `version` grows with every change."""

    version: int
    invalid: tuple[int, ...]
    suspended: tuple[int, ...] = ()


async def mark_changed(connection: AsyncConnection, gateway_ids: Iterable[str]) -> None:
    """Count a change of these hospitals' lists; always in one order, so that two changes cannot deadlock."""
    for gateway_id in sorted(set(gateway_ids)):
        await insert_once(connection, table, {"gateway_id": gateway_id, "version": 0}, ["gateway_id"])
        await connection.execute(
            update(table).where(table.c.gateway_id == gateway_id).values(version=table.c.version + 1)
        )


async def version(connection: AsyncConnection, gateway_id: str) -> int:
    """Return how often this hospital's list has changed."""
    found = await connection.execute(select(table.c.version).where(table.c.gateway_id == gateway_id))
    return found.scalar_one_or_none() or 0


async def read(connection: AsyncConnection, gateway_id: str) -> Statuses:
    """Return what the list says; the version is read first, so that it is never newer than the places."""
    number = await version(connection, gateway_id)
    here, place = issued_grant.c.gateway_id == gateway_id, issued_grant.c.status_index
    revoked, suspended = issued_grant.c.revoked_at.is_not(None), issued_grant.c.suspended_at.is_not(None)
    invalid = await connection.execute(select(place).where(here, revoked))
    paused = await connection.execute(select(place).where(here, suspended, ~revoked))
    return Statuses(number, tuple(invalid.scalars()), tuple(paused.scalars()))
