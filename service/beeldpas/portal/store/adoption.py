"""Rows that stand under a name by an earlier key get the newest name, when their patient signs in.

The access log is the exception: it is never rewritten, and whoever reads it looks for every name.
"""

from collections.abc import Sequence

from sqlalchemy import Table, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.store.tables import access_log, metadata

# Every table that says whose a row is; a new one is found by its column.
NAMED: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if "patient" in table.c)
ADOPTED: tuple[Table, ...] = tuple(table for table in NAMED if table is not access_log)


async def adopt(connection: AsyncConnection, names: Sequence[str]) -> int:
    """Move what stands under the older names to the first; returns how many rows moved.

    Where a patient has one row at most, the one under the latest of the names stays and an older one goes.
    """
    newest, *older = names
    return sum([await _rename(connection, table, name, newest) for name in older for table in ADOPTED])


async def _rename(connection: AsyncConnection, table: Table, older: str, newest: str) -> int:
    column = table.c.patient
    if column.unique or column.primary_key:
        there = exists(select(1).select_from(table).where(column == newest))
        await connection.execute(delete(table).where(column == older, there))
    statement = update(table).where(column == older).values(patient=newest).returning(column)
    return len((await connection.execute(statement)).all())


async def count_under(connection: AsyncConnection, key: str) -> int:
    """Return how many rows of any table, the access log included, stand under names by this key."""
    total = 0
    for table in NAMED:
        under = select(func.count()).select_from(table).where(table.c.patient.startswith(f"{key}.", autoescape=True))
        total += (await connection.execute(under)).scalar_one()
    return total
