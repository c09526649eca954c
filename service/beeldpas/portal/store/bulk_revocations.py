"""Revocations of many shares at once: what was proposed, by whom, and whether a second person confirmed it."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import bulk_revocation as table

LIFETIME = timedelta(hours=1)
KEPT = timedelta(days=30)
TargetKind = Literal["organisation", "provider"]


@dataclass(frozen=True, slots=True)
class BulkRevocation:
    """What somebody wants to stop: all of an organisation (its URA), or of one care provider (their number)."""

    number: str
    target_kind: TargetKind
    target: str
    incident: str
    why: str
    note: str
    proposed_by: str
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """Say where it stands: open, confirmed or expired."""
        if self.confirmed_at is not None:
            return "confirmed"
        return "open" if now < self.expires_at else "expired"


async def propose(connection: AsyncConnection, proposal: BulkRevocation) -> bool:
    """Keep a proposal; False when its number is taken. What is long over is forgotten: the log has it."""
    await connection.execute(delete(table).where(table.c.expires_at <= proposal.proposed_at - KEPT))
    values = {field.name: getattr(proposal, field.name) for field in fields(proposal)}
    return await insert_once(connection, table, values, ["number"])


async def find(connection: AsyncConnection, number: str) -> BulkRevocation | None:
    """Return the proposal with this number."""
    row = (await connection.execute(select(table).where(table.c.number == number))).one_or_none()
    return None if row is None else _stored(row)


async def confirm(connection: AsyncConnection, number: str, now: datetime) -> bool:
    """Take the proposal as confirmed; False when it was before, or its hour is over."""
    statement = update(table).where(
        table.c.number == number, table.c.confirmed_at.is_(None), table.c.expires_at > now
    )
    return (await connection.execute(statement.values(confirmed_at=now))).rowcount == 1


def _stored(row: Row[Any]) -> BulkRevocation:
    return BulkRevocation(**row._mapping)
