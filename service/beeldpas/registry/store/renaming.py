"""Entries that stand under a name by an earlier key: moved to the newest name as they are met, and counted.

So a new key needs no pause: old and new names are both found while rows move, each with its person's next question.
The access log is never rewritten. What a resource says does not change by this, so neither does its version.
"""

from collections.abc import Sequence

from sqlalchemy import Column, Table, func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store.tables import access_log, diagnostic_report, entry_place, imaging_study, restriction

_RENAMED: tuple[Table, ...] = (imaging_study, diagnostic_report, restriction)


async def rename(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Move the entries of one person from older names to the newest.

    Their places first, held in the order of who publishes: PostgreSQL moves a renamed entry to another partition, and
    whoever else waited for that entry would be turned away.
    """
    if not names[1:]:
        return
    older = [
        select(table.c.entry_id).where(table.c.pseudonym.in_(names[1:]))
        for table in (imaging_study, diagnostic_report)
    ]
    found = (await connection.execute(union_all(*older))).scalars().all()
    if found:
        these = entry_place.c.entry_id.in_(found)
        order = (entry_place.c.gateway_id, entry_place.c.kind.desc(), entry_place.c.key)
        await connection.execute(select(entry_place.c.key).where(these).order_by(*order).with_for_update())
        await connection.execute(update(entry_place).where(these).values(pseudonym=names[0]))
    for table in _RENAMED:
        column = table.c.pseudonym
        await connection.execute(update(table).where(column.in_(names[1:])).values(pseudonym=names[0]))


async def count_under(connection: AsyncConnection, key: str) -> int:
    """Return how many entries, restrictions and rows of the access log stand under names by this key.

    A place has the name of its entry, so it is not counted again.
    """
    total = 0
    for column in (*(table.c.pseudonym for table in _RENAMED), access_log.c.patient):
        total += await _count(connection, column, key)
    return total


async def _count(connection: AsyncConnection, column: Column[str], key: str) -> int:
    under = select(func.count()).where(column.startswith(f"{key}.", autoescape=True))
    return (await connection.execute(under)).scalar_one()
