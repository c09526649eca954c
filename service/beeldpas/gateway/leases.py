"""Leases: the right of one receiver to one running download.

A token of minutes becomes a lease of hours: the end of the grant stops new downloads, a started one may finish or
resume until the lease ends; a revocation stops it at once. The lease travels in a cookie or a header, never in an
address.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.grant import Receiver
from beeldpas.domain.secret import Secret
from beeldpas.gateway import deliveries
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.store import tables
from beeldpas.gateway.tokens import Admission
from beeldpas.gateway.transfers import Key

HEADER = "Beeldpas-Lease"
_SALT = "beeldpas.lease"


class LeaseToken(Secret):
    """What a receiver shows to use a lease."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it was made; `generation` of the index and `key_id` of the manifest stay what they were.

    `sent` is how many bytes went out under it, as far as that was noted.
    `confirmed_generation` is what the patient saw, `earlier_generation` what this receiver got the last time.
    `onlooker` is who it was made for, on the day when it was.
    """

    id: str
    issuer: str
    key: Key
    grant: str
    basis: str
    purpose: str
    subject: str
    receiver: Receiver
    studies: tuple[str, ...]
    language: str
    generation: int
    key_id: str
    ends_at: datetime
    grant_ends_at: datetime
    sent: int
    confirmed_generation: int | None
    earlier_generation: int | None
    onlooker: Onlooker


class LeaseSigner:
    """Signs lease ids with the newest key and believes every key of the list."""

    def __init__(self, keys: Sequence[str], lifetime: timedelta) -> None:
        self.lifetime = lifetime
        self._signer = URLSafeTimedSerializer(list(reversed(keys)), salt=_SALT)

    @classmethod
    def from_file(cls, file: Path, lifetime: timedelta) -> "LeaseSigner":
        """Read the keys, newest first; a file that is not there is made, for its owner only."""
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(token_urlsafe(32) + "\n", encoding="ascii")
        return cls(file.read_text(encoding="ascii").split(), lifetime)

    def sign(self, lease_id: str) -> LeaseToken:
        """Return what the receiver gets."""
        return LeaseToken(self._signer.dumps(lease_id))

    def lease_id(self, token: str) -> str | None:
        """Return the id in a token, or None when we did not sign it or it is too old."""
        try:
            found = self._signer.loads(token, max_age=int(self.lifetime.total_seconds()))
        except BadSignature:
            return None
        return found if isinstance(found, str) else None


def cookie_name(lease_id: str) -> str:
    """Each lease has a cookie of its own, so that two downloads do not end each other."""
    return f"__Host-lease-{lease_id}"


async def make(
    connection: AsyncConnection,
    admission: Admission,
    generation: int,
    key_id: str,
    now: datetime,
    lifetime: timedelta,
) -> Lease:
    """Make a lease of what was admitted, and forget those that ended."""
    grant = admission.grant
    lease = Lease(
        id=token_hex(8),
        issuer=grant.issuer,
        key=admission.key,
        grant=grant.handle,
        basis=grant.basis,
        purpose=admission.purpose,
        subject=admission.subject,
        receiver=grant.receiver,
        studies=tuple(sorted(grant.studies)),
        language=admission.language,
        generation=generation,
        key_id=key_id,
        ends_at=now + lifetime,
        grant_ends_at=grant.ends_at,
        sent=0,
        confirmed_generation=admission.confirmed,
        earlier_generation=await deliveries.earlier_generation(connection, grant.issuer, grant.handle),
        onlooker=admission.onlooker(now),
    )
    await connection.execute(delete(tables.lease).where(tables.lease.c.ends_at <= now))
    await connection.execute(insert(tables.lease).values(_row_of(lease, now)))
    return lease


async def find(connection: AsyncConnection, lease_id: str, now: datetime) -> Lease | None:
    """Return a lease that has not ended."""
    table = tables.lease
    found = await connection.execute(select(table).where(table.c.id == lease_id, table.c.ends_at > now))
    row = found.one_or_none()
    return _lease(row) if row else None


def _row_of(lease: Lease, now: datetime) -> dict[str, Any]:
    return {
        "id": lease.id,
        "issuer": lease.issuer,
        "status_uri": lease.key[0],
        "status_index": lease.key[1],
        "grant_handle": lease.grant,
        "basis": lease.basis,
        "purpose": lease.purpose,
        "subject": lease.subject,
        "receiver_kind": lease.receiver.kind,
        "receiver_name": lease.receiver.name,
        "organisation": lease.receiver.organisation,
        "ura": lease.receiver.ura,
        "studies": json.dumps(lease.studies),
        "language": lease.language,
        "generation": lease.generation,
        "key_id": lease.key_id,
        "made_at": now,
        "ends_at": lease.ends_at,
        "grant_ends_at": lease.grant_ends_at,
        "sent_bytes": lease.sent,
        "confirmed_generation": lease.confirmed_generation,
        "earlier_generation": lease.earlier_generation,
        "stands_in": lease.onlooker.stands_in,
    }


def _lease(row: Row[*tuple[Any, ...]]) -> Lease:
    return Lease(
        id=row.id,
        issuer=row.issuer,
        key=(row.status_uri, row.status_index),
        grant=row.grant_handle,
        basis=row.basis,
        purpose=row.purpose,
        subject=row.subject,
        receiver=Receiver(row.receiver_kind, row.receiver_name, row.organisation, row.ura),
        studies=tuple(json.loads(row.studies)),
        language=row.language,
        generation=row.generation,
        key_id=row.key_id,
        ends_at=row.ends_at,
        grant_ends_at=row.grant_ends_at or row.ends_at,
        sent=row.sent_bytes,
        confirmed_generation=row.confirmed_generation,
        earlier_generation=row.earlier_generation,
        onlooker=Onlooker.at(row.made_at, stands_in=row.stands_in),
    )
