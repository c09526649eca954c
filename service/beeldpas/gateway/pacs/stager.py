"""The stager: fetches what somebody wants from the PACS into the object store, a few at a time, and clears up after.

It runs beside the requests as long as the gateway does. What was under way when the program ended begins anew; what
arrives is looked at before it is indexed, and served only when it is whole.
"""

import asyncio
import contextlib
import errno
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import indexing, metrics
from beeldpas.gateway.ingest import Ingest
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.pacs import arrivals, queue
from beeldpas.gateway.pacs.caution import KILL_SWITCH, PATIENT_LIMIT, Caution
from beeldpas.gateway.pacs.port import Pacs, Tally, failed
from beeldpas.gateway.pacs.queue import Wanted
from beeldpas.gateway.pacs.settings import PacsLimits

_PAUSE_SECONDS = 0.5
_LONGEST_WAIT = timedelta(minutes=10)
_RELEASED = "released"
log = structlog.get_logger()


class Stager:
    """Fetches and clears up for one hospital; `connections` is shared with whoever else asks the PACS."""

    def __init__(
        self,
        engine: AsyncEngine,
        store: ObjectStore,
        pacs: Pacs,
        limits: PacsLimits,
        caution: Caution,
        connections: asyncio.Semaphore,
        folder: Path,
        local_issuer: str,
        clock: Callable[[], datetime],
        *,
        keep_tiff: bool = False,
    ) -> None:
        self._keep_tiff = keep_tiff
        self._engine = engine
        self._store = store
        self._pacs = pacs
        self._limits = limits
        self._caution = caution
        self._connections = connections
        self._folder = folder
        self._local_issuer = local_issuer
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        self._tallies: set[Tally] = set()

    async def run(self) -> None:
        """Work until cancelled; a fetch under way then ends with its next bytes."""
        begun = False
        try:
            while True:
                with contextlib.suppress(Unavailable):  # the database is away: look again
                    if not begun:
                        await self._begin()
                        begun = True
                    await self.turn()
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            for tally in self._tallies:
                tally.halt("stopped")
            await asyncio.gather(*self._running, return_exceptions=True)

    async def turn(self) -> None:
        """Clear up, and begin what may be begun now."""
        await self._clear_up()
        while len(self._running) < self._limits.associations and not self._caution.reason_to_wait(self._clock()):
            async with transaction(self._engine) as connection:
                wanted = await queue.take(connection, self._clock())
            if wanted is None:
                return
            task = asyncio.create_task(self._stage(wanted))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def settle(self) -> None:
        """Wait for the fetches under way."""
        await asyncio.gather(*self._running)

    async def _begin(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        async with transaction(self._engine) as connection:
            await queue.begin_again(connection)

    async def _stage(self, wanted: Wanted) -> None:
        """Fetch one study, and write down what came of it."""
        try:
            await self._try(wanted)
        except Unavailable as error:
            if error.source == "database":
                log.warning("staging_database_unavailable")
                return
            metrics.staging_failed.labels(error.reason).inc()
            log.warning("staging_failed", reason=error.reason, attempt=wanted.attempt)
            with contextlib.suppress(Unavailable):
                await self._note_failure(wanted, error)

    async def _try(self, wanted: Wanted) -> None:
        async with transaction(self._engine) as connection:
            if await self._caution.is_spent(connection, wanted.number, self._clock()):
                raise failed(PATIENT_LIMIT)
        folder = self._folder / wanted.uid
        try:
            await asyncio.to_thread(_make_empty, folder)
            async with self._connections:
                await self._fetch(wanted, folder)
            await asyncio.to_thread(arrivals.check, folder, wanted, self._local_issuer)
            await self._take_in(wanted, folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _fetch(self, wanted: Wanted, folder: Path) -> None:
        """Fetch into a folder, with an eye on the kill switch and on whether anybody still wants it."""
        tally = Tally()
        self._tallies.add(tally)
        fetching = asyncio.create_task(asyncio.to_thread(_fetch, self._pacs, wanted.uid, folder, tally))
        try:
            while not (await asyncio.wait({fetching}, timeout=_PAUSE_SECONDS))[0]:
                await self._watch(wanted, tally)
            await fetching
        finally:
            self._tallies.discard(tally)
            metrics.staged_bytes.inc(tally.bytes)
            async with transaction(self._engine) as connection:
                await self._caution.spend(connection, wanted.number, tally.bytes, self._clock())

    async def _watch(self, wanted: Wanted, tally: Tally) -> None:
        if self._caution.is_stopped:
            tally.halt(KILL_SWITCH)
        async with transaction(self._engine) as connection:
            if not await queue.note_fetched(connection, wanted.uid, tally.files):
                tally.halt(_RELEASED)

    async def _take_in(self, wanted: Wanted, folder: Path) -> None:
        """Put the files into the store and the index, and say that the study is whole."""
        async with transaction(self._engine) as connection:
            before = await indexing.generation(connection)
        try:
            work = Ingest(self._engine, self._store, self._local_issuer, keep_tiff=self._keep_tiff)
            done = await work.from_folder(folder)
        finally:
            async with transaction(self._engine) as connection:
                living = await queue.note_objects(connection, wanted.uid, before)
        for outcome in done.skipped:
            log.warning("staged_file_skipped", reason=outcome.reason)
        if not living:
            raise failed("unreadable", retryable=False)
        async with transaction(self._engine) as connection:
            withheld = await queue.finish(connection, wanted.uid, living, self._clock())
        if withheld:
            log.warning("staged_study_withheld", reason=withheld)
        metrics.studies_staged.inc()

    async def _note_failure(self, wanted: Wanted, error: Unavailable) -> None:
        """Decide when it is tried again, if ever."""
        now, reason = self._clock(), error.reason
        async with transaction(self._engine) as connection:
            if reason == PATIENT_LIMIT:
                await queue.put_back(connection, wanted, reason, self._caution.tomorrow(now), counts=False)
            elif reason in (KILL_SWITCH, _RELEASED, "stopped"):
                await queue.put_back(connection, wanted, reason, now, counts=False)
            elif (not error.retryable and reason != "disk_full") or wanted.attempt >= self._limits.attempts:
                await queue.give_up(connection, wanted.uid, reason, now)
            else:
                wait = timedelta(seconds=self._limits.retry_seconds) * 2 ** min(wanted.attempt - 1, 10)
                await queue.put_back(connection, wanted, reason, now + min(wait, _LONGEST_WAIT), counts=True)

    async def _clear_up(self) -> None:
        """Take away what nobody wants any more, first out of the index, then out of the store."""
        async with transaction(self._engine) as connection:
            await queue.let_go(connection, self._clock())
            gone = await queue.to_remove(connection)
        for uid, keys in gone.items():
            try:
                await asyncio.to_thread(_remove, self._store, keys)
            except Unavailable as error:
                log.warning("staged_object_stays", reason=error.reason)
                continue
            async with transaction(self._engine) as connection:
                await queue.removed(connection, uid)


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise _disk(error) from error


def _fetch(pacs: Pacs, uid: str, folder: Path, tally: Tally) -> None:
    try:
        pacs.fetch(uid, folder, tally)
    except OSError as error:
        raise _disk(error) from error


def _disk(error: OSError) -> Unavailable:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return failed("disk_full" if full else "disk_failed")


def _remove(store: ObjectStore, keys: list[str]) -> None:
    for key in keys:
        store.remove(key)
