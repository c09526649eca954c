"""What the helpdesk does to shares: pause, lift, unlock, stop all of an organisation; each repeats what it saw."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.share import MAX_ATTEMPTS, UNLOCK_ATTEMPTS
from beeldpas.portal.store.shares import StoredShare, still_open, stored_share, usable
from beeldpas.portal.store.tables import share as table


async def suspend(connection: AsyncConnection, share_id: str, why: str, now: datetime) -> bool:
    """Pause the share; False when it is paused already, or over."""
    statement = update(table).where(table.c.share_id == share_id, *usable(now))
    return (await connection.execute(statement.values(suspended_at=now, suspended_why=why))).rowcount == 1


async def suspend_all(
    connection: AsyncConnection, patients: Sequence[str], why: str, now: datetime
) -> tuple[StoredShare, ...]:
    """Pause every share of a patient, under whichever of their names it is kept; returns those that it paused."""
    statement = update(table).where(table.c.patient.in_(patients), *usable(now))
    rows = await connection.execute(statement.values(suspended_at=now, suspended_why=why).returning(table))
    return tuple(stored_share(row) for row in rows)


async def is_paused_for(connection: AsyncConnection, patients: Sequence[str], why: str, now: datetime) -> bool:
    """Say whether a share of this patient is paused for this reason."""
    paused = (table.c.suspended_why == why, table.c.suspended_at.is_not(None), *still_open(now))
    found = await connection.execute(select(table.c.share_id).where(table.c.patient.in_(patients), *paused).limit(1))
    return found.first() is not None


async def resume(connection: AsyncConnection, share_id: str, now: datetime) -> bool:
    """Lift the suspension; False when there is none, or the share is over."""
    statement = update(table).where(table.c.share_id == share_id, table.c.suspended_at.is_not(None), *still_open(now))
    return (await connection.execute(statement.values(suspended_at=None, suspended_why=None))).rowcount == 1


async def unlock(connection: AsyncConnection, seen: StoredShare, now: datetime) -> bool:
    """Give the locked code three more attempts; False when it is not locked, had them before, or was replaced."""
    statement = update(table).where(
        table.c.share_id == seen.share_id,
        table.c.code_fingerprint == seen.code_fingerprint,
        table.c.extra_attempts == 0,
        table.c.attempts_spent >= MAX_ATTEMPTS,
        *usable(now),
    )
    return (await connection.execute(statement.values(extra_attempts=UNLOCK_ATTEMPTS))).rowcount == 1


async def revoke_of_organisation(
    connection: AsyncConnection, organisation_key: str, now: datetime
) -> tuple[StoredShare, ...]:
    """Stop for good every share that this organisation took; returns those that it stopped."""
    statement = update(table).where(table.c.organisation_key == organisation_key, *still_open(now))
    rows = await connection.execute(statement.values(revoked_at=now).returning(table))
    return tuple(stored_share(row) for row in rows)


async def count_of_organisation(connection: AsyncConnection, organisation_key: str, now: datetime) -> int:
    """Return how many shares that this organisation took are open, paused or not."""
    counted = await connection.execute(
        select(func.count()).select_from(table).where(table.c.organisation_key == organisation_key, *still_open(now))
    )
    return counted.scalar_one()
