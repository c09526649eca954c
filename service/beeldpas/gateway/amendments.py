"""Reports that take the place of others: by their own word, or as the later of two with one title in one series.

The older one stays in the download, labelled: who acted on it must be able to see what it said.
*Source:* DICOM PS3.3 §C.17.2 (Predecessor Documents Sequence).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.once import insert_once
from beeldpas.gateway.release import Onlooker, may_leave
from beeldpas.gateway.scan import Scanned
from beeldpas.gateway.store.changes import amended_report
from beeldpas.gateway.store.tables import instance, instance_metadata, report

_DATE, _TIME = "00080023", "00080033"


async def keep(connection: AsyncConnection, scans: Sequence[Scanned]) -> None:
    """Note which reports these files take the place of; only within one study."""
    for one in scans:
        own = one.instance
        for named in one.predecessors:
            if named.study_uid == own.study_uid and named.sop_uid != own.sop_uid:
                await _note(connection, own.study_uid, own.sop_uid, named.sop_uid)
    for study_uid in sorted({one.instance.study_uid for one in scans if one.document and one.document.kind == "pdf"}):
        for newer, older in await _versions(connection, study_uid):
            await _note(connection, study_uid, newer, older)


async def _note(connection: AsyncConnection, study_uid: str, newer: str, older: str) -> None:
    row = {"sop_uid": newer, "replaces": older, "study_uid": study_uid}
    await insert_once(connection, amended_report, row, ["sop_uid", "replaces"])


async def _versions(connection: AsyncConnection, study_uid: str) -> list[tuple[str, str]]:
    """Return the newest PDF with each earlier one of the same title in its series, as (newer, older)."""
    rows = await connection.execute(
        select(instance.c.sop_uid, instance.c.series_uid, report.c.title, instance_metadata.c.model)
        .join(report, report.c.instance_id == instance.c.id)
        .join(instance_metadata, instance_metadata.c.instance_id == instance.c.id)
        .where(instance.c.study_uid == study_uid, instance.c.gone.is_(None), report.c.kind == "pdf")
    )
    versions = defaultdict[tuple[str, str], list[tuple[str, str]]](list)
    for row in rows:
        if moment := _content_moment(row.model):
            versions[row.series_uid, row.title].append((moment, row.sop_uid))
    pairs = []
    for found in versions.values():
        newest, sop_uid = max(found)
        pairs += [(sop_uid, older) for moment, older in found if moment < newest]
    return pairs


def _content_moment(model: str) -> str:
    """Return when a document was written, to be compared; "" when it does not say."""
    elements = json.loads(model)
    day, time = (str((elements.get(tag, {}).get("Value") or [""])[0]) for tag in (_DATE, _TIME))
    return f"{day} {time}" if day else ""


async def replaced(
    connection: AsyncConnection, studies: Collection[str], onlooker: Onlooker, generation: int | None = None
) -> dict[str, str]:
    """Return the reports that another one has taken the place of, as that generation has it: older to newer."""
    lives: ColumnElement[bool] = instance.c.gone.is_(None)
    if generation is not None:
        lives = and_(instance.c.born <= generation, or_(lives, instance.c.gone > generation))
    rows = await connection.execute(
        select(amended_report.c.replaces, amended_report.c.sop_uid)
        .join(instance, instance.c.sop_uid == amended_report.c.sop_uid)
        .where(amended_report.c.study_uid.in_(studies), instance.c.study_uid == amended_report.c.study_uid)
        .where(lives, may_leave(onlooker, generation))
        .order_by(amended_report.c.replaces, amended_report.c.sop_uid)
    )
    return {row.replaces: row.sop_uid for row in rows}
