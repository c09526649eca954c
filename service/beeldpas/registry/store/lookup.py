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
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store import endpoints
from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.tables import diagnostic_report, imaging_study, restriction

TOLD = (
    "entry_id", "gateway_id", "key", "version", "updated_at", "resource", "from_providers", "from_representatives"
)  # fmt: skip
HIDDEN = ("cancelled", "entered-in-error")
Audience = Literal["patient", "representative", "provider", "provider for representative"]
PROVIDERS: frozenset[Audience] = frozenset({"provider", "provider for representative"})
REPRESENTATIVES: frozenset[Audience] = frozenset({"representative", "provider for representative"})


class Shape(NamedTuple):
    """What the statements of a search depend on, whatever its values."""

    names: int
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

    def shape(self, pseudonyms: Sequence[str]) -> Shape:
        """Which statements answer this."""
        goes_on, begin, end = (one is not None for one in (self.after, self.changed_from, self.changed_to))
        return Shape(len(pseudonyms), self.audience, goes_on, begin, end)

    def values(self, pseudonyms: Sequence[str]) -> dict[str, Any]:
        """What they are given."""
        day, entry_id = self.after or (None, None)
        given = {
            **named(pseudonyms),
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
    values, shape = wanted.values(pseudonyms), wanted.shape(pseudonyms)
    # One more than wanted, so that it is known whether there are more.
    rows = (await connection.execute(_studies(shape), {**values, "most": wanted.most + 1})).all()
    if not rows:
        return Registered()
    has_more = len(rows) > wanted.most
    page = rows[: wanted.most]
    total = len(page)
    if has_more or wanted.after is not None:
        total = int((await connection.execute(_count(shape), values)).scalar_one())
    return Registered(
        studies=tuple(kept_of(row, wanted.audience, row.restricted) for row in page),
        reports=await reports_of(connection, pseudonyms, wanted.audience),
        endpoints=await endpoints.of_hospitals(connection, sorted({row.gateway_id for row in page})),
        total=total,
        last=(page[-1].started, page[-1].entry_id) if has_more else None,
    )


async def reports_of(connection: AsyncConnection, pseudonyms: Sequence[str], audience: Audience) -> tuple[Kept, ...]:
    """Return the reports of a person, in the order of their hospitals, whatever they are about."""
    rows = await connection.execute(_reports(len(pseudonyms), audience), named(pseudonyms))
    return tuple(kept_of(row, audience, False) for row in rows)


# Statements are made once for each shape: making one takes longer than many a question takes the database.


@lru_cache(maxsize=64)
def _studies(shape: Shape) -> Select[Any]:
    table = imaging_study.c
    columns = [table[name] for name in (*TOLD, "started")]
    statement = select(*columns, is_restricted().label("restricted")).where(*_seen(shape))
    if shape.goes_on:
        place = tuple_(bindparam("last_day", type_=Date), bindparam("last_id", type_=String))
        statement = statement.where(tuple_(table.started, table.entry_id) < place)
    return statement.order_by(table.started.desc(), table.entry_id.desc()).limit(bindparam("most", type_=Integer))


@lru_cache(maxsize=64)
def _count(shape: Shape) -> Select[Any]:
    return select(func.count()).select_from(imaging_study).where(*_seen(shape))


@lru_cache(maxsize=8)
def _reports(names: int, audience: Audience) -> Select[Any]:
    table = diagnostic_report
    columns = (table.c[name] for name in TOLD)
    return select(*columns).where(*seen_by(table, names, audience)).order_by(table.c.gateway_id, table.c.key)


def _seen(shape: Shape) -> list[ColumnElement[bool]]:
    conditions = seen_by(imaging_study, shape.names, shape.audience)
    conditions += unrestricted(shape.audience)
    if shape.has_begin:
        conditions.append(imaging_study.c.updated_at >= bindparam("changed_from"))
    if shape.has_end:
        conditions.append(imaging_study.c.updated_at < bindparam("changed_to"))
    return conditions


def named(pseudonyms: Sequence[str]) -> dict[str, str]:
    """The values that `seen_by` asks for."""
    return {f"name_{number}": name for number, name in enumerate(pseudonyms)}


def seen_by(table: Table, names: int, audience: Audience) -> list[ColumnElement[bool]]:
    """Return the conditions on entries of a person with so many names (`named`) that whoever looks may see."""
    theirs = or_(*(table.c.pseudonym == bindparam(f"name_{number}") for number in range(names)))
    conditions: list[ColumnElement[bool]] = [theirs, *(table.c.status != status for status in HIDDEN)]
    if audience in PROVIDERS:
        conditions.append(not_(table.c.from_providers))
    if audience in REPRESENTATIVES:
        conditions.append(not_(table.c.from_representatives))
    return conditions


def unrestricted(audience: Audience) -> list[ColumnElement[bool]]:
    """Return the condition on studies that the person does not keep from whoever looks, if it is one for them."""
    return [not_(is_restricted())] if audience in PROVIDERS else []


def is_restricted() -> ColumnElement[bool]:
    """Say whether the person keeps this study from providers."""
    study, kept = imaging_study.c, restriction.c
    return exists().where(kept.pseudonym == study.pseudonym, kept.study_uid == study.key)


def kept_of(row: Row[Any], audience: Audience, is_restricted: bool) -> Kept:
    """Read the columns of TOLD; whom it is withheld from is told to the person alone."""
    entry_id, gateway_id, key, version, updated_at, resource, from_providers, from_representatives, *_ = tuple(row)
    withheld: tuple[str, ...] = ()
    if audience not in PROVIDERS and (is_restricted or from_providers or from_representatives):
        marks = {"by-patient": is_restricted, "providers": from_providers, "representatives": from_representatives}
        withheld = tuple(mark for mark, holds in marks.items() if holds)
    return Kept(entry_id, gateway_id, key, version, updated_at, resource, withheld)
