"""Sending a small answer that is one of many: counted in the viewing that it belongs to, cut with it.

The first bytes are made before the answer begins, so that what cannot be made is an error and not a broken answer.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

import structlog
from starlette.types import Receive, Scope, Send

from beeldpas.domain.errors import BeeldpasError
from beeldpas.gateway.dicomweb.viewing import Viewing
from beeldpas.gateway.house import House
from beeldpas.gateway.transfers import Transfer

Chunk = bytes | memoryview
_AT_ONCE = 1024 * 1024
_LONG = 4 * 1024 * 1024
_PAUSES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
log = structlog.get_logger()


class PiecemealResponse:
    """Answers one GET with chunks as they are made; `length` in bytes, when it is known."""

    def __init__(
        self,
        house: House,
        viewing: Viewing,
        chunks: AsyncIterator[Chunk],
        fields: Mapping[str, str],
        *,
        length: int | None,
        instances: Sequence[str],
    ) -> None:
        self._house = house
        self._viewing = viewing
        self._chunks = chunks
        self._fields = {"Cache-Control": "no-store", "Vary": "Accept, Authorization", **fields}
        if length is not None:
            self._fields["Content-Length"] = str(length)
        self._is_long = length is None or length > _LONG
        self._instances = instances
        self._left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._viewing.request(scope, self._instances) as transfer:
            first = await anext(self._chunks, b"")
            fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in self._fields.items()]
            watcher = asyncio.create_task(self._watch(receive)) if self._is_long else None
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            try:
                if await self._send(send, transfer, first) and await self._is_through(scope, transfer):
                    scope["beeldpas.counted"] = True  # the viewing has a line in the log, its requests need none
                    await send({"type": "http.response.body", "body": b""})
            except BeeldpasError as error:
                log.error("piece_failed", reason=error.reason, event_id=transfer.event_id)
                scope["beeldpas.abort"]()
            finally:
                if watcher is not None:
                    watcher.cancel()

    async def _send(self, send: Send, transfer: Transfer, first: Chunk) -> bool:
        """Send all chunks; say whether nothing came in between."""
        chunk: Chunk | None = first
        while chunk is not None:
            for start in range(0, len(chunk), _AT_ONCE):
                if not self._may_go_on(transfer):
                    return False
                part = chunk[start : start + _AT_ONCE]
                await send({"type": "http.response.body", "body": part, "more_body": True})
                transfer.sent += len(part)
            chunk = await anext(self._chunks, None)
        return True

    def _may_go_on(self, transfer: Transfer) -> bool:
        """The backstop for every chunk; the poller cuts sooner."""
        state = self._house.statuses.state(transfer.key)
        if state != "valid":
            transfer.cut("cut" if state == "unknown" else "revoked")
        return transfer.outcome == "running" and not self._left.is_set()

    async def _is_through(self, scope: Scope, transfer: Transfer) -> bool:
        """Wait until the other side has it all: what is still in a buffer can still be revoked."""
        pauses = iter(_PAUSES)
        while scope["beeldpas.unsent"]() and transfer.outcome == "running" and not self._left.is_set():
            await self._pause(next(pauses, _PAUSES[-1]))
        return transfer.outcome == "running"

    async def _pause(self, seconds: float) -> None:
        """Wait; a long answer no longer than somebody is there, a short one without the cost of looking."""
        if not self._is_long:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._left.wait(), seconds)

    async def _watch(self, receive: Receive) -> None:
        """Notice that nobody takes a long answer any more, so that no more of it is made."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self._left.set()


async def one(chunk: Chunk) -> AsyncIterator[Chunk]:
    """Give one chunk."""
    yield chunk
