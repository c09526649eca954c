"""A program that listens on a UNIX socket beside its port, for a proxy on the same machine."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from tests.hospital import Served, open_hospital, wait_until
from tests.hospital_images import HEAD_CT, large_image, save
from tests.running import running

from beeldpas.formats.statuslist import TokenStatus
from beeldpas.web.serve import Server, configuration, harden
from beeldpas.web.unix_socket import UnixSocket

MEGABYTE = 1_000_000


@pytest.fixture
def noord(tmp_path: Path) -> Iterator[Served]:
    """A hospital with a large study, reached through a socket too."""
    for number in range(1, 6):
        save(large_image(HEAD_CT, number, 4 * MEGABYTE), tmp_path / "files")
    with open_hospital(tmp_path, socket=tmp_path / "noord.sock") as served:
        yield served


def through(path: Path | None) -> httpx2.Client:
    """A client that asks through the socket."""
    return httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path)), base_url="http://noord", timeout=20)


def test_socket_and_port_give_the_same_and_only_the_socket_says_nothing_of_who_asks(noord):
    path, lease = noord.lease([HEAD_CT])
    with through(noord.house.settings.socket) as proxy:
        assert proxy.get(path, headers=lease).content == noord.client.get(path, headers=lease).content
        assert (proxy.get("/health/ready").status_code, proxy.get("/metrics").status_code) == (200, 404)
    (event,) = [one for one in noord.wait_told(4) if one["phase"] == "ended"][:1]
    assert event["outcome"] == "completed"


def test_a_download_through_the_socket_is_revoked_to_its_last_bytes(noord):
    path, lease = noord.lease([HEAD_CT], index=3)
    with socket.socket(socket.AF_UNIX) as proxy:
        proxy.settimeout(20)
        proxy.connect(str(noord.house.settings.socket))
        fields = {**lease, "Host": "noord", "Range": "bytes=0-99999"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        proxy.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        wait_until(lambda: any(transfer.sent == 100_000 for transfer in noord.house.transfers))
        noord.portal.states[3] = TokenStatus.INVALID
        wait_until(lambda: not len(noord.house.transfers))
        received = b""
        while block := proxy.recv(65536):
            received += block
    assert b"206 Partial Content" in received, "what the proxy has in its kernel it still gets; then it is over"
    wait_until(lambda: any(event["outcome"] == "revoked" for event in noord.portal.told))


def test_the_socket_is_for_its_owner_and_group_and_goes_with_the_program(tmp_path):
    path = tmp_path / "a.sock"
    with running(harden(Starlette()), unix_socket=path):
        found = path.stat().st_mode
        assert (stat.S_ISSOCK(found), stat.S_IMODE(found)) == (True, 0o660)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_replaced_and_what_another_has_is_not(tmp_path):
    path = tmp_path / "a.sock"
    left = UnixSocket(path)
    with pytest.raises(OSError, match="another program listens"):
        UnixSocket(path)
    left.listener.close()  # as a kill does: the file stays
    again = UnixSocket(path)
    left.close()
    assert path.exists(), "only who made it takes it away"
    again.close()
    path.write_text("not a socket")
    with pytest.raises(FileExistsError):
        Server(configuration(harden(Starlette()), host="127.0.0.1", port=0), path)
    assert path.read_text() == "not a socket"
