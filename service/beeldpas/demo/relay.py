"""A relay that stands before a program: it counts bytes, and can make one kind of request late.

The programs know nothing of it. Counting needs no look inside, so TLS passes through it untouched; a relay that
has to recognise requests ends TLS with the program's own certificate and speaks TLS again behind.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from types import TracebackType
from typing import Final, Self

_CHUNK: Final = 256 * 1024
# How long one direction may still deliver after the other has ended.
_LINGER_SECONDS: Final = 1.0

# Says for how many seconds a piece of a request is held back.
Hold = Callable[[bytes], float]
Count = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tls:
    """How a relay that looks inside speaks to either side."""

    towards_browser: ssl.SSLContext
    towards_program: ssl.SSLContext
    host: str


@dataclass(slots=True)
class Relay:
    """Passes every connection on `port` to `target`, both on the loopback address; runs in its own thread."""

    port: int
    target: int
    hold: Hold | None = None
    tls: Tls | None = None
    sent: int = field(default=0, init=False)
    received: int = field(default=0, init=False)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, init=False)
    _running: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _thread: Thread | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        listening: Future[None] = Future()
        self._thread = Thread(target=self._run, args=(listening,), daemon=True, name=f"relay-{self.port}")
        self._thread.start()
        listening.result(timeout=10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(timeout=5)

    @property
    def total(self) -> int:
        """Bytes that went through, both ways."""
        return self.sent + self.received

    def _run(self, listening: Future[None]) -> None:
        asyncio.set_event_loop(self._loop)
        server_context = self.tls.towards_browser if self.tls else None
        start = asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=server_context)
        try:
            server = self._loop.run_until_complete(start)
        except OSError as error:
            listening.set_exception(error)
            return
        listening.set_result(None)
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind, towards = await self._open_behind()
        except OSError:
            writer.transport.abort()
            return
        directions = {
            asyncio.create_task(self._pass_on(reader, towards, self._count_request)),
            asyncio.create_task(self._pass_on(behind, writer, self._count_answer)),
        }
        self._running |= directions
        with suppress(asyncio.CancelledError):  # the relay is being closed
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait(directions, timeout=_LINGER_SECONDS)
        for direction in directions:
            direction.cancel()
        self._running -= directions

    async def _open_behind(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.tls is None:
            return await asyncio.open_connection("127.0.0.1", self.target)
        return await asyncio.open_connection(
            "127.0.0.1", self.target, ssl=self.tls.towards_program, server_hostname=self.tls.host
        )

    async def _count_request(self, piece: bytes) -> None:
        if self.hold is not None and (seconds := self.hold(piece)):
            await asyncio.sleep(seconds)
        self.received += len(piece)

    async def _count_answer(self, piece: bytes) -> None:
        self.sent += len(piece)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Count) -> None:
        """Pass one direction on; a reset stays a reset, an orderly end an orderly end."""
        try:
            while piece := await reader.read(_CHUNK):
                await count(piece)
                writer.write(piece)
                await writer.drain()
            writer.close()
        except OSError:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is None:
        return
    with suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _pass_on(writer: asyncio.StreamWriter, piece: bytes) -> None:
    with suppress(OSError):
        writer.write(piece)
        await writer.drain()


def slow_after_rest(path: str, seconds: float, rest_seconds: float, clock: Callable[[], float]) -> Hold:
    """Hold back the first request to one path after a rest; what follows finds the program awake."""
    beginning, last = f"POST {path} ".encode(), -rest_seconds

    def hold(piece: bytes) -> float:
        nonlocal last
        if not piece.startswith(beginning):
            return 0.0
        rested, last = clock() - last, clock()
        return seconds if rested >= rest_seconds else 0.0

    return hold


def late_at(path: str, seconds: float) -> Hold:
    """Hold back requests to one path and no others."""
    beginning = f"POST {path} ".encode()
    return lambda piece: seconds if piece.startswith(beginning) else 0.0
