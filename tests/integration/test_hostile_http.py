"""Requests that try to mean two things: to a real program directly, and to one behind the shipped nginx.

Each is one attack on one connection. What counts: no second request is read out of the first one's body, what is
ambiguous is refused and the connection closed, nothing of it is an error that nobody foresaw.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.hospital import open_hospital
from tests.portal_program import open_portal
from tests.shipped_nginx import shipped_nginx

HOST = b"Host: portal.example\r\n"
LAST = b"Connection: close\r\n"
GET, POST = b"GET /health/live HTTP/1.1\r\n", b"POST /token HTTP/1.1\r\n"
FORM = POST + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: portal.example\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SECONDS = 2.0

REFUSED = {
    "a length and chunks": FORM + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": FORM + b"Content-Length: 0\r\nContent-Length: 49\r\n\r\n" + SMUGGLED,
    "one length twice": FORM + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "a list of lengths": FORM + b"Content-Length: 0, 49\r\n\r\n" + SMUGGLED,
    "a length with a sign": FORM + b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "a length below zero": FORM + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "a length in hex": FORM + b"Content-Length: 0x31\r\n\r\n" + SMUGGLED,
    "a space before the colon": FORM + b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "another coding": FORM + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks that are not the last coding": FORM + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a coding behind a strange blank": FORM + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two codings": FORM + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk extension that ends in LF": FORM + CHUNKED + b"\r\n1;a\n0\r\n\r\n" + SMUGGLED,
    "a chunk below zero": FORM + CHUNKED + b"\r\n-1\r\n\r\n" + SMUGGLED,
    "a chunk beyond all numbers": FORM + CHUNKED + b"\r\nFFFFFFFFFFFFFFFFF\r\n\r\n" + SMUGGLED,
    "a folded line": GET + HOST + b"X-A: b\r\n c\r\n\r\n",
    "a lone CR in a field": GET + HOST + b"X-A: b\rX-B: c\r\n\r\n",
    "a NUL in a field": GET + HOST + b"X-A: b\x00c\r\n\r\n",
    "a NUL in a name": GET + HOST + b"X\x00A: b\r\n\r\n",
    "a NUL in the path": b"GET /he\x00lp HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in a name": GET + HOST + b"X A: b\r\n\r\n",
    "no host": GET + b"\r\n",
    "two hosts": GET + HOST + b"Host: evil.example\r\n\r\n",
    "a host with a path": GET + b"Host: evil.example/x\r\n\r\n",
    "a host with a user": GET + b"Host: portal.example@evil.example\r\n\r\n",
    "an empty host": GET + b"Host:\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "another version": b"GET /health/live HTTP/9.9\r\n" + HOST + b"\r\n",
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /health/live\r\n\r\n",
    "a line that never ends": b"GET /" + b"a" * 80_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a field that never ends": GET + HOST + b"X-A: " + b"a" * 80_000 + b"\r\n\r\n",
    "thousands of fields": GET + HOST + b"X: a\r\n" * 20_000 + b"\r\n",
}  # fmt: skip
# nginx mends these before they reach a program: what it hands on means one thing.
LENIENT = {
    "lines that end in LF": b"GET /health/live HTTP/1.1\nHost: portal.example\nConnection: close\n\n",
    "one line that ends in LF": GET + HOST + LAST + b"X-A: b\nX-B: c\r\n\r\n",
}
ORDINARY = {
    "an absolute address": b"GET http://evil.example/health/live HTTP/1.1\r\n" + HOST + LAST + b"\r\n",
    "an upgrade to HTTP/2": GET + HOST + b"Connection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n",
    "an upgrade to a socket": GET + HOST + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "a body that nobody asked for": GET + HOST + LAST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back on one connection."""

    statuses: tuple[int, ...]
    closed: bool
    text: bytes


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with open_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield int(portal.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("noord")
    with (
        open_hospital(folder) as noord,
        shipped_nginx(folder / "nginx", f"127.0.0.1:{noord.house.settings.port}") as url,
    ):
        yield int(url.rpartition(":")[2])


def talk(port: int, raw: bytes) -> Answer:
    """Send these bytes, and read until the other side closes or says nothing for a while after it answered."""
    text, closed = b"", False
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.settimeout(10)
        with suppress(ConnectionError):
            line.sendall(raw)
        with suppress(TimeoutError):
            while True:
                try:
                    part = line.recv(65536)
                except ConnectionError:
                    part = b""
                if not part:
                    closed = True
                    break
                text += part
                line.settimeout(SECONDS)
    statuses = tuple(int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3})", text))
    return Answer(statuses, closed, text)


@pytest.mark.parametrize("attack", [*REFUSED, *LENIENT])
def test_a_program_refuses_what_can_be_read_in_two_ways_and_closes(
    direct: int, attack: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = talk(direct, (REFUSED | LENIENT)[attack])
    assert answer.closed
    assert answer.statuses in {(400,), (431,)}
    assert b"smuggled" not in answer.text
    assert "incident" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("attack", REFUSED)
def test_behind_nginx_nothing_is_smuggled_past_it(proxied: int, attack: str) -> None:
    answer = talk(proxied, REFUSED[attack])
    assert len(answer.statuses) <= 1
    assert set(answer.statuses) <= {400, 405, 414, 431, 494, 501, 505}
    assert b"smuggled" not in answer.text


@pytest.mark.parametrize("attack", LENIENT)
def test_nginx_hands_on_what_it_mended(proxied: int, attack: str) -> None:
    assert talk(proxied, LENIENT[attack]).statuses == (200,)


@pytest.mark.parametrize("attack", ORDINARY)
@pytest.mark.parametrize("way", ["direct", "proxied"])
def test_one_answer_comes_to_one_request_whatever_it_asks_besides(
    request: pytest.FixtureRequest, way: str, attack: str
) -> None:
    answer = talk(request.getfixturevalue(way), ORDINARY[attack])
    assert answer.statuses == (200,)
    assert b"evil.example" not in answer.text


def test_a_method_in_a_field_is_not_the_method(direct: int) -> None:
    fields = b"".join(
        b"X-%s: GET\r\n" % name for name in (b"HTTP-Method-Override", b"HTTP-Method", b"Method-Override")
    )
    answer = talk(direct, POST.replace(b"/token", b"/health/live") + HOST + fields + b"Content-Length: 0\r\n\r\n")
    assert answer.statuses in {(403,), (405,)}


def test_a_visitor_who_hangs_up_while_sending_is_no_incident(direct: int, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", direct)) as line:
        line.sendall(FORM + b"Content-Length: 100\r\n\r\ncode=")
    assert talk(direct, GET + HOST + b"Connection: close\r\n\r\n").statuses == (200,)
    assert "incident" not in "".join(capfd.readouterr())
