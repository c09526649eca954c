"""Entries that stand under a name by an earlier key: moved to the newest name as they are met, and counted.

The access log is never rewritten. What a resource says does not change by this, so neither does its version.
"""

from collections.abc import Sequence

from sqlalchemy import Column, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store.tables import access_log, diagnostic_report, imaging_study

_RENAMED: tuple[Table, ...] = (imaging_study, diagnostic_report)


async def rename(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Move the entries of one person from older names to the newest."""
    for table in _RENAMED if names[1:] else ():
        column = table.c.pseudonym
        await connection.execute(update(table).where(column.in_(names[1:])).values(pseudonym=names[0]))


async def count_under(connection: AsyncConnection, key: str) -> int:
    """Return how many entries and rows of the access log stand under names by this key."""
    total = 0
    for column in (*(table.c.pseudonym for table in _RENAMED), access_log.c.patient):
        total += await _count(connection, column, key)
    return total


async def _count(connection: AsyncConnection, column: Column[str], key: str) -> int:
    under = select(func.count()).where(column.startswith(f"{key}.", autoescape=True))
    return (await connection.execute(under)).scalar_one()
