"""What an index of documents needs of one person: the outline of every entry, and those of one page in full.

As in `lookup`, what is withheld from whoever asks is not looked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.registry.store.kept import Kept
from beeldpas.registry.store.lookup import (
    PROVIDERS,
    TOLD,
    Audience,
    is_restricted,
    kept_of,
    named,
    seen_by,
    unrestricted,
)
from beeldpas.registry.store.tables import imaging_study, restriction

_STUDY = imaging_study.c


@dataclass(frozen=True, slots=True)
class Outline:
    """A study that may be seen: `key` is its UID; `listed` says whether its hospital named its instances."""

    entry_id: str
    gateway_id: str
    key: str
    started: date
    listed: bool


async def outlines(connection: AsyncConnection, names: Sequence[str], audience: Audience) -> tuple[Outline, ...]:
    """Return every study of a person that may be seen."""
    columns = (_STUDY.entry_id, _STUDY.gateway_id, _STUDY.key, _STUDY.started, _STUDY.listed)
    rows = await connection.execute(select(*columns).where(*_seen(names, audience)), named(names))
    return tuple(Outline(*row) for row in rows)


async def kept_back(
    connection: AsyncConnection, names: Sequence[str], audience: Audience, seen: Sequence[Outline]
) -> frozenset[str]:
    """Return the UIDs of a person's studies that may not be seen: a report of them alone would be a trace."""
    theirs = or_(*(_STUDY.pseudonym == name for name in names))
    all_of_them = set((await connection.execute(select(_STUDY.key).where(theirs))).scalars())
    if audience in PROVIDERS:
        kept = select(restriction.c.study_uid).where(restriction.c.pseudonym.in_(names))
        all_of_them |= set((await connection.execute(kept)).scalars())
    return frozenset(all_of_them - {one.key for one in seen})


async def of_entries(
    connection: AsyncConnection, names: Sequence[str], audience: Audience, entry_ids: Sequence[str]
) -> dict[str, Kept]:
    """Return these studies in full, as far as they are this person's and may be seen, by their ids."""
    columns = [_STUDY[name] for name in TOLD]
    wanted: Select[Any] = select(*columns, is_restricted().label("restricted")).where(
        *_seen(names, audience), _STUDY.entry_id.in_(entry_ids)
    )
    rows = await connection.execute(wanted, named(names))
    return {row.entry_id: kept_of(row, audience, row.restricted) for row in rows}


def _seen(names: Sequence[str], audience: Audience) -> list[ColumnElement[bool]]:
    return [*seen_by(imaging_study, len(names), audience), *unrestricted(audience)]
