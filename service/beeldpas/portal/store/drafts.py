"""Shares that are being put together, for who was signed out half-way: sealed, short-lived, one for each patient.

Under the patient's name stands what only the portal can open; whoever stands in for a patient finds only what they
put together themselves. What was signed out of, used or two hours old is gone (docs/decisions/0033).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store.tables import share_draft as table
from beeldpas.web.seal import Seal

LASTS = timedelta(hours=2)


async def keep(
    connection: AsyncConnection, seal: Seal, patient: str, maker: str, draft: dict[str, Any], now: datetime
) -> None:
    """Keep a draft instead of what was kept before. `maker`: who stands in for the patient, or ""."""
    draft_id = token_hex(16)
    values = {
        "patient": patient,
        "draft_id": draft_id,
        "sealed": seal.close(json.dumps(draft).encode(), _context(draft_id, maker)),
        "expires_at": now + LASTS,
    }
    await forget(connection, [patient])
    await insert_once(connection, table, values, ["patient"])


async def find(
    connection: AsyncConnection, seal: Seal, names: Sequence[str], maker: str, now: datetime
) -> dict[str, Any] | None:
    """Return the draft that this person left; None when there is none, it is too old, or somebody else's."""
    mine = table.c.patient.in_(names)
    row = (await connection.execute(select(table).where(mine, table.c.expires_at > now))).first()
    plain = seal.open(row.sealed, _context(row.draft_id, maker)) if row else None
    found: dict[str, Any] | None = json.loads(plain) if plain else None
    return found


async def forget(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Throw a patient's draft away."""
    await connection.execute(delete(table).where(table.c.patient.in_(names)))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Throw away what is too old."""
    await connection.execute(delete(table).where(table.c.expires_at <= now))


def _context(draft_id: str, maker: str) -> bytes:
    return f"share_draft:{draft_id}:{maker}".encode()
