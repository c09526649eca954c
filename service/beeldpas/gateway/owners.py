"""Whose a study was when it was last to be seen: the memory by which a move to another patient is noticed."""

from collections.abc import Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.gateway.store.changes import study_owner

_AT_ONCE = 400


async def moved(connection: AsyncConnection, owners: Mapping[str, str]) -> list[str]:
    """Remember whose these studies are now (BSN by study); return those that were another patient's before."""
    table = study_owner
    uids, before = list(owners), dict[str, str]()
    for start in range(0, len(uids), _AT_ONCE):
        rows = await connection.execute(select(table).where(table.c.study_uid.in_(uids[start : start + _AT_ONCE])))
        before |= {row.study_uid: row.bsn for row in rows}
    new = [{"study_uid": uid, "bsn": bsn} for uid, bsn in owners.items() if uid not in before]
    if new:
        await connection.execute(insert(table), new)
    found = [uid for uid, bsn in before.items() if bsn != owners[uid]]
    for uid in found:
        await connection.execute(update(table).where(table.c.study_uid == uid).values(bsn=owners[uid]))
    return sorted(found)
