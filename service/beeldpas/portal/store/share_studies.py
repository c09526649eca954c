"""Which studies a share holds, as the patient saw them when confirming."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.portal.store.tables import share_study as table


@dataclass(frozen=True, slots=True)
class SharedStudy:
    """One study at one hospital; `reports` is how many, never what they say. Unknown is empty or None."""

    uid: str
    gateway_id: str
    hospital: str
    modalities: tuple[str, ...]
    body_part: str
    laterality: str
    started: date | None
    description: str
    instances: int | None
    reports: int


async def insert_all(connection: AsyncConnection, share_id: str, studies: Iterable[SharedStudy]) -> None:
    """Keep the studies of a new share in the order in which they were chosen."""
    rows = [
        {
            "share_id": share_id,
            "gateway_id": study.gateway_id,
            "study_uid": study.uid,
            "position": position,
            "hospital": study.hospital,
            "modalities": list(study.modalities),
            "body_part": study.body_part,
            "laterality": study.laterality,
            "started": study.started,
            "description": study.description,
            "instances": study.instances,
            "reports": study.reports,
        }
        for position, study in enumerate(studies)
    ]
    await connection.execute(insert(table), rows)


async def of_shares(connection: AsyncConnection, share_ids: Sequence[str]) -> Mapping[str, tuple[SharedStudy, ...]]:
    """Return the studies of each share, in order."""
    statement = select(table).where(table.c.share_id.in_(share_ids)).order_by(table.c.position)
    found: dict[str, list[SharedStudy]] = defaultdict(list)
    for row in await connection.execute(statement):
        found[row.share_id].append(
            SharedStudy(
                uid=row.study_uid,
                gateway_id=row.gateway_id,
                hospital=row.hospital,
                modalities=tuple(row.modalities),
                body_part=row.body_part,
                laterality=row.laterality,
                started=row.started,
                description=row.description,
                instances=row.instances,
                reports=row.reports,
            )
        )
    return {share_id: tuple(studies) for share_id, studies in found.items()}


async def of_share(connection: AsyncConnection, share_id: str) -> tuple[SharedStudy, ...]:
    """Return the studies of one share, in order."""
    return (await of_shares(connection, [share_id])).get(share_id, ())
