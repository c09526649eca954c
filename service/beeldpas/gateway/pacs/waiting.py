"""A download that was begun before the images were here: its lease waits for them, and then takes its generation.

Such a lease holds its studies by itself, so that a download works also when the portal's word did not come through.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway import indexing
from beeldpas.gateway.leases import Lease
from beeldpas.gateway.pacs import holds
from beeldpas.gateway.pacs.staging import not_yet
from beeldpas.gateway.store.staging import waiting_lease
from beeldpas.gateway.store.tables import lease as lease_table

_OWN = "lease"


async def begin(connection: AsyncConnection, lease: Lease, now: datetime) -> None:
    """Let a new lease wait, if something of it is not here yet."""
    if await holds.unfinished(connection, lease.studies, lease.onlooker):
        row = {"lease_id": lease.id, "ends_at": lease.ends_at}
        await insert_once(connection, waiting_lease, row, ["lease_id"])
        await holds.put(connection, (_OWN, lease.id), lease.studies, lease.ends_at, now, lease.onlooker)


async def ready(connection: AsyncConnection, lease: Lease) -> Lease:
    """Return the lease as it is to be served.

    Raises: Unavailable("pacs") as "still_fetching" or "fetch_failed" while something of it is not here.
    """
    waiting = await connection.execute(select(waiting_lease.c.lease_id).where(waiting_lease.c.lease_id == lease.id))
    if waiting.first() is None:
        return lease
    if late := await holds.unfinished(connection, lease.studies, lease.onlooker):
        raise not_yet(late)
    generation = await indexing.generation(connection)
    await connection.execute(update(lease_table).where(lease_table.c.id == lease.id).values(generation=generation))
    await connection.execute(delete(waiting_lease).where(waiting_lease.c.lease_id == lease.id))
    return replace(lease, generation=generation)
