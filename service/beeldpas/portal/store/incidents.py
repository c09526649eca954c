"""Studies whose hospital contradicts others about whose they are: each noted once, with whether it was told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Boolean, Column, ColumnElement, String, Table, Text, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.database.instant import Instant
from beeldpas.database.once import insert_once
from beeldpas.domain.identity import Doubt
from beeldpas.portal.store.tables import metadata

# `against`: the hospitals (or the sign-in) that say otherwise, in order, with commas between.
table = Table(
    "identity_incident",
    metadata,
    Column("study_uid", String(64), primary_key=True),
    Column("gateway_id", String(64), primary_key=True),
    Column("attribute", String(16), primary_key=True),
    Column("against", Text, nullable=False),
    Column("is_outvoted", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("told_at", Instant),
)
_KEY = ["study_uid", "gateway_id", "attribute"]


async def note(connection: AsyncConnection, doubts: Iterable[Doubt], now: datetime) -> list[Doubt]:
    """Note doubts; return those that are new, or weigh more than when they were noted first."""
    fresh = []
    for one in doubts:
        row = _row(one) | {"seen_at": now, "told_at": None}
        if await insert_once(connection, table, row, _KEY):
            fresh.append(one)
        elif one.is_outvoted:
            weighs_more = (*_is(one), table.c.is_outvoted.is_(False))
            changed = update(table).where(*weighs_more).values(row).returning(table.c.study_uid)
            fresh += [one] * len((await connection.execute(changed)).all())
    return fresh


async def untold(connection: AsyncConnection, doubts: Iterable[Doubt]) -> list[Doubt]:
    """Return those of these doubts that their hospital does not know yet."""
    known = []
    for one in doubts:
        found = await connection.execute(select(table.c.told_at).where(*_is(one), table.c.told_at.is_(None)))
        known += [one] * len(found.all())
    return known


async def note_told(connection: AsyncConnection, doubts: Iterable[Doubt], now: datetime) -> None:
    """Note that a hospital knows."""
    for one in doubts:
        await connection.execute(update(table).where(*_is(one)).values(told_at=now))


async def count(connection: AsyncConnection) -> dict[tuple[str, str], int]:
    """Return how many there are, by hospital and attribute."""
    found = dict[tuple[str, str], int]()
    for row in await connection.execute(select(table.c.gateway_id, table.c.attribute)):
        key = (row.gateway_id, row.attribute)
        found[key] = found.get(key, 0) + 1
    return found


def _is(one: Doubt) -> tuple[ColumnElement[bool], ...]:
    same = (table.c.study_uid == one.study_uid, table.c.gateway_id == one.hospital)
    return (*same, table.c.attribute == one.attribute.value)


def _row(one: Doubt) -> dict[str, str | bool]:
    return {
        "study_uid": one.study_uid,
        "gateway_id": one.hospital,
        "attribute": one.attribute.value,
        "against": ",".join(one.against),
        "is_outvoted": one.is_outvoted,
    }
