"""Where patients want to be told: optional, verified by a link, sealed at rest, gone on request.

One row per patient, under the name that their shares have (it moves with them to a newer name). A new address waits
(`pending`) beside the one that is in use until its link was followed; the link is good once and for a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.domain.mail import MailAddress
from beeldpas.portal.secrets import Secrets
from beeldpas.portal.store.tables import mail_address as table
from beeldpas.web.seal import KEY_ID_BYTES, Seal

LINK_LASTS = timedelta(hours=24)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredAddress:
    """One patient's row; the addresses are None when there is none, or its key is gone."""

    address_id: str
    patient: str
    language: str
    verified: MailAddress | None
    pending: MailAddress | None
    pending_mark: str | None
    pending_until: datetime | None


def seal_of(secrets: Secrets) -> Seal:
    """Return the seal of addresses."""
    return Seal(secrets.address.values)


async def find(connection: AsyncConnection, seal: Seal, patient: str) -> StoredAddress | None:
    """Return a patient's row."""
    return await _one(connection, seal, table.c.patient == patient)


async def find_by_id(connection: AsyncConnection, seal: Seal, address_id: str) -> StoredAddress | None:
    """Return the row with this id."""
    return await _one(connection, seal, table.c.address_id == address_id)


async def ask(
    connection: AsyncConnection, seal: Seal, patient: str, address: MailAddress, language: str, now: datetime
) -> str:
    """Let an address wait for its link, instead of another one that waits; returns the id of the row."""
    new = {"address_id": token_hex(16), "patient": patient, "language": language}
    await insert_once(connection, table, new, ["patient"])
    found = await connection.execute(select(table.c.address_id).where(table.c.patient == patient))
    address_id: str = found.scalar_one()
    waits = {
        "language": language,
        "pending": seal.close(address.reveal().encode(), _context(address_id)),
        "pending_mark": token_hex(16),
        "pending_until": now + LINK_LASTS,
    }
    await connection.execute(update(table).where(table.c.address_id == address_id).values(waits))
    return address_id


async def confirm(connection: AsyncConnection, address_id: str, mark: str, now: datetime) -> bool:
    """Put the address that waits into use; False when the link was used before, is late, or another one waits."""
    waiting = (table.c.address_id == address_id) & (table.c.pending_mark == mark) & (table.c.pending_until > now)
    confirmed = await connection.execute(
        update(table)
        .where(waiting)
        .values(sealed=table.c.pending, verified_at=now, pending=None, pending_mark=None, pending_until=None)
    )
    return confirmed.rowcount == 1


async def remove(connection: AsyncConnection, address_id: str) -> bool:
    """Forget a patient's addresses, and with them every message that waits or was sent."""
    return (await connection.execute(delete(table).where(table.c.address_id == address_id))).rowcount == 1


async def forget_late(connection: AsyncConnection, now: datetime) -> None:
    """Forget addresses whose link nobody followed in time."""
    late = table.c.pending_until <= now
    await connection.execute(delete(table).where(late, table.c.sealed.is_(None)))
    await connection.execute(update(table).where(late).values(pending=None, pending_mark=None, pending_until=None))


async def reseal(connection: AsyncConnection, seal: Seal) -> int:
    """Seal with the newest key what was sealed with an older one, some hundreds at a time; returns how many."""
    done = 0
    if not seal.older:
        return done
    for column in (table.c.sealed, table.c.pending):
        is_older = func.substr(column, 1, KEY_ID_BYTES).in_(seal.older)
        rows = await connection.execute(select(table.c.address_id, column).where(is_older).limit(_AT_ONCE))
        for address_id, sealed in rows.all():
            plain = seal.open(sealed, _context(address_id))
            if plain is None:
                continue
            same = (table.c.address_id == address_id) & (column == sealed)
            await connection.execute(
                update(table).where(same).values({column: seal.close(plain, _context(address_id))})
            )
            done += 1
    return done


async def _one(connection: AsyncConnection, seal: Seal, wanted: Any) -> StoredAddress | None:
    row = (await connection.execute(select(table).where(wanted))).one_or_none()
    return None if row is None else _stored(seal, row)


def _stored(seal: Seal, row: Row[Any]) -> StoredAddress:
    def opened(sealed: bytes | None) -> MailAddress | None:
        plain = seal.open(sealed, _context(row.address_id)) if sealed else None
        return MailAddress(plain.decode()) if plain else None

    return StoredAddress(
        row.address_id,
        row.patient,
        row.language,
        opened(row.sealed),
        opened(row.pending),
        row.pending_mark,
        row.pending_until,
    )


def _context(address_id: str) -> bytes:
    return f"mail_address:{address_id}".encode()
