"""Rejection notes: which instances the hospital has taken back, and what a note may take back.

A note speaks of its own study and patient only. Whatever comes first, note or image, both know the same in the end;
a note that is rejected itself, or whose file is taken away, counts no more and its images are served again.
*Source:* IHE RAD TF-3 §4.66 (IOCM); docs/decisions/0017-changes.md.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.formats.evidence import CODES
from beeldpas.gateway import quarantine, restoring
from beeldpas.gateway.crosswalk import Number, Patient, survivor
from beeldpas.gateway.generations import next_generation
from beeldpas.gateway.store.changes import index_change, rejected_instance, rejection, rejection_note
from beeldpas.gateway.store.tables import instance

IN_FORCE = "in_force"
_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class _Reference:
    """What one note says of one instance; `study_uid` is where it says that the instance is."""

    note_uid: str
    note_study: str
    number: Number
    code: str
    sop_uid: str
    study_uid: str
    standing: str


@dataclass(frozen=True, slots=True)
class _Latest:
    """The latest version of an instance. `was_seen`: some generation before this one served it."""

    row_id: int
    study_uid: str
    number: Number
    was_seen: bool


async def settle(connection: AsyncConnection, generation: int, studies: Collection[str]) -> None:
    """Say anew what is rejected in these studies; what that changes belongs to `generation`."""
    references = await _references(connection, studies)
    before = await _rejected_before(connection, studies)
    if not references and not before:
        return
    latest = await _latest(connection, {one.sop_uid for one in references}, generation)
    patients = await quarantine.patients_of(
        connection, {one.number for one in references} | {one.number for one in latest.values()}
    )
    standing = _standing_notes(references)
    judged = [(one, _judge(one, standing, latest.get(one.sop_uid), patients)) for one in references]
    await _note_standing(connection, judged)
    rejected: dict[str, _Reference] = {}
    for one, said in judged:
        gravest = rejected.get(one.sop_uid)
        if said == IN_FORCE and (gravest is None or CODES.index(one.code) < CODES.index(gravest.code)):
            rejected[one.sop_uid] = one
    await _hold_back(connection, generation, before, rejected, latest)
    await restoring.serve_again(connection, generation, before.keys() - rejected.keys())


async def settle_all(connection: AsyncConnection) -> None:
    """Do so for every study with a note: the master data changed, and with it who is the same patient."""
    noted = await connection.execute(select(rejection_note.c.study_uid).distinct())
    studies = sorted(noted.scalars())
    if studies:
        generation = await next_generation(connection)
        for part in quarantine.parts(studies):
            await settle(connection, generation, part)


async def _rejected_before(connection: AsyncConnection, studies: Collection[str]) -> dict[str, str]:
    table = rejected_instance
    rows = await connection.execute(select(table).where(table.c.study_uid.in_(studies)))
    return {row.sop_uid: row.code for row in rows}


async def _note_standing(connection: AsyncConnection, judged: Sequence[tuple[_Reference, str]]) -> None:
    changed = defaultdict[tuple[str, str], list[str]](list)
    for one, said in judged:
        if said != one.standing:
            changed[one.note_uid, said].append(one.sop_uid)
    for (note_uid, said), sop_uids in changed.items():
        for part in quarantine.parts(sop_uids):
            which = (rejection.c.note_uid == note_uid) & rejection.c.sop_uid.in_(part)
            await connection.execute(update(rejection).where(which).values(standing=said))


async def _hold_back(
    connection: AsyncConnection,
    generation: int,
    before: Mapping[str, str],
    rejected: Mapping[str, _Reference],
    latest: Mapping[str, _Latest],
) -> None:
    table = rejected_instance
    for part in quarantine.parts(sorted(before.keys() | rejected.keys())):
        await connection.execute(delete(table).where(table.c.sop_uid.in_(part)))
    if rejected:
        held_back = [{"sop_uid": uid, "study_uid": one.note_study, "code": one.code} for uid, one in rejected.items()]
        await connection.execute(insert(table), held_back)
    for part in quarantine.parts(sorted(rejected)):
        hidden = update(instance).where(instance.c.sop_uid.in_(part), instance.c.gone.is_(None))
        await connection.execute(hidden.values(gone=generation))
    told = [
        {"generation": generation, "study_uid": one.note_study, "sop_uid": uid, "kind": "rejected", "code": one.code}
        for uid, one in rejected.items()
        if before.get(uid) != one.code and latest[uid].was_seen
    ]
    if told:
        await connection.execute(insert(index_change), told)


async def _references(connection: AsyncConnection, studies: Collection[str]) -> list[_Reference]:
    """Return what the notes of these studies name."""
    note = rejection_note
    rows = await connection.execute(
        select(rejection.c.note_uid, rejection.c.sop_uid, rejection.c.study_uid, note.c.study_uid.label("own"))
        .add_columns(note.c.issuer, note.c.local_number, note.c.code, rejection.c.standing)
        .join(note, note.c.sop_uid == rejection.c.note_uid)
        .where(note.c.study_uid.in_(studies))
        .order_by(rejection.c.note_uid, rejection.c.sop_uid)
    )
    return [
        _Reference(
            note_uid=row.note_uid,
            note_study=row.own,
            number=(row.issuer, row.local_number),
            code=row.code,
            sop_uid=row.sop_uid,
            study_uid=row.study_uid,
            standing=row.standing,
        )
        for row in rows
    ]


async def _latest(connection: AsyncConnection, sop_uids: Collection[str], generation: int) -> dict[str, _Latest]:
    """Return the latest version of each instance that is held, and the notes among them."""
    found: dict[str, _Latest] = {}
    for part in quarantine.parts(sorted(sop_uids)):
        for row in await connection.execute(
            select(instance.c.id, instance.c.sop_uid, instance.c.study_uid, instance.c.issuer)
            .add_columns(instance.c.local_number, instance.c.born, instance.c.gone)
            .where(instance.c.sop_uid.in_(part))
            .order_by(instance.c.id)
        ):
            earlier = found.get(row.sop_uid)
            seen = row.born < generation and (row.gone is None or row.gone > row.born)
            was_seen = seen or (earlier is not None and earlier.was_seen)
            found[row.sop_uid] = _Latest(row.id, row.study_uid, (row.issuer, row.local_number), was_seen)
        for row in await connection.execute(select(rejection_note).where(rejection_note.c.sop_uid.in_(part))):
            found[row.sop_uid] = _Latest(0, row.study_uid, (row.issuer, row.local_number), was_seen=False)
    return found


def _standing_notes(references: Sequence[_Reference]) -> set[str]:
    """Return the notes that no standing note of the same study rejects; all of them when they go in a circle."""
    notes = {one.note_uid: one.note_study for one in references}
    against = defaultdict[str, set[str]](set)
    for one in references:
        if notes.get(one.sop_uid) == one.note_study and one.sop_uid != one.note_uid:
            against[one.sop_uid].add(one.note_uid)
    standing = set(notes)
    for _ in range(_MOST_ROUNDS):
        following = {note for note in notes if not against[note] & standing}
        if following == standing:
            return standing
        standing = following
    return set(notes)


def _judge(
    one: _Reference, standing: Collection[str], held: _Latest | None, patients: Mapping[Number, Patient]
) -> str:
    """Say how it stands with what a note says of an instance."""
    if one.note_uid not in standing:
        return "withdrawn"
    if one.study_uid != one.note_study or (held is not None and held.study_uid != one.note_study):
        return "foreign_study"
    if held is None:
        return "waiting"
    if held.number != one.number and not _is_same_person(patients, held.number, one.number):
        return "foreign_patient"
    return IN_FORCE


def _is_same_person(patients: Mapping[Number, Patient], one: Number, other: Number) -> bool:
    first, second = survivor(patients, one), survivor(patients, other)
    return first is not None and second is not None and first.number == second.number
