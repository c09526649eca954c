"""Reading the index: what is held of some studies, as a generation of the index has it, in one fixed order.

Withheld studies, and those that are not fetched whole yet, are as if they were not there.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.gateway.holdings import HeldInstance, HeldReport, HeldSeries, HeldStudy
from beeldpas.gateway.pacs.whole import is_settled
from beeldpas.gateway.pump import Stored
from beeldpas.gateway.store import tables


async def held(
    connection: AsyncConnection, studies: Collection[str], generation: int | None = None
) -> tuple[HeldStudy, ...]:
    """Return what is held of these studies, oldest first, as that generation of the index has it (now, when None)."""
    rows = await connection.execute(
        select(tables.study).where(
            tables.study.c.uid.in_(studies), tables.study.c.withheld == "", is_settled(tables.study.c.uid)
        )
    )
    found = []
    for row in rows.all():
        series = await _series_of(connection, row.uid, generation)
        if series:
            found.append(_study(row, series))
    return tuple(sorted(found, key=lambda study: (study.study_date, study.study_time, study.uid)))


async def are_served(connection: AsyncConnection, studies: Collection[str]) -> tuple[str, ...]:
    """Return which of these studies are known and not withheld, in one fixed order."""
    table = tables.study
    wanted = select(table.c.uid).where(table.c.uid.in_(studies), table.c.withheld == "", is_settled(table.c.uid))
    found = await connection.execute(wanted)
    return tuple(sorted(found.scalars()))


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


async def _series_of(connection: AsyncConnection, study_uid: str, generation: int | None) -> tuple[HeldSeries, ...]:
    instances = await _instances_of(connection, study_uid, generation)
    records = await _records_of(connection, [files[0].row_id for files in instances.values()])
    table = tables.series
    rows = await connection.execute(select(table).where(table.c.study_uid == study_uid))
    found = [_series(row, instances[row.uid], records) for row in rows.all() if row.uid in instances]
    return tuple(sorted(found, key=lambda series: (_by_number(series.number), series.uid)))


async def _instances_of(
    connection: AsyncConnection, study_uid: str, generation: int | None
) -> dict[str, list[HeldInstance]]:
    table, report = tables.instance, tables.report
    lived: ColumnElement[bool] = table.c.gone.is_(None)
    if generation is not None:
        lived = and_(table.c.born <= generation, or_(table.c.gone.is_(None), table.c.gone > generation))
    rows = await connection.execute(
        select(
            table.c.id,
            table.c.sop_uid,
            table.c.sop_class,
            table.c.series_uid,
            table.c.number,
            table.c.transfer_syntax,
            table.c.object_key,
            table.c.object_version,
            table.c.start,
            table.c.length,
            table.c.crc32,
            table.c.sha256,
            table.c.leaf_record,
            table.c.missing,
            report.c.kind,
            report.c.title,
            report.c.start.label("report_start"),
            report.c.body,
            report.c.length.label("report_length"),
            report.c.crc32.label("report_crc32"),
            report.c.sha256.label("report_sha256"),
        )
        .select_from(table.outerjoin(report, report.c.instance_id == table.c.id))
        .where(table.c.study_uid == study_uid, lived)
    )
    found: dict[str, list[HeldInstance]] = {}
    for row in rows:
        found.setdefault(row.series_uid, []).append(_instance(row))
    for files in found.values():
        files.sort(key=lambda file: (_by_number(file.number), file.sop_uid))
    return found


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


def _instance(row: Row[*tuple[Any, ...]]) -> HeldInstance:
    file = Stored(row.object_key, row.object_version, row.start, row.length, row.crc32)
    return HeldInstance(
        row_id=row.id,
        sop_uid=row.sop_uid,
        sop_class=row.sop_class,
        number=row.number,
        transfer_syntax=row.transfer_syntax,
        file=file,
        sha256=row.sha256,
        leaf_record=row.leaf_record,
        missing=row.missing,
        report=_report(row) if row.kind else None,
    )


def _report(row: Row[*tuple[Any, ...]]) -> HeldReport:
    content: Stored | bytes = row.body
    if row.report_start is not None:
        content = Stored(
            row.object_key,
            row.object_version,
            row.start + row.report_start,
            row.report_length,
            row.report_crc32,
            is_dicom=False,
        )
    return HeldReport(row.kind, row.title, content, row.report_crc32, row.report_sha256)
