"""A receiver who means harm, on bare sockets: odd requests, endless ones, and the leases of others.

After each, the gateway must still serve everybody else.
"""

import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import BRAMS_CT, HEAD_CT, KNEE_MR

from beeldpas.web import patience


@pytest.fixture(scope="module")
def noord(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with open_hospital(tmp_path_factory.mktemp("noord")) as served:
        yield served


@pytest.fixture(scope="module")
def lease(noord: Served) -> tuple[str, dict[str, str]]:
    return noord.lease([HEAD_CT], index=1)


@pytest.fixture(autouse=True)
def still_serving(noord: Served, lease: tuple[str, dict[str, str]]) -> Iterator[None]:
    """Whatever was tried, the next receiver gets the archive."""
    yield
    path, header = lease
    wait_until(lambda: not len(noord.house.transfers))
    answer = noord.client.get(path, headers=header)
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def door(noord: Served) -> socket.socket:
    address = urlsplit(noord.url)
    return socket.create_connection((address.hostname, address.port), timeout=20)


def said(noord: Served, request: bytes) -> list[int]:
    """Send bytes and return the status codes of everything that comes back until the connection is closed."""
    with door(noord) as connection:
        connection.settimeout(3)
        connection.sendall(request)
        answer = b""
        while got := _received(connection):
            answer += got
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except (ConnectionResetError, TimeoutError):
        return b""


def request(noord: Served, target: str, *fields: str, method: str = "GET", version: str = "1.1") -> bytes:
    host = urlsplit(noord.url).netloc
    lines = [f"{method} {target} HTTP/{version}", f"Host: {host}", *fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def carried(lease: tuple[str, dict[str, str]]) -> str:
    return f"Beeldpas-Lease: {lease[1]['Beeldpas-Lease']}"


@pytest.mark.parametrize(
    "target",
    [
        "/../../../../etc/passwd",
        "/leases/../../etc/passwd",
        "/leases/%2e%2e/%2e%2e/etc/passwd.zip",
        "/leases/%00/x.zip",
        "/leases/x%0d%0aSet-Cookie:a=b/x.zip",
        "/leases/x/..%2f..%2fgateway.db.zip",
        "//leases/x/x.zip",
        "/leases/%ff%fe/x.zip",
        "/dicom-web/studies/..%2f..%2f",
        "/dicom-web/studies/1.2.3%00",
        "/download?code=%00&iss=%ff",
        "/download?code=" + "a" * 20_000,
        "/%" + "41" * 300,
        "*",
    ],
    ids=lambda target: target[:40],
)
def test_no_path_leads_anywhere_else(noord, lease, target):
    codes = said(noord, request(noord, target, carried(lease), "Connection: close"))
    assert codes
    assert all(code in {400, 401, 404, 405, 414, 431} for code in codes)


def test_ten_thousand_header_bytes_are_taken_and_a_megabyte_is_not(noord, lease):
    path = lease[0]
    some = request(noord, path, carried(lease), "X-Long: " + "a" * 10_000, "Connection: close")
    assert said(noord, some) == [200]
    endless = request(noord, path, *(f"X-{number}: {'a' * 1000}" for number in range(1000)))
    assert said(noord, endless) in ([], [431])  # none: the reset may overtake the answer
    trickling = [said(noord, request(noord, path, *["X-1: a"] * 40_000)) for _ in range(2)]
    assert all(codes in ([], [431]) for codes in trickling)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 4096,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["tls", "short", "version", "zeros", "http2", "two lengths", "negative length"],
)
def test_what_is_no_request_is_refused(noord, raw):
    assert all(400 <= code < 506 for code in said(noord, raw))


def test_an_old_client_gets_it_too(noord, lease):
    path = lease[0]
    assert said(noord, request(noord, path, carried(lease), version="1.0")) == [200]
    assert said(noord, request(noord, path, carried(lease), "Range: bytes=0-9", version="1.0")) == [206]


def test_requests_sent_at_once_are_answered_in_turn(noord, lease):
    path = lease[0]
    one = request(noord, path, carried(lease), "Range: bytes=0-9")
    last = request(noord, "/health/live", "Connection: close")
    assert said(noord, one * 20 + last) == [206] * 20 + [200]


def test_a_head_with_a_range_sends_no_byte(noord, lease):
    path, header = lease
    for field in ("bytes=0-9", "bytes=-1", "bytes=5-5,7-7"):
        answer = noord.client.head(path, headers={**header, "Range": field})
        assert (answer.status_code in {200, 206}, answer.content) == (True, b"")
    outside = noord.client.head(path, headers={**header, "Range": "bytes=999999999999-"})
    assert (outside.status_code, outside.content) == (416, b"")


def all_ended(noord: Served) -> bool:
    outcomes = [row["outcome"] for row in noord.log() if row["kind"] == "download"]
    return 2 * outcomes.count("running") == len(outcomes)


def test_a_flood_of_questions_about_the_length_leaves_no_trace(noord, lease):
    path, header = lease
    noord.clock.pass_by(seconds=11)  # what many small pieces are is told when no more are asked for
    wait_until(lambda: all_ended(noord))  # an end is written down after the last byte has left
    noord.clock.pass_by(seconds=-11)
    before = len(noord.log())
    assert {noord.client.head(path, headers=header).status_code for _ in range(300)} == {200}
    assert len(noord.log()) == before
    assert not len(noord.house.transfers)


@pytest.mark.parametrize(
    "field",
    [
        "bytes=18446744073709551616-",
        "bytes=0-18446744073709551616",
        "bytes=-18446744073709551616",
        "bytes=99999999999999999999999999-99999999999999999999999999",
        "bytes=" + ",".join(f"{start}-{start + 50_000}" for start in range(0, 5000, 2)),
        "bytes=" + ",".join(f"{start}-{start}" for start in range(0, 10_000, 2)),
        "bytes=" + "," * 5000,
        "bytes=0-0" + ",0-0" * 5000,
        "bytes=--1",
        "bytes=1-0",
        "bytes=٣-٤",
    ],
    ids=lambda field: field[:30].encode("ascii", "replace").decode(),
)
def test_no_range_gives_more_than_the_whole_once(noord, lease, field):
    path, header = lease
    answer = noord.client.get(path, headers=[*header.items(), ("Range", field.encode())])
    whole = int(noord.client.head(path, headers=header).headers["content-length"])
    assert answer.status_code in {200, 206, 416}
    assert len(answer.content) <= whole


def test_the_lease_of_another_opens_nothing(noord, lease):
    brams_path, brams = noord.lease([BRAMS_CT], index=2)
    own_path, own = lease
    assert noord.client.get(brams_path, headers=own).status_code == 404
    assert noord.client.get(own_path, headers=brams).status_code == 404
    lease_id = own_path.split("/")[2]
    stolen = {"Cookie": f"__Host-lease-{lease_id}={brams['Beeldpas-Lease']}"}
    assert noord.client.get(own_path, headers=stolen).status_code == 404
    bent = own["Beeldpas-Lease"][:-2] + ("AA" if own["Beeldpas-Lease"][-2:] != "AA" else "BB")
    assert noord.client.get(own_path, headers={"Beeldpas-Lease": bent}).status_code == 404
    for value in ("", "é".encode().decode("latin-1"), "a" * 8000, "." * 100, "null"):
        fields = [("Beeldpas-Lease", value.encode("latin-1"))]
        assert noord.client.get(own_path, headers=fields).status_code in {400, 404}


def test_a_token_is_no_lease_and_a_lease_no_token(noord, lease):
    path, header = lease
    token = noord.token([HEAD_CT])["Authorization"].removeprefix("Bearer ")
    assert noord.client.get(path, headers={"Beeldpas-Lease": token}).status_code == 404
    as_token = {"Authorization": f"Bearer {header['Beeldpas-Lease']}"}
    assert noord.client.get(f"/dicom-web/studies/{HEAD_CT}", headers=as_token).status_code == 401


def test_a_hundred_who_never_finish_their_request_keep_nobody_waiting(noord, lease):
    """They hold a socket each; what they have not asked takes no thread, no lease and no download."""
    path, header = lease
    slow = [door(noord) for _ in range(100)]
    try:
        for connection in slow:
            connection.sendall(request(noord, path, carried(lease))[:-2] + b"X-Slow: ")
        for _ in range(3):
            for connection in slow:
                connection.sendall(b"a")
            begun = time.monotonic()
            assert noord.client.get(path, headers=header).status_code == 200
            assert time.monotonic() - begun < 10
        wait_until(lambda: not len(noord.house.transfers))
    finally:
        for connection in slow:
            connection.close()


def test_who_hangs_up_at_once_a_hundred_times_holds_no_place(noord):
    own = noord.lease([HEAD_CT], index=6)
    for _ in range(100):
        with door(noord) as connection:
            connection.sendall(request(noord, own[0], carried(own)))
    part = {**own[1], "Range": "bytes=0-9"}
    wait_until(lambda: noord.client.get(own[0], headers=part).status_code == 206)


def test_who_takes_too_long_to_ask_is_let_go_and_who_downloads_is_not(noord, lease, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    with door(noord) as silent, door(noord) as slow, door(noord) as served:
        slow.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        served.sendall(request(noord, lease[0], carried(lease), "Range: bytes=0-9") + b"GET /hea")
        assert (_received(silent), _received(slow)) == (b"", b"")
        assert b" 206 " in _received(served)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X"])
def test_no_other_method_does_anything(noord, lease, method):
    codes = said(noord, request(noord, lease[0], carried(lease), "Connection: close", method=method))
    assert all(code in {400, 404, 405} for code in codes)


def test_ten_foreign_studies_are_answered_like_ten_that_do_not_exist(noord):
    """The same answer after the same work: a foreign study is never looked up."""
    token = noord.token([HEAD_CT, "1.2.3.99"])
    foreign = [BRAMS_CT, KNEE_MR] * 5
    unknown = [f"1.2.826.0.1.{number}" for number in range(700, 710)]
    looked_up: list[str] = []
    shelf = noord.house.shelf
    original = shelf.study

    async def watched(uid: str, *more: object) -> object:
        looked_up.append(uid)
        return await original(uid, *more)

    shelf.study = watched  # type: ignore[method-assign]
    try:
        answers = {}
        for uid in foreign + unknown:
            for path in (uid, f"{uid}/metadata", f"{uid}/series/{uid}.1", f"{HEAD_CT}/series/{uid}.1"):
                answer = noord.client.get(f"/dicom-web/studies/{path}", headers=token)
                fields = {name: value for name, value in answer.headers.items() if name != "date"}
                answers.setdefault((path.replace(uid, "UID")), set()).add(
                    (answer.status_code, answer.text, tuple(sorted(fields.items())))
                )
        assert {len(different) for different in answers.values()} == {1}
        assert {status for different in answers.values() for status, *_ in different} == {404}
        assert set(looked_up) <= {HEAD_CT}
    finally:
        shelf.study = original  # type: ignore[method-assign]


def test_a_grant_of_foreign_studies_and_of_unknown_ones_gives_the_same_answer(noord):
    path, header = noord.lease(["1.2.3.4"], index=5)
    answer = noord.client.get(path, headers=header)
    assert answer.status_code == 404
    assert "1.2.3.4" not in answer.text
