"""The instances of a version of a study, which lie apart from it: read for a manifest, or for who published them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.instance_lists import Lists, unpack
from beeldpas.registry.store.tables import study_instances

_TABLE = study_instances.c


async def of_version(connection: AsyncConnection, entry_id: str, version: int) -> Lists:
    """Return the lists of one version; none where it lists none."""
    wanted = select(_TABLE.packed).where(_TABLE.entry_id == entry_id, _TABLE.version == version)
    packed = (await connection.execute(wanted)).scalar_one_or_none()
    return unpack(packed or b"")


async def of_versions(connection: AsyncConnection, entry_id: str) -> Mapping[int, Lists]:
    """Return the lists of every version of an entry that has any."""
    rows = await connection.execute(select(_TABLE.version, _TABLE.packed).where(_TABLE.entry_id == entry_id))
    return {row.version: unpack(row.packed) for row in rows}
