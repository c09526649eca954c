"""Tokens that are good for one use: remembered until they would have expired anyway."""

from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.registry.store.tables import used_token


async def spend(connection: AsyncConnection, *, issuer: str, jti: str, expires_at: datetime) -> bool:
    """Use a token up; False when it was used before. Two at once: the database lets one of them through."""
    values = {"issuer": issuer, "jti": jti, "expires_at": expires_at}
    return await insert_once(connection, used_token, values, ["issuer", "jti"])


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Forget those that expired, except what another question is forgetting: nobody waits for that."""
    key = (used_token.c.issuer, used_token.c.jti)
    old = select(*key).where(used_token.c.expires_at <= now).with_for_update(skip_locked=True)
    await connection.execute(delete(used_token).where(tuple_(*key).in_(old)))
