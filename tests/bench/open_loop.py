"""Requests at a fixed rate, whether or not earlier ones are answered: how long each took from when it was due.

A client that waits for an answer before it asks again measures a slow server as a fast one. Requests are written
beforehand, so that asking costs little beside answering; one process asks, over connections that it keeps.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_IN_A_ROW = 64  # connections at most: more are waited for, and the wait counts


@dataclass(slots=True)
class Taken:
    """How it went: milliseconds from when a request was due to the last byte of its answer, by status."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes_read: int = 0

    def percentile(self, share: float) -> float:
        """The time within which this share of the requests was answered."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def ask(ports: Sequence[int], requests: Sequence[bytes], per_second: float) -> Taken:
    """Send the requests at this rate to the ports in turn; returns when all are answered.

    A connection that the server had closed is opened anew, once. Raises: an ExceptionGroup of OSError otherwise.
    """
    taken, kept = Taken(), {port: deque[Connection]() for port in ports}
    room = asyncio.Semaphore(_IN_A_ROW)

    async def one(request: bytes, port: int, due: float) -> None:
        idle = kept[port]
        async with room:
            reader, writer = await _connection(idle, port)
            try:
                writer.write(request)
                status, size = await _answer(reader)
            except (ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                status, size = await _answer(reader)
            idle.append((reader, writer))
        taken.milliseconds.append((time.perf_counter() - due) * 1000)
        taken.statuses[status] += 1
        taken.bytes_read += size

    works = [partial(one, request, ports[number % len(ports)]) for number, request in enumerate(requests)]
    await at_rate(works, per_second)
    for _, writer in chain(*kept.values()):
        writer.close()
    return taken


async def _connection(idle: deque[Connection], port: int) -> Connection:
    """The connection that was used last, unless the server closed it in the meantime."""
    while idle:
        reader, writer = idle.pop()
        if not reader.at_eof():
            return reader, writer
        writer.close()
    return await asyncio.open_connection("127.0.0.1", port)


async def at_rate(works: Sequence[Callable[[float], Awaitable[None]]], per_second: float) -> None:
    """Begin each work when it is due; each hears when that was."""
    begun = time.perf_counter() + 0.1
    async with asyncio.TaskGroup() as tasks:
        for number, work in enumerate(works):
            due = begun + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(_run(work, due))


async def _run(work: Callable[[float], Awaitable[None]], due: float) -> None:
    await work(due)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer that says how long it is; return its status and length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(lines[0].split(b" ")[1]), length
