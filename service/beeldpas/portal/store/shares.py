"""Shares as they are kept. Every change repeats in its WHERE the state that was seen before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.domain.share import MAX_ATTEMPTS, ShareState, attempts_of, state_of
from beeldpas.portal.store.tables import share as table


@dataclass(frozen=True, slots=True)
class StoredShare:
    """One row; of code and PIN only what cannot be turned back."""

    share_id: str
    reference: str
    patient: str
    request_id: str
    for_whom: str
    note: str
    language: str
    allow_self_declared: bool
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    code_fingerprint: str
    pin_hash: str
    attempts_spent: int
    organisation_key: str | None
    organisation: str | None
    suspended_at: datetime | None = None
    suspended_why: str | None = None
    extra_attempts: int = 0

    @property
    def most_attempts(self) -> int:
        """How many wrong PINs this code bears."""
        return attempts_of(self.extra_attempts)

    def state(self, now: datetime) -> ShareState:
        """Say where the share stands."""
        return state_of(
            expires_at=self.expires_at,
            revoked_at=self.revoked_at,
            attempts_spent=self.attempts_spent,
            now=now,
            suspended_at=self.suspended_at,
            extra_attempts=self.extra_attempts,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A PIN attempt that was spent: it counts whatever happens next. `number` is 1 to `most`."""

    share_id: str
    pin_hash: str
    number: int
    most: int = MAX_ATTEMPTS


async def insert(connection: AsyncConnection, new: StoredShare) -> bool:
    """Keep a new share; False when this patient's request was carried out before."""
    values = {field.name: getattr(new, field.name) for field in fields(new)}
    return await insert_once(connection, table, values, ["patient", "request_id"])


async def find(connection: AsyncConnection, share_id: str, *, patient: str | None = None) -> StoredShare | None:
    """Return the share, with `patient` only if it is theirs."""
    theirs = [] if patient is None else [table.c.patient == patient]
    return await _one(connection, table.c.share_id == share_id, *theirs)


async def find_by_reference(connection: AsyncConnection, reference: str) -> StoredShare | None:
    """Return the share with this reference."""
    return await _one(connection, table.c.reference == reference)


async def find_by_code(connection: AsyncConnection, fingerprints: Sequence[str]) -> StoredShare | None:
    """Return the share with this code, under whichever key its fingerprint was taken."""
    return await _one(connection, table.c.code_fingerprint.in_(fingerprints))


async def find_by_request(connection: AsyncConnection, patient: str, request_id: str) -> StoredShare | None:
    """Return the share that this request of the patient made."""
    return await _one(connection, table.c.patient == patient, table.c.request_id == request_id)


async def find_many(connection: AsyncConnection, share_ids: Collection[str]) -> tuple[StoredShare, ...]:
    """Return these shares, by id."""
    rows = await connection.execute(select(table).where(table.c.share_id.in_(share_ids)).order_by(table.c.share_id))
    return tuple(stored_share(row) for row in rows)


async def of_patient(connection: AsyncConnection, patient: str) -> tuple[StoredShare, ...]:
    """Return all shares of a patient, newest first."""
    statement = select(table).where(table.c.patient == patient)
    rows = await connection.execute(statement.order_by(table.c.made_at.desc(), table.c.share_id))
    return tuple(stored_share(row) for row in rows)


async def count_open(connection: AsyncConnection, patient: str, now: datetime) -> int:
    """Return how many shares of a patient could be used now or after a new code."""
    counted = await connection.execute(
        select(func.count()).select_from(table).where(table.c.patient == patient, *still_open(now))
    )
    return counted.scalar_one()


async def spend_attempt(
    connection: AsyncConnection, fingerprints: Sequence[str], *, verified: bool, now: datetime
) -> Attempt | None:
    """Spend one of the PIN attempts of a code; commit this before the PIN is looked at.

    None, and nothing spent, when the code is unknown, the share is not live, or this asker may not use it anyway.
    """
    eligible = [] if verified else [table.c.allow_self_declared]
    spent = await connection.execute(
        update(table)
        .where(
            table.c.code_fingerprint.in_(fingerprints),
            table.c.attempts_spent < MAX_ATTEMPTS + table.c.extra_attempts,
            *usable(now),
            *eligible,
        )
        .values(attempts_spent=table.c.attempts_spent + 1)
        .returning(table.c.share_id, table.c.pin_hash, table.c.attempts_spent, table.c.extra_attempts)
    )
    row = spent.one_or_none()
    if row is None:
        return None
    return Attempt(row.share_id, row.pin_hash, row.attempts_spent, attempts_of(row.extra_attempts))


async def return_attempt(connection: AsyncConnection, attempt: Attempt) -> None:
    """Give back the attempt of a PIN that was right; only wrong ones count."""
    await connection.execute(
        update(table)
        .where(
            table.c.share_id == attempt.share_id,
            table.c.pin_hash == attempt.pin_hash,  # a new code has begun to count anew
            table.c.attempts_spent > 0,
        )
        .values(attempts_spent=table.c.attempts_spent - 1)
    )


async def bind(
    connection: AsyncConnection,
    seen: StoredShare,
    organisation_key: str,
    organisation: str,
    *,
    allowed: bool,
    now: datetime,
) -> bool:
    """Take the share for an organisation if it has none, and hold it until the transaction ends.

    A revocation that comes at the same time waits for this row, and then finds the grants that were made.
    False when the share changed since it was seen, or belongs to another organisation and none is `allowed`.
    """
    free = or_(table.c.organisation_key.is_(None), table.c.organisation_key == organisation_key)
    bound = await connection.execute(
        update(table)
        .where(
            table.c.share_id == seen.share_id,
            table.c.code_fingerprint == seen.code_fingerprint,
            *usable(now),
            *([] if allowed else [free]),
        )
        .values(
            organisation_key=func.coalesce(table.c.organisation_key, organisation_key),
            organisation=func.coalesce(table.c.organisation, organisation),
        )
    )
    return bound.rowcount == 1


async def revoke(connection: AsyncConnection, share_id: str, now: datetime) -> bool:
    """Stop the share for good; False when it was stopped before."""
    statement = update(table).where(table.c.share_id == share_id, table.c.revoked_at.is_(None))
    return (await connection.execute(statement.values(revoked_at=now))).rowcount == 1


async def extend(connection: AsyncConnection, seen: StoredShare, expires_at: datetime, now: datetime) -> bool:
    """Move the end of a share that is as it was seen."""
    statement = update(table).where(
        table.c.share_id == seen.share_id, table.c.expires_at == seen.expires_at, *usable(now)
    )
    return (await connection.execute(statement.values(expires_at=expires_at))).rowcount == 1


async def replace_code(
    connection: AsyncConnection, seen: StoredShare, code_fingerprint: str, pin_hash: str, now: datetime
) -> bool:
    """Let a new code and PIN take the place of those that were seen; their attempts begin anew."""
    statement = update(table).where(
        table.c.share_id == seen.share_id, table.c.code_fingerprint == seen.code_fingerprint, *usable(now)
    )
    changes: Mapping[str, Any] = {
        "code_fingerprint": code_fingerprint,
        "pin_hash": pin_hash,
        "attempts_spent": 0,
        "extra_attempts": 0,
    }
    return (await connection.execute(statement.values(changes))).rowcount == 1


def still_open(now: datetime) -> tuple[Any, ...]:
    """Return the conditions of a share that is neither stopped nor over; paused or locked it may be."""
    return (and_(table.c.revoked_at.is_(None), table.c.expires_at > now),)


def usable(now: datetime) -> tuple[Any, ...]:
    """Return the conditions of a share that is not paused either."""
    return (*still_open(now), table.c.suspended_at.is_(None))


async def _one(connection: AsyncConnection, *wanted: Any) -> StoredShare | None:
    row = (await connection.execute(select(table).where(*wanted))).one_or_none()
    return None if row is None else stored_share(row)


def stored_share(row: Row[Any]) -> StoredShare:
    """Return a whole row as a share."""
    return StoredShare(**row._mapping)
