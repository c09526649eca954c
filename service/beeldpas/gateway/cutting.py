"""Cutting what is under way when it may hurt somebody: images rejected for a patient's safety or made for another
patient, and studies that moved to another patient or are in doubt.

The index is changed by other programs too, so its generation is looked at every second.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from beeldpas.database.engine import transaction
from beeldpas.domain.errors import Unavailable
from beeldpas.gateway import recall
from beeldpas.gateway.indexing import generation
from beeldpas.gateway.transfers import Transfers
from beeldpas.gateway.withdrawals import Withdrawal, withdrawals

_EACH_SECONDS = 1.0
log = structlog.get_logger()


class Cutting:
    """Follows the index as long as the gateway serves."""

    def __init__(self, engine: AsyncEngine, transfers: Transfers, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._transfers = transfers
        self._clock = clock
        self._seen: int | None = None
        self._last: list[Withdrawal] = []

    async def run(self) -> None:
        """Look every second."""
        while True:
            with contextlib.suppress(Unavailable):
                await self.look()
            await asyncio.sleep(_EACH_SECONDS)

    async def look(self) -> None:
        """Cut what is under way and holds something harmful, and note who got it before."""
        async with transaction(self._engine) as connection:
            now = await generation(connection)
            if now == self._seen and not self._last:
                return
            found = [] if self._seen is None else await withdrawals(connection, self._seen, now)
            # Once more what was found a second ago: a delivery may have been written down at that same moment.
            await recall.compare(connection, self._last, self._clock())
            await recall.catch_up(connection, self._clock())
        self._seen, self._last = now, found
        for one in found:
            if one.is_harmful:
                self._cut(one)

    def _cut(self, one: Withdrawal) -> None:
        for transfer in self._transfers:
            if one.study_uid in transfer.studies and transfer.generation < one.generation:
                log.warning("transfer_withdrawn", event_id=transfer.event_id, reason=one.code or one.reason)
                transfer.cut("cut")
