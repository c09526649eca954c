"""Which shares end in two days: their patients are told once, in time to let them last longer."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.notify.notice import Notice, NoticeKind
from beeldpas.portal.notify.outbox import notify
from beeldpas.portal.store import shares
from beeldpas.portal.store.tables import mail_address
from beeldpas.portal.store.tables import notice as told
from beeldpas.portal.store.tables import share as table

AHEAD = timedelta(days=2)
_AT_ONCE = 200


async def tell(connection: AsyncConnection, now: datetime) -> int:
    """Write the notices that are due, some hundreds at a time; returns how many.

    A share that was made to last two days or less is not told: its patient was told the end just now.
    """
    said = exists().where(
        told.c.share_id == table.c.share_id, told.c.kind == NoticeKind.EXPIRING, told.c.made_at > now - AHEAD
    )
    due = await connection.execute(
        select(table.c.share_id)
        .join(mail_address, mail_address.c.patient == table.c.patient)
        .where(
            mail_address.c.sealed.is_not(None),
            table.c.expires_at > now,
            table.c.expires_at <= now + AHEAD,
            table.c.made_at < now - timedelta(days=1),
            table.c.revoked_at.is_(None),
            ~said,
        )
        .order_by(table.c.expires_at)
        .limit(_AT_ONCE)
    )
    count = 0
    for share_id in due.scalars().all():
        stored = await shares.find(connection, share_id)
        if stored is None:
            continue
        once = f"expiring:{share_id}:{int(stored.expires_at.timestamp())}"
        notice = Notice(NoticeKind.EXPIRING, n=AHEAD.days, once=once)
        count += await notify(connection, stored.patient, notice, stored, now)
    return count
