"""Finding what is registered for one person: studies, their reports, and where to fetch them.

What is withheld from whoever asks is not looked for, so it is in no list, no count and no reference.
*Source:* EHDS (Regulation (EU) 2025/327) art. 8: of a restriction, providers see no trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    String,
    Table,
    bindparam,
    exists,
    func,
    not_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store import endpoints
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.tables import diagnostic_report, imaging_study, restriction

HIDDEN = ("cancelled", "entered-in-error")
Audience = Literal["patient", "representative", "provider", "provider for representative"]
PROVIDERS: frozenset[Audience] = frozenset({"provider", "provider for representative"})
REPRESENTATIVES: frozenset[Audience] = frozenset({"representative", "provider for representative"})


class Shape(NamedTuple):
    """What the statements of a search depend on, whatever its values."""

    audience: Audience
    goes_on: bool
    has_begin: bool
    has_end: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a person's studies: who looks, changed when (from inclusive, to exclusive), after which, how many."""

    audience: Audience
    most: int
    after: tuple[date, str] | None = None
    changed_from: datetime | None = None
    changed_to: datetime | None = None

    @property
    def shape(self) -> Shape:
        """Which statements answer this."""
        return Shape(
            self.audience, self.after is not None, self.changed_from is not None, self.changed_to is not None
        )

    def values(self, pseudonyms: Sequence[str]) -> dict[str, Any]:
        """What they are given."""
        day, entry_id = self.after or (None, None)
        given = {
            "names": list(pseudonyms),
            "last_day": day,
            "last_id": entry_id,
            "changed_from": self.changed_from,
            "changed_to": self.changed_to,
        }
        return {name: value for name, value in given.items() if value is not None}


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
    values = wanted.values(pseudonyms)
    # One more than wanted, so that it is known whether there are more.
    rows = (await connection.execute(_studies(wanted.shape), {**values, "most": wanted.most + 1})).all()
    if not rows:
        return Registered()
    has_more = len(rows) > wanted.most
    page = rows[: wanted.most]
    total = len(page)
    if has_more or wanted.after is not None:
        total = int((await connection.execute(_count(wanted.shape), values)).scalar_one())
    reports = await connection.execute(_reports(wanted.audience), {"names": list(pseudonyms)})
    return Registered(
        studies=tuple(_kept(row, wanted.audience) for row in page),
        reports=tuple(_kept(row, wanted.audience) for row in reports),
        endpoints=await endpoints.of_hospitals(connection, sorted({row.gateway_id for row in page})),
        total=total,
        last=(page[-1].started, page[-1].entry_id) if has_more else None,
    )


# Statements are made once for each shape: making one takes longer than many a question takes the database.


@lru_cache(maxsize=64)
def _studies(shape: Shape) -> Select[Any]:
    table = imaging_study.c
    statement = select(imaging_study, _is_restricted().label("restricted")).where(*_seen(shape))
    if shape.goes_on:
        place = tuple_(bindparam("last_day", type_=Date), bindparam("last_id", type_=String))
        statement = statement.where(tuple_(table.started, table.entry_id) < place)
    return statement.order_by(table.started.desc(), table.entry_id.desc()).limit(bindparam("most", type_=Integer))


@lru_cache(maxsize=64)
def _count(shape: Shape) -> Select[Any]:
    return select(func.count()).select_from(imaging_study).where(*_seen(shape))


@lru_cache(maxsize=8)
def _reports(audience: Audience) -> Select[Any]:
    table = diagnostic_report
    return select(table).where(*seen_by(table, audience)).order_by(table.c.gateway_id, table.c.key)


def _seen(shape: Shape) -> list[ColumnElement[bool]]:
    conditions = seen_by(imaging_study, shape.audience)
    if shape.audience in PROVIDERS:
        conditions.append(not_(_is_restricted()))
    if shape.has_begin:
        conditions.append(imaging_study.c.updated_at >= bindparam("changed_from"))
    if shape.has_end:
        conditions.append(imaging_study.c.updated_at < bindparam("changed_to"))
    return conditions


def seen_by(table: Table, audience: Audience) -> list[ColumnElement[bool]]:
    """Return the conditions on entries of a person (`names`) that whoever looks may see."""
    theirs = table.c.pseudonym.in_(bindparam("names", expanding=True))
    conditions: list[ColumnElement[bool]] = [theirs, table.c.status.not_in(HIDDEN)]
    if audience in PROVIDERS:
        conditions.append(not_(table.c.from_providers))
    if audience in REPRESENTATIVES:
        conditions.append(not_(table.c.from_representatives))
    return conditions


def _is_restricted() -> ColumnElement[bool]:
    """Say whether the person keeps this study from providers."""
    study, kept = imaging_study.c, restriction.c
    return exists().where(kept.pseudonym == study.pseudonym, kept.study_uid == study.key)


def _kept(row: Row[Any], audience: Audience) -> Kept:
    withheld = () if audience in PROVIDERS else _withheld(row)
    return Kept(row.entry_id, row.gateway_id, row.key, row.version, row.updated_at, row.resource, withheld)


def _withheld(row: Row[Any]) -> tuple[str, ...]:
    by_patient = ("by-patient",) if row._mapping.get("restricted") else ()
    providers = ("providers",) if row.from_providers else ()
    return (*by_patient, *providers, *(("representatives",) if row.from_representatives else ()))
