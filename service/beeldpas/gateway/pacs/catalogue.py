"""The catalogue: what the PACS has of the patients that the hospital vouches for, compared with the crosswalk.

The same rules hold as for files in the store: what cannot be mapped for certain is listed here, and shown to nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, not_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.formats.dicom import Identity
from beeldpas.gateway import changes, crosswalk, quarantine
from beeldpas.gateway.crosswalk import Number
from beeldpas.gateway.generations import next_generation
from beeldpas.gateway.owners import moved
from beeldpas.gateway.pacs.port import RemoteSeries, RemoteStudy
from beeldpas.gateway.release import DOCUMENT_MODALITIES, Onlooker, is_released, under_embargo
from beeldpas.gateway.store.staging import hold, listed_patient, remote_series, remote_study, staged_study

_AT_ONCE = 400
# What the PACS says of a study.
_LISTED = (
    "issuer", "local_number", "patient_name", "birth_date", "sex", "study_date", "study_time", "description",
    "accession", "instances",
)  # fmt: skip


async def keep(
    connection: AsyncConnection, study: RemoteStudy, series: Sequence[RemoteSeries], issuer: str, now: datetime
) -> None:
    """Write down a study as the PACS lists it now; `issuer` is whose number it carries."""
    await connection.execute(delete(remote_series).where(remote_series.c.study_uid == study.uid))
    await connection.execute(delete(remote_study).where(remote_study.c.uid == study.uid))
    await connection.execute(insert(remote_study).values(_row(study, issuer, now)))
    rows = {one.uid: _series_row(study.uid, one) for one in series}
    if rows:
        await connection.execute(insert(remote_series), list(rows.values()))
    await match(connection, [study.uid])


async def match(connection: AsyncConnection, studies: Collection[str] | None = None) -> int:
    """Compare listed studies (all when None) with the crosswalk; return how many changed."""
    if studies is None:
        studies = list((await connection.execute(select(remote_study.c.uid))).scalars())
    uids, changed, owners = sorted(studies), 0, dict[str, str]()
    for start in range(0, len(uids), _AT_ONCE):
        wanted = select(remote_study).where(remote_study.c.uid.in_(uids[start : start + _AT_ONCE]))
        rows = list(await connection.execute(wanted))
        patients = await quarantine.patients_of(connection, {(row.issuer, row.local_number) for row in rows})
        for row in rows:
            withheld, bsn = _decide(patients, row)
            if (withheld, bsn) != (row.withheld, row.bsn):
                values = {"withheld": withheld, "bsn": bsn}
                await connection.execute(update(remote_study).where(remote_study.c.uid == row.uid).values(values))
                changed += 1
            if bsn:
                owners[row.uid] = bsn
    # Shares of before must not fetch what is another patient's now.
    if turned := await moved(connection, owners):
        await changes.note(connection, await next_generation(connection), changes.MOVED, turned)
    return changed


async def known(connection: AsyncConnection, studies: Sequence[tuple[RemoteStudy, str]]) -> set[str]:
    """Return which of these studies (with whose number each carries) are listed just like this already."""
    wanted = {study.uid: (study, issuer) for study, issuer in studies}
    rows = await connection.execute(select(remote_study).where(remote_study.c.uid.in_(wanted)))
    return {row.uid for row in rows if _listed(*wanted[row.uid]) == {name: row._mapping[name] for name in _LISTED}}


async def shown(
    connection: AsyncConnection, uids: Collection[str], onlooker: Onlooker
) -> list[tuple[RemoteStudy, str, BSN]]:
    """Return those of these studies that the onlooker may see, each with whose number it carries and whose it is.

    How many images one has of which documents are under embargo, is not known: the PACS counts them all.
    """
    table = remote_study.c
    embargo = under_embargo(table.uid, onlooker.day).label("embargo")
    rows = await connection.execute(
        select(remote_study, embargo).where(
            table.uid.in_(uids), table.withheld == "", table.bsn != "", is_released(table.uid, onlooker)
        )
    )
    return [(_study(row), row.issuer, BSN(row.bsn)) for row in rows]


async def series_of(
    connection: AsyncConnection, uids: Collection[str], onlooker: Onlooker
) -> Mapping[str, list[RemoteSeries]]:
    """Return the series of these studies that the onlooker may know of, by number."""
    table = remote_series.c
    open_to_all = table.modality.not_in(DOCUMENT_MODALITIES)
    rows = await connection.execute(
        select(remote_series)
        .where(table.study_uid.in_(uids), open_to_all | not_(under_embargo(table.study_uid, onlooker.day)))
        .order_by(table.number, table.uid)
    )
    found: dict[str, list[RemoteSeries]] = defaultdict(list)
    for row in rows:
        one = RemoteSeries(
            row.uid, row.number, row.modality, row.description, row.body_part, row.laterality, row.instances
        )
        found[row.study_uid].append(one)
    return found


async def drop_lost(connection: AsyncConnection, number: Number, there: Collection[str]) -> int:
    """Forget what the PACS no longer lists of a patient number; what is fetched or wanted stays. Returns how many."""
    busy = select(hold.c.study_uid).union(select(staged_study.c.uid))
    listed = select(remote_study.c.uid).where(
        remote_study.c.issuer == number[0],
        remote_study.c.local_number == number[1],
        remote_study.c.uid.not_in(busy),
    )
    lost = [uid for uid in (await connection.execute(listed)).scalars() if uid not in there]
    await connection.execute(delete(remote_series).where(remote_series.c.study_uid.in_(lost)))
    await connection.execute(delete(remote_study).where(remote_study.c.uid.in_(lost)))
    return len(lost)


async def note_listed(connection: AsyncConnection, number: Number, now: datetime) -> None:
    """Note that everything of a patient number was listed."""
    table, (issuer, local_number) = listed_patient, number
    await connection.execute(delete(table).where(table.c.issuer == issuer, table.c.local_number == local_number))
    await connection.execute(insert(table).values(issuer=issuer, local_number=local_number, listed_at=now))


def _decide(patients: Mapping[Number, crosswalk.Patient], row: Row[Any]) -> tuple[str, str]:
    number = row.issuer, row.local_number
    header = Identity(row.local_number, row.issuer, row.patient_name, row.birth_date, row.sex)
    withheld = crosswalk.reason_to_withhold(patients, number, header, mixed=False)
    patient = None if withheld else crosswalk.survivor(patients, number)
    return withheld, patient.bsn.reveal() if patient and patient.bsn else ""


def _row(study: RemoteStudy, issuer: str, now: datetime) -> dict[str, Any]:
    return {"uid": study.uid, **_listed(study, issuer), "bsn": "", "withheld": "unmapped", "listed_at": now}


def _listed(study: RemoteStudy, issuer: str) -> dict[str, Any]:
    return {
        "issuer": _clip(issuer, 64),
        "local_number": _clip(study.identity.patient_id, 64),
        "patient_name": _clip(study.identity.name, 324),
        "birth_date": study.identity.birth_date,
        "sex": _clip(study.identity.sex, 16),
        "study_date": _clip(study.study_date, 16),
        "study_time": _clip(study.study_time, 32),
        "description": _clip(study.description, 256),
        "accession": _clip(study.accession, 64),
        "instances": study.instances,
    }


def _series_row(study_uid: str, series: RemoteSeries) -> dict[str, Any]:
    return {
        "study_uid": study_uid,
        "uid": series.uid,
        "number": series.number,
        "modality": _clip(series.modality, 16),
        "description": _clip(series.description, 256),
        "body_part": _clip(series.body_part, 64),
        "laterality": _clip(series.laterality, 16),
        "instances": series.instances,
    }


def _study(row: Row[Any]) -> RemoteStudy:
    return RemoteStudy(
        uid=row.uid,
        identity=Identity(row.local_number, row.issuer, row.patient_name, row.birth_date, row.sex),
        study_date=row.study_date,
        study_time=row.study_time,
        description=row.description,
        accession=row.accession,
        instances=None if row._mapping.get("embargo") else row.instances,
    )


def _clip(value: str, length: int) -> str:
    """Shorten a text to what a column holds; databases refuse NUL in one."""
    return value.replace("\0", "")[:length]
