"""How often an agent looked something up in the last minute: guessing references must not pay."""

from datetime import datetime, timedelta

from sqlalchemy import case, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import helpdesk_lookup as table

A_MINUTE = timedelta(minutes=1)


async def count(connection: AsyncConnection, agent: str, now: datetime) -> int:
    """Count one more, and return how many there were since the minute began that the first of them began."""
    if await insert_once(connection, table, {"agent": agent, "since": now, "looked": 1}, ["agent"]):
        return 1
    is_over = table.c.since <= now - A_MINUTE
    counted = await connection.execute(
        update(table)
        .where(table.c.agent == agent)
        .values(looked=case((is_over, 1), else_=table.c.looked + 1), since=case((is_over, now), else_=table.c.since))
        .returning(table.c.looked)
    )
    looked: int = counted.scalar_one()
    return looked
