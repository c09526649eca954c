"""What the helpdesk does to grants: pause and lift those of a share, and end all that somebody holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.store.tables import issued_grant as table


@dataclass(frozen=True, slots=True)
class Holders:
    """Whose grants: those of one checked organisation, or of all receivers whose key begins like this."""

    ura: str = ""
    receiver_prefix: str = ""

    def clause(self) -> ColumnElement[bool]:
        """Return the condition; who is named in neither way holds nothing."""
        if self.ura:
            return table.c.receiver_ura == self.ura
        return (
            table.c.receiver_key.startswith(self.receiver_prefix, autoescape=True)
            if self.receiver_prefix
            else false()
        )


async def count_held(connection: AsyncConnection, holders: Holders, now: datetime) -> int:
    """Return how many grants of shares these receivers hold that are not over."""
    counted = await connection.execute(select(func.count()).select_from(table).where(*_held(holders, now)))
    return counted.scalar_one()


async def end_held(connection: AsyncConnection, holders: Holders, now: datetime) -> tuple[tuple[str, str], ...]:
    """Revoke the grants of shares that these receivers hold; returns the share and the hospital of each."""
    revoking = update(table).where(*_held(holders, now)).values(revoked_at=now)
    rows = await connection.execute(revoking.returning(table.c.share_id, table.c.gateway_id))
    return tuple((row.share_id, row.gateway_id) for row in rows)


def _held(holders: Holders, now: datetime) -> tuple[Any, ...]:
    return (holders.clause(), table.c.share_id.is_not(None), table.c.revoked_at.is_(None), table.c.ends_at > now)


async def suspend_shares(connection: AsyncConnection, share_ids: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Pause every grant of these shares; returns the hospital of each."""
    statement = update(table).where(
        table.c.share_id.in_(share_ids), table.c.revoked_at.is_(None), table.c.suspended_at.is_(None)
    )
    paused = await connection.execute(statement.values(suspended_at=now).returning(table.c.gateway_id))
    return tuple(paused.scalars())


async def resume_share(connection: AsyncConnection, share_id: str) -> tuple[str, ...]:
    """Lift the pause of a share's grants; returns the hospital of each."""
    statement = update(table).where(table.c.share_id == share_id, table.c.suspended_at.is_not(None))
    resumed = await connection.execute(statement.values(suspended_at=None).returning(table.c.gateway_id))
    return tuple(resumed.scalars())
