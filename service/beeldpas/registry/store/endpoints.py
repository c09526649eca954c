"""Where each hospital's images can be fetched: one endpoint a hospital, which its entries refer to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.domain.errors import Conflict, Malformed
from beeldpas.formats.fhir.bundles import Stored, etag
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.tables import endpoint

_OF_HOSPITALS = (
    select(endpoint)
    .where(endpoint.c.gateway_id.in_(bindparam("hospitals", expanding=True)))
    .order_by(endpoint.c.gateway_id)
)


async def put(
    connection: AsyncConnection, gateway_id: str, resource: str, if_match: str | None, now: datetime
) -> Stored:
    """Write a hospital's endpoint. Raises: Conflict("version_conflict")."""
    location = f"Endpoint/{gateway_id}"
    row = {"gateway_id": gateway_id, "version": 1, "updated_at": now, "resource": resource}
    if if_match is None and await insert_once(connection, endpoint, row, ["gateway_id"]):
        return Stored(location, 1, created=True)
    ours = endpoint.c.gateway_id == gateway_id
    held = (await connection.execute(select(endpoint).where(ours).with_for_update())).first()
    if if_match is not None and (held is None or etag(held.version) != if_match):
        raise Conflict("version_conflict", {"where": "Endpoint"})
    if held is None or held.resource == resource:
        return Stored(location, held.version if held else 1, created=False)
    later = held.version + 1
    await connection.execute(update(endpoint).where(ours).values(resource=resource, version=later, updated_at=now))
    return Stored(location, later, created=False)


async def need(connection: AsyncConnection, gateway_id: str, kind: str) -> None:
    """Raises: Malformed("invalid_resource") when the hospital has no endpoint yet."""
    known = await connection.execute(select(endpoint.c.version).where(endpoint.c.gateway_id == gateway_id))
    if known.first() is None:
        raise Malformed("invalid_resource", {"where": f"{kind}.endpoint: not published yet"})


async def of_hospitals(connection: AsyncConnection, gateway_ids: Sequence[str]) -> tuple[Kept, ...]:
    """Return the endpoints of these hospitals, in the order of their ids."""
    rows = await connection.execute(_OF_HOSPITALS, {"hospitals": list(gateway_ids)})
    return tuple(
        Kept(row.gateway_id, row.gateway_id, row.gateway_id, row.version, row.updated_at, row.resource)
        for row in rows
    )
