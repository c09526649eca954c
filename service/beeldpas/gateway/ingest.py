"""Taking files into the index: from where they lie in the store, or from a folder that goes into series packs.

Every readable Part 10 file is indexed, the rest is reported and skipped. Work is kept bit by bit, so that an ingest
that was interrupted goes on where it was; doing it twice changes nothing.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.domain.errors import Conflict
from beeldpas.gateway import packs
from beeldpas.gateway.indexing import Look, Outcome
from beeldpas.gateway.intake import Ingested, Intake, Known, batches
from beeldpas.gateway.objects.names import LONGEST_KEY
from beeldpas.gateway.objects.port import ObjectFacts, ObjectStore
from beeldpas.gateway.packing import Packing
from beeldpas.gateway.readers import Readers
from beeldpas.gateway.unpacking import look_at

_BATCH = 64


class Ingest:
    """One run of the command, on one store and its index. `done`: what it did so far.

    With `keep_tiff`, a file that is a TIFF as well is served with its preamble.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        store: ObjectStore,
        local_issuer: str,
        done: Ingested | None = None,
        *,
        keep_tiff: bool = False,
    ) -> None:
        self._store = store
        self._keep_tiff = keep_tiff
        self._intake = Intake(engine, local_issuer, done)
        self.done = self._intake.done

    async def from_store(self) -> Ingested:
        """Index what lies in the store, and forget what is there no more.

        Raises: Unavailable("objects"); Conflict("store_empty") when nothing is left of a store that held something:
        a disk that is not mounted looks like that.
        """
        known = await self._intake.known()
        listing = self._with_names_that_fit(await asyncio.to_thread(lambda: list(self._store.listing())))
        if known and not listing:
            raise Conflict("store_empty")
        if lost := known.keys() - {facts.key for facts in listing}:
            await self._intake.forget(sorted(lost))
            known = await self._intake.known()
        fresh = []
        for facts in listing:
            before = known.get(facts.key)
            if before is None or before.version != facts.version:
                fresh.append(facts)
            else:
                self._count_again(facts.key, before)
        for facts in fresh:
            if packs.is_pack(facts.key):
                await self._keep(await asyncio.to_thread(look_at, self._store, facts))
        for batch in batches((facts for facts in fresh if not packs.is_pack(facts.key)), _BATCH):
            await self._keep(await asyncio.to_thread(self._look_at, batch))
        return self.done

    async def from_folder(self, folder: Path) -> Ingested:
        """Copy the readable files of a folder into the store, each series as one object, and index them.

        Raises: Unavailable("objects") with reason "disk_full" when the store has no room left; what was stored
        whole until then is indexed, of the rest (`done.left`) nothing is stored.
        """
        files = await asyncio.to_thread(lambda: sorted(filter(_is_file, folder.rglob("*"))))
        readers = Readers()
        try:
            await Packing(self._intake, self._store, readers, folder, self._keep_tiff).take(files)
        finally:
            await asyncio.to_thread(readers.close)
        return self.done

    def _with_names_that_fit(self, listing: Sequence[ObjectFacts]) -> list[ObjectFacts]:
        """Name and pass over what has a longer name than the index can keep."""
        for facts in listing:
            if len(facts.key) > LONGEST_KEY:
                self._intake.count(Outcome(f"{facts.key[:200]}…", "skipped", "name"))
        return [facts for facts in listing if len(facts.key) <= LONGEST_KEY]

    async def _keep(self, looks: Sequence[Look]) -> None:
        await self._intake.keep(looks)

    def _look_at(self, batch: Sequence[ObjectFacts]) -> list[Look]:
        return [look for facts in batch for look in look_at(self._store, facts, keep_tiff=self._keep_tiff)]

    def _count_again(self, key: str, before: Known) -> None:
        if before.outcome == "skipped":
            self._intake.count(Outcome(key, "skipped", before.reason))
        for _ in range(before.instances):
            self._intake.count(Outcome(key, "unchanged"))


def _is_file(path: Path) -> bool:
    """Links lead out of the folder, pipes block whoever opens them."""
    return path.is_file() and not path.is_symlink()
