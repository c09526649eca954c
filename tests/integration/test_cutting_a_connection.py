"""A transfer that must stop is cut so that the receiver sees it break, and a neighbour goes on."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import trustme
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from tests.running import running

from beeldpas.web.serve import harden

SIZE = 64 * 1024 * 1024
CHUNK = bytes(1024 * 1024)


class Endless:
    """Serves 64 MiB and keeps, for each download by name, the means to cut it."""

    def __init__(self) -> None:
        self._cuts: dict[str, tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = {}

    def cut(self, name: str) -> None:
        loop, abort = self._cuts[name]
        loop.call_soon_threadsafe(abort)

    async def serve(self, request: Request) -> Response:
        self._cuts[request.path_params["name"]] = asyncio.get_running_loop(), request.scope["beeldpas.abort"]
        return StreamingResponse(self._bytes(), headers={"Content-Length": str(SIZE)})

    async def broken(self, request: Request) -> Response:
        return StreamingResponse(self._bytes(fail_after=2), headers={"Content-Length": str(SIZE)})

    async def _bytes(self, fail_after: int = 1000) -> AsyncIterator[bytes]:
        for sent in range(SIZE // len(CHUNK)):
            if sent == fail_after:
                raise OSError("the object store is gone")
            yield CHUNK


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path, ssl.SSLContext] | None:
    if request.param == "plain":
        return None
    authority, cert, key = trustme.CA(), tmp_path / "cert.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("localhost")
    key.write_bytes(issued.private_key_pem.bytes())
    cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return cert, key, context


def read_slowly(port: int, path: str, context: ssl.SSLContext | None, started: Event) -> int:
    """Ask for a path, read a little, wait, then read the rest; returns how many bytes of the body came."""
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        raw.settimeout(20)
        raw.connect(("127.0.0.1", port))
        connection = context.wrap_socket(raw, server_hostname="localhost") if context else raw
        with connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(32 * 1024)
            received = len(head.partition(b"\r\n\r\n")[2])
            started.set()
            time.sleep(0.2)
            try:
                while block := connection.recv(1024 * 1024):
                    received += len(block)
            except (ConnectionError, ssl.SSLError):
                pass
    return received


def test_a_cut_download_breaks_while_its_neighbour_completes(tls: tuple[Path, Path, ssl.SSLContext] | None) -> None:
    downloads = Endless()
    cert, key, context = tls or (None, None, None)
    app = harden(Starlette(routes=[Route("/{name}", downloads.serve)]))
    with running(app, tls_cert=cert, tls_key=key) as port, ThreadPoolExecutor(2) as people:
        starts = [Event(), Event()]
        revoked = people.submit(read_slowly, port, "/revoked", context, starts[0])
        neighbour = people.submit(read_slowly, port, "/neighbour", context, starts[1])
        assert all(start.wait(10) for start in starts)
        downloads.cut("revoked")
        assert revoked.result() < SIZE
        assert neighbour.result() == SIZE


def test_an_answer_that_fails_halfway_is_broken_never_short_and_whole() -> None:
    with running(harden(Starlette(routes=[Route("/broken", Endless().broken)]))) as port:
        assert read_slowly(port, "/broken", None, Event()) < SIZE
