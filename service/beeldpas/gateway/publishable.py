"""Which studies the registry should know, as the index has them now: mapped to a person, not withheld, with images.

*Source:* docs/wire.md §2; DICOM PS3.3 §C.7.5.1 (Institution Name: where the images were made).
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.domain.bsn import BSN
from beeldpas.formats.fhir.publication import PublicationBasis, PublishedReport, PublishedSeries, PublishedStudy
from beeldpas.gateway.store.tables import instance, instance_metadata, report, series, study

_INSTITUTION = "00080080"


@dataclass(frozen=True, slots=True)
class Own:
    """What a hospital knows of itself: on what ground it publishes, and under which names it makes images."""

    basis: PublicationBasis
    institutions: frozenset[str]


async def studies_after(connection: AsyncConnection, study_uid: str, limit: int, own: Own) -> list[PublishedStudy]:
    """Return the next studies to be known, in the order of their UIDs."""
    living = select(instance.c.study_uid).where(instance.c.gone.is_(None))
    rows = list(
        await connection.execute(
            select(study)
            .where(study.c.uid > study_uid, study.c.withheld == "", study.c.bsn != "", study.c.uid.in_(living))
            .order_by(study.c.uid)
            .limit(limit)
        )
    )
    uids = [row.uid for row in rows]
    parts = await _series_of(connection, uids)
    reports = await _reports_of(connection, uids)
    made_at = await _institutions_of(connection, uids)
    return [_study(row, parts[row.uid], reports[row.uid], made_at.get(row.uid, ""), own) for row in rows]


async def are_publishable(connection: AsyncConnection, study_uids: Sequence[str]) -> set[str]:
    """Return which of these studies the registry should still know."""
    living = select(instance.c.study_uid).where(instance.c.gone.is_(None))
    rows = await connection.execute(
        select(study.c.uid).where(
            study.c.uid.in_(study_uids), study.c.withheld == "", study.c.bsn != "", study.c.uid.in_(living)
        )
    )
    return set(rows.scalars())


async def _series_of(connection: AsyncConnection, uids: Sequence[str]) -> Mapping[str, list[PublishedSeries]]:
    counts = (
        select(instance.c.study_uid, instance.c.series_uid, func.count().label("instances"))
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None))
        .group_by(instance.c.study_uid, instance.c.series_uid)
        .subquery()
    )
    rows = await connection.execute(
        select(series, counts.c.instances)
        .join(counts, (counts.c.study_uid == series.c.study_uid) & (counts.c.series_uid == series.c.uid))
        .order_by(series.c.number, series.c.uid)
    )
    found: dict[str, list[PublishedSeries]] = defaultdict(list)
    for row in rows:
        found[row.study_uid].append(
            PublishedSeries(
                uid=row.uid,
                number=_count(row.number),
                modality=row.modality or "OT",
                description=_clean(row.description),
                instances=row.instances,
                body_part=_clean(row.body_part),
                laterality=row.laterality,
            )
        )
    return found


async def _reports_of(connection: AsyncConnection, uids: Sequence[str]) -> Mapping[str, list[PublishedReport]]:
    rows = await connection.execute(
        select(instance.c.study_uid, instance.c.sop_uid, study.c.study_date)
        .join(report, report.c.instance_id == instance.c.id)
        .join(study, study.c.uid == instance.c.study_uid)
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None))
        .order_by(instance.c.sop_uid)
    )
    found: dict[str, list[PublishedReport]] = defaultdict(list)
    for row in rows:
        found[row.study_uid].append(PublishedReport(row.sop_uid, "final", _day(row.study_date)))
    return found


async def _institutions_of(connection: AsyncConnection, uids: Sequence[str]) -> dict[str, str]:
    """Where the first living file of each study says that it was made."""
    first = (
        select(func.min(instance.c.id))
        .where(instance.c.study_uid.in_(uids), instance.c.gone.is_(None))
        .group_by(instance.c.study_uid)
    )
    rows = await connection.execute(
        select(instance.c.study_uid, instance_metadata.c.model)
        .join(instance_metadata, instance_metadata.c.instance_id == instance.c.id)
        .where(instance.c.id.in_(first))
    )
    return {row.study_uid: _institution(json.loads(row.model)) for row in rows}


def _institution(model: Mapping[str, Any]) -> str:
    values = model.get(_INSTITUTION, {}).get("Value") or [""]
    return str(values[0])


def _study(
    row: Row[Any], parts: list[PublishedSeries], reports: list[PublishedReport], made_at: str, own: Own
) -> PublishedStudy:
    return PublishedStudy(
        study_uid=row.uid,
        bsn=BSN(row.bsn),
        basis=own.basis,
        origin=not made_at.strip() or made_at.strip().casefold() in own.institutions,
        accession=_clean(row.accession),
        started=_day(row.study_date),
        description=_clean(row.description),
        procedure="",
        series=tuple(parts),
        reports=tuple(reports),
    )


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return None


def _count(number: int | None) -> int | None:
    return number if number is not None and 0 <= number < 2**31 else None


def _clean(text: str) -> str:
    """One line that FHIR can carry, whatever a header holds."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
