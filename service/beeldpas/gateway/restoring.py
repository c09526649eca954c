"""Serving an instance again that was rejected by mistake: a new version in the index, of the same stored bytes."""

from collections.abc import Collection

from sqlalchemy import exists, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.quarantine import parts
from beeldpas.gateway.store.tables import instance, instance_metadata, report, seen_object


async def serve_again(connection: AsyncConnection, generation: int, sop_uids: Collection[str]) -> None:
    """Serve these instances from this generation on, as far as their bytes are still where they were."""
    in_place = exists().where(
        seen_object.c.key == instance.c.object_key, seen_object.c.version == instance.c.object_version
    )
    for part in parts(sorted(sop_uids)):
        last = select(func.max(instance.c.id)).where(instance.c.sop_uid.in_(part)).group_by(instance.c.sop_uid)
        rows = await connection.execute(
            select(instance.c.id).where(instance.c.id.in_(last), instance.c.gone.is_not(None), in_place)
        )
        for row_id in rows.scalars().all():
            await _copy(connection, generation, row_id)


async def _copy(connection: AsyncConnection, generation: int, row_id: int) -> None:
    """Copy a version with what hangs on it: generations in which it was not served stay as they were."""
    kept = [column for column in instance.c if column.name not in {"id", "born", "gone"}]
    same = select(*kept, literal(generation)).where(instance.c.id == row_id)
    names = [column.name for column in kept]
    made = await connection.execute(insert(instance).from_select([*names, "born"], same).returning(instance.c.id))
    new_id = made.scalar_one()
    for table in (instance_metadata, report):
        rest = [column for column in table.c if column.name != "instance_id"]
        copied = select(literal(new_id), *rest).where(table.c.instance_id == row_id)
        names = [column.name for column in rest]
        await connection.execute(insert(table).from_select(["instance_id", *names], copied))
