"""What a gateway does with the PACS behind it, put together: listing, holding, fetching. Without a PACS: nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import BeeldpasError, Unavailable
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.pacs import holds
from beeldpas.gateway.pacs.caution import Caution
from beeldpas.gateway.pacs.open import open_pacs
from beeldpas.gateway.pacs.stager import Stager
from beeldpas.gateway.pacs.sync import Listed, Sync
from beeldpas.gateway.release import Onlooker
from beeldpas.gateway.settings import GatewaySettings
from beeldpas.web.steady import steadily

STILL_FETCHING, FETCH_FAILED = "still_fetching", "fetch_failed"
_AFTER_FAILURE_SECONDS = 60.0
Clock = Callable[[], datetime]
log = structlog.get_logger()


class Staging:
    """The PACS side of one gateway; `publish` is done when a listing has found something new."""

    def __init__(self, settings: GatewaySettings, engine: AsyncEngine, store: ObjectStore, clock: Clock) -> None:
        self._engine = engine
        self._settings = settings.pacs
        self.sync: Sync | None = None
        self.stager: Stager | None = None
        if settings.pacs is None:
            return
        pacs, limits = open_pacs(settings.pacs, settings.ca_file), settings.pacs.limits
        caution = Caution(limits, settings.state_dir)
        connections = asyncio.Semaphore(limits.associations)
        self._pacs = pacs
        self.sync = Sync(engine, pacs, caution, connections, settings.local_issuer, clock)
        self.stager = Stager(
            engine,
            store,
            pacs,
            limits,
            caution,
            connections,
            settings.state_dir / "staging",
            settings.local_issuer,
            clock,
            keep_tiff=settings.keep_tiff_preambles,
        )

    async def run(self, publish: Callable[[], Awaitable[object]]) -> None:
        """Fetch, and list now and then, until cancelled; without a PACS there is nothing to do."""
        if self.stager is None or self._settings is None:
            return
        try:
            async with asyncio.TaskGroup() as work:
                work.create_task(steadily("fetching", self.stager.run))
                if self._settings.sync_minutes:
                    listing = partial(self._list, self._settings.sync_minutes * 60.0, publish)
                    work.create_task(steadily("listing", listing))
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the connections with the PACS."""
        if self.stager is not None:
            await asyncio.to_thread(self._pacs.close)

    async def list_once(self, *, everybody: bool = False) -> Listed:
        """List what the PACS has. Raises: Unavailable("pacs"), as "no_pacs" without one."""
        if self.sync is None:
            raise Unavailable("pacs", retryable=False, reason="no_pacs")
        return await self.sync.run(everybody=everybody)

    async def _list(self, seconds: float, publish: Callable[[], Awaitable[object]]) -> None:
        while True:
            wait = seconds
            try:
                done = await self.list_once()
                log.info("pacs_listed", changed=done.changed, lost=done.lost)
                if done.changed or done.lost:
                    await publish()
            except BeeldpasError as error:
                log.warning("pacs_not_listed", reason=error.reason)
                wait = min(seconds, _AFTER_FAILURE_SECONDS)
            await asyncio.sleep(wait)

    async def require_whole(self, studies: Sequence[str], onlooker: Onlooker) -> None:
        """See that everything of these studies can be served.

        Raises: Unavailable("pacs") as "still_fetching", with how many instances are here (n) of how many (m), or as
        "fetch_failed".
        """
        async with transaction(self._engine) as connection:
            late = await holds.unfinished(connection, studies, onlooker)
        if late:
            raise not_yet(late)


def not_yet(late: Sequence[holds.Progress]) -> Unavailable:
    """Say how far the studies are that cannot be served yet; m is 0 when nobody knows of how many."""
    if any(one.state == "failed" for one in late):
        return Unavailable("pacs", reason=FETCH_FAILED)
    wanted = [one.instances for one in late]
    total = sum(count for count in wanted if count) if None not in wanted else 0
    return Unavailable("pacs", reason=STILL_FETCHING, detail={"n": sum(one.fetched for one in late), "m": total})
