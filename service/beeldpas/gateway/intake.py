"""What every way in does: ask the index what it knows, write down what was looked at, and keep count."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.gateway import indexing
from beeldpas.gateway.indexing import Look, Outcome
from beeldpas.gateway.notes import held_back
from beeldpas.gateway.store import tables

_ASKED_AT_ONCE = 5000
T = TypeVar("T")


@dataclass(slots=True)
class Ingested:
    """What an ingest did: counts, and every file that was left out with its reason.

    `left` are the files of a folder that it did not come to.
    """

    indexed: int = 0
    unchanged: int = 0
    gone: int = 0
    left: int = 0
    skipped: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier ingest found in an object. `instances`: how many of them are served from it."""

    version: str
    outcome: str
    reason: str
    instances: int


class Intake:
    """The index, as an ingest sees it, and what the ingest did so far."""

    def __init__(self, engine: AsyncEngine, local_issuer: str, done: Ingested | None = None) -> None:
        self._engine = engine
        self._local_issuer = local_issuer
        self.done = done or Ingested()

    async def known(self, prefix: str = "") -> dict[str, Known]:
        """Return every object below a prefix that was looked at before."""
        seen, instance = tables.seen_object, tables.instance
        served = (
            select(instance.c.object_key, func.count().label("instances"))
            .where(instance.c.gone.is_(None), instance.c.object_key.startswith(prefix, autoescape=True))
            .group_by(instance.c.object_key)
            .subquery()
        )
        wanted = (
            select(seen.c.key, seen.c.version, seen.c.outcome, seen.c.reason, served.c.instances)
            .select_from(seen.outerjoin(served, served.c.object_key == seen.c.key))
            .where(seen.c.key.startswith(prefix, autoescape=True))
        )
        async with transaction(self._engine) as connection:
            rows = await connection.execute(wanted)
            return {row.key: Known(row.version, row.outcome, row.reason, row.instances or 0) for row in rows}

    async def living(self, sop_uids: Collection[str]) -> dict[str, bytes]:
        """Return the SHA-256 of what is held under these UIDs: served, or held back since it was rejected."""
        table, found = tables.instance, dict[str, bytes]()
        async with transaction(self._engine) as connection:
            for some in batches(iter(sop_uids), _ASKED_AT_ONCE):
                wanted = table.c.sop_uid.in_(some), table.c.gone.is_(None)
                rows = await connection.execute(select(table.c.sop_uid, table.c.sha256).where(*wanted))
                found |= await held_back(connection, some) | {row.sop_uid: row.sha256 for row in rows}
        return found

    async def keep(self, looks: Sequence[Look]) -> None:
        """Take what was looked at into the index, all of it or nothing."""
        if not looks:
            return
        async with transaction(self._engine) as connection:
            outcomes = await indexing.add(connection, looks, self._local_issuer)
        for outcome in outcomes:
            self.count(outcome)

    async def forget(self, keys: Sequence[str]) -> None:
        """Take objects that are there no more out of the index."""
        for batch in batches(iter(keys), _ASKED_AT_ONCE // 100):
            async with transaction(self._engine) as connection:
                self.done.gone += await indexing.forget(connection, batch)

    def count(self, outcome: Outcome) -> None:
        """Add one file or instance."""
        if outcome.kind == "skipped":
            self.done.skipped.append(outcome)
        elif outcome.kind == "indexed":
            self.done.indexed += 1
        else:
            self.done.unchanged += 1


def batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    """Give items in lists of at most `size`."""
    while batch := list(islice(items, size)):
        yield batch
