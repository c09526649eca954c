"""Thirty days after its end a share is emptied: what the confirm page promised (docs/decisions/0024).

Once an hour; each share is an event that its patient reads, in the transaction that empties it. Grants by which
patients opened their own images go after the same time, counted in one event. What is left of a share goes with the
log's records about it, after their term.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit import log as access_log
from beeldpas.audit.event import PORTAL, Actor, Event
from beeldpas.audit.events import Upkeep
from beeldpas.audit.leaf import Json
from beeldpas.audit.term import term
from beeldpas.database.engine import leave_no_trace, transaction
from beeldpas.domain.errors import BeeldpasError
from beeldpas.portal.house import House
from beeldpas.portal.store import ended
from beeldpas.portal.store.ended import EndedShare

KEPT_AFTER = timedelta(days=30)
_EVERY_SECONDS = 3600.0
_AT_ONCE = 200
log = structlog.get_logger()


async def run(house: House) -> None:
    """Erase now and every hour after, until cancelled."""
    while True:
        try:
            await erase_due(house)
        except BeeldpasError as error:
            log.warning("ended_shares_not_erased", reason=error.reason)
        await asyncio.sleep(_EVERY_SECONDS)


async def erase_due(house: House) -> int:
    """Erase all that ended long enough ago; return how many shares. Raises: Unavailable("database")."""
    erased = 0
    while count := await _erase_some(house):
        erased += count
    while await _erase_own_grants(house) == _AT_ONCE:
        pass
    while await _forget_shares(house) == _AT_ONCE:
        pass
    await leave_no_trace(house.engine)
    return erased


async def _erase_some(house: House) -> int:
    now = house.clock()
    async with transaction(house.engine) as connection:
        due = await ended.due(connection, now - KEPT_AFTER, _AT_ONCE)
        for share in due:
            grants = await ended.erase_share(connection, share.share_id, now)
            await _record(connection, Upkeep.ERASE_SHARE, now, {"count": grants}, share)
    return len(due)


async def _erase_own_grants(house: House) -> int:
    now = house.clock()
    async with transaction(house.engine) as connection:
        count = await ended.erase_own_grants(connection, now - KEPT_AFTER, _AT_ONCE)
        if count:
            await _record(connection, Upkeep.ERASE_GRANTS, now, {"count": count})
    return count


async def _forget_shares(house: House) -> int:
    now = house.clock()
    async with transaction(house.engine) as connection:
        count = await ended.forget_shares(connection, term(now, house.settings.log_years), _AT_ONCE)
        if count:
            await _record(connection, Upkeep.FORGET_SHARES, now, {"count": count})
    return count


async def _record(
    connection: AsyncConnection,
    kind: Upkeep,
    now: datetime,
    details: dict[str, Json],
    share: EndedShare | None = None,
) -> None:
    event = Event(
        event_id=str(uuid4()),
        at=now,
        kind=kind,
        outcome="done",
        actor=Actor(kind="program", subject=PORTAL),
        patient=share.patient if share else None,
        share_id=share.share_id if share else None,
        reference=share.reference if share else None,
        details=details,
    )
    await access_log.append(connection, event)
