"""Finding what is registered for one person: studies, their reports, and where to fetch them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store.tables import diagnostic_report, endpoint, imaging_study

HIDDEN = ("cancelled", "entered-in-error")


@dataclass(frozen=True, slots=True)
class Kept:
    """One entry as it is kept; `key` is the study UID, the report's identifier or the gateway's id."""

    entry_id: str
    gateway_id: str
    key: str
    version: int
    updated_at: datetime
    resource: str


@dataclass(frozen=True, slots=True)
class Registered:
    """Everything that is registered for one person and not withdrawn."""

    studies: tuple[Kept, ...]
    reports: tuple[Kept, ...]
    endpoints: tuple[Kept, ...]


async def of_person(connection: AsyncConnection, pseudonyms: Sequence[str]) -> Registered:
    """Return what stands under any of a person's pseudonyms, newest study first."""
    studies = await _entries(connection, imaging_study, "study_uid", pseudonyms, imaging_study.c.started.desc())
    if not studies:
        return Registered((), (), ())
    reports = await _entries(connection, diagnostic_report, "identifier", pseudonyms)
    hospitals = {study.gateway_id for study in studies}
    rows = await connection.execute(
        select(endpoint).where(endpoint.c.gateway_id.in_(hospitals)).order_by(endpoint.c.gateway_id)
    )
    endpoints = tuple(_kept(row, row.gateway_id, row.gateway_id) for row in rows)
    return Registered(studies, reports, endpoints)


async def _entries(
    connection: AsyncConnection, table: Table, key: str, pseudonyms: Sequence[str], *order: Any
) -> tuple[Kept, ...]:
    rows = await connection.execute(
        select(table)
        .where(table.c.pseudonym.in_(pseudonyms), table.c.status.not_in(HIDDEN))
        .order_by(*order, table.c.gateway_id, table.c[key])
    )
    return tuple(_kept(row, row.entry_id, getattr(row, key)) for row in rows)


def _kept(row: Row[Any], entry_id: str, key: str) -> Kept:
    return Kept(entry_id, row.gateway_id, key, row.version, row.updated_at, row.resource)
