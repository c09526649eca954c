"""Cuts what must not go on for ever: a receiver that takes nothing, and a download whose lease has ended.

Without it a receiver that vanished, or never reads, would keep its place and the memory of its chunk.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from beeldpas.gateway.transfers import Transfers

_PAUSE_SECONDS = 1.0
log = structlog.get_logger()


class Watch:
    """Looks at everything that is under way; `patience` is how long a receiver may take nothing."""

    def __init__(self, transfers: Transfers, patience: timedelta, clock: Callable[[], datetime]) -> None:
        self._transfers = transfers
        self._patience = patience
        self._clock = clock

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_PAUSE_SECONDS)

    def look(self) -> None:
        """Cut what took too long."""
        now = self._clock()
        for transfer in self._transfers:
            if transfer.account is not None and now >= transfer.account.ends_at:
                log.info("lease_ended", event_id=transfer.event_id)
                transfer.cut("cut")
            elif transfer.idle_for(now) >= self._patience:
                log.info("receiver_idle", event_id=transfer.event_id)
                transfer.cut("cut")
