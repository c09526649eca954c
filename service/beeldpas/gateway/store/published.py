"""What this hospital last told the registry of each study, so that publishing goes on where it stopped."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Row, String, Table, Text, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.instant import Instant
from beeldpas.domain.bsn import BSN
from beeldpas.gateway.store.tables import metadata

published = Table(
    "published",
    metadata,
    Column("study_uid", String(64), primary_key=True),
    Column("bsn", String(9), nullable=False),
    Column("reports", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("published_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one study: to whom it was said to belong, which reports, and a digest of it all."""

    study_uid: str
    bsn: BSN
    reports: tuple[str, ...]
    digest: str
    withdrawn: bool


async def told_of(connection: AsyncConnection, study_uids: Sequence[str]) -> dict[str, Told]:
    """Return what was told of these studies, as far as anything was."""
    rows = await connection.execute(select(published).where(published.c.study_uid.in_(study_uids)))
    return {row.study_uid: _told(row) for row in rows}


async def told_after(connection: AsyncConnection, study_uid: str, limit: int) -> list[Told]:
    """Return the next studies that stand in the registry, in the order of their UIDs."""
    rows = await connection.execute(
        select(published)
        .where(published.c.study_uid > study_uid, published.c.withdrawn.is_(False))
        .order_by(published.c.study_uid)
        .limit(limit)
    )
    return [_told(row) for row in rows]


async def remember(connection: AsyncConnection, told: Sequence[Told], now: datetime) -> None:
    """Note what the registry has taken."""
    if not told:
        return
    await connection.execute(delete(published).where(published.c.study_uid.in_([one.study_uid for one in told])))
    rows = [
        {
            "study_uid": one.study_uid,
            "bsn": one.bsn.reveal(),
            "reports": json.dumps(one.reports),
            "digest": one.digest,
            "withdrawn": one.withdrawn,
            "published_at": now,
        }
        for one in told
    ]
    await connection.execute(insert(published), rows)


def _told(row: Row[Any]) -> Told:
    columns = row._mapping
    return Told(
        study_uid=columns["study_uid"],
        bsn=BSN(columns["bsn"]),
        reports=tuple(json.loads(columns["reports"])),
        digest=columns["digest"],
        withdrawn=columns["withdrawn"],
    )
