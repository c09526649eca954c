"""Shares and grants that ended long enough ago: what they held is erased, that they were stays.

Of a share remain its reference, whose it was, when it was made and when it ended, and the consent that it rested on.
Gone are for whom it was, the message, code and PIN as they were kept, who used it, which studies, and its grants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.store import consents
from beeldpas.portal.store.tables import (
    authorization_code,
    grant_study,
    issued_grant,
    share,
    share_confirmed,
    share_organisation,
    share_study,
)

_ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class EndedShare:
    """A share that is to be erased, as the log wants it."""

    share_id: str
    reference: str
    patient: str


async def due(connection: AsyncConnection, before: datetime, limit: int) -> tuple[EndedShare, ...]:
    """Return shares that ended before this moment and still hold something."""
    ended = or_(share.c.expires_at < before, share.c.revoked_at < before)
    rows = await connection.execute(
        select(share.c.share_id, share.c.reference, share.c.patient)
        .where(ended, share.c.pin_hash != "")
        .order_by(share.c.share_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(EndedShare(*row) for row in rows)


async def erase_share(connection: AsyncConnection, share_id: str, now: datetime) -> int:
    """Erase what a share held; return how many grants went with it."""
    handles = (
        await connection.execute(select(issued_grant.c.handle).where(issued_grant.c.share_id == share_id))
    ).scalars()
    grants = await _erase_grants(connection, handles.all())
    for table in (share_study, share_confirmed, share_organisation):
        await connection.execute(delete(table).where(table.c.share_id == share_id))
    await connection.execute(
        update(share)
        .where(share.c.share_id == share_id)
        .values(
            for_whom="",
            note="",
            code_fingerprint=_ERASED + share_id,
            pin_hash="",
            organisation_key=None,
            organisation=None,
        )
    )
    await _note(connection, share_id, now)
    return grants


async def erase_own_grants(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Erase grants with which patients opened their own images, and that ended before this moment."""
    rows = await connection.execute(
        select(issued_grant.c.handle)
        .where(
            issued_grant.c.share_id.is_(None), func.coalesce(issued_grant.c.ended_at, issued_grant.c.ends_at) < before
        )
        .limit(limit)
    )
    return await _erase_grants(connection, rows.scalars().all())


async def forget_shares(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Forget shares that are empty and ended before this moment, with the proof that somebody wanted them."""
    rows = await connection.execute(
        select(share.c.share_id).where(share.c.expires_at < before, share.c.pin_hash == "").limit(limit)
    )
    share_ids = rows.scalars().all()
    for table in (consents.table, share):
        await connection.execute(delete(table).where(table.c.share_id.in_(share_ids)))
    return len(share_ids)


async def _erase_grants(connection: AsyncConnection, handles: Sequence[str]) -> int:
    for table in (authorization_code, grant_study, issued_grant):
        await connection.execute(delete(table).where(table.c.handle.in_(handles)))
    return len(handles)


async def _note(connection: AsyncConnection, share_id: str, now: datetime) -> None:
    """Say in the consent's row when it was erased; shares from before that table get one now."""
    values = {"share_id": share_id, "text_name": "", "relation": "", "acting": None, "erased_at": now}
    if not await insert_once(connection, consents.table, values, ["share_id"]):
        statement = update(consents.table).where(consents.table.c.share_id == share_id)
        await connection.execute(statement.values(erased_at=now))
