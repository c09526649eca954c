"""Reading a long log piece by piece: each statement has a limit, and goes on where the one before ended.

The place of a row is its moment and its number, so that rows that come in meanwhile move nothing.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from sqlalchemy import MetaData, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from beeldpas.audit.events import Reader
from beeldpas.audit.log import Record, access_log_table, visible

_TABLE = access_log_table(MetaData())
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SHARE = frozenset({"share_id"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands."""

    at: datetime
    row_id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _TICK}.{self.row_id}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `str` gave; None for anything else."""
        moment, _, row = text.partition(".")
        if not (text.isascii() and moment.isdigit() and row.isdigit() and len(text) < 40):
            return None
        try:
            return cls(_EPOCH + int(moment) * _TICK, int(row))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a patient: of a period (`until` is exclusive), of shares, of kinds, or one; all when None.

    What somebody did in the patient's stead on one of `grounds` comes in whatever its kind. `study`: only what is
    about that study.
    """

    since: datetime | None = None
    until: datetime | None = None
    share_ids: Collection[str] | None = None
    kinds: Collection[str] | None = None
    event_id: str | None = None
    grounds: Collection[str] = ()
    study: str = ""


async def older(
    connection: AsyncConnection,
    reader: Reader,
    names: Collection[str],
    wanted: Wanted,
    *,
    before: Place | None = None,
    limit: int,
) -> tuple[tuple[Place, Record], ...]:
    """Return the newest rows about a patient that stand before a place, newest first, as this reader may see them.

    Each record also holds its `share_id`.
    """
    statement = select(_TABLE.c.at, _TABLE.c.row_id, _TABLE.c.record).where(
        _TABLE.c.patient.in_(names),
        _TABLE.c.record != "",  # past its term
        *_clauses(wanted),
        *([] if before is None else [_is_before(before)]),
    )
    newest_first = statement.order_by(_TABLE.c.at.desc(), _TABLE.c.row_id.desc()).limit(limit)
    rows = (await connection.execute(newest_first)).all()
    return tuple((Place(row.at, row.row_id), visible(json.loads(row.record), reader, _SHARE)) for row in rows)


def _clauses(wanted: Wanted) -> list[Any]:
    clauses: list[Any] = []
    if wanted.since is not None:
        clauses.append(_TABLE.c.at >= wanted.since)
    if wanted.until is not None:
        clauses.append(_TABLE.c.at < wanted.until)
    if wanted.share_ids is not None:
        clauses.append(_TABLE.c.share_id.in_(wanted.share_ids))
    if wanted.kinds is not None:
        in_stead = [_TABLE.c.record.contains(f'"on_behalf":"{ground}"', autoescape=True) for ground in wanted.grounds]
        clauses.append(or_(_TABLE.c.kind.in_(wanted.kinds), *in_stead))
    if wanted.study:
        clauses.append(_TABLE.c.record.contains(f'"{wanted.study}"', autoescape=True))
    if wanted.event_id is not None:
        clauses.append(_TABLE.c.event_id == wanted.event_id)
    return clauses


def _is_before(place: Place) -> Any:
    return or_(_TABLE.c.at < place.at, and_(_TABLE.c.at == place.at, _TABLE.c.row_id < place.row_id))
