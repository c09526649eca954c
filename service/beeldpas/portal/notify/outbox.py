"""The outbox: what waits to be told, written on the transaction of what happened, and sent afterwards.

A message is claimed with a lease, so that two senders never try the same one at a time. Before its text leaves, it
is marked as handed over, in a transaction of its own, and that mark is set once: when nobody can say whether the
mail server took it (the line was cut, or the program died, between its text and the answer), it counts as
uncertain and is not sent again. It is never sent twice; the price is that it may, rarely, never arrive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.portal.notify.notice import QUIET, REPEATABLE, Notice, NoticeKind
from beeldpas.portal.store.shares import StoredShare
from beeldpas.portal.store.tables import mail_address
from beeldpas.portal.store.tables import notice as table

LEASE = timedelta(minutes=3)
WORTH_SENDING = timedelta(days=2)
KEPT = timedelta(days=30)
_WAITS = (1, 5, 15, 60, 240)  # minutes; the last one again and again


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that this sender holds until `lease_until`."""

    notice_id: str
    address_id: str
    kind: NoticeKind
    share_id: str | None
    reference: str
    facts: Mapping[str, Any]
    made_at: datetime
    attempts: int
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One message as its patient may see it: what it was, and what became of it ("" while it waits)."""

    kind: NoticeKind
    reference: str
    made_at: datetime
    outcome: str


async def notify(
    connection: AsyncConnection, patient: str, notice: Notice, share: StoredShare | None, now: datetime
) -> bool:
    """Write a message on the caller's transaction, if this patient has a verified address; say whether it was.

    `patient` is the name under which the share is kept. `share` is None when it is about all of them.
    """
    found = await connection.execute(
        select(mail_address.c.address_id).where(mail_address.c.patient == patient, mail_address.c.sealed.is_not(None))
    )
    address_id: str | None = found.scalar_one_or_none()
    if address_id is None or await _was_just_told(connection, address_id, notice, share, now):
        return False
    return await put(connection, address_id, notice, share, now)


async def put(
    connection: AsyncConnection, address_id: str, notice: Notice, share: StoredShare | None, now: datetime
) -> bool:
    """Write a message for this address, whatever was told before (but never twice what is told `once`)."""
    notice_id = token_hex(16)
    values = {
        "notice_id": notice_id,
        "once": notice.once or notice_id,
        "address_id": address_id,
        "kind": notice.kind,
        "share_id": share.share_id if share else None,
        "reference": share.reference if share else "",
        "facts": _facts(notice, share),
        "made_at": now,
        "due_at": now,
        "attempts": 0,
        "outcome": "",
    }
    return await insert_once(connection, table, values, ["once"])


def _facts(notice: Notice, share: StoredShare | None) -> dict[str, Any]:
    ends = {"ends_at": share.expires_at.isoformat()} if share else {}
    return {"n": notice.n, "verified": notice.verified, "reason": notice.reason, **ends}


async def _was_just_told(
    connection: AsyncConnection, address_id: str, notice: Notice, share: StoredShare | None, now: datetime
) -> bool:
    """Whoever has the code can try PINs, but not fill a mailbox."""
    if notice.kind not in REPEATABLE or share is None:
        return False
    told = await connection.execute(
        select(table.c.notice_id)
        .where(
            table.c.address_id == address_id,
            table.c.share_id == share.share_id,
            table.c.kind == notice.kind,
            table.c.facts["n"].as_integer() == notice.n,
            table.c.made_at > now - QUIET,
        )
        .limit(1)
    )
    return told.first() is not None


async def latest(connection: AsyncConnection, address_id: str, most: int) -> tuple[Told, ...]:
    """Return the messages for an address, newest first."""
    statement = select(table).where(table.c.address_id == address_id).order_by(table.c.made_at.desc()).limit(most)
    rows = await connection.execute(statement)
    return tuple(Told(NoticeKind(row.kind), row.reference, row.made_at, row.outcome) for row in rows)


async def drop(connection: AsyncConnection, address_id: str, kind: NoticeKind, now: datetime) -> None:
    """Send no more of a kind that still waits for an address: a newer one takes its place."""
    waits = (table.c.address_id == address_id) & (table.c.kind == kind) & (table.c.outcome == "")
    statement = update(table).where(waits, table.c.handed_at.is_(None))
    await connection.execute(statement.values(outcome="dropped", ended_at=now))


async def claim(connection: AsyncConnection, now: datetime) -> Waiting | None:
    """Take the message that waits longest; whoever claims at the same time gets another one."""
    free = _free(now)
    oldest = select(table.c.notice_id).where(*free).order_by(table.c.due_at, table.c.notice_id).limit(1)
    claimed = await connection.execute(
        update(table)
        .where(table.c.notice_id == oldest.scalar_subquery(), *free)
        .values(lease_until=now + LEASE, attempts=table.c.attempts + 1)
        .returning(table)
    )
    row = claimed.one_or_none()
    return None if row is None else _waiting(row)


async def hand_over(connection: AsyncConnection, held: Waiting, now: datetime) -> bool:
    """Mark that the text leaves now; False when another sender holds it meanwhile, or it was handed over before."""
    statement = update(table).where(
        table.c.notice_id == held.notice_id, table.c.handed_at.is_(None), table.c.lease_until == held.lease_until
    )
    return (await connection.execute(statement.values(handed_at=now))).rowcount == 1


async def end(connection: AsyncConnection, held: Waiting, outcome: str, now: datetime) -> None:
    """Write how it ended: sent, failed, uncertain, or dropped (nobody to send it to any more)."""
    await _settle(connection, held, outcome=outcome, ended_at=now)


async def postpone(connection: AsyncConnection, held: Waiting, now: datetime) -> None:
    """Try again later: the mail server did not take it, and said so or was never reached."""
    if now - held.made_at > WORTH_SENDING:
        await end(connection, held, "failed", now)
        return
    wait = timedelta(minutes=_WAITS[min(held.attempts, len(_WAITS)) - 1])
    await _settle(connection, held, due_at=now + wait, lease_until=None, handed_at=None)


async def tidy(connection: AsyncConnection, now: datetime) -> int:
    """Say of what was handed over and never answered that it is uncertain; forget what is old; returns how many."""
    lost = (table.c.outcome == "") & table.c.handed_at.is_not(None) & (table.c.lease_until <= now)
    uncertain = await connection.execute(update(table).where(lost).values(outcome="uncertain", ended_at=now))
    stale = (table.c.outcome == "") & (table.c.made_at <= now - KEPT)
    await connection.execute(delete(table).where(or_(table.c.ended_at <= now - KEPT, stale)))
    return uncertain.rowcount


def _free(now: datetime) -> tuple[Any, ...]:
    return (
        table.c.outcome == "",
        table.c.handed_at.is_(None),
        table.c.due_at <= now,
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
    )


async def _settle(connection: AsyncConnection, held: Waiting, **values: Any) -> None:
    mine = update(table).where(table.c.notice_id == held.notice_id, table.c.lease_until == held.lease_until)
    await connection.execute(mine.values(values))


def _waiting(row: Row[Any]) -> Waiting:
    kind = NoticeKind(row.kind)
    return Waiting(
        row.notice_id,
        row.address_id,
        kind,
        row.share_id,
        row.reference,
        row.facts,
        row.made_at,
        row.attempts,
        row.lease_until,
    )
