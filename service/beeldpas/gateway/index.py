"""Reading the index: what is held of some studies, as a generation of the index has it, in one fixed order.

Withheld studies, those that are not fetched whole yet, and what rules of the hospital keep back from whoever looks,
are as if they were not there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.gateway.holdings import HeldInstance, HeldReport, HeldSeries, HeldStudy
from beeldpas.gateway.pacs.whole import is_settled
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.release import Onlooker, is_released, may_leave
from beeldpas.gateway.store import tables

_COLUMNS = (
    "id", "sop_uid", "sop_class", "number", "transfer_syntax", "object_key", "object_version", "start", "length",
    "crc32", "sha256", "leaf_record", "missing", "keeps_preamble",
)  # fmt: skip


async def held(
    connection: AsyncConnection, studies: Collection[str], onlooker: Onlooker, generation: int | None = None
) -> tuple[HeldStudy, ...]:
    """Return what the onlooker may see of these studies, oldest first, as that generation has it (now, when None)."""
    rows = await connection.execute(select(tables.study).where(*_seen(studies, onlooker, generation)))
    found = []
    for row in rows.all():
        series = await _series_of(connection, row.uid, onlooker, generation)
        if series:
            found.append(_study(row, series))
    return tuple(sorted(found, key=lambda study: (study.study_date, study.study_time, study.uid)))


async def are_served(
    connection: AsyncConnection, studies: Collection[str], onlooker: Onlooker, generation: int | None = None
) -> tuple[str, ...]:
    """Return which of these studies are known and not withheld from the onlooker, in one fixed order."""
    found = await connection.execute(select(tables.study.c.uid).where(*_seen(studies, onlooker, generation)))
    return tuple(sorted(found.scalars()))


def _seen(studies: Collection[str], onlooker: Onlooker, generation: int | None) -> list[ColumnElement[bool]]:
    table = tables.study.c
    released = is_released(table.uid, onlooker, generation)
    return [table.uid.in_(studies), table.withheld == "", is_settled(table.uid), released]


async def reports_of(
    connection: AsyncConnection, studies: Collection[str], onlooker: Onlooker
) -> dict[str, tuple[str, str, HeldReport]]:
    """Return the readable reports in these studies as they are now: by UID, each with study, own UID and content.

    Whether the studies may be seen was decided before.
    """
    table, reports = tables.instance, tables.report
    rows = await connection.execute(
        select(
            table.c.study_uid, table.c.sop_uid, table.c.object_key, table.c.object_version, table.c.start.label("at"),
            table.c.length.label("size"), table.c.crc32.label("sum"), table.c.keeps_preamble, reports,
        )
        .join(reports, reports.c.instance_id == table.c.id)
        .where(table.c.study_uid.in_(studies), table.c.gone.is_(None), may_leave(onlooker))
    )  # fmt: skip
    found = {}
    for row in rows:
        file = Stored(row.object_key, row.object_version, row.at, row.size, row.sum, is_dicom=not row.keeps_preamble)
        found[row.sop_uid] = (row.study_uid, row.sop_uid, _report(row, file))
    return found


async def model_of(connection: AsyncConnection, instances: Sequence[HeldInstance]) -> tuple[str, ...]:
    """Return the JSON model of these instances, as text, in their order."""
    table, models = tables.instance_metadata, dict[int, str]()
    row_ids = [instance.row_id for instance in instances]
    for start in range(0, len(row_ids), 500):
        some = row_ids[start : start + 500]
        rows = await connection.execute(
            select(table.c.instance_id, table.c.model).where(table.c.instance_id.in_(some))
        )
        models |= {row.instance_id: row.model for row in rows}
    return tuple(models[row_id] for row_id in row_ids)


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """Return how many instances and studies there are, and how many studies are withheld (for metrics)."""
    table = tables.instance
    instances = select(func.count()).select_from(table).where(table.c.gone.is_(None))
    withheld = select(func.count()).select_from(tables.study).where(tables.study.c.withheld != "")
    return {
        "instances": (await connection.execute(instances)).scalar_one(),
        "withheld": (await connection.execute(withheld)).scalar_one(),
    }


async def _series_of(
    connection: AsyncConnection, study_uid: str, onlooker: Onlooker, generation: int | None
) -> tuple[HeldSeries, ...]:
    instances = await _instances_of(connection, study_uid, onlooker, generation)
    records = await _records_of(connection, [files[0].row_id for files in instances.values()])
    table = tables.series
    rows = await connection.execute(select(table).where(table.c.study_uid == study_uid))
    found = [_series(row, instances[row.uid], records) for row in rows.all() if row.uid in instances]
    return tuple(sorted(found, key=lambda series: (_by_number(series.number), series.uid)))


async def _instances_of(
    connection: AsyncConnection, study_uid: str, onlooker: Onlooker, generation: int | None
) -> dict[str, list[HeldInstance]]:
    """Return the instances of a study by series. The hot part of a first byte: rows are taken apart by place."""
    table = tables.instance
    lived: ColumnElement[bool] = table.c.gone.is_(None)
    if generation is not None:
        lived = and_(table.c.born <= generation, or_(table.c.gone.is_(None), table.c.gone > generation))
    here = and_(table.c.study_uid == study_uid, lived, may_leave(onlooker, generation))
    reports = await _reports_of(connection, here)
    rows = await connection.execute(select(table.c.series_uid, *(table.c[name] for name in _COLUMNS)).where(here))
    found: dict[str, list[HeldInstance]] = {}
    for series_uid, *values in rows.all():
        found.setdefault(series_uid, []).append(_instance(values, reports))
    for files in found.values():
        files.sort(key=lambda file: (_by_number(file.number), file.sop_uid))
    return found


def _instance(values: Sequence[Any], reports: Mapping[int, Row[*tuple[Any, ...]]]) -> HeldInstance:
    row_id, sop_uid, sop_class, number, syntax, key, version, start, length, crc32, sha256, *rest = values
    leaf, missing, keeps = rest
    file = Stored(intern(key), intern(version), start, length, crc32, is_dicom=not keeps)
    report = _report(reports[row_id], file) if row_id in reports else None
    return HeldInstance(
        row_id, sop_uid, intern(sop_class), number, intern(syntax), file, sha256, leaf, intern(missing), report
    )


async def _reports_of(connection: AsyncConnection, here: ColumnElement[bool]) -> dict[int, Row[*tuple[Any, ...]]]:
    report = tables.report
    rows = await connection.execute(
        select(report).join(tables.instance, tables.instance.c.id == report.c.instance_id).where(here)
    )
    return {row.instance_id: row for row in rows}


def _report(row: Row[*tuple[Any, ...]], file: Stored) -> HeldReport:
    content: Stored | bytes = row.body
    if row.start is not None:
        content = Stored(file.key, file.version, file.start + row.start, row.length, row.crc32, is_dicom=False)
    return HeldReport(row.kind, row.title, content, row.crc32, row.sha256)


async def _records_of(connection: AsyncConnection, row_ids: Iterable[int]) -> dict[int, tuple[bytes, bytes, bytes]]:
    table = tables.instance
    rows = await connection.execute(
        select(table.c.id, table.c.patient_record, table.c.study_record, table.c.series_record).where(
            table.c.id.in_(list(row_ids))
        )
    )
    return {row.id: (row.patient_record, row.study_record, row.series_record) for row in rows}


def _by_number(number: int | None) -> tuple[bool, int]:
    """Sort what has no number last."""
    return number is None, number or 0


def _study(row: Row[*tuple[Any, ...]], series: tuple[HeldSeries, ...]) -> HeldStudy:
    return HeldStudy(
        uid=row.uid,
        issuer=row.issuer,
        local_number=row.local_number,
        patient_name=row.patient_name,
        birth_date=row.birth_date,
        sex=row.sex,
        study_date=row.study_date,
        study_time=row.study_time,
        description=row.description,
        accession=row.accession,
        bsn=BSN(row.bsn) if row.bsn else None,
        series=series,
    )


def _series(
    row: Row[*tuple[Any, ...]], files: Sequence[HeldInstance], records: dict[int, tuple[bytes, bytes, bytes]]
) -> HeldSeries:
    patient, study, series = records[files[0].row_id]
    return HeldSeries(
        uid=row.uid,
        number=row.number,
        modality=row.modality,
        description=row.description,
        body_part=row.body_part,
        laterality=row.laterality,
        instances=tuple(files),
        patient_record=patient,
        study_record=study,
        series_record=series,
    )
