"""Taking files into the index: from where they lie in the store, or from a folder that is copied into it.

Every readable Part 10 file is indexed, the rest is reported and skipped. Work is kept batch by batch, so that an
ingest that was interrupted goes on where it was; doing it twice changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Conflict, Malformed, Unavailable
from beeldpas.gateway import indexing
from beeldpas.gateway.indexing import Look, Outcome
from beeldpas.gateway.objects.port import ObjectFacts, ObjectStore
from beeldpas.gateway.scan import Scanned, scan
from beeldpas.gateway.store import tables

_BATCH = 64
_IN_MEMORY = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
Progress = Callable[[Outcome], None]
T = TypeVar("T")


@dataclass(slots=True)
class Ingested:
    """What an ingest did: counts, and every file that was left out with its reason."""

    indexed: int = 0
    unchanged: int = 0
    gone: int = 0
    skipped: list[Outcome] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Add one file."""
        if outcome.kind == "skipped":
            self.skipped.append(outcome)
        elif outcome.kind == "indexed":
            self.indexed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of a folder: what it is, or why it cannot be read."""

    path: Path
    name: str
    scanned: Scanned | None
    reason: str = ""


class Ingest:
    """One run of the command, on one store and its index."""

    def __init__(
        self, engine: AsyncEngine, store: ObjectStore, local_issuer: str, progress: Progress = lambda _outcome: None
    ) -> None:
        self._engine = engine
        self._store = store
        self._local_issuer = local_issuer
        self._progress = progress
        self._done = Ingested()

    async def from_store(self) -> Ingested:
        """Index what lies in the store, and forget what is there no more.

        Raises: Unavailable("objects"); Conflict("store_empty") when nothing is left of a store that held something:
        a disk that is not mounted looks like that.
        """
        known = await self._known()
        listing = await asyncio.to_thread(lambda: list(self._store.listing()))
        if known and not listing:
            raise Conflict("store_empty")
        if lost := known.keys() - {facts.key for facts in listing}:
            await self._forget(sorted(lost))
            known = await self._known()
        fresh = []
        for facts in listing:
            version, before = known.get(facts.key, ("", None))
            if before is None or version != facts.version:
                fresh.append(facts)
            else:
                self._count(before)
        for batch in _batches(iter(fresh)):
            await self._keep(await asyncio.to_thread(self._look_at, batch))
        return self._done

    async def from_folder(self, folder: Path) -> Ingested:
        """Copy the readable files of a folder into the store and index them.

        Raises: Unavailable("objects") with reason "disk_full" when the store has no room left; what was copied
        whole until then is indexed, of the rest nothing is stored.
        """
        paths = await asyncio.to_thread(lambda: sorted(path for path in folder.rglob("*") if path.is_file()))
        for batch in _batches(iter(paths)):
            found = await asyncio.to_thread(_read_all, batch, folder)
            wanted = await self._not_yet_held(found)
            looks, failure = await asyncio.to_thread(self._copy, wanted)
            await self._keep(looks)
            if failure is not None:
                raise failure
        return self._done

    async def _known(self) -> dict[str, tuple[str, Outcome | None]]:
        """Return version and outcome of every object that was looked at before."""
        table = tables.seen_object
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(table.c.key, table.c.version, table.c.outcome, table.c.reason))
            return {row.key: (row.version, _again(row.key, row.outcome, row.reason)) for row in rows}

    def _look_at(self, batch: Sequence[ObjectFacts]) -> list[Look]:
        return [self._look(facts) for facts in batch]

    def _look(self, facts: ObjectFacts) -> Look:
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            self._fetch(facts, cast(BinaryIO, file))
            try:
                return Look(facts, scan(cast(BinaryIO, file), facts.size))
            except Malformed as error:
                return Look(facts, None, error.reason)

    def _fetch(self, facts: ObjectFacts, file: BinaryIO) -> None:
        if not facts.size:
            return
        reader, left = self._store.open(facts.key, facts.version, 0, facts.size), facts.size
        chunk = memoryview(bytearray(min(_CHUNK, left)))
        try:
            while left:
                part = chunk[: min(left, len(chunk))]
                reader.read_into(part)
                file.write(part)
                left -= len(part)
        finally:
            reader.close()

    async def _not_yet_held(self, found: Sequence[_Found]) -> list[_Found]:
        """Count what needs no copying, and return the rest: one file for each instance."""
        living = await self._living({one.scanned.instance.sop_uid for one in found if one.scanned})
        wanted = []
        for one in found:
            if one.scanned is None:
                self._count(Outcome(one.name, "skipped", one.reason))
                continue
            sop_uid, sums = one.scanned.instance.sop_uid, one.scanned.checksums.sha256
            if sop_uid not in living:
                living[sop_uid] = sums
                wanted.append(one)
            elif living[sop_uid] == sums:
                self._count(Outcome(one.name, "unchanged"))
            else:
                self._count(Outcome(one.name, "skipped", "uid_in_use"))
        return wanted

    async def _living(self, sop_uids: set[str]) -> dict[str, bytes]:
        table = tables.instance
        wanted = select(table.c.sop_uid, table.c.sha256).where(table.c.sop_uid.in_(sop_uids), table.c.gone.is_(None))
        async with transaction(self._engine) as connection:
            return {row.sop_uid: row.sha256 for row in await connection.execute(wanted)}

    def _copy(self, wanted: Sequence[_Found]) -> tuple[list[Look], Unavailable | None]:
        """Put files into the store; the first that does not fit ends it."""
        looks: list[Look] = []
        for one in wanted:
            assert one.scanned is not None  # noqa: S101  (only readable files are wanted)
            found = one.scanned.instance
            key = f"{found.study_uid}/{found.series_uid}/{found.sop_uid}.dcm"
            try:
                with one.path.open("rb") as file:
                    looks.append(Look(self._store.put(key, file, one.scanned.size), one.scanned))
            except Unavailable as error:
                return looks, error
        return looks, None

    async def _keep(self, looks: Sequence[Look]) -> None:
        if not looks:
            return
        async with transaction(self._engine) as connection:
            outcomes = await indexing.add(connection, looks, self._local_issuer)
        for outcome in outcomes:
            self._count(outcome)

    async def _forget(self, keys: Sequence[str]) -> None:
        for batch in _batches(iter(keys)):
            async with transaction(self._engine) as connection:
                self._done.gone += await indexing.forget(connection, batch)

    def _count(self, outcome: Outcome) -> None:
        self._done.count(outcome)
        self._progress(outcome)


def _again(key: str, outcome: str, reason: str) -> Outcome:
    return Outcome(key, "skipped", reason) if outcome == "skipped" else Outcome(key, "unchanged")


def _read_all(paths: Sequence[Path], folder: Path) -> list[_Found]:
    return [_read(path, folder) for path in paths]


def _read(path: Path, folder: Path) -> _Found:
    name = path.relative_to(folder).as_posix()
    try:
        with path.open("rb") as file:
            return _Found(path, name, scan(file, path.stat().st_size))
    except Malformed as error:
        return _Found(path, name, None, error.reason)
    except OSError:
        return _Found(path, name, None, "unreadable")


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, _BATCH)):
        yield batch
