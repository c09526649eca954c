"""The relay counts what passes and holds one kind of request, and the programs cannot tell."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from beeldpas.demo.processes import free_ports
from beeldpas.demo.relay import Relay, late_at

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


@asynccontextmanager
async def server(port: int, *, rude: bool = False) -> AsyncIterator[None]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if rude:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


async def test_it_counts_both_ways() -> None:
    outer, inner = free_ports(2)
    async with server(inner):
        with Relay(outer, inner) as relay:
            assert await ask(outer, b"GET / HTTP/1.1") == ANSWER
            assert (relay.received, relay.sent) == (len(b"GET / HTTP/1.1\r\n\r\n"), len(ANSWER))


async def test_only_the_named_path_is_late() -> None:
    outer, inner = free_ports(2)
    async with server(inner):
        with Relay(outer, inner, late_at("/preview", 0.5)):
            begun = time.monotonic()
            await ask(outer, b"POST /other HTTP/1.1")
            quick = time.monotonic() - begun
            await ask(outer, b"POST /preview HTTP/1.1")
            slow = time.monotonic() - begun - quick
    assert quick < 0.4 < slow


async def test_a_reset_behind_it_is_no_orderly_end() -> None:
    outer, inner = free_ports(2)
    async with server(inner, rude=True):
        with Relay(outer, inner), pytest.raises(ConnectionResetError):
            await ask(outer, b"GET / HTTP/1.1")


async def test_nobody_behind_it_is_no_answer() -> None:
    outer, inner = free_ports(2)
    with Relay(outer, inner), suppress(ConnectionError):
        assert await ask(outer, b"GET / HTTP/1.1") == b""
