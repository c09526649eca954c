"""Of whom the studies are by their own word and the master data's: what fingerprints are made of."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fingerprints import MOST_AT_ONCE, Fingerprints, Told
from beeldpas.gateway.quarantine import patients_of
from beeldpas.gateway.store.staging import remote_study
from beeldpas.gateway.store.tables import study


class Fingerprinting(Protocol):
    """Who makes fingerprints of what is told."""

    async def fingerprints_of(self, people: Sequence[Told]) -> Sequence[Fingerprints]:
        """Return the fingerprints of so many people, in their order. Raises: Unavailable("pseudonyms")."""
        ...


async def told_of(connection: AsyncConnection, uids: Sequence[str]) -> dict[str, Told]:
    """Return what is known of the person of each study: what its files say, else the master data."""
    wanted = union(*(
        select(table.c.uid, table.c.issuer, table.c.local_number, table.c.birth_date, table.c.sex, table.c.bsn)
        .where(table.c.uid.in_(uids), table.c.bsn != "")
        for table in (study, remote_study)
    ))  # fmt: skip
    rows = list(await connection.execute(wanted))
    patients = await patients_of(connection, {(row.issuer, row.local_number) for row in rows})
    found = {}
    for row in rows:
        patient = patients.get((row.issuer, row.local_number))
        birth_date: date | None = row.birth_date or (patient.birth_date if patient else None)
        sex = _sex(row.sex) or (_sex(patient.sex) if patient else "")
        found[row.uid] = Told(BSN(row.bsn), birth_date, sex)
    return found


async def fingerprints(told: dict[str, Told], making: Fingerprinting) -> dict[str, Fingerprints]:
    """Return the fingerprints of each study's person; each person is asked about once. Raises: Unavailable."""
    people = list(dict.fromkeys(told.values()))
    made: dict[Told, Fingerprints] = {}
    for begin in range(0, len(people), MOST_AT_ONCE):
        part = people[begin : begin + MOST_AT_ONCE]
        made |= zip(part, await making.fingerprints_of(part), strict=True)
    return {uid: made[one] for uid, one in told.items()}


def _sex(text: str) -> str:
    """M or F; DICOM's O (other) says nothing that could be compared."""
    return text if text in ("M", "F") else ""
