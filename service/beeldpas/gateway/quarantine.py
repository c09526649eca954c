"""Deciding which studies may be published, from the crosswalk as it stands; the others are withheld with a reason.

Run in the same transaction as what changed (new files, new master data), so that no study is ever servable
before it was compared.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.formats.dicom import Identity
from beeldpas.gateway import changes, crosswalk
from beeldpas.gateway.crosswalk import Number, Patient
from beeldpas.gateway.generations import next_generation
from beeldpas.gateway.owners import moved
from beeldpas.gateway.store import tables

_AT_ONCE = 400
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A study that is not published, and why."""

    study_uid: str
    issuer: str
    local_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Turned:
    """Studies that receivers of before may not see any more."""

    moved: list[str]
    withheld: list[str]


async def match(
    connection: AsyncConnection, studies: Collection[str] | None = None, generation: int | None = None
) -> int:
    """Compare studies (all when None) with the crosswalk; return how many changed.

    What is withheld or another patient's from now on is remembered under `generation`, a new one when None.
    """
    table = tables.study
    if studies is None:
        studies = list((await connection.execute(select(table.c.uid))).scalars())
    changed = 0
    turned = _Turned([], [])
    for part in parts(sorted(studies)):
        changed += await _match_some(connection, part, turned)
    if turned.moved or turned.withheld:
        since = generation or await next_generation(connection)
        await changes.note(connection, since, changes.MOVED, turned.moved)
        await changes.note(connection, since, changes.WITHHELD, turned.withheld)
    return changed


async def _match_some(connection: AsyncConnection, studies: Sequence[str], turned: _Turned) -> int:
    table, changed, owners = tables.study, 0, dict[str, str]()
    rows = list(await connection.execute(select(table).where(table.c.uid.in_(studies))))
    patients = await patients_of(connection, {(row.issuer, row.local_number) for row in rows})
    mixed = await _mixed(connection, studies)
    for row in rows:
        withheld, bsn = _decide(patients, row, row.uid in mixed)
        if (withheld, bsn) != (row.withheld, row.bsn):
            await connection.execute(update(table).where(table.c.uid == row.uid).values(withheld=withheld, bsn=bsn))
            changed += 1
        if withheld and not row.withheld:
            turned.withheld.append(row.uid)
        if bsn:
            owners[row.uid] = bsn
    turned.moved.extend(await moved(connection, owners))
    return changed


async def listing(connection: AsyncConnection) -> tuple[Withheld, ...]:
    """Return every withheld study, by reason."""
    table = tables.study
    rows = await connection.execute(
        select(table.c.uid, table.c.issuer, table.c.local_number, table.c.withheld)
        .where(table.c.withheld != "")
        .order_by(table.c.withheld, table.c.uid)
    )
    return tuple(Withheld(*row) for row in rows)


async def keep_patients(connection: AsyncConnection, patients: Iterable[Patient]) -> None:
    """Store master data, in place of what the same numbers had."""
    table = tables.crosswalk
    for patient in patients:
        await connection.execute(
            delete(table).where(table.c.issuer == patient.issuer, table.c.local_number == patient.local_number)
        )
        await connection.execute(insert(table).values(_row_of(patient)))


async def all_patients(connection: AsyncConnection) -> dict[Number, Patient]:
    """Return the whole crosswalk."""
    return _by_number(list(await connection.execute(select(tables.crosswalk))))


async def patients_of(connection: AsyncConnection, numbers: Collection[Number]) -> dict[Number, Patient]:
    """Return these numbers and, by and by, those that they were merged into."""
    table, found, missing = tables.crosswalk, dict[Number, Patient](), set(numbers)
    while missing:
        rows: list[Row[*tuple[Any, ...]]] = []
        for part in parts(sorted(missing)):
            same = or_(*((table.c.issuer == issuer) & (table.c.local_number == number) for issuer, number in part))
            rows += await connection.execute(select(table).where(same))
        new = _by_number(rows)
        found |= new
        merged = {(patient.issuer, patient.merged_into) for patient in new.values() if patient.merged_into}
        missing = merged - found.keys()
    return found


async def _mixed(connection: AsyncConnection, studies: Sequence[str]) -> frozenset[str]:
    """Return which of the studies have living files of more than one number or birth date."""
    table = tables.instance
    heads = (
        select(table.c.study_uid, table.c.issuer, table.c.local_number, table.c.birth_date)
        .where(table.c.study_uid.in_(studies), table.c.gone.is_(None))
        .distinct()
    )
    numbers: dict[str, set[Number]] = {}
    births: dict[str, set[date]] = {}
    for uid, issuer, local_number, birth_date in await connection.execute(heads):
        numbers.setdefault(uid, set()).add((issuer, local_number))
        births.setdefault(uid, set()).update({birth_date} if birth_date else ())
    return frozenset(uid for uid in numbers if len(numbers[uid]) > 1 or len(births[uid]) > 1)


def _decide(patients: Mapping[Number, Patient], row: Row[*tuple[Any, ...]], mixed: bool) -> tuple[str, str]:
    number = (row.issuer, row.local_number)
    header = Identity(row.local_number, row.issuer, row.patient_name, row.birth_date, row.sex)
    withheld = crosswalk.reason_to_withhold(patients, number, header, mixed)
    patient = None if withheld else crosswalk.survivor(patients, number)
    return withheld, patient.bsn.reveal() if patient and patient.bsn else ""


def _by_number(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[Number, Patient]:
    patients = (
        Patient(
            issuer=row.issuer,
            local_number=row.local_number,
            bsn=BSN(row.bsn) if row.bsn else None,
            birth_date=row.birth_date,
            name=row.name,
            sex=row.sex,
            merged_into=row.merged_into,
            disputed=row.disputed,
        )
        for row in rows
    )
    return {patient.number: patient for patient in patients}


def _row_of(patient: Patient) -> dict[str, str | bool | date | None]:
    return {
        "issuer": patient.issuer,
        "local_number": patient.local_number,
        "bsn": patient.bsn.reveal() if patient.bsn else "",
        "birth_date": patient.birth_date,
        "name": patient.name,
        "sex": patient.sex,
        "merged_into": patient.merged_into,
        "disputed": patient.disputed,
    }


def parts(items: Sequence[T]) -> Iterable[Sequence[T]]:
    """Give items in runs that one statement takes."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
