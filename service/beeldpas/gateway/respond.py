"""Sending a body of known length: the whole or a range, stopped at once when it must be, written down as it went.

The hot path. An answer that is cut gets no ending: the connection is reset, so that what arrived is visibly broken.
*Source:* RFC 9110 §14 (ranges); docs/wire.md §4 and §6.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import structlog
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from beeldpas.audit.events import Use as UseKind
from beeldpas.domain.errors import Unavailable
from beeldpas.formats.byterange import Unsatisfiable, wanted
from beeldpas.formats.pieces import Pieces
from beeldpas.gateway import metrics
from beeldpas.gateway.account import Account
from beeldpas.gateway.deliveries import Seen
from beeldpas.gateway.house import House
from beeldpas.gateway.pump import Pump, Stored
from beeldpas.gateway.transfers import Key, Transfer
from beeldpas.gateway.uses import Holder, address_of

_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, the headers that name it, and whose use it is. Without `etag` there are no ranges."""

    pieces: Pieces[Stored]
    headers: Mapping[str, str]
    etag: str | None
    kind: UseKind
    holder: Holder
    studies: tuple[str, ...]
    key: Key
    account: Account | None = None
    seen: Seen = Seen()  # noqa: RUF009  (frozen)


class BodyResponse:
    """Answers one GET or HEAD with a body; an ASGI application."""

    def __init__(self, house: House, body: Body) -> None:
        self._house = house
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            part = self._part(scope)
        except Unsatisfiable:
            fields = {"Content-Range": f"bytes */{self._body.pieces.total}"}
            await Response(status_code=416, headers=fields)(scope, receive, send)
            return
        start, stop = part or (0, self._body.pieces.total)
        head = self._head(part, stop - start)
        if scope["method"] == "HEAD":
            await send(head)
            await send({"type": "http.response.body", "body": b""})
            return
        pump = Pump(self._house.store, self._house.threads, self._body.pieces, start, stop)
        try:
            seen = replace(self._body.seen, to_the_end=stop == self._body.pieces.total)
            with ExitStack() as place:
                place.enter_context(self._house.slots.taken(self._body.account, stop - start))
                await self._send(scope, receive, send, head, pump, seen, place)
        finally:
            pump.close()

    def _part(self, scope: Scope) -> tuple[int, int] | None:
        if self._body.etag is None:
            return None
        fields = {name: value.decode("latin-1") for name, value in scope["headers"]}
        return wanted(fields.get(b"range"), fields.get(b"if-range"), self._body.etag, self._body.pieces.total)

    def _head(self, part: tuple[int, int] | None, length: int) -> Message:
        total = self._body.pieces.total
        fields = {"Content-Length": str(length), "Cache-Control": "no-store", **self._body.headers}
        if self._body.etag is not None:
            fields |= {"Accept-Ranges": "bytes", "ETag": self._body.etag}
        if part is not None:
            fields["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{total}"
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items()]
        return {"type": "http.response.start", "status": 200 if part is None else 206, "headers": headers}

    async def _send(
        self, scope: Scope, receive: Receive, send: Send, head: Message, pump: Pump, seen: Seen, place: ExitStack
    ) -> None:
        """Begin only when the first bytes are at hand and the use is written down; write down how it ended.

        The place is given up before that: who has it all may ask for the next part at once.
        """
        house, body = self._house, self._body
        house.statuses.require(body.key)
        first = await _first(pump)
        if house.viewings.folds(body.kind, body.holder):
            await self._send_folded(scope, receive, send, head, pump, first, seen, place)
            return
        use = await house.uses.begin(body.kind, body.holder, body.studies, seen, address_of(scope))
        transfer = Transfer(
            key=body.key,
            event_id=use.event_id,
            abort=scope["beeldpas.abort"],
            unsent=scope["beeldpas.unsent"],
            account=body.account,
            studies=use.studies,
            generation=use.seen.generation or 0,
        )
        try:
            with house.transfers.under_way(transfer):
                await _Sending(house, transfer, scope, receive, send).run(head, first, pump)
        finally:
            place.close()
            outcome = "cut" if transfer.outcome == "running" else transfer.outcome
            metrics.uses_ended.labels(body.kind.value, outcome).inc()
            metrics.bytes_served.inc(transfer.sent)
            await asyncio.shield(house.uses.end(use, outcome, transfer.sent))

    async def _send_folded(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        head: Message,
        pump: Pump,
        first: memoryview | None,
        seen: Seen,
        place: ExitStack,
    ) -> None:
        """Do the same as a part of a use that others are part of, too; it is told when that one is over."""
        house, body = self._house, self._body
        generation = await house.uses.generation() if seen.generation is None else seen.generation
        viewing = await house.viewings.join(
            body.holder,
            body.key,
            body.studies,
            house.settings.download_connections,
            address_of(scope),
            body.kind,
            Seen(generation),
        )
        with viewing.request(scope, body.seen.instances) as whole:
            number = viewing.count
            transfer = Transfer(
                key=body.key,
                event_id=whole.event_id,
                abort=scope["beeldpas.abort"],
                unsent=scope["beeldpas.unsent"],
                account=body.account,
                part_of=whole,
            )
            try:
                await _Sending(house, transfer, scope, receive, send).run(head, first, pump)
            finally:
                place.close()
                outcome = "cut" if transfer.outcome == "running" else transfer.outcome
                viewing.ended(number, outcome, to_the_end=seen.to_the_end)


async def _first(pump: Pump) -> memoryview | None:
    """Read the first chunk: what fails here is an answer of its own, and no use."""
    try:
        return await pump.next()
    except Unavailable as error:
        _raise_alarm(error)
        raise


def _raise_alarm(error: Unavailable, **about: str) -> None:
    log.error("object_failed", reason=error.reason, **about)
    metrics.objects_failed.labels(error.reason).inc()


class _Sending:
    """One body on its way: pushed chunk by chunk until it is through, cut, or nobody takes it any more."""

    def __init__(self, house: House, transfer: Transfer, scope: Scope, receive: Receive, send: Send) -> None:
        self._house = house
        self._transfer = transfer
        self._unsent = scope["beeldpas.unsent"]
        self._receive = receive
        self._send = send
        self._left = asyncio.Event()

    async def run(self, head: Message, first: memoryview | None, pump: Pump) -> None:
        watcher = asyncio.create_task(self._watch())
        try:
            await self._send(head)
            chunk = first
            while chunk is not None and self._may_go_on():
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
                self._transfer.count(len(chunk))
                chunk = None  # lets the pump fill the same memory again
                chunk = await pump.next()
            if chunk is None and await self._is_through():
                await self._send({"type": "http.response.body", "body": b""})
        except Unavailable as error:
            _raise_alarm(error, event_id=self._transfer.event_id)
            self._transfer.cut("cut")
        finally:
            watcher.cancel()

    def _may_go_on(self) -> bool:
        """The backstop for every chunk; the poller cuts sooner."""
        if not self._transfer.may_run or self._left.is_set():
            return False
        if self._transfer.account is not None and self._transfer.account.is_used_up:
            self._transfer.cut("cut")
            return False
        state = self._house.statuses.state(self._transfer.key)
        if state != "valid":
            self._transfer.cut("cut" if state == "unknown" else "revoked")
        return state == "valid"

    async def _is_through(self) -> bool:
        """Wait until the other side has it all: what is still in a buffer can still be revoked."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": True})
        if self._left.is_set() or not self._transfer.may_run:
            return False
        pauses = iter(_PAUSES)
        while self._unsent() and not self._left.is_set() and self._transfer.may_run:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), next(pauses, _PAUSES[-1]))
        if not self._transfer.may_run:
            return False
        self._transfer.outcome = "completed"
        return True

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left.set()
