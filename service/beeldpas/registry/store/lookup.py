"""Finding what is registered for one person: studies, their reports, and where to fetch them.

What is withheld from whoever asks is not looked for, so it is in no list, no count and no reference.
*Source:* EHDS (Regulation (EU) 2025/327) art. 8: of a restriction, providers see no trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, Table, exists, func, not_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store import endpoints
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.tables import diagnostic_report, imaging_study, restriction

HIDDEN = ("cancelled", "entered-in-error")
Audience = Literal["patient", "representative", "provider"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a person's studies: who looks, changed when (from inclusive, to exclusive), after which, how many."""

    audience: Audience
    most: int
    after: tuple[date, str] | None = None
    changed_from: datetime | None = None
    changed_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A page of what is registered for one person; `total` counts all pages, `last` is where the next one begins."""

    studies: tuple[Kept, ...] = ()
    reports: tuple[Kept, ...] = ()
    endpoints: tuple[Kept, ...] = ()
    total: int = 0
    last: tuple[date, str] | None = field(default=None)


async def of_person(connection: AsyncConnection, pseudonyms: Sequence[str], wanted: Wanted) -> Registered:
    """Return what stands under any of a person's pseudonyms, newest study first."""
    rows = await _studies(connection, pseudonyms, wanted)
    if not rows:
        return Registered()
    has_more = len(rows) > wanted.most
    page = rows[: wanted.most]
    total = len(page)
    if has_more or wanted.after is not None:
        total = await _count(connection, pseudonyms, wanted)
    reports = await connection.execute(_reports(pseudonyms, wanted.audience))
    return Registered(
        studies=tuple(_kept(row, wanted.audience) for row in page),
        reports=tuple(_kept(row, wanted.audience) for row in reports),
        endpoints=await endpoints.of_hospitals(connection, sorted({row.gateway_id for row in page})),
        total=total,
        last=(page[-1].started, page[-1].entry_id) if has_more else None,
    )


async def _studies(connection: AsyncConnection, pseudonyms: Sequence[str], wanted: Wanted) -> Sequence[Row[Any]]:
    """One more than wanted, so that it is known whether there are more."""
    table = imaging_study.c
    statement = select(imaging_study, _is_restricted().label("restricted")).where(*_seen(pseudonyms, wanted))
    if wanted.after is not None:
        statement = statement.where(tuple_(table.started, table.entry_id) < tuple_(*wanted.after))
    ordered = statement.order_by(table.started.desc(), table.entry_id.desc()).limit(wanted.most + 1)
    return (await connection.execute(ordered)).all()


async def _count(connection: AsyncConnection, pseudonyms: Sequence[str], wanted: Wanted) -> int:
    statement = select(func.count()).select_from(imaging_study).where(*_seen(pseudonyms, wanted))
    return int((await connection.execute(statement)).scalar_one())


def _seen(pseudonyms: Sequence[str], wanted: Wanted) -> list[ColumnElement[bool]]:
    table = imaging_study.c
    conditions = seen_by(imaging_study, pseudonyms, wanted.audience)
    if wanted.audience == "provider":
        conditions.append(not_(_is_restricted()))
    if wanted.changed_from is not None:
        conditions.append(table.updated_at >= wanted.changed_from)
    if wanted.changed_to is not None:
        conditions.append(table.updated_at < wanted.changed_to)
    return conditions


def _reports(pseudonyms: Sequence[str], audience: Audience) -> Select[Any]:
    table = diagnostic_report
    return select(table).where(*seen_by(table, pseudonyms, audience)).order_by(table.c.gateway_id, table.c.key)


def seen_by(table: Table, pseudonyms: Sequence[str], audience: Audience) -> list[ColumnElement[bool]]:
    """Return the conditions on entries of a person that whoever looks may see."""
    conditions: list[ColumnElement[bool]] = [table.c.pseudonym.in_(pseudonyms), table.c.status.not_in(HIDDEN)]
    if audience == "provider":
        conditions.append(not_(table.c.from_providers))
    if audience == "representative":
        conditions.append(not_(table.c.from_representatives))
    return conditions


def _is_restricted() -> ColumnElement[bool]:
    """Say whether the person keeps this study from providers."""
    study, kept = imaging_study.c, restriction.c
    return exists().where(kept.pseudonym == study.pseudonym, kept.study_uid == study.key)


def _kept(row: Row[Any], audience: Audience) -> Kept:
    withheld = () if audience == "provider" else _withheld(row)
    return Kept(row.entry_id, row.gateway_id, row.key, row.version, row.updated_at, row.resource, withheld)


def _withheld(row: Row[Any]) -> tuple[str, ...]:
    by_patient = ("by-patient",) if row._mapping.get("restricted") else ()
    providers = ("providers",) if row.from_providers else ()
    return (*by_patient, *providers, *(("representatives",) if row.from_representatives else ()))
