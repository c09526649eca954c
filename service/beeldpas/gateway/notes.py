"""Rejection notes as they lie in the store, and the listing of what they reject."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.evidence import QUALITY, RETENTION, SAFETY, WORKLIST, Named
from beeldpas.gateway.store.changes import rejected_instance, rejection, rejection_note
from beeldpas.gateway.store.tables import instance

REASONS = {QUALITY: "quality", SAFETY: "patient safety", WORKLIST: "wrong worklist", RETENTION: "retention over"}


@dataclass(frozen=True, slots=True)
class Note:
    """A rejection note as it was scanned; `sha256` of its bytes as they would be served."""

    sop_uid: str
    study_uid: str
    issuer: str
    local_number: str
    code: str
    sha256: bytes
    named: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line of the listing: what a note names, why, and how that stands."""

    study_uid: str
    sop_uid: str
    code: str
    note_uid: str
    standing: str


async def with_notes(connection: AsyncConnection, keys: Collection[str]) -> frozenset[str]:
    """Return which of these objects hold notes."""
    held = select(rejection_note.c.object_key).where(rejection_note.c.object_key.in_(set(keys)))
    return frozenset((await connection.execute(held)).scalars())


async def replace_notes(
    connection: AsyncConnection, generation: int, key: str, notes: Sequence[Note]
) -> frozenset[str]:
    """Keep the notes of one object in place of those it held before; return the studies that this concerns.

    A note that lies in another object too is kept once.
    """
    table = rejection_note
    before = select(table.c.sop_uid, table.c.study_uid).where(table.c.object_key == key)
    old = {row.sop_uid: row.study_uid for row in await connection.execute(before)}
    if not (old or notes):
        return frozenset()
    same = table.c.sop_uid.in_([note.sop_uid for note in notes])
    await connection.execute(delete(rejection).where(rejection.c.note_uid.in_(list(old))))
    await connection.execute(delete(table).where(table.c.sop_uid.in_(list(old))))
    elsewhere = set((await connection.execute(select(table.c.sop_uid).where(same))).scalars())
    for note in {note.sop_uid: note for note in notes}.values():
        if note.sop_uid not in elsewhere:
            await _keep(connection, generation, key, note)
    return frozenset(old.values()) | {note.study_uid for note in notes}


async def _keep(connection: AsyncConnection, generation: int, key: str, note: Note) -> None:
    row = {
        "sop_uid": note.sop_uid,
        "object_key": key,
        "study_uid": note.study_uid,
        "issuer": note.issuer,
        "local_number": note.local_number,
        "code": note.code,
        "sha256": note.sha256,
        "born": generation,
    }
    await connection.execute(insert(rejection_note).values(row))
    # Named in two studies, the note's own counts.
    own_last = sorted(note.named, key=lambda one: one.study_uid == note.study_uid)
    named = {one.sop_uid: one.study_uid for one in own_last}
    rows = [
        {"note_uid": note.sop_uid, "sop_uid": sop_uid, "study_uid": study_uid, "standing": "waiting"}
        for sop_uid, study_uid in named.items()
    ]
    if rows:
        await connection.execute(insert(rejection), rows)


async def held_back(connection: AsyncConnection, sop_uids: Collection[str]) -> dict[str, bytes]:
    """Return which of these are in the store though nobody is given them (notes, and what they reject): SHA-256."""
    wanted = list(sop_uids)
    rejected = (
        select(instance.c.sop_uid, instance.c.sha256)
        .join(rejected_instance, rejected_instance.c.sop_uid == instance.c.sop_uid)
        .where(instance.c.sop_uid.in_(wanted))
        .order_by(instance.c.id)
    )
    notes = select(rejection_note.c.sop_uid, rejection_note.c.sha256).where(rejection_note.c.sop_uid.in_(wanted))
    found = [*await connection.execute(rejected), *await connection.execute(notes)]
    return {row.sop_uid: row.sha256 for row in found}


async def listing(connection: AsyncConnection) -> tuple[Rejected, ...]:
    """Return everything that a note names, by study."""
    rows = await connection.execute(
        select(rejection_note.c.study_uid, rejection.c.sop_uid, rejection_note.c.code)
        .add_columns(rejection.c.note_uid, rejection.c.standing)
        .join(rejection_note, rejection_note.c.sop_uid == rejection.c.note_uid)
        .order_by(rejection_note.c.study_uid, rejection.c.sop_uid, rejection.c.note_uid)
    )
    return tuple(Rejected(*row) for row in rows)


async def count_rejected(connection: AsyncConnection) -> int:
    """Return how many instances are held back (for metrics)."""
    counted = await connection.execute(select(func.count()).select_from(rejected_instance))
    return int(counted.scalar_one())
