"""Which signed messages were seen before: a `jti` counts once per issuer."""

from datetime import datetime, timedelta
from secrets import randbelow

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.formats.jose import LEEWAY
from beeldpas.portal.store.tables import seen_jti as table

_MARGIN = LEEWAY + timedelta(seconds=30)
_SWEEP_ONE_IN = 100


async def is_first(connection: AsyncConnection, issuer: str, jti: str, expires_at: datetime, now: datetime) -> bool:
    """Remember the message; False when it was seen before. Now and then, what has long expired is forgotten."""
    if randbelow(_SWEEP_ONE_IN) == 0:
        await connection.execute(delete(table).where(table.c.expires_at < now - _MARGIN))
    values = {"issuer": issuer, "jti": jti, "expires_at": expires_at}
    return await insert_once(connection, table, values, ["issuer", "jti"])
