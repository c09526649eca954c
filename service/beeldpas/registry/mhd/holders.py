"""The hospitals of an answer: their endpoints as published, and the UIDs of their archives by the directory."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.fhir import systems, values
from beeldpas.formats.fhir.text import parse
from beeldpas.formats.mado import Holder, location_of
from beeldpas.registry.index import Index
from beeldpas.registry.store import endpoints


async def holders_of(index: Index, connection: AsyncConnection, gateway_ids: Iterable[str]) -> dict[str, Holder]:
    """Return who these are, by id of their gateway."""
    found = await endpoints.of_hospitals(connection, sorted(set(gateway_ids)))
    locations = {one.gateway_id: one.locations for one in index.hospitals.values()}
    holders = {}
    for kept in found:
        endpoint = parse(kept.resource.encode())
        owner = endpoint["managingOrganization"]
        holders[kept.gateway_id] = Holder(
            name=values.text(owner.get("display")) or values.text(endpoint.get("name")) or kept.gateway_id,
            ura=values.identified(owner["identifier"], systems.URA),
            location=location_of(values.text(endpoint["address"]), locations.get(kept.gateway_id, ())),
            endpoint=endpoint,
            version=kept.version,
        )
    return holders
