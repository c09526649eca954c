"""Whether a visit is still going on: own grants end with it, also when nobody signed out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.store.tables import session as table
from beeldpas.web.sessions import ABSOLUTE, IDLE

_HANDLE_CHARACTERS = 32
_AFTER_HEX = "g"  # sorts after every continuation of the handle, which is hexadecimal


async def is_going_on(connection: AsyncConnection, handle: str, now: datetime) -> bool:
    """Say whether the session with this handle (the first half of its hash) is alive."""
    if len(handle) != _HANDLE_CHARACTERS:
        return False
    found = await connection.execute(
        select(table.c.id_hash).where(
            table.c.id_hash >= handle,
            table.c.id_hash < handle + _AFTER_HEX,
            table.c.seen_at > now - IDLE,
            table.c.begun_at > now - ABSOLUTE,
        )
    )
    return found.first() is not None
