"""Grants as they are kept: one receiver at one hospital, each with a place of its own in that hospital's list."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import randbelow, token_hex
from typing import Any, Literal, cast

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.domain.grant import Basis, Grant, Receiver, ReceiverKind
from beeldpas.portal.store import consents
from beeldpas.portal.store.statuses import LIST_SIZE
from beeldpas.portal.store.tables import grant_study, share
from beeldpas.portal.store.tables import issued_grant as table

# Made once: making a statement costs as much as asking it.
_WITH_STUDIES = (
    select(table, share.c.reference, consents.table.c.relation, grant_study.c.study_uid)
    .select_from(
        table.outerjoin(share, table.c.share_id == share.c.share_id)
        .outerjoin(consents.table, table.c.share_id == consents.table.c.share_id)
        .outerjoin(grant_study, table.c.handle == grant_study.c.handle)
    )
    .order_by(table.c.gateway_id, table.c.handle)
)
_ONE = _WITH_STUDIES.where(table.c.handle == bindparam("wanted"))
GrantState = Literal["live", "expired", "revoked", "ended", "suspended"]


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What a new grant rests on; `session` is the visit that an own grant ends with.

    `confirmed` is the generation of the hospital's index that the patient saw, when that is known.
    """

    gateway_id: str
    basis: Basis
    issuer: str
    studies: frozenset[str]
    ends_at: datetime
    patient: str
    receiver: Receiver
    receiver_key: str
    share_id: str | None = None
    session: str | None = None
    confirmed: int | None = None


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant and what became of it; `reference` is that of its share.

    `relation` is on what ground somebody made that share in the patient's stead; "" for patients themselves.
    """

    grant: Grant
    patient: str
    receiver_key: str
    share_id: str | None
    reference: str | None
    session: str | None
    ended_at: datetime | None
    revoked_at: datetime | None
    confirmed: int | None
    suspended_at: datetime | None = None
    relation: str = ""

    def state(self, now: datetime) -> GrantState:
        """Say whether tokens may be made: revoked beats ended beats expired beats suspended."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ended_at is not None:
            return "ended"
        if not self.grant.is_live(now):
            return "expired"
        return "live" if self.suspended_at is None else "suspended"


async def issue(
    connection: AsyncConnection,
    terms: GrantTerms,
    now: datetime,
    pick_index: Callable[[int], int] = randbelow,
) -> Grant:
    """Keep a new grant under a random status index that no other grant of this hospital has."""
    handle = token_hex(16)
    values: dict[str, Any] = {
        "handle": handle,
        "gateway_id": terms.gateway_id,
        "basis": terms.basis,
        "issuer": terms.issuer,
        "share_id": terms.share_id,
        "session": terms.session,
        "patient": terms.patient,
        "receiver_key": terms.receiver_key,
        "receiver_kind": terms.receiver.kind,
        "receiver_name": terms.receiver.name,
        "receiver_organisation": terms.receiver.organisation,
        "receiver_ura": terms.receiver.ura,
        "made_at": now,
        "ends_at": terms.ends_at,
        "status_index": pick_index(LIST_SIZE),
        "confirmed": terms.confirmed,
    }
    while not await insert_once(connection, table, values, ["gateway_id", "status_index"]):
        values["status_index"] = pick_index(LIST_SIZE)
    rows = [{"handle": handle, "study_uid": uid} for uid in sorted(terms.studies)]
    await connection.execute(insert(grant_study), rows)
    return Grant(
        handle=handle,
        gateway_id=terms.gateway_id,
        basis=terms.basis,
        issuer=terms.issuer,
        studies=terms.studies,
        ends_at=terms.ends_at,
        receiver=terms.receiver,
        status_index=values["status_index"],
    )


async def find(connection: AsyncConnection, handle: str) -> StoredGrant | None:
    """Return the grant with this handle."""
    return next(iter(_put_together(await connection.execute(_ONE, {"wanted": handle}))), None)


async def find_all(connection: AsyncConnection, handles: Iterable[str]) -> dict[str, StoredGrant]:
    """Return the grants with these handles, by handle."""
    found = await _all(connection, table.c.handle.in_(list(handles)))
    return {stored.grant.handle: stored for stored in found}


async def held(connection: AsyncConnection, share_id: str, receiver_key: str) -> tuple[StoredGrant, ...]:
    """Return one receiver's grants of a share, one per hospital, by hospital."""
    return await _all(connection, table.c.share_id == share_id, table.c.receiver_key == receiver_key)


async def of_visit(
    connection: AsyncConnection, session: str, gateway_id: str, studies: frozenset[str], now: datetime
) -> StoredGrant | None:
    """Return the live own grant of a visit for exactly these studies at one hospital."""
    found = await _all(connection, table.c.session == session, table.c.gateway_id == gateway_id)
    return next((one for one in found if one.grant.studies == studies and one.state(now) == "live"), None)


async def end_share(connection: AsyncConnection, share_id: str, now: datetime) -> tuple[str, ...]:
    """Revoke every grant of a share; returns the hospital of each that was not revoked before."""
    statement = update(table).where(table.c.share_id == share_id, table.c.revoked_at.is_(None))
    revoked = await connection.execute(statement.values(revoked_at=now).returning(table.c.gateway_id))
    return tuple(revoked.scalars())


async def extend_share(connection: AsyncConnection, share_id: str, ends_at: datetime) -> None:
    """Let the grants of a share last as long as the share does."""
    await connection.execute(
        update(table).where(table.c.share_id == share_id, table.c.revoked_at.is_(None)).values(ends_at=ends_at)
    )


async def end_visit(connection: AsyncConnection, session: str, now: datetime) -> int:
    """End the own grants of a visit: nothing new starts, what runs may finish. Returns how many."""
    statement = update(table).where(table.c.session == session, table.c.ended_at.is_(None), table.c.ends_at > now)
    return (await connection.execute(statement.values(ended_at=now))).rowcount


async def _all(connection: AsyncConnection, *wanted: Any) -> tuple[StoredGrant, ...]:
    """Return grants with their studies: one statement, a row for each study."""
    return _put_together(await connection.execute(_WITH_STUDIES.where(*wanted)))


def _put_together(found: Iterable[Row[Any]]) -> tuple[StoredGrant, ...]:
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in found:
        rows[row.handle].append(row)
    return tuple(
        _stored(some[0], frozenset(row.study_uid for row in some if row.study_uid)) for some in rows.values()
    )


def _stored(row: Row[Any], studies: frozenset[str]) -> StoredGrant:
    receiver = Receiver(
        cast(ReceiverKind, row.receiver_kind), row.receiver_name, row.receiver_organisation, row.receiver_ura
    )
    grant = Grant(
        handle=row.handle,
        gateway_id=row.gateway_id,
        basis=cast(Basis, row.basis),
        issuer=row.issuer,
        studies=studies,
        ends_at=row.ends_at,
        receiver=receiver,
        status_index=row.status_index,
    )
    return StoredGrant(
        grant=grant,
        patient=row.patient,
        receiver_key=row.receiver_key,
        share_id=row.share_id,
        reference=row.reference,
        session=row.session,
        ended_at=row.ended_at,
        revoked_at=row.revoked_at,
        confirmed=row.confirmed,
        suspended_at=row.suspended_at,
        relation=row.relation or "",
    )
