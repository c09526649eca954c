"""Two servers, one machine, one load: each in a process of its own, asked in turns, so that other work on the machine
falls on both. The load is made of ready bytes, so that making it costs next to nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from beeldpas.demo.processes import free_ports
from beeldpas.web.serve import configuration, harden

CONNECTIONS = 16
_READY_SECONDS = 20


@contextmanager
def served(build: Callable[[], Any]) -> Iterator[int]:
    """Serve what `build` makes in a process of its own; give the port. Nothing may run in this one yet (it forks)."""
    with process_of(build) as (port, _):
        yield port


@contextmanager
def process_of(build: Callable[[], Any]) -> Iterator[tuple[int, int]]:
    """Serve it likewise; give the port and the process's id."""
    port = free_ports(1)[0]
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(build, port), daemon=True)
    child.start()
    try:
        _wait_for(port)
        assert child.pid is not None
        yield port, child.pid
    finally:
        child.terminate()
        child.join(10)


def _serve(build: Callable[[], Any], port: int) -> None:
    uvicorn.Server(configuration(harden(build()), host="127.0.0.1", port=port)).run()


def _wait_for(port: int) -> None:
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Write a request down."""
    fields = {"host": "portal.example", "content-length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def rate(port: int, requests: Sequence[bytes], status: int, connections: int = CONNECTIONS) -> float:
    """Send all of them over some connections; requests a second. Raises: RuntimeError for another status."""
    return asyncio.run(_rate(port, requests, str(status).encode(), connections))


async def _rate(port: int, requests: Sequence[bytes], status: bytes, connections: int) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*(_talk(port, requests[n::connections], status) for n in range(connections)))
    return len(requests) / (time.perf_counter() - begun)


async def _talk(port: int, requests: Sequence[bytes], status: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for one in requests:
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().partition(b": ")[::2] for line in head.split(b"\r\n")[1:])
        body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
        if head.split(b" ", 2)[1] != status:
            raise RuntimeError(f"{head[:60]!r} {body[:200]!r}")
    writer.close()
