"""One-time codes between the portal and a hospital: kept as SHA-256, good for one use within sixty seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.secret import OneTimeCode
from beeldpas.portal.store.tables import authorization_code as table

LIFETIME = timedelta(seconds=60)
_CODE_BYTES = 32
_USE = (
    update(table)
    .where(
        table.c.code_hash == bindparam("hashed"),
        table.c.gateway_id == bindparam("by"),
        table.c.used_at.is_(None),
        table.c.expires_at > bindparam("at"),
    )
    .values(used_at=bindparam("at"))
    .returning(table.c.handle, table.c.language)
)


@dataclass(frozen=True, slots=True)
class UsedCode:
    """What a code stood for."""

    handle: str
    language: str


async def issue(
    connection: AsyncConnection, handle: str, gateway_id: str, language: str, now: datetime
) -> OneTimeCode:
    """Make a code for one grant that only this gateway can use."""
    code = OneTimeCode(token_urlsafe(_CODE_BYTES))
    await connection.execute(
        insert(table).values(
            code_hash=_hash(code),
            handle=handle,
            gateway_id=gateway_id,
            language=language,
            expires_at=now + LIFETIME,
        )
    )
    return code


async def use(connection: AsyncConnection, code: OneTimeCode, gateway_id: str, now: datetime) -> UsedCode | None:
    """Use the code up; None when it is unknown, used, late or another gateway's (which does not use it up)."""
    used = await connection.execute(_USE, {"hashed": _hash(code), "by": gateway_id, "at": now})
    row = used.one_or_none()
    return None if row is None else UsedCode(row.handle, row.language)


def _hash(code: OneTimeCode) -> str:
    return sha256(code.reveal().encode()).hexdigest()
