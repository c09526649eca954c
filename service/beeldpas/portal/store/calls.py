"""Call codes: a patient has one at most, good for a quarter of an hour, and an agent takes it once.

Whoever took it has that patient on the line, for half an hour at most or until the next caller.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import call_code as table

LIFETIME = timedelta(minutes=15)
LONGEST_CALL = timedelta(minutes=30)


async def make(connection: AsyncConnection, patient: str, fingerprint: str, now: datetime) -> datetime | None:
    """Keep a new code instead of the patient's last one, and return its end; what is over is forgotten.

    None when another one was made at the same moment.
    """
    over = table.c.expires_at <= now - LONGEST_CALL
    await connection.execute(delete(table).where((table.c.patient == patient) | over))
    end = now + LIFETIME
    values = {"fingerprint": fingerprint, "patient": patient, "expires_at": end}
    return end if await insert_once(connection, table, values, ["patient"]) else None


async def take(connection: AsyncConnection, fingerprints: Sequence[str], agent: str, now: datetime) -> str | None:
    """Use the code up for this agent's call and return whose it is; None when unknown, used or late."""
    fresh = (table.c.fingerprint.in_(fingerprints), table.c.taken_by.is_(None), table.c.expires_at > now)
    taken = await connection.execute(
        update(table).where(*fresh).values(taken_by=agent, taken_at=now).returning(table.c.patient)
    )
    patient: str | None = taken.scalar_one_or_none()
    if patient is not None:
        await connection.execute(delete(table).where(table.c.taken_by == agent, table.c.patient != patient))
    return patient


async def on_the_line(connection: AsyncConnection, agent: str, now: datetime) -> str | None:
    """Return the patient whom this agent has on the line: the last one, should two have come at the same moment."""
    going_on = (table.c.taken_by == agent, table.c.taken_at > now - LONGEST_CALL)
    newest = select(table.c.patient).where(*going_on).order_by(table.c.taken_at.desc(), table.c.fingerprint)
    return (await connection.execute(newest.limit(1))).scalars().first()


async def hang_up(connection: AsyncConnection, agent: str) -> None:
    """Forget whom this agent has on the line."""
    await connection.execute(delete(table).where(table.c.taken_by == agent))
